"""Drops against the other drops of their source."""

# ruff: noqa: DTZ001 - all times are naive UTC here
from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from risk_engine.partners.feeds import Drop, check
from risk_engine.partners.geography import vintage_note

USUAL = {"robbery": 100, "theft": 900, "violence": 500}
WOBBLE = [0, 12, -15, 7, 20, -9, 3, -18]


def drops(*odd: dict[str, int], usual: int = 8, known: bool = True) -> list[Drop]:
    """Return ordinary months, then odd ones."""
    ordinary = [{kind: n + WOBBLE[i] for kind, n in USUAL.items()} for i in range(usual)]
    months = [*ordinary, *odd]
    start = datetime(2025, 1, 15)
    return [
        Drop(
            f"m{i}",
            start + timedelta(days=30 * i) if kinds else None,
            kinds,
            kinds if known else {},
        )
        for i, kinds in enumerate(months)
    ]


@pytest.mark.parametrize("known", [True, False])
def test_ordinary_drops_have_no_reasons(known):
    assert check(drops(known=known)) == [()] * 8


ODD = {
    "twice as many": ({"robbery": 200, "theft": 1800, "violence": 1000}, "3,000 rows where"),
    "a third": ({"robbery": 33, "theft": 300, "violence": 167}, "500 rows where"),
    "violence doubled": ({"robbery": 30, "theft": 170, "violence": 1300}, "87% violence"),
    "one rare kind": ({"robbery": 450, "theft": 850, "violence": 450}, "450 rows of robbery"),
    "a kind stopped": ({"theft": 950, "violence": 530}, "0 rows of robbery"),
    "a new kind": ({**USUAL, "arson": 60}, "60 rows of arson"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_drop_is_the_only_one_named(name):
    kinds, words = ODD[name]
    reasons = check(drops(kinds))
    assert reasons[:-1] == [()] * 8
    assert any(words in reason for reason in reasons[-1])


def test_too_few_others_is_not_ordinary_but_unknown():
    assert check(drops(usual=4)) == [None] * 4
    assert check(drops(usual=5)) == [()] * 5
    assert check([]) == []


def test_drop_without_rows_is_left_to_its_own_finding():
    reasons = check(drops({}))
    assert reasons == [()] * 8 + [None]


def test_drops_of_another_year_are_no_measure():
    old = [Drop("old", datetime(2017, 1, 1), {"theft": 9_000}, {"theft": 9_000})]
    assert check([*old, *drops()]) == [None, *[()] * 8]


def test_later_drops_never_change_the_verdict_on_known_ones():
    odd = drops({"robbery": 450, "theft": 850, "violence": 450})
    later = [Drop("f", datetime(2025, 10, 1), {"robbery": 90_000}, {}) for _ in range(20)]
    assert check([*odd, *later])[: len(odd)] == check(odd)


def test_half_known_drop_is_compared_by_its_mix_alone():
    half = Drop("now", datetime(2025, 9, 10), USUAL, {k: n // 4 for k, n in USUAL.items()})
    assert check([*drops(), half])[-1] == ()
    turned = Drop("now", datetime(2025, 9, 10), USUAL, {"robbery": 350, "theft": 10})
    assert check([*drops(), turned])[-1]


def test_odd_drop_is_held_and_its_rows_are_set_aside(read, row):
    files = {f"m{m}.csv": _month(row, m, "34B" if m != 5 else "8N") for m in range(1, 7)}
    done = read(files, as_of=datetime(2025, 12, 1))
    assert [file.drop for file in done.files if file.held] == ["m5"]
    assert [finding.drop for finding in done.feeds if finding.held] == ["m5"]
    assert done.events.count().execute() == 5 * 40
    assert done.records.count().execute() == 5 * 40
    assert done.sources[0].held == 40
    assert all(file.read == file.accepted + file.quarantined == 40 for file in done.files)


def test_contract_may_let_an_odd_drop_pass_with_its_finding(read, row, agreed):
    files = {f"m{m}.csv": _month(row, m, "34B" if m != 5 else "8N") for m in range(1, 7)}
    done = read(files, as_of=datetime(2025, 12, 1), agreed=agreed(hold_anomalies=False))
    assert [finding.drop for finding in done.feeds] == ["m5"]
    assert done.events.count().execute() == 6 * 40


def test_row_of_a_held_drop_never_displaces_one_that_is_used(read, row):
    files = {f"m{m}.csv": _month(row, m, "34B") for m in range(1, 6)}
    files["a0.csv"] = [row(f"R2-{n}", When="2025-02-03 10:00", Type="8N") for n in range(40)]
    done = read(files, as_of=datetime(2025, 12, 1))
    assert [file.drop for file in done.files if file.held] == ["a0"]
    assert done.events.count().execute() == 5 * 40


def test_few_drops_say_that_they_were_not_compared(read, row):
    done = read({"m1.csv": _month(row, 1, "34B"), "m2.csv": _month(row, 2, "34B")})
    assert [finding.held for finding in done.feeds] == [False, False]
    assert "not compared" in done.feeds[0].reasons[0]
    assert read(_month(row, 1, "34B")).feeds == ()


def _month(row, month, kind):
    when = f"2025-0{month}-03 10:00"
    return [row(f"R{month}-{n}", When=when, Recorded="2025-07-01", Type=kind) for n in range(40)]


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
