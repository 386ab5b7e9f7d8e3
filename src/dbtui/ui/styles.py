"""Where the style sheets are: in the package of a wheel, or beside ``pyproject.toml`` in a checkout."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path, PurePath

SHEETS = (
    "app.tcss",
    "frame.tcss",
    "list.tcss",
    "detail.tcss",
    "dialogs.tcss",
    "record_table.tcss",
    "plan.tcss",
    "actions_menu.tcss",
    "activity.tcss",
    "items.tcss",
    "item_editing.tcss",
)
"""Every sheet, in the order in which they apply."""


class PackagingError(Exception):
    """The style sheets were not installed with the program."""


def styles_folder(package: Path | None = None, module: Path | None = None) -> Path:
    """The folder of the style sheets; raises :class:`PackagingError` when there is none."""
    packaged = (Path(str(files("dbtui"))) if package is None else package) / "styles"
    if packaged.is_dir():
        return packaged
    for folder in (Path(__file__) if module is None else module).resolve().parents:
        if (folder / "pyproject.toml").is_file() and (folder / "styles").is_dir():
            return folder / "styles"
    raise PackagingError("dbtui was installed without its style sheets; install it again from a wheel.")


def sheets() -> list[str | PurePath]:
    """Absolute paths of the style sheets for ``App.CSS_PATH``."""
    folder = styles_folder()
    return [folder / name for name in SHEETS if (folder / name).is_file()]
