"""One planned change of one item: the exact request, what it does in words, and what came of it."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec

from dbtui.domain.diff import Change, changes, changes_at
from dbtui.domain.failures import Failure, FailureKind, Refused
from dbtui.domain.item_requests import (
    DELETE,
    PUT,
    TRANSACT,
    UPDATE,
    Request,
    create_request,
    delete_request,
    move_request,
    replace_request,
    update_request,
)
from dbtui.domain.models import Table
from dbtui.domain.text import preview
from dbtui.domain.validation import check, problems
from dbtui.domain.values import Item, Path, copy_item, items_equal, key_of, key_text
from dbtui.items.effects import effects_of

CREATE_ITEM: Final = "create-item"
EDIT_ITEM: Final = "edit-item"
REPLACE_ITEM: Final = "replace-item"
DELETE_ITEM: Final = "delete-item"
MOVE_ITEM: Final = "move-item"
UNDO: Final = "undo"
VERBS: Final = (CREATE_ITEM, EDIT_ITEM, REPLACE_ITEM, DELETE_ITEM, MOVE_ITEM, UNDO)

KEY_PREVIEW: Final = 60

_CLI_COMMANDS: Final = {
    UPDATE: "update-item",
    PUT: "put-item",
    DELETE: "delete-item",
    TRANSACT: "transact-write-items",
}


class WriteState(StrEnum):
    """How a write ended."""

    DONE = "done"
    CONFLICT = "conflict"  # a condition did not hold: nothing was changed by it
    REFUSED = "refused"  # dbtui did not send it
    FAILED = "failed"  # AWS did not carry it out
    UNKNOWN = "unknown"  # it may have been carried out


class WriteResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one write.

    ``item`` is the item after it (``None`` after a deletion), ``old`` what a deletion or replacement took away, as
    DynamoDB returned it. On a conflict ``current`` is what is at the key now, ``None`` when nothing is; ``occupant`` is
    the item that stands where a moved one was to go. ``note`` says what a person should know beyond the state.
    """

    state: WriteState
    item: Item | None = None
    old: Item | None = None
    current: Item | None = None
    occupant: Item | None = None
    units: float | None = None
    failure: Failure | None = None
    note: str = ""
    warning: str = ""
    request_id: str = ""

    @property
    def done(self) -> bool:
        return self.state is WriteState.DONE


