"""Ranks and the list: best first, ties by a seeded draw, no area left out."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_engine.cohorts.inputs import FloatArray
from risk_engine.config.cohort import PersonList
from risk_engine.errors import ConfigError


def ranks(
    margin: FloatArray, *, person_id: pd.Series[str], abstain: pd.Series[bool], seed: int
) -> npt.NDArray[np.int64]:
    """Rank people 1..n by falling margin; those the model says nothing about come last.

    Ties are broken by a hash of the pseudonym and the seed: without pattern, and the same each run.
    """
    draw = np.array([_draw(person, seed) for person in person_id], dtype=np.uint64)
    order = np.lexsort((draw, -margin, abstain.to_numpy(bool)))
    rank = np.empty(len(margin), np.int64)
    rank[order] = np.arange(1, len(margin) + 1)
    return rank


def select(
    rank: npt.NDArray[np.int64],
    *,
    area_code: pd.Series[str],
    abstain: pd.Series[bool],
    listing: PersonList,
    name: str,
) -> npt.NDArray[np.bool_]:
    """Choose who is listed: each area's first few, then the best of all until the list is full.

    Raises
    ------
    ConfigError
        When the areas' minima alone are longer than the list.
    """
    people = pd.DataFrame({"rank": rank, "area": area_code.to_numpy()})[~abstain.to_numpy(bool)]
    within = people.sort_values("rank").groupby("area", dropna=True)["rank"]
    reserved = within.head(listing.per_area_minimum)
    if len(reserved) > listing.top:
        raise ConfigError.one(
            f"{listing.per_area_minimum} in each of {within.ngroups} areas makes {len(reserved)} "
            f"people, more than list.top ({listing.top})",
            file=name,
            where="list.per_area_minimum",
        )
    others = people["rank"].drop(reserved.index).nsmallest(listing.top - len(reserved))
    chosen = np.zeros(len(rank), dtype=np.bool_)
    chosen[[*reserved.index, *others.index]] = True
    return chosen


def _draw(person: str, seed: int) -> int:
    digest = hashlib.blake2b(f"{seed}:{person}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")
