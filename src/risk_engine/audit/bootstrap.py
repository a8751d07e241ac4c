"""How sure a ratio over listed places is, from resampling the places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from risk_engine.audit.statistics import Floats, Harm

#: Standard errors below this (of a log ratio) are rounding, not chance.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Resampled:
    """A ratio of each group to the reference with its studentised draws.

    Attributes
    ----------
    log_ratio, error
        Natural logarithm of the ratio and its standard error; one number a group.
    t
        Draws x groups: (draw - log_ratio) / error of the draw; NaN where a draw has no ratio.
    """

    log_ratio: Floats
    error: Floats
    t: Floats

    def interval(self, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
        """Return the bootstrap-t interval of the ratio; a draw without a ratio widens both ends.

        It was measured to miss a skewed list of 10 to 100 places on the upper side in 3-6 % of
        lists where the percentile interval missed in up to 14 %: the side on which a pass is false.
        """
        tail = (1 - confidence) / 2
        least = np.quantile(_filled(self.t, -np.inf), tail, axis=0, method="lower")
        most = np.quantile(_filled(self.t, np.inf), 1 - tail, axis=0, method="higher")
        with np.errstate(invalid="ignore", over="ignore"):
            low = np.exp(self.log_ratio - most * self.error)
            return low, np.exp(self.log_ratio - least * self.error)

    def p_value(self, *, tolerance: float, harm: Harm) -> Floats:
        """Test one-sided that the ratio is beyond the tolerance; never below 1 / draws."""
        side = 1 if harm == "higher" else -1
        with np.errstate(invalid="ignore"):
            beyond = side * self.log_ratio - np.log(tolerance)
            observed = beyond / np.maximum(self.error, ROUNDING)
        more = (_filled(side * self.t, np.inf) >= observed) | np.isnan(observed)
        result: Floats = (1 + more.sum(axis=0)) / (1 + len(self.t))
        return result


def resample(living: Floats, even: Floats, *, reference: int, draws: int, seed: int) -> Resampled:
    """Draw the places again and again, with replacement.

    Parameters
    ----------
    living
        Places x groups; what is added up over places.
    even
        Places x groups; what that sum is divided by, added up over the same places.
    reference
        Column of the reference group.

    Notes
    -----
    The error of each draw comes from the influence of each place on the logarithm of the ratio.
    """
    count = len(living)
    weights = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=draws)
    drawn, errors = _ratios(weights.astype(np.float64), living, even, reference)
    once, error = _ratios(np.ones((1, count)), living, even, reference)
    with np.errstate(invalid="ignore"):
        t = (drawn - once) / np.maximum(errors, ROUNDING)
    return Resampled(once[0], error[0], t)


def _ratios(weights: Floats, living: Floats, even: Floats, reference: int) -> tuple[Floats, Floats]:
    """Return log ratios and their errors; one row a weighting of the places."""
    parts = [_log_sum(weights, *columns) for columns in zip(living.T, even.T, strict=True)]
    against, pull = parts[reference]
    with np.errstate(invalid="ignore"):
        logs = [log - against for log, _ in parts]
        errors = [np.sqrt((weights * (own - pull) ** 2).sum(axis=1)) for _, own in parts]
    return np.stack(logs, axis=1), np.stack(errors, axis=1)


def _log_sum(weights: Floats, living: Floats, even: Floats) -> tuple[Floats, Floats]:
    """Return the log of one group's sum over its divisor, and each place's influence on it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        total, fair = weights @ living, weights @ even
        pull = living / total[:, None] - even / fair[:, None]
        return np.log(total) - np.log(fair), pull


def _filled(values: Floats, fill: float) -> Floats:
    return np.where(np.isnan(values), fill, values)