class ItemWrite(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one write will do, before it does it.

    ``key`` is the key the item had before; ``before`` and ``after`` are the images the write was made from (``None``
    for no item, or for one that was not read); ``touched`` are the paths it changes. ``creates``: no item may be at the
    key. ``undoes`` is the id of the entry of the undo log that it takes back.
    """

    verb: str
    title: str
    table: Table
    key: Item
    request: Request
    before: Item | None
    after: Item | None
    touched: tuple[Path, ...]
    effects: tuple[str, ...] = ()
    destructive: bool = False
    additive: bool = False
    creates: bool = False
    undoes: str = ""

    @property
    def changes(self) -> tuple[Change, ...]:
        """What it changes, path by path."""
        return changes_at(self.touched, self.before or {}, self.after or {})

    @property
    def attributes(self) -> tuple[str, ...]:
        """The names of the top-level attributes it touches."""
        return tuple(dict.fromkeys(str(path[0]) for path in self.touched))

    def lines(self) -> list[str]:
        """The write for a terminal or a log, one thing a line, values as DynamoDB JSON."""
        shown = [f"{name}={_shown(value)}" for name, value in self.request.parameters.items()]
        return [self.title, f"  {self.request.name} {' '.join(shown)}", *(f"  · {said}" for said in self.effects)]

    def dry_run(self) -> dict[str, Any]:
        """What would be sent, binary as base64."""
        scope = self.table.ref.scope
        return {
            "service": "dynamodb",
            "operation": self.request.name,
            "parameters": _jsonable(self.request.parameters),
            "region": scope.region,
            "endpoint": scope.endpoint or None,
        }

    def aws_cli(self) -> str:
        """The write as an AWS CLI v2 command."""
        scope = self.table.ref.scope
        words = ["aws", "dynamodb", _CLI_COMMANDS[self.request.operation], "--region", scope.region]
        words += ["--profile", scope.profile] if scope.profile else []
        words += ["--endpoint-url", scope.endpoint] if scope.endpoint else []
        body = msgspec.json.encode(_jsonable(self.request.parameters)).decode()
        return shlex.join([*words, "--cli-input-json", body])


def edit_write(table: Table, base: Item, mine: Item) -> ItemWrite | None:
    """The write that turns ``base`` into ``mine``: an update, a move when the key differs, or ``None`` for no change.

    Raises :class:`Refused` INVALID for an item DynamoDB would not take, or a request beyond its limits.
    """
    if items_equal(base, mine):
        return None
    _check_new(mine, base, table)
    key = key_of(base, table.keys)
    if not items_equal(key, key_of(mine, table.keys)):
        return _move_write(table, base, mine)
    made, request = _update(table, key, base, mine)
    return ItemWrite(
        verb=EDIT_ITEM,
        title=f"edit {item_words(table, key)}: {_names_words(made)}",
        table=table,
        key=key,
        request=request,
        before=copy_item(base),
        after=copy_item(mine),
        touched=tuple(change.path for change in made),
        effects=effects_of(table, base, mine),
    )


def create_write(table: Table, item: Item) -> ItemWrite:
    """The write of a new item, which must not exist; raises :class:`Refused` INVALID for an unfit one."""
    check(item, table)
    key = key_of(item, table.keys)
    return ItemWrite(
        verb=CREATE_ITEM,
        title=f"create {item_words(table, key)}",
        table=table,
        key=key,
        request=create_request(table, copy_item(item)),
        before=None,
        after=copy_item(item),
        touched=_all_paths(item),
        effects=effects_of(table, None, item),
        additive=True,
        creates=True,
    )


def replace_write(table: Table, item: Item, base: Item | None = None) -> ItemWrite | None:
    """The write of a whole item over an existing one; ``None`` when it equals ``base``.

    With ``base`` it is only done over exactly that; without, over whatever is there. Raises :class:`Refused` INVALID.
    """
    if base is not None and items_equal(base, item):
        return None
    check(item, table)
    key = key_of(item, table.keys)
    unseen = () if base is not None else ("replaces whatever the item holds by then, without having seen it",)
    return ItemWrite(
        verb=REPLACE_ITEM,
        title=f"replace {item_words(table, key)}",
        table=table,
        key=key,
        request=replace_request(table, copy_item(item), base),
        before=None if base is None else copy_item(base),
        after=copy_item(item),
        touched=_all_paths({**(base or {}), **item}),
        effects=(*unseen, *effects_of(table, base, item)),
    )


def delete_write(table: Table, base: Item) -> ItemWrite:
    """The deletion of an item that still is what ``base`` shows."""
    key = key_of(base, table.keys)
    request, left_out = _deletion(table, base)
    partly = f"{left_out} attributes do not fit into its condition: a change of those is not noticed beforehand"
    return ItemWrite(
        verb=DELETE_ITEM,
        title=f"delete {item_words(table, key)}",
        table=table,
        key=key,
        request=request,
        before=copy_item(base),
        after=None,
        touched=_all_paths(base),
        effects=(*effects_of(table, base, None), *((partly,) if left_out else ())),
        destructive=True,
    )


def item_words(table: Table, key: Item) -> str:
    """``item pk=a, sk=7 of orders``, safe on a terminal and short."""
    parts = ", ".join(f"{preview(part.name, KEY_PREVIEW)}={_key_words(key, part.name)}" for part in table.keys)
    return f"item {parts} of {table.id}"


def _key_words(key: Item, name: str) -> str:
    return preview(key_text(key[name]), KEY_PREVIEW) if name in key else "?"


def _move_write(table: Table, base: Item, mine: Item) -> ItemWrite:
    key, new_key = key_of(base, table.keys), key_of(mine, table.keys)
    return ItemWrite(
        verb=MOVE_ITEM,
        title=f"move {item_words(table, key)} to {item_words(table, new_key).partition(' ')[2]}",
        table=table,
        key=key,
        request=move_request(table, base, copy_item(mine)),
        before=copy_item(base),
        after=copy_item(mine),
        touched=_all_paths({**base, **mine}),
        effects=(
            "one transaction: the item is deleted at its old key and put at the new one, or neither",
            "an attribute that someone adds at that very moment is lost: DynamoDB has no condition for it",
            *effects_of(table, base, mine, moved=True),
        ),
    )


def _update(table: Table, key: Item, base: Item, mine: Item) -> tuple[tuple[Change, ...], Request]:
    """The update by paths; by whole attributes where only those fit into an expression."""
    fine = changes(base, mine)
    try:
        return fine, update_request(table, key, fine)
    except Refused:
        coarse = changes(base, mine, nested=False)
        if len(coarse) == len(fine):
            raise
        return coarse, update_request(table, key, coarse)


def _deletion(table: Table, base: Item) -> tuple[Request, int]:
    """The deletion with as many attributes in its condition as fit, and how many had to be left out."""
    names = list(base)
    low, high = 0, len(names)
    while low < high:
        middle = (low + high + 1) // 2
        try:
            delete_request(table, base, names[:middle])
        except Refused:
            high = middle - 1
        else:
            low = middle
    return delete_request(table, base, names[:low]), len(names) - low


def _check_new(mine: Item, base: Item, table: Table) -> None:
    """Raises :class:`Refused` for what is wrong with ``mine`` and was not with ``base``."""
    known = {problem.text for problem in problems(base, table)}
    if any(problem.text not in known for problem in problems(mine, table)):
        check(mine, table)


def _names_words(made: Sequence[Change]) -> str:
    """The attributes of changes, the first few by name."""
    names = list(dict.fromkeys(preview(str(change.path[0]), KEY_PREVIEW) for change in made))
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _all_paths(item: Item) -> tuple[Path, ...]:
    return tuple((name,) for name in item)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(_jsonable(value)).decode()


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _jsonable(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_jsonable(member) for member in value]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def no_longer_there(table: Table, key: Item) -> Failure:
    """The failure for an item that was to be edited and is gone."""
    return Failure(
        FailureKind.NOT_FOUND,
        f"There is no {item_words(table, key)}.",
        hint="It may have been deleted since the list was read; refresh.",
        service="dynamodb",
        operation="dynamodb:GetItem",
    )


__all__ = [
    "VERBS",
    "ItemWrite",
    "WriteResult",
    "WriteState",
    "create_write",
    "delete_write",
    "edit_write",
    "item_words",
    "no_longer_there",
    "replace_write",
]
