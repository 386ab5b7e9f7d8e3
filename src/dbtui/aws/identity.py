"""Who the credentials belong to: read once, read again whenever the credentials change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from dbtui.aws.flights import Flights
from dbtui.aws.limits import Timeouts
from dbtui.aws.words import UNKNOWN_KEY_CODES, base
from dbtui.domain.failures import AwsError, FailureKind, Refused
from dbtui.domain.models import Identity
from dbtui.domain.scope import UNKNOWN_ACCOUNT, Scope, Target
from dbtui.gateway.protocol import Notice

UNKNOWN = Identity(UNKNOWN_ACCOUNT)
Key = tuple[str, str]


class Asker(Protocol):
    """What is needed of the gateway to find out who one is."""

    async def ask(self, target: Target, operation: str) -> dict[str, Any]:
        """Sends a read without parameters. Raises :class:`AwsError`."""
        ...

    async def fingerprint(self, target: Target) -> int:
        """A number that changes with the credentials. Raises :class:`AwsError` CREDENTIALS."""
        ...

    def at_custom_endpoint(self, target: Target) -> bool:
        """Whether STS is asked somewhere else than at AWS."""
        ...


@dataclass(frozen=True, slots=True)
class _Known:
    """An identity and the credentials it was read with. ``doubted``: newer credentials about which STS could not tell
    when it was asked at ``asked_at`` (a monotonic clock's seconds)."""

    identity: Identity
    fingerprint: int
    doubted: int | None = None
    asked_at: float = 0.0


class Identities:
    """One identity per profile and endpoint; STS answers the same in every region."""

    def __init__(self, asker: Asker, timeouts: Timeouts, sink: Callable[[Notice], None], *, want_alias: bool) -> None:
        self._asker = asker
        self._timeouts = timeouts
        self._sink = sink
        self._want_alias = want_alias
        self._known: dict[Key, _Known] = {}
        self._asking: Flights[tuple[Key, int], Identity] = Flights()
        self._asked_at: WeakKeyDictionary[asyncio.Task[Identity], float] = WeakKeyDictionary()

    async def identity(self, target: Target) -> Identity:
        """Who the target's credentials belong to; account ``?`` when STS refuses or takes too long.

        An answer that comes too late serves the next call. Raises :class:`AwsError` CREDENTIALS.
        """
        fingerprint = await self._asker.fingerprint(target)
        known = self._known.get(_key(target))
        if known is not None and known.fingerprint == fingerprint:
            return known.identity
        if known is not None and self._lately_doubted(known, fingerprint):
            return UNKNOWN
        return await self._answer(target, fingerprint) or UNKNOWN

    async def check(self, target: Target) -> None:
        """Run before every call: when the credentials have changed, reads the account again.

        Raises :class:`Refused` when they now belong to another account. While STS cannot tell, reads go on.
        """
        known = self._known.get(_key(target))
        if known is None:
            return
        fingerprint = await self._asker.fingerprint(target)
        if fingerprint == known.fingerprint or self._lately_doubted(known, fingerprint):
            return
        await self._answer(target, fingerprint)

    async def confirm(self, scope: Scope) -> None:
        """Asks STS now. Raises :class:`Refused` when the account is no longer the scope's, and :class:`AwsError` when
        it cannot be read. A scope without an account has nothing to confirm."""
        if not scope.account_known:
            return
        fingerprint = await self._asker.fingerprint(scope.target)
        reply = await self._asker.ask(scope.target, "sts:GetCallerIdentity")
        found = Identity(str(reply.get("Account", "")), str(reply.get("Arn", "")))
        _compare(scope, self._settle(scope.target, found, fingerprint))

    async def require(self, scope: Scope) -> None:
        """Run before every mutation. Raises :class:`Refused` unless the credentials in use, these very ones, are known
        to belong to the scope's account; a scope without an account has nothing to compare."""
        _compare(scope, await self.identity(scope.target))

    def caller(self, profile: str) -> str:
        """The caller ARN last read for a profile, or ``""``."""
        return next((known.identity.arn for key, known in self._known.items() if key[0] == profile), "")

    def forget_unknown(self, target: Target | None) -> None:
        """Asks again, at the next call, where the account could not be read."""
        for key, known in list(self._known.items()):
            if target is not None and key != _key(target):
                continue
            if known.identity.account == UNKNOWN_ACCOUNT:
                del self._known[key]
            else:
                self._known[key] = replace(known, doubted=None)

    async def close(self) -> None:
        """Abandons questions on their way."""
        await self._asking.close()

    async def _answer(self, target: Target, fingerprint: int) -> Identity | None:
        """What STS says, or ``None`` once it has been given its time, which starts with the first to ask."""
        task = self._start(target, fingerprint)
        patience = self._asked_at[task] + self._timeouts.identity - time.monotonic()
        await asyncio.wait({task}, timeout=max(0.0, patience))
        return task.result() if task.done() else None

    def _start(self, target: Target, fingerprint: int) -> asyncio.Task[Identity]:
        flight = (_key(target), fingerprint)

        async def ask() -> Identity:
            try:
                found, alias = await asyncio.gather(self._account(target), self._alias(target))
                return self._settle(target, Identity(found.account, found.arn, alias), fingerprint)
            finally:
                self._asking.forget(flight)  # what was found is kept in _known

        task = self._asking.start(flight, ask)
        self._asked_at.setdefault(task, time.monotonic())
        return task

    def _lately_doubted(self, known: _Known, fingerprint: int) -> bool:
        """Whether STS was asked about these very credentials a moment ago and could not tell."""
        return known.doubted == fingerprint and known.asked_at + self._timeouts.identity_retry > time.monotonic()

    def _settle(self, target: Target, found: Identity, fingerprint: int) -> Identity:
        """Takes an answer in; a change of account is told to everyone and refuses the calls that waited for it."""
        key = _key(target)
        known = self._known.get(key)
        before = known.identity if known is not None else UNKNOWN
        if found.account == UNKNOWN_ACCOUNT and known is not None and before.account != UNKNOWN_ACCOUNT:
            self._known[key] = replace(known, doubted=fingerprint, asked_at=time.monotonic())
            return found
        alias = found.alias or (before.alias if found.account == before.account else "")
        settled = Identity(found.account, found.arn, alias)
        self._known[key] = _Known(settled, fingerprint)
        if UNKNOWN_ACCOUNT in (before.account, found.account) or found.account == before.account:
            return settled
        text = f"The credentials now belong to account {found.account}, no longer to {before.account}."
        self._sink(Notice("identity-changed", target, text=text))
        raise _refused(before.account, found.account)

    async def _account(self, target: Target) -> Identity:
        try:
            reply = await self._asker.ask(target, "sts:GetCallerIdentity")
        except AwsError as error:
            failure = error.failure
            # An emulator without STS may answer that it does not know the keys; that is no reason to stop.
            not_sts = self._asker.at_custom_endpoint(target) and base(failure.code) in UNKNOWN_KEY_CODES
            if failure.kind in (FailureKind.CREDENTIALS, FailureKind.CONFIG) and not not_sts:
                raise
            return UNKNOWN
        return Identity(str(reply.get("Account") or UNKNOWN_ACCOUNT), str(reply.get("Arn", "")))

    async def _alias(self, target: Target) -> str:
        if not self._want_alias:
            return ""
        with suppress(AwsError, TimeoutError):
            async with asyncio.timeout(self._timeouts.alias):
                reply = await self._asker.ask(target, "iam:ListAccountAliases")
                return next(iter(reply.get("AccountAliases") or ()), "")
        return ""


def _key(target: Target) -> Key:
    return target.profile, target.endpoint


def _compare(scope: Scope, who: Identity) -> None:
    if scope.account_known and who.account != scope.account:
        raise _refused(scope.account, who.account)


def _refused(before: str, now: str) -> Refused:
    return Refused(
        f"Refused: the credentials belong to account {now}, not {before}.",
        hint="Refresh to see what they can see now.",
    )
