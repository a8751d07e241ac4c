"""Distinct points of a source: what is wrong with each, where it lies, in which local area."""

# ruff: noqa: S608 - statements hold own table names and texts quoted in `sql`, never cells
from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from risk_engine.config.contract import PointSpec
from risk_engine.places import AreaMap, PointFault, check_points, transform

#: On the map of the areas but in none of them: at sea, or across the border.
_SEA = "POINT_SEA"


def locate(
    point: PointSpec | None,
    *,
    connection: duckdb.DuckDBPyConnection,
    rows: str,
    table: str,
    areas: AreaMap,
    mend: bool = False,
) -> None:
    """Make `table` with one row for each distinct point of the table `rows`.

    Parameters
    ----------
    point
        The two fields and their coordinate system; without it the table is empty.
    mend
        Swap the coordinates of a point that was sent swapped.

    Notes
    -----
    Columns: ``x, y`` as sent; ``fault`` a quarantine code or null; ``repair`` a repair code or
    null; ``easting, northing`` in metres of the area's system and ``area_code``, all null where
    there is a fault.
    """
    columns = "x DOUBLE, y DOUBLE, fault VARCHAR, repair VARCHAR, easting DOUBLE, northing DOUBLE"
    connection.execute(f"CREATE TEMP TABLE {table} ({columns}, area_code VARCHAR)")
    if point is None:
        return
    found = connection.execute(
        f"SELECT DISTINCT v_{point.x} AS x, v_{point.y} AS y FROM {rows} "
        f"WHERE v_{point.x} IS NOT NULL AND v_{point.y} IS NOT NULL ORDER BY ALL"
    ).fetchnumpy()
    x, y = (np.asarray(found[axis], dtype=np.float64) for axis in ("x", "y"))
    if not len(x):
        return
    located = _located(x, y, point.crs, areas)
    if mend:
        located = _mended(located, point.crs, areas)
    connection.register("located", located)
    connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM located")
    connection.unregister("located")


def _mended(located: pd.DataFrame, crs: str, areas: AreaMap) -> pd.DataFrame:
    """Swap back what was sent swapped, where it then lies in an area."""
    swapped = located["fault"].eq(PointFault.SWAPPED.value).fillna(False).astype(bool)
    sent = located[swapped].reset_index(drop=True)
    if sent.empty:
        return located
    right = _located(sent["y"].to_numpy(), sent["x"].to_numpy(), crs, areas)
    right = right.assign(x=sent["x"], y=sent["y"], repair=PointFault.SWAPPED.value)
    good = right["fault"].isna()
    return pd.concat([located[~swapped], right[good], sent[~good]], ignore_index=True)


def _located(x: np.ndarray, y: np.ndarray, crs: str, areas: AreaMap) -> pd.DataFrame:
    faults = check_points(x, y, source=crs, target=areas.crs, bounds=areas.bounds)
    easting, northing = transform(x, y, crs, areas.crs)
    usable = faults == PointFault.OK
    codes = np.full(len(x), None, dtype=object)
    codes[usable] = areas.assign(easting[usable], northing[usable])
    at_sea = usable & pd.isna(codes)
    faults[at_sea] = _SEA
    faults[usable & ~at_sea] = None
    good = usable & ~at_sea
    return pd.DataFrame(
        {
            "x": x,
            "y": y,
            "fault": pd.array(faults, dtype="str"),
            "repair": pd.array(np.full(len(x), None, dtype=object), dtype="str"),
            "easting": np.where(good, easting, np.nan),
            "northing": np.where(good, northing, np.nan),
            "area_code": pd.array(codes, dtype="str"),
        }
    )
