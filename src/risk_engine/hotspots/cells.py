"""The regular grid beside the placed squares: the same weights, tied to fixed cells."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box

from risk_engine.hotspots.history import Floats, History
from risk_engine.places import AreaMap, Grid


def cell_counts(history: History, weights: Floats, *, cell_size: int) -> pd.DataFrame:
    """Return ``left, bottom, value`` of every cell that holds an event, in place order."""
    table = pd.DataFrame(
        {
            "left": np.floor(history.x / cell_size) * cell_size,
            "bottom": np.floor(history.y / cell_size) * cell_size,
            "value": weights,
        }
    )
    return table.groupby(["left", "bottom"], sort=True)["value"].sum().reset_index()


def best_cells(
    counts: pd.DataFrame, areas: AreaMap, *, count: int, cell_size: int, seed: int
) -> pd.DataFrame:
    """Return the `count` cells with most, inside the local areas; ties in seeded random order."""
    field = np.random.default_rng(seed).random(len(counts))
    order = np.lexsort((field, -counts["value"].round(6).to_numpy()))
    # Cells outside every area are rare: a margin of candidates spares looking up all of them.
    best = counts.iloc[order[: 4 * count]]
    half = cell_size / 2
    inside = pd.notna(areas.assign(best["left"] + half, best["bottom"] + half))
    return best[inside].head(count).reset_index(drop=True)


def expected_cells(history: History, *, cell_size: int, days: float, crs: str) -> gpd.GeoDataFrame:
    """Return the decayed rate of every cell with an event, as a count for the next period.

    Returns
    -------
    geopandas.GeoDataFrame
        ``cell_id, easting, northing`` (centre), ``expected`` and geometry; by cell.
    """
    counts = cell_counts(history, history.weights, cell_size=cell_size)
    left, bottom = counts["left"].to_numpy(float), counts["bottom"].to_numpy(float)
    columns = {
        "cell_id": Grid(cell_size).cell_ids(left, bottom).astype(str),
        "easting": left + cell_size / 2,
        "northing": bottom + cell_size / 2,
        "expected": counts["value"].to_numpy(float) * history.scale(days),
    }
    squares = box(left, bottom, left + cell_size, bottom + cell_size)
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=squares, crs=crs)
