"""Movement since the list of one period earlier."""

from __future__ import annotations

from math import isnan

import geopandas as gpd
import numpy as np
import pandas as pd

#: Share of the smaller of two places that must be common for them to be one place.
_SAME = 0.25


def movement(places: gpd.GeoDataFrame, before: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return ``previous_rank, change`` of each place against the earlier list.

    A place is the earlier place that it overlaps most, if that is a quarter of the smaller of the
    two; ``change`` is ``new``, ``same``, ``up k`` or ``down k``.
    """
    pairs = _common(places, before)
    best = pairs.sort_values(["place", "common", "rank"], ascending=[True, False, True])
    previous = best.drop_duplicates("place").set_index("place")["rank"]
    rank = previous.reindex(range(len(places)))
    moves = [_words(a, b) for a, b in zip(rank.astype(float), places["rank"], strict=True)]
    table = {
        "previous_rank": rank.astype("Int64").to_numpy(),
        "change": pd.Series(moves, dtype="str").to_numpy(),
    }
    return pd.DataFrame(table, index=places.index).astype({"previous_rank": "Int64"})


def departed(places: gpd.GeoDataFrame, before: gpd.GeoDataFrame) -> dict[str, int]:
    """Count the earlier places that are no longer listed, by area code and for ``force_area``.

    A place left the force-wide list if none of the places that are on it now is the same.
    """
    now, then = places[places["force_rank"].notna()], before[before["force_rank"].notna()]
    gone = ~np.isin(np.arange(len(before)), _common(places, before)["earlier"])
    by_area = before.loc[gone].groupby("area_code").size()
    force = len(then) - _common(now, then)["earlier"].nunique()
    return {"force_area": int(force), **{str(code): int(n) for code, n in by_area.items()}}


def _common(places: gpd.GeoDataFrame, before: gpd.GeoDataFrame) -> pd.DataFrame:
    """Pair the places of two lists that are the same: ``place, earlier, common, rank``."""
    new, old = before.sindex.query(places.geometry, predicate="intersects")
    left, right = places.geometry.iloc[new], before.geometry.iloc[old]
    common = left.reset_index(drop=True).intersection(right.reset_index(drop=True)).area
    smaller = np.minimum(left.area.to_numpy(), right.area.to_numpy())
    pairs = pd.DataFrame(
        {
            "place": new,
            "earlier": old,
            "common": common.to_numpy() / smaller,
            "rank": before["rank"].to_numpy()[old],
        }
    )
    return pairs[pairs["common"] >= _SAME]


def _words(previous: float, rank: int) -> str:
    if isnan(previous):
        return "new"
    step = int(previous) - rank
    if step == 0:
        return "same"
    return f"up {step}" if step > 0 else f"down {-step}"
