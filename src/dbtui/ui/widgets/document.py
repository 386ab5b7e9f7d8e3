"""Headings, labelled lines and plain text in one scrolling widget, drawn a line at a time."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from dbtui.domain.text import escape, fit

LABEL_LIMIT = 26
STYLES = frozenset(
    {"muted", "warn", "danger", "accent"} | {f"status-{s}" for s in ("ok", "busy", "stopped", "attention", "unknown")}
)


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of what follows."""

    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One labelled line. ``copy`` is what is copied when it is not the text; ``link`` is a place."""

    label: str
    text: str
    style: str = ""
    copy: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Plain:
    """One line over the whole width."""

    text: str
    style: str = ""


Item = Heading | Entry | Plain


@dataclass(frozen=True, slots=True)
class _Row:
    """One drawn line: which item it is of, and its two parts."""

    item: int
    label: str
    text: str
    style: str


class Document(ScrollView, can_focus=True):
    """Shows items; the cursor goes from entry to entry, a text too long for its line goes on below."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "document--heading",
        "document--label",
        "document--cursor",
        "document--link",
        *(f"document--{style}" for style in STYLES),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "step(1)", "Next line", show=False, id="document.down"),
        Binding("up,k", "step(-1)", "Previous line", show=False, id="document.up"),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False, id="document.page-down"),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False, id="document.page-up"),
        Binding("home,g", "edge(-1)", "First line", show=False, id="document.top"),
        Binding("end,G", "edge(1)", "Last line", show=False, id="document.bottom"),
        Binding("tab,right_square_bracket", "section(1)", "Next section", show=False, id="document.next-section"),
        Binding(
            "shift+tab,left_square_bracket",
            "section(-1)",
            "Previous section",
            show=False,
            id="document.previous-section",
        ),
        Binding("enter", "follow", "Follow the link", show=False, id="document.follow"),
    ]

    class Followed(Message):
        """Enter on a line with a link."""

        def __init__(self, link: str) -> None:
            super().__init__()
            self.link = link

    def __init__(self, *, cursor: bool = True, id: str | None = None) -> None:  # noqa: A002 - as in every Textual widget
        super().__init__(id=id)
        self._has_cursor = cursor
        self._items: tuple[Item, ...] = ()
        self._rows: list[_Row] = []
        self._cursor = 0
        self._label_width = 0
        self._width = 0
        self._styles: dict[str, Style] = {}

    @property
    def items(self) -> tuple[Item, ...]:
        return self._items

    @property
    def current(self) -> Item | None:
        """The item under the cursor."""
        return self._items[self._cursor] if self._items else None

    def show(self, items: Sequence[Item], *, keep_place: bool = True) -> None:
        """Shows these items; the cursor stays on the line with the same label where there is one."""
        items = tuple(items)
        if items == self._items:
            return
        old = self.current
        self._items = items
        self._cursor = self._found_again(old) if keep_place else self._first()
        self._lay_out(self._width)
        if not keep_place:
            self.scroll_to(y=0, animate=False, force=True)
        self.refresh()

    def _found_again(self, old: Item | None) -> int:
        if isinstance(old, Entry):
            for index, item in enumerate(self._items):
                if isinstance(item, Entry) and item.label == old.label:
                    return index
        index = min(self._cursor, len(self._items) - 1)
        return index if index >= 0 and not isinstance(self._items[index], Heading) else self._first()

    def _first(self) -> int:
        return next((index for index, item in enumerate(self._items) if not isinstance(item, Heading)), 0)

    # -- layout -------------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        width = self.scrollable_content_region.width
        if width != self._width:
            self._lay_out(width)

    def _lay_out(self, width: int) -> None:
        self._width = width
        if width <= 0:
            return
        longest = max((cell_len(escape(item.label)) for item in self._items if isinstance(item, Entry)), default=0)
        self._label_width = min(longest, LABEL_LIMIT, max(8, width // 3))
        self._rows = [row for index, item in enumerate(self._items) for row in self._rows_of(index, item)]
        self.virtual_size = Size(width, len(self._rows))
        self.refresh()

    def _rows_of(self, index: int, item: Item) -> Iterator[_Row]:
        if isinstance(item, Heading):
            if index:
                yield _Row(index, "", "", "")
            yield _Row(index, "", escape(item.text), "heading")
            return
        label = fit(escape(item.label), self._label_width) if isinstance(item, Entry) else ""
        indent = self._label_width + 2 if isinstance(item, Entry) else 0
        room = max(8, self._width - 3 - indent)
        style = "link" if isinstance(item, Entry) and item.link and not item.style else item.style
        for number, line in enumerate(_wrapped(escape(item.text), room)):
            yield _Row(index, (label if number == 0 else " " * len(label)) if indent else "", line, style)

    # -- drawing ------------------------------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            self._styles[name] = self.get_component_rich_style(f"document--{name}") if name else self.rich_style
        return self._styles[name]

    def render_line(self, y: int) -> Strip:
        width, number = self.size.width, y + self.scroll_offset.y
        if number >= len(self._rows):
            return Strip.blank(width, self._style(""))
        row = self._rows[number]
        gap = "  " if row.label else ""
        if (
            self._has_cursor
            and row.item == self._cursor
            and row.style != "heading"
            and row.text + row.label
            and self.has_focus
        ):
            text = fit(f" {row.label}{gap}{row.text}", width)
            return Strip([Segment(text, self._style("cursor"))], cell_len(text))
        text = fit(row.text, max(0, width - 1 - cell_len(row.label) - len(gap)))
        known = row.style if row.style in STYLES or row.style in ("heading", "link") else ""
        written = text.rstrip()  # what is underlined ends with the text
        segments = [
            Segment(f" {row.label}{gap}", self._style("label")),
            Segment(written, self._style(known)),
            Segment(text[len(written) :], self._style("")),
        ]
        return Strip(segments).crop(0, width)

    def _is_lit(self, row: _Row) -> bool:
        """Whether the line belongs to the cursor, which shows while the document has the focus."""
        at_cursor = self._has_cursor and self.has_focus and row.item == self._cursor
        return at_cursor and row.style != "heading" and bool(row.text + row.label)

    # -- keys ---------------------------------------------------------------------------------------------------------

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def action_step(self, step: int) -> None:
        """To the next entry; at the ends the view scrolls, so that every heading can be seen."""
        if not self._has_cursor:
            self.scroll_relative(y=step, animate=False)
            return
        index = self._cursor + step
        while 0 <= index < len(self._items) and isinstance(self._items[index], Heading):
            index += step
        if 0 <= index < len(self._items):
            self._move(index)
        else:
            self.scroll_relative(y=step, animate=False)

    def action_page(self, pages: int) -> None:
        if not self._has_cursor:
            self.scroll_relative(y=pages * max(1, self.size.height - 1), animate=False)
            return
        rows = self._lines_of(self._cursor)
        goal = max(0, min((rows[0] if rows else 0) + pages * max(1, self.size.height - 1), len(self._rows) - 1))
        if self._rows:
            self._move(self._nearest(self._rows[goal].item, pages))

    def action_edge(self, direction: int) -> None:
        if not self._has_cursor:
            self.scroll_to(y=0 if direction < 0 else self.max_scroll_y, animate=False)
        elif self._items:
            self._move(self._nearest(0 if direction < 0 else len(self._items) - 1, -direction))

    def action_section(self, step: int) -> None:
        """To the first entry of the next or previous section."""
        starts = [index + 1 for index, item in enumerate(self._items[:-1]) if isinstance(item, Heading)]
        if step > 0:
            goal = next((index for index in starts if index > self._cursor), None)
        else:
            goal = next((index for index in reversed(starts) if index < self._cursor), None)
        if goal is not None:
            self._move(goal)

    def action_follow(self) -> None:
        if isinstance(self.current, Entry) and self.current.link:
            self.post_message(self.Followed(self.current.link))

    def on_click(self, event: events.Click) -> None:
        number = event.y + self.scroll_offset.y
        if number < len(self._rows) and not isinstance(self._items[self._rows[number].item], Heading):
            again = self._rows[number].item == self._cursor
            self._move(self._rows[number].item)
            if again:
                self.action_follow()

    def _nearest(self, index: int, direction: int) -> int:
        for candidate in (index, *(index + step * direction for step in (1, -1, 2, -2))):
            if 0 <= candidate < len(self._items) and not isinstance(self._items[candidate], Heading):
                return candidate
        return self._cursor

    def _move(self, index: int) -> None:
        for item in {self._cursor, index}:
            for line in self._lines_of(item):
                self.refresh_line(line)
        self._cursor = index
        lines = self._lines_of(index)
        if lines:
            self._bring_in_sight(lines[0] - self._heading_above(index), lines[-1])

    def _heading_above(self, index: int) -> int:
        """Lines of the heading right above, so that a section's first entry shows with its title."""
        above = index > 0 and isinstance(self._items[index - 1], Heading)
        return len(self._lines_of(index - 1)) if above else 0

    def _lines_of(self, index: int) -> list[int]:
        return [number for number, row in enumerate(self._rows) if row.item == index]

    def _bring_in_sight(self, first: int, last: int) -> None:
        top, height = self.scroll_offset.y, self.size.height
        if first < top or last - first >= height:
            self.scroll_to(y=first, animate=False, force=True)
        elif last >= top + height:
            self.scroll_to(y=last - height + 1, animate=False, force=True)


def _wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most ``width`` characters, cut inside words only where a word is longer."""
    if len(text) <= width:
        return [text]
    return textwrap.wrap(text, width, drop_whitespace=False, replace_whitespace=False, break_on_hyphens=False) or [""]
