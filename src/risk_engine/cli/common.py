"""What the verbs share: options, the folders of a project, and how words become values."""

from __future__ import annotations

import getpass
import os
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from risk_engine.config import find_project
from risk_engine.errors import UsageError

ConfigPath = Annotated[Path, typer.Argument(help="Run configuration, such as configs/demo.yaml.")]
RunName = Annotated[str, typer.Argument(help="Id of a finished run, or 'latest'.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
Project = Annotated[
    Path | None, typer.Option("--project", help="Project folder; found upwards by default.")
]
Who = Annotated[str, typer.Option("--as", help="Your name; it goes on the ledger.")]
Why = Annotated[str, typer.Option("--reason", help="Why; it goes on the ledger.")]


class Paths:
    """Where a project keeps what it makes."""

    def __init__(self, root: Path, runs: Path | None = None) -> None:
        self.runs = runs or root / "runs"
        self.releases = root / "releases"
        self._root = root

    def ledger(self) -> Any:
        """Open the project's ledger."""
        from risk_engine.release import project_ledger

        return project_ledger(self._root)


def open_run(run_id: str, project: Path | None) -> tuple[Paths, Any]:
    """Open a finished run by id, by 'latest', or by the path of its folder."""
    from risk_engine.runs import latest_run, load_run

    root = find_project(project or Path.cwd())
    as_path = Path(run_id)
    if (as_path / "manifest.json").exists() and as_path.name != run_id:
        return Paths(root), load_run(as_path.resolve().parent, as_path.resolve().name)
    paths = Paths(root)
    return paths, load_run(paths.runs, latest_run(paths.runs) if run_id == "latest" else run_id)


def parse_day(text: str, option: str) -> date:
    """Read a day; `option` is named where it cannot be read."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise UsageError(
            f"{option} is '{text}'; write a day as YYYY-MM-DD", code="BAD_DAY"
        ) from None


def user() -> str:
    """Return the name of whoever runs the command."""
    try:
        return os.environ.get("RISK_ENGINE_USER") or getpass.getuser()
    except (OSError, KeyError):
        raise UsageError(
            "nobody is named as preparer", code="NO_NAME", hint="add --as NAME"
        ) from None


def shown(path: Path) -> Path:
    """Return a path as short as it can be said from here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
