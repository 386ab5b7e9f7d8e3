"""What a million items cost: memory, drawing, sorting, filtering, finding. Prints numbers (run with `-s` or `-rP`) and
never fails on time.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec
from tests.requirements import FULL
from tests.stalls import StallMonitor
from tests.unit.items_read.world import table
from textual.app import App, ComposeResult

from dbtui.domain.row_order import SortSpec
from dbtui.domain.row_view import ViewSource
from dbtui.domain.rows import Progress
from dbtui.gateway.protocol import ItemPage
from dbtui.items.rows import ItemRows
from dbtui.items.store import ItemStore
from dbtui.ui.item_search import ItemSearch
from dbtui.ui.widgets.record_table import RecordTable

ITEMS = 1_000_000
PAGE = 2_500
ROOT = Path(__file__).parents[2]


class Reply(msgspec.Struct):
    Items: list[msgspec.Raw]


def body(start: int, stop: int) -> bytes:
    """The wire bytes of a page of items of about 370 bytes."""
    items = (
        f'{{"pk":{{"S":"customer#{number * 7919 % 1_000_003:07}"}},"sk":{{"N":"{number}"}},'
        f'"state":{{"S":"{("open", "paid", "sent", "gone")[number % 4]}"}},'
        f'"currency":{{"S":"EUR"}},"channel":{{"S":"web shop"}},'
        f'"amount":{{"N":"{number * 31 % 100_003}.{number % 100:02}"}},'
        f'"at":{{"N":"{1_700_000_000 + number}"}},"vip":{{"BOOL":{"true" if number % 5 else "false"}}},'
        f'"tags":{{"SS":["a{number % 10}","b{number % 7}"]}},'
        f'"address":{{"M":{{"city":{{"S":"Bonn"}},"zip":{{"S":"53{number % 1000:03}"}}}}}},'
        f'"note":{{"S":"order {number} was delivered to the back door, as the customer had asked for"}}}}'
        for number in range(start, stop)
    )
    return b'{"Items":[' + ",".join(items).encode() + b'],"Count":1,"ScannedCount":1}'


def filled(count: int) -> ItemStore:
    store = ItemStore(table().keys, memory_limit=1 << 40)
    for start in range(0, count, PAGE):
        raws = msgspec.json.decode(body(start, min(count, start + PAGE)), type=Reply).Items
        store.append(ItemPage(raws, len(raws), None, None))
    return store


def resident() -> int:
    """Bytes of memory this process holds now (Linux)."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def report(what: str, value: float, unit: str = "ms", budget: float | None = None) -> None:
    against = "" if budget is None else f"   (budget {budget:g} {unit}: {value / budget:.2f} ×)"
    print(f"{what:<62} {value:10.2f} {unit}{against}")


def measure_memory(count: int) -> None:
    """Runs in a process of its own."""
    filled(PAGE)
    empty = resident()
    store = filled(count)
    rows = ItemRows(store, table())
    held, wire = resident() - empty, store.wire_bytes
    print(f"{store.row_count:,} items of {wire / store.row_count:.0f} B, {len(rows.columns)} columns")
    report("memory ÷ wire bytes", held / wire, "×", 1.5)
    report("what the store believes ÷ memory", store.held_bytes / held, "×")
    start = time.perf_counter()
    assert store.find({"pk": {"S": "nobody"}, "sk": {"N": "0"}}) is None
    report("first look for a key (hashes all keys)", (time.perf_counter() - start) * 1000)
    start = time.perf_counter()
    assert store.find(store.key(count - 1)) == count - 1
    report("next look for a key", (time.perf_counter() - start) * 1000)
    report("memory ÷ wire bytes, with hashes of all keys", (resident() - empty) / wire, "×", 1.5)


def test_memory_of_a_million_items() -> None:
    command = [sys.executable, "-m", "tests.benchmarks.test_item_store", str(ITEMS)]
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    environment = os.environ | {"PYTHONPATH": paths}
    told = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    print(told.stdout)


def test_filling() -> None:
    bodies = [body(start, start + PAGE) for start in range(0, 100_000, PAGE)]
    start = time.perf_counter()
    pages = [ItemPage(msgspec.json.decode(each, type=Reply).Items, PAGE, None, None) for each in bodies]
    parsing = time.perf_counter() - start
    store = ItemStore(table().keys)
    rows = ItemRows(store, table())
    start = time.perf_counter()
    for page in pages:
        store.append(page)
    taking = time.perf_counter() - start
    report("cutting 100,000 items out of 40 pages", parsing * 1000)
    report("keeping them and finding their columns", taking * 1000)
    assert rows.row_count == 100_000


class BenchApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.table = RecordTable()

    def compose(self) -> ComposeResult:
        yield self.table


def frame_seconds(shown: RecordTable, top: int) -> float:
    """Seconds of processor to come to 50 rows nobody has seen yet, decode their cells, measure and draw them."""
    start = time.process_time()
    shown.scroll_to(y=top, animate=False, force=True)
    for y in range(1, 51):
        RecordTable.render_line(shown, y)
    return time.process_time() - start


