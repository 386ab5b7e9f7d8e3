"""The call in flight: what the SDK's event handlers need to know about the request they see."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from dbtui.domain.failures import Refused
from dbtui.domain.scope import Target
from dbtui.gateway.operations import is_read
from dbtui.gateway.protocol import Notice

# What credential providers of the SDK itself send; they read nothing of the user's and change nothing.
CREDENTIAL_OPERATIONS = frozenset(
    {
        "sts:AssumeRole",
        "sts:AssumeRoleWithWebIdentity",
        "sso:GetRoleCredentials",
        "sso-oidc:CreateToken",
    }
)


@dataclass(slots=True)
class Call:
    """One call of one operation. ``permitted`` is true until the one mutation it may send has been let through.

    ``tell`` publishes what the user should see meanwhile; ``status`` and ``content_type`` are those of the last HTTP
    reply; ``sent`` counts requests put on the wire; ``trouble`` is why the last one is being repeated. With ``paced``
    the caller slows down by itself when throttled, so that the SDK shall not wait as well.
    """

    target: Target
    operation: str
    tell: Callable[[Notice], None]
    permitted: bool = False
    mutation: bool = False
    paced: bool = False
    status: int = 0
    content_type: str = ""
    sent: int = 0
    trouble: Exception | None = None

    @property
    def service(self) -> str:
        return self.operation.partition(":")[0]

    @property
    def action(self) -> str:
        return self.operation.partition(":")[2]


current_call: ContextVar[Call | None] = ContextVar("dbtui_aws_call", default=None)


def refuse_unpermitted(service: str, operation: str) -> None:
    """The second line of defence, run before every request of every client: only reads, the SDK's own credential
    calls, and the one mutation whose permit was just spent pass. Raises :class:`Refused`."""
    name = f"{service}:{operation}"
    if is_read(name) or name in CREDENTIAL_OPERATIONS:
        return
    call = current_call.get()
    if call is None or call.operation != name or not call.permitted:
        raise Refused(f"{name} refused: no permit", hint="Every change goes through a plan.")
    call.permitted = False
