"""Fitted candidates, all in log-odds, all explained exactly, all saved without code.

A learner's contributions are additive: for every row their sum plus the base value is its margin
(log-odds). For boosted trees they are Shapley values by the tree path method (Lundberg et al.,
2020), computed by LightGBM itself; for linear models ``coefficient * (value - training mean)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from risk_engine.cohorts.inputs import FloatArray

#: Cells from which a second thread saves more than it costs; results depend on the table only.
_TWO_THREADS_FROM = 10_000_000


class Learner(Protocol):
    """A fitted candidate over a fixed order of features."""

    def margin(self, values: FloatArray) -> FloatArray:
        """Return log-odds, one a row."""

    def contributions(self, values: FloatArray) -> FloatArray:
        """Return rows by features + 1; the last column is the base value."""

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` builds the same learner from."""


@dataclass(frozen=True)
class Trees:
    """LightGBM: small trees, monotone where the catalogue states a direction."""

    booster: Any

    def margin(self, values: FloatArray) -> FloatArray:
        """Return log-odds, one a row."""
        return self._predict(values, raw_score=True)

    def contributions(self, values: FloatArray) -> FloatArray:
        """Return exact Shapley values and the base value."""
        return self._predict(values, pred_contrib=True)

    def as_json(self) -> dict[str, Any]:
        """Return the booster in LightGBM's own text form, which keeps every digit."""
        return {"kind": "trees", "booster": self.booster.model_to_string()}

    def _predict(self, values: FloatArray, **what: bool) -> FloatArray:
        return np.asarray(self.booster.predict(values, num_threads=threads(values), **what))


@dataclass(frozen=True)
class Linear:
    """A linear model over values with missing ones filled, and indicators of missing ones.

    Attributes
    ----------
    fill
        What stands for a missing value of each feature.
    centre
        Training mean of each feature, once filled.
    slope
        Change in log-odds for one unit of each feature.
    absent, absent_slope
        Training share of rows that lack each feature, and what lacking it adds to the log-odds.
    base
        Log-odds at the training means.
    """

    fill: FloatArray
    centre: FloatArray
    slope: FloatArray
    absent: FloatArray
    absent_slope: FloatArray
    base: float

    def contributions(self, values: FloatArray) -> FloatArray:
        """Return ``slope * (value - mean)`` by feature and the base value."""
        missing = np.isnan(values)
        filled = np.where(missing, self.fill, values)
        parts = self.slope * (filled - self.centre) + self.absent_slope * (missing - self.absent)
        return np.column_stack([parts, np.full(len(values), self.base)])

    def margin(self, values: FloatArray) -> FloatArray:
        """Return log-odds, one a row; rounded, so that equal sums in another order still tie."""
        total: FloatArray = self.contributions(values).sum(axis=1).round(10)
        return total

    def as_json(self) -> dict[str, Any]:
        """Return the coefficients."""
        arrays = {name: getattr(self, name).tolist() for name in _LINEAR}
        return {"kind": "linear", **arrays, "base": self.base}


_LINEAR = ("fill", "centre", "slope", "absent", "absent_slope")


def from_json(data: Mapping[str, Any]) -> Learner:
    """Build a learner from what `as_json` returned."""
    if data["kind"] == "linear":
        arrays = {name: np.asarray(data[name], np.float64) for name in _LINEAR}
        return Linear(**arrays, base=float(data["base"]))
    import lightgbm

    return Trees(lightgbm.Booster(model_str=data["booster"]))


def threads(values: FloatArray) -> int:
    """Return how many threads a table is worth."""
    return 2 if values.size >= _TWO_THREADS_FROM else 1
