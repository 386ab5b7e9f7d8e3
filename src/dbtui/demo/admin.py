"""`/_demo/…`: what tests use to steer the demo. Loopback only, like everything here."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from dbtui.demo import seeds
from dbtui.demo.faults import FaultBook, FaultSyntaxError, rules_from_json
from dbtui.demo.moto_bridge import MotoBridge
from dbtui.demo.protocol.message import HttpRequest, Reply
from dbtui.demo.record import Record
from dbtui.demo.recorder import Recorder
from dbtui.demo.seedspec import parse_seed
from dbtui.demo.world import World

Json = dict[str, Any]
_SHELVES = {
    "instance": "instances",
    "cluster": "clusters",
    "instance-snapshot": "snapshots",
    "cluster-snapshot": "cluster_snapshots",
}


class AdminError(ValueError):
    """A request that cannot be done; the message is the reply."""


class Admin:
    def __init__(self, world: World, moto: MotoBridge, faults: FaultBook, recorder: Recorder) -> None:
        self._world = world
        self._moto = moto
        self._faults = faults
        self._recorder = recorder
        self._routes: dict[tuple[str, str], Callable[[Json], Any]] = {
            ("POST", "/_demo/faults"): self._set_faults,
            ("POST", "/_demo/clock"): self._set_clock,
            ("POST", "/_demo/reset"): self._reset,
            ("POST", "/_demo/set"): self._set,
            ("POST", "/_demo/pages"): self._set_pages,
            ("POST", "/_demo/calls/clear"): self._clear_calls,
            ("GET", "/_demo/calls"): lambda _: self._recorder.calls(),
            ("GET", "/_demo/clock"): lambda _: {"now": self._world.clock.now().isoformat()},
        }

    def handle(self, http: HttpRequest) -> Reply:
        route = self._routes.get((http.method, http.path))
        if route is None:
            return _json(404, {"error": f"no such thing: {http.method} {http.path}"})
        try:
            body = json.loads(http.body or b"{}")
            if not isinstance(body, dict):
                raise AdminError("the body must be a JSON object")
            return _json(200, route(body))
        except (AdminError, FaultSyntaxError, ValueError, TypeError) as error:
            return _json(400, {"error": str(error)})
        except KeyError as missing:
            return _json(400, {"error": f"missing {missing.args[0]!r}"})

    def _set_faults(self, body: Json) -> Json:
        rules = rules_from_json(body["rules"])
        self._faults.replace(rules)
        return {"rules": len(rules)}

    def _set_clock(self, body: Json) -> Json:
        clock = self._world.clock
        if "speed" in body:
            clock.set_speed(float(body["speed"]))
        if "advance" in body:
            clock.advance(float(body["advance"]))
        return {"now": clock.now().isoformat()}

    def _reset(self, body: Json) -> Json:
        """A fresh world: the seed anew, no faults, no recorded calls, the pages as given or normal."""
        seed = parse_seed(body.get("seed", "company"))
        with self._world.lock:
            self._world.clear()
            seeds.plant(self._world, seed)
        self._world.pages.size, self._world.pages.empty = None, False
        self._faults.replace([])
        self._recorder.clear()
        self._moto.reset()
        return {"seed": str(body.get("seed", "company"))}

    def _set_pages(self, body: Json) -> Json:
        size = body.get("size")
        if size is not None and (not isinstance(size, int) or size < 1):
            raise AdminError("size must be a positive whole number or null")
        self._world.pages.size = size
        self._world.pages.empty = bool(body.get("empty", False))
        return {"size": size, "empty": self._world.pages.empty}

    def _clear_calls(self, _: Json) -> Json:
        self._recorder.clear()
        return {}

    def _set(self, body: Json) -> Json:
        """Overwrite members of one record, in AWS's spelling; null drops a member. Scheduled changes stay."""
        with self._world.lock:
            record = self._record(body["account"], body["region"], body["kind"], body["id"])
            record.patch(self._world.clock.now(), _with_times(body["patch"]))
        return {}

    def _record(self, account: str, region: str, kind: str, name: str) -> Record:
        found: Record | None
        if kind == "table":
            table = self._world.dynamodb_at(account, region).tables.get(name)
            found = table.record if table else None
        elif kind == "backup":
            found = self._world.dynamodb_at(account, region).backups.get(name)
        elif kind in _SHELVES:
            found = getattr(self._world.rds_at(account, region), _SHELVES[kind]).get(name)
        else:
            raise AdminError(f"unknown kind {kind!r}; known: {', '.join([*_SHELVES, 'table', 'backup'])}")
        if found is None:
            raise AdminError(f"no {kind} {name!r} in {account}/{region}")
        return found


def _with_times(patch: Json) -> Json:
    """Members whose names say that they are times are given as ISO 8601 text."""
    return {
        name: datetime.fromisoformat(value) if isinstance(value, str) and name.endswith(("Time", "DateTime")) else value
        for name, value in patch.items()
    }


def _json(status: int, value: Any) -> Reply:
    return Reply(status, json.dumps(value).encode(), "application/json")
