"""The facts of a cohort's run as plain values and words, ready for JSON, reports and tracking."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from risk_engine.cohorts.figures import REPLICATES
from risk_engine.cohorts.inputs import FloatArray
from risk_engine.cohorts.model import Model
from risk_engine.cohorts.schedule import Schedule
from risk_engine.cohorts.validation import Measured
from risk_engine.config import CohortSpec

#: Beyond these a result is more likely a leak of the outcome into the features than a success.
IMPLAUSIBLE_AUC, IMPLAUSIBLE_SHARE = 0.95, 0.80


def report(
    *,
    scores: pd.DataFrame,
    model: Model,
    measured: Sequence[Measured],
    comparisons: pd.DataFrame,
    why: str,
    label: FloatArray,
    importance: pd.DataFrame,
    schedule: Schedule,
    spec: CohortSpec,
    notes: Sequence[str],
) -> dict[str, Any]:
    """Gather sizes, dates, figures, choices, warnings and notes.

    Dates are ISO text; figures that could not be computed are None, never 0.
    """
    return {
        "cohort": spec.name,
        "as_of": schedule.as_of.isoformat(),
        "horizon_days": schedule.horizon.days,
        "n_scored": len(scores),
        "n_selected": int(scores["selected"].sum()),
        "n_abstained": int(scores["abstain"].sum()),
        "abstained": _abstained(scores),
        "n_train": len(label),
        "positives": int(label.sum()),
        "base_rate": float(label.mean()),
        "training_dates": [date.isoformat() for date in schedule.training],
        "features": len(model.columns),
        "bootstrap_replicates": REPLICATES,
        "champion": model.name,
        "why_champion": why,
        "calibration": {"method": model.calibration.method, "why": model.calibration.why},
        "overall": _figures(comparisons[comparisons["origin"].isna()]),
        "origins": [_origin(one, comparisons) for one in measured],
        "warnings": _warnings(model, comparisons, importance, scores, spec),
        "notes": [*schedule.notes, *notes],
    }


def _abstained(scores: pd.DataFrame) -> dict[str, int]:
    """Return why the model said nothing -> people."""
    why = scores.loc[scores["abstain"], "reasons"].str[0]
    return {str(words): int(count) for words, count in why.value_counts().sort_index().items()}


def _origin(one: Measured, comparisons: pd.DataFrame) -> dict[str, Any]:
    here = comparisons[comparisons["origin"] == one.origin.date]
    return {
        "date": one.origin.date.isoformat(),
        "training_dates": [date.isoformat() for date in one.origin.training],
        "n": len(one.label),
        "positives": int(one.label.sum()),
        "base_rate": float(one.label.mean()) if len(one.label) else None,
        "models": _figures(here),
    }


def _figures(rows: pd.DataFrame) -> dict[str, dict[str, dict[str, float | None]]]:
    """Return model -> metric -> value, low, high."""
    own = rows[rows["versus"] == ""]
    return {
        str(model): {
            str(metric): {key: _plain(part[key].iloc[0]) for key in ("value", "low", "high")}
            for metric, part in block.groupby("metric")
        }
        for model, block in own.groupby("model")
    }


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _warnings(
    model: Model,
    comparisons: pd.DataFrame,
    importance: pd.DataFrame,
    scores: pd.DataFrame,
    spec: CohortSpec,
) -> list[str]:
    found = _implausible_auc(comparisons) + _implausible_share(model, importance)
    if 2 * spec.listing.top > len(scores):
        found.append(
            f"the list of {spec.listing.top} is more than half of the {len(scores)} people scored: "
            f"being on it says little; check list.top"
        )
    return found


def _implausible_auc(comparisons: pd.DataFrame) -> list[str]:
    auc = comparisons[(comparisons["metric"] == "auc") & (comparisons["versus"] == "")]
    high = auc[auc["origin"].notna() & (auc["value"] > IMPLAUSIBLE_AUC)]
    return [
        f"implausibly good; check: {row.model} reached an AUC of {row.value:.3f} on "
        f"{row.origin:%d %B %Y}; a feature may hold what was known only later"
        for row in high.itertuples(index=False)
    ]


def _implausible_share(model: Model, importance: pd.DataFrame) -> list[str]:
    first = importance.iloc[0]
    if model.name == "prior_events" or not first["share"] > IMPLAUSIBLE_SHARE:
        return []  # a sum of counts may well rest on one of them
    words = f"'{first['label']}' holds {first['share']:.0%} of the importance"
    return [f"implausibly good; check: {words}; it may stand for the outcome itself"]
