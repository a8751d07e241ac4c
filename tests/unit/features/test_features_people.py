"""Who is known when, how old, and where."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pandas as pd
import pytest

from risk_engine.errors import InputError
from risk_engine.features import people_as_of

AS_OF = datetime.fromisoformat("2026-01-05")  # naive UTC, as everywhere
DAY = timedelta(days=1)


@pytest.fixture
def known(engine):
    """Return people_as_of as a frame, from plain rows."""

    def make(people, addresses, events, as_ofs=(AS_OF,)):
        tables = [
            engine.table(pd.DataFrame(rows, columns=list(schema)), schema)
            for rows, schema in (
                (people, {"person_id": "string", "birth_month": "date"}),
                (
                    addresses,
                    {
                        "person_id": "string",
                        "known_at": "timestamp(6)",
                        "easting": "float64",
                        "northing": "float64",
                        "area_code": "string",
                    },
                ),
                (
                    events,
                    {
                        "person_id": "string",
                        "occurred_at": "timestamp(6)",
                        "known_at": "timestamp(6)",
                    },
                ),
            )
        ]
        return engine.ibis.to_pandas(people_as_of(*tables, list(as_ofs)))

    return make


ONE = [("p1", AS_OF - 3 * DAY, AS_OF - 2 * DAY)]


def test_a_person_is_listed_from_the_first_visible_event(known):
    dates = [AS_OF, AS_OF - 2 * DAY, AS_OF - DAY, AS_OF]
    found = known([("p1", date(2010, 2, 1))], [], ONE, dates)
    assert found["as_of"].tolist() == [AS_OF - DAY, AS_OF]  # known at the as-of instant is not yet
    assert list(found.columns) == ["person_id", "as_of", "age", "area_code", "last_known_at"]


def test_the_last_known_event_is_the_last_visible_one(known):
    events = [*ONE, ("p1", AS_OF - 4 * DAY, AS_OF - DAY), ("p1", AS_OF - DAY, AS_OF + DAY)]
    found = known([("p1", None)], [], [*events, (None, AS_OF - DAY, AS_OF - DAY)])
    assert found["last_known_at"].tolist() == [AS_OF - DAY]


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (date(2010, 1, 1), 16),
        (date(2010, 2, 1), 15),
        (date(2009, 12, 1), 16),
        (date(2026, 1, 1), 0),
    ],
)
def test_age_in_whole_years_to_the_month(known, born, age):
    assert known([("p1", born)], [], ONE)["age"].tolist() == [age]


def test_no_birth_month_or_no_person_row_loses_nobody(known):
    for people in ([("p1", None)], []):
        found = known(people, [], ONE)
        assert len(found) == 1
        assert found["age"].isna().all()
        assert str(found["age"].dtype) == "float64"


def test_the_area_is_that_of_the_latest_address_known_then(known):
    addresses = [
        ("p1", AS_OF - 9 * DAY, 1.0, 1.0, "old"),
        ("p1", AS_OF - 1.5 * DAY, 1.0, 1.0, "new"),
        ("p1", AS_OF, 1.0, 1.0, "not yet"),
        ("p2", AS_OF - DAY, 1.0, 1.0, "somebody else"),
    ]
    for order in (addresses, addresses[::-1]):
        found = known([("p1", None)], order, ONE, [AS_OF - DAY, AS_OF])
        assert found["area_code"].tolist() == ["new", "new"]
    early = [*ONE, ("p1", AS_OF - 5 * DAY, AS_OF - 5 * DAY)]
    found = known([("p1", None)], addresses, early, [AS_OF - 2 * DAY])
    assert found["area_code"].tolist() == ["old"]


def test_addresses_known_at_one_instant_do_not_depend_on_row_order(known):
    addresses = [("p1", AS_OF - DAY, 1.0, 1.0, "b"), ("p1", AS_OF - DAY, 2.0, 2.0, "a")]
    for order in (addresses, addresses[::-1]):
        assert known([("p1", None)], order, ONE)["area_code"].tolist() == ["a"]


def test_an_address_outside_every_area_and_none_at_all_are_both_unknown(known):
    moved_away = [("p1", AS_OF - 9 * DAY, 1.0, 1.0, "old"), ("p1", AS_OF - DAY, 1.0, 1.0, None)]
    for addresses in (moved_away, []):
        assert known([("p1", None)], addresses, ONE)["area_code"].isna().all()


def test_nobody_known_and_no_date(known):
    assert known([("p1", None)], [], []).empty
    with pytest.raises(InputError) as error:
        known([("p1", None)], [], ONE, [])
    assert error.value.code == "NO_AS_OF"
