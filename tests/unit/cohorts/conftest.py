"""Small invented matrices with a known signal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from risk_engine.cohorts import Schedule, schedule
from risk_engine.config import CohortSpec
from risk_engine.engine import Engine, open_engine

AS_OF = datetime.fromisoformat("2026-11-23")
AREAS = ["E06000044", "E06000045", "E07000089"]


@dataclass(frozen=True)
class Feature:
    column: str
    label: str
    direction: str = "none"
    measure: str = "count"


FEATURES = (
    Feature("person.police.victim_1y", "as a victim of violence", "increasing"),
    Feature("person.police.victim_3y", "as a victim of violence", "increasing"),
    Feature("person.missing_persons.missing_1y", "as missing", "increasing"),
    Feature("person.education.attended_1y", "as back in school", "decreasing"),
    Feature("person.police.recency_3y", "as a victim", "decreasing", "days_since_last"),
    Feature("person.all.kinds_1y", "in different kinds", "none", "distinct"),
)
COLUMNS = [feature.column for feature in FEATURES]
LABELS = {feature.column: feature.label for feature in FEATURES}


def phrase(column: str, value: float) -> str:
    return f"recorded {value:.0f} times {LABELS[column]} ({column[-2:]})"


def make_spec(**changes: object) -> CohortSpec:
    base: dict[str, object] = {
        "name": "sv_victim_test",
        "title": "Recorded as a victim",
        "outcome": {"definition": "serious_violence", "role": "victim", "horizon": "180d"},
        "cohort": {"known_within": "730d"},
        "validation": {"origins": 2, "train_origins": 2},
        "estimator": {"n_estimators": 40, "min_child_samples": 20},
        "list": {"top": 40, "per_area_minimum": 3},
    }
    return CohortSpec.model_validate(base | changes)


def make_schedule(spec: CohortSpec) -> Schedule:
    return schedule(spec, as_of=AS_OF, first_known=AS_OF - timedelta(days=1200))


def _features(rng: np.random.Generator, latent: np.ndarray) -> pd.DataFrame:
    people = len(latent)
    year = rng.poisson(0.4 * np.exp(latent))
    earlier = rng.poisson(0.6 * np.exp(latent))
    covered = rng.random(people) < 0.8
    frame = pd.DataFrame(
        {
            "person.police.victim_1y": year,
            "person.police.victim_3y": year + earlier,
            "person.missing_persons.missing_1y": rng.poisson(0.2 * np.exp(0.5 * latent)),
            "person.education.attended_1y": np.where(covered, rng.poisson(0.5, people), np.nan),
            "person.police.recency_3y": np.where(year > 0, rng.integers(0, 1000, people), np.nan),
            "person.all.kinds_1y": rng.poisson(0.5, people),
        }
    )
    return frame.astype(float)


def make_frames(
    spec: CohortSpec, *, people: int = 500, base: float = -2.5, strength: float = 1.3, seed: int = 7
) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng, laid = np.random.default_rng(seed), make_schedule(spec)
    latent = rng.normal(0, 0.8, people)
    ids = [f"p{i:05d}" for i in range(people)]
    areas = [AREAS[i % 3] for i in range(people)]
    parts = []
    for date in [*laid.dates, laid.as_of]:
        frame = _features(rng, latent)
        frame.insert(0, "person_id", ids)
        frame.insert(1, "as_of", pd.Series([date] * people, dtype="datetime64[us]"))
        frame.insert(2, "age", 17.0)
        frame.insert(3, "area_code", areas)
        happened = rng.random(people) < 1 / (1 + np.exp(-(base + strength * latent)))
        known = pd.Series([date] * people, dtype="datetime64[us]") + pd.to_timedelta(
            rng.integers(1, 170, people), unit="D"
        )
        parts.append(frame.assign(label=happened.astype(int), label_known_at=known.where(happened)))
    every = pd.concat(parts, ignore_index=True)
    score = every[every["as_of"] == laid.as_of].drop(columns=["label", "label_known_at"])
    return every[every["as_of"] < laid.as_of].reset_index(drop=True), score.reset_index(drop=True)


@pytest.fixture(scope="session")
def spec() -> CohortSpec:
    return make_spec()


@pytest.fixture(scope="session")
def laid(spec: CohortSpec) -> Schedule:
    return make_schedule(spec)


@pytest.fixture(scope="session")
def cohort_frames(spec: CohortSpec) -> tuple[pd.DataFrame, pd.DataFrame]:
    return make_frames(spec)


@pytest.fixture(scope="session")
def features() -> tuple[Feature, ...]:
    return FEATURES


@pytest.fixture(scope="session")
def in_words() -> Callable[[str, float], str]:
    return phrase


@pytest.fixture(scope="session")
def new_spec() -> Callable[..., CohortSpec]:
    return make_spec


@pytest.fixture(scope="session")
def new_frames() -> Callable[..., tuple[pd.DataFrame, pd.DataFrame]]:
    return make_frames


@pytest.fixture
def engine() -> Iterator[Engine]:
    with open_engine() as opened:
        yield opened
