"""Figures, dates and names as pages write them."""

import math
from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest

from risk_engine.reports import formats as f

at = datetime.fromisoformat


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, f.NONE),
        (math.nan, f.NONE),
        (pd.NA, f.NONE),
        (pd.NaT, f.NONE),
        (0, "0"),
        (True, "1"),
        (np.int64(1234567), "1,234,567"),
        (-3, "\N{MINUS SIGN}3"),
        ("fewer than 6", "fewer than 6"),
        (math.inf, "no limit"),
    ],
)
def test_a_count_is_written_as_given_and_a_missing_one_is_never_zero(value, text):
    assert f.count(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0"),
        (1, "100"),
        (0.131, "13"),
        (0.01, "1"),
        (0.0099, "0.99"),
        (0.0015, "0.15"),
        (0.004, "0.4"),
    ],
)
def test_a_small_share_stays_visible(share, text):
    assert f.percent(share) == f"{text}\N{NO-BREAK SPACE}%"


def test_an_interval_with_an_unknown_end_shows_the_value_alone():
    assert f.interval(0.9, math.nan, 1.7) == "0.9"
    assert f.interval(math.nan, 0.1, 0.2) == f.NONE
    assert f.share_interval(None, None, None) == f.NONE


def test_an_interval_of_a_tiny_share_keeps_its_decimals():
    assert f.share_interval(0.031, 0.02, 0.045) == "3.1\xa0% (2.0\N{EN DASH}4.5\xa0%)"


def test_a_rate_is_never_without_its_counts():
    assert f.per_thousand(0, 0) == "0 of 0"
    assert f.per_thousand("fewer than 6", 120) == "fewer than 6 of 120"
    assert f.per_thousand(math.nan, 10) == f.NONE


def test_a_monday_of_summer_is_a_sunday_in_utc_but_written_as_a_monday():
    assert f.instant(at("2026-07-05T23:00"), "Europe/London") == "Mon 6 Jul 2026, 00:00"
    assert f.day(None) == f.NONE


def test_since_names_the_month_only_within_a_year():
    as_of = at("2026-01-05")
    assert f.since(date(2025, 1, 5), as_of) == "2025"
    assert f.since(date(2025, 1, 6), as_of) == "Jan 2025"
    assert f.since(pd.NaT, as_of) == f.NONE


@pytest.mark.parametrize(
    ("easting", "northing", "reference"),
    [
        (651409, 313177, "TG 514 131"),  # the Ordnance Survey's own worked example
        (530000, 180000, "TQ 300 800"),
        (442400, 113600, "SU 424 136"),
        (449700, 86300, "SZ 497 863"),
        (216600, 771200, "NN 166 712"),
    ],
)
def test_grid_references(easting, northing, reference):
    assert f.grid_reference(easting, northing) == reference


def test_open_facts_are_written_by_what_their_key_says():
    assert f.fact("share_unlinkable", 0.012) == "1.2\xa0%"
    assert f.fact("pairs", {"birth_date": 81_000}) == "birth date 81,000"
    assert f.fact("ok", value=True) == "yes"
    assert f.fact("span", [1, 2.5]) == "1, 2.500"
    assert f.fact("none", []) == f.NONE


def test_lists_of_words():
    assert f.listed([]) == ""
    assert f.listed(["age"]) == "age"
    assert f.listed(["age", "sex"]) == "age and sex"
