"""What was typed and not written yet, on disk: one file a draft, 0600, there as a whole or not at all."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from dbtui.domain import units, wire
from dbtui.domain.clock import Clock
from dbtui.domain.scope import Scope
from dbtui.domain.values import Item

VERSION: Final = 1
SUFFIX: Final = ".draft.json"
CLAIM: Final = ".alive"
"""Ending of the file a program keeps locked while it lives: the system lets go of it however the program ends."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """One edit as it was typed.

    ``kind`` says which editor wrote the text (``item``, ``attribute``, ``new``), ``attribute`` which attribute it is.
    ``base`` is the image the edit started from and ``key`` its key, both ``None`` for a new item. ``saved_at``,
    ``pid`` and ``run`` (which program wrote it) are set when it is saved.
    """

    id: str = msgspec.field(default_factory=lambda: secrets.token_hex(8))
    scope: Scope
    table: str
    table_id: str
    kind: str
    text: str
    key: Item | None = None
    base: Item | None = None
    attribute: str = ""
    saved_at: datetime | None = None
    pid: int = 0
    run: str = ""


class Damaged(msgspec.Struct, frozen=True):
    """A draft file that cannot be read, and why; it stays where it is."""

    path: Path
    reason: str


class Found(msgspec.Struct, frozen=True):
    """The drafts of a folder, the newest first, and the files that could not be read."""

    drafts: tuple[Draft, ...]
    damaged: tuple[Damaged, ...]


class Drafts:
    """The folder of drafts.

    ``save``, ``scan``, ``all``, ``left_behind``, ``load`` and ``remove`` touch the disk: call them in a thread, or use
    ``save_soon`` and ``remove_soon``, which keep the order in which they were called. Failures are ``OSError``.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self._clock = clock
        self._run = secrets.token_hex(8)
        self._order = asyncio.Lock()
        self._disk = threading.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._claimed: int | None = None

    def save(self, draft: Draft) -> None:
        """Writes the draft over the one with the same id; after it returns, the text survives a power cut."""
        stamped = msgspec.structs.replace(draft, saved_at=self._clock(), pid=os.getpid(), run=self._run)
        data = _encode(stamped)
        with self._disk:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._claim()
            temporary = self._temporary(draft.id)
            try:
                _write_through(temporary, data)
                temporary.replace(self._path(draft.id))
            except OSError:
                with suppress(OSError):
                    temporary.unlink()
                raise
            _sync_folder(self.folder)

    def remove(self, id: str) -> None:  # noqa: A002 - the draft's own word
        """Takes a draft away, after its write was done or when it was discarded; one that is not there is ignored."""
        with self._disk:
            self._temporary(id).unlink(missing_ok=True)  # of a program that was killed while it wrote it
            self._path(id).unlink(missing_ok=True)

    def load(self, id: str) -> Draft | None:  # noqa: A002 - the draft's own word
        """One draft, ``None`` when it is gone; raises ``ValueError`` when it cannot be read."""
        try:
            return _decode(self._path(id).read_bytes())
        except FileNotFoundError:
            return None

    def scan(self) -> Found:
        """Every draft of the folder, and what could not be read."""
        drafts: list[Draft] = []
        damaged: list[Damaged] = []
        for path in sorted(self.folder.glob(f"*{SUFFIX}")):
            try:
                drafts.append(_decode(path.read_bytes()))
            except FileNotFoundError:
                continue
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else str(error)
                damaged.append(Damaged(path, reason or type(error).__name__))
        drafts.sort(key=lambda draft: units.iso(draft.saved_at) or "", reverse=True)
        return Found(tuple(drafts), tuple(damaged))

    def all(self) -> tuple[Draft, ...]:
        """Every readable draft, the newest first."""
        return self.scan().drafts

    def left_behind(self) -> tuple[Draft, ...]:
        """The drafts whose program has ended: those to offer. Others are being typed at this moment."""
        return tuple(draft for draft in self.all() if draft.run != self._run and not self._lives(draft.run))

    def _claim(self) -> None:
        """Says to other programs, until this one ends, that its drafts are being typed."""
        if self._claimed is None:
            path = self._claim_of(self._run)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._claimed = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            with suppress(OSError):  # a file system without locks: others offer what is being typed here
                fcntl.flock(self._claimed, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        """The program ends: what it leaves unwritten is for others to go on with."""
        if self._claimed is not None:
            os.close(self._claimed)
            self._claimed = None
            self._claim_of(self._run).unlink(missing_ok=True)

    def _lives(self, run: str) -> bool:
        """Whether the program of another run still goes on; the claim of one that ended is cleared away."""
        if not run.isalnum():
            return False
        path = self._claim_of(run)
        try:
            descriptor = os.open(path, os.O_RDWR)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        else:
            path.unlink(missing_ok=True)
            return False
        finally:
            os.close(descriptor)

    def _claim_of(self, run: str) -> Path:
        return self.folder.with_name("running") / f"{run}{CLAIM}"

    async def save_soon(self, draft: Draft) -> None:
        """Saves in a thread, after what was asked for before; a cancelled caller does not undo it."""
        await self._in_order(partial(self.save, draft))

    async def remove_soon(self, id: str) -> None:  # noqa: A002 - the draft's own word
        """Removes in a thread, after what was asked for before: no save that is under way brings it back."""
        await self._in_order(partial(self.remove, id))

    async def settle(self) -> None:
        """Until everything asked for is on the disk."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _in_order(self, work: Callable[[], None]) -> None:
        task = asyncio.create_task(self._turn(work))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Takes note of the outcome, for which a caller that was cancelled asks no more."""
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()

    async def _turn(self, work: Callable[[], None]) -> None:
        async with self._order:
            await asyncio.to_thread(work)

    def _path(self, id: str) -> Path:  # noqa: A002 - the draft's own word
        if not id.isalnum():
            raise ValueError(f"not the id of a draft: {id!r}")
        return self.folder / f"{id}{SUFFIX}"

    def _temporary(self, id: str) -> Path:  # noqa: A002 - the draft's own word
        path = self._path(id)
        return path.with_name(f".{path.name}.new")


def _encode(draft: Draft) -> bytes:
    """JSON in ASCII: what was typed need not even be valid Unicode."""
    record = {
        "v": VERSION,
        "id": draft.id,
        "scope": msgspec.to_builtins(draft.scope),
        "table": draft.table,
        "table_id": draft.table_id,
        "kind": draft.kind,
        "attribute": draft.attribute,
        "key": _to_wire(draft.key),
        "base": _to_wire(draft.base),
        "text": draft.text,
        "saved_at": units.iso(draft.saved_at),
        "pid": draft.pid,
        "run": draft.run,
    }
    return json.dumps(record).encode("ascii")


def _decode(data: bytes) -> Draft:
    """The draft of a file's bytes; raises ``ValueError`` with the reason."""
    record = json.loads(data)
    if not isinstance(record, dict) or record.get("v") != VERSION:
        raise ValueError("not a draft of this version of dbtui")
    try:
        record["key"], record["base"] = _from_wire(record["key"]), _from_wire(record["base"])
        return msgspec.convert(record, Draft)
    except (KeyError, TypeError) as error:
        raise ValueError(f"a member is missing or wrong: {error}") from error


def _to_wire(item: Item | None) -> Any:
    return None if item is None else json.loads(wire.encode_item(item))


def _from_wire(form: Any) -> Item | None:
    return None if form is None else wire.decode_item(json.dumps(form).encode())


def _write_through(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Makes a rename in the folder last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
