"""Margins to probabilities, and how far to trust them, from people the learner had not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_engine.cohorts.inputs import FloatArray

#: Positives below which a calibration curve would be noise, and from which a free curve is used.
PLATT_FROM, ISOTONIC_FROM = 50, 1000
#: Least and most people whose scores count as similar: the most where there are enough on either
#: side, fewer towards the ends of the order, so that these are not judged by its middle.
FEWEST, MOST = 50, 200
_Z = 1.959964


@dataclass(frozen=True)
class Calibration:
    """A curve from margin (log-odds) to probability, with intervals.

    Attributes
    ----------
    method
        ``none``, ``platt`` or ``isotonic``.
    why
        The choice, in words.
    knots, heights
        Probability as a function of the margin for ``isotonic``; empty otherwise.
    slope, intercept
        Of the log-odds for ``platt``; 1 and 0 for ``none``.
    margins, shares
        Validation margins in ascending order and the outcome share at each.
    """

    method: str
    why: str
    slope: float
    intercept: float
    knots: FloatArray
    heights: FloatArray
    margins: FloatArray
    shares: FloatArray

    def probability(self, margin: FloatArray) -> FloatArray:
        """Return calibrated probabilities, never falling as the margin rises.

        A curve says nothing about margins that hardly anybody had at validation: it is flat beyond
        the middle of the outermost `FEWEST` people, so that a heavy tail is never called certain.
        """
        if self.method == "isotonic":
            return np.interp(margin, self.knots, self.heights)
        return sigmoid(self.slope * self._within_seen(margin) + self.intercept)

    def _within_seen(self, margin: FloatArray) -> FloatArray:
        if not len(self.margins):
            return margin
        end = min(FEWEST, len(self.margins)) // 2
        return np.clip(margin, self.margins[end], self.margins[-1 - end])

    def as_json(self) -> dict[str, Any]:
        """Return the curve and what its intervals rest on; shares only, nobody's identity."""
        return {
            field.name: value.tolist() if isinstance(value, np.ndarray) else value
            for field in fields(self)
            for value in [getattr(self, field.name)]
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Calibration:
        """Build a calibration from what `as_json` returned."""
        values: dict[str, Any] = {
            name: np.asarray(value, np.float64) if isinstance(value, list) else value
            for name, value in data.items()
        }
        return cls(**values)

    def interval(self, margin: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return a 95 % interval a row: Wilson's, for the nearest-scored people at validation.

        It says how often people with such a score had the outcome, and is widened where needed to
        hold the probability itself.
        """
        people = len(self.margins)
        before = np.searchsorted(self.margins, margin, "left")
        place = (before + np.searchsorted(self.margins, margin, "right")) // 2
        least, most = min(FEWEST, people), min(MOST, people)
        size = np.clip(2 * np.minimum(place, people - place), least, most)
        start = np.clip(place - size // 2, 0, people - size)
        total = np.concatenate([[0.0], np.cumsum(self.shares)])
        low, high = wilson(np.clip(total[start + size] - total[start], 0, size), size)
        probability = self.probability(margin)
        return np.minimum(low, probability), np.maximum(high, probability)


def calibrate(margin: FloatArray, label: FloatArray) -> Calibration:
    """Choose and fit a curve on out-of-sample margins and labels.

    Platt's curve (a line in log-odds) from 50 positives, isotonic regression from 1,000.
    """
    positives = int(label.sum())
    order = np.argsort(margin, kind="stable")
    margins = margin[order]
    # people of equal score are interchangeable: each carries the share of them all
    shares = pd.Series(label[order]).groupby(margins).transform("mean").to_numpy(np.float64)
    none = np.empty(0)
    facts = f"{positives} of {len(label)} people at the latest validation date had the outcome"
    if positives < PLATT_FROM or positives == len(label):
        why = f"not calibrated: {facts}, at least {PLATT_FROM} (and not everybody) are needed"
        return Calibration("none", why, 1.0, 0.0, none, none, margins, shares)
    if positives < ISOTONIC_FROM:
        slope, intercept = _platt(margin, label)
        why = f"a line in log-odds (Platt), fitted where {facts}"
        return Calibration("platt", why, slope, intercept, none, none, margins, shares)
    knots, heights = _isotonic(margin, label)
    why = f"a rising curve (isotonic), fitted where {facts}"
    return Calibration("isotonic", why, 1.0, 0.0, knots, heights, margins, shares)


def wilson(events: FloatArray, size: npt.NDArray[np.int64]) -> tuple[FloatArray, FloatArray]:
    """Return Wilson's 95 % interval for a share of `events` among `size` (Wilson, 1927)."""
    share, square = events / size, _Z**2
    centre = (share + square / (2 * size)) / (1 + square / size)
    half = _Z * np.sqrt(share * (1 - share) / size + square / (4 * size**2)) / (1 + square / size)
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)


def sigmoid(margin: FloatArray) -> FloatArray:
    """Return ``1 / (1 + exp(-margin))`` without overflow."""
    result: FloatArray = 0.5 * (1 + np.tanh(margin / 2))
    return result


def _platt(margin: FloatArray, label: FloatArray) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1e6, max_iter=2000).fit(margin[:, None], label)
    return max(float(fitted.coef_[0, 0]), 1e-6), float(fitted.intercept_[0])


def _isotonic(margin: FloatArray, label: FloatArray) -> tuple[FloatArray, FloatArray]:
    from sklearn.isotonic import IsotonicRegression

    # a share of exactly 0 or 1 in a sample is not a certainty
    least = 1 / (2 * len(label))
    fitted = IsotonicRegression(y_min=least, y_max=1 - least).fit(margin, label)
    return np.asarray(fitted.X_thresholds_, np.float64), np.asarray(
        fitted.y_thresholds_, np.float64
    )
