"""The ready contract of data.police.uk on the real files of Hampshire."""

# ruff: noqa: DTZ001 - all times are naive UTC here
from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest

from risk_engine.config import AreasConfig, Boundaries, Source, load_contract
from risk_engine.engine import open_engine
from risk_engine.partners import ingest
from risk_engine.places import AreaMap

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("RISK_ENGINE_DATA", ROOT / ".." / "shared" / "data"))
MAP = DATA / "uk_geo" / "lad24_hampshire_iow.geojson"
EARLIER = {"Violent crime", "Public disorder and weapons"}  # names no longer published
CODES = [f"E0600004{n}" for n in (4, 5, 6)] + [f"E070000{n}" for n in range(84, 95)]


@pytest.fixture(scope="module")
def contract():
    return load_contract(ROOT / "configs" / "partners" / "police_uk_street.yaml", root=ROOT)


def test_contract_names_every_published_crime_type(contract):
    today = contract.fields["crime_type"].codes.keys() - EARLIER
    assert len(today) == 14
    assert contract.personal_data == "none"
    assert "Last outcome category" not in {spec.column for spec in contract.fields.values()}


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.parametrize(
    ("pattern", "as_of", "rows"),
    [("*.csv", datetime(2025, 8, 31, 23), 265_990), ("2025*.csv", datetime(2025, 11, 1), 126_106)],
)
def test_only_august_2025_is_held_and_every_row_is_counted(contract, pattern, as_of, rows):
    files = tuple(sorted((DATA / "police_uk_hampshire").glob(pattern)))
    if not files:
        pytest.skip("RISK_ENGINE_DATA has no police_uk_hampshire")
    config = AreasConfig(
        force_area={"code": "E23000030", "name": "Hampshire and Isle of Wight"},
        local_areas=[{"code": code, "name": code} for code in CODES],
    )
    areas = AreaMap.load(config, Boundaries(file=MAP, code="lad24cd"), MAP)
    with open_engine() as engine:
        done = ingest([Source(contract, files)], engine=engine, areas=areas, as_of=as_of, key=b"")
        known = done.events.filter(done.events.known_at < as_of)
        latest = known.occurred_at.max().execute()
        assert done.events.event_id.nunique().execute() == done.sources[0].events
    assert [file.drop for file in done.files if file.held] == ["2025-08-hampshire-street"]
    assert [feed.drop for feed in done.feeds if feed.held] == ["2025-08-hampshire-street"]
    assert sum(file.read for file in done.files) == rows
    assert all(file.read == file.accepted + file.quarantined for file in done.files)
    assert done.sources[0].events + done.sources[0].held == sum(f.accepted for f in done.files)
    assert done.sources[0].quarantine_share < 0.001
    assert ("2017-09-hampshire-street and 2025-01" in done.sources[0].geography) == (rows > 200_000)
    assert latest == (datetime(2025, 6, 30, 23) if as_of.month == 8 else datetime(2025, 8, 31, 23))
