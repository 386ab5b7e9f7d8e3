"""Other programs on our terminal: the one helper through which ``$EDITOR``, ``psql`` and their like run."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

from textual.app import App, SuspendNotSupported

from dbtui.domain.failures import DbtuiError, Failure, FailureKind

FALLBACK_EDITORS: Final = ("vi", "nano")
_KEYBOARD_SIGNALS: Final = (signal.SIGINT, signal.SIGQUIT)


async def run_outside(
    app: App[Any], argv: Sequence[str], *, cwd: str | Path | None = None, env: Mapping[str, str] | None = None
) -> int:
    """Gives the terminal to a program and returns its exit status (negative: the signal that ended it).

    Timers, polls and operations go on meanwhile; nothing is painted until the program has ended, and with
    :class:`~dbtui.ui.driver.TerminalDriver` bells and copies are held back, too. Cancelling waits for the program:
    the terminal is the person's until they give it back. So run it in a worker of the App, not of a screen that may
    be closed. Raises :class:`DbtuiError` when the program cannot be started.
    """
    child = None
    cancelled = False
    try:
        # Whatever leaves App.suspend() by an exception leaves the app suspended, so nothing may be raised inside.
        with app.suspend(), app.batch_update(), _keyboard_signals_are_the_programs():
            child = asyncio.create_task(_run(argv, cwd, env))
            while not child.done():
                try:
                    await asyncio.wait({child})
                except asyncio.CancelledError:
                    cancelled = True
    except SuspendNotSupported as error:
        raise _local(
            f"{argv[0]} cannot run here: this is not a terminal", hint="Run dbtui in a terminal of its own."
        ) from error
    if cancelled:
        raise asyncio.CancelledError
    try:
        return child.result()
    except OSError as error:
        raise _local(
            f"{argv[0]} could not be started", detail=str(error), hint="Is it installed and in PATH?"
        ) from error


async def edit_text(
    app: App[Any], text: str, *, suffix: str = ".txt", cursor: tuple[int, int] | None = None
) -> str | None:
    """Lets the person edit a text in ``$VISUAL`` or ``$EDITOR``; ``None`` when they left it as it was.

    ``cursor`` is the line and column (from 1) to start at, where the editor is one that can be told. An editor that
    fails after the text was changed raises :class:`DbtuiError` naming the file, which is then kept.
    """
    argv = editor_command(os.environ)
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="dbtui-"))
    path = folder / f"text{suffix}"
    original = text.encode("utf-8", "surrogatepass")
    keep = False
    try:
        await asyncio.to_thread(_write_private, path, original)
        status = await run_outside(app, [*argv, *place_arguments(argv[0], path, cursor)])
        edited = await asyncio.to_thread(_read, path)
        if edited is None or _without_added_newline(edited, original) == original:
            return None
        keep = True
        result = _accepted(_without_added_newline(edited, original), status, argv[0], path)
        keep = False
        return result
    finally:
        if not keep:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def editor_command(environment: Mapping[str, str]) -> list[str]:
    """The editor's words: ``$VISUAL``, else ``$EDITOR``, else the first of ``vi`` and ``nano`` that exists."""
    hint = "Set EDITOR to your editor's command."
    for variable in ("VISUAL", "EDITOR"):
        if command := environment.get(variable, "").strip():
            return _split(command, variable)
    for name in FALLBACK_EDITORS:
        if found := shutil.which(name, path=environment.get("PATH")):
            return [found]
    raise _local("no editor found: neither VISUAL nor EDITOR is set, and there is no vi or nano", hint=hint)


def place_arguments(editor: str, path: Path, cursor: tuple[int, int] | None) -> list[str]:
    """The arguments that open the file, at a line and column (from 1) where the editor is known to take them."""
    if cursor is None:
        return [str(path)]
    line, column = cursor
    # ``vi`` is mostly a link to some vim; a vim without its features, like the old vi, only knows the line.
    names = {Path(editor).name, Path(os.path.realpath(shutil.which(editor) or editor)).name}
    for family, arguments in _PLACES:
        if names & family:
            return [word.format(line=line, column=column, path=path) for word in arguments]
    return [str(path)]


_PLACES: Final = (
    (frozenset({"vim.tiny"}), ("+{line}", "{path}")),
    (frozenset({"vim", "vim.basic", "nvim", "gvim", "mvim"}), ("+{line}", "+normal! {column}|", "{path}")),
    (frozenset({"vi", "nvi", "view", "joe", "jed", "ne", "mg", "pico"}), ("+{line}", "{path}")),
    (frozenset({"nano"}), ("+{line},{column}", "{path}")),
    (frozenset({"emacs", "emacsclient", "micro", "kak"}), ("+{line}:{column}", "{path}")),
    (frozenset({"code", "code-insiders", "codium", "cursor"}), ("-g", "{path}:{line}:{column}")),
    (frozenset({"hx", "helix", "subl", "zed"}), ("{path}:{line}:{column}",)),
)


def _split(command: str, variable: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise _local(
            f"{variable} is not a command: {error}", detail=command, hint=f"Check the quotes in {variable}."
        ) from error


async def _run(argv: Sequence[str], cwd: str | Path | None, env: Mapping[str, str] | None) -> int:
    process = await asyncio.create_subprocess_exec(*argv, cwd=cwd, env=None if env is None else dict(env))
    return await process.wait()


@contextmanager
def _keyboard_signals_are_the_programs() -> Iterator[None]:
    """Ctrl+c and ctrl+\\ reach the whole foreground group; dbtui lets them pass while a program has the terminal.

    A handler, not SIG_IGN, because the program would inherit that. SIGTSTP needs nothing: Textual's handler stops
    dbtui together with the program, and the shell's ``fg`` continues both.
    """
    before = {number: signal.signal(number, _pass_over) for number in _KEYBOARD_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _pass_over(number: int, frame: FrameType | None) -> None:
    """A signal that is meant for the program in front."""


def _write_private(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _read(path: Path) -> bytes | None:
    """The file's content; ``None`` when the editor removed it."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _without_added_newline(edited: bytes, original: bytes) -> bytes:
    """Most editors end a file with a newline whether or not the text had one."""
    return edited if original.endswith(b"\n") else edited.removesuffix(b"\n")


def _accepted(edited: bytes, status: int, editor: str, path: Path) -> str:
    if status != 0:
        raise _local(f"{editor} ended with status {status}; nothing was taken over", hint=f"Your text is in {path}.")
    try:
        return edited.decode("utf-8", "surrogatepass").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _local("the edited text is not UTF-8", detail=str(error), hint=f"Your text is in {path}.") from error


def _local(title: str, *, detail: str = "", hint: str = "") -> DbtuiError:
    return DbtuiError(Failure(FailureKind.LOCAL, title, detail=detail, hint=hint))
