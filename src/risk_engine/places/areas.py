"""Polygons of the local areas: which area holds a point, and what the whole area is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from risk_engine.config.areas import AreasConfig, Boundaries
from risk_engine.errors import InputError, suggest

Floats = npt.NDArray[np.float64]

#: Side in metres of the cells that are asked for in place of their points.
_CELL = 500.0
#: Metres beyond which a coordinate is no place on any map in metres.
_FARTHEST = 1e8


@dataclass(frozen=True)
class AreaMap:
    """The local areas as polygons in the projected system of the area configuration.

    Attributes
    ----------
    frame
        ``area_code, name, geometry``; one row a local area, in the order of the configuration.
    snap_metres
        Points this near outside every polygon belong to the nearest (rough coastlines).
    """

    frame: gpd.GeoDataFrame
    crs: str
    snap_metres: float

    @classmethod
    def load(cls, config: AreasConfig, boundaries: Boundaries, path: Path) -> AreaMap:
        """Read the polygon file.

        Raises
        ------
        InputError
            If the file, its CRS, the code column or a configured area is missing.
        """
        frame = read_polygons(path, config.crs)
        if boundaries.code not in frame.columns:
            raise InputError(
                f"{path.name}: no column '{boundaries.code}'"
                f"{suggest(boundaries.code, map(str, frame.columns))}",
                code="BOUNDARIES_COLUMN",
            )
        frame = frame.dissolve(boundaries.code)[["geometry"]]
        missing = [area.name for area in config.local_areas if area.code not in frame.index]
        if missing:
            raise InputError(
                f"{path.name}: no polygon for {', '.join(missing)}", code="BOUNDARIES_AREA"
            )
        frame = frame.loc[config.codes].rename_axis("area_code").reset_index()
        frame.insert(1, "name", [area.name for area in config.local_areas])
        return cls(frame, config.crs, boundaries.snap_metres)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """``(left, bottom, right, top)`` of all areas in metres."""
        left, bottom, right, top = self.frame.total_bounds
        return float(left), float(bottom), float(right), float(top)

    def assign(
        self,
        easting: Sequence[float] | npt.NDArray[np.float64] | pd.Series,
        northing: Sequence[float] | npt.NDArray[np.float64] | pd.Series,
    ) -> npt.NDArray[np.object_]:
        """Return the area code of each point; None where a point is missing or in no area.

        Border points go to the first area of the configuration that holds them.
        """
        x, y = np.asarray(easting, float), np.asarray(northing, float)
        codes = self.frame["area_code"].to_numpy(dtype=object)
        within = self._by_cell(x, y)
        result = np.full(len(x), None, dtype=object)
        result[within >= 0] = codes[within[within >= 0]]
        near_borders = within < 0
        result[near_borders] = self._one_by_one(x[near_borders], y[near_borders])
        return result

    def _by_cell(self, x: Floats, y: Floats) -> npt.NDArray[np.intp]:
        """Return the row of the area whose inside holds the whole cell of a point, else -1.

        Most points lie deep inside an area: asking once a cell instead of once a point is what
        makes a million points cheap.
        """
        found = np.full(len(x), -1, dtype=np.intp)
        near = (np.abs(x) < _FARTHEST) & (np.abs(y) < _FARTHEST)  # false where missing
        known = np.flatnonzero(near)
        column, row = np.floor(x[known] / _CELL), np.floor(y[known] / _CELL)
        cells, cell = np.unique(column * 1e6 + row, return_inverse=True)
        first = np.full(len(cells), 0)
        first[cell] = np.arange(len(cell))
        left, bottom = column[first] * _CELL, row[first] * _CELL
        boxes = shapely.STRtree(shapely.box(left, bottom, left + _CELL, bottom + _CELL))
        polygons = self.frame.geometry.to_numpy()
        area, inside = boxes.query(polygons, predicate="contains_properly")
        touching = boxes.query(polygons, predicate="intersects")[1]
        touched = np.bincount(touching, minlength=len(cells))
        alone = touched[inside] == 1
        of_cell = np.full(len(cells), -1, dtype=np.intp)
        of_cell[inside[alone]] = area[alone]
        found[known] = of_cell[cell]
        return found

    def _one_by_one(self, x: Floats, y: Floats) -> npt.NDArray[np.object_]:
        points = pd.DataFrame({"x": x, "y": y})
        unique = points.dropna().drop_duplicates()
        places = gpd.GeoDataFrame(
            unique, geometry=gpd.points_from_xy(unique.x, unique.y), crs=self.crs
        )
        inside = places.sjoin(self.frame[["area_code", "geometry"]], predicate="intersects")
        inside = inside.sort_values("index_right", kind="stable")
        code = inside[~inside.index.duplicated()]["area_code"]
        outside = places.loc[places.index.difference(code.index)]
        if len(outside) and self.snap_metres > 0:
            near = outside.sjoin_nearest(
                self.frame[["area_code", "geometry"]], max_distance=self.snap_metres
            ).sort_values("index_right", kind="stable")
            code = pd.concat([code, near[~near.index.duplicated()]["area_code"]])
        unique = unique.assign(code=code.reindex(unique.index))
        result = points.merge(unique, on=["x", "y"], how="left")["code"]
        return result.astype(object).where(result.notna(), None).to_numpy(dtype=object, copy=True)


def read_polygons(path: Path, crs: str) -> gpd.GeoDataFrame:
    """Read a polygon file and bring it into `crs`; a file without a CRS is refused.

    GeoJSON states none and is WGS84 by its standard.
    """
    if not path.is_file():
        raise InputError(
            f"{path}: there is no such map file",
            code="MISSING_FILE",
            hint="put it there, or correct its path in the run configuration",
        )
    try:
        frame = gpd.read_file(path)
    except (OSError, ValueError, RuntimeError) as error:  # pyogrio's are RuntimeErrors
        raise InputError(
            f"{path}: cannot be read as a map ({type(error).__name__})", code="MAP_UNREADABLE"
        ) from None
    if getattr(frame, "crs", None) is None:  # a table without geometry has no such attribute
        raise InputError(
            f"{path}: states no coordinate system", code="MAP_CRS", hint="save it with its CRS"
        )
    frame = frame.to_crs(crs)
    frame.geometry = frame.geometry.make_valid()
    return frame
