"""A refusal, before it is written in the spelling of the request's protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class AwsError(Exception):
    """What AWS answers instead of a result: its code, its sentence, the HTTP status, further members (JSON only)."""

    def __init__(self, code: str, message: str, status: int = 400, *, members: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members: Mapping[str, Any] = members or {}


def invalid_parameter(message: str) -> AwsError:
    return AwsError("InvalidParameterValue", message)


def invalid_combination(message: str) -> AwsError:
    return AwsError("InvalidParameterCombination", message)


def validation(message: str) -> AwsError:
    """DynamoDB's word for a bad parameter."""
    return AwsError("ValidationException", message)
