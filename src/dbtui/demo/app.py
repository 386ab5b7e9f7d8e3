"""One HTTP request in, one reply out: faults, our own services, then moto."""

from __future__ import annotations

import sys
import threading
import traceback

from dbtui.demo import identity
from dbtui.demo.admin import Admin
from dbtui.demo.dynamodb.service import DynamoService
from dbtui.demo.fault_actions import Services, answer_with_faults
from dbtui.demo.faults import FaultBook
from dbtui.demo.identity_names import DEFAULT
from dbtui.demo.moto_bridge import MotoBridge
from dbtui.demo.protocol.errors import AwsError
from dbtui.demo.protocol.message import AwsRequest, HttpRequest, Reply, read_request
from dbtui.demo.protocol.reply import error_reply
from dbtui.demo.rds import service as rds_service
from dbtui.demo.recorder import Recorder
from dbtui.demo.world import World

_RDS_NAMES = {"rds", "neptune", "docdb"}


class App:
    def __init__(self, world: World, moto: MotoBridge, faults: FaultBook, ending: threading.Event) -> None:
        self.recorder = Recorder()
        self._world = world
        self._moto = moto
        self._faults = faults
        self._ending = ending
        self._dynamodb = DynamoService(world, moto)
        self._admin = Admin(world, moto, faults, self.recorder)

    def warm(self) -> None:
        """Load what the first lists do without."""
        _ = self._dynamodb.items

    def handle(self, http: HttpRequest) -> Reply:
        if http.path.startswith("/_demo/"):
            return self._admin.handle(http)
        request = read_request(http, DEFAULT.number)
        if request is None:
            return error_reply(
                None, AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
            )
        entry = self.recorder.add(request, self._world.clock.now())
        rules = self._faults.drawn(request.service, request.operation, request.region, request.account)
        if rules:
            entry["faults"] = [rule.action for rule in rules]
        reply = answer_with_faults(request, rules, Services(self._answer, self._dynamodb.throttled), self._ending)
        entry["status"] = reply.status if reply.wire == "whole" else reply.wire
        return reply

    def _answer(self, request: AwsRequest) -> Reply:
        try:
            return self._route(request)
        except AwsError as error:
            return error_reply(request, error)
        except Exception:
            # A fault of the demo itself must look like one of AWS's, in the caller's protocol; the log keeps the cause.
            traceback.print_exc(file=sys.stderr)
            code = "InternalServerError" if request.protocol == "json" else "InternalFailure"
            return error_reply(request, AwsError(code, "The embedded AWS failed; its log has the reason.", 500))

    def _route(self, request: AwsRequest) -> Reply:
        if request.service in _RDS_NAMES:
            return rds_service.answer(self._world, request)
        if request.service == "dynamodb":
            return self._dynamodb.answer(request)
        if request.service == "dynamodbstreams":
            self._dynamodb.items.tell_streams()
        own = identity.answer(self._world, request)
        return own if own is not None else self._moto.ask(request)
