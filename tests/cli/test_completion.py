"""Completion scripts: their syntax, and what bash really completes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from dbtui.resources import ALL
from tests import requirements

from .harness import Harness

BASH = shutil.which("bash")


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest) -> str:
    requirements.tool(request.param)
    return str(request.param)


def test_the_syntax_is_right(shell: str, dbtui: Harness, tmp_path: Path) -> None:
    path = tmp_path / "completion"
    path.write_text(dbtui.run("completion", shell).out)
    subprocess.run([shell, "-n", str(path)], check=True)


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_every_verb_kind_and_global_option_is_there_without_an_aws_call(name: str, dbtui: Harness) -> None:
    done = dbtui.run("completion", name)
    assert (done.code, done.err, dbtui.wiring.options) == (0, "", None)
    for word in ("list", "show", "snapshot", "reboot", "wait", "dry-run", "read-only", "all-regions"):
        assert word in done.out, word
    for kind in ALL:
        assert kind.plural in done.out
        assert f"{kind.name}/" in done.out


@pytest.mark.skipif(BASH is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("dbtui sn", {"snapshot"}),
        ("dbtui list instance", {"instances", "instance-snapshots"}),
        ("dbtui -p prod list ta", {"tables"}),
        ("dbtui show tab", {"table/"}),
        ("dbtui get ", {"table/", "item/"}),
        ("dbtui scan t", {"table/"}),
        ("dbtui del", {"delete-item"}),
        ("dbtui snapshot ", {"instance/", "cluster/", "table/"}),
        ("dbtui stop --dry", {"--dry-run"}),
        ("dbtui list tables --des", {"--describe"}),
        ("dbtui snapshot --ye", set()),
        ("dbtui list tables -o js", {"json", "jsonl"}),
        ("dbtui --prof", {"--profile"}),
        ("dbtui -p ", {"default", "prod", "dev"}),
        ("dbtui wait instance/x --for stor", {"storage-optimization", "storage-full"}),
        ("dbtui completion z", {"zsh"}),
    ],
)
def test_what_bash_completes(line: str, expected: set[str], dbtui: Harness, tmp_path: Path) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(dbtui.run("completion", "bash").out)
    config = tmp_path / "config"
    config.write_text("[default]\nregion = eu-west-1\n[profile prod]\n[profile dev]\n[sso-session x]\n")
    words = line.split(" ")
    quoted = " ".join(f"'{word}'" for word in words)
    asking = (
        f"source {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; "
        '_dbtui; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "-c", asking],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "AWS_CONFIG_FILE": str(config)},
    )
    completed = set(done.stdout.split())
    assert expected <= completed if expected == {"storage-optimization", "storage-full"} else completed == expected
