"""The app: owns the session, starts everything after the first paint, and answers what screens ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from textual import events, on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.filter import LineFilter
from textual.screen import Screen

from dbtui.actions.core import Core
from dbtui.actions.model import Operation, OperationState
from dbtui.domain.failures import Failure, UsageError
from dbtui.domain.scope import Target
from dbtui.domain.text import escape
from dbtui.gateway.protocol import Notice
from dbtui.items.writes import VERBS as ITEM_VERBS
from dbtui.resources import Located, locate
from dbtui.settings.model import Settings
from dbtui.ui import (
    acting,
    clipboard,
    copying,
    helping,
    item_editing,
    jumping,
    keymap,
    loading,
    opening,
    requests,
    wording,
)
from dbtui.ui.ascii import AsciiFilter, needs_ascii
from dbtui.ui.driver import TerminalDriver
from dbtui.ui.keymap import key_words
from dbtui.ui.palette import DbtuiCommands
from dbtui.ui.panes import ACTIVITY, ACTIVITY_KEY, NUMBERED
from dbtui.ui.screens.chooser import Chooser
from dbtui.ui.screens.detail import DetailScreen
from dbtui.ui.screens.frame import FrameScreen
from dbtui.ui.screens.help import HelpScreen
from dbtui.ui.screens.jump import JumpScreen
from dbtui.ui.screens.main import MainScreen
from dbtui.ui.screens.mfa import MfaScreen
from dbtui.ui.screens.notice import NoticeScreen
from dbtui.ui.screens.targets import TargetsScreen
from dbtui.ui.session import Pace, Session
from dbtui.ui.starting import Start, Startup, read_scopes
from dbtui.ui.styles import sheets
from dbtui.ui.typeahead import TypeAhead


class DbtuiApp(App[None]):
    """The front end over one core. ``start`` finds the targets when they are not known yet."""

    TITLE = "dbtui"
    COMMANDS: ClassVar[set[Any]] = {DbtuiCommands}
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(spec.key, f"pane('{spec.name}')", spec.title, show=False, id=f"app.pane-{spec.name}")
            for spec in NUMBERED
        ),
        Binding(ACTIVITY_KEY, f"pane('{ACTIVITY}')", "Activity", show=False, id="app.pane-activity"),
        Binding("colon", "jump", "jump", tooltip="Go to a kind, a place, an ARN or a loaded name", id="app.jump"),
        Binding("p", "targets", "profiles", tooltip="Choose profiles and regions", id="app.targets"),
        Binding("ctrl+p", "command_palette", "commands", show=False, priority=True, id="app.palette"),
        Binding("question_mark,f1", "help", "help", tooltip="This help", id="app.help"),
        Binding("q", "leave", "Quit", show=False, id="app.quit"),
        Binding("ctrl+q", "leave", "Quit from anywhere", show=False, priority=True, id="app.quit-anywhere"),
        Binding("ctrl+z", "suspend_process", "Suspend to the shell", show=False, priority=True, id="app.suspend"),
    ]

    def __init__(
        self,
        core: Core,
        settings: Settings,
        targets: tuple[Target, ...],
        *,
        read_only: bool = False,
        banner: str = "",
        open_place: str = "",
        start: Start | None = None,
        starting: Callable[[], str] | None = None,
        pace: Pace | None = None,
    ) -> None:
        super().__init__(driver_class=TerminalDriver, css_path=sheets())
        self.animation_level = "none"
        pace = pace or Pace(fleet=float(settings.refresh_seconds))
        self.session = Session(core, settings, pace, read_only=read_only, targets=targets if start is None else ())
        self._banner = banner
        self._open_place = open_place
        self._startup = (
            None
            if start is None
            else Startup(self.session, start, starting, changed=self._start_changed, found=self._found_targets)
        )
        self._ascii = AsciiFilter(enabled=needs_ascii(settings.ascii))
        self._history: list[str] = []
        self._keys = TypeAhead(self, self._handle_key)
        self._cancelled_before = False
        self._followed: set[str] = set()
        self._endings: list[Callable[[], None]] = []

    # -- start and end ------------------------------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[Any]:
        return MainScreen(self.session)

    def get_line_filters(self) -> list[LineFilter]:
        """Textual's own filters, and ours that rewrites what an ASCII terminal cannot show."""
        return [*super().get_line_filters(), *([self._ascii] if self._ascii.enabled else [])]

    def on_mount(self) -> None:
        warnings = list(self.session.settings.warnings)
        if self.session.settings.theme in self.available_themes:
            self.theme = self.session.settings.theme
        else:
            warnings.append(f"There is no theme {self.session.settings.theme}; ctrl+p lists them.")
        core = self.session.core
        self._endings = [
            core.gateway.subscribe(self._notice),
            core.tracker.subscribe(self._operation_moved),
            core.arming.subscribe(self.refresh_frame),
        ]
        self.set_keymap(keymap.usable(self.session.settings.keys, warnings))
        for warning in warnings:
            self.tell(warning, "warning")
        self.call_after_refresh(self._begin)

    def on_unmount(self) -> None:
        for end in self._endings:
            end()

    def _begin(self) -> None:
        """Everything that talks to AWS starts here, after the first paint."""
        if self._startup is not None:
            self._startup.begin(self)
        else:
            self._started()

    def _start_changed(self) -> None:
        """What is waited for has another name, or has failed."""
        self.main.still_waiting()
        self.refresh_frame()

    def _found_targets(self, targets: tuple[Target, ...]) -> None:
        self.retarget(targets)
        self._started()

    def _started(self) -> None:
        self._read_scopes()
        loading.run(self, self._recover, group="recover", on_failure=self._complain)
        item_editing.tell_of_drafts(self, self.session)
        if self._open_place:
            self._open_text(self._open_place, None)

    async def _recover(self) -> None:
        found = await self.session.core.tracker.recover(self.session.targets)
        if found:
            self.tell(f"Following {len(found)} operation{'s' if len(found) > 1 else ''} begun earlier; 5 shows them.")

    # -- targets ------------------------------------------------------------------------------------------------------

    def retarget(self, targets: tuple[Target, ...]) -> None:
        """Works with other targets: panes empty, caches drop, late answers are ignored."""
        self.session.start_failure = None
        self.session.retarget(targets)
        self._session_changed()

    def _session_changed(self) -> None:
        self.main.session_changed()
        self.refresh_frame()

    @on(requests.ScopesWanted)
    def _scopes_wanted(self) -> None:
        """A refresh by the person: try again what could not be found out."""
        if self.session.start_failure is not None:
            self._begin()
        else:
            self._read_scopes()

    def _read_scopes(self) -> None:
        read_scopes(self, self.session, self.refresh_frame)

    @property
    def main(self) -> MainScreen:
        """The screen at the bottom of the stack."""
        found = self.screen_stack[0]
        assert isinstance(found, MainScreen)
        return found

    # -- what every screen shares -------------------------------------------------------------------------------------

    @on(requests.FrameStale)
    def refresh_frame(self) -> None:
        """Brings the shared lines of all screens up to date."""
        for screen in self.screen_stack:
            if isinstance(screen, FrameScreen):
                screen.show_session(self._banner, self.main.tabs, self.main.active_name)

    def tell(self, text: str, severity: str = "information") -> None:
        """A toast; the text is data, so it is escaped and never parsed for markup."""
        self.notify(escape(text), severity=severity, markup=False, timeout=8)  # type: ignore[arg-type]

    def _complain(self, failure: Failure) -> None:
        self.tell(failure.sentence, "error")

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self._keys.take(event)
        else:
            await super().on_event(event)

    async def _handle_key(self, event: events.Key) -> None:
        self._key_pressed(event.key)
        await super().on_event(event)

    def _key_pressed(self, key: str) -> None:
        self.session.key_pressed()
        if key != "ctrl+c":
            self._cancelled_before = False
        for pane in self.main.list_panes() if self.screen_stack else []:
            pane.loader.poller.resume()

    def get_key_display(self, binding: Binding) -> str:
        """Keys as people write them."""
        return binding.key_display or key_words(binding.key)

    def handle_bindings_clash(self, clashed_bindings: set[Binding], node: DOMNode) -> None:
        """Two bindings of one widget on one key: the first wins; say so once."""
        names = " and ".join(sorted(binding.id or binding.action for binding in clashed_bindings))
        self.tell(f"Key clash in the configuration: {names}", "warning")

    def _notice(self, notice: Notice) -> None:
        """Something happened during a call: say it where people look."""
        if notice.kind == "identity-changed":
            self.call_later(self._identity_changed, notice)
        elif isinstance(self.screen, FrameScreen):
            self.screen.say(wording.notice_text(notice))

    async def _identity_changed(self, notice: Notice) -> None:
        """Other credentials than before: nothing that was read may stay, and nothing may be written unasked."""
        self.session.forget()
        await self._back_to_main()
        self._session_changed()
        self._read_scopes()
        text = notice.text or f"The credentials of {notice.target.label} belong to another account now."
        more = "Everything was emptied and read again, and writes are locked."
        self.push_screen(NoticeScreen("Another account", f"{escape(text)}\n{more}", grave=True))

    def _operation_moved(self, operation: Operation) -> None:
        """An operation has a new form: count it, read its rows again, and tell how it ended."""
        self.refresh_frame()
        if operation.state is OperationState.RUNNING:
            self._followed.add(operation.op_id)
        elif operation.op_id in self._followed or not operation.recovered:
            self._followed.discard(operation.op_id)
            done = operation.state is OperationState.DONE
            written_here = operation.action in ITEM_VERBS and not operation.recovered  # told where it was written
            seen = not done or operation.ended_at is not None  # else it was done before we looked: Activity says so
            if seen and not written_here:
                self.tell(wording.operation_end(operation), "information" if done else "error")
        refs = (operation.subject, operation.watch)
        for screen in self.screen_stack:
            if isinstance(screen, (MainScreen, DetailScreen)):
                screen.resource_moved(refs)

    # -- going somewhere ----------------------------------------------------------------------------------------------

    async def action_pane(self, name: str) -> None:
        await self._open_pane(requests.OpenPane(name))

    @on(requests.OpenPane)
    async def _open_pane(self, event: requests.OpenPane) -> None:
        await self._back_to_main()
        await self.main.open_pane(event.name, event.filter_text)

    async def _back_to_main(self) -> None:
        while len(self.screen_stack) > 1:
            await self.pop_screen()

    @on(requests.OpenResource)
    async def _open_resource(self, event: requests.OpenResource) -> None:
        await opening.resource(self, self.session, event.model)

    @on(requests.OpenDetail)
    async def _open_detail(self, event: requests.OpenDetail) -> None:
        await opening.detail(self, self.session, event.model)

    @on(requests.OpenPlace)
    def _open_place_wanted(self, event: requests.OpenPlace) -> None:
        self._open_text(event.place, event.near)

    def _open_text(self, place: str, near: Target | None) -> None:
        try:
            self._open_located(locate(place, (near,) if near is not None else self.session.targets))
        except UsageError as error:
            self._complain(error.failure)

    def _open_located(self, located: Located) -> None:
        opening.located(self, self.session, located)

    def action_jump(self) -> None:
        def understand(text: str) -> jumping.Jump:
            return jumping.understand(text, list(self.session.loaded()), self.session.targets)

        def suggest(text: str) -> list[jumping.Suggestion]:
            return jumping.suggest(text, self.session.loaded())

        self.push_screen(JumpScreen(understand, suggest, self._history), self._jumped)

    async def _jumped(self, jump: jumping.Jump | None) -> None:
        if isinstance(jump, jumping.ToPane):
            await self._open_pane(requests.OpenPane(jump.name, jump.filter_text))
        elif isinstance(jump, jumping.ToResource):
            await self._open_resource(requests.OpenResource(jump.model))
        elif isinstance(jump, jumping.ToPlace):
            self._open_located(jump.located)
        elif isinstance(jump, jumping.ToCommand):
            await self.run_action("leave" if jump.name == "quit" else jump.name)

    def action_drafts(self) -> None:
        item_editing.show_drafts(self, self.session)

    def action_targets(self) -> None:
        async def chosen(targets: tuple[Target, ...] | None) -> None:
            if targets and targets != self.session.targets:
                await self._back_to_main()
                self.retarget(targets)
                self._read_scopes()

        self.push_screen(TargetsScreen(self.session.core.directory, self.session.targets), chosen)

    def action_help(self) -> None:
        title, about = helping.subject(self.screen)
        self.push_screen(HelpScreen(title, helping.help_items(self.screen, about)))

    async def ask_mfa(self, question: str) -> str:
        """The code of an MFA device; empty when the person gives none."""
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def answered(code: str | None) -> None:
            if not answer.done():
                answer.set_result(code or "")

        self.push_screen(MfaScreen(question), answered)
        return await answer

    # -- acting and copying -------------------------------------------------------------------------------------------

    @on(requests.Act)
    def _act(self, event: requests.Act) -> None:
        acting.act(self, self.session.core, event.action, event.models, self.tell)

    @on(requests.ActionsMenuWanted)
    def _actions_menu(self, event: requests.ActionsMenuWanted) -> None:
        acting.menu(self, self.session.core, event.models, self.tell)

    @on(requests.CopyText)
    def _copy_text(self, event: requests.CopyText) -> None:
        self._copy(event.text)

    @on(requests.CopyMenuWanted)
    def _copy_menu(self, event: requests.CopyMenuWanted) -> None:
        choices = copying.choices(event.model, event.row)
        self.push_screen(Chooser(f"Copy of {event.model.name}", choices), self._copy)

    def _copy(self, text: str | None) -> None:
        async def work() -> None:
            self.tell(await clipboard.copy(self, text or ""))

        if text is not None:
            loading.run(self, work, group="copy", on_failure=self._complain)

    # -- leaving ------------------------------------------------------------------------------------------------------

    def action_cancel(self) -> None:
        """Stops the load in sight; pressed again with nothing to stop, offers to quit."""
        if isinstance(self.screen, FrameScreen) and self.screen.stop():
            return
        if self._cancelled_before:
            self._cancelled_before = False
            self._offer_to_quit("Quit dbtui?")
        else:
            self._cancelled_before = True
            self.tell("Nothing is loading. ctrl+c again offers to quit; q quits.")

    async def action_leave(self) -> None:
        """Quits; while operations run, says first that they go on."""
        running = self.session.core.tracker.running_count
        if not running:
            self.exit()
        elif not isinstance(self.screen, NoticeScreen):
            many = "1 operation is" if running == 1 else f"{running} operations are"
            self._offer_to_quit(
                f"{many} still running. They go on in AWS when dbtui is closed, and are found again at the next start."
            )

    def _offer_to_quit(self, text: str) -> None:
        def answered(quit_now: bool | None) -> None:
            if quit_now:
                self.exit()

        self.push_screen(NoticeScreen("Quit", text, "enter quits · esc stays"), answered)
