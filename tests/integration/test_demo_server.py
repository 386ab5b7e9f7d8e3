"""The embedded AWS as its parent and the real client see it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aioboto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError, ReadTimeoutError
from botocore.parsers import ResponseParserError
from demo_support import DemoServer, source_environment, wait_until

DEMO, PROD = "111122223333", "444455556666"
ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=3, read_timeout=10)


@pytest.fixture(scope="module")
def running() -> Iterator[DemoServer]:
    with DemoServer() as demo:
        demo.wait_for_phase("ready")
        yield demo


@pytest.fixture
def demo(running: DemoServer) -> Iterator[DemoServer]:
    """The company afresh, without faults."""
    running.reset()
    yield running
    running.faults("")


_AIOBOTO3: Any = aioboto3  # it has no types
_SESSION = _AIOBOTO3.Session()


def client(
    demo: DemoServer, service: str, *, account: str = DEMO, region: str = "eu-west-1", config: Config = ONCE
) -> Any:
    return _SESSION.client(
        service,
        region_name=region,
        endpoint_url=demo.endpoint,
        aws_access_key_id=f"AKIADEMO{account}",
        aws_secret_access_key="x",
        config=config,
    )


async def lists(demo: DemoServer) -> dict[str, Any]:
    """What a client shows first, without what moves with the clock."""
    async with client(demo, "rds") as rds, client(demo, "dynamodb") as dynamodb, client(demo, "sts") as sts:
        found = {
            "who": await sts.get_caller_identity(),
            "instances": await rds.describe_db_instances(),
            "clusters": await rds.describe_db_clusters(),
            "snapshots": await rds.describe_db_snapshots(),
            "cluster snapshots": await rds.describe_db_cluster_snapshots(),
            "tables": await dynamodb.list_tables(),
            "orders": await dynamodb.describe_table(TableName="orders"),
            "backups": await dynamodb.list_backups(),
        }
    for reply in found.values():
        del reply["ResponseMetadata"]
    for row in [*found["instances"]["DBInstances"], *found["clusters"]["DBClusters"]]:
        row.pop("LatestRestorableTime", None)
        row.pop("EarliestRestorableTime", None)
    for row in found["snapshots"]["DBSnapshots"]:
        row.pop("PercentProgress")
    return found


async def test_early_answers_equal_later_ones() -> None:
    with DemoServer() as demo:
        phases = []
        early = await lists(demo)
        async with client(demo, "dynamodb") as dynamodb:
            page = await dynamodb.scan(TableName="all-types", Limit=3)
        assert page["Count"] == 3, "items do not wait for moto"
        while "ready" not in phases:
            phases.append(demo.next_line()["phase"])
        assert phases == ["serving", "importing moto", "seeding items", "ready"]
        assert await lists(demo) == early


def test_announcement_and_private_files() -> None:
    with DemoServer("empty") as demo:
        line = demo.announcement
        assert line["profiles"] == ["demo", "demo-prod", "demo-staging"]
        assert line["default_profile"] == "demo"
        assert line["regions"] == ["eu-west-1", "us-east-1", "eu-central-1"]
        assert line["pid"] == demo.process.pid
        assert demo.endpoint.startswith("http://127.0.0.1:")
        files = [Path(line["config_file"]), Path(line["credentials_file"])]
        assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]
        assert stat.S_IMODE(files[0].parent.stat().st_mode) == 0o700
        assert "[profile demo-prod]" in files[0].read_text()
    assert demo.process.returncode == 0
    assert not files[0].parent.exists()


async def test_the_profiles_are_accounts_of_their_own(running: DemoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in running.env.items():
        monkeypatch.setenv(name, value)
    seen = []
    for profile in running.announcement["profiles"]:
        session = _AIOBOTO3.Session(profile_name=profile)
        async with session.client("sts") as sts, session.client("iam") as iam:
            who = await sts.get_caller_identity()
            aliases = (await iam.list_account_aliases())["AccountAliases"]
        seen.append((who["Account"], who["Arn"], aliases))
    assert seen == [
        (DEMO, f"arn:aws:iam::{DEMO}:user/demo", ["example-dev"]),
        (PROD, f"arn:aws:iam::{PROD}:user/demo", ["example-production"]),
        ("777788889999", "arn:aws:iam::777788889999:user/demo", ["example-staging"]),
    ]


async def test_accounts_and_regions_do_not_mix(demo: DemoServer) -> None:
    async with client(demo, "rds", account=PROD) as rds, client(demo, "dynamodb", account=PROD) as dynamodb:
        rows = (await rds.describe_db_instances())["DBInstances"]
        assert {row["DBInstanceIdentifier"] for row in rows} == {"orders-db", "payments-db"}
        assert all(f":{PROD}:" in row["DBInstanceArn"] for row in rows)
        await dynamodb.put_item(TableName="payments", Item={"payment_id": {"S": "p1"}})
        assert (await dynamodb.scan(TableName="payments"))["Count"] == 1
    async with client(demo, "dynamodb") as dynamodb:
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            await dynamodb.scan(TableName="payments")
    async with client(demo, "rds", region="eu-central-1") as rds:
        assert (await rds.describe_db_instances())["DBInstances"] == []


async def test_a_snapshot_from_creating_to_available(demo: DemoServer) -> None:
    async with client(demo, "rds") as rds:
        made = await rds.create_db_snapshot(
            DBInstanceIdentifier="billing-db", DBSnapshotIdentifier="now", Tags=[{"Key": "by", "Value": "test"}]
        )
        assert made["DBSnapshot"]["Status"] == "creating"
        demo.advance(12)
        found = (await rds.describe_db_snapshots(DBSnapshotIdentifier="now"))["DBSnapshots"][0]
        assert (found["Status"], found["PercentProgress"]) == ("available", 100)
        assert {"Key": "by", "Value": "test"} in found["TagList"]
        with pytest.raises(rds.exceptions.DBSnapshotAlreadyExistsFault):
            await rds.create_db_snapshot(DBInstanceIdentifier="billing-db", DBSnapshotIdentifier="now")


async def test_items_of_a_table_that_was_just_created(demo: DemoServer) -> None:
    key = {"AttributeName": "pk", "KeyType": "HASH"}
    async with client(demo, "dynamodb") as dynamodb:
        await dynamodb.create_table(
            TableName="fresh",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[key],
            BillingMode="PAY_PER_REQUEST",
        )
        with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
            await dynamodb.put_item(TableName="fresh", Item={"pk": {"S": "a"}})
        demo.advance(10)
        await dynamodb.put_item(TableName="fresh", Item={"pk": {"S": "a"}, "n": {"N": "1"}})
        found = await dynamodb.get_item(TableName="fresh", Key={"pk": {"S": "a"}}, ConsistentRead=True)
        assert found["Item"] == {"pk": {"S": "a"}, "n": {"N": "1"}}
        await dynamodb.delete_table(TableName="fresh")
        with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
            await dynamodb.get_item(TableName="fresh", Key={"pk": {"S": "a"}})


@pytest.mark.parametrize(
    ("service", "call", "member"),
    [
        ("logs", "describe_log_groups", "logGroups"),
        ("cloudwatch", "describe_alarms", "MetricAlarms"),
        ("secretsmanager", "list_secrets", "SecretList"),
        ("application-autoscaling", "describe_scalable_targets", "ScalableTargets"),
        ("kms", "list_keys", "Keys"),
    ],
)
async def test_other_services_come_from_moto(running: DemoServer, service: str, call: str, member: str) -> None:
    params = {"ServiceNamespace": "dynamodb"} if service == "application-autoscaling" else {}
    async with client(running, service) as aws:
        assert (await getattr(aws, call)(**params))[member] == []


async def test_streams_and_indexes_follow_the_tables(demo: DemoServer) -> None:
    query = {
        "TableName": "features",
        "IndexName": "by-percent",
        "KeyConditionExpression": "#p = :p",
        "ExpressionAttributeNames": {"#p": "percent"},
        "ExpressionAttributeValues": {":p": {"N": "5"}},
    }
    create = {
        "IndexName": "by-percent",
        "KeySchema": [{"AttributeName": "percent", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    definitions = [{"AttributeName": "name", "AttributeType": "S"}, {"AttributeName": "percent", "AttributeType": "N"}]
    async with client(demo, "dynamodb") as dynamodb, client(demo, "dynamodbstreams") as streams:
        await dynamodb.update_table(
            TableName="features",
            AttributeDefinitions=definitions,
            GlobalSecondaryIndexUpdates=[{"Create": create}],
        )
        with pytest.raises(ClientError, match="backfilling"):
            await dynamodb.query(**query)
        demo.advance(120)
        assert (await dynamodb.query(**query))["Items"]
        arn = (await dynamodb.describe_table(TableName="carts"))["Table"]["LatestStreamArn"]
        await dynamodb.put_item(TableName="carts", Item={"cart_id": {"S": "new"}})
        shard = (await streams.describe_stream(StreamArn=arn))["StreamDescription"]["Shards"][0]["ShardId"]
        start = await streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        records = (await streams.get_records(ShardIterator=start["ShardIterator"]))["Records"]
        assert [record["eventName"] for record in records] == ["INSERT"], "the seed's items are older than the stream"


async def test_a_bad_query_is_refused_and_not_retried(demo: DemoServer) -> None:
    async with client(demo, "dynamodb") as dynamodb:
        with pytest.raises(ClientError, match="ValidationException"):
            await dynamodb.query(
                TableName="sensors",
                KeyConditionExpression="device = :d and begins_with(#a, :b)",
                ExpressionAttributeNames={"#a": "at"},
                ExpressionAttributeValues={":d": {"S": "sensor-01"}, ":b": {"N": "1"}},
            )


async def test_an_assumed_role_belongs_to_its_account(running: DemoServer) -> None:
    async with client(running, "sts") as sts:
        reply = await sts.assume_role(RoleArn=f"arn:aws:iam::{PROD}:role/ops", RoleSessionName="session")
    assumed = reply["Credentials"]
    async with _SESSION.client(
        "sts",
        region_name="eu-west-1",
        endpoint_url=running.endpoint,
        aws_access_key_id=assumed["AccessKeyId"],
        aws_secret_access_key=assumed["SecretAccessKey"],
        aws_session_token=assumed["SessionToken"],
    ) as sts:
        assert (await sts.get_caller_identity())["Account"] == PROD


async def test_large_table_is_counted_without_being_stored(demo: DemoServer) -> None:
    async with client(demo, "dynamodb") as dynamodb:
        assert (await dynamodb.describe_table(TableName="orders"))["Table"]["ItemCount"] == 20_480


@pytest.mark.parametrize(
    ("service", "call", "params", "code"),
    [
        ("rds", "describe_db_engine_versions", {}, "InvalidAction"),
        ("dynamodb", "list_imports", {}, "UnknownOperationException"),
        ("dynamodb", "list_contributor_insights", {}, "UnknownOperationException"),
        ("cloudtrail", "lookup_events", {}, "UnknownOperationException"),
        ("cloudwatch", "describe_alarm_history", {}, "InvalidAction"),
        ("account", "list_regions", {}, "InvalidAction"),
    ],
)
async def test_what_is_not_answered_is_refused_in_the_right_protocol(
    running: DemoServer, service: str, call: str, params: dict[str, Any], code: str
) -> None:
    async with client(running, service) as aws:
        with pytest.raises(ClientError) as caught:
            await getattr(aws, call)(**params)
    assert caught.value.response["Error"]["Code"] == code


FAULTS = [
    ("throttle", ClientError, "Throttling", "ProvisionedThroughputExceededException"),
    ("500", ClientError, "InternalFailure", "InternalServerError"),
    ("503-html", ClientError, "503", "503"),
    ("expired", ClientError, "ExpiredToken", "ExpiredTokenException"),
    ("denied", ClientError, "AccessDenied", "AccessDeniedException"),
    ("reset", HTTPClientError, None, None),
    ("lost", HTTPClientError, None, None),
    ("truncated", (HTTPClientError, ResponseParserError), None, None),
    ("hang", ReadTimeoutError, None, None),
]


@pytest.mark.parametrize(("action", "kind", "query_code", "json_code"), FAULTS, ids=[row[0] for row in FAULTS])
async def test_faults_as_the_client_sees_them(
    demo: DemoServer, action: str, kind: Any, query_code: str | None, json_code: str | None
) -> None:
    demo.faults(f"rds:DescribeDBInstances:{action}#1,dynamodb:ListTables:{action}#1")
    impatient = ONCE.merge(Config(read_timeout=1.5))
    async with client(demo, "rds", config=impatient) as rds, client(demo, "dynamodb", config=impatient) as dynamodb:
        for call, code in ((rds.describe_db_instances, query_code), (dynamodb.list_tables, json_code)):
            with pytest.raises(kind) as caught:
                await call()
            if code:
                assert caught.value.response["Error"]["Code"] == code
            await call()
    struck = [call for call in demo.calls() if call.get("faults") == [action]]
    assert [call["operation"] for call in struck] == ["DescribeDBInstances", "ListTables"]


async def test_garbage_cannot_be_parsed(demo: DemoServer) -> None:
    demo.faults("*:*:garbage")
    async with client(demo, "rds") as rds, client(demo, "dynamodb") as dynamodb:
        with pytest.raises(ResponseParserError):
            await rds.describe_db_instances()
        # Stock botocore hides it in JSON protocols: a list that looks empty. A careful client must not.
        assert "TableNames" not in await dynamodb.list_tables()


async def test_a_lost_reply_has_taken_effect(demo: DemoServer) -> None:
    demo.faults("rds:CreateDBSnapshot:lost#1,rds:StopDBInstance:reset#1")
    async with client(demo, "rds") as rds:
        with pytest.raises(ConnectionClosedError):
            await rds.create_db_snapshot(DBInstanceIdentifier="billing-db", DBSnapshotIdentifier="lost-one")
        assert (await rds.describe_db_snapshots(DBSnapshotIdentifier="lost-one"))["DBSnapshots"]
        with pytest.raises(ConnectionClosedError):
            await rds.stop_db_instance(DBInstanceIdentifier="erp-sql")
        found = await rds.describe_db_instances(DBInstanceIdentifier="erp-sql")
        assert found["DBInstances"][0]["DBInstanceStatus"] == "available", "a reset call never arrived"


async def test_denied_names_the_action_and_the_user(demo: DemoServer) -> None:
    demo.faults("rds:DescribeDBSnapshots:denied")
    async with client(demo, "rds") as rds:
        with pytest.raises(ClientError) as caught:
            await rds.describe_db_snapshots()
    message = caught.value.response["Error"]["Message"]
    assert f"User: arn:aws:iam::{DEMO}:user/demo is not authorized to perform: rds:DescribeDBSnapshots" in message


async def test_faults_can_be_limited_to_a_region(demo: DemoServer) -> None:
    demo.faults("rds:*:throttle@us-east-1")
    async with client(demo, "rds") as here, client(demo, "rds", region="us-east-1") as there:
        await here.describe_db_instances()
        with pytest.raises(ClientError, match="Rate exceeded"):
            await there.describe_db_instances()


async def test_delay_and_retry(demo: DemoServer) -> None:
    demo.faults("sts:*:delay:0.3s,dynamodb:ListTables:500#1")
    patient = Config(retries={"mode": "standard", "total_max_attempts": 3})
    async with client(demo, "sts") as sts, client(demo, "dynamodb", config=patient) as dynamodb:
        with pytest.raises(ReadTimeoutError):
            async with client(demo, "sts", config=ONCE.merge(Config(read_timeout=0.1))) as hasty:
                await hasty.get_caller_identity()
        await sts.get_caller_identity()
        assert (await dynamodb.list_tables())["ResponseMetadata"]["RetryAttempts"] == 1


async def test_unprocessed_items_and_keys(demo: DemoServer) -> None:
    demo.faults("dynamodb:Batch*:unprocessed#2")
    puts = [{"PutRequest": {"Item": {"name": {"S": f"n{number}"}}}} for number in range(4)]
    keys = [{"name": {"S": f"n{number}"}} for number in range(4)]
    async with client(demo, "dynamodb") as dynamodb:
        reply = await dynamodb.batch_write_item(RequestItems={"features": puts})
        assert reply["UnprocessedItems"] == {"features": puts[2:]}
        half = await dynamodb.batch_get_item(RequestItems={"features": {"Keys": keys}})
        assert half["UnprocessedKeys"]["features"]["Keys"] == keys[2:]
        whole = await dynamodb.batch_get_item(RequestItems={"features": {"Keys": keys}})
        assert len(whole["Responses"]["features"]) == 2


@pytest.mark.parametrize(("size", "empty"), [(None, False), (7, False), (7, True), (None, True), (1, True)])
async def test_item_pages_hold_everything_once(demo: DemoServer, size: int | None, empty: bool) -> None:
    demo.pages(size, empty=empty)
    async with client(demo, "dynamodb") as dynamodb:
        found, sizes = [], []
        async for page in dynamodb.get_paginator("scan").paginate(TableName="features"):
            sizes.append(len(page["Items"]))
            found += [item["name"]["S"] for item in page["Items"]]
        assert sorted(found) == [f"feature-{number:02d}" for number in range(24)]
        assert max(sizes) <= (size or 24)
        assert (0 in sizes[:-1]) == (empty and size != 1)
        query = {
            "TableName": "ledger",
            "KeyConditionExpression": "account_id = :a",
            "ExpressionAttributeValues": {":a": {"S": "acc-0001"}},
        }
        pages = [page async for page in dynamodb.get_paginator("query").paginate(**query)]
        assert [int(item["entry"]["N"]) for page in pages for item in page["Items"]] == list(range(20))


async def test_resource_pages_of_the_real_paginators(demo: DemoServer) -> None:
    async with client(demo, "rds") as rds, client(demo, "dynamodb") as dynamodb:
        whole = [row["DBSnapshotIdentifier"] for row in (await rds.describe_db_snapshots())["DBSnapshots"]]
        names = (await dynamodb.list_tables())["TableNames"]
        demo.pages(4, empty=True)
        pages = [page async for page in rds.get_paginator("describe_db_snapshots").paginate()]
        assert [row["DBSnapshotIdentifier"] for page in pages for row in page["DBSnapshots"]] == whole
        assert [len(page["DBSnapshots"]) for page in pages][:3] == [4, 0, 4]
        listed = [page["TableNames"] async for page in dynamodb.get_paginator("list_tables").paginate()]
        assert listed[0] == []
        assert [name for page in listed for name in page] == names


async def test_admin_patches_raw_members(demo: DemoServer) -> None:
    demo.patch(DEMO, "eu-west-1", "instance", "billing-db", DBInstanceStatus="melting", DbiResourceId="db-OTHER")
    demo.patch(
        DEMO, "eu-west-1", "table", "features", TableStatus="ARCHIVED", CreationDateTime="2020-01-02T03:04:05+00:00"
    )
    async with client(demo, "rds") as rds, client(demo, "dynamodb") as dynamodb:
        row = (await rds.describe_db_instances(DBInstanceIdentifier="billing-db"))["DBInstances"][0]
        assert (row["DBInstanceStatus"], row["DbiResourceId"]) == ("melting", "db-OTHER")
        table = (await dynamodb.describe_table(TableName="features"))["Table"]
        assert (table["TableStatus"], table["CreationDateTime"].year) == ("ARCHIVED", 2020)
    with pytest.raises(AssertionError, match="no instance 'nobody'"):
        demo.patch(DEMO, "eu-west-1", "instance", "nobody", DBInstanceStatus="x")
    with pytest.raises(AssertionError, match="unknown action"):
        demo.faults("rds:*:explode")


async def test_admin_resets_to_another_seed(demo: DemoServer) -> None:
    demo.reset("fleet:150,tables:3,snapshots:10")
    async with client(demo, "rds") as rds, client(demo, "dynamodb") as dynamodb:
        first = await rds.describe_db_instances()
        assert len(first["DBInstances"]) == 100
        assert len((await rds.describe_db_instances(Marker=first["Marker"]))["DBInstances"]) == 50
        assert len((await rds.describe_db_snapshots())["DBSnapshots"]) == 10
        assert len((await dynamodb.list_tables())["TableNames"]) == 3
    assert [call["operation"] for call in demo.calls()] == [
        "DescribeDBInstances",
        "DescribeDBInstances",
        "DescribeDBSnapshots",
        "ListTables",
    ]
    demo.post("/_demo/calls/clear")
    assert demo.calls() == []


def test_connections_are_kept_alive(running: DemoServer) -> None:
    connection = http.client.HTTPConnection(running.endpoint.removeprefix("http://"), timeout=5)
    sockets = set()
    for _ in range(3):
        connection.request("GET", "/_demo/clock")
        reply = connection.getresponse()
        assert "now" in json.load(reply)
        sockets.add(connection.sock.getsockname() if connection.sock else None)
    connection.close()
    assert len(sockets) == 1
    assert None not in sockets


def test_unsigned_requests_are_refused(running: DemoServer) -> None:
    connection = http.client.HTTPConnection(running.endpoint.removeprefix("http://"), timeout=5)
    connection.request("POST", "/", body="Action=DescribeDBInstances")
    assert connection.getresponse().status == 403
    connection.close()


def gone(pid: int) -> bool:
    """Ended, or ended and not yet collected by whoever has inherited it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"


