"""How expected counts are corrected, and the intervals of counts, rates and ratios."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from risk_engine.hotspots.history import Floats

#: Events' worth of belief that the surface needs no correction; outweighed by a few origins.
_PRIOR = 20.0
_LEVEL = 0.90


@dataclass(frozen=True)
class Calibration:
    """What earlier origins showed of placed squares: events expected and events that happened.

    Squares are placed where the past was highest, so their past overstates their future. The
    factor is a gamma-Poisson posterior mean around 1, from origins before the forecast only.
    """

    expected: float = 0.0
    observed: int = 0

    def seen(self, *, expected: float, observed: int) -> Calibration:
        """Return the calibration after one more origin."""
        return Calibration(self.expected + expected, self.observed + observed)

    @property
    def factor(self) -> float:
        """Events that happened for each one that the surface expected."""
        return (self.observed + _PRIOR) / (self.expected + _PRIOR)

    def interval(self, expected: Floats, information: Floats) -> tuple[Floats, Floats]:
        """Return the 90 % interval of each expected count.

        A gamma distribution around the corrected count whose relative variance is that of the
        events behind the place plus that of the factor. It says how sure the mean is; single
        weeks vary more.

        Parameters
        ----------
        expected
            Corrected expected counts.
        information
            Effective number of events behind each place: ``sum(w)**2 / sum(w**2)``.
        """
        relative_variance = 1 / (information + 0.5) + 1 / (self.observed + _PRIOR)
        gamma = stats.gamma(a=1 / relative_variance, scale=expected * relative_variance)
        return gamma.ppf((1 - _LEVEL) / 2), gamma.ppf((1 + _LEVEL) / 2)


def rate_interval(hits: int, events: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a hit rate."""
    interval = stats.binomtest(hits, events).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def ratio_interval(table: pd.DataFrame) -> tuple[float, float] | None:
    """Return the 95 % interval of placed hits over grid hits, or None without hits in both.

    The two rules are judged on the same events, so the interval is the one for paired
    proportions: with `a` events in both lists and `b`, `c` in one only, the logarithm of
    (a+b)/(a+c) has variance (b+c)/((a+b)(a+c)).
    """
    placed, grid, both = (int(table[f"{name}_hits"].sum()) for name in ("placed", "grid", "both"))
    if not (placed and grid):
        return None
    half = 1.96 * np.sqrt((placed + grid - 2 * both) / (placed * grid))
    centre = np.log(placed / grid)
    return float(np.exp(centre - half)), float(np.exp(centre + half))
