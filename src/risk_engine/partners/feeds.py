"""Each drop of a source against the source's other drops: how much came, and of which kinds.

The measures are robust: medians over the other drops within a year, and their median absolute
deviation as the scale, so that one bad month does not hide itself or accuse its neighbours. A
drop is held only for a difference that is both large and far outside the usual variation.

Time: a drop with anything known at `as_of` is compared by what was known then, and only with drops
known in full then. Later files can therefore never change what an earlier week saw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

#: Other drops needed within a year before a comparison means anything.
MINIMUM_PEERS = 4
_NEAR = timedelta(days=366)
#: Deviations beyond the median that count as far outside the usual.
_FAR = 5.0
#: Smallest factor by which the volume, and the share of one kind, must differ.
_VOLUME_FACTOR, _SHARE_FACTOR = 1.5, 2.5
#: Smallest part of a drop that must have moved to other kinds.
_MIX_MOVED = 0.2
#: A kind is compared on its own only from this many rows on, found or expected.
_FEWEST = 30
#: Unusual kinds that are named one by one; the rest are counted.
_NAMED = 3


@dataclass(frozen=True)
class Drop:
    """Rows of one drop that broke no rule.

    Attributes
    ----------
    name
        Name of the drop.
    middle
        Median of the times of its events; None for a drop without rows.
    kinds, known
        Kind -> rows, of all its rows and of those known at the run's `as_of`.
    """

    name: str
    middle: datetime | None
    kinds: Mapping[str, int]
    known: Mapping[str, int]

    @property
    def part(self) -> bool:
        """Whether only some of its rows are known."""
        return bool(self.known) and self.known != self.kinds


def check(drops: Sequence[Drop]) -> list[tuple[str, ...] | None]:
    """Compare each drop with the others.

    Returns
    -------
    list
        For each drop the reasons in plain words why it is unlike the others (none: like them), or
        None where there are too few others to say.
    """
    return [_check(drop, drops) for drop in drops]


def _check(drop: Drop, drops: Sequence[Drop]) -> tuple[str, ...] | None:
    if drop.middle is None:
        return None
    seen = bool(drop.known)
    peers = [
        other.known if seen else other.kinds
        for other in drops
        if other is not drop
        and other.middle is not None
        and abs(other.middle - drop.middle) <= _NEAR
        and (not seen or other.known == other.kinds)
    ]
    if len(peers) < MINIMUM_PEERS:
        return None
    here = drop.known if seen else drop.kinds
    table = pd.DataFrame([here, *peers]).fillna(0.0).sort_index(axis=1)
    counts = table.to_numpy(dtype=np.float64)
    kinds = [str(kind).replace("_", " ") for kind in table.columns]
    volume = [] if drop.part else _volume(counts.sum(axis=1))
    return (*volume, *_mix(counts, kinds), *_kinds(counts, kinds))


def _volume(totals: Floats) -> list[str]:
    logs = np.log(totals)
    usual, spread = _robust(logs[1:])
    if abs(logs[0] - usual) <= max(np.log(_VOLUME_FACTOR), _FAR * spread):
        return []
    return [f"{totals[0]:,.0f} rows where the other drops have about {np.exp(usual):,.0f}"]


def _mix(counts: Floats, kinds: Sequence[str]) -> list[str]:
    """Compare the mix of kinds: the share of rows that would have to change kind."""
    shares = counts / counts.sum(axis=1, keepdims=True)
    usual = np.median(shares[1:], axis=0)
    moved = np.abs(shares - usual).sum(axis=1) / 2
    centre, spread = _robust(moved[1:])
    if moved[0] <= max(_MIX_MOVED, centre + _FAR * spread):
        return []
    most = int(np.argmax(np.abs(shares[0] - usual)))
    part = f"{moved[0]:.0%} of its rows are of other kinds than usual (usually {centre:.0%})"
    most_of_all = f"{shares[0, most]:.0%} {kinds[most]}, where {usual[most]:.0%} are usual"
    return [f"{part}: {most_of_all}"]


def _kinds(counts: Floats, kinds: Sequence[str]) -> list[str]:
    """Compare the share of each kind; half a row is added so that zero has a logarithm."""
    totals = counts.sum(axis=1, keepdims=True)
    logs = np.log((counts + 0.5) / (totals + 0.5 * len(kinds)))
    found = []
    for column, kind in enumerate(kinds):
        usual, spread = _robust(logs[1:, column])
        here, expected = float(counts[0, column]), float(np.exp(usual) * totals[0, 0])
        chance = 1 / np.sqrt(max(1.0, (here + expected) / 2))
        limit = max(np.log(_SHARE_FACTOR), _FAR * float(np.hypot(spread, chance)))
        if max(expected, here) >= _FEWEST and abs(logs[0, column] - usual) > limit:
            found.append((abs(here - expected) / np.sqrt(max(1.0, expected)), kind, here, expected))
    found.sort(reverse=True)
    reasons = [
        f"{n:,.0f} rows of {kind}, where about {e:,.0f} are usual" for _, kind, n, e in found
    ]
    more = len(reasons) - _NAMED
    return [*reasons[:_NAMED], *([f"{more} more kinds are as unusual"] if more > 0 else [])]


def _robust(values: Floats) -> tuple[float, float]:
    """Return the median and the median absolute deviation, scaled to a standard deviation."""
    centre = float(np.median(values))
    return centre, 1.4826 * float(np.median(np.abs(values - centre)))
