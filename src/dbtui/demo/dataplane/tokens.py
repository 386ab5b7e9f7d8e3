"""ClientRequestTokens: which transactions have already happened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dbtui.demo.protocol.errors import AwsError

LIFE = timedelta(minutes=10)


@dataclass
class Tokens:
    """Those of one account and region."""

    _seen: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def repeats(self, params: Mapping[str, Any], now: datetime) -> bool:
        """Whether this very transaction has happened within the last ten minutes."""
        token = params.get("ClientRequestToken")
        found = self._seen.get(token) if isinstance(token, str) else None
        if found is None or now - found[1] > LIFE:
            return False
        if found[0] != _fingerprint(params):
            raise AwsError(
                "IdempotentParameterMismatchException",
                "The request uses the same client token as a previous, but non-identical request.",
            )
        return True

    def remember(self, params: Mapping[str, Any], now: datetime) -> None:
        token = params.get("ClientRequestToken")
        if isinstance(token, str):
            self._seen[token] = (_fingerprint(params), now)


def _fingerprint(params: Mapping[str, Any]) -> str:
    return json.dumps(params["TransactItems"], sort_keys=True)
