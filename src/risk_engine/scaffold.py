"""`risk-engine init`: the editable part of a project, copied out of the package."""

from __future__ import annotations

import shutil
from pathlib import Path

from risk_engine.config import find_project
from risk_engine.errors import ConfigError, RefusedError

PARTS = ("configs", "features", "models/specs")


def write_project(folder: Path) -> list[Path]:
    """Write configs, features and model specs into a new or empty folder.

    Raises
    ------
    RefusedError
        If there is a file, or anything in the folder: nothing of an analyst's is overwritten.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RefusedError(
            f"{folder} is not an empty folder",
            code="NOT_EMPTY",
            hint="name a new folder; nothing was written",
        )
    for part in PARTS:
        shutil.copytree(_template() / part, folder / part)
    return [folder / part for part in PARTS]


def authored(name: str) -> Path:
    """Return a file that analysts may edit: the project's copy, else the one that ships.

    Parameters
    ----------
    name
        Path inside a project, such as ``models/specs/linkage_table.yaml``.
    """
    try:
        own = find_project(Path.cwd()) / name
    except ConfigError:
        return _template() / name
    return own if own.is_file() else _template() / name


def _template() -> Path:
    """Return the copies in the wheel, or the checkout itself where it is installed for editing."""
    package = Path(__file__).parent
    packed = package / "_project"
    return packed if packed.exists() else package.parents[1]
