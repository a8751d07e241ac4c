"""Durations, environment variables, frozen models and hashes of settings."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from risk_engine.config import AreasConfig, Duration, HotspotSpec, content_hash
from risk_engine.config.base import expand


@pytest.mark.parametrize(
    ("text", "days", "words"),
    [
        ("90d", 90, "the last 90 days"),
        ("1d", 1, "the last day"),
        ("12w", 84, "the last 12 weeks"),
        ("1w", 7, "the last week"),
        ("6mo", 180, "the last 6 months"),
        ("1mo", 30, "the last month"),
        ("3y", 1095, "the last 3 years"),
        (" 1 y ", 365, "the last year"),
    ],
)
def test_durations(text, days, words):
    duration = Duration.parse(text)
    assert (duration.days, duration.words) == (days, words)
    assert Duration.parse(duration) is duration


@pytest.mark.parametrize(
    "text",
    ["", "0d", "d", "90", "1m", "-1d", "1.5y", "1y 2d", None, True, 90, "101y", "9" * 30 + "d"],
)
def test_what_is_no_duration_is_told_the_forms(text):
    with pytest.raises(ValueError, match="write 90d, 12w, 6mo or 1y"):
        Duration.parse(text)


def test_durations_are_ordered_by_their_length():
    assert min(map(Duration.parse, ["1y", "90d", "6mo"])).text == "90d"


@pytest.mark.parametrize(
    ("environment", "text", "path"),
    [
        ({}, "${RE_TEST:-../shared}/x.csv", "../shared/x.csv"),
        ({"RE_TEST": "/data"}, "${RE_TEST:-../shared}/x.csv", "/data/x.csv"),
        ({"RE_TEST": ""}, "${RE_TEST:-../shared}/x.csv", "../shared/x.csv"),
        ({"RE_TEST": "a", "RE_OTHER": "b"}, "${RE_TEST}/${RE_OTHER}", "a/b"),
        ({"RE_TEST": "${RE_TEST}"}, "${RE_TEST}", "${RE_TEST}"),
        ({}, "no/variable", "no/variable"),
    ],
)
def test_variables_of_the_environment(monkeypatch, environment, text, path):
    monkeypatch.delenv("RE_TEST", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert expand(text) == path


def test_a_variable_that_is_not_set_is_named():
    with pytest.raises(ValueError, match="NOT_SET_ANYWHERE is not set"):
        expand("${NOT_SET_ANYWHERE}/x")


def test_settings_never_change_once_loaded():
    spec = HotspotSpec(name="h")
    with pytest.raises(ValidationError, match="frozen"):
        spec.name = "other"


def test_a_hash_tells_settings_apart_and_knows_equal_ones():
    areas = {"force_area": {"code": "E", "name": "F"}, "local_areas": [{"code": "A", "name": "a"}]}
    one = AreasConfig.model_validate(areas)
    other = AreasConfig.model_validate(dict(reversed(areas.items())))
    assert content_hash(one) == content_hash(other)
    assert content_hash(one, one) != content_hash(one)
    assert content_hash({"a": 1, "b": 2}) == content_hash({"b": 2, "a": 1})
    assert content_hash("a", "b") != content_hash("ab") != content_hash("b", "a")
