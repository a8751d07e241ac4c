"""Rolling validation: every candidate trained on the past of a date and scored on that date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from risk_engine.cohorts.candidates import WORDS, fit
from risk_engine.cohorts.inputs import FeatureLike, FloatArray, labels, matrix
from risk_engine.cohorts.learners import Learner
from risk_engine.cohorts.schedule import Origin, Schedule
from risk_engine.config import CohortSpec
from risk_engine.errors import InputError


@dataclass(frozen=True)
class Measured:
    """One validation date.

    Attributes
    ----------
    origin
        The date and its training dates.
    frame
        The people who were eligible then.
    label
        Whether the outcome was recorded in the horizon, as known at the date of scoring.
    learned
        Feature values that the candidates were trained on.
    margins
        Candidate -> log-odds, out of sample.
    """

    origin: Origin
    frame: pd.DataFrame
    label: FloatArray
    learned: FloatArray
    margins: dict[str, FloatArray]


def measure(
    train: pd.DataFrame,
    *,
    features: Sequence[FeatureLike],
    schedule: Schedule,
    spec: CohortSpec,
    seed: int,
) -> tuple[list[Measured], list[str]]:
    """Train and score every candidate on every validation date.

    Returns
    -------
    tuple
        What was measured, latest date first, and notes on dates that could not be used.

    Raises
    ------
    InputError
        ``COHORT_ONE_CLASS`` when no date holds both people with and without the outcome.
    """
    measured, notes = [], []
    for origin in schedule.origins:
        rows, label = training_rows(train, origin.training, known_before=origin.date)
        if label.min(initial=1) == label.max(initial=0):
            notes.append(f"{origin.date:%d %B %Y} was not used for validation: {_one_class(label)}")
            continue
        columns = [feature.column for feature in features]
        frame = train[train["as_of"] == origin.date].reset_index(drop=True)
        learned, values = matrix(rows, columns), matrix(frame, columns)
        margins = {
            name: fit(
                name, learned, label, features=features, estimator=spec.estimator, seed=seed
            ).margin(values)
            for name in candidates(spec)
        }
        seen = labels(frame, known_before=schedule.as_of)
        measured.append(Measured(origin, frame, seen, learned, margins))
    if not measured:
        raise one_class_error(spec, notes)
    return measured, notes


def fit_final(
    name: str,
    train: pd.DataFrame,
    *,
    features: Sequence[FeatureLike],
    schedule: Schedule,
    spec: CohortSpec,
    seed: int,
) -> tuple[Learner, FloatArray, FloatArray]:
    """Train the champion on everything known at the date of scoring.

    Returns
    -------
    tuple
        The learner, the feature values and the labels it was trained on.
    """
    rows, label = training_rows(train, schedule.training, known_before=schedule.as_of)
    if label.min(initial=1) == label.max(initial=0):
        raise one_class_error(spec, [_one_class(label)])
    values = matrix(rows, [feature.column for feature in features])
    learner = fit(name, values, label, features=features, estimator=spec.estimator, seed=seed)
    return learner, values, label


def candidates(spec: CohortSpec) -> list[str]:
    """Return the candidates, simplest first."""
    return [name for name in WORDS if name in {*spec.rules, spec.estimator.kind}]


def training_rows(
    train: pd.DataFrame, dates: Sequence[datetime], *, known_before: datetime
) -> tuple[pd.DataFrame, FloatArray]:
    """Return rows of the training dates with their labels as known before an instant."""
    rows = train[train["as_of"].isin(list(dates))].reset_index(drop=True)
    return rows, labels(rows, known_before=known_before)


def _one_class(label: FloatArray) -> str:
    return (
        f"of {len(label)} people and dates to learn from, {int(label.sum())} had the outcome; both "
        f"people with and without it are needed"
    )


def one_class_error(spec: CohortSpec, notes: Sequence[str]) -> InputError:
    """Build the error for a table from which nothing can be learnt."""
    return InputError(
        f"cohort '{spec.name}': {'; '.join(notes)}",
        hint="look at outcome.definition, outcome.discovery and outcome.role, and at the sources",
        code="COHORT_ONE_CLASS",
    )
