"""Who lives in the listed places: residents of zones, by how much of the zone a place covers."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from risk_engine.audit.schema import in_order, require, require_unique
from risk_engine.audit.statistics import Floats
from risk_engine.errors import InputError

Geometries = npt.NDArray[np.object_]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Burden:
    """Residents of each place by group; sums over places are residents of the whole list.

    Attributes
    ----------
    groups
        Names of the columns.
    residents
        Residents of all zones, one number a group.
    living
        Places x groups: residents inside the place (the residents of a zone are taken to be spread
        evenly over its area).
    even
        The same if the residents inside each place were of every group as their local area is.
    note
        What could not be placed, as sentences; empty where everything could.
    """

    groups: list[str]
    residents: Floats
    living: Floats
    even: Floats
    note: str


def measure(places: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, population: pd.DataFrame) -> Burden:
    """Lay the listed places over the zones; parts that places share count once.

    Raises
    ------
    InputError
        A column is missing, a zone is given twice, or the maps are not in one projected system.
    """
    _check(places, zones, population)
    zones = zones.sort_values("zone_code", ignore_index=True)
    table = _population(zones, population)
    squares, shapes = _apart(places), shapely.make_valid(zones.geometry.to_numpy())
    square, zone = shapely.STRtree(shapes).query(squares, predicate="intersects")
    share = _share(squares[square], shapes[zone])
    living = np.zeros((len(squares), table.shape[1]))
    even = np.zeros_like(living)
    np.add.at(living, square, share[:, None] * table[zone])
    inside = (share * table[zone].sum(axis=1))[:, None]
    np.add.at(even, square, inside * _mix(table, zones["area_code"])[zone])
    note = _note(square, share, table, zones["area_code"], len(squares))
    groups = in_order(population["group"].astype("str"))
    return Burden(groups, table.sum(axis=0), living, even, note)


def _check(places: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, population: pd.DataFrame) -> None:
    require(places, ["geometry"], name="places")
    require(zones, ["zone_code", "area_code", "geometry"], name="zones")
    require(population, ["zone_code", "group", "residents"], name="population")
    require_unique(zones, "zone_code", name="zones")
    if places.crs != zones.crs or (zones.crs is not None and zones.crs.is_geographic):
        raise InputError(
            "audit: places and zones are not in one projected coordinate system",
            code="AUDIT_CRS",
            hint="bring both into the system of the area configuration",
        )


def _population(zones: gpd.GeoDataFrame, population: pd.DataFrame) -> Floats:
    """Return residents as zones x groups; zones the table does not name have none."""
    groups = in_order(population["group"].astype("str"))
    wide = population.assign(group=population["group"].astype("str")).pivot_table(
        index="zone_code", columns="group", values="residents", aggfunc="sum"
    )
    wide = wide.reindex(index=zones["zone_code"], columns=groups).astype(float).fillna(0.0)
    return wide.to_numpy(dtype=np.float64)


def _apart(places: gpd.GeoDataFrame) -> Geometries:
    """Return the places without overlap: what two share stays with the first of them.

    First by geometry, so that the order of the rows plays no part. A place that lies wholly within
    others is none of its own.
    """
    shapes: Geometries = shapely.normalize(shapely.make_valid(places.geometry.to_numpy()))
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    shapes = shapes[np.argsort(shapely.to_wkb(shapes, hex=True), kind="stable")]
    later, earlier = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    for place in np.unique(later[earlier < later]):
        before = shapes[earlier[(later == place) & (earlier < later)]]
        shapes[place] = shapely.difference(shapes[place], shapely.union_all(before))
    apart: Geometries = shapes[shapely.area(shapes) > 0]
    return apart


def _share(squares: Geometries, shapes: Geometries) -> Floats:
    """Return the part of each zone's area inside the place."""
    whole = shapely.area(shapes)
    inside = shapely.area(shapely.intersection(squares, shapes))
    share: Floats = np.divide(inside, whole, out=np.zeros(len(whole)), where=whole > 0)
    return share


def _mix(table: Floats, area: pd.Series) -> Floats:
    """Return, for each zone, the groups' shares of the residents of its local area."""
    names = area.astype(object).where(area.notna(), "").astype("str")
    totals = pd.DataFrame(table).groupby(names.to_numpy()).transform("sum").to_numpy()
    whole = totals.sum(axis=1, keepdims=True)
    mix: Floats = np.divide(totals, whole, out=np.zeros_like(totals), where=whole > 0)
    return mix


def _note(square: Places, share: Floats, table: Floats, area: pd.Series, count: int) -> str:
    outside = count - len(np.unique(square[share > 0]))
    empty, nowhere = int((table.sum(axis=1) == 0).sum()), int(area.isna().sum())
    said = [
        f"{outside} of {count} listed places lie outside every census zone." if outside else "",
        f"{empty} of {len(table)} census zones have no residents on record." if empty else "",
        f"{nowhere} of {len(table)} census zones are in no local area." if nowhere else "",
    ]
    return " ".join(filter(None, said))
