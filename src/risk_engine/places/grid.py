"""The regular grid of squares: cell numbers, names and geometry."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd
from shapely import box

from risk_engine.places.areas import AreaMap

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """Squares of `size` metres whose corners are multiples of `size` in the projected system."""

    size: int

    def cell_ids(self, easting: Floats, northing: Floats) -> npt.NDArray[np.object_]:
        """Return ``E<easting>N<northing>`` of the lower left corner of the square of each point.

        >>> Grid(250).cell_ids(np.array([442400.0]), np.array([113600.0]))[0]
        'E442250N113500'
        """
        column = (np.floor(np.asarray(easting) / self.size) * self.size).astype(np.int64)
        row = (np.floor(np.asarray(northing) / self.size) * self.size).astype(np.int64)
        return np.array([f"E{x}N{y}" for x, y in zip(column, row, strict=True)], dtype=object)

    def with_cells(self, events: ir.Table) -> ir.Table:
        """Add ``cell_id`` to events that have a point; the others are left out."""
        placed = events.filter(events.easting.notnull(), events.northing.notnull())
        column = ((placed.easting / self.size).floor() * self.size).cast("int64").cast("string")
        row = ((placed.northing / self.size).floor() * self.size).cast("int64").cast("string")
        return placed.mutate(cell_id=ibis.literal("E") + column + "N" + row)

    def squares(self, areas: AreaMap) -> gpd.GeoDataFrame:
        """Return every square that touches a local area.

        Returns
        -------
        geopandas.GeoDataFrame
            ``cell_id, easting, northing`` (centre) and geometry, by row and column.
        """
        left, bottom, right, top = areas.bounds
        size = self.size
        xs = np.arange(np.floor(left / size), np.ceil(right / size), dtype=np.float64) * size
        ys = np.arange(np.floor(bottom / size), np.ceil(top / size), dtype=np.float64) * size
        x, y = (axis.ravel() for axis in np.meshgrid(xs, ys))
        frame = gpd.GeoDataFrame(
            pd.DataFrame(
                {
                    "cell_id": self.cell_ids(x, y),
                    "easting": x + size / 2,
                    "northing": y + size / 2,
                }
            ),
            geometry=box(x, y, x + size, y + size),
            crs=areas.crs,
        )
        touching = frame.sindex.query(areas.frame.geometry, predicate="intersects")[1]
        return frame.iloc[np.unique(touching)].reset_index(drop=True)
