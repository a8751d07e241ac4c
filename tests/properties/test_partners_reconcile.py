"""Whatever a partner sends, every row is accepted or set aside, or the file is refused."""

# ruff: noqa: DTZ001 - all times are naive UTC here
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import geopandas as gpd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import box

from risk_engine.config import Contract, Source
from risk_engine.engine import Engine, open_engine
from risk_engine.errors import InputError
from risk_engine.partners import ingest
from risk_engine.places import AreaMap

CONTRACT = Contract.model_validate(
    {
        "source": "any",
        "title": "Any",
        "agency": "Example",
        "controller": "Anybody",
        "agreement": {"reference": "T", "expires": "2030-01-01"},
        "personal_data": "personal",
        "regime": "UK GDPR",
        "lawful_basis": "public task",
        "retention": "50y",
        "cadence": "daily",
        "discovery": "other",
        "key": ["id"],
        "key_optional": True,
        "quarantine_limit": 1.0,
        "fields": {
            "id": {"column": "id"},
            "day": {"column": "day", "type": "date", "formats": ["%Y-%m-%d", "%d/%m/%Y"]},
            "kind": {"column": "kind", "type": "code", "codes": {"a": "one", "b": "two"}},
            "x": {"column": "x", "type": "number"},
            "y": {"column": "y", "type": "number"},
            "name": {"column": "name", "pattern": "[^0-9]*"},
        },
        "event": {
            "occurred_at": "day",
            "known_after": "1d",
            "precision": "day",
            "kind": "kind",
            "point": {"x": "x", "y": "y", "crs": "EPSG:27700"},
            "attributes": ["name"],
        },
        "person": {"first_name": "name"},
    }
)
CELL = st.one_of(
    st.sampled_from(
        [
            "",
            "1",
            "2",
            "a",
            "b",
            "2025-02-03",
            "31/02/2025",
            "455000",
            "125000",
            "nan",
            "1e400",
            '"',
        ]
    ),
    st.text(st.characters(exclude_characters=["\ud800"], codec="utf-8"), max_size=8),
)
GOOD = st.tuples(
    st.sampled_from("1234567"),
    st.sampled_from(["2025-02-03", "03/02/2025"]),
    st.sampled_from("ab"),
    st.just("455000"),
    st.just("125000"),
    st.just("Ann"),
)
ROWS = st.lists(st.one_of(GOOD, st.lists(CELL, min_size=5, max_size=7)), max_size=12)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with open_engine() as opened:
        yield opened


@pytest.fixture(scope="module")
def areas() -> AreaMap:
    frame = gpd.GeoDataFrame(
        {"area_code": ["W"], "name": ["West"]},
        geometry=[box(450_000, 120_000, 460_000, 130_000)],
        crs="EPSG:27700",
    )
    return AreaMap(frame, "EPSG:27700", snap_metres=0)


def read(path: Path, engine: Engine, areas: AreaMap):
    source = Source(CONTRACT, (path,))
    return ingest(
        [source], engine=engine, areas=areas, as_of=datetime(2025, 6, 1), key=b"sixteen bytes ok"
    )


@given(rows=ROWS, raw=st.booleans())
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_rows_reconcile(rows, raw, engine, areas, tmp_path):
    """Cells written without quotation marks may break the layout; quoted ones never do."""

    def cell(text: str) -> str:
        return text if raw else '"' + text.replace('"', '""') + '"'

    path = tmp_path / "a.csv"
    text = "\n".join(["id,day,kind,x,y,name", *(",".join(map(cell, row)) for row in rows)])
    path.write_bytes(text.encode())
    try:
        done = read(path, engine, areas)
    except InputError:
        assert raw or "\0" in text
        return
    (count,) = done.files
    assert count.read == count.accepted + count.repaired + count.quarantined + count.dropped
    assert done.events.count().execute() == count.sound
    assert done.quarantine.count().execute() == count.quarantined
    if not raw:
        assert count.read == len(rows)


@given(data=st.binary(max_size=200))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.xlsx", "a.zip"])
def test_bytes_are_refused_or_reconciled(data, name, engine, areas, tmp_path):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError):
        read(path, engine, areas)


@given(order=st.permutations(range(8)))
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_order_of_rows_changes_nothing(order, engine, areas, tmp_path):
    rows = [f"{n},2025-02-0{n + 1},a,45{n}000,125000,Ann" for n in order]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["id,day,kind,x,y,name", *rows]), encoding="utf-8")
    frame = read(path, engine, areas).events.order_by("event_id").to_pandas()
    path.write_text("\n".join(["id,day,kind,x,y,name", *sorted(rows)]), encoding="utf-8")
    again = read(path, engine, areas).events.order_by("event_id").to_pandas()
    assert frame.equals(again)
