"""Where dbtui keeps its files. ``DBTUI_CONFIG`` and ``DBTUI_STATE`` override the platform's folders."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def config_file() -> Path:
    """The configuration file, which need not exist."""
    override = os.environ.get("DBTUI_CONFIG")
    return Path(override) if override else platformdirs.user_config_path("dbtui", appauthor=False) / "config.toml"


def state_dir() -> Path:
    """The folder of journal, log and drafts; made when first written, with mode 0700."""
    override = os.environ.get("DBTUI_STATE")
    return Path(override) if override else platformdirs.user_state_path("dbtui", appauthor=False)


def journal_file() -> Path:
    return state_dir() / "journal.jsonl"


def drafts_dir() -> Path:
    return state_dir() / "drafts"


def log_file() -> Path:
    return state_dir() / "dbtui.log"
