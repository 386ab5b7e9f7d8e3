"""What the commands need from whoever starts them; ``compose`` implements it, tests bring fakes."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dbtui.actions.core import Core
    from dbtui.domain.scope import Target
    from dbtui.settings import Settings


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """The options every invocation understands, before or after the verb."""

    profiles: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    all_regions: bool = False
    endpoint_url: str = ""
    read_only: bool = False
    demo: bool = False
    demo_faults: str = ""
    open: str = ""
    config: Path | None = None
    log_file: Path | None = None
    mouse: bool = True

    def merged(self, later: GlobalOptions) -> GlobalOptions:
        """Both sets of options: lists add up, switches stay on, of two values the later one holds."""
        return replace(
            self,
            profiles=_union(self.profiles, later.profiles),
            regions=_union(self.regions, later.regions),
            all_regions=self.all_regions or later.all_regions,
            endpoint_url=later.endpoint_url or self.endpoint_url,
            read_only=self.read_only or later.read_only,
            demo=self.demo or later.demo,
            demo_faults=later.demo_faults or self.demo_faults,
            open=later.open or self.open,
            config=later.config or self.config,
            log_file=later.log_file or self.log_file,
            mouse=self.mouse and later.mouse,
        )


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


class Session(Protocol):
    """One command's access to the program: the core, the targets the options chose, and the settings."""

    @property
    def core(self) -> Core: ...

    @property
    def targets(self) -> tuple[Target, ...]: ...

    @property
    def settings(self) -> Settings: ...


class Wiring(Protocol):
    """Starts what a command line asks for."""

    def open_core(self, options: GlobalOptions, *, changes: bool) -> AbstractAsyncContextManager[Session]:
        """The core for these options; leaving the context closes it. Nothing is asked of AWS yet.

        ``changes``: the verb changes something, so the account's alias is read too, which may protect a scope.
        """
        ...

    def run_tui(self, options: GlobalOptions) -> int:
        """Runs the terminal user interface and returns its exit code."""
        ...

    def log_file(self, options: GlobalOptions) -> Path:
        """Where the program logs: the place of tracebacks."""
        ...
