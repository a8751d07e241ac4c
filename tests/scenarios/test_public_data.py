"""Published street-level files, end to end: places only, one month ahead."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.real_data, pytest.mark.xdist_group("public")]


@pytest.fixture(scope="module")
def month(public_data, public_office):
    """September 2025 as `run --json` reports it."""

    answer = public_office.says(
        "run", "configs/hampshire_public.yaml", "--json", RISK_ENGINE_DATA=str(public_data)
    )
    assert answer.status == 0, answer.err
    return answer.json


def test_the_month_that_is_unlike_the_others_is_held_and_no_other(month):
    assert [feed["drop"] for feed in month["held"]] == ["2025-08-hampshire-street"]


def test_a_hundred_placed_squares_hold_a_sixth_of_the_month(month):
    found = month["measured"]["forecast_period"]
    assert found["squares"] == 100
    assert found["placed"]["rate"] >= 0.16
    assert found["ratio_interval"][0] > 1


def test_there_is_a_list_for_the_force_area_and_each_local_area(month):
    lists = month["lists"]["places"]
    assert lists["force_area"] == 100
    assert len(lists["per_area"]) == 14
    assert min(lists["per_area"].values()) >= 5


def test_without_people_the_audit_of_places_still_decides(month):
    assert month["lists"]["people"] == {}
    assert month["gate"]["allowed"] is False
    assert month["audit"]["fail"] + month["audit"]["cannot_tell"] + month["audit"]["passed"] > 0
