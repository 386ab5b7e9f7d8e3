"""Fixtures of the command tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from .fake_cloud import DEV, DEV_US, PROD, FakeCloud, backup, cluster, instance, table
from .harness import FakeWiring, Harness


@pytest.fixture
def cloud() -> FakeCloud:
    """One development profile in two regions and a protected one."""
    fake = FakeCloud()
    fake.put(
        instance(DEV, "orders-db"),
        instance(DEV, "billing-db", "backing-up", engine="mysql", engine_version="8.0.39"),
        instance(DEV, "legacy-crm", "stopped"),
        instance(DEV, "aurora-main-1", cluster_id="aurora-main", engine="aurora-postgresql"),
        cluster(DEV, "aurora-main"),
        backup(DEV, "orders", "0171-aaa", "nightly"),
        backup(DEV, "orders", "0172-bbb", "nightly"),
        backup(DEV, "orders", "0173-ccc", "pre-migration"),
        instance(DEV_US, "orders-db"),
        instance(DEV_US, "reports-db", "storage-full"),
        instance(PROD, "prod-db"),
    )
    for name in ("orders", "sessions", "ledger"):
        fake.add_table(table(DEV, name))
    fake.add_table(table(PROD, "prod-orders"))
    return fake


@pytest.fixture
def dbtui(cloud: FakeCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Harness:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("DBTUI_CONFIG", str(tmp_path / "config.toml"))
    return Harness(FakeWiring(cloud, tmp_path))
