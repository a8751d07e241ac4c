"""Which record of a characteristic counts."""

from __future__ import annotations

import pandas as pd
import pytest

from risk_engine.audit import characteristic_values

AS_OF = pd.Timestamp("2026-11-23")
PEOPLE = pd.DataFrame({"person_id": ["a", "b"], "birth_month": pd.to_datetime(["2010-06-01"] * 2)})


def record(value, source, at, person="a", characteristic="ethnicity"):
    return {
        "person_id": person,
        "characteristic": characteristic,
        "value": value,
        "source": source,
        "recorded_at": pd.Timestamp(at),
    }


def ethnicity(policy, *records):
    frame = pd.DataFrame(list(records), columns=list(record("", "", "2020-01-01")))
    values = characteristic_values(frame, PEOPLE, policy, AS_OF)
    return values[values["attribute"] == "ethnicity"].set_index("person_id")["value"]["a"]


@pytest.mark.parametrize(
    ("records", "value"),
    [
        ([], "Unknown"),
        ([("Black", "agency", "2026-01-01"), ("Asian", "officer", "2020-01-01")], "Asian"),
        ([("Black", "officer", "2026-01-01"), ("Asian", "self", "2020-01-01")], "Asian"),
        ([("Black", "self", "2026-01-01"), ("Asian", "self", "2020-01-01")], "Black"),
        ([("Not stated", "self", "2026-01-01"), ("Asian", "officer", "2020-01-01")], "Asian"),
        ([(None, "self", "2026-01-01"), ("Asian", "agency", "2020-01-01")], "Asian"),
        ([("prefer not to say", "self", "2026-01-01")], "Unknown"),
        ([("  White ", "self", "2026-01-01")], "White"),
        ([("White", "self", "2026-11-23")], "Unknown"),  # as_of is the first instant not known
        ([("White", "self", "2026-01-01"), ("Black", "self", "2026-01-01")], "Black"),  # tie
    ],
)
def test_which_record_counts(policy, records, value):
    rows = [record(*r) for r in records]
    assert ethnicity(policy, *rows) == value
    assert ethnicity(policy, *reversed(rows)) == value


def test_every_person_has_every_attribute_once(policy):
    frame = pd.DataFrame(
        [record("Black", "self", "2024-01-01"), record("x", "self", "2024-01-01", "z")]
    )
    values = characteristic_values(frame, PEOPLE, policy, AS_OF)
    assert len(values) == 6
    assert not values.duplicated(["person_id", "attribute"]).any()
    assert set(values["person_id"]) == {"a", "b"}


def test_age_is_taken_at_the_date_of_an_earlier_list(policy):
    frame = pd.DataFrame([record("Black", "self", "2024-01-01")])
    at = pd.Timestamp("2020-05-31")
    values = characteristic_values(frame, PEOPLE, policy, AS_OF, age_at=at).set_index("attribute")
    assert values.loc["age_band", "value"].tolist() == ["Other ages"] * 2  # nine, until June
