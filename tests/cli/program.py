"""The command line over the fake cloud as a program of its own, for tests of processes, signals and terminals."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from dbtui.cli.main import run

from .fake_cloud import DEV, FakeCloud, instance, table
from .harness import FakeWiring


def main() -> int:
    cloud = FakeCloud()
    cloud.put(instance(DEV, "orders-db"))
    cloud.put(*(table(DEV, f"t-{number:05}") for number in range(int(os.environ.get("TABLES", "3")))))
    if existing := os.environ.get("EXISTING_KEY"):
        cloud.put_items(DEV, "t-00000", [{"pk": {"S": existing}, "note": {"S": "was here"}}])
    cloud.script["new snapshot"] = ["creating"]
    cloud.execute_seconds = float(os.environ.get("SLOW_EXECUTE", "0"))

    def execute(operation: str) -> None:
        sys.stderr.write(f"EXECUTING {operation.partition(':')[2]}\n")
        sys.stderr.flush()

    cloud.before_execute = execute
    return run(sys.argv[2:], FakeWiring(cloud, Path(sys.argv[1])))


if __name__ == "__main__":
    raise SystemExit(main())
