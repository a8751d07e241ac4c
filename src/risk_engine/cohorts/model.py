"""The model that runs: a fitted candidate, its calibration, its intervals and its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from risk_engine.cohorts.calibration import Calibration
from risk_engine.cohorts.inputs import FloatArray, matrix
from risk_engine.cohorts.learners import Learner, from_json
from risk_engine.errors import IntegrityError

#: Reasons for which the model says nothing about a person.
NOTHING_RECORDED = "nothing that the model looks at is recorded"
OUT_OF_RANGE = "recorded far outside what the model learnt from"


@dataclass(frozen=True)
class Model:
    """The champion of a run.

    Attributes
    ----------
    name
        ``lightgbm``, ``logistic`` or ``prior_events``.
    columns
        Feature columns in the order of the learner.
    learner
        The fitted candidate; `Trees.booster` is a native LightGBM booster.
    calibration
        Margin to probability, fitted on people the learner had not seen.
    lowest, highest
        Range of each feature in training (NaN where it was always missing).
    """

    name: str
    columns: tuple[str, ...]
    learner: Learner
    calibration: Calibration
    lowest: FloatArray
    highest: FloatArray

    def predict(self, frame: pd.DataFrame) -> FloatArray:
        """Return calibrated probabilities, one a row; rows that abstain included."""
        return self.calibration.probability(self.margin(frame))

    def margin(self, frame: pd.DataFrame) -> FloatArray:
        """Return log-odds before calibration, one a row: what people are ranked by."""
        return self.learner.margin(matrix(frame, self.columns))

    def contributions(self, frame: pd.DataFrame) -> FloatArray:
        """Return exact contributions in log-odds (rows by features + base value).

        Raises
        ------
        IntegrityError
            ``COHORT_ADDITIVITY`` when they do not add up to the margin.
        """
        parts = self.learner.contributions(matrix(frame, self.columns))
        gap = float(np.abs(parts.sum(axis=1) - self.margin(frame)).max(initial=0.0))
        if not gap < 1e-6:
            raise IntegrityError(
                f"contributions differ from the score by up to {gap:.2g}; at most 1e-6 is allowed",
                hint="no reasons can be given from this model; check the versions in the manifest",
                code="COHORT_ADDITIVITY",
            )
        return parts

    def abstention(self, frame: pd.DataFrame) -> pd.Series[str]:
        """Return why the model says nothing about each row, empty where it does."""
        return abstention(matrix(frame, self.columns), lowest=self.lowest, highest=self.highest)

    def as_json(self) -> dict[str, Any]:
        """Return the whole model as plain values, ready for strict JSON; no code, no pickle."""
        return {
            "name": self.name,
            "columns": list(self.columns),
            "learner": self.learner.as_json(),
            "calibration": self.calibration.as_json(),
            "lowest": _plain(self.lowest),
            "highest": _plain(self.highest),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Model:
        """Build a model from what `as_json` returned; it scores as the first one did."""
        return cls(
            name=data["name"],
            columns=tuple(data["columns"]),
            learner=from_json(data["learner"]),
            calibration=Calibration.from_json(data["calibration"]),
            lowest=np.asarray(data["lowest"], np.float64),
            highest=np.asarray(data["highest"], np.float64),
        )


def _plain(values: FloatArray) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def training_range(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the lowest and highest value of each feature; NaN where always missing."""
    seen = ~np.isnan(values).all(axis=0)
    lowest = np.where(seen, np.where(np.isnan(values), np.inf, values).min(axis=0), np.nan)
    highest = np.where(seen, np.where(np.isnan(values), -np.inf, values).max(axis=0), np.nan)
    return lowest, highest


def abstention(values: FloatArray, *, lowest: FloatArray, highest: FloatArray) -> pd.Series[str]:
    """Say of which rows nothing should be said, and why.

    A value is far outside when it lies beyond the training range by more than the width of that
    range: one event more than anybody had is no reason to be silent, several times as many is.
    Features that did not vary in training carry no weight in any candidate and are passed over.
    """
    width = highest - lowest
    with np.errstate(invalid="ignore"):
        far = (values > highest + width) | (values < lowest - width)
    outside = (far & (width > 0)).any(axis=1)
    nothing = np.isnan(values).all(axis=1)
    return pd.Series(np.select([nothing, outside], [NOTHING_RECORDED, OUT_OF_RANGE], ""), dtype=str)
