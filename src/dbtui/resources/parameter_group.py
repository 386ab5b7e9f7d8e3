"""The ``parameter-group`` kind: DB parameter groups, list and show."""

from __future__ import annotations

from datetime import datetime

from dbtui.domain import states
from dbtui.domain.models import ParameterGroup
from dbtui.resources.columns import field, tags_section, text
from dbtui.resources.fetch import one
from dbtui.resources.model import Column, Kind, Section, Text

COLUMNS: tuple[Column[ParameterGroup], ...] = (
    Column("name", "name", lambda g, now: Text(g.id, "", g.id), min_width=20, max_width=60, frozen=True),
    Column("family", "family", lambda g, now: text(g.family), min_width=12, max_width=24),
    Column("description", "description", lambda g, now: text(g.description), min_width=20, max_width=80, priority=1),
)


def sections(group: ParameterGroup, now: datetime) -> tuple[Section, ...]:
    overview = (
        field("family", group.family),
        field("description", group.description),
        field("ARN", group.arn),
    )
    return (Section("Overview", overview), tags_section(group.tags))


PARAMETER_GROUP: Kind[ParameterGroup] = Kind(
    name="parameter-group",
    plural="parameter-groups",
    title="DB parameter groups",
    aliases=("pg", "pgs", "parametergroup", "parametergroups"),
    service="rds",
    arn_type="pg",
    columns=COLUMNS,
    listing=lambda gateway, target, query: gateway.parameter_groups(target, query.ids),
    get=lambda gateway, target, name: one(gateway.parameter_groups(target, (name,)), "parameter-group", name, target),
    status=lambda group: states.OK,
    sections=sections,
    export=lambda group: {"family": group.family, "description": group.description or None},
    operation="rds:DescribeDBParameterGroups",
    headline=lambda group: group.family,
    filters={"family": lambda group: group.family},
    help="Named sets of engine parameters. Default groups cannot be changed.",
)
