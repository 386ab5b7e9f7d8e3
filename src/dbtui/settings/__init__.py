"""Configuration file, rules, keymap and paths."""

from dbtui.settings.loader import load
from dbtui.settings.model import Rule, Settings
from dbtui.settings.rules import policy_from

__all__ = ["Rule", "Settings", "load", "policy_from"]
