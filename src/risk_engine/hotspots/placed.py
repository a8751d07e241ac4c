"""Squares placed freely: best first, none overlapping, each inside a local area."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_engine.config.hotspots import Exclusion
from risk_engine.hotspots.history import Floats, Indexes
from risk_engine.hotspots.surface import DECIMALS, Surface
from risk_engine.places import AreaMap

#: Candidates whose area is looked up at once; most are overlapped before their turn comes.
_CHUNK = 20_000


@dataclass
class _Wanted:
    """How many more squares are wanted, force-wide and in each local area."""

    count: int
    per_area: int
    codes: list[str]
    found: Counter[str] = field(default_factory=Counter)

    def takes(self, code: object) -> bool:
        if code is None:
            return False
        return self.count > 0 or self.found[str(code)] < self.per_area

    def take(self, code: str) -> None:
        self.count -= 1
        self.found[code] += 1

    @property
    def done(self) -> bool:
        return self.count <= 0 and all(self.found[code] >= self.per_area for code in self.codes)


def place(
    surface: Surface,
    areas: AreaMap,
    *,
    side: int,
    count: int,
    per_area: int = 0,
    avoid: Sequence[Exclusion] = (),
    seed: int,
) -> pd.DataFrame:
    """Place squares greedily where the surface holds most.

    The best square is taken, everything overlapping it is set aside, and so on. After `count`
    squares it goes on only in local areas that have fewer than `per_area`. A square needs at least
    one event of its own, and its centre must belong to a local area (`AreaMap.assign`: a rough
    coastline is forgiven). Equal squares are ordered by a seeded random field: none is preferred
    for lying further west.

    Parameters
    ----------
    side
        Side of a square in pixels of the surface.
    avoid
        Circles in which no centre may lie.

    Returns
    -------
    pandas.DataFrame
        ``left, bottom, value, own, area_code``: corner in metres, blended and own decayed events;
        best first.
    """
    value, own = surface.boxes(side)
    wanted = _Wanted(count, per_area, list(areas.frame["area_code"]))
    free = np.ones(value.shape, dtype=bool)
    chosen: list[tuple[int, str]] = []
    order = _best_first(value, own, seed)
    for begin in range(0, len(order), _CHUNK):
        chunk = order[begin : begin + _CHUNK]
        chunk = chunk[free.ravel()[chunk]]
        for index, code in zip(chunk, _codes(surface, areas, chunk, side, avoid), strict=True):
            row, column = divmod(int(index), value.shape[1])
            if not (free[row, column] and wanted.takes(code)):
                continue
            wanted.take(code)
            chosen.append((int(index), code))
            free[_reach(row, side), _reach(column, side)] = False
            if wanted.done:
                return _table(surface, chosen, value, own)
    return _table(surface, chosen, value, own)


def _best_first(value: npt.NDArray[np.float32], own: npt.NDArray[np.float32], seed: int) -> Indexes:
    candidates = np.flatnonzero(own > 10.0**-DECIMALS)
    candidates = np.random.default_rng(seed).permutation(candidates)
    values = value.ravel()[candidates].round(DECIMALS)
    order: Indexes = candidates[np.argsort(-values, kind="stable")]
    return order


def _codes(
    surface: Surface, areas: AreaMap, chunk: Indexes, side: int, avoid: Sequence[Exclusion]
) -> npt.NDArray[np.object_]:
    row, column = np.divmod(chunk, surface.own.shape[1])
    half = side * surface.step / 2
    x = surface.left + column * surface.step + half
    y = surface.bottom + row * surface.step + half
    codes = areas.assign(pd.Series(x), pd.Series(y)).copy()
    codes[within(x, y, avoid)] = None
    return codes


def within(x: Floats, y: Floats, circles: Sequence[Exclusion]) -> npt.NDArray[np.bool_]:
    """Say which points lie inside any of the circles."""
    inside = np.zeros(len(x), dtype=bool)
    for circle in circles:
        inside |= np.hypot(x - circle.easting, y - circle.northing) <= circle.radius
    return inside


def _reach(corner: int, side: int) -> slice:
    """Corners that would overlap a square along one axis."""
    return slice(max(0, corner - side + 1), corner + side)


def _table(
    surface: Surface,
    chosen: list[tuple[int, str]],
    value: npt.NDArray[np.float32],
    own: npt.NDArray[np.float32],
) -> pd.DataFrame:
    index = np.array([index for index, _ in chosen], dtype=np.int64)
    row, column = np.divmod(index, value.shape[1])
    return pd.DataFrame(
        {
            "left": surface.left + column * float(surface.step),
            "bottom": surface.bottom + row * float(surface.step),
            "value": value.ravel()[index].astype(float).round(DECIMALS),
            "own": own.ravel()[index].astype(float).round(DECIMALS),
            "area_code": pd.Series([code for _, code in chosen], dtype="str"),
        }
    )
