"""Ratios of two rates: intervals, tests against a tolerance, Holm, bounds.

Everything works on arrays of any shape, so that a simulation of a thousand audits runs in a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
Harm = Literal["higher", "lower"]

#: Below this many selected (or not selected) the interval and the test are exact.
EXACT_BELOW = 5


@dataclass(frozen=True)
class Counts:
    """Selected and at risk, of a group and of its reference; arrays that broadcast."""

    selected: Floats
    at_risk: Floats
    reference_selected: Floats
    reference_at_risk: Floats

    @classmethod
    def of(
        cls,
        selected: npt.ArrayLike,
        at_risk: npt.ArrayLike,
        reference_selected: npt.ArrayLike,
        reference_at_risk: npt.ArrayLike,
    ) -> Counts:
        """Bring four counts to one shape."""
        arrays = (selected, at_risk, reference_selected, reference_at_risk)
        return cls(*np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in arrays)))

    @property
    def total(self) -> Floats:
        """Selected in both groups together."""
        return self.selected + self.reference_selected

    @property
    def possible(self) -> npt.NDArray[np.bool_]:
        """Whether there are people at risk in both groups, and no more selected than at risk."""
        own = (self.at_risk > 0) & (self.selected <= self.at_risk)
        return (
            own & (self.reference_at_risk > 0) & (self.reference_selected <= self.reference_at_risk)
        )

    @property
    def smallest(self) -> Floats:
        """The smallest of the four cells selected and not selected."""
        rest = self.at_risk - self.selected
        reference_rest = self.reference_at_risk - self.reference_selected
        cells = (self.selected, rest, self.reference_selected, reference_rest)
        smallest: Floats = np.minimum.reduce(cells)
        return smallest

    @property
    def rates(self) -> tuple[Floats, Floats]:
        """Selected over at risk, of the group and of the reference; NaN where nobody is at risk."""
        with np.errstate(divide="ignore", invalid="ignore"):
            own = self.selected / self.at_risk
            reference = self.reference_selected / self.reference_at_risk
        nobody, no_reference = self.at_risk <= 0, self.reference_at_risk <= 0
        return np.where(nobody, np.nan, own), np.where(no_reference, np.nan, reference)

    def whole(self, harm: Harm) -> Counts:
        """Round to whole numbers, selected never towards the harm; whole ones stay."""
        own, other = (np.floor, np.ceil) if harm == "higher" else (np.ceil, np.floor)
        at_risk, reference = np.rint(self.at_risk), np.rint(self.reference_at_risk)
        return Counts(
            np.minimum(own(self.selected), at_risk),
            at_risk,
            np.minimum(other(self.reference_selected), reference),
            reference,
        )


def ratio(counts: Counts) -> Floats:
    """Relative rate index: the group's rate over the reference's; NaN where neither is known."""
    own, reference = counts.rates
    with np.errstate(divide="ignore", invalid="ignore"):
        value = own / reference
    return np.where(counts.possible, value, np.nan)


def ratio_interval(counts: Counts, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return the two-sided interval of the ratio.

    On the log scale (Katz) where each of the four cells holds at least five; below that the exact
    interval of the share of all selected who are in the group (Clopper and Pearson), which treats
    both counts as Poisson and so is, if anything, too wide.

    Returns
    -------
    tuple of arrays
        Lower and upper end; NaN where nobody is at risk or nobody is selected in either group.
    """
    tail = (1 - confidence) / 2
    log = _log_interval(counts, stats.norm.isf(tail))
    exact = _exact_interval(counts, tail)
    large, known = counts.smallest >= EXACT_BELOW, counts.possible & (counts.total > 0)
    low, high = (np.where(large, a, b) for a, b in zip(log, exact, strict=True))
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def _log_interval(counts: Counts, z: float) -> tuple[Floats, Floats]:
    with np.errstate(all="ignore"):
        variance = 1 / counts.selected - 1 / counts.at_risk
        variance = variance + 1 / counts.reference_selected - 1 / counts.reference_at_risk
        centre, half = ratio(counts), np.exp(z * np.sqrt(variance))
        return centre / half, centre * half


def _exact_interval(counts: Counts, tail: float) -> tuple[Floats, Floats]:
    a, b = counts.selected, counts.reference_selected
    low = np.where(a > 0, stats.beta.ppf(tail, np.maximum(a, 1), b + 1), 0.0)
    high = np.where(b > 0, stats.beta.isf(tail, a + 1, np.maximum(b, 1)), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = counts.reference_at_risk / counts.at_risk
        return low / (1 - low) * scale, high / (1 - high) * scale


def ratio_p_value(counts: Counts, *, tolerance: float, harm: Harm) -> Floats:
    """Test that the ratio is beyond the tolerance in the harmful direction, one-sided.

    Given how many were selected in both groups together, the group's part is at most binomial in
    spread, with the share it would have at a ratio equal to the tolerance. Where fewer than five
    are expected in the group the tail is exact, else mid-p; this holds its size at small counts,
    where the score test of the ratio does not (measured: 5-9 % for a family at 5 %).

    Parameters
    ----------
    tolerance
        Above 1. With ``harm="lower"`` the limit is its inverse.

    Returns
    -------
    array
        1 where nothing can be tested.
    """
    limit = tolerance if harm == "higher" else 1 / tolerance
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = counts.at_risk * limit
        share = np.nan_to_num(weight / (weight + counts.reference_at_risk), nan=0.5)
    beyond = stats.binom.sf if harm == "higher" else _below
    here = stats.binom.pmf(counts.selected, counts.total, share)
    few = counts.total * share < EXACT_BELOW
    p = beyond(counts.selected, counts.total, share) + np.where(few, 1.0, 0.5) * here
    return np.where(counts.possible & (counts.total > 0), np.minimum(p, 1.0), 1.0)


def _below(k: Floats, n: Floats, p: Floats) -> Floats:
    result: Floats = stats.binom.cdf(k - 1, n, p)
    return result


def holm(p_values: npt.ArrayLike) -> Floats:
    """Adjust p-values by Holm's step-down method over the last axis.

    >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, axis=-1, kind="stable")
    steps = np.take_along_axis(p, order, -1) * np.arange(p.shape[-1], 0, -1)
    adjusted = np.empty_like(p)
    rising = np.minimum(np.maximum.accumulate(steps, axis=-1), 1.0)
    np.put_along_axis(adjusted, order, rising, -1)
    return adjusted


def unknown_bounds(
    counts: Counts, *, unknown_selected: float, unknown_at_risk: float
) -> tuple[Floats, Floats]:
    """Return the least and the greatest ratio over all ways to give the unknown a group.

    Least: the selected unknown belong to the reference and the others to the group; greatest: the
    other way round. NaN where a denominator stays empty.
    """
    joined = min(unknown_selected, unknown_at_risk)
    others = unknown_at_risk - joined
    a, at_risk = counts.selected, counts.at_risk
    b, reference = counts.reference_selected, counts.reference_at_risk
    with np.errstate(divide="ignore", invalid="ignore"):
        least = a / (at_risk + others) / ((b + unknown_selected) / (reference + joined))
        greatest = (a + unknown_selected) / (at_risk + joined) / (b / (reference + others))
    return least, greatest
