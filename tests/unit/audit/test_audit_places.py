"""The audit of places on a map whose burden is known by construction."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from risk_engine.audit import RESULT_COLUMNS, audit_places, overall
from risk_engine.audit.bootstrap import resample
from risk_engine.audit.burden import measure
from risk_engine.errors import InputError


def row(results, metric, group="Black"):
    return results[(results["metric"] == metric) & (results["group"] == group)].iloc[0]


@pytest.fixture(scope="module")
def results(policy, strip_map):
    return audit_places(*strip_map(), policy=policy, seed=1)


def test_burden_by_hand(results):
    # Area A: half of every second zone; area B: half of every zone. 40 zones of 1,000 in each.
    black = row(results, "burden")
    assert black["selected"] == pytest.approx(20 * 50 + 40 * 250)
    assert black["at_risk"] == 40 * 100 + 40 * 500
    white_rate = (20 * 450 + 40 * 250) / (40 * 900 + 40 * 500)
    assert black["value"] == pytest.approx((11_000 / 24_000) / white_rate)
    assert black["n"] == pytest.approx(60 * 24 / 80)
    assert black["verdict"] == "cannot tell"
    assert tuple(results.columns) == RESULT_COLUMNS


def test_within_areas_does_not_count_which_area_is_listed(results):
    black = row(results, "burden_within_areas")
    assert black["value"] == pytest.approx(1.0)
    assert black["verdict"] == "pass"
    assert "allowing for which local area they live in" in black["why"]


def test_a_list_that_seeks_out_a_group_inside_an_area_fails(policy, strip_map):
    places, zones, population = strip_map()
    # in every listed zone Black residents are four times as many as elsewhere in the area
    listed = zones["zone_code"].iloc[0:40:2]
    is_black = population["group"] == "Black"
    population.loc[is_black & population["zone_code"].isin(listed), "residents"] = 400
    black = row(
        audit_places(places[:20], zones, population, policy=policy, seed=1), "burden_within_areas"
    )
    assert black["low"] > 1.25
    assert black["verdict"] == "fail"


def test_overlapping_places_count_once(policy, strip_map):
    places, zones, population = strip_map()
    twice = pd.concat([places, places.iloc[:7]])
    shifted = gpd.GeoDataFrame(geometry=places.geometry.translate(xoff=100), crs=places.crs)
    union = gpd.GeoDataFrame(geometry=[pd.concat([places, shifted]).union_all()], crs=places.crs)
    once = measure(places, zones, population).living.sum(axis=0)
    assert measure(twice, zones, population).living.sum(axis=0) == pytest.approx(once)
    both = measure(pd.concat([places, shifted]), zones, population).living
    assert len(both) == 120
    assert both.sum(axis=0) == pytest.approx(measure(union, zones, population).living.sum(axis=0))


def test_row_order_plays_no_part(policy, strip_map, results):
    places, zones, population = (t.sample(frac=1, random_state=3) for t in strip_map())
    again = audit_places(places, zones, population, policy=policy, seed=1)
    pd.testing.assert_frame_equal(again, results)


def test_another_seed_hardly_matters(policy, strip_map, results):
    other = audit_places(*strip_map(), policy=policy, seed=2)
    assert row(other, "burden")["value"] == row(results, "burden")["value"]
    assert row(other, "burden")["low"] == pytest.approx(row(results, "burden")["low"], abs=0.1)


@pytest.mark.parametrize("count", [0, 1, 9])
def test_few_places_cannot_be_told(policy, strip_map, count):
    places, zones, population = strip_map()
    results = audit_places(places[-count:][:count], zones, population, policy=policy, seed=1)
    assert set(results["verdict"]) == {"cannot tell", "reference"}


def test_what_could_not_be_placed_is_said(policy, strip_map):
    places, zones, population = strip_map()
    far = gpd.GeoDataFrame(geometry=[box(9e6, 9e6, 9.1e6, 9.1e6)], crs=places.crs)
    population = population[population["zone_code"] != "Z000"]
    zones.loc[zones["zone_code"] == "Z001", "area_code"] = None
    results = audit_places(pd.concat([places, far]), zones, population, policy=policy, seed=1)
    why = row(results, "burden")["why"]
    assert "1 of 61 listed places lie outside every census zone." in why
    assert "1 of 80 census zones have no residents on record." in why
    assert "1 of 80 census zones are in no local area." in why


def test_residents_of_zones_without_a_polygon_are_left_out(strip_map):
    places, zones, population = strip_map()
    more = pd.DataFrame({"zone_code": ["ELSEWHERE"], "group": ["Black"], "residents": [10**6]})
    found = measure(places, zones, pd.concat([population, more]))
    assert found.residents.tolist() == [24_000, 56_000]


def test_a_reference_nobody_has_cannot_be_told(policy, strip_map):
    places, zones, population = strip_map()
    only = population[population["group"] == "Black"]
    results = audit_places(places, zones, only, policy=policy, seed=1)
    assert row(results, "burden")["verdict"] == "cannot tell"
    assert row(results, "burden", "White")["verdict"] == "reference"


@pytest.mark.parametrize("group", ["White", None])
def test_nobody_to_compare_with_cannot_be_told(policy, strip_map, group):
    places, zones, population = strip_map()
    only = population[population["group"] == group]
    results = audit_places(places, zones, only, policy=policy, seed=1)
    assert results["verdict"].tolist() == ["cannot tell"] * 2
    assert results["deciding"].tolist() == [False, True]
    assert overall(results).verdict == "cannot tell"
    assert "no group to compare with residents recorded as White" in results["why"][0]


def test_maps_in_different_systems_are_refused(policy, strip_map):
    places, zones, population = strip_map()
    with pytest.raises(InputError, match="coordinate system"):
        audit_places(places.to_crs(4326), zones, population, policy=policy, seed=1)
    with pytest.raises(InputError, match="coordinate system"):
        audit_places(places.to_crs(4326), zones.to_crs(4326), population, policy=policy, seed=1)


def test_interval_and_size_of_the_bootstrap_on_skewed_places():
    """True ratio at the tolerance: neither end is beyond it much more often than stated."""
    rng = np.random.default_rng(20261123)
    above = below = found = 0
    lists, count = 200, 20
    divisor = np.tile(np.array([0.1 / 1.25, 0.9]) / count, (count, 1))
    for _ in range(lists):
        residents, share = rng.gamma(2, 100, count), rng.beta(1, 9, count)
        living = np.column_stack([residents * share, residents * (1 - share)])
        drawn = resample(living, divisor, reference=1, draws=500, seed=1)
        low, high = drawn.interval()
        above += low[0] > 1.25
        below += high[0] <= 1.25
        found += drawn.p_value(tolerance=1.25, harm="higher")[0] <= 0.05
    assert above / lists <= 0.06
    assert below / lists <= 0.09
    assert found / lists <= 0.09
