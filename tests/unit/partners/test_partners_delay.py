"""How fast records arrive: known truth under truncation, and a real example."""

# ruff: noqa: DTZ001 - all times are naive UTC here
from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from risk_engine.partners.delay import estimate, summarise

AS_OF = datetime(2025, 6, 2)


def geometric(rng, share):
    """Return a drawer of delays of which this share of what is left ends each day."""
    return lambda n: rng.geometric(share, n) - 1


def known_rows(rng, *, days, daily, delays):
    """Return delay and age of what is known of events spread evenly over the last `days` days."""
    age = np.repeat(np.arange(1, days + 1), rng.poisson(daily, days))
    delay = delays(len(age))
    seen = delay < age
    return delay[seen], age[seen]


def test_without_truncation_it_is_the_plain_share():
    delay = np.repeat([0, 1, 2, 5], [50, 30, 15, 5])
    curve = estimate(delay, np.full(100, 200), np.ones(100))
    assert curve.share[[0, 1, 2, 4, 5]] == pytest.approx([0.5, 0.8, 0.95, 0.95, 1])
    assert curve.variance[0] == pytest.approx((1 - 0.5) / 0.5 / 100)  # Greenwood = binomial


def test_grouped_rows_are_the_same_as_single_ones():
    rng = np.random.default_rng(3)
    delay, age = known_rows(rng, days=90, daily=20, delays=geometric(rng, 0.2))
    groups = pd.DataFrame({"delay": delay, "age": age}).value_counts().reset_index()
    single = estimate(delay, age, np.ones(len(delay)))
    grouped = estimate(groups["delay"], groups["age"], groups["count"])
    assert np.array_equal(single.share, grouped.share)
    assert np.array_equal(single.variance, grouped.variance)


def test_it_is_the_product_of_reverse_hazards_by_brute_force():
    rng = np.random.default_rng(4)
    delay, age = known_rows(rng, days=40, daily=30, delays=geometric(rng, 0.15))
    curve = estimate(delay, age, np.ones(len(delay)))
    for t in range(curve.horizon + 1):
        product = 1.0
        for s in range(t + 1, curve.horizon + 1):
            at_risk = (delay <= s) & (age > s)
            product *= 1 - (delay[at_risk] == s).mean()
        assert curve.share[t] == pytest.approx(product)


def test_known_distribution_is_recovered_where_the_naive_share_is_not():
    """Six weeks of a slow source: the recent weeks hold only short delays."""
    inside, naive_inside, total = 0, 0, 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        delay, age = known_rows(rng, days=42, daily=40, delays=geometric(rng, 0.12))
        curve = estimate(delay, age, np.ones(len(delay)))
        for t in (0, 3, 7, 14):
            whole = 1 - 0.88 ** (curve.horizon + 1)
            true = (1 - 0.88 ** (t + 1)) / whole
            low, high = curve.bounds(t)
            naive = float((delay <= t).mean())
            half = 1.96 * np.sqrt(naive * (1 - naive) / len(delay))
            inside += low <= true <= high
            naive_inside += abs(naive - true) <= half
            total += 1
    assert inside >= 0.9 * total
    assert naive_inside <= 0.4 * total


def test_share_of_the_recent_past_has_the_coverage_it_says():
    inside = 0
    true = 1 - np.mean([1 - 0.7 ** (t + 1) for t in range(7)])
    for seed in range(100):
        rng = np.random.default_rng(seed)
        delay, age = known_rows(rng, days=200, daily=4, delays=geometric(rng, 0.3))
        share, low, high = estimate(delay, age, np.ones(len(delay))).recent(7)
        inside += low <= 1 - true <= high
        assert low <= share <= high
    assert inside >= 90


def test_too_few_rows_tell_nothing():
    assert estimate([], [], []) is None
    assert estimate([0, 1], [5, 5], [5, 5]) is None


# --- read from judged rows ------------------------------------------------------------------


def rows(engine, *, days=300, daily=30, delay=0.4, seed=1, since=None):
    """Register judged rows of a source that records by the day."""
    rng = np.random.default_rng(seed)
    age = np.repeat(np.arange(1, days + 1), daily)
    late = rng.geometric(delay, len(age)) - 1
    occurred = pd.Timestamp(AS_OF) - pd.to_timedelta(age, unit="D")
    occurred = occurred + pd.to_timedelta(rng.integers(0, 22, len(age)), unit="h")
    known = occurred.normalize() + pd.to_timedelta(late + 1, unit="D") - pd.Timedelta("2h")
    frame = pd.DataFrame({"occurred_at": occurred, "known_at": known, "f_recorded": "x"})
    frame = frame[frame["known_at"] > frame["occurred_at"]]
    if since is not None:
        frame = frame[frame["known_at"] >= since]
    engine.duckdb.register("delayed", frame)
    return "FROM delayed"


@pytest.fixture
def told(engine, agreed):
    def run(query, as_of=AS_OF, contract=None):
        contract = contract or agreed(timezone="UTC")
        return summarise(contract, connection=engine.duckdb, rows=query, as_of=as_of)

    return run


