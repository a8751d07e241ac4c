from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from risk_engine.config import AreasConfig, Contract, load_model
from risk_engine.synthetic import Partnership, generate

PROJECT = Path(__file__).parents[3]
END = date(2026, 6, 1)


@pytest.fixture(scope="session")
def areas() -> AreasConfig:
    return load_model(AreasConfig, PROJECT / "configs/areas.yaml")


@pytest.fixture(scope="session")
def contracts() -> dict[str, Contract]:
    found = [load_model(Contract, path) for path in (PROJECT / "configs/partners").glob("*.yaml")]
    return {contract.source: contract for contract in found}


@pytest.fixture(scope="session")
def whole(areas: AreasConfig) -> Partnership:
    """The default size: what the demo runs on."""
    return generate(end=END, seed=7, areas=areas)
