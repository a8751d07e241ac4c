"""Coordinates: from one system to another, and what is wrong with a point."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

Floats = npt.NDArray[np.float64]


class PointFault(StrEnum):
    """Why a point cannot be used; the value is the quarantine code."""

    OK = ""
    WRONG_SYSTEM = "POINT_WRONG_SYSTEM"
    SWAPPED = "POINT_SWAPPED"
    OUTSIDE = "POINT_OUTSIDE"


@lru_cache(maxsize=16)
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def transform(x: Floats, y: Floats, source: str, target: str) -> tuple[Floats, Floats]:
    """Bring points from one coordinate system into another.

    Without the OSTN15 grid file (it is not shipped), WGS84 to British National Grid is right to
    1-5 metres, which is below the snapping of the data.

    Returns
    -------
    tuple of arrays
        Easting and northing; NaN where a coordinate is missing or cannot be transformed.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if source == target or not len(x):
        return x, y
    east, north = _transformer(source, target).transform(x, y, errcheck=False)
    bad = ~(np.isfinite(east) & np.isfinite(north))
    return np.where(bad, np.nan, east), np.where(bad, np.nan, north)


def check_points(
    x: Floats,
    y: Floats,
    *,
    source: str,
    target: str,
    bounds: tuple[float, float, float, float],
    margin: float = 5_000,
) -> npt.NDArray[np.object_]:
    """Say what is wrong with each point, as a `PointFault`.

    Parameters
    ----------
    x, y
        Coordinates as sent, in `source`; NaN counts as no point and has no fault.
    bounds
        ``(left, bottom, right, top)`` of the study area in `target`, metres.
    margin
        A point this many metres outside the bounds is still accepted here; whether it is on land
        is for `AreaMap.assign` to say.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    faults = np.full(len(x), PointFault.OK, dtype=object)
    present = np.isfinite(x) & np.isfinite(y)
    bad = np.flatnonzero(present & ~_within(*transform(x, y, source, target), bounds, margin))
    faults[bad] = PointFault.OUTSIDE
    x, y = x[bad], y[bad]
    swapped = _within(*transform(y, x, source, target), bounds, margin)
    faults[bad[swapped]] = PointFault.SWAPPED
    other = "EPSG:4326" if source != "EPSG:4326" else target
    elsewhere = ~swapped & _within(*transform(x, y, other, target), bounds, margin)
    faults[bad[elsewhere]] = PointFault.WRONG_SYSTEM
    return faults


def _within(
    east: Floats, north: Floats, bounds: tuple[float, float, float, float], margin: float
) -> npt.NDArray[np.bool_]:
    left, bottom, right, top = bounds
    inside: npt.NDArray[np.bool_] = (
        (east >= left - margin)
        & (east <= right + margin)
        & (north >= bottom - margin)
        & (north <= top + margin)
    )
    return inside
