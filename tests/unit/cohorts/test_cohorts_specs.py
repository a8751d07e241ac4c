"""The specifications that ship with the project."""

from pathlib import Path

import pytest

from risk_engine.config import CohortSpec, load_model

SPECS = Path(__file__).parents[3] / "models" / "specs"


@pytest.mark.parametrize(("name", "days"), [("sv_victim_6m", 182), ("sv_victim_12m", 365)])
def test_victim_specs(name, days):
    spec = load_model(CohortSpec, SPECS / f"{name}.yaml")
    assert spec.name == name
    assert spec.outcome.horizon.days == days
    assert spec.outcome.role == "victim"
    assert "officer" not in spec.outcome.discovery
    assert "*.stop_search*" in spec.features.exclude
