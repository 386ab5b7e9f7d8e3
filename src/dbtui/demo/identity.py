"""Who is asking: the demo's accounts and profiles, STS's and IAM's answers about them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dbtui.demo import ids
from dbtui.demo.identity_names import ACCOUNTS
from dbtui.demo.protocol import query
from dbtui.demo.protocol.message import AwsRequest, Reply
from dbtui.demo.protocol.models import service_model
from dbtui.demo.protocol.reply import xml_reply
from dbtui.demo.world import World

_ROLE_PREFIX = "ASIADEMO"


def caller_arn(request: AwsRequest) -> str:
    if request.access_key.startswith(_ROLE_PREFIX):
        return f"arn:aws:sts::{request.account}:assumed-role/demo-role/demo"
    return f"arn:aws:iam::{request.account}:user/demo"


def answer(world: World, request: AwsRequest) -> Reply | None:
    """STS's and IAM's operations that the demo answers itself; None for the others."""
    handler = _OPERATIONS.get((request.service, request.operation))
    if handler is None:
        return None
    model = service_model(request.service).operation_model(request.operation)
    return xml_reply(model, handler(world, request, query.read_parameters(request.form, model.input_shape)))


def _get_caller_identity(_: World, request: AwsRequest, __: dict[str, Any]) -> dict[str, Any]:
    user = "AIDA" + ids.resource_id("u", request.account)[2:19]
    return {"UserId": user, "Account": request.account, "Arn": caller_arn(request)}


def _assume_role(world: World, _: AwsRequest, params: dict[str, Any]) -> dict[str, Any]:
    account, session = params["RoleArn"].split(":")[4], params["RoleSessionName"]
    expires = world.clock.now() + timedelta(seconds=params.get("DurationSeconds", 3600))
    role = params["RoleArn"].rpartition("/")[2]
    return {
        "Credentials": {
            "AccessKeyId": f"{_ROLE_PREFIX}{account}",
            "SecretAccessKey": "demo-secret",
            "SessionToken": "demo-token",
            "Expiration": expires,
        },
        "AssumedRoleUser": {
            "AssumedRoleId": f"AROA{account}:{session}",
            "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
        },
    }


def _list_account_aliases(_: World, request: AwsRequest, __: dict[str, Any]) -> dict[str, Any]:
    aliases = [account.alias for account in ACCOUNTS if account.number == request.account]
    return {"AccountAliases": aliases, "IsTruncated": False}


_OPERATIONS = {
    ("sts", "GetCallerIdentity"): _get_caller_identity,
    ("sts", "AssumeRole"): _assume_role,
    ("iam", "ListAccountAliases"): _list_account_aliases,
}
