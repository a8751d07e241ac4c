"""Drops against the other drops of their source: each kind of anomaly, planted in a steady feed."""

# ruff: noqa: DTZ001 - all times are naive UTC here
from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from risk_engine.partners import feeds
from risk_engine.partners.feeds.look import look_at
from risk_engine.partners.geography import vintage_note

KINDS = {"robbery": 0.08, "theft": 0.6, "violence": 0.32}
AREAS = {"A": 0.4, "B": 0.25, "C": 0.2, "D": 0.15}
NAMES = {"A": "Alton", "B": "Bere", "C": "Cowes", "D": "Dean"}
AS_OF = datetime(2026, 1, 1)


@dataclass(frozen=True)
class Month:
    """What one drop of a made feed looks like."""

    rows: int = 1500
    kinds: dict[str, float] = field(default_factory=lambda: KINDS)
    areas: dict[str, float] = field(default_factory=lambda: AREAS)
    filled: float = 0.95
    unplaced: float = 0.05
    points: int = 4000
    late: float = 0.02
    sent_before: float = 0.0
    zones: int = 0
    known_share: float = 1.0
    days: int = 30


USUAL = Month()


@pytest.fixture(scope="module")
def contract(agreed):
    """A monthly source with a point, a zone and a field that says when a row was known."""
    made = agreed(cadence="monthly")
    event = made.event.model_copy(update={"zone": "postcode"})
    return made.model_copy(update={"event": event})


@pytest.fixture
def feed(engine, contract):
    """Return a function that judges made months, looks at them, and returns one result a month."""

    def run(months, *, skip=(), start=datetime(2025, 1, 1), agreed=contract, as_of=AS_OF):
        table = judged(months, agreed, start, skip)
        engine.duckdb.register("made", table)
        engine.duckdb.execute("CREATE OR REPLACE TEMP TABLE made_judged AS FROM made")
        names = [f"m{number}" for number in range(len(months))]
        counter = feeds.Counter(agreed, engine.duckdb, "made_judged", names, as_of)
        return feeds.check(counter.profile(NAMES))

    return run


def judged(months, contract, start, skip):
    """Return judged rows as the reader leaves them; `skip` names months that nobody sent."""
    rng = np.random.default_rng(5)
    parts = []
    times = [n for n in range(len(months) + len(skip)) if n not in skip]
    for number, (month, at) in enumerate(zip(months, times, strict=True)):
        n = month.rows
        occurred = pd.Timestamp(start) + pd.to_timedelta(
            30 * at + rng.uniform(0, month.days, n), unit="D"
        )
        delay = np.where(rng.random(n) < month.late, rng.uniform(40, 90, n), rng.uniform(0, 3, n))
        known = occurred + pd.to_timedelta(delay, unit="D")
        known = known.where(rng.random(n) < month.known_share, pd.Timestamp("2027-01-01"))
        point = rng.integers(0, month.points, n)
        placed = rng.random(n) >= month.unplaced
        repeated = rng.random(n) < month.sent_before
        frame = pd.DataFrame(
            {f"f_{name}": np.where(rng.random(n) < 0.9, "x", None) for name in contract.fields}
        )
        frame["f_ref"] = [
            f"R{number - 1 if again else number}-{row}" for row, again in enumerate(repeated)
        ]
        frame["f_recorded"] = "x"
        frame["f_ethnicity"] = np.where(rng.random(n) < month.filled, "x", None)
        frame["f_postcode"] = [f"Z{z}" for z in rng.integers(0, 200, n) + month.zones]
        areas = rng.choice(list(month.areas), n, p=normal(month.areas))
        parts.append(
            frame.assign(
                file_no=number,
                row=range(1, n + 1),
                occurred_at=occurred,
                known_at=known,
                kind=rng.choice(list(month.kinds), n, p=normal(month.kinds)),
                easting=np.where(placed, 450_000.0 + point, np.nan),
                northing=np.where(placed, 120_000.0, np.nan),
                area_code=np.where(placed, areas, None),
                faults=[[] for _ in range(n)],
            )
        )
    return pd.concat(parts, ignore_index=True).astype({"faults": object})


