"""The table a command line is about, looked up, and the place of its items."""

from __future__ import annotations

from dataclasses import dataclass

from dbtui.cli.resolving import resolve
from dbtui.cli.wiring import Session
from dbtui.domain.failures import Refused, UsageError
from dbtui.domain.item_place import item_place, key_words
from dbtui.domain.models import Table
from dbtui.domain.scope import Scope, Target
from dbtui.domain.values import Item
from dbtui.resources import Located, locate
from dbtui.resources.table import TABLE


@dataclass(frozen=True, slots=True)
class Subject:
    """One table, described, in the one scope where it was found."""

    table: Table

    @property
    def scope(self) -> Scope:
        return self.table.ref.scope

    @property
    def target(self) -> Target:
        return self.scope.target

    def place(self, key: Item) -> str:
        """The full place of the item with this key."""
        return item_place(self.table.id, key, self.table.keys, scope=self.scope)

    def short_place(self, key: Item) -> str:
        return item_place(self.table.id, key, self.table.keys)

    def words(self, key: Item) -> str:
        """The key as the words of a command."""
        return " ".join(key_words(key, self.table.keys))


def understood(text: str, verb: str, *, item: bool) -> Located:
    """The place of a table, or with ``item`` of an item; raises :class:`UsageError`. Nothing is looked up."""
    place = locate(text, ())
    example = f"dbtui {verb} table/orders" + (" pk=a-17" if item else "")
    if place.kind is not TABLE or place.sub:
        raise UsageError(f"{verb} works on a table: {text}.", hint=f"For example: {example}")
    if place.query and not item:
        raise UsageError(f"{text} is one item.", hint=f"{verb} works on a table, for example: {example}")
    return place


async def find(session: Session, text: str, *, everywhere: bool) -> Subject:
    """Looks the table up in every scope in use; raises ``DbtuiError`` unless it is in exactly one.

    ``everywhere``: a change is about to be made, so that a scope that cannot be asked is an error.
    """
    found = await resolve(session.core.gateway, text, locate(text, session.targets), everywhere=everywhere)
    if found.error is not None:
        raise found.error
    assert isinstance(found.resource, Table)
    return Subject(found.resource)


def check_writable(session: Session, subject: Subject) -> None:
    """Raises :class:`Refused` in a read-only scope."""
    verdict = session.core.policy(subject.scope)
    if verdict.read_only or session.core.gateway.is_read_only(subject.scope):
        why = verdict.read_only_why or "--read-only"
        raise Refused(f"{subject.scope.label} is read-only ({why}).", hint="Nothing was sent.")
