"""What a test needs beyond Python: skipped with the reason where it is missing, or failed where all must be there."""

from __future__ import annotations

import os
import shutil

import pytest

REQUIRE_ALL = bool(os.environ.get("DBTUI_REQUIRE_ALL"))
FULL = bool(os.environ.get("DBTUI_FULL"))


def missing(what: str, how: str) -> None:
    """Ends the test: skips it, or fails it when ``DBTUI_REQUIRE_ALL`` says that nothing may be missing."""
    reason = f"{what} is not here; {how}"
    if REQUIRE_ALL:
        pytest.fail(reason)
    pytest.skip(reason)


def tool(name: str, variable: str = "", how: str = "") -> str:
    """The path of a program, from its environment variable or the PATH."""
    path = (os.environ.get(variable, "") if variable else "") or shutil.which(name) or ""
    if not path:
        missing(name, how or f"install {name}" + (f" or set {variable}" if variable else ""))
    return path
