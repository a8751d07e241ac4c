"""The land of the synthetic partnership: areas, towns, census zones and residents.

Names, codes, centres and residents of the areas are real; every boundary, town and zone is
invented, since no real boundary is shipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from risk_engine.config.areas import AreasConfig
from risk_engine.errors import ConfigError, Fault
from risk_engine.synthetic import figures
from risk_engine.synthetic.chance import Floats, Ints, share_out

GROUPS = ("Asian", "Black", "Mixed", "Other", "White")
#: Residents' groups as the census publishes them.
CENSUS_GROUPS = {
    "Asian": "Asian, Asian British or Asian Welsh",
    "Black": "Black, Black British, Black Welsh, Caribbean or African",
    "Mixed": "Mixed or Multiple ethnic groups",
    "Other": "Other ethnic group",
    "White": "White",
}
#: Per cent Asian, Black, Mixed, Other, White by area (Census 2021).
ETHNIC_MIX = {
    "E07000084": (5.9, 2.0, 2.6, 1.1, 88.5),
    "E07000085": (1.9, 0.5, 1.6, 0.5, 95.4),
    "E07000086": (3.9, 1.0, 2.1, 0.7, 92.4),
    "E07000087": (1.8, 0.6, 1.5, 0.4, 95.6),
    "E07000088": (1.4, 1.2, 1.5, 0.5, 95.4),
    "E07000089": (3.6, 0.8, 2.2, 0.8, 92.5),
    "E07000090": (1.7, 0.6, 1.4, 0.4, 95.9),
    "E06000046": (1.2, 0.3, 1.2, 0.3, 97.0),
    "E07000091": (1.2, 0.4, 1.3, 0.4, 96.8),
    "E06000044": (6.9, 3.4, 2.6, 1.8, 85.2),
    "E07000092": (14.7, 2.5, 2.6, 2.8, 77.4),
    "E06000045": (10.6, 3.0, 3.3, 2.3, 80.7),
    "E07000093": (3.3, 1.1, 1.8, 0.8, 93.1),
    "E07000094": (3.1, 0.6, 2.0, 0.7, 93.6),
}
#: The force area's mix, for areas that the table does not hold.
ANY_MIX = (4.8, 1.5, 2.1, 1.1, 90.6)
#: Metres an area reaches from its centre; keeps the Isle of Wight off the mainland.
REACH = 8_000.0
RESIDENTS_PER_ZONE = 1_700


@dataclass(frozen=True)
class World:
    """Where everything happens, coordinates in the areas' projected system.

    Attributes
    ----------
    areas
        ``area_code, name, geometry``, in the order of the configuration.
    towns
        ``area`` (row of `areas`), ``x, y, spread`` (metres), ``weight`` (sums to 1 in an area).
    zones
        ``zone_code, area_code, area, hardship, geometry``; hardship is standard normal and raises
        risk, whoever lives there.
    residents
        One row a zone and one column a group of `GROUPS`; area totals are exact.
    robbery, violence
        Weights of the areas: how much of the force's robbery with weapons, and of its violence,
        they have.
    """

    areas: gpd.GeoDataFrame
    towns: pd.DataFrame
    zones: gpd.GeoDataFrame
    residents: Ints
    robbery: Ints
    violence: Ints

    def area_rows(self, area: npt.NDArray[Any]) -> npt.NDArray[np.object_]:
        """Area polygon of each row number."""
        polygons: npt.NDArray[np.object_] = self.areas.geometry.to_numpy()[area]
        return polygons

    def at_sea(self) -> tuple[int, int]:
        """Return a point inside the bounds of the areas and in none of them, in whole metres."""
        left, bottom, right, top = self.areas.total_bounds
        east, north = (axis.ravel() for axis in np.meshgrid(
            np.linspace(left, right, 25), np.linspace(bottom, top, 25)
        ))  # fmt: skip
        land = shapely.union_all(self.areas.geometry.to_numpy())
        far = int(np.argmax(shapely.distance(land, shapely.points(east, north))))
        return int(east[far]), int(north[far])

    def pull_inside(self, x: Floats, y: Floats, area: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """Move points that lie outside their area half the way to its main town until inside.

        Areas are convex and hold their main town, so every point arrives.
        """
        main = self.towns.groupby("area")[["x", "y"]].first().to_numpy()[area]
        polygons = self.area_rows(area)
        x, y = np.array(x, dtype=float), np.array(y, dtype=float)
        outside = np.flatnonzero(~shapely.contains_xy(polygons, x, y))
        while len(outside):
            x[outside] = (x[outside] + main[outside, 0]) / 2
            y[outside] = (y[outside] + main[outside, 1]) / 2
            outside = outside[~shapely.contains_xy(polygons[outside], x[outside], y[outside])]
        return x, y


def build(config: AreasConfig, *, rng: np.random.Generator) -> World:
    """Invent boundaries, towns and zones around the configured centres.

    Raises
    ------
    ConfigError
        If an area has no residents or no centre.
    """
    _check(config)
    areas = _areas(config)
    towns = _towns(areas, config, rng)
    zones = _zones(areas, towns, config, rng)
    residents = _residents(zones, config, rng)
    minority = 1 - residents[:, -1] / np.maximum(residents.sum(axis=1), 1)
    mixed = rng.normal(size=len(zones)) + 0.4 * _standard(np.log(minority + 0.01))
    zones.insert(3, "hardship", _standard(mixed))
    for shapes in (areas, zones):
        shapely.prepare(shapes.geometry.to_numpy())
    by_area = np.bincount(zones["area"], weights=residents.sum(axis=1)).astype(np.int64)
    robbery, violence = figures.levels(config.codes, by_area)
    return World(areas, towns, zones, residents, robbery, violence)


def points_in(
    polygons: npt.NDArray[np.object_], *, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw one point uniformly inside each polygon."""
    left, bottom, right, top = shapely.bounds(polygons).T
    x, y = np.empty(len(polygons)), np.empty(len(polygons))
    todo = np.arange(len(polygons))
    while len(todo):
        x[todo] = rng.uniform(left[todo], right[todo])
        y[todo] = rng.uniform(bottom[todo], top[todo])
        todo = todo[~shapely.contains_xy(polygons[todo], x[todo], y[todo])]
    return x, y


