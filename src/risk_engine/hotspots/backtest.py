"""What the rule would have found in earlier periods, beside two plain counts."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_engine.calendar import Period
from risk_engine.config import HotspotSpec
from risk_engine.hotspots.calibration import Calibration
from risk_engine.hotspots.cells import best_cells, cell_counts
from risk_engine.hotspots.history import History
from risk_engine.hotspots.placed import place
from risk_engine.hotspots.surface import build, pixels
from risk_engine.places import AreaMap

#: Columns of the backtest table, in order.
COLUMNS = [
    "origin",
    "ends",
    "is_forecast_period",
    "squares",
    "events",
    "expected",
    "placed_hits",
    "grid_hits",
    "count_hits",
    "both_hits",
    "placed_rate",
    "grid_rate",
    "count_rate",
    "area_share",
    "placed_pai",
    "grid_pai",
    "count_pai",
    "ratio",
]


def earlier_origins(history: History, period: Period, *, count: int) -> list[datetime]:
    """Return the latest `count` origins whose period is covered and that have a past, in order."""
    found: list[datetime] = []
    if not history.covered:
        return found
    step = -1
    while len(found) < count:
        origin = period.shift(history.as_of, step)
        if origin <= history.covered[0][0]:
            break
        if history.covers(origin, period.shift(history.as_of, step + 1)):
            found.append(origin)
        step -= 1
    return found[::-1]


def measure(
    history: History,
    outcome: pd.DataFrame,
    *,
    period: Period,
    spec: HotspotSpec,
    areas: AreaMap,
    cell_size: int,
    seed: int,
) -> dict[str, object] | None:
    """Run the rule at ``history.as_of`` and count what the next period brought.

    Parameters
    ----------
    history
        What was known at the origin; nothing else is used to choose.
    outcome
        Events that may fall into the period after the origin.

    Returns
    -------
    dict or None
        Counts of one origin before rates; ``expected`` is not corrected yet. None where nothing
        was known at the origin or nothing happened after it.
    """
    origin, ends = history.as_of, period.shift(history.as_of, 1)
    after = outcome[(outcome["occurred_at"] >= origin) & (outcome["occurred_at"] < ends)]
    if history.events.empty or after.empty:
        return None
    surface = build(history, spec, cell_size=cell_size)
    wanted = spec.placed.squares
    squares = place(surface, areas, side=pixels(spec, cell_size), count=wanted, seed=seed)
    lists = {"placed": squares}
    for name, weights in (("grid", history.weights), ("count", np.ones(len(history.events)))):
        counts = cell_counts(history, weights, cell_size=cell_size)
        lists[name] = best_cells(counts, areas, count=wanted, cell_size=cell_size, seed=seed)
    hits = {name: inside(after, table, cell_size) for name, table in lists.items()}
    return {
        "origin": origin,
        "ends": ends,
        "squares": len(squares),
        "events": len(after),
        "expected": squares["value"].sum() * history.scale(period.days(origin)),
        **{f"{name}_hits": int(hit.sum()) for name, hit in hits.items()},
        "both_hits": int((hits["placed"] & hits["grid"]).sum()),
    }


def backtest(
    history: History,
    points: pd.DataFrame,
    *,
    forecast_known: bool,
    period: Period,
    spec: HotspotSpec,
    areas: AreaMap,
    cell_size: int,
    seed: int,
) -> tuple[pd.DataFrame, Calibration]:
    """Measure the rule on earlier periods and, where known, on the forecast period itself.

    Every origin sees only what was known then (`History.as_known_at`); what followed is counted as
    known at ``history.as_of``, the forecast period as known in `points`. Each row's `expected` is
    corrected by what the rows before it had shown.

    Returns
    -------
    tuple
        One row an origin, oldest first (`COLUMNS`), and the calibration that the rows before the
        forecast period give.
    """
    origins = earlier_origins(history, period, count=spec.backtest.origins)
    runs = [(history.as_known_at(origin, period), history.events, False) for origin in origins]
    if forecast_known:
        runs.append((history, points, True))
    rows: list[dict[str, object]] = []
    calibration = Calibration()
    for past, outcome, is_forecast in runs:
        row = measure(
            past, outcome, period=period, spec=spec, areas=areas, cell_size=cell_size, seed=seed
        )
        if row is None:
            continue
        expected, observed = float(row["expected"]), int(row["placed_hits"])  # type: ignore[arg-type, call-overload]
        rows.append(
            {**row, "is_forecast_period": is_forecast, "expected": expected * calibration.factor}
        )
        if not is_forecast:
            calibration = calibration.seen(expected=expected, observed=observed)
    area = float(areas.frame.area.sum())
    return _with_rates(pd.DataFrame(rows, columns=COLUMNS), cell_size**2 / area), calibration


def inside(points: pd.DataFrame, squares: pd.DataFrame, cell_size: int) -> npt.NDArray[np.bool_]:
    """Say which points lie in any of the squares; lower and left edges belong to a square."""
    x, y = points["easting"].to_numpy(float), points["northing"].to_numpy(float)
    hit = np.zeros(len(points), dtype=bool)
    for left, bottom in zip(squares["left"], squares["bottom"], strict=True):
        hit |= (x >= left) & (x < left + cell_size) & (y >= bottom) & (y < bottom + cell_size)
    return hit


def _with_rates(table: pd.DataFrame, share_of_one: float) -> pd.DataFrame:
    table = table.astype({"is_forecast_period": bool})
    area_share = table["squares"].astype(float) * share_of_one
    rates = {
        f"{name}_rate": table[f"{name}_hits"].astype(float) / table["events"].astype(float)
        for name in ("placed", "grid", "count")
    }
    pai = {name.replace("rate", "pai"): rate / area_share for name, rate in rates.items()}
    grid_hits = table["grid_hits"].astype(float)
    ratio = table["placed_hits"].astype(float) / grid_hits.where(grid_hits > 0)
    return table.assign(**rates, area_share=area_share, **pai, ratio=ratio)
