"""How far a rank may be trusted: the list drawn again from resampled events."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from risk_engine.hotspots.emergence import pairs_inside
from risk_engine.hotspots.history import Floats, History

Ranks = npt.NDArray[np.int64]


def rank_intervals(
    places: gpd.GeoDataFrame,
    value: Floats,
    history: History,
    *,
    share: float,
    draws: int,
    seed: int,
) -> tuple[Ranks, Ranks]:
    """Return the 90 % interval of each place's rank among the listed.

    Each draw counts every event a Poisson(1) number of times (the bootstrap for events that come
    by themselves) and ranks the same places again. The smoothed part of a place's value averages
    many events and is held fixed; places are not chosen again, so intervals are slightly narrow.

    Parameters
    ----------
    places
        Listed places by rank.
    value
        Blended value of each place, as `surface.blended` or `Surface.boxes` gives it.
    share
        Weight of the smoothed copy.
    """
    place, event = pairs_inside(places, history.events)
    used, position = np.unique(event, return_inverse=True)
    weights = history.weights[used][position] / (1 + share)
    own = np.bincount(place, weights=weights, minlength=len(places))
    rng = np.random.default_rng(seed)
    ranks = np.empty((draws, len(places)), dtype=np.int64)
    for draw in range(draws):
        times = rng.poisson(1.0, len(used))[position]
        drawn = np.bincount(place, weights=weights * times, minlength=len(places))
        # Equal values keep no fixed order between draws.
        order = np.lexsort((rng.random(len(places)), -(value - own + drawn)))
        ranks[draw, order] = np.arange(1, len(places) + 1)
    low, high = np.quantile(ranks, (0.05, 0.95), axis=0, method="nearest")
    rank = np.arange(1, len(places) + 1)
    return np.minimum(low, rank).astype(np.int64), np.maximum(high, rank).astype(np.int64)
