"""What is not yet known changes no feature; row order changes nothing; no row is lost."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_engine.config import FeatureFile, FeatureSpec
from risk_engine.config.contract import Coverage
from risk_engine.engine import open_engine
from risk_engine.events import LINKED_SCHEMA
from risk_engine.features import Feature, build, leaks, people_as_of

AS_OF = datetime.fromisoformat("2026-01-05")
EARLIER = AS_OF - timedelta(days=60)
PEOPLE = ["p1", "p2", "p3"]


def _features() -> list[Feature]:
    spans = {"windows": ["30d", "1y"]}
    file = FeatureFile.model_validate(
        {
            "source": "police",
            "features": [
                {"name": name, "label": "as x", "rationale": "test", **spec}
                for name, spec in {
                    "count": {**spans},
                    "harm": {**spans, "where": {"kind": "robbery"}},
                    "any": {**spans, "measure": "any"},
                    "latest": {**spans, "measure": "days_since_last"},
                    "kinds": {**spans, "measure": "distinct", "of": "kind"},
                    "fading": {"measure": "decayed", "half_life": "20d"},
                }.items()
            ],
        }
    )
    return [_feature(spec, index) for spec in file.features for index in range(len(_spans(spec)))]


def _spans(spec: FeatureSpec) -> list:
    return [*spec.windows, *spec.half_life]


def _feature(spec: FeatureSpec, index: int) -> Feature:
    span, decayed = _spans(spec)[index], spec.measure == "decayed"
    return Feature(
        column=f"{spec.name}_{span}",
        label="x",
        subject="person",
        spec=spec,
        sources=("police",),
        coverage=Coverage(),
        window=None if decayed else span,
        half_life=span if decayed else None,
    )


FEATURES = _features()
BEFORE = st.integers(1, 800 * 24 * 60)  # minutes before the as-of instant
AFTER = st.integers(0, 300 * 24 * 60)  # minutes from it on
WHO = st.sampled_from([*PEOPLE, None])
KIND = st.sampled_from(["robbery", "theft"])
VISIBLE = st.tuples(WHO, KIND, BEFORE, BEFORE)
LATE = st.tuples(WHO, KIND, BEFORE, AFTER.map(lambda minutes: -minutes))
FUTURE = st.tuples(WHO, KIND, AFTER.map(lambda minutes: -minutes), st.one_of(BEFORE, AFTER))


def _frame(rows: list[tuple]) -> pd.DataFrame:
    """Rows of person, kind, minutes between occurring and as_of, minutes between known and it."""
    made = [
        {
            "person_id": person,
            "event_id": f"e{number}",
            "incident_id": f"i{number}",
            "source": "police",
            "kind": kind,
            "role": "victim",
            "occurred_at": AS_OF - timedelta(minutes=occurred),
            "known_at": AS_OF - timedelta(minutes=known),
            "precision": "minute",
            "easting": None,
            "northing": None,
            "area_code": None,
            "discovery": "reported",
            "attributes": {},
        }
        for number, (person, kind, occurred, known) in enumerate(rows)
    ]
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in made], dtype=object) for name in LINKED_SCHEMA}
    )


@pytest.fixture(scope="module")
def engine():
    with open_engine() as opened:
        yield opened


def _matrix(engine, rows, as_ofs=(AS_OF,)) -> pd.DataFrame:
    units = pd.DataFrame(
        [{"person_id": person, "as_of": as_of} for person in PEOPLE for as_of in as_ofs]
    )
    events = engine.table(_frame(rows), LINKED_SCHEMA)
    built = build(events, engine.table(units), unit="person_id", features=FEATURES)
    return engine.ibis.to_pandas(built)


@settings(max_examples=25, deadline=None)
@given(
    known=st.lists(VISIBLE, max_size=12),
    unseen=st.lists(st.one_of(LATE, FUTURE), min_size=1, max_size=12),
    changed=st.lists(st.one_of(LATE, FUTURE), max_size=12),
)
def test_adding_removing_or_changing_what_is_not_known_changes_nothing(
    engine, known, unseen, changed
):
    alone = _matrix(engine, known)
    for rows in (known + unseen, known + changed):
        pd.testing.assert_frame_equal(_matrix(engine, rows), alone, check_exact=True)


@settings(max_examples=15, deadline=None)
@given(
    rows=st.lists(st.one_of(VISIBLE, LATE), max_size=15).flatmap(
        lambda rows: st.tuples(st.just(rows), st.permutations(rows))
    )
)
def test_row_order_changes_nothing(engine, rows):
    one, two = (_matrix(engine, order, (EARLIER, AS_OF)) for order in rows)
    pd.testing.assert_frame_equal(one, two, check_exact=True)


@settings(max_examples=15, deadline=None)
@given(rows=st.lists(st.one_of(VISIBLE, LATE, FUTURE), max_size=15))
def test_rows_are_those_of_the_units_and_values_agree(engine, rows):
    found = _matrix(engine, rows, (EARLIER, AS_OF))
    keys = list(zip(found["person_id"], found["as_of"], strict=True))
    assert keys == [(person, as_of) for person in PEOPLE for as_of in (EARLIER, AS_OF)]
    for span in ("30d", "1y"):
        counted = found[f"count_{span}"]
        assert (found[f"harm_{span}"] <= counted).all()
        assert (found[f"any_{span}"] == (counted > 0)).all()
        assert (found[f"latest_{span}"].notna() == (counted > 0)).all()
        assert (found[f"kinds_{span}"] <= counted.clip(upper=2)).all()
    assert (found["count_30d"] <= found["count_1y"]).all()
    visible = [row for row in rows if row[0] and row[2] > 0 and row[3] > 0]
    recent = [row for row in visible if row[2] <= 365 * 24 * 60]
    assert found.loc[found["as_of"] == AS_OF, "count_1y"].sum() == len(recent)


@settings(max_examples=8, deadline=None)
@given(
    rows=st.lists(st.one_of(VISIBLE, LATE, FUTURE), min_size=1, max_size=10), seed=st.integers(0, 9)
)
def test_the_leak_search_finds_nothing(engine, rows, seed):
    units = pd.DataFrame({"person_id": PEOPLE, "as_of": [AS_OF, EARLIER, AS_OF]})
    events = engine.table(_frame(rows), LINKED_SCHEMA)
    assert leaks(events, engine.table(units), unit="person_id", features=FEATURES, seed=seed) == []


@settings(max_examples=12, deadline=None)
@given(known=st.lists(VISIBLE, max_size=8), unseen=st.lists(st.one_of(LATE, FUTURE), max_size=8))
def test_who_is_known_does_not_depend_on_what_is_not(engine, known, unseen):
    people = engine.table(
        pd.DataFrame({"person_id": PEOPLE, "birth_month": [None] * 3}),
        {"person_id": "string", "birth_month": "date"},
    )
    homes = {
        "person_id": "string",
        "known_at": "timestamp(6)",
        "easting": "float64",
        "northing": "float64",
        "area_code": "string",
    }
    old = [("p1", AS_OF - timedelta(days=9), 1.0, 1.0, "E1")]
    late = [("p1", AS_OF, 2.0, 2.0, "E2")]
    found = []
    for rows, places in ((known, old), (known + unseen, old + late)):
        addresses = engine.table(pd.DataFrame(places, columns=list(homes)), homes)
        events = engine.table(_frame(rows), LINKED_SCHEMA)
        found.append(engine.ibis.to_pandas(people_as_of(people, addresses, events, [AS_OF])))
    pd.testing.assert_frame_equal(*found, check_exact=True)
    assert found[0]["person_id"].tolist() == sorted({row[0] for row in known if row[0]})
