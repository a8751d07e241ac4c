"""An attacker who knows every total tries to work out the hidden cells."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from risk_engine.disclosure import protect_counts

THRESHOLD = 6
counts = st.lists(st.integers(0, 14), min_size=2, max_size=6)


def worlds(total: int, texts: list[str]) -> set[tuple[int, ...]]:
    """Every way to fill the hidden cells that fits what is printed."""
    limits = [range(1, THRESHOLD) if text != "hidden" else range(total + 1) for text in texts]
    return {world for world in itertools.product(*limits) if sum(world) == total}


@settings(max_examples=30, deadline=None)
@given(counts)
def test_no_hidden_cell_has_one_possible_value(values):
    assume(sum(values) >= THRESHOLD)  # a smaller total is itself hidden by whoever prints it
    frame, _ = protect_counts(pd.DataFrame({"n": values}), count_columns=["n"], threshold=THRESHOLD)
    hidden = frame["n"].isna()
    total = sum(values) - int(frame["n"].sum())
    possible = worlds(total, frame.loc[hidden, "n_text"].tolist())
    for cell in zip(*possible, strict=True):
        assert len(set(cell)) > 1


@settings(max_examples=30, deadline=None)
@given(counts)
def test_small_counts_are_hidden_and_what_is_shown_is_true(values):
    frame, log = protect_counts(
        pd.DataFrame({"n": values}), count_columns=["n"], threshold=THRESHOLD
    )
    for value, shown in zip(values, frame["n"], strict=True):
        assert pd.isna(shown) if 0 < value < THRESHOLD else pd.isna(shown) or shown == value
    assert sorted(log["row"]) == np.flatnonzero(frame["n"].isna()).tolist()


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 5), st.integers(2, 5), st.integers(0, 2**32 - 1))
def test_rows_and_columns_of_a_table_do_not_give_a_cell_away_by_subtraction(rows, columns, seed):
    drawn = np.random.default_rng(seed).integers(0, 40, size=(rows, columns))
    assume((drawn.sum(axis=0) >= THRESHOLD).all() and (drawn.sum(axis=1) >= THRESHOLD).all())
    table = pd.DataFrame(
        {
            "area": np.repeat(np.arange(rows), columns),
            "group": np.tile(np.arange(columns), rows),
            "n": drawn.ravel(),
        }
    )
    out, _ = protect_counts(
        table, count_columns=["n"], totals=[["area"], ["group"]], threshold=THRESHOLD
    )
    hidden = out["n"].isna().to_numpy().reshape(rows, columns)
    for axis in (0, 1):
        assert not (hidden.sum(axis=axis) == 1).any()


@settings(max_examples=30, deadline=None)
@given(counts)
def test_derived_columns_do_not_give_the_count_back(values):
    at_risk = [v + 300 for v in values]
    frame = pd.DataFrame({"n": values, "at_risk": at_risk})
    frame["rate"] = frame["n"] / frame["at_risk"]
    out, _ = protect_counts(
        frame, count_columns=["n"], derived={"n": ["rate"]}, threshold=THRESHOLD
    )
    back = (out["rate"] * out["at_risk"]).round()
    assert back[out["n"].isna()].isna().all()
