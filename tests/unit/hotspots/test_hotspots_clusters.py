from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from risk_engine.calendar import Period
from risk_engine.config.hotspots import ClusterSpec
from risk_engine.hotspots.clusters import JITTER, find_clusters, hulls
from risk_engine.hotspots.emergence import COLUMNS, recent_clusters, recurrence
from risk_engine.hotspots.history import clean, look_back

SPEC = ClusterSpec()


@pytest.fixture
def clusters_of(areas, as_of, spec):
    def find(points, seed=1):
        rows, _ = clean(points, bounds=areas.bounds, margin=1_000)
        history = look_back(
            rows, as_of=as_of, period=Period("week", "Europe/London"), half_life=1095
        )
        return recent_clusters(history, spec=spec, areas=areas, cell_size=250, seed=seed)

    return find


def test_a_long_cluster_is_cut_until_it_can_be_walked():
    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, 5_000, 600), rng.uniform(0, 40, 600)
    found = find_clusters(x, y, spec=SPEC, seed=1)
    assert found
    for members in found:
        assert len(members) >= SPEC.min_events
        assert np.ptp(x[members]) <= SPEC.max_extent + 2 * JITTER


def test_no_event_is_in_two_clusters():
    rng = np.random.default_rng(2)
    xy = np.vstack([rng.normal(c, 60, (40, 2)) for c in ((0, 0), (3_000, 0), (0, 4_000))])
    found = find_clusters(*xy.T, spec=SPEC, seed=1)
    members = np.concatenate(found)
    assert len(found) >= 3
    assert len(np.unique(members)) == len(members)


@pytest.mark.parametrize("count", [0, 1, SPEC.min_events - 1])
def test_too_few_events_make_no_cluster(count):
    assert find_clusters(np.zeros(count), np.zeros(count), spec=SPEC, seed=1) == []


def test_events_all_at_one_point_are_one_cluster():
    found = find_clusters(np.full(30, 5.0), np.full(30, 7.0), spec=SPEC, seed=1)
    assert [len(members) for members in found] == [30]


def test_hulls_of_no_cluster_keep_their_columns():
    frame = hulls(np.empty(0), np.empty(0), [], "EPSG:27700")
    assert frame.empty
    assert frame.crs.to_epsg() == 27700


def test_a_planted_new_place_is_above_expected(clusters_of, town):
    found = clusters_of(town(3, planted=25))
    first = found.iloc[0]
    assert np.hypot(first["easting"] - 443_000, first["northing"] - 119_000) < 150
    assert first["above_expected"]
    assert first["recent"] > 3 * first["recent_expected"]
    assert "once in" in first["recurrence"]


def test_steady_places_are_seldom_called_above_expected(clusters_of, town):
    # False discovery rate 0.1, nothing planted: some alarm in about one town of ten at most.
    alarms = [clusters_of(town(seed, events=3_000))["above_expected"].any() for seed in range(20)]
    assert sum(alarms) <= 4


def test_a_general_rise_is_not_news_about_one_place(clusters_of, town):
    steady = town(4, events=2_000)
    recent = steady[steady["occurred_at"] >= "2026-08-25"]
    twice = recent.assign(
        incident_id="again-" + recent["incident_id"], event_id="again-" + recent["event_id"]
    )
    assert not clusters_of(pd.concat([steady, twice]))["above_expected"].any()


def test_without_a_past_nothing_is_tested(clusters_of, points_at):
    found = clusters_of(points_at([1_000.0] * 20, [1_000.0] * 20, np.linspace(1, 60, 20)))
    assert len(found) == 1
    assert found["p_value"].isna().all()
    assert not found["above_expected"].any()
    assert found["recurrence"].isna().all()


def test_without_recent_events_there_is_no_cluster(clusters_of, points_at):
    found = clusters_of(points_at([1_000.0], [1_000.0], [400.0]))
    assert found.empty
    assert list(found.columns) == COLUMNS


@pytest.mark.parametrize(
    ("times_a_year", "words"),
    [
        (0.0, "less than once in 100 years"),
        (0.1, "about once in 10 years"),
        (1.0, "about once a year"),
        (2.4, "about 2 times a year"),
        (float("nan"), None),
    ],
)
def test_recurrence_in_words(times_a_year, words):
    assert recurrence(times_a_year) == words
