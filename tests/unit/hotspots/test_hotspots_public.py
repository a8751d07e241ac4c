"""The rule on real public files: August 2025 left out, September 2025 forecast."""

from __future__ import annotations

import json
import os
import resource
import time
from pathlib import Path

import pandas as pd
import pytest

from risk_engine.calendar import Period
from risk_engine.config import AreasConfig, Boundaries, HotspotSpec, load_model
from risk_engine.hotspots import find
from risk_engine.places import AreaMap, transform

PROJECT = Path(__file__).parents[3]
DATA = Path(os.environ.get("RISK_ENGINE_DATA", PROJECT / "../shared/data"))
FILES = sorted(DATA.glob("police_uk_hampshire/*.csv"))
MAP = DATA / "uk_geo" / "lad24_hampshire_iow.geojson"
KINDS = ["Violence and sexual offences", "Robbery", "Possession of weapons"]
MONTH = Period("month", "Europe/London")

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not FILES or not MAP.exists(), reason="RISK_ENGINE_DATA is not there"),
]


def month(text: str):
    return MONTH.start(pd.Timestamp(text).to_pydatetime().replace(day=15))


@pytest.fixture(scope="module")
def points() -> pd.DataFrame:
    names = ["Month", "Longitude", "Latitude", "Crime type"]
    rows = pd.concat([pd.read_csv(file, usecols=names) for file in FILES], ignore_index=True)
    rows = rows[rows["Crime type"].isin(KINDS) & (rows["Month"] != "2025-08")]
    easting, northing = transform(
        rows["Longitude"].to_numpy(), rows["Latitude"].to_numpy(), "EPSG:4326", "EPSG:27700"
    )
    starts = {text: month(text) for text in rows["Month"].unique()}
    occurred = rows["Month"].map(starts).astype("datetime64[us]")
    ends = rows["Month"].map({text: MONTH.end(start) for text, start in starts.items()})
    number = rows.index.astype(str)
    return pd.DataFrame(
        {
            "event_id": "e" + number,
            "incident_id": "i" + number,
            "occurred_at": occurred,
            "known_at": ends.astype("datetime64[us]") - pd.Timedelta(seconds=1),
            "precision": "month",
            "easting": easting,
            "northing": northing,
        }
    )


@pytest.fixture(scope="module")
def areas() -> tuple[AreaMap, AreasConfig]:
    features = json.loads(MAP.read_text())["features"]
    config = AreasConfig.model_validate(
        {
            "force_area": {"code": "E23000030", "name": "Hampshire and Isle of Wight"},
            "local_areas": [
                {"code": f["properties"]["lad24cd"], "name": f["properties"]["lad24nm"]}
                for f in features
            ],
        }
    )
    return AreaMap.load(config, Boundaries(file=MAP, code="lad24cd"), MAP), config


def test_100_placed_squares_hold_16_percent_of_the_next_month(points, areas):
    spec = load_model(HotspotSpec, PROJECT / "models/specs/hotspots_public.yaml")
    covered = [
        (month("2017-02"), month("2017-10")),
        (month("2025-01"), month("2025-08")),
        (month("2025-09"), month("2025-10")),
    ]
    began = time.perf_counter()
    found = find(
        points,
        as_of=month("2025-09"),
        period="month",
        spec=spec,
        areas=areas[0],
        config=areas[1],
        covered=covered,
        seed=1,
    )
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    month_ahead = found.summary["forecast_period"]
    print(  # noqa: T201 - the figures that the test stands for, shown by pytest -s
        f"placed {month_ahead['placed']['rate']:.4f} grid {month_ahead['grid']['rate']:.4f} "
        f"count {month_ahead['count']['rate']:.4f} in {seconds:.1f} s, peak {peak:.2f} GB"
    )
    assert month_ahead["squares"] == 100
    assert month_ahead["placed"]["rate"] >= 0.16
    assert month_ahead["placed"]["rate"] > 1.15 * month_ahead["grid"]["rate"]
    assert found.summary["backtest"]["origins"] == 5
    assert month("2025-08") not in found.backtest["origin"].tolist()
    assert found.summary["force_area"] == 100
    assert len(found.summary["per_area"]) == 14
    assert min(found.summary["per_area"].values()) >= 5
    assert (found.places["usual_when"] == "").all()
    assert 0.85 < month_ahead["placed"]["hits"] / month_ahead["expected"] < 1.15