def normal(shares):
    return np.array(list(shares.values())) / sum(shares.values())


def codes(looked, severity):
    return {seen.code for seen in looked.observed if seen.severity == severity}


def test_a_steady_feed_has_nothing_to_say(feed):
    assert [looked.observed for looked in feed([USUAL] * 9)] == [()] * 9


def moved(**shares):
    return {**KINDS, **shares}


HELD = {
    "twice as many": (replace(USUAL, rows=3000), "volume", "3,000 rows where the other drops have"),
    "a third": (replace(USUAL, rows=500), "volume", "500 rows where the other drops have"),
    "violence doubled": (replace(USUAL, kinds=moved(violence=2.5)), "mix", "violence, where 32 %"),
    "one rare kind": (replace(USUAL, kinds=moved(robbery=0.4)), "kinds", "rows of robbery"),
    "a kind stopped": (replace(USUAL, kinds={"theft": 0.6, "violence": 0.3}), "kinds", "0 rows of"),
    "a new kind": (replace(USUAL, kinds=moved(arson=0.06)), "kinds", "rows of arson, where about"),
    "a field emptied": (replace(USUAL, filled=0.4), "completeness", "'ethnicity' is filled in"),
    "sent twice": (replace(USUAL, sent_before=0.9), "duplicates", "of its keys came before"),
    "points lost": (replace(USUAL, unplaced=0.6), "no_point", "of its rows have no point"),
    "points snapped": (replace(USUAL, points=40), "shared_points", "of its points are shared"),
    "an area silent": (
        replace(USUAL, areas={"A": 0.4, "B": 0.25, "C": 0.2}),
        "sister_areas",
        "nothing from Dean, where about",
    ),
    "an area tripled": (
        replace(USUAL, areas={**AREAS, "C": 0.9}, rows=2000),
        "sister_areas",
        "rows in Cowes, where about",
    ),
}


@pytest.mark.parametrize("name", HELD)
def test_a_planted_anomaly_holds_its_drop_and_no_other(feed, name):
    odd, code, words = HELD[name]
    looked = feed([*[USUAL] * 6, odd, USUAL, USUAL])
    assert [bool(seen.reasons) for seen in looked] == [False] * 6 + [True, False, False]
    assert code in codes(looked[6], "hold")
    assert any(words in reason for reason in looked[6].reasons)


NOTED = {
    "a field a little emptier": (replace(USUAL, filled=0.78), "completeness", "'ethnicity' is"),
    "a field fuller": (
        replace(USUAL, filled=1.0),
        "completeness",
        "is filled in 100 % of its rows",
    ),
    "some sent again": (replace(USUAL, sent_before=0.15), "duplicates", "usually 0 %"),
    "a backlog cleared": (replace(USUAL, late=0.5), "late", "days after they occurred"),
    "an area halved": (
        replace(USUAL, areas={**AREAS, "A": 0.2}),
        "sister_areas",
        "rows in Alton, where about",
    ),
    "everything up by two fifths": (
        replace(USUAL, rows=2100),
        "moved_together",
        "4 local areas moved together, to about 1.4 times their usual",
    ),
}


@pytest.mark.parametrize("name", NOTED)
def test_a_smaller_departure_is_noted_and_never_holds(feed, name):
    odd, code, words = NOTED[name]
    usual = replace(USUAL, filled=0.5) if name == "a field fuller" else USUAL
    looked = feed([*[usual] * 7, odd])
    assert [seen.observed for seen in looked[:-1]] == [()] * 7
    assert looked[-1].reasons == ()
    assert codes(looked[-1], "note") == {code}
    assert words in looked[-1].notes[0]


def test_everything_doubled_is_held_and_said_to_have_moved_together(feed):
    looked = feed([*[USUAL] * 7, replace(USUAL, rows=3000)])[-1]
    assert codes(looked, "hold") == {"volume"}
    assert codes(looked, "note") == {"moved_together"}


def test_a_changed_mix_is_said_to_be_everywhere_or_in_which_areas(feed):
    turned = replace(USUAL, kinds=moved(violence=2.5))
    assert "moved alike in 4 of 4 local areas: rather" in feed([*[USUAL] * 7, turned])[-1].notes[0]


