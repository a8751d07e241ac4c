"""The columns of the list, and the tables of a run in which nothing is known."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from risk_engine.hotspots.emergence import COLUMNS

#: Columns of the list and their types, in order.
_TYPES = {
    "hotspot_id": "str",
    "as_of": "datetime64[us]",
    "rank": "int64",
    "force_rank": "Int64",
    "area_rank": "int64",
    "rank_low": "int64",
    "rank_high": "int64",
    "easting": "float64",
    "northing": "float64",
    "area_code": "str",
    "expected": "float64",
    "expected_low": "float64",
    "expected_high": "float64",
    "basis": "str",
    "category": "str",
    "since": "datetime64[us]",
    "recent": "int64",
    "recent_expected": "float64",
    "p_value": "float64",
    "q_value": "float64",
    "recurrence": "str",
    "previous_rank": "Int64",
    "change": "str",
    "usual_when": "str",
    "events_1y": "int64",
    "events_total": "int64",
}
PLACES = [*_TYPES, "geometry"]
_CLUSTER_TEXTS = {"cluster_id", "area_code", "recurrence"}


def places(crs: str) -> gpd.GeoDataFrame:
    """Return a list without places."""
    return _frame(_TYPES, crs)


def clusters(crs: str) -> gpd.GeoDataFrame:
    """Return a table of clusters without rows."""
    types = {
        name: "str" if name in _CLUSTER_TEXTS else "float64"
        for name in COLUMNS
        if name != "geometry"
    }
    types |= {"members": "int64", "recent": "int64", "above_expected": "bool"}
    return _frame(types, crs)[COLUMNS]


def _frame(types: dict[str, str], crs: str) -> gpd.GeoDataFrame:
    table = pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in types.items()})
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([], crs=crs))
