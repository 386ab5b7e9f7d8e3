"""What can be copied of a resource, and how AWS's own tools name it."""

from __future__ import annotations

import shlex

from dbtui.actions.render import kebab
from dbtui.domain.models import Backup, Cluster, Instance, Resource
from dbtui.domain.scope import Scope
from dbtui.resources import kind_of, place_of
from dbtui.ui.details import raw_json
from dbtui.ui.screens.chooser import Choice

_ID_OPTIONS = {
    "instance": "--db-instance-identifier",
    "cluster": "--db-cluster-identifier",
    "instance-snapshot": "--db-snapshot-identifier",
    "cluster-snapshot": "--db-cluster-snapshot-identifier",
    "parameter-group": "--db-parameter-group-name",
}
_CONSOLE_PATHS = {
    "instance": "rds/home?region={region}#database:id={id};is-cluster=false",
    "cluster": "rds/home?region={region}#database:id={id};is-cluster=true",
    "table": "dynamodbv2/home?region={region}#table?name={id}",
}


def choices(model: Resource, row: str = "") -> list[Choice[str]]:
    """(label, text) of everything worth copying of a resource, in the order people want it."""
    found = [("place", place_of(model.ref)), ("id", model.id)]
    if model.name != model.id:
        found.append(("name", model.name))
    found += endpoints(model)
    found += [
        ("ARN", model.arn),
        ("AWS CLI command", describe_command(model)),
        ("console URL", console_url(model)),
        ("row as text", row),
    ]
    shown = [Choice(label, text, hint=text) for label, text in found if text]
    raw = raw_json(model) if model.raw else ""
    return [*shown, Choice("raw JSON", raw, hint=f"{raw.count(chr(10)) + 1:,} lines")] if raw else shown


def endpoints(model: Resource) -> list[tuple[str, str]]:
    """Where clients connect to."""
    if not isinstance(model, (Instance, Cluster)) or not model.host:
        return []
    port = f":{model.port}" if model.port else ""
    found = [("endpoint", f"{model.host}{port}")]
    if isinstance(model, Cluster) and model.reader_host:
        found.append(("reader endpoint", f"{model.reader_host}{port}"))
    return found


def describe_command(model: Resource) -> str:
    """The AWS CLI v2 command that shows the same resource."""
    scope, kind = model.ref.scope, kind_of(model.ref)
    option = _ID_OPTIONS.get(kind.name)
    if option is not None:
        words = ["aws", kind.service, kebab(kind.operation.partition(":")[2]), option, model.id]
    elif isinstance(model, Backup):
        words = ["aws", "dynamodb", "describe-backup", "--backup-arn", model.arn]
    elif kind.name == "table":
        words = ["aws", "dynamodb", "describe-table", "--table-name", model.id]
    else:
        return ""
    return shlex.join([*words, *_scope_options(scope)])


def _scope_options(scope: Scope) -> list[str]:
    return [
        "--region",
        scope.region,
        *(["--profile", scope.profile] if scope.profile else []),
        *(["--endpoint-url", scope.endpoint] if scope.endpoint else []),
    ]


def console_url(model: Resource) -> str:
    """The resource in AWS's web console; empty at a custom endpoint or where we know no address."""
    scope, path = model.ref.scope, _CONSOLE_PATHS.get(model.ref.kind)
    if path is None or scope.endpoint:
        return ""
    domain = "console.amazonaws.cn" if scope.region.startswith("cn-") else "console.aws.amazon.com"
    return f"https://{scope.region}.{domain}/{path.format(region=scope.region, id=model.id)}"
