"""The configuration file: every mistake is one sentence with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbtui.domain.failures import UsageError
from dbtui.settings import Settings, load
from dbtui.settings.loader import parse

GOOD = """
theme = "textual-light"
refresh_seconds = 60

[keys]
"app.quit" = "f10"

[[rule]]
profile = "acme-*"
protected = true

[[rule]]
account = "111122223333"
read_only = true
"""


def test_a_whole_file() -> None:
    settings = parse(GOOD, "config.toml")
    assert settings.theme == "textual-light"
    assert settings.keys == {"app.quit": "f10"}
    assert [(rule.profile, rule.line) for rule in settings.rules] == [("acme-*", 8), ("*", 12)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('theme = "x"\ntheem = 3\n', "c.toml:2: unknown setting theem.  Did you mean theme?"),
        ("\n\nrefresh_seconds = true\n", "c.toml:3: refresh_seconds must be a whole number."),
        ("refresh_seconds = 1\n", "c.toml:1: refresh_seconds must be at least 10."),
        ("[keys]\n'app.quit' = 3\n", "c.toml:2: the key for app.quit must be a text in quotes, for example 'ctrl+r'."),
        (
            "[[rule]]\nprotected=true\n[[rule]]\nprotekted = true\n",
            "c.toml:4: unknown setting protekted.  Did you mean protected?",
        ),
        ("\n[[rule]]\nprofile = 'x'\n", "c.toml:2: this rule says neither protected nor read_only."),
        ("theme = \n", "c.toml: line 1, column 9: Invalid value"),
    ],
)
def test_mistakes_are_located(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text, "c.toml")
    assert str(caught.value) == message


def test_no_file_means_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBTUI_CONFIG", str(tmp_path / "none.toml"))
    assert load() == Settings()


def test_a_file_that_was_asked_for_must_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        load(tmp_path / "none.toml")
