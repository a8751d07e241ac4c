"""Which clusters hold more recent events than their own past leads one to expect."""

from __future__ import annotations

from datetime import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import stats

from risk_engine.config import HotspotSpec
from risk_engine.hotspots.clusters import find_clusters, hulls
from risk_engine.hotspots.history import Floats, History, Indexes
from risk_engine.hotspots.surface import blended
from risk_engine.places import AreaMap

#: Columns of the table of clusters.
COLUMNS = [
    "cluster_id",
    "easting",
    "northing",
    "area_code",
    "members",
    "recent",
    "recent_expected",
    "p_value",
    "q_value",
    "above_expected",
    "recurrence",
    "geometry",
]
_YEAR = 365.0
#: Decayed past events that a place is held to have had at the least.
_LEAST = 1.0


def recent_clusters(
    history: History, *, spec: HotspotSpec, areas: AreaMap, cell_size: int, seed: int
) -> gpd.GeoDataFrame:
    """Find clusters of recent events and test each against its long-run rate.

    Expected is the surface of the events before the recent window (decayed, blended with its
    smoothed copy, and never less than one decayed event) inside the cluster's hull, scaled so that
    the whole area's expected equals the whole area's recent count: reporting delay and a general
    rise or fall are not news about one place. The count is compared with a gamma-Poisson (negative
    binomial) predictive distribution whose shape grows with the events behind the rate.

    A cluster is drawn round the very events that test it. Three guards answer that: the hypotheses
    are not the clusters found but all squares that hold a recent event, on the grid and on the
    grid moved by half a side, any of which could have become one (Benjamini-Hochberg over that
    number); the expected count is never below the place's own past; and the hull with its margin
    counts the quiet ground between the events too.

    Returns
    -------
    geopandas.GeoDataFrame
        `COLUMNS`, most surprising first. ``recurrence`` says how often chance alone would show so
        large an excess somewhere in the force area. ``p_value`` is null without a long-run rate.
    """
    start = history.recent_from(spec.clusters.recent.days)
    recent = history.events[history.events["occurred_at"] >= start].reset_index(drop=True)
    x, y = recent["easting"].to_numpy(float), recent["northing"].to_numpy(float)
    frame = hulls(x, y, find_clusters(x, y, spec=spec.clusters, seed=seed), areas.crs)
    frame["area_code"] = pd.Series(
        areas.assign(frame["easting"], frame["northing"]), dtype="str", index=frame.index
    )
    frame["cluster_id"] = [
        f"CL-{e:.0f}-{n:.0f}" for e, n in zip(frame["easting"], frame["northing"], strict=True)
    ]
    frame["recent"] = count_inside(frame, recent)
    frame = frame[frame["area_code"].notna()].reset_index(drop=True)
    long_run, information = long_run_expected(frame, history, start=start, spec=spec)
    places = _possible_places(x, y, cell_size)
    tested = _test(frame, long_run, information, places=places, spec=spec)
    return tested.sort_values(["p_value", "cluster_id"], ignore_index=True)[COLUMNS]


