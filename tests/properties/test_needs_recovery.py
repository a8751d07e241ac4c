"""An attacker who holds all tables of the needs assessment tries to work out the hidden cells."""

from __future__ import annotations

import itertools
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from risk_engine.disclosure import Sum, protect_sums
from risk_engine.needs import Window
from risk_engine.needs.counting import Counted
from risk_engine.needs.layout import quarters
from risk_engine.needs.years import show_offences

THRESHOLD = 4
YEAR = Window.of_year(2025, "Europe/London")
AREAS = ["N", "S", "W"]


def limits(text, threshold):
    """What a reader takes from a cell's text: the most that the rules let them take."""
    if text == "hidden":
        return (1, None)  # a zero is never hidden
    if text.startswith("fewer"):
        return (1, threshold - 1)
    return (int(text.replace(",", "")),) * 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=4, max_size=4))
def test_by_brute_force_every_small_cell_of_a_small_table_has_two_values(values):
    """Two rows, two columns, all totals; every world that fits is written down."""
    table = np.reshape(values, (2, 2))
    counts = [*values, *table.sum(1), *table.sum(0), table.sum()]
    sums = [Sum(4, (0, 1)), Sum(5, (2, 3)), Sum(6, (0, 2)), Sum(7, (1, 3))]
    sums += [Sum(8, (4, 5)), Sum(8, (6, 7))]
    said, hidden = protect_sums(counts, sums, threshold=THRESHOLD)
    inner = np.array(list(itertools.product(range(16), repeat=4)))
    worlds = np.column_stack(
        [
            inner,
            inner[:, 0] + inner[:, 1],
            inner[:, 2] + inner[:, 3],
            inner[:, 0] + inner[:, 2],
            inner[:, 1] + inner[:, 3],
            inner.sum(1),
        ]
    )
    fits = np.ones(len(worlds), bool)
    for cell, count in enumerate(counts):
        column = worlds[:, cell]
        if not hidden[cell]:
            fits &= column == count
        elif said[cell]:
            fits &= (column > 0) & (column < THRESHOLD)
        else:
            fits &= column > 0
    small = (np.array(counts) > 0) & (np.array(counts) < THRESHOLD)
    for cell in np.flatnonzero(small):
        assert hidden[cell]
        assert len(np.unique(worlds[fits, cell])) > 1


def drawn(seed, offences):
    """Some offences over areas, categories, months and places, with and without knives."""
    rng = np.random.default_rng(seed)
    busy = rng.dirichlet(np.full(4, 0.6))
    frame = pd.DataFrame(
        {
            "month": rng.choice(list(YEAR.this), offences),
            "area_code": rng.choice(np.array([*AREAS, None], dtype=object), offences, p=busy),
            "category": rng.choice(3, offences, p=[0.6, 0.3, 0.1]),
            "knife": rng.random(offences) < 0.3,
            "young": rng.random(offences) < 0.4,
            "domestic": rng.random(offences) < 0.1,
            "place": rng.choice(["public", "licensed", "dwelling", "other"], offences),
            "weekday": rng.integers(0, 7, offences),
            "band": rng.integers(0, 8, offences),
        }
    )
    frame.loc[frame["category"] == 1, "knife"] = True  # possession of a bladed weapon
    frame["n"] = 1
    nothing = pd.DataFrame()
    return Counted(frame, nothing, nothing, nothing, ("police",), (), {}, True, True, True, True)


class Attack:
    """A linear program over what is printed, written anew and not from the room's own sums."""

    def __init__(self, shown, threshold):
        self.names, self.limits, self.rows = {}, [], []
        for key, text in shown.texts.items():
            self.cell(key, limits(text, threshold))

    def cell(self, key, bounds=(0, None)):
        if key not in self.names:
            self.names[key] = len(self.limits)
            self.limits.append(bounds)
        return self.names[key]

    def knows(self, total, parts):
        self.rows.append((self.cell(total), [self.cell(part) for part in parts]))

    def range_of(self, key):
        matrix = np.zeros((len(self.rows), len(self.limits)))
        for row, (total, parts) in enumerate(self.rows):
            matrix[row, total] = -1
            matrix[row, parts] = 1
        aim = np.zeros(len(self.limits))
        aim[self.names[key]] = 1
        ends = []
        for sign in (1, -1):
            found = linprog(sign * aim, A_eq=matrix, b_eq=np.zeros(len(matrix)), bounds=self.limits)
            ends.append(np.inf if found.status == 3 else sign * found.fun)
            assert found.status in (0, 3), found.message
        return ends[0], abs(ends[1])


