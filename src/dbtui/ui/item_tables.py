"""Finding the table whose items shall be shown, when only its name is known."""

from __future__ import annotations

from collections.abc import Sequence

from dbtui.domain.failures import AwsError, FailureKind
from dbtui.domain.models import Table
from dbtui.domain.scope import Target
from dbtui.gateway.protocol import Gateway
from dbtui.resources.fetch import not_found


async def find_table(gateway: Gateway, targets: Sequence[Target], name: str) -> Table:
    """The table as DescribeTable tells it, from the first target that has it; raises its failure if none does."""
    missing: AwsError | None = None
    for target in targets:
        try:
            return await gateway.table(target, name)
        except AwsError as error:
            if error.failure.kind is not FailureKind.NOT_FOUND:
                raise
            missing = error
    raise missing if missing is not None else not_found("table", name, Target("", ""))
