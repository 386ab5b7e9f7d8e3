"""Verbs: declarations, plans, guards, runner, tracker and journal."""

from dbtui.actions.registry import ALL, by_name, for_kind

__all__ = ["ALL", "by_name", "for_kind"]
