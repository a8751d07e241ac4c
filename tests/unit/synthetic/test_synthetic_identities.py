"""What an agency writes down: one spelling a number, typos that look like typos, gaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from risk_engine.config import AreasConfig
from risk_engine.synthetic import columns, names, spelling
from risk_engine.synthetic.chance import Chance
from risk_engine.synthetic.columns import day_number
from risk_engine.synthetic.identities import Clerk, _swapped
from risk_engine.synthetic.people import NEVER, Register, age_mix, build
from risk_engine.synthetic.world import GROUPS
from risk_engine.synthetic.world import build as build_world

END = date(2026, 1, 5)
CARE = np.ones(len(GROUPS))


@pytest.fixture(scope="module")
def people(areas: AreasConfig) -> Register:
    world = build_world(areas, rng=np.random.default_rng(1))
    rng = np.random.default_rng(2)
    return build(world, 8_000, start=date(2023, 1, 2), end=END, rng=rng)


def written(people: Register, agency: str, times: int = 6) -> pd.DataFrame:
    person = np.repeat(np.arange(len(people)), times)
    clerk = Clerk(people, Chance(1, agency), agency[:2].upper(), CARE)
    who = clerk.identify(person, np.full(len(person), day_number(END)), np.arange(len(person)))
    first, last = who.names()
    cells = {"number": who.number(), "first": first, "last": last, "born": who.birth("%Y-%m-%d")}
    cells["postcode"] = who.home().postcode()
    return pd.DataFrame({k: v.to_pandas() for k, v in cells.items()}).assign(person=person)


def test_a_number_names_one_person_and_has_one_spelling(people: Register) -> None:
    rows = written(people, "police")
    known = rows.fillna({"born": ""})
    assert known.groupby("number").person.nunique().max() == 1
    assert known.groupby("number")["first"].nunique().max() == 1
    assert known[known.born != ""].groupby("number").born.nunique().max() == 1
    held = rows.groupby("person").number.nunique()
    assert held.max() == 2
    assert (held == 2).mean() == pytest.approx(1 - 0.94**6 - 0.06**6, abs=0.03)


def test_agencies_number_people_apart(people: Register) -> None:
    one, two = written(people, "police", 1), written(people, "health", 1)
    assert (one.number.str[2:] == two.number.str[2:]).mean() < 0.01


def different(people: Register, rows: pd.DataFrame) -> np.ndarray:
    """Whether each row's name or birth date differs from the truth."""
    truth = np.array(names.WORDS)
    person = rows.person.to_numpy()
    names_differ = (rows["first"] != truth[people.first[person]]) | (
        rows["last"] != truth[people.last[person]]
    )
    born = pd.Series(people.birth[person].astype("datetime64[D]")).dt.strftime("%Y-%m-%d")
    return (names_differ | (rows.born.notna() & (rows.born != born))).to_numpy()


def test_about_one_identity_in_seven_differs_from_the_truth(people: Register) -> None:
    rows = written(people, "police", 1)
    assert different(people, rows).mean() == pytest.approx(0.14, abs=0.02)
    assert rows.born.isna().mean() == pytest.approx(0.02, abs=0.01)
    assert rows.postcode.isna().mean() == pytest.approx(0.05, abs=0.01)


def named(people: Register, first: str, last: str, agencies: int = 3000) -> pd.DataFrame:
    """What some thousand agencies hold of a person of this name."""
    position = {word: row for row, word in enumerate(names.WORDS)}
    many = replace(
        people,
        first=np.full(len(people), position[first]),
        last=np.full(len(people), position[last]),
    )
    return written(many, "police", 1).head(agencies)


@pytest.mark.parametrize(
    ("first", "last", "least", "most"),
    [
        ("Blake", "Shaw", 0.08, 0.13),  # the clerk's slips and no more
        ("Mohammed", "Hussain", 0.17, 0.24),
        ("Jun", "Wong", 0.15, 0.24),  # two names with other spellings, family name first
        ("Ionuț", "Popescu", 0.50, 0.60),  # a letter that many systems lack
        ("Hodan", "Hassan Duale", 0.18, 0.28),  # one of two names written
    ],
)
def test_what_a_name_is_makes_it_differ(
    people: Register, first: str, last: str, least: float, most: float
) -> None:
    rows = named(people, first, last)
    share = ((rows["first"] != first) | (rows["last"] != last)).mean()
    assert least < share < most


def test_care_and_rates_are_the_same_for_every_group(people: Register) -> None:
    position = {word: row for row, word in enumerate(names.WORDS)}
    same = replace(
        people,
        first=np.full(len(people), position["Aisha"]),
        last=np.full(len(people), position["Ali"]),
        group=np.arange(len(people)) % len(GROUPS),
    )
    rows = written(same, "police", 4)
    wrong = pd.Series(different(same, rows)).groupby(same.group[rows.person.to_numpy()]).mean()
    assert wrong.max() - wrong.min() < 0.04  # five groups of 6,400 rows, standard error 0.006


def test_every_spelling_of_a_name_is_seen_and_no_other(people: Register) -> None:
    seen = set(named(people, "Blake", "Hussain", 8_000)["last"])
    typos = {spelling._typo("Hussain", n) for n in range(spelling.TYPOS)}
    allowed = {"Hussain", "HUSSAIN", "Blake", *spelling.other_spellings("Hussain"), *typos}
    assert seen <= allowed | {spelling._typo("Blake", n) for n in range(spelling.TYPOS)}
    assert seen >= {"Hussain", *spelling.other_spellings("Hussain")}


