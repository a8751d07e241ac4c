"""What is told of each person: one row, whatever is missing or contradicts itself."""

from __future__ import annotations

import pandas as pd
import pytest

from risk_engine.events import PROTECTED_SCHEMA
from risk_engine.linkage import protect
from risk_engine.linkage.people import homes, people
from risk_engine.linkage.scratch import Scratch

LINKED = {
    "person_id": "string", "record_id": "string", "known_at": "timestamp(6)",
    "birth_date": "string", "home_easting": "float64", "home_northing": "float64",
}  # fmt: skip


def record(person, number, **values):
    return {
        **dict.fromkeys(LINKED),
        "person_id": person,
        "record_id": f"r{number}",
        "known_at": pd.Timestamp("2024-01-01") + pd.Timedelta(days=number),
        **values,
    }


@pytest.fixture
def told(engine, areas):
    """Homes and people of records, as pandas frames in order."""

    def done(*rows):
        table = engine.table(pd.DataFrame(list(rows), columns=list(LINKED)), LINKED)
        with Scratch(engine) as scratch:
            addresses = scratch.table(homes(table, scratch=scratch, areas=areas))
            both = (
                addresses.order_by(["person_id", "known_at"]),
                people(table, addresses).order_by("person_id"),
            )
            return tuple(one.to_pyarrow().to_pandas() for one in both)

    return done


def at(east, north=110_000.0):
    return {"home_easting": east, "home_northing": north}


def test_each_person_has_one_row(told):
    rows = [record("b", 1), record("a", 2), record("b", 0), record("c", 3, **at(405_000.0))]
    _, found = told(*rows)
    assert found["person_id"].tolist() == ["a", "b", "c"]
    assert found["first_known_at"].dt.day.tolist() == [3, 1, 4]
    assert found["home_easting"].isna().tolist() == [True, True, False]


def test_the_birth_month_is_that_of_most_records_and_the_earlier_of_equals(told):
    dates = {"a": ["2001-02-03", "2001-02-03", "1999-07-01"], "b": ["2002-05-06", "2001-04-30"],
             "c": [None, "1990-12-31"], "d": [None, None]}  # fmt: skip
    rows = [record(p, n, birth_date=date) for p, group in dates.items()
            for n, date in enumerate(group)]  # fmt: skip
    _, found = told(*rows)
    months = [None if pd.isna(month) else str(month)[:10] for month in found["birth_month"]]
    assert months == ["2001-02-01", "2001-04-01", "1990-12-01", None]


def test_only_changes_of_home_are_kept(told):
    path = [405_000.0, 405_000.0, 430_000.0, 405_000.0]
    addresses, found = told(*[record("a", n, **at(east)) for n, east in enumerate(path)])
    assert addresses["easting"].tolist() == [405_000, 430_000, 405_000]
    assert addresses["area_code"].tolist() == ["W", "E", "W"]
    assert addresses["known_at"].dt.day.tolist() == [1, 3, 4]
    assert (found["home_easting"].tolist(), found["area_code"].tolist()) == ([405_000.0], ["W"])


def test_half_a_home_and_no_number_are_no_home(told):
    rows = [record("a", 0, home_easting=405_000.0), record("a", 1, **at(float("nan")))]
    addresses, found = told(*rows)
    assert addresses.empty
    assert found["area_code"].isna().all()


def test_a_home_outside_every_area_has_no_code(told):
    addresses, found = told(record("a", 0, **at(900_000.0)))
    assert addresses["area_code"].isna().all()
    assert found["home_easting"].tolist() == [900_000.0]


def test_of_two_homes_at_one_instant_the_last_record_counts(told):
    moment = {"known_at": pd.Timestamp("2024-01-01")}
    rows = [record("a", n, **moment, **at(east)) for n, east in ((2, 406_000.0), (1, 405_000.0))]
    addresses, _ = told(*rows)
    assert addresses["easting"].tolist() == [406_000]


def test_nobody_is_an_empty_table(told):
    addresses, found = told()
    assert addresses.empty
    assert found.empty


def test_every_statement_of_a_characteristic_is_kept(engine):
    said = pd.DataFrame(
        {
            "record_id": ["a", "b", "b", "nobody"],
            "characteristic": "ethnicity",
            "value": ["White", "Asian", "Asian", "Black"],
            "recorded_by": ["officer", "self", "self", "self"],
            "recorded_at": pd.Timestamp("2024-01-01"),
        }
    )
    links = pd.DataFrame({"record_id": ["a", "b"], "person_id": ["P1", "P1"]})
    types = {"record_id": "string", "person_id": "string"}
    keyed = protect(engine.table(said, PROTECTED_SCHEMA), engine.table(links, types))
    found = keyed.to_pyarrow().to_pandas()
    assert found["value"].tolist() == ["White", "Asian", "Asian"]
    assert set(found["person_id"]) == {"P1"}
