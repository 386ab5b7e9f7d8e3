"""Drafts on disk: whole or not at all, private, ordered, and never in the way when they are damaged."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from dbtui.items.drafts import Draft, Drafts
from tests.unit.items_edit.world import NOW, SCOPE, item


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    return Drafts(tmp_path / "state" / "drafts", lambda: NOW)


def draft(text: str = '{"a": 1', **members: object) -> Draft:
    return Draft(
        scope=SCOPE,
        table="orders",
        table_id="id-orders",
        kind="item",
        text=text,
        key=item(),
        base=item(b={"B": b"\x00\xff"}, t={"NS": ["1.0"]}),
        **members,  # type: ignore[arg-type]
    )


def test_a_draft_comes_back_as_it_was(drafts: Drafts) -> None:
    written = draft("// half an edit\n{ \x1b é \ud800 🦆")
    drafts.save(written)
    [found] = drafts.all()

    assert (found.text, found.key, found.base) == (written.text, written.key, written.base)
    assert (found.scope, found.table, found.table_id, found.kind) == (SCOPE, "orders", "id-orders", "item")
    assert found.saved_at == NOW and found.pid == os.getpid()
    assert drafts.load(written.id) == found


def test_a_new_item_has_neither_key_nor_base(drafts: Drafts) -> None:
    drafts.save(Draft(scope=SCOPE, table="orders", table_id="", kind="new", text="{}"))

    assert (drafts.all()[0].key, drafts.all()[0].base) == (None, None)


def test_a_full_disk_leaves_the_last_draft_and_no_scrap(drafts: Drafts, monkeypatch: pytest.MonkeyPatch) -> None:
    written = draft("before")
    drafts.save(written)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        drafts.save(msgspec.structs.replace(written, text="after"))

    assert [path.name for path in drafts.folder.iterdir()] == [f"{written.id}.draft.json"]
    assert drafts.all()[0].text == "before"


def test_files_and_folder_are_private(drafts: Drafts) -> None:
    drafts.save(draft())
    [path] = drafts.folder.iterdir()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(drafts.folder.stat().st_mode) == 0o700


def test_saving_again_replaces_and_leaves_nothing_else(drafts: Drafts) -> None:
    first = draft("one")
    drafts.save(first)
    drafts.save(draft("two", id=first.id))

    assert [found.text for found in drafts.all()] == ["two"]
    assert len(list(drafts.folder.iterdir())) == 1


def test_a_save_that_is_cut_short_leaves_the_draft_before_it(drafts: Drafts, monkeypatch: pytest.MonkeyPatch) -> None:
    first = draft("safe")
    drafts.save(first)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        drafts.save(draft("lost", id=first.id))

    assert [found.text for found in drafts.all()] == ["safe"]


def test_only_removal_takes_a_draft_away(drafts: Drafts) -> None:
    kept, gone = draft("kept"), draft("gone")
    drafts.save(kept)
    drafts.save(gone)
    drafts.remove(gone.id)
    drafts.remove(gone.id)

    assert [found.text for found in drafts.all()] == ["kept"]
    assert drafts.load(gone.id) is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe", b'{"v": 2}', b'{"v": 1, "key": 3, "base": null}', b'{"v": 1}']
)
def test_a_damaged_file_is_reported_and_kept(drafts: Drafts, content: bytes) -> None:
    drafts.save(draft("good"))
    damaged = drafts.folder / "abc.draft.json"
    damaged.write_bytes(content)
    found = drafts.scan()

    assert [one.text for one in found.drafts] == ["good"]
    assert [one.path for one in found.damaged] == [damaged] and found.damaged[0].reason
    assert damaged.read_bytes() == content


def test_a_member_of_another_type_is_damage(drafts: Drafts) -> None:
    drafts.save(draft())
    [path] = drafts.folder.iterdir()
    path.write_text(json.dumps(json.loads(path.read_text()) | {"text": 5}))

    assert drafts.all() == () and len(drafts.scan().damaged) == 1


def test_drafts_that_do_not_say_when_are_the_oldest(drafts: Drafts) -> None:
    for text in ("one", "two", "dated"):
        drafts.save(draft(text))
    for path in drafts.folder.iterdir():
        record = json.loads(path.read_text())
        path.write_text(json.dumps(record | {"saved_at": record["saved_at"] if record["text"] == "dated" else None}))

    assert next(found.text for found in drafts.all()) == "dated"
    assert len(drafts.all()) == 3


async def test_a_full_disk_is_told(drafts: Drafts, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        await drafts.save_soon(draft())


def test_there_need_be_no_folder(drafts: Drafts) -> None:
    assert drafts.scan().drafts == () and drafts.scan().damaged == ()


@pytest.mark.parametrize("name", ["../etc/passwd", "a/b", "", "a.b"])
def test_an_id_never_leads_out_of_the_folder(drafts: Drafts, name: str) -> None:
    with pytest.raises(ValueError, match="not the id"):
        drafts.remove(name)


def test_the_draft_of_a_killed_program_is_left_behind_and_ours_is_not(drafts: Drafts) -> None:
    drafts.save(draft("being typed"))
    code = (
        "import os, signal, sys; from pathlib import Path; from tests.unit.items_edit.test_drafts import draft\n"
        "from dbtui.items.drafts import Drafts; from tests.unit.items_edit.world import NOW\n"
        "Drafts(Path(sys.argv[1]), lambda: NOW).save(draft('typed before the kill')); os.kill(os.getpid(), 9)"
    )
    paths = os.pathsep.join(path for path in sys.path if path)
    killed = subprocess.run(
        [sys.executable, "-c", code, str(drafts.folder)], env={**os.environ, "PYTHONPATH": paths}, check=False
    )

    assert killed.returncode == -9
    assert [found.text for found in drafts.left_behind()] == ["typed before the kill"]
    assert len(drafts.all()) == 2


def test_an_earlier_run_with_the_same_process_id_is_left_behind(drafts: Drafts) -> None:
    earlier = Drafts(drafts.folder, lambda: NOW)
    earlier.save(draft("an earlier run"))
    earlier.close()

    assert [found.text for found in drafts.left_behind()] == ["an earlier run"]


async def test_saves_happen_in_the_order_they_were_asked_for(drafts: Drafts) -> None:
    first = draft("0")
    await asyncio.gather(*(drafts.save_soon(draft(str(number), id=first.id)) for number in range(20)))

    assert [found.text for found in drafts.all()] == ["19"]


async def test_a_cancelled_save_still_happens_and_a_removal_after_it_wins(drafts: Drafts) -> None:
    kept, gone = draft("kept"), draft("gone")
    saving = [asyncio.create_task(drafts.save_soon(kept)), asyncio.create_task(drafts.save_soon(gone))]
    await asyncio.sleep(0)
    for task in saving:
        task.cancel()
    await drafts.remove_soon(gone.id)
    await drafts.settle()

    assert [found.text for found in drafts.all()] == ["kept"]


def test_a_process_id_used_again_by_another_program_hides_no_draft(drafts: Drafts) -> None:
    Drafts(drafts.folder, lambda: NOW).save(draft("typed before the reboot"))
    (path,) = drafts.folder.glob("*.draft.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"run": "0123456789abcdef", "pid": 1}))

    assert [found.text for found in drafts.left_behind()] == ["typed before the reboot"]


def test_what_another_living_program_types_is_not_offered_until_it_ends(drafts: Drafts) -> None:
    other = Drafts(drafts.folder, lambda: NOW)
    other.save(draft("being typed there"))
    assert drafts.left_behind() == ()
    assert [found.text for found in drafts.all()] == ["being typed there"]

    other.close()
    assert [found.text for found in drafts.left_behind()] == ["being typed there"]
