"""Tables of any size whose items are made page by page: `--seed items:N[,size:B]`, and the fleet's tables."""

from __future__ import annotations

from datetime import timedelta

from dbtui.demo.dataplane.collection import Source, Stored
from dbtui.demo.dataplane.keys import HASH_BITS, OrderKey
from dbtui.demo.dynamodb.shapes import Size, attributes, key_schema, table_members
from dbtui.demo.dynamodb.store import Table
from dbtui.demo.identity_names import ACCOUNTS, DEFAULT_REGION
from dbtui.demo.record import Record
from dbtui.demo.seedspec import SeedSpec
from dbtui.demo.world import World

_EACH = 10
"""Items of one partition."""
_FIXED = len("pkskordinaleventext") + len("GROUP#00000000") + len("ITEM#0") + 6 + 1
_SENTENCE = "The quick brown fox jumps over the lazy dog while the pager counts every one of its hairs. "
FIRST_ORDINAL = 1_000_000_001


class Bulk:
    """`count` items of exactly `size` bytes by DynamoDB's rules, ten in a partition."""

    def __init__(self, count: int, size: int) -> None:
        self.count = count
        self.size = size
        self._text = size - _FIXED
        self._filler = _SENTENCE * (size // len(_SENTENCE) + 2)
        self._groups = -(-count // _EACH) or 1

    def stored(self, position: int) -> Stored:
        group, number = divmod(position, _EACH)
        even = "false" if position % 2 else "true"
        start = position % len(_SENTENCE)
        text = (
            f'{{"pk":{{"S":"GROUP#{group:08d}"}},"sk":{{"S":"ITEM#{number}"}},'
            f'"ordinal":{{"N":"{FIRST_ORDINAL + 2 * position}"}},"even":{{"BOOL":{even}}},'
            f'"text":{{"S":"{self._filler[start : start + self._text]}"}}}}'
        )
        return Stored(text.encode(), self.size)

    def order_key(self, position: int) -> OrderKey:
        group, number = divmod(position, _EACH)
        return self._place(group), b"SGROUP#%08d" % group, (b"ITEM#%d" % number,), ()

    def _place(self, group: int) -> int:
        return (group << HASH_BITS) // self._groups

    def _group(self, partition: bytes) -> int | None:
        digits = partition[len(b"SGROUP#") :]
        if not partition.startswith(b"SGROUP#") or len(digits) != 8 or not digits.isdigit():
            return None
        group = int(digits)
        return group if group < self._groups else None

    def token(self, partition: bytes) -> int | None:
        group = self._group(partition)
        return None if group is None else self._place(group)

    def position(self, key: OrderKey) -> int | None:
        group, digits = self._group(key[1]), key[2][0][len(b"ITEM#") :]
        if group is None or len(digits) != 1 or not digits.isdigit():
            return None
        position = group * _EACH + int(digits)
        return position if position < self.count and self.order_key(position) == key else None

    def index(self, _: str) -> Source | None:
        return None


def plant(world: World, seed: SeedSpec) -> None:
    """One table `bulk` in demo/eu-west-1."""
    store = world.dynamodb_at(ACCOUNTS[0].number, DEFAULT_REGION)
    members = table_members(
        store,
        "bulk",
        definitions=attributes(pk="S", sk="S"),
        keys=key_schema("pk", "sk"),
        created=world.clock.now() - timedelta(days=90),
        size=Size(seed.items, seed.items * seed.item_size),
    )
    store.tables["bulk"] = Table(Record(members), source=Bulk(seed.items, seed.item_size))