async def test_show_and_move() -> None:
    count = ITEMS if FULL else ITEMS // 5
    store = filled(count)
    app = BenchApp()
    async with app.run_test(size=(160, 51)) as pilot:
        rows = ItemRows(store, table())
        start = time.perf_counter()
        app.table.source = ViewSource(rows)
        await pilot.pause()
        report(f"{count:,} items shown", (time.perf_counter() - start) * 1000)
        tops = range(1000, 100_000, 9000)
        frames = sorted(frame_seconds(app.table, top) for top in tops)
        report("frame of 50 new rows (median of 11)", frames[5] * 1000, budget=8)
        start = time.perf_counter()
        rows.hide("note")
        report("a column less, with all rows", (time.perf_counter() - start) * 1000)
        start = time.perf_counter()
        store.remove(5)
        report("a row less", (time.perf_counter() - start) * 1000)


async def test_large_items() -> None:
    """Filtering and sorting items of 400 KB gives way as often as with small ones."""
    store = ItemStore(table().keys, memory_limit=1 << 40)
    for number in range(500):
        entries = ",".join(f'{{"S":"entry {number + place} of a long list"}}' for place in range(9_000))
        item = f'{{"pk":{{"S":"p"}},"sk":{{"N":"{number}"}},"list":{{"L":[{entries}]}}}}'
        store.append(ItemPage([msgspec.Raw(item.encode())], 1, None, None))
    rows = ItemRows(store, table())
    view = ViewSource(rows)
    start = time.process_time()
    for row in range(50):
        rows.cells(row)
    report(f"cells of 50 rows of {store.wire_bytes / 500 / 1024:.0f} KiB", (time.process_time() - start) * 1000)
    search = ItemSearch(store, rows, view)
    told: list[Progress] = []
    for what, job in (
        ("filter 500 large items", view.filter(search.predicate("nowhere"), told.append)),
        ("sort 500 large items by their list", view.sort(SortSpec("list"), told.append)),
    ):
        await job_report(what, asyncio.ensure_future(job), told)


async def job_report(what: str, job: asyncio.Task[bool], progress: list[Progress]) -> None:
    start, cpu = time.perf_counter(), time.process_time()
    async with StallMonitor() as stalls:
        await job
    report(what, time.perf_counter() - start, "s")
    stalled(stalls, time.process_time() - cpu)
    print(f"    {len(progress)} reports of progress")


def stalled(stalls: StallMonitor, cpu: float) -> None:
    told = [f"{stalls.percentile(part):.1f} ms (budget {budget})" for part, budget in ((99, 16), (99.9, 50))]
    print(f"    {cpu:.1f} s of processor; stalls p99 {told[0]}, p99.9 {told[1]}, worst {stalls.worst:.1f} ms")


async def test_control_run_of_a_loop_that_works_in_slices() -> None:
    """What the stall monitor says here and now of slices of 4 ms that do nothing but count."""
    async with StallMonitor() as stalls:
        end = time.perf_counter() + 4
        while time.perf_counter() < end:
            slice_end = time.perf_counter() + 0.004
            while time.perf_counter() < slice_end:
                pass
            await asyncio.sleep(0)
    print(
        f"control: stalls p99 {stalls.percentile(99):.1f} ms, p99.9 {stalls.percentile(99.9):.1f} ms, "
        f"worst {stalls.worst:.1f} ms"
    )


async def test_sort_filter_and_find_with_progress_and_cancel() -> None:
    count = ITEMS if FULL else ITEMS // 5
    store = filled(count)
    rows = ItemRows(store, table())
    view = ViewSource(rows)
    search = ItemSearch(store, rows, view)
    for column in ("amount", "pk", "address"):
        told: list[Progress] = []
        job = asyncio.ensure_future(view.sort(SortSpec(column), told.append))
        await job_report(f"sort {count:,} items by {column}", job, told)
    start = time.perf_counter()
    store.remove(count // 2)
    report("a row less while sorted", (time.perf_counter() - start) * 1000)
    await view.sort(None)
    for words in ("nowhere", "order 4711", "bonn"):
        told = []
        job = asyncio.ensure_future(view.filter(search.predicate(words), told.append))
        await job_report(f"filter {count:,} items by {words!r} ({view.row_count:,} shown before)", job, told)
    await view.filter(None)
    job = asyncio.ensure_future(view.sort(SortSpec("amount")))
    await asyncio.sleep(0.2)
    start = time.perf_counter()
    job.cancel()
    await asyncio.wait({job})
    report("cancelling a sort", (time.perf_counter() - start) * 1000)
    assert view.sort_spec is None
    start, cpu = time.perf_counter(), time.process_time()
    async with StallMonitor() as stalls:
        assert await store.locate(store.key(count - 1)) == count - 1
    report(f"first look for a key among {count:,}, in slices", time.perf_counter() - start, "s")
    stalled(stalls, time.process_time() - cpu)


if __name__ == "__main__":
    measure_memory(int(sys.argv[1]))
