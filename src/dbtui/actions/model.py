"""What a verb is: one declaration from which keys, menus, forms, commands, help, guards and the tracker derive."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from dbtui.domain.clock import Clock
from dbtui.domain.failures import Failure
from dbtui.domain.models import Resource
from dbtui.domain.scope import ResourceRef, Scope
from dbtui.gateway.protocol import Gateway


class Confirm(StrEnum):
    """How much a person must do before the plan runs."""

    ENTER = "enter"
    YES_NO = "yes-no"
    TYPE_NAME = "type-name"


class Idempotency(StrEnum):
    """What happens when a call is sent twice: absorbed by a token, refused by a condition, or done twice."""

    TOKEN = "token"  # noqa: S105 - a word, not a secret
    CONDITION = "condition"
    NO = "no"


class ParamKind(StrEnum):
    TEXT = "text"
    FLAG = "flag"
    TAGS = "tags"


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: a command option, a form field and a validation in one schema.

    ``check`` returns the reason why a text is not acceptable for this resource's kind, or ``None``.
    """

    name: str
    title: str
    kind: ParamKind = ParamKind.TEXT
    help: str = ""
    check: Callable[[str, str], str | None] | None = None
    kinds: frozenset[str] | None = None
    """The kinds this parameter applies to; ``None`` means all kinds of the action."""


Values = Mapping[str, Any]
"""Parameter values by name: text, bool, or a mapping of tags. Absent means 'use the default'."""


class Call(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A step that sends one AWS operation. ``words`` says it to a person."""

    operation: str
    parameters: dict[str, Any]
    words: str = ""

    @property
    def service(self) -> str:
        return self.operation.partition(":")[0]

    @property
    def name(self) -> str:
        return self.operation.partition(":")[2]


class WaitUntil(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A step that waits for a resource to settle before the next one."""

    ref: ResourceRef
    words: str


Step = Call | WaitUntil


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a verb will do to one resource, before it does it.

    ``subject`` is the resource acted upon, ``watch`` what is followed until it settles (the new snapshot, or the
    subject itself). ``incarnation`` is AWS's immutable id of the subject (DbiResourceId, DbClusterResourceId, TableId);
    the runner stops when it has changed. ``effects`` bind: the runner plans again before sending and stops when they
    have changed; ``notes`` only inform. ``values`` holds the resolved parameters, generated names included.
    """

    action: str
    title: str
    subject: ResourceRef
    watch: ResourceRef
    incarnation: str
    steps: tuple[Step, ...]
    effects: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    undo: str = ""
    confirm: Confirm
    additive: bool = False
    destructive: bool = False
    values: dict[str, Any] = msgspec.field(default_factory=dict)

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(step for step in self.steps if isinstance(step, Call))


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at the watched resource says. ``settled`` ends the following; ``good`` says whether it ended well."""

    status: str
    settled: bool
    good: bool = True
    percent: int | None = None
    resource: Resource | None = None
    gone: bool = False


class PlanContext(msgspec.Struct, frozen=True):
    """What planning may use: reads through the gateway and the clock."""

    gateway: Gateway
    clock: Clock


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """What AWS's state says of a call whose reply was lost: ``done`` is None when nobody can tell."""

    done: bool | None
    watch: ResourceRef | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One verb. A new verb is one of these in :data:`dbtui.actions.ALL` and nothing else.

    ``legal`` returns the reason why the verb is not possible now, or ``None``. ``plan`` may read AWS. ``judge`` tells
    what the watched resource's present form means for this verb (``None`` when it is not there). ``trace`` is asked
    when the reply was lost: it reads the state back. ``watched`` names what to follow when only the reply knows it.
    """

    name: str
    title: str
    key: str
    kinds: frozenset[str]
    legal: Callable[[Resource], str | None]
    plan: Callable[[PlanContext, Resource, Values], Awaitable[Plan]]
    judge: Callable[[Plan, Resource | None], Observation]
    trace: Callable[[PlanContext, Plan, datetime], Awaitable[Trace]]
    confirm: Confirm
    idempotency: Idempotency
    permissions: frozenset[str]
    watched: Callable[[Plan, Mapping[str, Any]], ResourceRef] | None = None
    params: tuple[Param, ...] = ()
    note: str = ""
    additive: bool = False
    destructive: bool = False
    help: str = ""
    past: str = ""
    """What is said when it is done: 'snapshot taken'."""

    def params_for(self, kind: str) -> tuple[Param, ...]:
        return tuple(param for param in self.params if param.kinds is None or kind in param.kinds)


class OperationState(StrEnum):
    """Where a started operation stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REFUSED = "refused"


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a plan as Activity, the tracker and ``dbtui activity`` show it."""

    op_id: str
    action: str
    title: str
    subject: ResourceRef
    watch: ResourceRef
    state: OperationState
    started_at: datetime
    ended_at: datetime | None = None
    status: str = ""
    percent: int | None = None
    request_id: str = ""
    error: str = ""
    failure: Failure | None = None
    warning: str = ""
    """What should be said loudly although the operation goes on: the journal cannot be written."""
    result: Resource | None = None
    recovered: bool = False
    plan: Plan | None = None

    @property
    def scope(self) -> Scope:
        return self.subject.scope