def test_a_missing_month_is_noted_on_the_drop_after_it(feed):
    looked = feed([USUAL] * 8, skip=(3, 5, 6))
    assert {n: seen.notes for n, seen in enumerate(looked) if seen.notes} == {
        3: ("1 month missing between m2 and it",),
        4: ("2 months missing between m3 and it",),
    }


def test_a_new_vintage_of_zone_codes_is_noted_once(feed):
    looked = feed([*[USUAL] * 4, *[replace(USUAL, zones=30)] * 4])
    assert [len(seen.notes) for seen in looked] == [0, 0, 0, 0, 1, 0, 0, 0]
    assert looked[4].notes == ("its zone codes are of another vintage than those up to m3",)


def test_what_cannot_be_looked_at_says_why(feed, agreed):
    looked = feed([replace(USUAL, rows=20)] * 4)
    assert not looked[0].compared
    assert "fewer than 4 other drops" in looked[0].passed_over["volume"]
    looked = feed([replace(USUAL, rows=20, kinds={"theft": 1.0})] * 6)
    assert looked[0].passed_over["completeness"] == "fewer than 30 rows"
    assert looked[0].passed_over["mix"] == "there is only one kind"
    assert "fewer than 3 local areas" in looked[0].passed_over["sister_areas"]
    event = agreed().event.model_copy(update={"known_at": None, "point": None})
    bare = agreed().model_copy(update={"event": event})
    passed_over = feed([USUAL] * 6, agreed=bare)[0].passed_over
    assert passed_over["late"] == "no field says when a row was known"
    assert passed_over["no_point"] == passed_over["shared_points"] == "the source has no points"
    assert passed_over["geography"] == "the source has no zone codes"


def test_half_known_drop_is_compared_by_its_shares_alone(feed):
    half = replace(USUAL, known_share=0.3)
    looked = feed([*[USUAL] * 7, half])[-1]
    assert looked.observed == ()
    assert looked.passed_over["volume"] == "only some of its rows are known"
    turned = replace(half, kinds=moved(violence=2.5))
    assert "mix" in codes(feed([*[USUAL] * 7, turned])[-1], "hold")


def test_a_month_that_is_not_over_has_no_volume_yet(feed):
    so_far = replace(USUAL, rows=300, days=6, late=0.0)
    looked = feed([*[USUAL] * 7, so_far], as_of=datetime(2025, 8, 7))[-1]
    assert looked.observed == ()
    assert looked.passed_over["volume"] == "its period is not over"
    assert "mix" not in looked.passed_over
    over = feed([*[USUAL] * 7, so_far], as_of=datetime(2025, 9, 1))[-1]
    assert codes(over, "hold") == {"volume"}


def test_few_rows_known_so_far_have_no_mix(feed):
    looked = feed([*[USUAL] * 7, replace(USUAL, rows=900, known_share=0.005)])[-1]
    assert looked.observed == ()
    assert looked.passed_over["mix"] == "fewer than 30 rows"


def test_a_small_part_of_a_drop_has_an_uneven_mix_by_chance(feed):
    kinds = {f"k{n}": 1.0 for n in range(14)}
    usual = replace(USUAL, kinds=kinds)
    half = replace(usual, rows=1500, known_share=0.03)
    assert not codes(feed([*[usual] * 7, half])[-1], "hold")


def test_later_drops_never_change_the_verdict_on_known_ones(feed):
    months = [*[USUAL] * 6, replace(USUAL, kinds=moved(robbery=0.5))]
    later = replace(USUAL, rows=9000, kinds={"robbery": 1.0}, known_share=0.0, zones=90)
    assert feed([*months, later, later, later])[:7] == feed(months)


def test_drops_of_another_year_are_no_measure(feed):
    looked = feed([replace(USUAL, rows=9000), *[USUAL] * 6], skip=range(1, 14))
    assert [seen.compared for seen in looked] == [False] + [True] * 6


