"""A write of an item in the terms of every other action: the plan that guards, journal and Activity know."""

from __future__ import annotations

from dbtui.actions.model import Call, Confirm, OperationState, Plan
from dbtui.domain.values import key_of
from dbtui.items.writes import ItemWrite, WriteState

STATES = {
    WriteState.DONE: OperationState.DONE,
    WriteState.CONFLICT: OperationState.FAILED,
    WriteState.REFUSED: OperationState.REFUSED,
    WriteState.FAILED: OperationState.FAILED,
    WriteState.UNKNOWN: OperationState.UNKNOWN,
}


def plan_of(write: ItemWrite) -> Plan:
    """The write as a plan of one call on its table. Its parameters are keys and attribute names, never values."""
    parameters: dict[str, object] = {"TableName": write.table.id, "Key": write.key}
    if write.after is not None:
        new_key = key_of(write.after, write.table.keys)
        parameters |= {"NewKey": new_key} if new_key != write.key else {}
    parameters["Attributes"] = list(write.attributes)
    return Plan(
        action=write.verb,
        title=write.title,
        subject=write.table.ref,
        watch=write.table.ref,
        incarnation=write.table.table_id,
        steps=(Call(operation=write.request.operation, parameters=parameters),),
        effects=write.effects,
        confirm=Confirm.TYPE_NAME if write.destructive else Confirm.ENTER,
        additive=write.additive,
        destructive=write.destructive,
    )
