"""moto in this process: imported in the background, given our tables, asked for PartiQL, streams and other services."""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

from dbtui.demo.dynamodb.store import Table
from dbtui.demo.protocol.errors import AwsError, validation
from dbtui.demo.protocol.message import AwsRequest, Reply
from dbtui.demo.world import World

_SETTINGS = {"MOTO_EC2_LOAD_DEFAULT_AMIS": "false", "MOTO_ALLOW_NONEXISTENT_REGION": "true"}
_DROPPED_HEADERS = {"content-type", "content-length", "connection", "transfer-encoding", "date", "server"}


class MotoBridge:
    """`start` returns at once; `ask` waits until moto is there and seeded."""

    def __init__(self, world: World, progress: Callable[[str], None]) -> None:
        self._world = world
        self._progress = progress
        self._ready = threading.Event()
        self._failure: str | None = None
        self._application: Callable[[dict[str, Any], Any], Iterable[bytes]] | None = None
        self._backends: Any = None

    def start(self) -> None:
        threading.Thread(target=self._load, name="moto", daemon=True).start()

    def _load(self) -> None:
        try:
            self._progress("importing moto")
            self._import()
            self._progress("seeding items")
            with self._world.lock:
                self.seed()
        except ImportError as error:
            self._failure = str(error)
            self._progress(f"moto cannot be imported: {error}")
        else:
            self._progress("ready")
        finally:
            self._ready.set()

    def _import(self) -> None:
        os.environ.update(_SETTINGS)
        from moto.dynamodb.models import dynamodb_backends
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        self._application = DomainDispatcherApplication(create_backend_app)
        self._backends = dynamodb_backends

    def wait(self) -> None:
        self._ready.wait()
        if self._failure:
            raise AwsError("ServiceUnavailable", f"The embedded AWS could not load moto: {self._failure}", 503)

    def seed(self) -> None:
        """Make moto's tables those of our records, without items: `dataplane.mirror` brings them when needed."""
        for (account, region), store in self._world.dynamodb.items():
            backend = self._backends[account][region]
            for name, table in store.tables.items():
                self._create(backend, name, table)

    def reset(self) -> None:
        """Forget every service's state and seed again."""
        self.wait()
        from moto.core.base_backend import BackendDict

        with self._world.lock:
            BackendDict.reset()
            self.seed()

    def _create(self, backend: Any, name: str, table: Table) -> None:
        members = table.record.members
        plain = [index.members for index in table.indexes.values() if len(index.members["KeySchema"]) <= 2]
        created = backend.create_table(
            name,
            schema=members["KeySchema"],
            throughput=None,
            attr=members["AttributeDefinitions"],
            global_indexes=[{key: index[key] for key in ("IndexName", "KeySchema", "Projection")} for index in plain],
            indexes=[
                {key: index[key] for key in ("IndexName", "KeySchema", "Projection")}
                for index in members.get("LocalSecondaryIndexes", [])
            ],
            streams=members.get("StreamSpecification"),
            billing_mode="PAY_PER_REQUEST",
            sse_specification=None,
            tags=[],
            deletion_protection_enabled=False,
            warm_throughput=None,
        )
        created.latest_stream_label = members.get("LatestStreamLabel")

    def update_table(self, request: AwsRequest, document: dict[str, Any]) -> Reply:
        """Change moto's indexes and stream as ours were; the stream keeps the label that we gave it."""
        reply = self.ask(request, json.dumps(document).encode())
        name = document["TableName"]
        ours = self._world.dynamodb_at(request.account, request.region).tables.get(name)
        theirs = self._backends[request.account][request.region].tables.get(name)
        if ours and theirs:
            theirs.latest_stream_label = ours.record.members.get("LatestStreamLabel")
        return reply

    def table(self, account: str, region: str, name: str) -> Any:
        """moto's own table, for those who bring items into it or out of it."""
        self.wait()
        return self._backends[account][region].tables[name]

    def create_table(self, account: str, region: str, name: str) -> None:
        """Give moto a table that has just been created here."""
        self.wait()
        table = self._world.dynamodb_at(account, region).tables[name]
        backend = self._backends[account][region]
        backend.tables.pop(name, None)
        self._create(backend, name, table)

    def drop_table(self, account: str, region: str, name: str) -> None:
        """Items of a table that is being deleted are out of reach at once."""
        self.wait()
        self._backends[account][region].tables.pop(name, None)

    def ask(self, request: AwsRequest, body: bytes | None = None) -> Reply:
        """moto's answer to the call, with its crashes and HTML pages turned into errors of the right protocol."""
        self.wait()
        sent = request.http.body if body is None else body
        reply = self._call(request, sent)
        if _is_page(reply.body) or (reply.status == 404 and not reply.body):
            raise unknown_operation(request)
        return reply

    def _call(self, request: AwsRequest, body: bytes) -> Reply:
        assert self._application is not None
        status: list[Any] = []

        def start_response(line: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            status[:] = [int(line.split(maxsplit=1)[0]), dict(headers)]

        try:
            chunks = self._application(_environ(request, body), start_response)
            content = b"".join(chunks)
        except NotImplementedError:
            raise unknown_operation(request) from None
        except Exception as error:
            # moto raises whatever its Python hits (KeyError, ValueError…) where AWS refuses a bad parameter.
            raise _refused(request, error) from error
        code, headers = status
        lower = {name.lower(): value for name, value in headers.items()}
        kept = {name: value for name, value in headers.items() if name.lower() not in _DROPPED_HEADERS}
        given = lower.get("content-type", "application/json")
        return Reply(code, content, request.amz_json if request.protocol == "json" else given, kept)


def unknown_operation(request: AwsRequest) -> AwsError:
    """AWS's word for an operation that does not exist, per protocol."""
    if request.protocol == "json":
        return AwsError("UnknownOperationException", f"The embedded AWS does not answer {request.operation}.")
    return AwsError("InvalidAction", f"The embedded AWS does not answer {request.service}:{request.operation}.")


def _is_page(body: bytes) -> bool:
    """Whether it is HTML. The content type does not tell: moto's CloudWatch Logs sends JSON as text/html."""
    return body[:64].lstrip().lower().startswith((b"<!doctype html", b"<html"))


def _refused(request: AwsRequest, error: Exception) -> AwsError:
    message = f"The embedded AWS could not take the parameters of {request.operation} ({type(error).__name__})"
    return validation(message) if request.protocol == "json" else AwsError("ValidationError", message)


def _environ(request: AwsRequest, body: bytes) -> dict[str, Any]:
    """The request as WSGI, with the account that its access key belongs to."""
    http = request.http
    environ: dict[str, Any] = {
        "REQUEST_METHOD": http.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": http.path,
        "QUERY_STRING": http.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "RAW_URI": http.path + (f"?{http.query}" if http.query else ""),
        "CONTENT_TYPE": http.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in http.headers.items():
        if name not in ("content-type", "content-length", "expect", "accept-encoding"):
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = request.account
    return environ
