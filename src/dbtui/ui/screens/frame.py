"""The frame of every full screen: top line, tabs, place, body, status, keys."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from dbtui.domain.models import Resource
from dbtui.ui import requests, wording
from dbtui.ui.session import Session
from dbtui.ui.widgets.frame import KeyHints, PlaceLine, StatusLine, Tab, TabLine, TopBar

WIDE = 120
"""From so many columns on the detail of a row stands beside the list."""


class FrameScreen(Screen[None]):
    """A screen in the common frame. Subclasses give the body."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "app.cancel", "Stop loading; twice: offer to quit", show=False, id="app.cancel"),
    ]
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - declared an instance variable by Textual
        (0, "-narrow"),
        (WIDE, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-low"),
        (16, "-high"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def compose(self) -> ComposeResult:
        bar = TopBar()
        bar.state = wording.top_state(self.session)
        yield bar
        yield TabLine()
        yield PlaceLine()
        yield from self.compose_body()
        yield StatusLine()
        yield KeyHints()

    def compose_body(self) -> ComposeResult:
        """What stands between the place and the status."""
        yield Widget()

    def show_session(self, banner: str, tabs: tuple[Tab, ...], active: str) -> None:
        """Brings the lines that every screen shares up to date."""
        if self.is_mounted:
            self.query_one(TopBar).state = wording.top_state(self.session, banner)
            line = self.query_one(TabLine)
            line.tabs, line.active = tabs, active

    @on(TabLine.Selected)
    def _tab_selected(self, event: TabLine.Selected) -> None:
        event.stop()
        self.post_message(requests.OpenPane(event.name))

    @property
    def chosen(self) -> tuple[Resource, ...]:
        """The resources an action would be about."""
        return ()

    def stop(self) -> bool:
        """Ends the load under way and keeps what is there; false when there was none."""
        return False

    def say(self, text: str) -> None:
        """Puts a text on the status line."""
        self.query_one(StatusLine).text = text