def _possible_places(x: Floats, y: Floats, cell_size: int) -> int:
    """Count the squares that hold an event, on the grid and on the grid moved by half a side."""
    half = cell_size / 2
    shifts = ((0.0, 0.0), (half, 0.0), (0.0, half), (half, half))
    corners = (np.column_stack([(x + a) // cell_size, (y + b) // cell_size]) for a, b in shifts)
    return sum(len(np.unique(corner, axis=0)) for corner in corners)


def long_run_expected(
    places: gpd.GeoDataFrame,
    history: History,
    *,
    start: datetime,
    spec: HotspotSpec,
) -> tuple[Floats, Floats]:
    """Return events expected since `start` in each place from what happened before `start`.

    Returns
    -------
    tuple of arrays
        Expected counts (NaN where nothing happened before `start`), and the effective number of
        events behind each.
    """
    past = history.until(start)
    recent = len(history.events) - len(past.events)
    if past.events.empty or places.empty:
        return np.full(len(places), np.nan), np.zeros(len(places))
    own, information = weight_inside(places, past)
    value = blended(
        past,
        spec,
        own=own,
        x=places["easting"].to_numpy(float),
        y=places["northing"].to_numpy(float),
        area=places.area.to_numpy(float),
    )
    floor = np.maximum(value, _LEAST)
    return np.maximum(own, floor) * recent / past.weights.sum(), information


def pairs_inside(places: gpd.GeoDataFrame, events: pd.DataFrame) -> tuple[Indexes, Indexes]:
    """Return positions of (place, event) with the event inside; upper and right edges are out."""
    x, y = events["easting"].to_numpy(float), events["northing"].to_numpy(float)
    points = gpd.GeoSeries.from_xy(x, y)
    place, event = points.sindex.query(places.geometry, predicate="intersects")
    bounds = places.bounds
    below = (x[event] < bounds["maxx"].to_numpy()[place]) & (
        y[event] < bounds["maxy"].to_numpy()[place]
    )
    order = np.lexsort((event[below], place[below]))
    return place[below][order], event[below][order]


def count_inside(places: gpd.GeoDataFrame, events: pd.DataFrame) -> Indexes:
    """Return the number of events inside each place."""
    place, _ = pairs_inside(places, events)
    return np.bincount(place, minlength=len(places)).astype(np.int64)


def weight_inside(places: gpd.GeoDataFrame, history: History) -> tuple[Floats, Floats]:
    """Return the decayed events inside each place and how many equal events that is worth."""
    place, event = pairs_inside(places, history.events)
    weights = history.weights[event]
    total = np.bincount(place, weights=weights, minlength=len(places)).astype(float)
    squares = np.bincount(place, weights=weights**2, minlength=len(places))
    return total, np.divide(total**2, squares, out=np.zeros_like(total), where=squares > 0)


def _test(
    frame: gpd.GeoDataFrame,
    expected: Floats,
    information: Floats,
    *,
    places: int,
    spec: HotspotSpec,
) -> gpd.GeoDataFrame:
    # One event's worth of doubt is added: a place with no past may have had some.
    shape = information + 1.0
    p = stats.nbinom.sf(frame["recent"].to_numpy() - 1, shape, shape / (shape + expected))
    q = _adjusted(p, places)
    windows = _YEAR / spec.clusters.recent.days
    return frame.assign(
        recent_expected=expected,
        p_value=p,
        q_value=q,
        above_expected=q <= spec.clusters.false_discovery_rate,
        recurrence=pd.Series(
            [recurrence(chance * windows) for chance in np.minimum(1.0, p * places)],
            dtype="str",
            index=frame.index,
        ),
    )


def _adjusted(p: Floats, hypotheses: int) -> Floats:
    """Benjamini-Hochberg q-values where the hypotheses not listed have p = 1; NaN stays NaN."""
    order = np.argsort(p)
    rank = np.arange(1, len(p) + 1)
    stepped = np.minimum(p[order] * max(hypotheses, len(p)) / rank, 1.0)
    q = np.full(len(p), np.nan)
    q[order] = np.minimum.accumulate(stepped[::-1])[::-1] if not np.isnan(p).any() else np.nan
    return q


def recurrence(times_a_year: float) -> str | None:
    """Say in words how often chance alone would show this; None where it cannot be said.

    >>> recurrence(0.5), recurrence(0.0001), recurrence(3.0)
    ('about once in 2 years', 'less than once in 100 years', 'about 3 times a year')
    """
    if np.isnan(times_a_year):
        return None
    if times_a_year < 0.01:
        return "less than once in 100 years"
    if times_a_year > 1.5:
        return f"about {times_a_year:.0f} times a year"
    years = round(1 / times_a_year)
    return "about once a year" if years <= 1 else f"about once in {years} years"
