"""The matrix: windows, visibility, coverage and odd tables."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pandas as pd
import pytest

from risk_engine.errors import InputError
from risk_engine.events import LINKED_SCHEMA
from risk_engine.features import build

AS_OF = datetime.fromisoformat("2026-01-05")  # naive UTC, as everywhere
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def event(number: int = 0, *, ago: timedelta = DAY, known_ago: timedelta | None = None, **changes):
    return {
        "person_id": "p1",
        "event_id": f"e{number}",
        "incident_id": f"i{number}",
        "source": "police",
        "kind": "robbery",
        "role": "victim",
        "occurred_at": AS_OF - ago,
        "known_at": AS_OF - (ago if known_ago is None else known_ago),
        "precision": "minute",
        "easting": None,
        "northing": None,
        "area_code": "E1",
        "discovery": "reported",
        "attributes": {},
        **changes,
    }


UNITS = pd.DataFrame({"person_id": ["p1"], "as_of": [AS_OF], "age": [15.0], "area_code": ["E1"]})


@pytest.fixture
def matrix(engine):
    """Build a matrix from plain rows and return it as a frame."""

    def make(rows, features, *, units=UNITS, unit="person_id", schema=LINKED_SCHEMA):
        columns = {name: pd.Series([row[name] for row in rows], dtype=object) for name in schema}
        events = engine.table(pd.DataFrame(columns), schema)
        return engine.ibis.to_pandas(
            build(events, engine.table(units), unit=unit, features=features)
        )

    return make


@pytest.fixture
def value(matrix, features):
    """Return the value of one feature for the one unit."""

    def make(rows, spec, **options):
        made = features({"name": "x", **spec}, **options)
        return matrix(rows, made).iloc[0, 2]

    return make


@pytest.mark.parametrize(
    ("ago", "known_ago", "counts"),
    [
        (DAY, DAY, 1),
        (DAY, SECOND, 1),
        (DAY, timedelta(0), 0),  # known at the as-of instant is not yet known
        (DAY, -DAY, 0),
        (timedelta(0), DAY, 0),  # occurring at the as-of instant lies in the future
        (-DAY, DAY, 0),
        (90 * DAY, DAY, 1),  # the first instant of the window
        (90 * DAY + SECOND, DAY, 0),
    ],
)
def test_an_event_counts_inside_the_window_and_once_known(value, ago, known_ago, counts):
    assert value([event(ago=ago, known_ago=known_ago)], {"windows": ["90d"]}) == counts


def test_each_measure(matrix, features):
    made = features(
        {"name": "count", "windows": ["90d", "1y"]},
        {"name": "any", "windows": ["90d"], "measure": "any"},
        {"name": "last", "windows": ["1y"], "measure": "days_since_last"},
        {"name": "kinds", "windows": ["1y"], "measure": "distinct", "of": "kind"},
        {"name": "cases", "windows": ["1y"], "measure": "distinct", "of": "incident_id"},
        {"name": "areas", "windows": ["1y"], "measure": "distinct", "of": "area_code"},
        {"name": "fading", "measure": "decayed", "half_life": "10d"},
    )
    rows = [
        event(1, ago=10 * DAY, incident_id="same"),
        event(2, ago=10 * DAY, incident_id="same", kind="theft", area_code=None),
        event(3, ago=200 * DAY),
    ]
    found = matrix(rows, made).iloc[0, 2:].tolist()
    assert found[:-1] == [2, 3, 1, 10, 2, 2, 1]
    assert found[-1] == pytest.approx(1.0 + 0.5**20, abs=1e-8)


def test_filters_on_kind_role_and_attributes(value):
    rows = [
        event(1, attributes={"weapon": "bladed"}),
        event(2, attributes={"weapon": "none"}),
        event(3, attributes=None),
        event(4, role="suspect", attributes={"weapon": "bladed"}),
    ]
    where = {"role": "victim", "attributes": {"weapon": ["bladed"]}}
    assert value(rows, {"where": where, "windows": ["1y"]}) == 1


def test_a_kind_that_nobody_sends_is_zero(value):
    assert value([event()], {"where": {"kind": "unheard_of"}, "windows": ["1y"]}) == 0


def test_nothing_recorded_is_zero_and_no_day(matrix, features):
    made = features(
        {"name": "count", "windows": ["1y"]},
        {"name": "any", "windows": ["1y"], "measure": "any"},
        {"name": "cases", "windows": ["1y"], "measure": "distinct", "of": "incident_id"},
        {"name": "fading", "measure": "decayed", "half_life": "10d"},
        {"name": "last", "windows": ["1y"], "measure": "days_since_last"},
    )
    for rows in ([], [event(person_id="p2")], [event(person_id=None)], [event(ago=-DAY)]):
        found = matrix(rows, made)
        assert found.iloc[0, 2:6].tolist() == [0, 0, 0, 0]
        assert pd.isna(found.iloc[0, 6])
        assert set(found.dtypes.iloc[2:].astype(str)) == {"float64"}


@pytest.mark.parametrize(
    ("coverage", "known"),
    [
        ({}, True),
        ({"areas": ["E1", "E2"]}, True),
        ({"areas": ["E2"]}, False),
        ({"ages": [5, 15]}, True),
        ({"ages": [15, 18]}, True),
        ({"ages": [16, 18]}, False),
        ({"areas": ["E1"], "ages": [16, 18]}, False),
    ],
)
def test_outside_coverage_is_null_never_zero(value, contract, coverage, known):
    contracts = [contract("police", coverage=coverage)]
    assert pd.notna(value([event()], {"windows": ["1y"]}, contracts=contracts)) == known
    assert pd.notna(value([], {"windows": ["1y"]}, contracts=contracts)) == known


@pytest.mark.parametrize("missing", ["age", "area_code"])
def test_an_unknown_age_or_area_is_not_covered_where_it_matters(
    matrix, features, contract, missing
):
    units = UNITS.assign(**{missing: pd.Series([None], dtype=UNITS[missing].dtype)})
    limited = [contract("police", coverage={"areas": ["E1"], "ages": [5, 18]})]
    spec = {"name": "x", "windows": ["1y"]}
    assert pd.isna(matrix([event()], features(spec, contracts=limited), units=units).iloc[0, 2])
    assert matrix([event()], features(spec), units=units).iloc[0, 2] == 1
    every = features(spec, source="any", contracts=limited)
    assert matrix([event()], every, units=units).iloc[0, 2] == 1


def test_sources_stay_apart_and_any_takes_all_but_the_blocked(value, contract):
    rows = [event(1), event(2, source="schools"), event(3, source="search")]
    contracts = [contract("police"), contract("schools"), contract("search", features_blocked=True)]
    spec = {"windows": ["1y"]}
    assert value(rows, spec, contracts=contracts) == 1
    assert value(rows, spec, source="any", contracts=contracts) == 2


def test_rows_are_exactly_those_of_the_units_and_sorted(matrix, features):
    units = pd.DataFrame(
        {
            "person_id": ["p2", "p1", "p1", "p1"],
            "as_of": [AS_OF, AS_OF, AS_OF - 2 * DAY, AS_OF],
        }
    )
    found = matrix([event()], features({"name": "x", "windows": ["1y"]}), units=units)
    assert list(found.columns) == ["person_id", "as_of", "person.file.x_1y"]
    assert found["person_id"].tolist() == ["p1", "p1", "p1", "p2"]
    assert found["as_of"].is_monotonic_increasing or found["as_of"].iloc[0] == AS_OF - 2 * DAY
    assert found.iloc[:, 2].tolist() == [0, 1, 1, 0]  # a repeated unit does not count twice


def test_no_units_and_no_features(matrix, features):
    made = features({"name": "x", "windows": ["1y"]})
    assert matrix([event()], made, units=UNITS.iloc[:0]).empty
    assert list(matrix([event()], ()).columns) == ["person_id", "as_of"]


def test_places_count_by_their_own_unit_and_ignore_ages(matrix, features, contract):
    schema = {**LINKED_SCHEMA, "cell_id": "string"}
    rows = [event(1, cell_id="c1"), event(2, cell_id=None), event(3, cell_id="c2")]
    units = pd.DataFrame({"cell_id": ["c1", "c3"], "as_of": AS_OF, "area_code": ["E1", "E2"]})
    limited = [contract("police", coverage={"areas": ["E1"], "ages": [5, 18]})]
    made = features({"name": "x", "windows": ["1y"]}, subject="place", contracts=limited)
    found = matrix(rows, made, units=units, unit="cell_id", schema=schema)
    assert found["cell_id"].tolist() == ["c1", "c3"]
    assert found["place.file.x_1y"].iloc[0] == 1
    assert pd.isna(found["place.file.x_1y"].iloc[1])


def test_rows_in_another_order_give_the_same_bytes(engine, features):
    made = features(
        {"name": "count", "windows": ["1y"]},
        {"name": "fading", "measure": "decayed", "half_life": ["7d", "100d"]},
    )
    rows = [event(i, ago=timedelta(days=i * 0.37 + 0.1)) for i in range(400)]
    frame = pd.DataFrame(rows)
    found = []
    for table in (frame, frame.sample(frac=1, random_state=3)):
        events = engine.table(table, LINKED_SCHEMA)
        built = build(events, engine.table(UNITS), unit="person_id", features=made)
        found.append(engine.ibis.to_pandas(built))
    pd.testing.assert_frame_equal(*found, check_exact=True)


@pytest.mark.parametrize(
    ("units", "says"),
    [
        (UNITS.drop(columns="as_of"), "lack as_of"),
        (UNITS.drop(columns="age"), "lack age"),
        (UNITS.drop(columns="area_code"), "lack area_code"),
        (UNITS.assign(as_of=[date(2026, 1, 5)]), "must be a timestamp"),
    ],
)
def test_tables_that_cannot_be_used_are_refused(matrix, features, contract, units, says):
    limited = [contract("police", coverage={"areas": ["E1"], "ages": [5, 18]})]
    made = features({"name": "x", "windows": ["1y"]}, contracts=limited)
    with pytest.raises(InputError, match=says) as error:
        matrix([event()], made, units=units)
    assert error.value.code == "FEATURE_TABLE"


def test_events_without_the_unit_are_refused(matrix, features):
    units = pd.DataFrame({"cell_id": ["c1"], "as_of": [AS_OF]})
    with pytest.raises(InputError, match="no column 'cell_id'"):
        matrix([event()], features({"name": "x", "windows": ["1y"]}), units=units, unit="cell_id")
