"""Every status AWS is known to report, what it means and whether it will pass by itself: the one place for it.

Sources: RDS User Guide, "Viewing DB instance status" and "Viewing DB cluster status"; DynamoDB API reference
(TableDescription, BackupDetails). RDS publishes no closed list, so an unknown word is a neutral state, never an error.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class State(StrEnum):
    """What a status means to a person, whatever the service calls it."""

    OK = "ok"
    BUSY = "busy"
    STOPPED = "stopped"
    ATTENTION = "attention"
    UNKNOWN = "unknown"


class StatusInfo(msgspec.Struct, frozen=True):
    """``transitional``: the status passes by itself, so it is worth polling. ``remedy``: what a person should do."""

    state: State
    transitional: bool = False
    remedy: str = ""


OK = StatusInfo(State.OK)
OK_BUSY = StatusInfo(State.OK, transitional=True)
BUSY = StatusInfo(State.BUSY, transitional=True)
STOPPED = StatusInfo(State.STOPPED)
UNKNOWN = StatusInfo(State.UNKNOWN)


def _attention(remedy: str) -> StatusInfo:
    return StatusInfo(State.ATTENTION, remedy=remedy)


_RDS_COMMON = {
    "available": OK,
    "backing-up": BUSY,
    "creating": BUSY,
    "deleting": BUSY,
    "maintenance": BUSY,
    "modifying": BUSY,
    "renaming": BUSY,
    "resetting-master-credentials": BUSY,
    "starting": BUSY,
    "stopping": BUSY,
    "stopped": STOPPED,
    "upgrading": BUSY,
    "rebooting": BUSY,
    "inaccessible-encryption-credentials": _attention("The KMS key is lost; restore from a backup with another key."),
    "inaccessible-encryption-credentials-recoverable": _attention("Re-enable the KMS key, then start it."),
}

INSTANCE = {
    **_RDS_COMMON,
    "storage-optimization": OK_BUSY,
    "storage-config-upgrade": OK_BUSY,
    "storage-initialization": OK_BUSY,
    "configuring-enhanced-monitoring": OK_BUSY,
    "configuring-iam-database-auth": OK_BUSY,
    "configuring-log-exports": OK_BUSY,
    "configuring-associated-roles": OK_BUSY,
    "moving-to-vpc": BUSY,
    "converting-to-vpc": BUSY,
    "delete-precheck": BUSY,
    "backtracking": BUSY,
    "storage-full": _attention("Writes fail. Grow the storage now."),
    "failed": _attention("AWS could not recover it. Restore from a backup or snapshot."),
    "incompatible-network": _attention("Check the subnet group, free addresses and security groups."),
    "incompatible-option-group": _attention("Undo the last option group change."),
    "incompatible-parameters": _attention("Reset the parameters that do not fit the engine or the class, then reboot."),
    "incompatible-restore": _attention("AWS cannot restore to that point; choose another time or snapshot."),
    "incompatible-create": _attention("Delete it and create it again with settings the engine supports."),
    "insufficient-capacity": _attention("AWS has no capacity for this class here; delete it and try another class."),
    "restore-error": _attention("Restoring failed; try another snapshot or time."),
}

CLUSTER = {
    **_RDS_COMMON,
    "backtracking": BUSY,
    "failing-over": BUSY,
    "migrating": BUSY,
    "preparing-data-migration": BUSY,
    "promoting": BUSY,
    "update-iam-db-auth": OK_BUSY,
    "storage-optimization": OK_BUSY,
    "scaling-compute": OK_BUSY,
    "cloning-failed": _attention("Cloning failed; delete the clone and try again."),
    "migration-failed": _attention("Migration failed; see the cluster's events."),
    "inaccessible-encryption-credentials": _attention("The KMS key is lost; restore with another key."),
}

SNAPSHOT = {
    "available": OK,
    "creating": BUSY,
    "copying": BUSY,
    "deleting": BUSY,
    "failed": _attention("The snapshot failed; see the source's events."),
    "incompatible-restore": _attention("AWS cannot restore this snapshot."),
}

TABLE = {
    "ACTIVE": OK,
    "CREATING": BUSY,
    "UPDATING": BUSY,
    "DELETING": BUSY,
    "ARCHIVING": BUSY,
    "ARCHIVED": _attention("Archived since its KMS key was lost for over seven days; restore from the backup."),
    "INACCESSIBLE_ENCRYPTION_CREDENTIALS": _attention("Give DynamoDB access to the KMS key again."),
    "REPLICATION_NOT_AUTHORIZED": _attention("Give the replication role its permissions back."),
}

BACKUP = {
    "AVAILABLE": OK,
    "CREATING": BUSY,
    "DELETED": STOPPED,
}

PARAMETER_GROUP: dict[str, StatusInfo] = {}

GLYPHS = {State.OK: "●", State.BUSY: "◐", State.STOPPED: "■", State.ATTENTION: "▲", State.UNKNOWN: "○"}
ASCII_GLYPHS = {State.OK: "*", State.BUSY: "~", State.STOPPED: "#", State.ATTENTION: "!", State.UNKNOWN: "?"}


def lookup(table: dict[str, StatusInfo], status: str) -> StatusInfo:
    """The meaning of a status word; a word nobody knows is neutral and not polled."""
    return table.get(status, UNKNOWN)
