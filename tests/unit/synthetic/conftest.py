from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from risk_engine.config import AreasConfig, Contract, load_contract, load_model
from risk_engine.synthetic import Partnership, generate, write

PROJECT = Path(__file__).parents[3]
END = date(2026, 6, 1)


@dataclass(frozen=True)
class Sent:
    """A partnership and the folder it was written to."""

    made: Partnership
    folder: Path

    def rows(self, source: str) -> pd.DataFrame:
        """Rows of a source as sent, all cells text."""
        return _read(self.folder, source).copy()

    def sound(self, source: str, key: str) -> pd.DataFrame:
        """Rows of a source without those that were broken on purpose."""
        rows, broken = self.rows(source), self.truth("faults").query("source == @source")
        return rows[~rows[key].isin(broken.row_key)]

    def truth(self, name: str) -> pd.DataFrame:
        """A table of the truth."""
        return _table(self.folder / "truth" / f"{name}.csv").copy()


@cache
def _read(folder: Path, source: str) -> pd.DataFrame:
    files = sorted((folder / source).glob("*.csv")) or [folder / f"{source}.csv"]
    parts = [pd.read_csv(file, dtype=str, keep_default_na=False) for file in files]
    return pd.concat(parts, ignore_index=True).fillna("")  # a row may lack its last cell


@cache
def _table(path: Path) -> pd.DataFrame:
    text = dict.fromkeys(("row_key", "incident_id", "victim", "hotspot_id", "from", "to"), str)
    return pd.read_csv(path, keep_default_na=False, dtype=text)


@pytest.fixture(scope="session")
def areas() -> AreasConfig:
    return load_model(AreasConfig, PROJECT / "configs/areas.yaml")


@pytest.fixture(scope="session")
def contracts() -> dict[str, Contract]:
    paths = sorted((PROJECT / "configs/partners").glob("*.yaml"))
    found = [load_contract(path, root=PROJECT) for path in paths]
    return {contract.source: contract for contract in found}


@pytest.fixture(scope="session")
def whole(areas: AreasConfig, tmp_path_factory: pytest.TempPathFactory) -> Sent:
    """The default size: what the demo runs on."""
    folder = tmp_path_factory.mktemp("synthetic") / "whole"
    made = generate(end=END, seed=7, areas=areas)
    write(made, folder)
    return Sent(made, folder)


@pytest.fixture(scope="session")
def published(areas: AreasConfig, tmp_path_factory: pytest.TempPathFactory) -> Sent:
    """The published level of violence among few people, with 2021 and 2022 inside."""
    folder = tmp_path_factory.mktemp("synthetic") / "published"
    made = generate(
        people=20_000, years=2, end=date(2023, 1, 2), seed=11, areas=areas, violence=1.0
    )
    write(made, folder)
    return Sent(made, folder)
