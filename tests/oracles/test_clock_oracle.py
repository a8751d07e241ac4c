"""Local time to UTC by our own tree of changes, against the database's time zone library."""

from __future__ import annotations

import duckdb
import pytest

from risk_engine.partners.clock import utc

ZONES = ["Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]
#: Every 7 minutes 13 seconds of the days around the changes of some years, and odd moments.
TIMES = """
    SELECT unnest(generate_series(day, day + INTERVAL 3 DAY, INTERVAL '7 minutes 13 seconds')) AS t
    FROM (VALUES (TIMESTAMP '1972-03-18'), ('1999-10-30'), ('2025-03-08'), ('2025-03-29'),
        ('2025-04-05'), ('2025-10-04'), ('2025-10-25'), ('2025-11-01'), ('2059-03-29'),
        ('1969-12-30'), ('2060-12-29'), ('1955-06-01')) days(day)
"""


@pytest.mark.parametrize("zone", ZONES)
def test_every_local_time_is_the_instant_that_the_library_says(zone):
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        wrong = connection.execute(
            f"SELECT t, {utc('t', zone)} AS ours, "  # noqa: S608 - our own texts
            f"timezone('UTC', timezone('{zone}', t)) AS theirs FROM ({TIMES}) "
            "WHERE ours IS DISTINCT FROM theirs"
        ).fetchall()
    # the two may differ only where a local time does not exist or exists twice; the engine's rule
    # for those is tested in tests/unit/partners/test_partners_time.py for the area's own zone
    assert wrong == [] if zone == "Europe/London" else len(wrong) < 200, wrong[:5]


def test_a_missing_time_stays_missing():
    with duckdb.connect() as connection:
        query = f"SELECT {utc('t', 'Europe/London')} FROM (SELECT NULL::TIMESTAMP AS t)"  # noqa: S608
        assert connection.execute(query).fetchall() == [(None,)]
