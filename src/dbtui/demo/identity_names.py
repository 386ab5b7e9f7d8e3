"""The demo's accounts, profiles and regions. Kept apart because it is needed before anything slow is imported."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    profile: str
    number: str
    alias: str

    @property
    def access_key(self) -> str:
        """A dummy of the right form that carries the account it belongs to."""
        return f"AKIADEMO{self.number}"


ACCOUNTS = (
    Account("demo", "111122223333", "example-dev"),
    Account("demo-prod", "444455556666", "example-production"),
    Account("demo-staging", "777788889999", "example-staging"),
)
DEFAULT = ACCOUNTS[0]
REGIONS = ("eu-west-1", "us-east-1", "eu-central-1")
DEFAULT_REGION = REGIONS[0]
