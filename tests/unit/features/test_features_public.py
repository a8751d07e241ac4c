"""The public place features on the real published files: every offence is counted once."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import ibis
import pytest

from risk_engine.features import build

PROJECT = Path(__file__).parents[3]
FOLDER = Path(os.environ.get("RISK_ENGINE_DATA") or PROJECT / "../shared/data")
FILES = sorted((FOLDER / "police_uk_hampshire").glob("*.csv"))
AS_OF = datetime.fromisoformat("2025-09-01")  # naive UTC, as everywhere


@pytest.mark.real_data
@pytest.mark.skipif(not FILES, reason="no published files under RISK_ENGINE_DATA")
def test_cells_hold_every_published_offence_once(engine, shipped):
    read = engine.ibis.read_csv([str(path) for path in FILES], all_varchar=True, union_by_name=True)
    rows = read.filter(read.Longitude.notnull())
    month = (rows.Month + "-01").cast("timestamp(6)")
    events = rows.select(
        incident_id=ibis.row_number().cast("string"),
        source=ibis.literal("police_uk_street"),
        kind=rows["Crime type"].lower().re_replace(r"[^a-z]+", "_"),
        occurred_at=month,
        known_at=month + ibis.interval(days=31),
        area_code=ibis.literal(None, type="string"),
        cell_id=rows.Longitude.substr(0, 5) + rows.Latitude.substr(0, 5),
    )
    engine.write(events, engine.scratch / "public.parquet")
    events = engine.read(engine.scratch / "public.parquet")
    units = events.select("cell_id", as_of=ibis.literal(AS_OF, type="timestamp(6)")).distinct()
    features = [f for f in shipped["place"] if f.column.startswith("place.public.")]
    matrix = engine.ibis.to_pandas(build(events, units, unit="cell_id", features=features))
    frame = engine.ibis.to_pandas(events)
    visible = frame[(frame["known_at"] < AS_OF) & (frame["occurred_at"] < AS_OF)]
    for column, kind in (
        ("violence_1y", "violence_and_sexual_offences"),
        ("robbery_1y", "robbery"),
        ("anti_social_1y", "anti_social_behaviour"),
    ):
        year = visible[visible["occurred_at"] >= AS_OF - timedelta(days=365)]
        assert matrix[f"place.public.{column}"].sum() == (year["kind"] == kind).sum() > 0
    assert len(matrix) == frame["cell_id"].nunique()