def steady(seed, months=24):
    """A steady feed by its counts alone: Poisson noise, a season, growth, small areas and kinds."""
    rng = np.random.default_rng(seed)
    base = np.exp(rng.uniform(np.log(40), np.log(6000)))
    at = np.arange(months)
    season = 1 + rng.uniform(0, 0.25) * np.sin(2 * np.pi * (at / 12 + rng.random()))
    season = season * (1 + rng.uniform(-0.1, 0.1)) ** (at / 12)
    kinds, areas = rng.dirichlet(np.full(14, 1.0)), rng.dirichlet(np.full(14, 3.0))
    rows = rng.poisson(base * season)
    filled = rng.uniform(0, 1, 10)
    cells = counts(rng, rows, np.outer(areas, kinds).ravel()).reshape(months, 14, 14)
    delay = 0.6 ** np.arange(60)
    side = feeds.Side(
        rows=rows.astype(float),
        kinds=cells.sum(axis=1),
        areas=cells.sum(axis=2),
        cells=cells,
        filled=np.column_stack([rng.binomial(rows, share) for share in filled]).astype(float),
        keyed=rows.astype(float),
        repeated=rng.binomial(rows, 0.02).astype(float),
        placed=rng.binomial(rows, 0.9).astype(float),
        shared=rng.binomial(rows, 0.4).astype(float),
        delays=counts(rng, rows, delay / delay.sum()),
    )
    return feeds.Profile(
        names=[f"m{n}" for n in at],
        middle=30.44 * at,
        oldest=30.44 * at,
        newest=30.44 * at + 28,
        precision=0.0,
        known=side,
        full=side,
        kinds=[f"k{n}" for n in range(14)],
        areas=[f"a{n}" for n in range(14)],
        fields=[f"f{n}" for n in range(10)],
        zones=[frozenset()] * months,
        has_points=True,
        has_delays=True,
        has_zones=False,
        cadence=30.44,
        as_of=30.44 * months + 5,
    )


def counts(rng, rows, shares):
    return np.array([rng.multinomial(n, shares) for n in rows]).astype(float)


def test_of_two_hundred_steady_feeds_hardly_a_drop_is_held():
    looked = [seen for seed in range(200) for seen in feeds.check(steady(seed, 16))]
    assert len(looked) == 3200
    assert_hardly_held(looked)


def test_nor_as_they_arrive_with_few_drops_to_compare_with():
    looked = [
        look_at(first(made, drops).view(drops - 1))
        for made in map(steady, range(200))
        for drops in (5, 6, 7, 9, 12, 18, 24)
    ]
    assert all(seen.compared for seen in looked)
    assert_hardly_held(looked)


def first(profile, drops):
    """Return the profile as it was when only the first drops had come."""
    cut = {name: counts[:drops] for name, counts in vars(profile.full).items()}
    side = feeds.Side(**cut)
    named = {
        name: getattr(profile, name)[:drops]
        for name in ("names", "middle", "oldest", "newest", "zones")
    }
    return replace(profile, known=side, full=side, as_of=30.44 * drops + 5, **named)


def assert_hardly_held(looked):
    held = [seen.reasons for seen in looked if seen.reasons]
    noted = sum(bool(seen.notes) for seen in looked)
    print(f"{len(held)} of {len(looked)} drops held, {noted} noted")  # noqa: T201 - the rate
    assert len(held) <= 0.01 * len(looked), held[:5]


def test_vintage_change_is_placed_between_its_drops():
    old = frozenset(f"E0100{n:04}" for n in range(1000))
    new = frozenset(f"E0100{n:04}" for n in range(30, 1040))
    note = vintage_note([("a", old), ("b", old), ("c", old), ("d", new), ("e", new)])
    assert note.endswith("geography vintage differs between drops a..c and d..e")
    assert "1,040 zone codes" in note


def test_rare_codes_are_no_vintage():
    zones = [frozenset(range(n, 1000 + n)) for n in range(6)]
    names = [(str(i), frozenset(map(str, z))) for i, z in enumerate(zones)]
    assert "one vintage" in vintage_note(names)
    assert vintage_note([]) == vintage_note([("a", frozenset())]) == ""
