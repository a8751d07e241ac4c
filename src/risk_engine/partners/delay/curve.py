"""The distribution of delays that are seen only where they are shorter than the event is old."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Rows, and share of all rows, that must be able to show the longest delay: one row judged by few
#: others would move the whole curve.
_AT_RISK, _AT_RISK_SHARE = 30, 0.1
#: 97.5th percentile of the normal distribution.
_Z = 1.959964


@dataclass(frozen=True)
class Curve:
    """The estimated distribution of delays, by whole days.

    Attributes
    ----------
    share
        Shape (days,): share with a delay of at most so many days; the last is 1.
    variance
        Of its logarithm, by Greenwood's formula; ``cov(log F(t), log F(u))`` is that of the later.
    at_risk
        Rows that the next longer delay is judged by.
    """

    share: Floats
    variance: Floats
    at_risk: Floats

    @property
    def horizon(self) -> int:
        """Longest delay in days that it knows of."""
        return len(self.share) - 1

    def recent(self, days: int) -> tuple[float, float, float]:
        """Return the share known of events spread evenly over the last `days` days, with bounds."""
        ages = np.minimum(np.arange(days), self.horizon)
        share, later = self.share[ages], np.maximum.outer(ages, ages)
        mean = float(share.mean())
        variance = float((np.outer(share, share) * self.variance[later]).mean())
        return mean, *_bounds(mean, variance, float(self.at_risk[ages].min()))

    def bounds(self, age: int) -> tuple[float, float]:
        """Return the 95 % bounds of the share known at an age."""
        share = float(self.share[age])
        return _bounds(share, share**2 * float(self.variance[age]), float(self.at_risk[age]))


def estimate(delays: npt.ArrayLike, ages: npt.ArrayLike, rows: npt.ArrayLike) -> Curve | None:
    """Estimate the distribution of right-truncated delays.

    Parameters
    ----------
    delays, ages, rows
        Groups of known rows: whole days from the day of the event to the day it became known,
        whole days from the day of the event to `as_of` (which begins a day, so that
        ``delay < age``), and how many rows.

    Returns
    -------
    Curve or None
        None where too few rows could show any delay.
    """
    delay, age = np.asarray(delays, dtype=np.int64), np.asarray(ages, dtype=np.int64)
    count = np.asarray(rows, dtype=np.float64)
    if not len(delay):
        return None
    width = int(age.max())
    exact: Floats = np.bincount(delay, weights=count, minlength=width).astype(np.float64)
    # rows with a delay of at most s, less those too young to have shown a delay of s
    young = np.bincount(age, weights=count, minlength=width + 1).cumsum()
    at_risk = exact.cumsum() - young[:width]
    enough = np.flatnonzero(at_risk >= max(_AT_RISK, _AT_RISK_SHARE * count.sum()))
    if not len(enough):
        return None
    last = int(enough[-1]) + 1
    exact, at_risk = exact[:last], at_risk[:last]
    return _product_limit(exact, np.maximum(at_risk, 1.0))


def _product_limit(exact: Floats, at_risk: Floats) -> Curve:
    hazard = exact / at_risk
    # nobody at risk with a shorter delay: the curve is zero below, and its bounds say nothing
    staying = np.maximum(1.0 - hazard, 1e-12)
    logs = np.concatenate((np.log(staying)[1:][::-1].cumsum()[::-1], [0.0]))
    greenwood = (hazard / staying / at_risk)[1:]
    variance = np.concatenate((greenwood[::-1].cumsum()[::-1], [0.0]))
    return Curve(np.exp(logs), variance, np.concatenate((at_risk[1:], at_risk[-1:])))


def _bounds(share: float, variance: float, rows: float) -> tuple[float, float]:
    """Return Wilson's interval at the number of plain observations that has this variance."""
    size = share * (1 - share) / variance if variance > 0 else rows
    size = max(1.0, min(size, 1e12))
    centre = (share + _Z**2 / (2 * size)) / (1 + _Z**2 / size)
    half = _Z / (1 + _Z**2 / size) * np.sqrt(share * (1 - share) / size + _Z**2 / (4 * size**2))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))
