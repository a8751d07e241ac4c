"""A small country for the partners: two square areas beside each other, and a contract."""

# ruff: noqa: DTZ001 - all times are naive UTC here
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from shapely import box

from risk_engine.config import Contract, Source
from risk_engine.engine import Engine, open_engine
from risk_engine.partners import DropDecision, Ingested, ingest
from risk_engine.places import AreaMap

_AS_OF = datetime(2025, 6, 1)
_KEY = b"a secret of at least sixteen bytes"
_HEADER = "Ref,Incident,When,Recorded,Type,Role,East,North,Age,Postcode,First,Last,Born,Ethnicity"


def _contract(**changes: Any) -> Contract:
    """Return the contract of the tests, with top-level settings changed."""
    settings: dict[str, Any] = {
        "source": "police",
        "title": "Police",
        "agency": "Example",
        "controller": "A force",
        "agreement": {"reference": "TEST-1", "expires": "2030-01-01"},
        "personal_data": "personal",
        "regime": "UK GDPR",
        "lawful_basis": "public task",
        "retention": "50y",
        "cadence": "weekly",
        "discovery": "reported",
        "key": ["ref"],
        "quarantine_limit": 1.0,
        "fields": {
            "ref": {"column": "Ref"},
            "incident": {"column": "Incident"},
            "when": {
                "column": "When",
                "type": "datetime",
                "formats": ["%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M", "%d %b %Y %H:%M"],
            },
            "recorded": {"column": "Recorded", "type": "date", "formats": ["%Y-%m-%d"]},
            "type": {"column": "Type", "type": "code", "codes": {"34B": "robbery", "8N": "injury"}},
            "role": {"column": "Role", "type": "code", "codes": {"V": "victim", "S": "suspect"}},
            "east": {"column": "East", "type": "number"},
            "north": {"column": "North", "type": "number"},
            "age": {"column": "Age", "type": "number", "minimum": 0, "maximum": 120},
            "postcode": {"column": "Postcode", "pattern": "[A-Z0-9 ]+"},
            "first": {"column": "First"},
            "last": {"column": "Last"},
            "born": {"column": "Born", "type": "date", "formats": ["%d/%m/%Y"]},
            "ethnicity": {"column": "Ethnicity", "type": "code", "codes": {"W": "White"}},
        },
        "event": {
            "occurred_at": "when",
            "known_at": "recorded",
            "kind": "type",
            "role": "role",
            "incident": "incident",
            "point": {"x": "east", "y": "north", "crs": "EPSG:27700"},
            "attributes": ["age", "type"],
        },
        "person": {
            "first_name": "first",
            "last_name": "last",
            "birth_date": "born",
            "postcode": "postcode",
        },
        "protected": [{"characteristic": "ethnicity", "field": "ethnicity", "recorded_by": "self"}],
    }
    return Contract.model_validate(settings | changes)


def _row(ref: str = "A1", **changes: str) -> str:
    """Return a good row, with cells changed by header name."""
    cells = {
        "Ref": ref,
        "Incident": "I1",
        "When": "2025-05-01 10:00",
        "Recorded": "2025-05-02",
        "Type": "34B",
        "Role": "V",
        "East": "455000",
        "North": "125000",
        "Age": "17",
        "Postcode": "SO14 1AA",
        "First": " Ann ",
        "Last": "Lee",
        "Born": "02/03/2008",
        "Ethnicity": "W",
    }
    return ",".join((cells | changes).values())


@pytest.fixture(scope="session")
def agreed() -> Callable[..., Contract]:
    return _contract


@pytest.fixture(scope="session")
def row() -> Callable[..., str]:
    return _row


@pytest.fixture(scope="session")
def header() -> str:
    return _HEADER


@pytest.fixture(scope="session")
def area_map() -> AreaMap:
    """West and east squares of 10 km; the strip around them is sea."""
    shapes = [box(450_000, 120_000, 460_000, 130_000), box(460_000, 120_000, 470_000, 130_000)]
    frame = gpd.GeoDataFrame(
        {"area_code": ["W1", "E1"], "name": ["West", "East"]}, geometry=shapes, crs="EPSG:27700"
    )
    return AreaMap(frame, "EPSG:27700", snap_metres=100)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with open_engine() as opened:
        yield opened


@pytest.fixture
def read(engine: Engine, area_map: AreaMap, tmp_path: Path) -> Callable[..., Ingested]:
    """Return a function that writes files (name -> rows, text or bytes) and ingests them."""

    def run(
        files: dict[str, Any] | list[str],
        *,
        agreed: Contract | None = None,
        header: str = _HEADER,
        as_of: datetime = _AS_OF,
        key: bytes = _KEY,
        decisions: Sequence[DropDecision] = (),
    ) -> Ingested:
        paths = []
        for name, content in ({"a.csv": files} if isinstance(files, list) else files).items():
            data = "\n".join([header, *content]) + "\n" if isinstance(content, list) else content
            path = tmp_path / name
            path.write_bytes(data.encode() if isinstance(data, str) else data)
            paths.append(path)
        source = Source(agreed or _contract(), tuple(paths))
        return ingest(
            [source], engine=engine, areas=area_map, as_of=as_of, key=key, decisions=decisions
        )

    return run
