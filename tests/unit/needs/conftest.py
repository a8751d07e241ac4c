"""A handful of events that can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import ibis.expr.types as ir
import pandas as pd
import pytest

from risk_engine.config import AreasConfig, OffenceDefinition
from risk_engine.engine import Engine, open_engine
from risk_engine.events import SCHEMA

at = datetime.fromisoformat


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with open_engine() as opened:
        yield opened


@pytest.fixture(scope="session")
def definition() -> OffenceDefinition:
    """Robbery and bladed weapons, domestic abuse left out; two categories and the remainder."""
    return OffenceDefinition.model_validate(
        {
            "name": "serious",
            "version": "7",
            "from_date": "2025-01-01",
            "title": "Serious violence",
            "include": [{"kind": ["robbery", "weapon", "riot"]}],
            "exclude": [{"attributes": {"domestic": "yes"}}],
            "categories": [
                {"name": "robbery", "title": "Robbery", "where": {"kind": "robbery"}},
                {
                    "name": "bladed",
                    "title": "Possession of a bladed weapon",
                    "where": {"kind": "weapon", "attributes": {"weapon": "bladed"}},
                },
            ],
        }
    )


@pytest.fixture(scope="session")
def areas() -> AreasConfig:
    return AreasConfig.model_validate(
        {
            "force_area": {"code": "E23", "name": "Shire"},
            "timezone": "Europe/London",
            "local_areas": [
                {"code": "N", "name": "North", "population": 10_000},
                {"code": "S", "name": "South", "population": 20_000},
            ],
        }
    )


@pytest.fixture(scope="session")
def events(engine) -> Callable[..., ir.Table]:
    """Return a maker of event tables: one dictionary a row, whatever differs from a robbery."""

    def make(*rows: dict[str, Any]) -> ir.Table:
        full = [_row(number, row) for number, row in enumerate(rows)]
        return engine.table(pd.DataFrame(full, columns=list(SCHEMA)), SCHEMA)

    return make


def _row(number: int, row: dict[str, Any]) -> dict[str, Any]:
    name = f"e{number}"
    occurred = at(row.get("on", "2025-06-10T21:00"))
    known = row.get("known")
    base = {
        "event_id": name,
        "record_id": name,
        "incident_id": row.get("incident", name),
        "source": "police",
        "kind": "robbery",
        "role": "victim",
        "occurred_at": occurred,
        "known_at": at(known) if known else occurred + timedelta(hours=6),
        "precision": "minute",
        "easting": None,
        "northing": None,
        "area_code": "N",
        "discovery": "reported",
        "attributes": {},
    }
    return base | {key: value for key, value in row.items() if key in base}