def test_summary_of_a_source(engine, told):
    found = told(rows(engine, delay=0.5))
    assert found.told
    assert found.source == "police"
    assert [known.age for known in found.known] == list(range(61))
    assert found.known[0].share == pytest.approx(0.5, abs=0.02)
    assert found.known[2].share == pytest.approx(0.875, abs=0.02)
    assert [(until.share, until.days) for until in found.until] == [(0.8, 2), (0.95, 4), (0.99, 6)]
    assert [unseen.days for unseen in found.unseen] == [3, 7, 14, 28]
    expected = np.mean([0.5 ** (t + 1) for t in range(3)])
    assert found.unseen[0].low <= expected <= found.unseen[0].high
    complete = 1 - found.unseen[0].share
    assert found.sentence.startswith(
        f"records of the last 3 days are about {100 * complete:.0f} % complete ("
    )


def test_rows_not_known_yet_change_nothing(engine, told):
    earlier = AS_OF - timedelta(days=30)
    whole = told(rows(engine), as_of=earlier)
    cut = told(f"{rows(engine)} WHERE known_at < TIMESTAMP '{earlier}'", as_of=earlier)
    assert whole == cut


def test_late_records_from_before_the_feed_began_do_not_slow_it(engine, told):
    """A feed that began 100 days ago holds of older events only what was recorded late."""
    begun = pd.Timestamp(AS_OF) - pd.Timedelta("100D")
    found = told(rows(engine, delay=0.05, daily=60, since=begun))
    assert found.horizon < 100
    whole = 1 - 0.95 ** (found.horizon + 1)
    low, high = found.known[7].low, found.known[7].high
    assert low <= (1 - 0.95**8) / whole <= high


def test_days_are_local_days(engine, told, agreed):
    """Half past midnight in summer and eleven at night of that day are one day in London."""
    times = pd.DataFrame(
        {
            "occurred_at": [datetime(2025, 5, 1, 9)] * 5 + [datetime(2025, 5, 9, 23, 30)] * 150,
            "known_at": [datetime(2025, 5, 1, 10)] * 5 + [datetime(2025, 5, 10, 22)] * 150,
            "f_recorded": "x",
        }
    )
    engine.duckdb.register("local", times)
    local = told("FROM local", as_of=datetime(2025, 6, 1, 23), contract=agreed())
    assert local.known[0].share == 1
    universal = told("FROM local", as_of=datetime(2025, 6, 2), contract=agreed(timezone="UTC"))
    assert universal.known[0].share < 0.1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"known_at": None, "known_after": "1d"}, "no field says when a row was known"),
        ({"precision": "month"}, "its times are months, not days"),
    ],
)
def test_sources_that_do_not_say_are_not_told(engine, told, agreed, change, why):
    event = {**agreed().model_dump(mode="json")["event"], **change}
    found = told(rows(engine), contract=agreed(event=event))
    assert (found.told, found.why_not, found.sentence) == (False, why, "")


def test_few_rows_are_not_told(engine, told):
    found = told(rows(engine, days=3, daily=10))
    assert not found.told
    assert found.why_not.startswith("only ")


def test_delays_come_with_what_was_ingested(read, row):
    days = pd.date_range("2025-02-01", "2025-05-01").strftime("%Y-%m-%d")
    same = [row(f"S{n}", When=f"{day} 10:00", Recorded=day) for n, day in enumerate(days)]
    pairs = enumerate(pairwise(days))
    later = [row(f"L{n}", When=f"{day} 10:00", Recorded=after) for n, (day, after) in pairs]
    (found,) = read([*same, *later]).delays
    assert found.told
    assert [known.share for known in found.known[:2]] == [pytest.approx(0.5, abs=0.01), 1.0]


# --- a real example -------------------------------------------------------------------------

AGES = {"0-1d": 0, "1-2d": 1, "2-3d": 2, "3-5d": 3, "5-8d": 5, "8-15d": 8, "15-29d": 15}


@pytest.fixture(scope="module")
def snapshots(public_data):
    """Of 28 days: how many incidents of each age were known, and how many there were at last."""
    path = public_data / "philadelphia_shootings" / "reporting_delay.csv"
    if not path.exists():
        pytest.skip("RISK_ENGINE_DATA has no philadelphia_shootings")
    return pd.read_csv(path)


@pytest.mark.real_data
def test_estimate_agrees_with_what_28_snapshots_of_philadelphia_knew(snapshots):
    """Incidents drawn with the delays that the snapshots show, seen from one day only."""
    final = {age: int(snapshots[f"{name}_final"].sum()) for name, age in AGES.items()}
    known = {age: int(snapshots[f"{name}_known"].sum()) for name, age in AGES.items()}
    pooled = {age: known[age] / final[age] for age in (0, 1, 2)}
    pooled[3] = sum(known[age] for age in (3, 5, 8, 15)) / sum(final[age] for age in (3, 5, 8, 15))
    assert [f"{share:.0%}" for share in pooled.values()] == ["57%", "84%", "91%", "99%"]

    rng = np.random.default_rng(28)
    steps = np.diff([0.0, *pooled.values(), 1.0])

    def delays(n):
        return rng.choice([0, 1, 2, 3, 20], size=n, p=steps)

    delay, age = known_rows(rng, days=120, daily=100, delays=delays)
    curve = estimate(delay, age, np.ones(len(delay)))
    for at, share in pooled.items():
        low, high = curve.bounds(at)
        assert low <= share <= high
        assert curve.share[at] == pytest.approx(share, abs=0.02)
    complete, low, high = curve.recent(3)
    assert low <= np.mean([pooled[age] for age in (0, 1, 2)]) <= high
    assert f"{complete:.0%}" in {"77%", "78%"}
