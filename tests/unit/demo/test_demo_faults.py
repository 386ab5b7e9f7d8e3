from __future__ import annotations

import pytest

from dbtui.demo.faults import FaultBook, FaultRule, FaultSyntaxError, parse_rules, rules_from_json
from dbtui.demo.options import parse_options

EU = ("eu-west-1", "111122223333")


def strikes(rules: str, calls: list[tuple[str, str]], place: tuple[str, str] = EU) -> list[list[str]]:
    book = FaultBook(parse_rules(rules))
    return [[rule.action for rule in book.drawn(service, operation, *place)] for service, operation in calls]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("dynamodb:Scan:throttle:0.2", FaultRule("dynamodb", "Scan", "throttle", probability=0.2)),
        ("rds:*:delay:2s", FaultRule("rds", "*", "delay", seconds=2.0)),
        ("rds:*:delay:0.5:0.1", FaultRule("rds", "*", "delay", seconds=0.5, probability=0.1)),
        ("rds:CreateDBSnapshot:lost#1", FaultRule("rds", "CreateDBSnapshot", "lost", count=1)),
        ("rds:Describe*:500#=3", FaultRule("rds", "Describe*", "500", nth=3)),
        ("*:*:expired#>5#2", FaultRule("*", "*", "expired", after=5, count=2)),
        (
            "RDS:*:503-html@us-east-1@444455556666",
            FaultRule("rds", "*", "503-html", places=("us-east-1", "444455556666")),
        ),
    ],
)
def test_grammar(text: str, rule: FaultRule) -> None:
    assert parse_rules(text) == [rule]


def test_several_rules_and_blanks() -> None:
    assert [rule.action for rule in parse_rules(" rds:*:hang , dynamodb:*:reset,")] == ["hang", "reset"]


@pytest.mark.parametrize(
    "text",
    [
        "rds", "rds:*", "rds::throttle", "rds:*:explode", "rds:*:delay", "rds:*:delay:soon", "rds:*:throttle:2",
        "rds:*:throttle:0", "rds:*:throttle:0.1:0.2", "rds:*:lost#", "rds:*:lost#x", "rds:*:lost#0", "rds:*:lost@",
        "rds:*:lost#=>1",
    ],
)  # fmt: skip
def test_bad_rules_name_themselves(text: str) -> None:
    with pytest.raises(FaultSyntaxError, match="fault rule") as caught:
        parse_rules(f"rds:*:hang,{text}")
    assert text in str(caught.value)


def test_bad_rules_end_the_program_with_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_options(["--faults", "rds:*:explode"])
    assert caught.value.code == 2
    assert "unknown action 'explode'" in capsys.readouterr().err


def test_counts() -> None:
    scan = [("dynamodb", "Scan")] * 4
    assert strikes("dynamodb:Scan:hang#2", scan) == [["hang"], ["hang"], [], []]
    assert strikes("dynamodb:Scan:hang#=2", scan) == [[], ["hang"], [], []]
    assert strikes("dynamodb:Scan:hang#>2", scan) == [[], [], ["hang"], ["hang"]]
    assert strikes("dynamodb:Scan:hang#>1#1", scan) == [[], ["hang"], [], []]


def test_only_matching_calls_count() -> None:
    calls = [("dynamodb", "Query"), ("rds", "Scan"), ("dynamodb", "Scan")]
    assert strikes("dynamodb:Scan:reset#1", calls) == [[], [], ["reset"]]


def test_places_limit_a_rule() -> None:
    rule = "rds:*:denied@us-east-1"
    assert strikes(rule, [("rds", "X")]) == [[]]
    assert strikes(rule, [("rds", "X")], ("us-east-1", "1")) == [["denied"]]
    assert strikes("rds:*:denied@1@us-east-1", [("rds", "X")], ("us-east-1", "2")) == [[]]


def test_delays_combine_with_the_first_other_action() -> None:
    rules = "rds:*:delay:1,rds:*:throttle,rds:*:hang,rds:*:delay:2"
    assert strikes(rules, [("rds", "X")]) == [["delay", "throttle", "delay"]]


def test_probability_repeats_from_run_to_run() -> None:
    calls = [("rds", "X")] * 200
    first, second = strikes("rds:*:throttle:0.2", calls), strikes("rds:*:throttle:0.2", calls)
    assert first == second
    assert 20 < sum(map(bool, first)) < 60


def test_rules_as_json_objects() -> None:
    assert rules_from_json([{"service": "rds", "action": "delay", "seconds": 1, "region": "us-east-1"}]) == [
        FaultRule("rds", "*", "delay", seconds=1, places=("us-east-1",))
    ]
    assert rules_from_json(["rds:*:hang", "rds:*:lost"])[1].action == "lost"
    bad: list[object] = [{}, [{"service": "rds"}], [{"action": "hang", "colour": "red"}], [{"action": "melt"}]]
    for wrong in bad:
        with pytest.raises(FaultSyntaxError):
            rules_from_json(wrong)
