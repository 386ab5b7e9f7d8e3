"""Keeps what is being typed on the disk, shortly after each change and before anything that could lose it."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
from textual.screen import Screen
from textual.timer import Timer

from dbtui.domain.failures import Failure, FailureKind
from dbtui.items.drafts import Draft, Drafts
from dbtui.ui import loading

SETTLE_SECONDS = 0.5
"""How long typing rests before the draft is saved."""
LONGEST_SECONDS = 2.0
"""What is typed without a rest is on its way to the disk this long after it was typed, at the latest."""


class DraftKeeper:
    """The draft of one editor. ``failed`` is told when it cannot be saved; the text is then only on the screen."""

    def __init__(
        self, screen: Screen[None], drafts: Drafts, draft: Draft, failed: Callable[[Failure | None], None]
    ) -> None:
        self._screen = screen
        self._drafts = drafts
        self._draft = draft
        self._failed = failed
        self._timer: Timer | None = None
        self._behind_since: float | None = None
        self._saved = draft.saved_at is not None
        self._dropped = False

    @property
    def id(self) -> str:
        return self._draft.id

    @property
    def draft(self) -> Draft:
        return self._draft

    def changed(self, read: Callable[[], str]) -> None:
        """Something was typed: the text is read and saved when typing rests, and now and then while it does not."""
        now = time.monotonic()
        since = self._behind_since or now
        if self._timer is not None and now >= since + LONGEST_SECONDS - SETTLE_SECONDS:
            return  # the timer that is running is the last one that may be
        self._stop()
        self._behind_since = since
        self._timer = self._screen.set_timer(SETTLE_SECONDS, lambda: self._save_soon(read), name="draft")

    def _save_soon(self, read: Callable[[], str]) -> None:
        async def work() -> None:
            await self.keep(read())

        loading.run(self._screen, work, group="draft", on_failure=self._failed)

    async def keep(self, text: str) -> bool:
        """Saves the text now; false, with the reason told, when that is not possible."""
        self._stop()
        if self._dropped or (self._saved and text == self._draft.text):
            return True
        draft = msgspec.structs.replace(self._draft, text=text)
        try:
            await self._drafts.save_soon(draft)
        except OSError as error:
            reason = error.strerror or str(error)
            hint = "The text is only on this screen."
            self._failed(Failure(FailureKind.LOCAL, f"The draft cannot be saved: {reason}.", hint=hint))
            return False
        self._draft, self._saved = draft, True
        self._failed(None)
        return True

    def rebase(self, **changed: object) -> None:
        """From now on the draft starts from another image of the item."""
        self._draft, self._saved = msgspec.structs.replace(self._draft, **changed), False

    async def drop(self) -> None:
        """The text was written, or is not wanted any more."""
        self._stop()
        self._dropped = True
        try:
            await self._drafts.remove_soon(self._draft.id)
        except OSError as error:
            title = f"The draft cannot be removed: {error.strerror or error}."
            self._failed(Failure(FailureKind.LOCAL, title))

    def _stop(self) -> None:
        self._behind_since = None
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
