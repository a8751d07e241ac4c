"""Chance without a state: the same question about the same thing always has the same answer.

Whether a clerk misspells somebody must not depend on how many rows were written before, or a
partnership of six million rows could not be written in pieces. So such draws are hashes of a seed,
a topic and the numbers of what is asked about.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.generic]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_UNIT = 1 / float(1 << 53)


class Chance:
    """Draws for one topic under one seed.

    Examples
    --------
    >>> chance = Chance(1, "police")
    >>> bool((chance.unit("typo", [5, 6]) == chance.unit("typo", [5, 6])).all())
    True
    """

    def __init__(self, seed: int, topic: str) -> None:
        self._seed, self._topic = seed, topic

    def unit(self, about: str, *keys: npt.ArrayLike) -> Floats:
        """Draw evenly from 0 (included) to 1 (not included) for each combination of keys."""
        return (self._hash(about, keys) >> np.uint64(11)).astype(np.float64) * _UNIT

    def below(self, count: int | npt.ArrayLike, about: str, *keys: npt.ArrayLike) -> Ints:
        """Draw a whole number from 0 to below `count`."""
        drawn: Ints = (self.unit(about, *keys) * np.asarray(count)).astype(np.int64)
        return drawn

    def yes(self, share: npt.ArrayLike, about: str, *keys: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Say yes for a share of the keys."""
        found: npt.NDArray[np.bool_] = self.unit(about, *keys) < np.asarray(share)
        return found

    def among(self, shares: Sequence[float], about: str, *keys: npt.ArrayLike) -> Ints:
        """Draw a position by its share; shares that sum to less than 1 leave the rest to the last.

        The last position is ``len(shares)`` where the shares leave room for it.
        """
        steps = np.cumsum(shares)
        position: Ints = np.searchsorted(steps, self.unit(about, *keys), side="right")
        return position

    def _hash(self, about: str, keys: Sequence[npt.ArrayLike]) -> npt.NDArray[np.uint64]:
        name = zlib.crc32(f"{self._topic}/{about}".encode())
        state = np.uint64((self._seed << 32) % (1 << 64)) ^ np.uint64(name)
        mixed = _mix(np.atleast_1d(np.asarray(state, np.uint64)))
        for key in keys:
            mixed = _mix(mixed ^ (np.asarray(key).astype(np.int64).view(np.uint64) * _STEP))
        return mixed


def _mix(value: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Spread every bit over all others (the finaliser of SplitMix64)."""
    value = value + _STEP
    value = (value ^ (value >> np.uint64(30))) * _FIRST
    value = (value ^ (value >> np.uint64(27))) * _SECOND
    return value ^ (value >> np.uint64(31))


def evenly(weight: npt.ArrayLike, count: int, *, rng: np.random.Generator) -> Ints:
    """Draw `count` positions by weight, each as often as its weight says, give or take one.

    Parameters
    ----------
    weight
        Not negative, of any sum.

    Returns
    -------
    numpy.ndarray
        Positions in random order.
    """
    steps = np.cumsum(np.asarray(weight, dtype=np.float64))
    at = (np.arange(count) + rng.random()) / max(count, 1) * steps[-1]
    drawn: Ints = np.minimum(np.searchsorted(steps, at, side="right"), len(steps) - 1)
    rng.shuffle(drawn)
    return drawn


def share_out(total: int, weight: npt.ArrayLike) -> Ints:
    """Split a whole number by weight: whole parts first, then the largest remainders."""
    given = np.asarray(weight, dtype=np.float64)
    exact = total * given / given.sum()
    parts: Ints = np.floor(exact).astype(np.int64)
    parts[np.argsort(parts - exact, kind="stable")[: total - int(parts.sum())]] += 1
    return parts