PARENT = """
import subprocess, sys, time
command = [sys.executable, "-m", "dbtui.demo", "--seed", "empty"]
child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
sys.stdout.buffer.write(child.stdout.readline())
sys.stdout.flush()
time.sleep(600)
"""


HOLDER = """
subprocess.Popen(["sleep", "6"], pass_fds=[child.stdin.fileno()], stdout=subprocess.DEVNULL)
time.sleep(600)
"""


@pytest.mark.parametrize("held_open", [False, True], ids=["stdin-ends", "stdin-held-open-by-another"])
def test_it_ends_when_its_parent_is_killed(held_open: bool) -> None:
    if held_open and not sys.platform.startswith("linux"):
        pytest.skip("the kernel tells of a parent's death on Linux only")
    script = PARENT.replace("time.sleep(600)", HOLDER) if held_open else PARENT
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=source_environment()) as parent:
        assert parent.stdout is not None
        line = json.loads(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        wait_until(lambda: gone(line["pid"]), timeout=2)
    assert not Path(line["config_file"]).parent.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_on_a_signal_even_while_moto_is_being_imported(number: signal.Signals) -> None:
    with DemoServer("empty") as demo:
        demo.wait_for_phase("importing moto")
        demo.process.send_signal(number)
        assert demo.process.wait(timeout=2) == 0
        assert not Path(demo.announcement["config_file"]).parent.exists()


def test_it_lives_on_when_nobody_reads_its_output() -> None:
    with DemoServer("empty") as demo:
        assert demo.process.stdout is not None
        demo.process.stdout.close()
        demo.post("/_demo/reset", {"seed": "empty"})
        assert demo.process.poll() is None


def test_bad_options_end_with_one_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dbtui.demo", "--faults", "rds:*:explode"],
        capture_output=True,
        text=True,
        env=source_environment(),
        timeout=20,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "unknown action 'explode'" in done.stderr
