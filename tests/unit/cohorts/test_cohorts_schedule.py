from datetime import datetime, timedelta

import pytest

from risk_engine.cohorts import schedule
from risk_engine.errors import InputError

AS_OF = datetime.fromisoformat("2026-11-23")


def days_before(*days):
    return tuple(AS_OF - timedelta(days=d) for d in days)


def test_dates_by_hand(new_spec):
    spec = new_spec(validation={"origins": 2, "every": "90d", "train_origins": 3})
    laid = schedule(spec, as_of=AS_OF, first_known=AS_OF - timedelta(days=2000))
    assert [origin.date for origin in laid.origins] == list(days_before(180, 270))
    assert laid.origins[0].training == days_before(360, 390, 420)
    assert laid.origins[1].training == days_before(450, 480, 510)
    assert laid.training == days_before(180, 210, 240)
    assert laid.dates == tuple(
        sorted(days_before(180, 210, 240, 270, 360, 390, 420, 450, 480, 510))
    )
    assert laid.notes == ()


def test_origins_without_history_are_left_out_and_named(new_spec):
    spec = new_spec(validation={"origins": 2, "every": "90d", "train_origins": 3})
    laid = schedule(spec, as_of=AS_OF, first_known=AS_OF - timedelta(days=360 + 182 + 30))
    assert [origin.date for origin in laid.origins] == list(days_before(180))
    assert laid.origins[0].training == days_before(360, 390)
    assert len(laid.notes) == 1
    assert "not enough history" in laid.notes[0]


def test_history_is_enough_to_the_day(new_spec):
    needed = 2 * 180 + 182
    laid = schedule(new_spec(), as_of=AS_OF, first_known=AS_OF - timedelta(days=needed))
    assert laid.origins[0].training == days_before(360)
    with pytest.raises(InputError, match=rf"needs {needed} days") as caught:
        schedule(new_spec(), as_of=AS_OF, first_known=AS_OF - timedelta(days=needed - 1))
    assert caught.value.code == "COHORT_HISTORY"


def test_a_date_before_any_event_has_no_history(new_spec):
    with pytest.raises(InputError, match=r"gives 0 days before") as caught:
        schedule(new_spec(), as_of=AS_OF, first_known=AS_OF + timedelta(days=400))
    assert caught.value.code == "COHORT_HISTORY"
