"""What training accepts: the frames and features handed over by the pipeline, checked once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_engine.cohorts.schedule import Schedule
from risk_engine.config import CohortSpec
from risk_engine.errors import ConfigError, InputError, IntegrityError

FloatArray = npt.NDArray[np.float64]

#: Last part of a column that may never be a feature: keys, labels, what decides eligibility, and
#: protected characteristics.
FORBIDDEN = frozenset(
    {
        "person_id", "as_of", "label", "label_known_at", "area_code", "age", "age_band",
        "disability", "ethnicity", "gender", "gender_reassignment", "marriage", "pregnancy", "race",
        "religion", "sex", "sexual_orientation",
    }
)  # fmt: skip
_KEYS = ["person_id", "as_of"]


class FeatureLike(Protocol):
    """What this room needs to know of a feature."""

    @property
    def column(self) -> str:
        """Column in the frames, such as ``person.police.violence_victim_1y``."""

    @property
    def label(self) -> str:
        """Plain words for charts and cards."""

    @property
    def direction(self) -> str:
        """One of ``increasing``, ``decreasing`` and ``none``."""

    @property
    def measure(self) -> str:
        """How events are summed up; ``count`` where they are counted."""


F = TypeVar("F", bound=FeatureLike)


def choose_features(features: Sequence[F], *, spec: CohortSpec) -> tuple[F, ...]:
    """Keep the features that the spec includes and does not exclude.

    A pattern is matched against the column and against the column without its window.

    Raises
    ------
    ConfigError
        When nothing is left.
    """
    chosen = tuple(
        feature
        for feature in features
        if _any_match(feature.column, spec.features.include)
        and not _any_match(feature.column, spec.features.exclude)
    )
    if not chosen:
        raise ConfigError.one(
            f"none of {len(features)} features is left by include {spec.features.include} and "
            f"exclude {spec.features.exclude}",
            file=spec.name,
            where="features",
        )
    return chosen


def stem(column: str) -> str:
    """Return a feature's column without its window: one line of thought about a person.

    >>> stem("person.police.violence_victim_1y")
    'person.police.violence_victim'
    """
    return column.rpartition("_")[0] or column


def _any_match(column: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, p) for name in (column, stem(column)) for p in patterns)


def check(
    train: pd.DataFrame, score: pd.DataFrame, *, features: Sequence[FeatureLike], schedule: Schedule
) -> None:
    """Refuse frames that training cannot use, in words and without personal values.

    Raises
    ------
    InputError
        ``COHORT_FEATURES``, ``COHORT_COLUMNS``, ``COHORT_DUPLICATES``, ``COHORT_VALUES``,
        ``COHORT_LABELS``, ``COHORT_DATES`` or ``COHORT_NOBODY``.
    """
    columns = _feature_columns(features)
    _check_columns(train, [*_KEYS, "area_code", "label", "label_known_at", *columns], "training")
    _check_columns(score, [*_KEYS, "area_code", *columns], "scoring")
    for frame, words in ((train, "training"), (score, "scoring")):
        _check_rows(frame, columns, words)
    _check_labels(train)
    _check_dates(train, score, schedule)


def _feature_columns(features: Sequence[FeatureLike]) -> list[str]:
    columns = [feature.column for feature in features]
    if not columns:
        raise InputError("no feature was given; a model needs one", code="COHORT_FEATURES")
    if len(set(columns)) < len(columns):
        raise InputError("a feature was given twice", code="COHORT_FEATURES")
    if barred := sorted(c for c in columns if c.rpartition(".")[2] in FORBIDDEN):
        raise IntegrityError(
            f"{', '.join(barred)} may never be a feature: keys, labels, age, area and protected "
            f"characteristics stay out of models",
            hint="take it out of the catalogue",
            code="COHORT_PROTECTED",
        )
    return columns


def _check_columns(frame: pd.DataFrame, needed: list[str], words: str) -> None:
    if missing := [column for column in needed if column not in frame.columns]:
        raise InputError(
            f"the {words} table lacks {len(missing)} of {len(needed)} columns: "
            f"{', '.join(missing[:5])}",
            code="COHORT_COLUMNS",
        )


def _check_rows(frame: pd.DataFrame, columns: list[str], words: str) -> None:
    if twice := int(frame.duplicated(_KEYS).sum()):
        raise InputError(
            f"the {words} table holds {twice} people twice on one date; one row each is allowed",
            code="COHORT_DUPLICATES",
        )
    numeric = set(frame[columns].select_dtypes(["number", "bool"]).columns)
    if text := [column for column in columns if column not in numeric]:
        raise InputError(
            f"the {words} table holds no numbers in {', '.join(text[:5])}", code="COHORT_VALUES"
        )
    infinite = [column for column in columns if np.isinf(frame[column].astype(float)).any()]
    if infinite:
        named = ", ".join(infinite[:5])
        raise InputError(
            f"the {words} table holds infinite values in {named}", code="COHORT_VALUES"
        )


def _check_labels(train: pd.DataFrame) -> None:
    if not train["label"].isin([0, 1]).all():
        raise InputError("a label is neither 0 nor 1", code="COHORT_LABELS")
    unknown = int((train["label"].eq(1) & train["label_known_at"].isna()).sum())
    if unknown:
        raise InputError(
            f"{unknown} labels are 1 without the instant at which that was known",
            hint="pass label_known_at as outcomes() returns it",
            code="COHORT_LABELS",
        )


def _check_dates(train: pd.DataFrame, score: pd.DataFrame, schedule: Schedule) -> None:
    if score.empty:
        raise InputError(
            f"nobody may be listed on {schedule.as_of:%d %B %Y}: the scoring table is empty",
            hint="look at cohort.age and cohort.known_within, and whether birth dates arrive",
            code="COHORT_NOBODY",
        )
    if not score["as_of"].eq(schedule.as_of).all():
        raise InputError("the scoring table holds other dates than as_of", code="COHORT_DATES")
    held = set(pd.to_datetime(train["as_of"].unique()))
    if missing := [date for date in schedule.dates if pd.Timestamp(date) not in held]:
        listed = ", ".join(f"{date:%d %B %Y}" for date in missing[:5])
        raise InputError(
            f"the training table lacks {len(missing)} of {len(schedule.dates)} dates: {listed}",
            hint="nobody was eligible then, or the table was not built for schedule.dates",
            code="COHORT_DATES",
        )


def canonical(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Order rows by what they say, not by how they came or how people are named.

    Sums in floating point depend on order; with this order the result does not.
    """
    content = [column for column in ("as_of", "label", *columns) if column in frame.columns]
    digest = pd.util.hash_pandas_object(frame[content], index=False).to_numpy()
    names, _ = pd.factorize(frame["person_id"], sort=True)  # only between rows that say the same
    order = np.lexsort((names, digest))
    return frame.iloc[order].reset_index(drop=True)


def matrix(frame: pd.DataFrame, columns: Sequence[str]) -> FloatArray:
    """Return feature values (rows by features, float64, missing as NaN)."""
    values: FloatArray = frame[list(columns)].to_numpy(np.float64)
    return values


def labels(frame: pd.DataFrame, *, known_before: datetime) -> FloatArray:
    """Return labels as they were known before an instant (naive UTC)."""
    known = frame["label"].eq(1) & frame["label_known_at"].lt(pd.Timestamp(known_before))
    return known.to_numpy().astype(np.float64)
