"""Fault rules: which calls go wrong, how, and how often.

Grammar, rules separated by commas:

    service:Operation:action[:arg[:arg]][@region-or-account]…[#count]…

`*` matches anything within service and operation. `#3` means the first three matching calls, `#=3` only the third,
`#>3` every one after the third. Actions: throttle, 500, 500-after (the call has taken effect), 503-html,
delay:SECONDS, hang, reset, truncated, lost, expired, denied, unprocessed, garbage; each takes a probability as its last
argument, as in `dynamodb:Scan:throttle:0.2`.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

ACTIONS = (
    "throttle",
    "500",
    "500-after",
    "503-html",
    "delay",
    "hang",
    "reset",
    "truncated",
    "lost",
    "expired",
    "denied",
    "unprocessed",
    "garbage",
)


class FaultSyntaxError(ValueError):
    """A rule that cannot be read; the message says which and why."""


@dataclass(frozen=True)
class FaultRule:
    service: str
    operation: str
    action: str
    seconds: float = 0.0
    probability: float = 1.0
    places: tuple[str, ...] = ()
    """Regions or accounts the rule is limited to; all must hold."""
    nth: int | None = None
    after: int = 0
    count: int | None = None

    def concerns(self, service: str, operation: str, region: str, account: str) -> bool:
        return (
            fnmatchcase(service, self.service)
            and fnmatchcase(operation, self.operation)
            and all(place in (region, account) for place in self.places)
        )

    def strikes(self, call: int) -> bool:
        """Whether the rule's numbers cover its `call`-th matching call, counted from 1."""
        if self.nth is not None and call != self.nth:
            return False
        if call <= self.after:
            return False
        return self.count is None or call <= self.after + self.count


@dataclass
class _Counter:
    rule: FaultRule
    calls: int = 0


@dataclass
class FaultBook:
    """The rules in force, with their counts. Thread-safe; probabilities repeat from run to run."""

    rules: Iterable[FaultRule] = ()
    _counters: list[_Counter] = field(init=False, default_factory=list)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.replace(self.rules)

    def replace(self, rules: Iterable[FaultRule]) -> None:
        with self._lock:
            self._counters = [_Counter(rule) for rule in rules]
            self._random = random.Random(17)  # noqa: S311 - dice for faults, not secrets

    def drawn(self, service: str, operation: str, region: str, account: str) -> list[FaultRule]:
        """The rules that strike this call: every delay, and the first of the others."""
        struck: list[FaultRule] = []
        with self._lock:
            for counter in self._counters:
                rule = counter.rule
                if not rule.concerns(service, operation, region, account):
                    continue
                counter.calls += 1
                if not rule.strikes(counter.calls) or self._random.random() >= rule.probability:
                    continue
                if rule.action == "delay" or all(other.action == "delay" for other in struck):
                    struck.append(rule)
        return struck


def parse_rules(text: str) -> list[FaultRule]:
    """Every rule of a comma-separated list; FaultSyntaxError names the first that is wrong."""
    return [_parse_rule(part.strip()) for part in text.split(",") if part.strip()]


def rules_from_json(value: object) -> list[FaultRule]:
    """Rules of the admin endpoint: the grammar's text, or a list of such texts or of FaultRule's fields."""
    if isinstance(value, str):
        return parse_rules(value)
    if not isinstance(value, list):
        raise FaultSyntaxError("rules must be a text or a list")
    rules: list[FaultRule] = []
    for entry in value:
        rules.extend(parse_rules(entry) if isinstance(entry, str) else [_rule_of_object(entry)])
    return rules


def _rule_of_object(entry: Mapping[str, Any]) -> FaultRule:
    known = {"service", "operation", "action", "seconds", "probability", "nth", "after", "count", "region", "account"}
    unknown = set(entry) - known
    if unknown:
        raise FaultSyntaxError(f"unknown field {sorted(unknown)[0]!r} in a fault rule")
    values = dict(entry)
    places = tuple(str(values.pop(name)) for name in ("region", "account") if name in values)
    try:
        rule = FaultRule(**{"service": "*", "operation": "*", **values}, places=places)
    except TypeError:
        raise FaultSyntaxError("a fault rule needs an action") from None
    _check_action(rule.action, str(entry))
    return rule


_QUALIFIER = re.compile(r"([@#])([^@#]*)")


def _parse_rule(text: str) -> FaultRule:
    head = re.split(r"[@#]", text, maxsplit=1)[0]
    parts = head.split(":")
    if len(parts) < 3 or not all(parts):
        raise FaultSyntaxError(f"fault rule {text!r}: write service:Operation:action[:arg][@region][#count]")
    service, operation, action, *arguments = parts
    _check_action(action, text)
    rule = _with_arguments(FaultRule(service.lower(), operation, action), arguments, text)
    for sign, value in _QUALIFIER.findall(text[len(head) :]):
        if not value:
            raise FaultSyntaxError(f"fault rule {text!r}: nothing follows {sign!r}")
        rule = replace(rule, places=(*rule.places, value)) if sign == "@" else _with_count(rule, value, text)
    return rule


def _check_action(action: str, text: str) -> None:
    if action not in ACTIONS:
        raise FaultSyntaxError(f"fault rule {text!r}: unknown action {action!r}; known: {', '.join(ACTIONS)}")


def _with_arguments(rule: FaultRule, arguments: list[str], text: str) -> FaultRule:
    rest = list(arguments)
    if rule.action == "delay":
        if not rest:
            raise FaultSyntaxError(f"fault rule {text!r}: delay needs seconds, as in delay:2s")
        rule = replace(rule, seconds=_number(rest.pop(0).removesuffix("s"), text))
    if rest:
        rule = replace(rule, probability=_number(rest.pop(0), text))
    if rest:
        raise FaultSyntaxError(f"fault rule {text!r}: too many arguments")
    if not 0 < rule.probability <= 1:
        raise FaultSyntaxError(f"fault rule {text!r}: a probability lies between 0 and 1")
    return rule


def _with_count(rule: FaultRule, value: str, text: str) -> FaultRule:
    digits = value.lstrip("=>")
    if not digits.isdigit() or value not in (digits, f"={digits}", f">{digits}") or (int(digits) == 0):
        raise FaultSyntaxError(f"fault rule {text!r}: bad count {value!r}; write #3, #=3 or #>3")
    number = int(digits)
    if value.startswith("="):
        return replace(rule, nth=number)
    if value.startswith(">"):
        return replace(rule, after=number)
    return replace(rule, count=number)


def _number(text: str, rule: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise FaultSyntaxError(f"fault rule {rule!r}: {text!r} is not a number") from None
    if not 0 <= value < 86400:
        raise FaultSyntaxError(f"fault rule {rule!r}: {text} is out of range")
    return value
