"""Why a place is listed, in words: what is recorded inside it that is unusual for a place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

#: How many recorded facts are given beside the count that placed it.
FACTS = 2
#: Smaller counts are not told: they say more about persons than about the place.
FEWEST = 3


class FeatureLike(Protocol):
    """What this room needs to know of a feature."""

    @property
    def column(self) -> str:
        """Column of the values."""

    @property
    def measure(self) -> str:
        """How events are summed up."""


F = TypeVar("F", bound=FeatureLike)


def reasons(
    places: gpd.GeoDataFrame,
    values: pd.DataFrame,
    *,
    features: Sequence[F],
    phrase: Callable[[F, float], str],
) -> list[list[str]]:
    """Say why each place is listed.

    Parameters
    ----------
    places
        The list, with ``events_1y, events_total, since``.
    values
        Features inside each place, one row a place in the same order.
    features
        Columns that may be told; only counts are.
    phrase
        Feature and value to plain words.

    Returns
    -------
    list of list of str
        For each place: the count that placed it, then the recorded facts that stand out most
        against the other listed places. An excess over what was expected is not repeated here: the
        list's own columns say it.
    """
    telling = [f for f in features if f.measure in {"count", "distinct"}]
    table = values[[f.column for f in telling]].to_numpy(float)
    unusual = _unusual(table)
    told = []
    for row, place in enumerate(places.to_dict("records")):
        order = np.argsort(-unusual[row], kind="stable")
        facts = [phrase(telling[i], table[row, i]) for i in order if np.isfinite(unusual[row, i])]
        told.append([_count(place), *_distinct(facts)[:FACTS]])
    return told


def _unusual(table: np.ndarray) -> np.ndarray:
    """Return each value over the mean of its column; minus infinity where it is not to be told."""
    known = np.where(np.isnan(table), 0.0, table)
    mean = known.mean(axis=0) if len(known) else np.ones(known.shape[1])
    ratio = known / np.where(mean > 0, mean, 1.0)
    return np.where((known >= FEWEST) & (ratio > 1.0), ratio, -np.inf)


def _count(place: dict[str, object]) -> str:
    total, year = place["events_total"], place["events_1y"]
    since = pd.Timestamp(place["since"])  # type: ignore[arg-type]
    told = "" if pd.isna(since) else f", {total} since {since:%B %Y}"
    return f"{year} events that count in the last year{told}"


def _distinct(facts: list[str]) -> list[str]:
    """Keep one fact a subject: the same words over two windows are told once."""
    seen: dict[str, str] = {}
    for fact in facts:
        seen.setdefault(fact.partition(" in the last ")[0], fact)
    return list(seen.values())