def test_of_two_names_either_may_be_the_one_written(people: Register) -> None:
    held = named(people, "Hodan", "Hassan Duale", 8_000)["last"].value_counts(normalize=True)
    assert held["Hassan"] == pytest.approx(0.03, abs=0.01)
    assert held["Duale"] == pytest.approx(0.03, abs=0.01)


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("Mohammed", {"Muhammad", "Mohamed"}),
        ("Łukasz", {"Lukasz"}),
        ("Öztürk", {"Ozturk", "Oeztuerk"}),
        ("O'Brien", {"OBrien", "O Brien"}),
        ("de Silva", {"DeSilva"}),
        ("Al-Hassan", {"Al Hassan", "Alhassan", "El-Hassan", "Al-Hasan"}),
        ("McDonald", {"MacDonald"}),
        ("Kowalski", {"Kowalska"}),
        ("Smith-Jones", {"Smith Jones"}),
        ("Webster", set()),
    ],
)
def test_other_spellings_are_those_in_use(name: str, others: set[str]) -> None:
    found = spelling.other_spellings(name)
    assert others <= set(found)
    assert bool(found) == bool(others)


def test_no_name_is_another_spelling_of_itself_and_parts_are_of_the_name() -> None:
    for word in names.WORDS:
        found = spelling.other_spellings(word)
        assert word not in found
        assert len(set(found)) == len(found)
        assert all(part in word and part != word for part in spelling.name_parts(word))


def test_namesakes_with_one_birth_date_are_as_rare_as_in_life(areas: AreasConfig) -> None:
    """Of 100,000 people few share both names and the day of birth."""
    world = build_world(areas, rng=np.random.default_rng(1))
    many = build(world, 100_000, start=date(2023, 1, 2), end=END, rng=np.random.default_rng(2))
    shared = pd.DataFrame({"f": many.first, "l": many.last, "b": many.birth}).duplicated()
    assert shared.sum() < 12
    counts = pd.Series(many.last[many.group == GROUPS.index("White")]).value_counts(normalize=True)
    assert 0.007 < counts.iloc[0] < 0.015  # Smith
    assert len(counts) > 4_000


def test_postcodes_are_invented_and_shared_by_neighbours(people: Register) -> None:
    rows = written(people, "police", 1).dropna()
    assert rows.postcode.str.fullmatch(r"Q[A-Z][0-9]{1,2} [0-9][A-Z]{2}").all()
    assert rows.postcode.nunique() < 0.98 * len(rows)


@pytest.mark.parametrize("word", ["Amelia", "O'Brien", "Smith-Jones", "Łukasz", "Li", "Kim"])
def test_typos_keep_the_first_letter_and_change_little(word: str) -> None:
    for slip in range(spelling.TYPOS):
        typo = spelling._typo(word, slip)
        assert typo[0] == word[0]
        assert abs(len(typo) - len(word)) <= 1
    assert len(word) < 4 or any(spelling._typo(word, n) != word for n in range(spelling.TYPOS))


def test_day_and_month_swap_only_where_that_is_a_date() -> None:
    days = [date(2010, 3, 4), date(2010, 12, 1), date(2010, 3, 25), date(2011, 2, 12)]
    swapped = _swapped(np.array([day_number(day) for day in days]))
    assert [columns.as_date(day) for day in swapped] == [
        date(2010, 4, 3),
        date(2010, 1, 12),
        date(2010, 3, 25),
        date(2011, 12, 2),
    ]


def test_moving_moves_the_home_on_the_day(people: Register) -> None:
    movers = np.flatnonzero(people.move_at < NEVER)
    day = people.move_at[movers]
    before, after = people.home(movers, day - 1), people.home(movers, day)
    assert np.array_equal(before["x"], people.x[movers])
    assert np.array_equal(after["x"], people.x2[movers])


def test_a_small_partnership_knows_the_young_and_a_large_one_no_more_than_there_are() -> None:
    assert age_mix(20_000) == pytest.approx([0.10, 0.45, 0.30, 0.15])
    known = 1_100_000 * age_mix(1_100_000)
    assert known.sum() == pytest.approx(1_100_000)
    assert known[1] == pytest.approx(0.9 * 357_169, rel=0.001)
    assert (known <= 0.901 * np.array([180_000, 357_169, 390_000, 850_000])).all()


def test_texts_of_columns() -> None:
    assert columns.days([0, 20_000, -30_000], "%d/%m/%Y").to_pylist() == [
        "01/01/1970",
        "04/10/2024",
        None,
    ]
    minute = 20_000 * 1_440 + 61
    assert columns.moments([minute], "%Y-%m-%d").to_pylist() == ["2024-10-04 01:01"]
    assert columns.moments([minute], "%Y-%m-%d", seconds=[5]).to_pylist() == ["2024-10-04 01:01:05"]
    assert columns.numbered("A", [7], 4).to_pylist() == ["A0007"]
    assert columns.whole([450_123.0, 1.0], known=[True, False]).to_pylist() == ["450123", None]
    assert columns.words(["a", "b"], [1, -1]).to_pylist() == ["b", None]
