"""Helpers for seeds: put finished resources, snapshots and parameter groups into an RDS store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from dbtui.demo.rds import catalog
from dbtui.demo.rds.cluster_shapes import ClusterSpec, cluster_members, cluster_snapshot_members
from dbtui.demo.rds.shapes import InstanceSpec, instance_members, snapshot_members, subnet_group, tag_list
from dbtui.demo.rds.snapshots import automatic_name
from dbtui.demo.rds.store import RdsStore
from dbtui.demo.record import Change, Members, Ramp, Record

BUSY_SECONDS = 240.0
"""How long the seed's running work (a modification, a backup, a reboot) goes on."""
SHOP = {"team": "shop", "env": "dev", "cost-center": "4100"}
DATA = {"team": "data", "env": "dev", "cost-center": "4300"}


class RdsPlanter:
    """Puts things into one store, dated from `now` backwards."""

    def __init__(self, store: RdsStore, now: datetime) -> None:
        self.store = store
        self.now = now.replace(microsecond=0)

    def ago(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
        return (self.now - timedelta(days=days, hours=hours, minutes=minutes)).replace(microsecond=0)

    def soon(self, seconds: float) -> datetime:
        return self.now + timedelta(seconds=seconds)

    def instance(self, spec: InstanceSpec, *changes: Change, ramps: Iterable[Ramp] = ()) -> Members:
        members = instance_members(self.store.home, spec)
        self.store.instances[spec.name] = Record(members, changes, ramps)
        return members

    def cluster(self, spec: ClusterSpec, *changes: Change) -> Members:
        members = cluster_members(self.store.home, spec)
        self.store.clusters[spec.name] = Record(members, changes)
        return members

    def automated(self, source: Members, days: int) -> None:
        """The nightly snapshots of the last days, taken in the source's backup window."""
        hour, minute = (int(part) for part in source["PreferredBackupWindow"][:5].split(":"))
        for day in range(1, days + 1):
            taken = self.ago(days=day).replace(hour=hour, minute=minute, second=8 + day)
            if "DBInstanceIdentifier" in source:
                self.snapshot(source, automatic_name(source["DBInstanceIdentifier"], taken), taken, "automated")
            else:
                name = automatic_name(source["DBClusterIdentifier"], taken)
                self.cluster_snapshot(source, name, taken, "automated")

    def snapshot(
        self,
        source: Members,
        name: str,
        taken: datetime,
        kind: str = "manual",
        *,
        tags: dict[str, str] | None = None,
        extra: Members | None = None,
    ) -> Members:
        members = snapshot_members(
            self.store.home, source, name, kind=kind, created=taken, tags=tag_list(tags or {})
        ) | (extra or {})
        self.store.snapshots[name] = Record(members)
        return members

    def cluster_snapshot(
        self, source: Members, name: str, taken: datetime, kind: str = "manual", *, tags: dict[str, str] | None = None
    ) -> Members:
        members = cluster_snapshot_members(
            self.store.home, source, name, kind=kind, created=taken, tags=tag_list(tags or {})
        )
        self.store.cluster_snapshots[name] = Record(members)
        return members

    def parameter_group(self, name: str, family: str, description: str, *, cluster: bool = False) -> None:
        home = self.store.home
        if cluster:
            self.store.cluster_parameter_groups[name] = {
                "DBClusterParameterGroupName": name,
                "DBParameterGroupFamily": family,
                "Description": description,
                "DBClusterParameterGroupArn": home.arn("cluster-pg", name),
            }
        else:
            self.store.parameter_groups[name] = {
                "DBParameterGroupName": name,
                "DBParameterGroupFamily": family,
                "Description": description,
                "DBParameterGroupArn": home.arn("pg", name),
            }

    def default_groups(self) -> None:
        """The default parameter groups that AWS makes for every family in use, and the subnet group."""
        self.store.subnet_groups["private"] = subnet_group(self.store.home, "private")
        for family in self._families(self.store.instances.values()):
            self.parameter_group(f"default.{family}", family, f"Default parameter group for {family}")
        for family in self._families(self.store.clusters.values()):
            self.parameter_group(
                f"default.{family}", family, f"Default cluster parameter group for {family}", cluster=True
            )

    @staticmethod
    def _families(records: Iterable[Record]) -> set[str]:
        return {catalog.engine(record.members["Engine"]).family(record.members["EngineVersion"]) for record in records}

    def event(self, members: Members, minutes_ago: float, message: str, *categories: str) -> None:
        source_type = "db-instance" if "DBInstanceIdentifier" in members else "db-cluster"
        self.store.tell(self.ago(minutes=minutes_ago), source_type, members, message, *categories)
