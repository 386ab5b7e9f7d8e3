"""Commands as processes: closed pipes, full disks, signals, prompts, and what start-up loads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.integration.pty_support import run_in_terminal

ROOT = Path(__file__).parents[2]
DEADLINE = 30


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "TERM": "xterm-256color", "COLUMNS": "120", **more}


def command(folder: Path, *argv: str) -> list[str]:
    return [sys.executable, "-m", "tests.cli.program", str(folder), *argv]


def started(argv: Sequence[str], **more: str) -> subprocess.Popen[str]:
    """The command as a person starts it: a job in the background, as the tests may be, has ctrl+c switched off."""
    return subprocess.Popen(
        argv,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**more),
        cwd=ROOT,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - sets no more
    )


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """Standard error up to the line that contains the words."""
    assert process.stderr is not None
    seen = ""
    while words not in seen:
        line = process.stderr.readline()
        assert line, f"ended without saying {words!r}: {seen}"
        seen += line
    return seen


@pytest.mark.parametrize("output", ["jsonl", "json", "csv", "table"])
def test_a_closed_pipe_is_silent_and_exits_0(output: str, tmp_path: Path) -> None:
    process = started(command(tmp_path, "list", "tables", "-o", output), TABLES="2000")
    assert process.stdout is not None
    assert process.stdout.read(10)
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert process.wait(DEADLINE) == 0


def test_a_closed_standard_output_is_no_crash(tmp_path: Path) -> None:
    shell = f"{sys.executable} -m tests.cli.program {tmp_path} list tables >&-"
    done = subprocess.run(shell, shell=True, capture_output=True, text=True, env=environment(), cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_said_in_words(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command(tmp_path, "list", "tables"),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            cwd=ROOT,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("dbtui: Standard output cannot be written: No space left")
    assert "Traceback" not in done.stderr


def test_what_became_of_a_change_is_said_whoever_reads_the_output(tmp_path: Path) -> None:
    put = command(tmp_path, "put", "table/t-00000", '{"pk": "a"}')

    def into_a_closed_pipe(**more: str) -> tuple[int, str]:
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run(
            put, stdout=write, stderr=subprocess.PIPE, text=True, env=environment(**more), cwd=ROOT, check=False
        )
        os.close(write)
        return done.returncode, done.stderr

    assert into_a_closed_pipe() == (0, "EXECUTING PutItem\n")
    code, said = into_a_closed_pipe(EXISTING_KEY="a")
    assert code == 4 and "exists already" in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_snapshot_whose_result_finds_no_room_is_told(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command(tmp_path, "snapshot", "instance/orders-db", "-o", "json"),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
            cwd=ROOT,
            check=False,
        )
    assert done.returncode == 1
    assert "instance/orders-db: snapshot running" in done.stderr
    assert "Standard output cannot be written: No space left" in done.stderr


def test_a_snapshot_that_failed_is_told_whoever_reads_the_output(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    argv = command(tmp_path, "snapshot", "instance/orders-db", "instance/gone", "--keep-going")
    done = subprocess.run(
        argv, stdout=write, stderr=subprocess.PIPE, text=True, env=environment(), cwd=ROOT, check=False
    )
    os.close(write)
    assert done.returncode == 1 and "instance/gone" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(("existing", "code", "words"), [("", 1, "Put dev@eu-west-1:item"), ("a", 4, "exists already")])
def test_a_change_whose_result_finds_no_room_is_told(existing: str, code: int, words: str, tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command(tmp_path, "put", "table/t-00000", '{"pk": "a"}'),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(EXISTING_KEY=existing),
            cwd=ROOT,
            check=False,
        )
    assert done.returncode == code
    assert "Standard output cannot be written: No space left" in done.stderr and words in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_while_waiting_leaves_aws_alone_and_says_how_to_go_on(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    process = started(command(tmp_path, "snapshot", "instance/orders-db", "--wait"))
    read_until(process, "started 0:00")
    process.send_signal(number)
    out, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == code
    assert json.loads(out)["outcome"] == "running"
    assert "Interrupted; AWS goes on with it." in err
    assert "  dbtui wait dev@eu-west-1:instance-snapshot/orders-db-20261123-0915\n" in err


def test_an_interruption_in_the_middle_of_a_call_waits_for_its_answer(tmp_path: Path) -> None:
    process = started(command(tmp_path, "snapshot", "instance/orders-db", "table/t-00000"), SLOW_EXECUTE="0.5")
    read_until(process, "EXECUTING CreateDBSnapshot")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 130
    first, second = json.loads(out)
    assert (first["outcome"], first["request_id"]) == ("running", "req-1")
    assert second["error"]["message"] == "Not sent because it was interrupted."
    assert "EXECUTING CreateBackup" not in err
    events = [json.loads(line)["event"] for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert events == ["intent", "sent"]


def test_an_item_on_its_way_when_interrupted_is_told_all_the_same(tmp_path: Path) -> None:
    process = started(command(tmp_path, "put", "table/t-00000", '{"pk": "a"}'), SLOW_EXECUTE="0.5")
    read_until(process, "EXECUTING PutItem")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 130
    assert (json.loads(out)["outcome"], json.loads(out)["result"]) == ("done", {"pk": "a"})
    events = [json.loads(line)["event"] for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert events == ["intent", "sent", "outcome"]


def test_a_signal_switched_off_by_nohup_stays_off(tmp_path: Path) -> None:
    argv = command(tmp_path, "snapshot", "instance/orders-db", "--wait", "--timeout", "1")
    script = f"import os, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv({argv[0]!r}, {argv!r})"
    process = started([sys.executable, "-c", script])
    read_until(process, "started 0:00")
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=DEADLINE)
    assert process.returncode == 6


def test_ctrl_c_at_a_question_ends_it(tmp_path: Path) -> None:
    argv = command(tmp_path, "stop", "instance/orders-db")
    with run_in_terminal(argv, env=environment(), cwd=ROOT) as terminal:
        terminal.until_painted("[y/N]")
        time.sleep(0.1)
        terminal.send("\x03")
        terminal.until("ended", lambda: terminal.process.poll() is not None)
        assert terminal.process.returncode == 130
        assert "EXECUTING" not in terminal.text
        assert "Traceback" not in terminal.text


def test_a_yes_at_a_question_goes_on(tmp_path: Path) -> None:
    argv = command(tmp_path, "stop", "instance/orders-db")
    with run_in_terminal(argv, env=environment(), cwd=ROOT) as terminal:
        terminal.until_painted("[y/N]")
        terminal.send("y\n")
        terminal.until_painted("EXECUTING StopDBInstance", "running")
        terminal.until("ended", lambda: terminal.process.poll() is not None)
        assert terminal.process.returncode == 0


def test_ctrl_c_while_waiting_on_a_terminal(tmp_path: Path) -> None:
    argv = command(tmp_path, "snapshot", "instance/orders-db", "--wait")
    with run_in_terminal(argv, env=environment(), cwd=ROOT, size=(120, 24)) as terminal:
        terminal.until_painted("creating")
        terminal.send("\x03")
        terminal.until_painted("To wait for it again:", "dbtui wait dev@eu-west-1:instance-snapshot/")
        terminal.until("ended", lambda: terminal.process.poll() is not None)
        assert terminal.process.returncode == 130


PROBE = """
import sys
from dbtui.cli.main import run
code = run(%r, None)
heavy = {"textual", "rich", "aioboto3", "aiobotocore", "botocore", "boto3", "dbtui.ui", "dbtui.aws"} & set(sys.modules)
sys.stderr.write(f"\\nCODE {code} HEAVY {sorted(heavy)}")
"""


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["snapshot", "--help"], 0),
        (["nonsense"], 2),
        (["list", "nonsense"], 2),
        (["snapshot"], 2),
        (["completion", "bash"], 0),
        (["get", "instances"], 2),
        (["put", "table/t", "{"], 2),
        (["update", "table/t", "pk=a", "--set", "x=bare"], 2),
        (["query", "--help"], 0),
        ([], 2),
    ],
)
def test_help_version_and_usage_errors_load_nothing_heavy(argv: list[str], code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE % (argv,)],
        capture_output=True,
        text=True,
        env=environment(),
        stdin=subprocess.DEVNULL,
        timeout=DEADLINE,
        check=True,
    )
    assert done.stderr.endswith(f"CODE {code} HEAVY []")


@pytest.mark.parametrize("argv", [["--version"], ["--help"], ["nonsense"]])
def test_start_up_is_quick(argv: list[str]) -> None:
    """The budget is 150 ms on a quiet machine; the best of five leaves the noise of a shared one out."""
    taken = []
    for _ in range(5):
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", PROBE % (argv,)],
            capture_output=True,
            env=environment(),
            timeout=DEADLINE,
            check=True,
        )
        taken.append(time.perf_counter() - begun)
    assert min(taken) < 0.3