def attack(shown, threshold):
    """Tie everything that a reader of the document knows to belong together."""
    made, every, whole = Attack(shown, threshold), [*AREAS, "nowhere"], ("all", "all")
    made.knows((*whole, "force"), [(*whole, area) for area in every])
    splits = {
        "category": range(3),
        "quarter": range(4),
        "place": ("public", "licensed", "dwelling", "other"),
        "knife": (True, False),
        "young": (True, False),
    }
    for dimension, items in splits.items():
        for area in ["force", *every]:
            made.knows((*whole, area), [(dimension, item, area) for item in items])
        for item in items:
            made.knows((dimension, item, "force"), [(dimension, item, area) for area in every])
    for dimension, items in {"weekday": range(-1, 7), "band": range(-1, 8)}.items():
        made.knows((*whole, "force"), [(dimension, item, "force") for item in items])
    for number, group in enumerate(quarters(YEAR.this)):
        made.knows(("quarter", number, "force"), [("month", month, "force") for month in group])
    for area in ["force", *every]:
        made.knows(("knife", True, area), [("category", 1, area), ("used", True, area)])
    for dimension in ("knife", "young"):
        made.knows((dimension, True, "force"), [("both", True, "force"), ("rest", dimension, "")])
    return made


def protected(counted, threshold):
    return show_offences(
        counted,
        months=YEAR.this,
        quarters=quarters(YEAR.this),
        areas=AREAS,
        categories=3,
        threshold=threshold,
        patterns=True,
    )


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(5, 400))
def test_no_small_count_can_be_worked_out_from_all_tables_together(seed, offences):
    counted = drawn(seed, offences)
    shown = protected(counted, THRESHOLD)
    made, true = attack(shown, THRESHOLD), protected(counted, 1)  # under 1 nothing is hidden
    for key, text in shown.texts.items():
        if 0 < true.count(*key) < THRESHOLD:
            assert not text[0].isdigit()
            least, most = made.range_of(key)
            assert np.floor(most + 1e-6) - np.ceil(least - 1e-6) >= 1, (key, least, most)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(5, 400))
def test_nor_can_the_small_rest_of_a_printed_count(seed, offences):
    """Offences without a knife are in no table; a few of them must not be a difference of two."""
    counted = drawn(seed, offences)
    shown = protected(counted, THRESHOLD)
    made, frame = attack(shown, THRESHOLD), counted.offences
    for dimension in ("knife", "young"):
        rest = frame[~frame[dimension]]
        by_area = rest["area_code"].fillna("nowhere").value_counts().to_dict()
        for area, count in {**by_area, "force": len(rest)}.items():
            if 0 < count < THRESHOLD:
                least, most = made.range_of((dimension, False, area))
                assert np.floor(most + 1e-6) - np.ceil(least - 1e-6) >= 1


@pytest.mark.parametrize("threshold", [4, 10])
def test_what_is_shown_is_true_and_what_is_small_is_not_shown(threshold):
    counted = drawn(3, 300)
    shown = protected(counted, threshold)
    by_area = counted.offences["area_code"].fillna("nowhere").value_counts()
    for area, count in by_area.items():
        assert shown.count("all", area=area) in (None, count)
    months = counted.offences["month"].value_counts()
    for month in YEAR.this:
        assert shown.count("month", month) in (None, months.get(month, 0))
    assert all(n is None or n == 0 or n >= threshold for n in shown.counts.values())
    assert any(n is None for n in shown.counts.values())
    assert date(2025, 1, 1) in YEAR.this
