"""The room's one stage: from events to the list, the clusters, the grid and the measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import geopandas as gpd
import pandas as pd

from risk_engine.calendar import Period
from risk_engine.config import AreasConfig, HotspotSpec
from risk_engine.hotspots import empty
from risk_engine.hotspots.backtest import backtest
from risk_engine.hotspots.calibration import Calibration
from risk_engine.hotspots.cells import expected_cells
from risk_engine.hotspots.changes import departed, movement
from risk_engine.hotspots.describe import facts
from risk_engine.hotspots.emergence import weight_inside
from risk_engine.hotspots.history import BEGINNING, History, Span, clean, look_back
from risk_engine.hotspots.listing import Listing, make_list
from risk_engine.hotspots.ranks import rank_intervals
from risk_engine.hotspots.summary import summarise
from risk_engine.hotspots.surface import pixels
from risk_engine.places import AreaMap

#: Events this far outside the local areas are left out, metres.
_MARGIN = 1_000.0


@dataclass(frozen=True)
class HotspotResult:
    """What one run of the room gives.

    Attributes
    ----------
    places
        The list, one row a place, by rank; columns of `empty.PLACES`.
    cells
        The regular grid: ``cell_id, easting, northing, expected`` and geometry.
    clusters
        Clusters of recent events, listed or not; columns of `emergence.COLUMNS`.
    backtest
        One row an origin; columns of `backtest.COLUMNS`.
    summary
        Facts for reports: plain numbers, texts, lists and dicts only.
    """

    places: gpd.GeoDataFrame
    cells: gpd.GeoDataFrame
    clusters: gpd.GeoDataFrame
    backtest: pd.DataFrame
    summary: dict[str, Any]


def find(
    points: pd.DataFrame,
    *,
    as_of: datetime,
    period: str,
    spec: HotspotSpec,
    areas: AreaMap,
    config: AreasConfig,
    covered: Sequence[Span] | None = None,
    seed: int,
) -> HotspotResult:
    """Find, forecast, rank and measure the places for the period that begins at `as_of`.

    Parameters
    ----------
    points
        ``event_id, incident_id, occurred_at, known_at, easting, northing`` and optionally
        ``precision``: events that count by the offence definition, times in naive UTC, metres. Rows
        that are not visible at `as_of` are used for one thing only: to score the forecast period,
        in the row of the backtest that says so.
    as_of
        First instant not known, naive UTC; the forecast is for the period that begins then.
    period
        ``week`` or ``month``, by the clocks of ``config.timezone``.
    covered
        Spans for which data exist, where files are missing or held; None means from the first
        visible event on.
    seed
        Seed of every random draw.

    Returns
    -------
    HotspotResult
        Empty tables with all columns, and a summary that says so, where no event is visible.

    Raises
    ------
    InputError
        For a missing column or an unknown period.
    ConfigError
        If the square is not a whole number of lattice steps.
    """
    rhythm = Period(period, config.timezone)
    pixels(spec, config.cell_size)
    rows, dropped = clean(points, bounds=areas.bounds, margin=_MARGIN)
    history = look_back(
        rows,
        as_of=as_of,
        period=rhythm,
        half_life=spec.placed.half_life.days,
        oldest=as_of - timedelta(days=spec.history.days) if spec.history else BEGINNING,
        covered=covered,
    )
    tested, calibration = backtest(
        history,
        rows,
        forecast_known=_has_period(rows, as_of, rhythm, covered),
        period=rhythm,
        spec=spec,
        areas=areas,
        cell_size=config.cell_size,
        seed=seed,
    )
    days = rhythm.days(as_of)
    if history.events.empty:
        listing = Listing(empty.places(areas.crs), empty.clusters(areas.crs))
    else:
        listing = _complete(history, rhythm, calibration, spec, areas, config, seed)
    return HotspotResult(
        places=listing.places[empty.PLACES],
        cells=expected_cells(history, cell_size=config.cell_size, days=days, crs=areas.crs),
        clusters=listing.clusters,
        backtest=tested,
        summary=summarise(
            history, listing, tested, calibration, dropped=dropped, period=rhythm, spec=spec
        ),
    )


def _complete(
    history: History,
    period: Period,
    calibration: Calibration,
    spec: HotspotSpec,
    areas: AreaMap,
    config: AreasConfig,
    seed: int,
) -> Listing:
    """Make the list and add expectation, rank intervals, facts and movement to each place."""
    listing = make_list(history, spec=spec, areas=areas, config=config, seed=seed)
    places = listing.places
    value = places["value"].to_numpy(float)
    _, information = weight_inside(places, history)
    expected = value * history.scale(period.days(history.as_of)) * calibration.factor
    low, high = calibration.interval(expected, information)
    share, draws = spec.placed.smoothing_share, spec.rank_draws
    rank_low, rank_high = rank_intervals(
        places, value, history, share=share, draws=draws, seed=seed
    )
    earlier = history.as_known_at(period.shift(history.as_of, -1), period)
    before = empty.places(areas.crs)
    if len(earlier.events):
        before = make_list(earlier, spec=spec, areas=areas, config=config, seed=seed).places
    columns = pd.concat([facts(places, history, period), movement(places, before)], axis=1)
    numbers = {
        "as_of": pd.Timestamp(history.as_of).as_unit("us"),
        "expected": expected,
        "expected_low": low,
        "expected_high": high,
        "rank_low": rank_low,
        "rank_high": rank_high,
    }
    return Listing(places.assign(**numbers, **columns), listing.clusters, departed(places, before))


def _has_period(
    rows: pd.DataFrame, as_of: datetime, period: Period, covered: Sequence[Span] | None
) -> bool:
    """Say whether the table holds the forecast period: it is covered, or has events in it."""
    ends = period.shift(as_of, 1)
    if covered is not None:
        return any(start <= as_of and ends <= end for start, end in covered)
    return bool(((rows["occurred_at"] >= as_of) & (rows["occurred_at"] < ends)).any())
