"""What is said of a listed place, from facts inside it."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box

from risk_engine.hotspots import covered_periods, reasons


@dataclass(frozen=True)
class Fact:
    column: str
    measure: str = "count"


def places(count):
    return gpd.GeoDataFrame(
        {
            "events_1y": [4] * count,
            "events_total": [9] * count,
            "since": pd.Series([pd.Timestamp("2024-03-01")] * count),
        },
        geometry=[box(i, 0, i + 1, 1) for i in range(count)],
    )


def say(fact, value):
    return f"{fact.column} {value:.0f} in the last year"


def told(values, *facts):
    return reasons(places(len(values)), values, features=facts, phrase=say)


def test_the_count_that_placed_it_comes_first():
    values = pd.DataFrame({"a": [0.0]})
    assert told(values, Fact("a")) == [["4 events that count in the last year, 9 since March 2024"]]


def test_facts_that_stand_out_against_the_other_places_follow_most_unusual_first():
    values = pd.DataFrame({"a": [10.0, 1.0], "b": [8.0, 7.0], "c": [4.0, 40.0]})
    first, second = told(values, Fact("a"), Fact("b"), Fact("c"))
    assert first[1:] == ["a 10 in the last year", "b 8 in the last year"]
    assert second[1:] == ["c 40 in the last year"]


def test_small_counts_missing_values_and_other_measures_are_not_told():
    values = pd.DataFrame({"a": [2.0, 0.0], "b": [np.nan, 1.0], "c": [99.0, 1.0]})
    first, _ = told(values, Fact("a"), Fact("b"), Fact("c", "days_since_last"))
    assert len(first) == 1


def test_no_places_give_no_reasons():
    assert told(pd.DataFrame({"a": np.array([], float)}), Fact("a")) == []


def test_a_period_without_any_record_is_a_gap_and_an_unfinished_one_does_not_count():
    days = pd.to_datetime(["2026-01-05", "2026-01-08", "2026-01-14", "2026-01-27"])
    spans = covered_periods(
        days.to_pydatetime(),
        known_until=pd.Timestamp("2026-01-30").to_pydatetime(),
        period="week",
        timezone="Europe/London",
    )
    found = [(str(a.date()), str(b.date())) for a, b in spans]
    assert found == [("2026-01-05", "2026-01-19")]
    assert covered_periods([], period="week", timezone="Europe/London") == []
