"""Train, measure, choose, score and explain: one cohort from matrices to a list with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from risk_engine.cohorts.calibration import calibrate
from risk_engine.cohorts.comparison import choose, compare
from risk_engine.cohorts.inputs import FeatureLike, FloatArray, canonical, check, matrix
from risk_engine.cohorts.model import Model, training_range
from risk_engine.cohorts.reasons import (
    NOTHING_STANDS_OUT,
    PROTECTIVE,
    REASONS,
    Phrase,
    explain,
    importance,
)
from risk_engine.cohorts.report import report
from risk_engine.cohorts.schedule import Schedule
from risk_engine.cohorts.selection import ranks, select
from risk_engine.cohorts.validation import Measured, candidates, fit_final, measure
from risk_engine.config import CohortSpec


@dataclass(frozen=True)
class CohortResult:
    """What one cohort's training and scoring gave.

    Attributes
    ----------
    scores
        ``person_id, as_of, outcome, probability, low, high, rank, selected, abstain, reasons,
        protective, area_code``, in order of rank. Probability and interval are null, and reasons
        say why, where the model abstains.
    shap
        ``person_id, as_of, base_value`` and one column a feature, in log-odds before calibration;
        the rows of `scores`, in their order.
    metrics
        Plain values and words (JSON-ready): sizes, dates, figures by date, champion and why,
        calibration, warnings, notes.
    comparisons
        Candidates side by side: see `risk_engine.cohorts.comparison.compare`.
    origin_scores
        ``person_id, as_of, score, selected, label``: the champion's list at the latest validation
        date, as it would have been, and what was recorded since; `score` is in log-odds.
    model
        The champion, with `predict`.
    champion
        Its name.
    importance
        ``feature, label, direction, mean_abs_shap, share``.
    """

    scores: pd.DataFrame
    shap: pd.DataFrame
    metrics: dict[str, Any]
    comparisons: pd.DataFrame
    origin_scores: pd.DataFrame
    model: Model
    champion: str
    importance: pd.DataFrame


def train_and_score(
    train: pd.DataFrame,
    score: pd.DataFrame,
    *,
    features: Sequence[FeatureLike],
    schedule: Schedule,
    spec: CohortSpec,
    seed: int,
    phrase: Phrase,
) -> CohortResult:
    """Train every candidate, let the simplest unbeaten one run, and score and explain everybody.

    Parameters
    ----------
    train
        ``person_id, as_of, area_code, label, label_known_at`` and the features, for every date of
        `schedule.dates`. A label is used at a date only where it was known before it.
    score
        The same without labels, for `schedule.as_of`.
    features
        What the model may use; age, area and protected characteristics are refused.
    schedule
        As laid out by `schedule`.
    spec
        The cohort specification.
    seed
        For the learner, the bootstrap and ties.
    phrase
        Column and value to plain words.

    Returns
    -------
    CohortResult
        The same for the same content, whatever the order of rows and features.

    Raises
    ------
    InputError
        Tables that cannot be used (codes ``COHORT_...``), or no outcome to learn from.
    IntegrityError
        A protected characteristic among the features, or contributions that do not add up.
    ConfigError
        Areas' minima longer than the list.
    """
    check(train, score, features=features, schedule=schedule)
    features = sorted(features, key=lambda feature: feature.column)
    columns = tuple(feature.column for feature in features)
    train, score = canonical(train, columns), canonical(score, columns)
    measured, notes = measure(train, features=features, schedule=schedule, spec=spec, seed=seed)
    comparisons = compare(measured, top=spec.listing.top, seed=seed)
    champion, why = choose(comparisons, candidates(spec))
    learner, values, label = fit_final(
        champion, train, features=features, schedule=schedule, spec=spec, seed=seed
    )
    latest = measured[0]
    calibration = calibrate(latest.margins[champion], latest.label)
    model = Model(champion, columns, learner, calibration, *training_range(values))
    scores, shap = score_everybody(
        model, score, features=features, spec=spec, seed=seed, phrase=phrase
    )
    weights = importance(shap[list(columns)].to_numpy(np.float64), features)
    metrics = report(
        scores=scores, model=model, measured=measured, comparisons=comparisons, why=why,
        label=label, importance=weights, schedule=schedule, spec=spec, notes=notes,
    )  # fmt: skip
    origin_scores = past_list(latest, model, spec=spec, seed=seed)
    return CohortResult(scores, shap, metrics, comparisons, origin_scores, model, champion, weights)


def score_everybody(
    model: Model,
    frame: pd.DataFrame,
    *,
    features: Sequence[FeatureLike],
    spec: CohortSpec,
    seed: int,
    phrase: Phrase,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return scores and contributions of everybody in `frame`, in order of rank."""
    margin, silence = model.margin(frame), model.abstention(frame)
    abstain = silence.ne("")
    rank = ranks(margin, person_id=frame["person_id"], abstain=abstain, seed=seed)
    low, high = model.calibration.interval(margin)
    parts, order = model.contributions(frame), np.argsort(rank)
    values, own = matrix(frame, model.columns), parts[:, :-1]
    reasons = explain(own, values, features=features, phrase=phrase, most=REASONS)
    protective = explain(own, values, features=features, phrase=phrase, most=PROTECTIVE, sign=-1)
    said = ~abstain.to_numpy(bool)
    scores = pd.DataFrame(
        {
            "person_id": frame["person_id"],
            "as_of": frame["as_of"],
            "outcome": spec.name,
            "probability": np.where(said, model.calibration.probability(margin), np.nan),
            "low": np.where(said, low, np.nan),
            "high": np.where(said, high, np.nan),
            "rank": rank,
            "selected": select(
                rank, area_code=frame["area_code"], abstain=abstain,
                listing=spec.listing, name=spec.name,
            ),
            "abstain": abstain,
            "reasons": [
                (r or [NOTHING_STANDS_OUT]) if ok else [s]
                for r, s, ok in zip(reasons, silence, said, strict=True)
            ],
            "protective": [p if ok else [] for p, ok in zip(protective, said, strict=True)],
            "area_code": frame["area_code"],
        }
    )  # fmt: skip
    shap = _shap_table(frame, parts, model.columns)
    return scores.iloc[order].reset_index(drop=True), shap.iloc[order].reset_index(drop=True)


def _shap_table(frame: pd.DataFrame, parts: FloatArray, columns: Sequence[str]) -> pd.DataFrame:
    keys = frame[["person_id", "as_of"]].assign(base_value=parts[:, -1])
    return pd.concat([keys, pd.DataFrame(parts[:, :-1], columns=list(columns))], axis=1)


def past_list(one: Measured, model: Model, *, spec: CohortSpec, seed: int) -> pd.DataFrame:
    """Return the list as the champion would have made it at a validation date, with outcomes."""
    past = Model(
        model.name, model.columns, model.learner, model.calibration, *training_range(one.learned)
    )
    margin, abstain = one.margins[model.name], past.abstention(one.frame).ne("")
    rank = ranks(margin, person_id=one.frame["person_id"], abstain=abstain, seed=seed)
    chosen = select(
        rank, area_code=one.frame["area_code"], abstain=abstain, listing=spec.listing,
        name=spec.name,
    )  # fmt: skip
    table = one.frame[["person_id", "as_of"]].assign(
        score=margin, selected=chosen, label=one.label.astype(np.int8)
    )
    return table.sort_values("person_id", ignore_index=True)
