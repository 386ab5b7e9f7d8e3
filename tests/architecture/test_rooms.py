"""The rooms hold: who may import whom, what start-up may load, and that every kind and verb is complete."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dbtui import actions, resources
from dbtui.domain.item_requests import DELETE, PUT, TRANSACT, UPDATE
from dbtui.gateway.operations import MUTATIONS, READS

SOURCE = Path(__file__).parents[2] / "src" / "dbtui"
MAY_IMPORT = {
    "domain": {"msgspec"},
    "gateway": {"dbtui.domain", "msgspec"},
    "aws": {"dbtui.domain", "dbtui.gateway", "aioboto3", "aiobotocore", "aiohttp", "botocore", "msgspec"},
    "resources": {"dbtui.domain", "dbtui.gateway", "msgspec"},
    "items": {"dbtui.domain", "dbtui.gateway", "msgspec"},
    "actions": {"dbtui.domain", "dbtui.gateway", "dbtui.resources", "dbtui.items", "msgspec"},
    "settings": {"dbtui.domain", "platformdirs", "msgspec"},
    "cli": {
        "dbtui.domain",
        "dbtui.gateway",
        "dbtui.resources",
        "dbtui.actions",
        "dbtui.items",
        "dbtui.settings",
        "click",
        "msgspec",
    },
    "ui/widgets": {"dbtui.domain", "textual", "rich"},
}
"""DESIGN section 3, in one table; the room itself and the standard library are always allowed."""


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def _allowed(module: str, room: str, names: set[str]) -> bool:
    own = "dbtui." + room.replace("/", ".")
    if module.split(".", maxsplit=1)[0] in sys.stdlib_module_names or module == "dbtui" or module.startswith(own):
        return True
    return any(module == name or module.startswith(f"{name}.") for name in names)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    wrong = [
        f"{path.relative_to(SOURCE)}: {module}"
        for path in (SOURCE / room).rglob("*.py")
        for module in _imports(path)
        if not _allowed(module, room, MAY_IMPORT[room])
    ]
    assert not wrong


def test_the_demo_is_imported_by_nobody_and_imports_no_room() -> None:
    for path in SOURCE.rglob("*.py"):
        modules = {module for module in _imports(path) if module.startswith("dbtui")}
        if (SOURCE / "demo") in path.parents:
            assert all(module.startswith("dbtui.demo") or module == "dbtui" for module in modules), path
        else:
            assert not any(module.startswith("dbtui.demo") for module in modules), path


def _modules_after(*argv: str) -> set[str]:
    code = (
        f"import sys\nsys.argv = ['dbtui', *{argv!r}]\n"
        "from dbtui.compose import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "sys.stderr.write('\\nMODULES ' + ' '.join(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return set(done.stderr.rpartition("MODULES ")[2].split())


@pytest.mark.parametrize("argv", [("--help",), ("--version",), ("nonsense",), ("list",), ("list", "--help")])
def test_help_version_and_usage_errors_load_neither_toolkit_nor_sdk(argv: tuple[str, ...]) -> None:
    assert not _modules_after(*argv) & {"textual", "rich", "aioboto3", "aiobotocore", "botocore", "aiohttp", "moto"}


def test_a_broad_except_exists_in_two_places_only() -> None:
    places = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if (SOURCE / "demo") not in path.parents
        and re.search(r"except (Exception|BaseException)\b|except:", path.read_text(encoding="utf-8"))
    ]
    assert sorted(places) == ["cli/main.py", "ui/loading.py"], "the worker helper and the last resort of commands"


def test_permits_are_issued_by_the_runner_and_the_writer_of_items_alone() -> None:
    issuing = [
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if re.search(r"\bPermit\(", path.read_text(encoding="utf-8")) and path.name != "permit.py"
    ]
    assert sorted(issuing) == ["actions/item_writes.py", "actions/runner.py"]


def test_an_operation_is_a_read_or_a_mutation_never_both() -> None:
    assert not READS & MUTATIONS
    for operation in READS:
        assert re.match(r"(sts|iam|rds|dynamodb):(Get|List|Describe|Scan$|Query$)", operation), operation


@pytest.mark.parametrize("action", actions.ALL, ids=lambda action: action.name)
def test_every_verb_is_declared_completely(action: actions.model.Action) -> None:
    assert action.kinds <= {kind.name for kind in resources.ALL}
    assert action.permissions
    assert action.permissions <= MUTATIONS
    assert action.help
    assert action.past
    assert action.additive or action.confirm != "enter"


def test_every_mutation_belongs_to_a_verb_or_writes_items() -> None:
    verbs = frozenset().union(*(action.permissions for action in actions.ALL))
    assert not verbs & {UPDATE, PUT, DELETE, TRANSACT}
    assert verbs | {UPDATE, PUT, DELETE, TRANSACT} == MUTATIONS


def test_keys_of_a_kinds_verbs_do_not_clash() -> None:
    for kind in resources.ALL:
        keys = [action.key for action in actions.for_kind(kind.name)]
        assert len(keys) == len(set(keys)), kind.name


@pytest.mark.parametrize("kind", resources.ALL, ids=lambda kind: kind.name)
def test_every_kind_is_declared_completely(kind: resources.Kind) -> None:
    assert kind.operation in READS
    assert kind.help
    assert kind.columns
    assert any(column.frozen for column in kind.columns)
    assert len({column.key for column in kind.columns}) == len(kind.columns)


def test_no_word_names_two_kinds() -> None:
    words = [word for kind in resources.ALL for word in resources.words(kind)] + list(resources.UNIONS)
    assert len(words) == len(set(words))
