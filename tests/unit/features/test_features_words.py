"""Plain words for values and columns."""

from __future__ import annotations

import pytest

from risk_engine.features import phrase

COUNT = {"name": "x", "label": "as a victim of violence", "windows": ["1y"]}
ANY = {"name": "x", "label": "as in care", "windows": ["90d"], "measure": "any"}
LAST = {"name": "x", "label": "as missing", "windows": ["3y"], "measure": "days_since_last"}
FADING = {"name": "x", "label": "as missing", "measure": "decayed", "half_life": ["180d"]}
DISTINCT = {
    "name": "x",
    "label": "as the scene of robbery",
    "windows": ["1y"],
    "measure": "distinct",
    "of": "incident_id",
}
HALF = "each counting half as much for every 180 days passed"


@pytest.mark.parametrize(
    ("spec", "value", "words"),
    [
        (COUNT, 3, "recorded 3 times as a victim of violence in the last year"),
        (COUNT, 2, "recorded twice as a victim of violence in the last year"),
        (COUNT, 1, "recorded once as a victim of violence in the last year"),
        (COUNT, 0, "not recorded as a victim of violence in the last year"),
        (COUNT, None, "not known whether recorded as a victim of violence in the last year"),
        (
            COUNT,
            float("nan"),
            "not known whether recorded as a victim of violence in the last year",
        ),
        (ANY, 1, "recorded as in care in the last 90 days"),
        (ANY, 0, "not recorded as in care in the last 90 days"),
        (LAST, 12.9, "last recorded as missing 12 days before"),
        (LAST, 1.0, "last recorded as missing 1 day before"),
        (LAST, 0.0, "last recorded as missing less than a day before"),
        (LAST, None, "not known to be recorded as missing in the last 3 years"),
        (FADING, 2.44, f"recorded as missing about 2.4 times, {HALF}"),
        (FADING, 0.001, f"recorded as missing less than 0.1 times, {HALF}"),
        (FADING, 0, "not recorded as missing"),
        (FADING, None, "not known whether recorded as missing"),
        (DISTINCT, 4, "recorded as the scene of robbery in 4 separate incidents in the last year"),
        (DISTINCT, 1, "recorded as the scene of robbery in 1 incident in the last year"),
        (DISTINCT, 0, "not recorded as the scene of robbery in the last year"),
    ],
)
def test_phrase(features, spec, value, words):
    assert phrase(features(spec)[0], value) == words


@pytest.mark.parametrize(
    ("spec", "label"),
    [
        (COUNT, "recorded as a victim of violence in the last year (times)"),
        (ANY, "recorded as in care in the last 90 days (yes or no)"),
        (LAST, "recorded as missing in the last 3 years (days since the last)"),
        (FADING, "recorded as missing (times, each halving every 180 days)"),
        (DISTINCT, "recorded as the scene of robbery in the last year (separate incidents)"),
    ],
)
def test_label(features, spec, label):
    assert features(spec)[0].label == label


def test_a_label_that_begins_with_recorded_reads_the_same(features):
    (one,) = features(COUNT)
    (two,) = features({**COUNT, "label": "recorded as a victim of violence"})
    assert one.label == two.label
    assert phrase(one, 3) == phrase(two, 3)
