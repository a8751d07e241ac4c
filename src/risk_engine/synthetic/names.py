"""Names drawn for invented people: a few are everywhere, most are rare, as in life."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from risk_engine.synthetic.chance import Floats, Ints
from risk_engine.synthetic.name_lists import GROUP_ORIGINS, ORIGINS, Pool

Flags = npt.NDArray[np.bool_]
#: The k-th rare name of a pool has weight ``1 / (k + RARE_LEVEL)`` among the rare ones.
RARE_LEVEL = 300

#: Every first name and surname once; people hold positions in it.
WORDS = tuple(
    sorted(
        {
            word
            for origin in ORIGINS.values()
            for pool in (origin.female, origin.male, origin.surnames)
            for word in (*pool.listed, *pool.tail)
        }
    )
)
_POSITION = {word: position for position, word in enumerate(WORDS)}


def draw(group: Ints, male: Flags, *, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Draw a first name and a surname for each person: positions in `WORDS`.

    Parameters
    ----------
    group
        Position of the ethnic group in `GROUP_ORIGINS`.
    """
    first, last = np.zeros(len(group), np.int64), np.zeros(len(group), np.int64)
    for position, name in enumerate(GROUP_ORIGINS):
        rows = np.flatnonzero(group == position)
        origin = _origins(name, len(rows), rng)
        other = _origins(name, len(rows), rng) if name == "Mixed" else origin
        for key, names in enumerate(ORIGINS.values()):
            for recorded, given in ((False, names.female), (True, names.male)):
                chosen = rows[(origin == key) & (male[rows] == recorded)]
                first[chosen] = _pick(given, len(chosen), rng)
            chosen = rows[other == key]
            last[chosen] = _pick(names.surnames, len(chosen), rng)
    return first, last


def _origins(group: str, count: int, rng: np.random.Generator) -> Ints:
    shares = GROUP_ORIGINS[group]
    positions = [list(ORIGINS).index(name) for name in shares]
    return rng.choice(np.array(positions), count, p=list(shares.values()))


def _pick(pool: Pool, count: int, rng: np.random.Generator) -> Ints:
    if not count:
        return np.zeros(0, np.int64)
    words = np.array([_POSITION[name] for name in (*pool.listed, *pool.tail)])
    return words[rng.choice(len(words), count, p=_shares(pool))]


def _shares(pool: Pool) -> Floats:
    """Share of people with each name; earlier names are carried by more."""
    listed = 1 / (np.arange(len(pool.listed)) + pool.level)
    tail = 1 / (np.arange(len(pool.tail)) + RARE_LEVEL)
    parts = [(1 - pool.rare) * listed / listed.sum(), pool.rare * tail / max(tail.sum(), 1e-9)]
    together = np.concatenate(parts)
    shares: Floats = together / together.sum()
    return shares
