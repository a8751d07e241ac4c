from __future__ import annotations

import json
from datetime import timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from risk_engine.calendar import Period
from risk_engine.hotspots import find
from risk_engine.hotspots.backtest import COLUMNS as TESTED
from risk_engine.hotspots.emergence import COLUMNS as CLUSTERS
from risk_engine.hotspots.empty import PLACES


@pytest.fixture(scope="module")
def run(areas, config, spec, as_of):
    def go(points, **options):
        settings = {"as_of": as_of, "period": "week", "spec": spec, "seed": 1, **options}
        return find(points, areas=areas, config=config, **settings)

    return go


@pytest.fixture(scope="module")
def result(run, town):
    return run(town(3, planted=25))


def test_the_list_has_every_column_in_rank_order(result):
    places = result.places
    assert list(places.columns) == PLACES
    assert places["rank"].tolist() == list(range(1, len(places) + 1))
    assert places["expected"].is_monotonic_decreasing
    assert places["hotspot_id"].is_unique


def test_ranks_and_expected_counts_lie_in_their_intervals(result):
    places = result.places
    assert places["rank"].between(places["rank_low"], places["rank_high"]).all()
    assert places["expected"].between(places["expected_low"], places["expected_high"]).all()


def test_the_force_list_is_full_and_no_area_is_left_out(result, spec):
    places = result.places
    force = places["force_rank"].dropna()
    assert sorted(force) == list(range(1, spec.lists.force_area + 1))
    assert (places.groupby("area_code").size() >= spec.lists.per_area).all()
    for _, ranks in places.groupby("area_code")["area_rank"]:
        assert ranks.tolist() == list(range(1, len(ranks) + 1))


def test_a_planted_place_is_listed_as_above_expected(result):
    above = result.places[result.places["category"] == "above expected"]
    assert np.hypot(above["easting"] - 443_000, above["northing"] - 119_000).min() < 250
    assert set(above["basis"]) <= {"both", "cluster"}
    assert above["recurrence"].notna().all()
    assert (above["recent"] > above["recent_expected"]).all()


def test_steady_places_carry_no_test(result):
    steady = result.places[result.places["category"] == "steady"]
    assert steady["p_value"].isna().all()
    assert set(steady["basis"]) == {"placed square"}


def test_the_backtest_ends_before_the_forecast(result, as_of, spec):
    tested = result.backtest
    assert list(tested.columns) == TESTED
    assert len(tested) == spec.backtest.origins
    assert (tested["ends"] <= as_of).all()
    assert not tested["is_forecast_period"].any()
    assert (tested["placed_hits"] <= tested["events"]).all()


def test_the_summary_is_plain_and_adds_up(result):
    summary = json.loads(json.dumps(result.summary))
    assert summary["places"] == len(result.places)
    assert summary["forecast_period"] is None
    low, high = summary["backtest"]["placed"]["interval"]
    assert low <= summary["backtest"]["placed"]["rate"] <= high


def test_the_forecast_period_is_scored_when_it_is_known(run, town, result, points_at):
    later = points_at([3_000.0, 11_900.0], [9_000.0, 11_900.0], [-2.0, -3.0])
    later[["event_id", "incident_id"]] = "later-" + later[["event_id", "incident_id"]]
    scored = run(pd.concat([town(3, planted=25), later]))
    row = scored.backtest.iloc[-1]
    assert row["is_forecast_period"]
    assert (row["events"], row["placed_hits"]) == (2, 1)
    assert scored.summary["forecast_period"]["placed"]["rate"] == 0.5
    pd.testing.assert_frame_equal(
        pd.DataFrame(scored.places.drop(columns="geometry")),
        pd.DataFrame(result.places.drop(columns="geometry")),
    )


def test_weeks_that_are_not_covered_are_no_origins(run, town, as_of):
    ago = [Period("week", "Europe/London").shift(as_of, -weeks) for weeks in range(101)]
    covered = [(ago[100], ago[6]), (ago[2], as_of)]
    origins = run(town(5), covered=covered).backtest["origin"].tolist()
    assert origins == [ago[8], ago[7], ago[2], ago[1]]


def test_expected_counts_are_near_what_happens(run, town):
    facts = run(town(6, events=4_000)).summary["calibration"]
    ratio = facts["observed"] / facts["expected_corrected_by_earlier_origins"]
    assert 0.6 < ratio < 1.6


@pytest.mark.parametrize("rows", [0, 1])
def test_nothing_or_one_event(run, points_at, rows):
    found = run(points_at([1_000.0] * rows, [1_000.0] * rows, [40.0] * rows))
    assert len(found.places) == rows
    assert list(found.places.columns) == PLACES
    assert list(found.clusters.columns) == CLUSTERS
    assert len(found.cells) == rows
    assert found.summary["events_used"] == rows
    assert isinstance(found.places, gpd.GeoDataFrame)


def test_an_empty_list_has_the_types_of_a_full_one(run, points_at, result):
    nothing = run(points_at([], [], [])).places
    assert nothing.dtypes.astype(str).to_dict() == result.places.dtypes.astype(str).to_dict()


def test_events_known_only_later_make_no_place(run, points_at):
    found = run(points_at([1_000.0] * 5, [1_000.0] * 5, [1.0] * 5, known_after_hours=48))
    assert found.places.empty


def test_all_events_at_one_point(run, points_at):
    found = run(points_at([1_000.0] * 50, [1_000.0] * 50, np.linspace(1, 700, 50)))
    assert len(found.places) == 1
    assert found.places["events_total"].item() == 50


def test_an_exclusion_keeps_a_place_off_the_list_and_is_reported(run, town, spec):
    out = {"easting": 443_000, "northing": 119_000, "reason": "a prison", "by": "analyst"}
    listed = run(
        town(3, planted=25), spec=spec.model_validate({**spec.model_dump(), "exclusions": [out]})
    )
    away = np.hypot(listed.places["easting"] - 443_000, listed.places["northing"] - 119_000)
    assert away.min() > 200
    assert listed.summary["exclusions"][0]["reason"] == "a prison"


def test_an_exclusion_ends_on_its_last_day(run, town, spec, result):
    out = {
        "easting": 443_000,
        "northing": 119_000,
        "reason": "works",
        "by": "analyst",
        "until": "2026-11-01",
    }
    again = run(
        town(3, planted=25), spec=spec.model_validate({**spec.model_dump(), "exclusions": [out]})
    )
    assert again.places["hotspot_id"].tolist() == result.places["hotspot_id"].tolist()


def test_the_same_week_run_twice_gives_the_same(run, town, result):
    again = run(town(3, planted=25))
    assert again.summary == result.summary
    assert again.places.equals(result.places)


def test_since_is_the_start_of_the_present_spell(run, points_at, as_of):
    found = run(points_at([1_000.0] * 4, [1_000.0] * 4, [1_000.0, 300.0, 200.0, 10.0]))
    since = found.places["since"].item()
    assert since == pd.Timestamp(as_of - timedelta(days=300)).normalize()
