"""A small partnership whose list is known: who is in which group and who is on the list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from risk_engine.config import AuditPolicy, load_model

PROJECT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def policy() -> AuditPolicy:
    return load_model(AuditPolicy, PROJECT / "models" / "specs" / "audit_policy.yaml")


def _tables(sizes: dict[str, tuple[int, int]]) -> dict[str, pd.DataFrame]:
    """Build scores, protected and people from group -> (selected, at risk); all aged 16."""
    group = [name for name, (_, at_risk) in sizes.items() for _ in range(at_risk)]
    selected = [i < chosen for chosen, at_risk in sizes.values() for i in range(at_risk)]
    person = [f"p{i:05d}" for i in range(len(group))]
    return {
        "scores": pd.DataFrame(
            {"person_id": person, "selected": pd.Series(selected, dtype=bool), "abstain": False}
        ),
        "protected": pd.DataFrame(
            {
                "person_id": person,
                "characteristic": "ethnicity",
                "value": group,
                "source": "self",
                "recorded_at": pd.Timestamp("2024-01-01"),
            }
        ),
        "people": pd.DataFrame({"person_id": person, "birth_month": pd.Timestamp("2010-06-01")}),
    }


def _strip_map(count: int = 40) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """Zones of 1 km in two rows, a local area a row; half of each zone's square is a place.

    Area A is a tenth Black, area B a half; inside an area every zone is alike.
    """
    zones = gpd.GeoDataFrame(
        {
            "zone_code": [f"Z{i:03d}" for i in range(2 * count)],
            "area_code": ["A"] * count + ["B"] * count,
        },
        geometry=[
            box(x * 1000, y * 1000, (x + 1) * 1000, (y + 1) * 1000)
            for y in (0, 1)
            for x in range(count)
        ],
        crs="EPSG:27700",
    )
    black = [100] * count + [500] * count
    population = pd.concat(
        [
            pd.DataFrame({"zone_code": zones["zone_code"], "group": "Black", "residents": black}),
            pd.DataFrame(
                {
                    "zone_code": zones["zone_code"],
                    "group": "White",
                    "residents": [1000 - b for b in black],
                }
            ),
        ]
    )
    # a quarter of area A is listed, and half of area B
    listed = [(x, 0) for x in range(0, count, 2)] + [(x, 1) for x in range(count)]
    places = gpd.GeoDataFrame(
        geometry=[box(x * 1000, y * 1000, x * 1000 + 500, (y + 1) * 1000) for x, y in listed],
        crs="EPSG:27700",
    )
    return places, zones, population


@pytest.fixture(scope="session")
def tables() -> Callable[[dict[str, tuple[int, int]]], dict[str, pd.DataFrame]]:
    return _tables


@pytest.fixture(scope="session")
def strip_map() -> Callable[..., tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]]:
    return _strip_map
