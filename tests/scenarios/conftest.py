"""One small week, run once through the command line, that several stories look at."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from risk_engine.synthetic import SOURCES

PARTS = ("configs", "features", "models/specs")


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on standard output."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Office:
    """A project folder in which commands are given as an analyst would."""

    folder: Path

    def says(self, *arguments: str, user: str = "Ana Analyst", **environment: str) -> Answer:
        """Give one command; nothing of it can reach the network."""
        closed = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
        done = subprocess.run(
            [sys.executable, "-W", "error::ResourceWarning", "-m", "risk_engine", *arguments],
            cwd=self.folder,
            env={**os.environ, **closed, "RISK_ENGINE_USER": user, **environment},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def extracts(self) -> dict[str, list[Path]]:
        """Files of the synthetic partners by source, in the order of the configuration."""
        demo = self.folder / "data" / "demo"
        months = {source: sorted((demo / source).glob("*.csv")) for source in SOURCES}
        return {source: months[source] or [demo / f"{source}.csv"] for source in SOURCES}


def new_office(folder: Path, root: Path) -> Office:
    """Copy the editable part of the project into a folder."""
    for part in PARTS:
        shutil.copytree(root / part, folder / part)
    return Office(folder)


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Office:
    """A project with a synthetic partnership of 6,000 people in data/demo."""
    made = new_office(tmp_path_factory.mktemp("office"), project_root)
    answer = made.says("synth", "--people", "6000", "--seed", "7", "--out", "data/demo")
    assert answer.status == 0, answer.err
    return made


@pytest.fixture(scope="session")
def week(office: Office) -> dict[str, Any]:
    """The week as `run --json` reports it."""
    answer = office.says("run", "configs/demo.yaml", "--json")
    assert answer.status == 0, answer.err
    return answer.json


@pytest.fixture(scope="session")
def run_folder(week: dict[str, Any]) -> Path:
    """Folder of the finished run."""
    return Path(week["out"])


@pytest.fixture
def fresh_office(tmp_path: Path, project_root: Path) -> Callable[[], Office]:
    """Make an empty project of one's own."""
    return lambda: new_office(tmp_path / "office", project_root)


@pytest.fixture(scope="session")
def public_office(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Office:
    """A project in which the public files are run."""
    return new_office(tmp_path_factory.mktemp("public"), project_root)