def _check(config: AreasConfig) -> None:
    faults = [
        Fault("areas", 0, f"local_areas[{row}]", f"'{area.name}' needs population and centre")
        for row, area in enumerate(config.local_areas)
        if not area.population or area.easting is None or area.northing is None
    ]
    centres = [(area.easting, area.northing) for area in config.local_areas]
    if len(set(centres)) < len(centres):
        faults.append(Fault("areas", 0, "local_areas", "two areas share one centre"))
    if faults:
        raise ConfigError(faults, hint="give population, easting and northing of every area")


def _standard(values: Floats) -> Floats:
    spread = values.std()
    scaled: Floats = (values - values.mean()) / (spread if spread > 0 else 1)
    return scaled


def _cells(x: Floats, y: Floats, extent: shapely.Geometry) -> npt.NDArray[np.object_]:
    """Voronoi cell of each point; a single point has the whole extent."""
    if len(x) == 1:
        return np.array([extent.envelope], dtype=object)
    diagram = shapely.voronoi_polygons(
        shapely.multipoints(np.column_stack([x, y])), extend_to=extent, ordered=True
    )
    cells: npt.NDArray[np.object_] = shapely.get_parts(diagram)
    return cells


def _areas(config: AreasConfig) -> gpd.GeoDataFrame:
    x = np.array([area.easting for area in config.local_areas], dtype=float)
    y = np.array([area.northing for area in config.local_areas], dtype=float)
    discs = shapely.buffer(shapely.points(x, y), REACH)
    shapes = shapely.intersection(_cells(x, y, shapely.union_all(discs)), discs)
    frame = pd.DataFrame({"area_code": config.codes, "name": [a.name for a in config.local_areas]})
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=config.crs)


def _towns(areas: gpd.GeoDataFrame, config: AreasConfig, rng: np.random.Generator) -> pd.DataFrame:
    """One main town at the centre of each area and two to four smaller ones."""
    rows: list[tuple[int, float, float, float, float]] = []
    for number, area in enumerate(config.local_areas):
        others = int(rng.integers(2, 5))
        x, y = points_in(np.repeat(areas.geometry.to_numpy()[number], others), rng=rng)
        share = rng.uniform(0.3, 1, others)
        share *= 0.4 / share.sum()
        rows.append((number, float(area.easting or 0), float(area.northing or 0), 1_800.0, 0.6))
        rows += [(number, *town) for town in zip(x, y, np.full(others, 800.0), share, strict=True)]
    return pd.DataFrame(rows, columns=["area", "x", "y", "spread", "weight"])


def _zones(
    areas: gpd.GeoDataFrame, towns: pd.DataFrame, config: AreasConfig, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Voronoi zones, denser around towns, a tenth of them anywhere."""
    parts = []
    for number, area in enumerate(config.local_areas):
        polygon = areas.geometry.to_numpy()[number]
        count = max(3, round((area.population or 0) / RESIDENTS_PER_ZONE))
        x, y = _zone_centres(polygon, towns[towns.area == number], count, rng)
        shapes = shapely.intersection(_cells(x, y, polygon), polygon)
        parts.append(pd.DataFrame({"area_code": area.code, "area": number, "geometry": shapes}))
    zones = pd.concat(parts, ignore_index=True)
    zones.insert(0, "zone_code", [f"E019{number:05d}" for number in range(1, len(zones) + 1)])
    return gpd.GeoDataFrame(zones, geometry="geometry", crs=config.crs)


def _zone_centres(
    polygon: shapely.Geometry, towns: pd.DataFrame, count: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    x, y = points_in(np.repeat(polygon, count), rng=rng)
    town = towns.iloc[rng.choice(len(towns), count, p=towns.weight / towns.weight.sum())]
    near_x = rng.normal(town.x.to_numpy(), town.spread.to_numpy())
    near_y = rng.normal(town.y.to_numpy(), town.spread.to_numpy())
    near = shapely.contains_xy(polygon, near_x, near_y) & (rng.random(count) < 0.9)
    return np.where(near, near_x, x), np.where(near, near_y, y)


def _residents(zones: gpd.GeoDataFrame, config: AreasConfig, rng: np.random.Generator) -> Ints:
    """Residents by zone and group: mixes vary between zones, area totals stay as configured."""
    result = np.zeros((len(zones), len(GROUPS)), dtype=np.int64)
    for number, area in enumerate(config.local_areas):
        rows = np.flatnonzero(zones["area"].to_numpy() == number)
        mix = np.array(ETHNIC_MIX.get(area.code, ANY_MIX)) / 100
        size = rng.gamma(20, size=len(rows))
        local = rng.dirichlet(mix / mix.sum() * 40, size=len(rows)) + 0.1 * mix
        totals = share_out((area.population or 0), mix)
        for column, total in enumerate(totals):
            result[rows, column] = share_out(int(total), size * local[:, column])
    return result
