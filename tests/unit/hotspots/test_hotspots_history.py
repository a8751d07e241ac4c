from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest

from risk_engine.calendar import Period
from risk_engine.errors import InputError
from risk_engine.hotspots.history import clean, look_back

WEEK = Period("week", "Europe/London")
BOUNDS = (440_000.0, 110_000.0, 452_000.0, 122_000.0)


def look(points, as_of, **options):
    rows, _ = clean(points, bounds=BOUNDS, margin=1_000)
    return look_back(rows, as_of=as_of, period=WEEK, half_life=1095, **options)


def test_several_people_in_one_incident_count_once(points_at):
    points = points_at([5, 5, 9], [5, 5, 9], [30, 30, 30]).assign(incident_id=["a", "a", "a"])
    rows, dropped = clean(points, bounds=BOUNDS, margin=0)
    assert len(rows) == 2
    assert dropped == {"without_point": 0, "outside": 0, "repeated": 1}


def test_rows_without_a_point_or_off_the_map_are_counted_and_left_out(points_at):
    points = points_at([np.nan, 90_000, 10], [10, 10, 10], [30, 30, 30])
    rows, dropped = clean(points, bounds=BOUNDS, margin=1_000)
    assert len(rows) == 1
    assert (dropped["without_point"], dropped["outside"]) == (1, 1)


def test_a_missing_column_is_named(points_at):
    with pytest.raises(InputError, match="no known_at; hotspots need") as caught:
        clean(points_at([1], [1], [1]).drop(columns="known_at"), bounds=BOUNDS, margin=0)
    assert caught.value.code == "HOTSPOT_COLUMNS"


def test_the_as_of_instant_itself_is_not_known(points_at, as_of):
    points = points_at([1, 2, 3], [1, 2, 3], [0, 10, 10], known_after_hours=0)
    points.loc[1, "known_at"] = as_of
    assert look(points, as_of).x.tolist() == [440_003.0]


def test_weights_halve_with_the_half_life(points_at, as_of):
    history = look(points_at([1, 2], [1, 2], [1095, 2190]), as_of)
    assert sorted(history.weights) == pytest.approx([0.25, 0.5])


def test_time_without_data_is_not_time_without_events(points_at, as_of):
    days = np.arange(1, 701)
    points = points_at(days, days, days)
    gap = points[(days <= 100) | (days > 300)]
    covered = [
        (as_of - timedelta(days=900), as_of - timedelta(days=300)),
        (as_of - timedelta(days=100), as_of),
    ]
    history = look(gap, as_of, covered=covered)
    assert history.days(as_of - timedelta(days=365), as_of) == pytest.approx(165)
    assert history.rate == pytest.approx(1.0, rel=0.02)


def test_a_period_that_is_not_yet_published_is_not_covered(points_at, as_of):
    points = points_at([1, 2], [1, 2], [100, 40])
    history = look(points, as_of, covered=[(as_of - timedelta(days=300), as_of)])
    assert history.latest == WEEK.end(as_of - timedelta(days=40))


def test_spans_that_touch_are_one(points_at, as_of):
    weeks = [as_of - timedelta(weeks=n) for n in (3, 2, 1, 0)]
    history = look(points_at([1], [1], [2]), as_of, covered=list(pairwise(weeks)))
    assert history.covered == ((weeks[0], as_of),)
    assert history.covers(weeks[1], weeks[3])


def test_an_earlier_moment_knows_only_what_was_known_then(points_at, as_of):
    points = points_at([1, 2], [1, 2], [30, 20])
    points.loc[0, "known_at"] = as_of - timedelta(days=5)  # happened early, recorded late
    history = look(points, as_of)
    earlier = history.as_known_at(as_of - timedelta(days=10), WEEK)
    assert earlier.x.tolist() == [440_002.0]
    assert len(history.until(as_of - timedelta(days=10)).events) == 2


def test_no_event_gives_no_rate(points_at, as_of):
    history = look(points_at([], [], []), as_of)
    assert (history.covered, history.rate, history.scale(7)) == ((), 0.0, 0.0)


def test_a_bounded_history_forgets(points_at, as_of):
    oldest = as_of - timedelta(days=50)
    history = look(points_at([1, 2], [1, 2], [60, 20]), as_of, oldest=oldest)
    assert len(history.events) == 1
    assert history.covered[0][0] >= oldest
