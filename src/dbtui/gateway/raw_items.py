"""The items of a page as a sequence that is cut out of the page's bytes when somebody looks at one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import overload

import msgspec

Cut = Callable[[bytes], Sequence[msgspec.Raw]]


class UncutItems(Sequence[msgspec.Raw]):
    """``count`` items within ``body``, whose checksum held. Until one is looked at they cost no memory but the bytes.

    ``cut`` finds them, once; it raises :class:`~dbtui.domain.failures.AwsError` for bytes it cannot read.
    """

    __slots__ = ("_body", "_count", "_cut", "_items", "nbytes")

    def __init__(self, body: bytes, count: int, cut: Cut) -> None:
        self.nbytes = len(body)
        self._body = body
        self._count = count
        self._cut = cut
        self._items: tuple[msgspec.Raw, ...] | None = None

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> msgspec.Raw: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[msgspec.Raw]: ...
    def __getitem__(self, place: int | slice) -> msgspec.Raw | Sequence[msgspec.Raw]:
        if self._items is None:
            self._items = tuple(self._cut(self._body))
            self._body = b""  # the items keep the bytes they are in
        return self._items[place]


def wire_bytes(items: Sequence[msgspec.Raw]) -> int:
    """Bytes of the items as they came; of uncut ones with the little that AWS wrote around them."""
    if isinstance(items, UncutItems):
        return items.nbytes
    return sum(memoryview(raw).nbytes for raw in items)
