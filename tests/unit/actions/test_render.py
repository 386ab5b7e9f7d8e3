"""A plan as text can be read, passed back and pasted, and never shows a secret."""

from __future__ import annotations

import pytest
from botocore import xform_name
from hypothesis import given
from hypothesis import strategies as st

from dbtui.actions.journal import without_secrets
from dbtui.actions.model import Call, Confirm, Plan
from dbtui.actions.render import aws_cli, dry_run, kebab, lines
from dbtui.gateway.operations import MUTATIONS, READS
from tests.unit.actions.builders import SCOPE, instance

SUBJECT = instance().ref
PLAN = Plan(
    action="snapshot",
    title="Snapshot instance/orders-db",
    subject=SUBJECT,
    watch=SUBJECT,
    incarnation="db-1",
    steps=(
        Call(
            operation="rds:CreateDBSnapshot",
            parameters={"DBSnapshotIdentifier": "it's", "MasterUserPassword": "hunter2", "Blob": b"\x00\x01"},
        ),
    ),
    effects=("I/O pauses briefly",),
    undo="delete it",
    confirm=Confirm.ENTER,
)


@pytest.mark.parametrize("operation", sorted(MUTATIONS | READS))
def test_operations_are_spelled_as_the_aws_cli_spells_them(operation: str) -> None:
    name = operation.partition(":")[2]
    assert kebab(name) == xform_name(name, "-")


def test_dry_run_shows_every_parameter_and_no_secret() -> None:
    assert dry_run(PLAN) == [
        {
            "service": "rds",
            "operation": "CreateDBSnapshot",
            "parameters": {"DBSnapshotIdentifier": "it's", "MasterUserPassword": "***", "Blob": "AAE="},
            "region": SCOPE.region,
            "endpoint": None,
        }
    ]


def test_the_cli_form_survives_a_shell() -> None:
    text = aws_cli(PLAN)
    assert text.startswith("aws rds create-db-snapshot --region eu-west-1 --profile dev --cli-input-json '{")
    assert "hunter2" not in text


def test_lines_say_steps_effects_and_undo() -> None:
    assert lines(PLAN) == [
        "Snapshot instance/orders-db",
        "  1 CreateDBSnapshot DBSnapshotIdentifier=it's MasterUserPassword=*** Blob=b'\\x00\\x01'",
        "  · I/O pauses briefly",
        "  undo: delete it",
    ]


@given(st.dictionaries(st.sampled_from(["Password", "MasterUserPassword", "Name", "ClientRequestToken"]), st.text()))
def test_secrets_never_survive(parameters: dict[str, str]) -> None:
    cleaned = without_secrets({"Outer": [parameters]})["Outer"][0]
    assert all(value == "***" for name, value in cleaned.items() if "Password" in name)
    assert all(cleaned[name] == parameters[name] for name in cleaned if "Password" not in name)
