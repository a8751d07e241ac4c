"""A finished run, made by hand through the run folder, and a ledger beside it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from risk_engine.config import Settings, load_settings
from risk_engine.release.ledger import Ledger
from risk_engine.runs import Run, load_run, open_run

PROJECT = Path(__file__).parents[3]
AS_OF = datetime.fromisoformat("2026-01-05")
CONFIG = """\
name: places
title: Places only
areas: configs/areas.yaml
boundaries: {file: data/areas.gpkg, code: area_code}
definition: configs/definitions/police_uk_proxy.yaml
sources:
  - {contract: configs/partners/police_uk_street.yaml, files: data/street.csv}
place_features: [features/place/public.yaml]
hotspots: models/specs/hotspots_public.yaml
audit: models/specs/audit_policy.yaml
release:
  recipients: [Coordinator]
  challenge: Write to the partnership
"""
AUDIT = {
    "fail": 0,
    "cannot_tell": 2,
    "passed": 3,
    "policy": "v1",
    "max_age_days": 14,
    "blocking": [],
    "to_adjudicate": ["places/ethnicity/Asian/burden", "places/ethnicity/Black/burden"],
    "sentences": ["Nothing failed."],
}
RELEASE = {
    "purpose": "support and problem solving",
    "recipients": ["Coordinator"],
    "agreements": {"Police records": "2039-12-31"},
    "impact_assessment": "DPIA-1",
    "equality_assessment": "EIA-1",
    "expires_after_days": 7,
}


@pytest.fixture
def settings(tmp_path) -> Settings:
    root = tmp_path / "project"
    for folder in ("configs", "features", "models/specs"):
        shutil.copytree(PROJECT / folder, root / folder)
    config = root / "configs/places.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    return load_settings(config)


@pytest.fixture
def places() -> gpd.GeoDataFrame:
    table = pd.DataFrame({"hotspot_id": ["H1", "H2"], "rank": [1, 2], "expected": [2.5, 1.0]})
    squares = [box(0, 0, 250, 250), box(500, 0, 750, 250)]
    return gpd.GeoDataFrame(table, geometry=squares, crs="EPSG:27700")


@pytest.fixture
def make_run(tmp_path, settings, places) -> Callable[..., Run]:
    def make(
        *, prepared_by: str = "Jo Analyst", audit: dict | None = None, release: dict | None = None
    ):
        out = tmp_path / "runs"
        with open_run(settings, AS_OF, out, prepared_by=prepared_by) as (run, _):
            run.write("places", places, order_by=["rank"])
            run.write("audit", pd.DataFrame({"metric": ["burden"], "value": [1.1]}))
            run.stage("audit", lambda: AUDIT | (audit or {}))
            run.stage("release", lambda: RELEASE | (release or {}))
        return load_run(out, run.run_id)

    return make


@pytest.fixture
def run(make_run) -> Run:
    return make_run()


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    return Ledger(tmp_path / "ledger.jsonl")


@pytest.fixture
def at() -> datetime:
    return datetime(2026, 1, 6, 9, 30, tzinfo=UTC)
