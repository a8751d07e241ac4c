"""When something happened and when it was known, in UTC."""

# ruff: noqa: DTZ001 - all times are naive UTC here
from __future__ import annotations

from datetime import datetime, timedelta

import pytest

TIMES = {
    "winter": ("2025-01-15 12:00", datetime(2025, 1, 15, 12)),
    "summer": ("2025-07-15 12:00", datetime(2025, 7, 15, 11)),
    "last minute before spring": ("2025-03-30 00:59", datetime(2025, 3, 30, 0, 59)),
    "skipped in spring": ("2025-03-30 01:30", datetime(2025, 3, 30, 1, 30)),
    "after spring": ("2025-03-30 02:00", datetime(2025, 3, 30, 1)),
    "twice in autumn": ("2025-10-26 01:30", datetime(2025, 10, 26, 1, 30)),
    "after autumn": ("2025-10-26 02:00", datetime(2025, 10, 26, 2)),
}


@pytest.mark.parametrize("name", TIMES)
def test_local_time_becomes_utc(read, row, name):
    local, expected = TIMES[name]
    done = read([row(When=local, Recorded="2025-12-31")])
    assert done.events.to_pandas()["occurred_at"].tolist() == [expected]


def test_time_with_its_own_zone_keeps_it(read, row, agreed):
    fields = agreed().model_dump()["fields"]
    fields["when"]["formats"] = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M%z"]
    rows = [row("A1", When="2025-05-01T10:00+05:30"), row("A2", When="2025-05-01 05:30")]
    done = read(rows, agreed=agreed(fields=fields))
    assert set(done.events.to_pandas()["occurred_at"]) == {datetime(2025, 5, 1, 4, 30)}


def test_recorded_day_is_known_at_its_last_instant(read, row):
    """The Monday after a Sunday sees what was recorded on the Sunday; the Sunday does not."""
    done = read([row(When="2025-05-04 22:00", Recorded="2025-05-04")])
    (known,) = done.events.to_pandas()["known_at"]
    assert known == datetime(2025, 5, 4, 23) - timedelta(microseconds=1)


def test_month_is_known_one_length_after_its_end(read, agreed):
    fields = {
        "id": {"column": "Id"},
        "month": {"column": "Month", "type": "month"},
    }
    event = {
        "occurred_at": "month",
        "known_after": "1d",
        "precision": "month",
        "kind": {"const": "call"},
    }
    contract = agreed(
        key=["id"], fields=fields, event=event, person=None, protected=[], personal_data="none"
    )
    done = read({"a.csv": "Id,Month\n1,2025-01\n2,2025-07\n"}, agreed=contract, key=b"")
    frame = done.events.to_pandas().sort_values("occurred_at")
    assert frame["occurred_at"].tolist() == [datetime(2025, 1, 1), datetime(2025, 6, 30, 23)]
    assert frame["known_at"].tolist() == [datetime(2025, 2, 2), datetime(2025, 8, 1, 23)]
    assert set(frame["precision"]) == {"month"}
    assert set(frame["role"]) == {"none"}


def test_known_field_that_is_missing_falls_back_to_the_length(read, row, agreed):
    event = agreed().event.model_dump() | {"known_after": "2d", "precision": "day"}
    done = read([row(Recorded="", When="2025-01-10 15:00")], agreed=agreed(event=event))
    frame = done.events.to_pandas()
    assert frame["occurred_at"].tolist() == [datetime(2025, 1, 10)]
    assert frame["known_at"].tolist() == [datetime(2025, 1, 13)]
