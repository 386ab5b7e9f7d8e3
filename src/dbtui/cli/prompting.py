"""The terminal prompt for MFA codes, in place of botocore's, for whoever opens the core of a command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from dbtui.cli.console import Console, NoAnswer


def mfa_prompt(console: Console) -> Callable[[str], Awaitable[str]] | None:
    """Asks for a code on the terminal; ``None`` where nobody can be asked, so that such a profile fails (exit 5)."""
    if not console.can_ask:
        return None

    async def ask(question: str) -> str:
        try:
            return console.ask(question.strip())
        except NoAnswer:
            return ""

    return ask
