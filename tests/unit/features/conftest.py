"""A small invented partnership for the tests of the feature room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from risk_engine.config import Contract, FeatureFile, load_model
from risk_engine.engine import Engine, open_engine
from risk_engine.features import Feature, catalogue

PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine() as opened:
        yield opened


@pytest.fixture(scope="session")
def contract() -> Callable[..., Contract]:
    """Return a maker of contracts: a source and whatever differs."""

    def make(source: str, **changes: Any) -> Contract:
        return Contract.model_validate(
            {
                "source": source,
                "title": source,
                "agency": "Example",
                "controller": "Example",
                "agreement": {"reference": "EXAMPLE", "expires": "2030-01-01"},
                "personal_data": "personal",
                "regime": "UK GDPR",
                "lawful_basis": "Example",
                "retention": "50y",
                "cadence": "weekly",
                "discovery": "reported",
                "key": ["number"],
                "fields": {"number": {"column": "Number"}, "day": {"column": "Day"}},
                "event": {"occurred_at": "day", "known_after": "1d", "kind": {"const": "robbery"}},
                **changes,
            }
        )

    return make


@pytest.fixture(scope="session")
def features(contract: Callable[..., Contract]) -> Callable[..., tuple[Feature, ...]]:
    """Return a maker of features: specs of one file, and contracts where they matter."""

    def make(
        *specs: dict[str, Any],
        source: str = "police",
        subject: str = "person",
        contracts: list[Contract] | None = None,
    ) -> tuple[Feature, ...]:
        full = [{"label": "as harmed", "rationale": "test", **spec} for spec in specs]
        file = FeatureFile.model_validate({"source": source, "features": full})
        known = contracts or [contract("police"), contract("schools")]
        return catalogue(
            {"file": file},
            subject=subject,
            contracts={c.source: c for c in known},  # type: ignore[arg-type]
        )

    return make


@pytest.fixture(scope="session")
def shipped(contract: Callable[..., Contract]) -> dict[str, tuple[Feature, ...]]:
    """Return the catalogue that ships with the project, under contracts that cover everybody."""
    made = {}
    for subject in ("person", "place"):
        folder = PROJECT / "features" / subject
        files = {path.stem: load_model(FeatureFile, path) for path in sorted(folder.glob("*.yaml"))}
        sources = {file.source for file in files.values()} - {"any"}
        made[subject] = catalogue(
            files,
            subject=subject,  # type: ignore[arg-type]
            contracts={source: contract(source) for source in sources},
        )
    return made
