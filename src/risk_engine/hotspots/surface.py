"""The surface: decayed events in small pixels plus a smoothed copy, and sums over squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.spatial import KDTree

from risk_engine.config import HotspotSpec
from risk_engine.errors import ConfigError
from risk_engine.hotspots.history import Floats, History

Raster = npt.NDArray[np.float32]

#: Box sums are told apart to this many decimals of an event; less is rounding of the arithmetic.
DECIMALS = 4
#: The Gaussian is cut here, in standard deviations.
_TRUNCATE = 3.0


@dataclass(frozen=True)
class Surface:
    """Decayed events on a lattice, cropped to the events and a margin.

    Attributes
    ----------
    left, bottom
        Corner of pixel (0, 0) in metres; rows go north, columns go east.
    step
        Side of a pixel in metres.
    own, smooth
        Decayed events of each pixel, and the same smoothed; both add up to the decayed total.
    share
        Weight of `smooth` beside `own`.
    """

    left: float
    bottom: float
    step: int
    own: Raster
    smooth: Raster
    share: float

    def boxes(self, side: int) -> tuple[Raster, Raster]:
        """Return, for each pixel as lower left corner of a square, its value and its own events.

        Parameters
        ----------
        side
            Side of the square in pixels.

        Returns
        -------
        tuple of rasters
            Blended value ``(own + share * smooth) / (1 + share)``, and decayed events. Differences
            below `DECIMALS` are rounding of the arithmetic.
        """
        own = _box_sums(self.own, side)
        value = _box_sums(self.smooth, side)
        value *= self.share
        value += own
        value /= 1 + self.share
        return value, own


def blended(
    history: History, spec: HotspotSpec, *, own: Floats, x: Floats, y: Floats, area: Floats
) -> Floats:
    """Return the value of places of any shape: what `Surface.boxes` gives squares.

    Parameters
    ----------
    own
        Decayed events inside each place.
    x, y
        Centre of each place; the smoothed copy changes little within a place and is taken there.
    area
        Square metres of each place.
    """
    sigma, share = spec.placed.smoothing_metres, spec.placed.smoothing_share
    tree = KDTree(np.column_stack([history.x, history.y]))
    near = tree.query_ball_point(np.column_stack([x, y]), _TRUNCATE * sigma, return_sorted=True)
    density = np.zeros(len(x))
    for place, events in enumerate(near):
        squared = (history.x[events] - x[place]) ** 2 + (history.y[events] - y[place]) ** 2
        density[place] = (history.weights[events] * np.exp(-squared / (2 * sigma**2))).sum()
    smooth = density * area / (2 * np.pi * sigma**2)
    return (own + share * smooth) / (1 + share)


def build(history: History, spec: HotspotSpec, *, cell_size: int) -> Surface:
    """Bin the visible events with their weights and add the smoothed copy.

    The rule is the one measured best for a week or a month ahead: weights that
    halve every `half_life`, a Gaussian copy of `smoothing_metres`, blended by `smoothing_share`.
    """
    step, sigma = spec.placed.lattice, spec.placed.smoothing_metres
    margin = _TRUNCATE * sigma + cell_size
    left, bottom = (_floor(axis.min() - margin, step) for axis in (history.x, history.y))
    columns, rows = (
        int((axis.max() + margin - origin) // step) + 1
        for axis, origin in ((history.x, left), (history.y, bottom))
    )
    column = ((history.x - left) // step).astype(np.int64)
    row = ((history.y - bottom) // step).astype(np.int64)
    flat = np.bincount(row * columns + column, weights=history.weights, minlength=rows * columns)
    own = flat.reshape(rows, columns).astype(np.float32)
    smooth = ndimage.gaussian_filter(own, sigma / step, mode="constant", truncate=_TRUNCATE)
    return Surface(left, bottom, step, own, smooth, spec.placed.smoothing_share)


def pixels(spec: HotspotSpec, cell_size: int) -> int:
    """Return the side of a square in lattice steps.

    Raises
    ------
    ConfigError
        If the square is not a whole number of steps.
    """
    if cell_size % spec.placed.lattice:
        raise ConfigError.one(
            f"a square of {cell_size} m is not a whole number of steps of {spec.placed.lattice} m",
            file=f"hotspot spec {spec.name}",
            where="placed.lattice",
        )
    return cell_size // spec.placed.lattice


def _box_sums(raster: Raster, side: int) -> Raster:
    """Sum over squares whose lower left pixel is the one written; outside counts as empty."""
    mean = ndimage.uniform_filter(raster, side, mode="constant", origin=-(side // 2))
    sums: Raster = mean * np.float32(side * side)
    return sums


def _floor(value: float, step: int) -> float:
    return float(np.floor(value / step) * step)
