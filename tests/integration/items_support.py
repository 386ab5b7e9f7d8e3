"""The items screen in a terminal: its table in the embedded AWS, a second client, and the drafts on the disk."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from demo_support import DemoServer
from program import CODE, Dbtui
from tmux_support import Screen, screen

from dbtui.domain.item_place import item_place
from dbtui.domain.models import KeyPart
from dbtui.domain.values import Item

COMMAND = [sys.executable, "-c", CODE]
TERMINAL = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": os.environ["PATH"]}
TABLE = "walk"
KEYS = (KeyPart("pk", "HASH", "S"), KeyPart("sk", "RANGE", "S"))
SECONDS = 30.0


class Shop:
    """The table ``walk`` with a partial index by status, as a second client sees it."""

    def __init__(self, demo: DemoServer) -> None:
        self.demo = demo
        session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="y", region_name=demo.env["AWS_REGION"])
        self.client = session.client("dynamodb", endpoint_url=demo.endpoint)

    def make_table(self) -> None:
        types = {"pk": "S", "sk": "S", "status": "S", "at": "N"}
        self.client.create_table(
            TableName=TABLE,
            KeySchema=_schema("pk", "sk"),
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-status",
                    "KeySchema": _schema("status", "at"),
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        self.client.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 1})

    def put(self, pk: str, sk: str, **more: Any) -> Item:
        item: Item = {"pk": {"S": pk}, "sk": {"S": sk}, **more}
        self.client.put_item(TableName=TABLE, Item=item)
        return item

    def update(self, item: Item, name: str, value: dict[str, Any]) -> None:
        """An unconditional write of one attribute, as an application does it."""
        self.client.update_item(
            TableName=TABLE,
            Key=key(item),
            UpdateExpression="SET #n = :v",
            ExpressionAttributeNames={"#n": name},
            ExpressionAttributeValues={":v": value},
        )

    def get(self, item: Item) -> Item | None:
        found = self.client.get_item(TableName=TABLE, Key=key(item), ConsistentRead=True)
        stored: Item | None = found.get("Item")
        return stored


def _schema(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": role} for name, role in zip(names, ("HASH", "RANGE"), strict=True)]


def key(item: Item) -> Item:
    return {part.name: item[part.name] for part in KEYS}


def place(item: Item) -> str:
    """What ``--open`` takes to show the item."""
    return item_place(TABLE, item, KEYS)


def terminal_environment(dbtui: Dbtui, **more: str) -> dict[str, str]:
    wanted = ("AWS_", "DBTUI_", "HOME", "PYTHON")
    kept = {name: value for name, value in dbtui.environment.items() if name.startswith(wanted)}
    return TERMINAL | kept | more


@contextmanager
def items_screen(
    dbtui: Dbtui, where: str = f"table/{TABLE}", size: tuple[int, int] = (100, 30), **environment: str
) -> Iterator[Screen]:
    """The program in tmux, opened at a place."""
    with screen([*COMMAND, "--open", where], terminal_environment(dbtui, **environment), dbtui.folder, size) as shown:
        yield shown


def drafts(dbtui: Dbtui) -> list[dict[str, Any]]:
    """What is kept on the disk."""
    folder = dbtui.folder / "state" / "drafts"
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.draft.json"))]


def draft_texts(dbtui: Dbtui) -> str:
    """The texts of all drafts; of an attribute's form, what stands in its field."""
    texts = [draft["text"] for draft in drafts(dbtui)]
    return "\n".join(json.loads(text)["text"] if text.startswith('{"type"') else text for text in texts)


def until_drafted(dbtui: Dbtui, words: str, seconds: float = SECONDS) -> None:
    """Waits until what was typed is on the disk."""
    end = time.monotonic() + seconds
    while words not in draft_texts(dbtui):
        assert time.monotonic() < end, f"{words!r} is in no draft: {drafts(dbtui)}"
        time.sleep(0.02)


def answer_plan(shown: Screen) -> None:
    """Arms the writes if they are locked, and agrees to the plan that is shown."""
    shown.until("Only if")
    if "Writes are locked" in shown.settle():  # a question takes no answer before it was on the screen for a moment
        shown.keys("Enter")
    shown.until("enter: ")
    shown.settle()
    shown.keys("Enter")


def script(folder: Path, *steps: str) -> str:
    """An ``$EDITOR`` that does these shell lines, one set each time it is started; ``$1`` is the file.

    What it was given the n-th time stays in ``seen-n``.
    """
    editor = folder / "editor.sh"
    for number, step in enumerate(steps, 1):
        (folder / f"step-{number}").write_text(step)
    editor.write_text(
        f'cd \'{folder}\'\nnumber=$(( $(ls | grep -c \'^seen-\') + 1 ))\ncp "$1" "seen-$number"\n. "./step-$number"\n'
    )
    return f"sh {editor}"
