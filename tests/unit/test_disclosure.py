"""Small-number protection, case by case."""

from __future__ import annotations

import pandas as pd
import pytest

from risk_engine.disclosure import protect_counts
from risk_engine.errors import InputError


def protect(counts, **more):
    frame = pd.DataFrame({"n": counts})
    settings = {"count_columns": ["n"], "threshold": 6, **more}
    return protect_counts(frame, **settings)


def text(counts, **more):
    return protect(counts, **more)[0]["n_text"].tolist()


SMALL = "fewer than 6"


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ([10, 20], ["10", "20"]),
        ([0, 1200], ["0", "1,200"]),  # a true zero is shown
        ([3, 10, 20], [SMALL, "hidden", "20"]),  # the smallest other cell hides the one
        ([3, 4, 20], [SMALL, SMALL, "20"]),  # two hidden cells hide each other
        ([1, 1, 20, 9], [SMALL, SMALL, "20", "hidden"]),  # their sum of 2 would tell both
        ([5, 5, 20, 9], [SMALL, SMALL, "20", "hidden"]),  # their sum of 10 would tell both
        ([3, 0, 0], ["hidden", "hidden", "hidden"]),  # only zeros to hide behind
        ([3], ["hidden"]),
        ([1, 6, 30], [SMALL, "hidden", "hidden"]),  # 7 in two cells could only be 1 and 6
        ([5, 6], [SMALL, "hidden"]),
        ([], []),
    ],
)
def test_which_cells_are_hidden(counts, shown):
    assert text(counts) == shown


def test_a_missing_count_stays_missing_and_is_not_zero():
    frame, log = protect([None, 3, 4, 50])
    assert frame["n"].isna().tolist() == [True, True, True, False]
    assert frame["n_text"].tolist() == ["", SMALL, SMALL, "50"]
    assert log["row"].tolist() == [1, 2]


def test_what_is_computed_from_a_hidden_cell_goes_with_it():
    frame = pd.DataFrame(
        {
            "n": [3, 8, 90],
            "at_risk": [200, 200, 900],
            "rate": [0.015, 0.04, 0.1],
            "why": ["a", "b", "c"],
        }
    )
    out, log = protect_counts(
        frame, count_columns=["n"], derived={"n": ["rate", "why"]}, threshold=6
    )
    assert out["rate"].isna().tolist() == [True, True, False]
    assert out["why"].isna().tolist() == [True, True, False]
    assert out["at_risk"].tolist() == [200, 200, 900]
    assert log.to_dict("records") == [
        {"column": "n", "row": 0, "rule": SMALL},
        {"column": "n", "row": 1, "rule": "secondary"},
        {"column": "rate", "row": 0, "rule": "computed from n"},
        {"column": "rate", "row": 1, "rule": "computed from n"},
        {"column": "why", "row": 0, "rule": "computed from n"},
        {"column": "why", "row": 1, "rule": "computed from n"},
    ]


def test_rates_on_few_people_are_hidden():
    frame = pd.DataFrame({"n": [50, 60, 70], "all": [99, 100, None], "rate": [0.5, 0.6, 0.7]})
    out, log = protect_counts(
        frame,
        count_columns=["n"],
        rates={"rate": "all"},
        threshold=6,
        rate_denominator=100,
    )
    assert out["rate"].isna().tolist() == [True, False, True]
    assert set(log["rule"]) == {"rate on fewer than 100"}


def test_each_known_total_is_protected_apart():
    frame = pd.DataFrame({"area": ["A", "A", "B", "B"], "n": [3, 30, 4, 40]})
    whole, _ = protect_counts(frame, count_columns=["n"], threshold=6)
    assert whole["n"].isna().tolist() == [True, False, True, False]
    by_area, _ = protect_counts(frame, count_columns=["n"], totals=[["area"]], threshold=6)
    assert by_area["n"].isna().all()


def test_the_frame_handed_in_is_not_changed():
    frame = pd.DataFrame({"n": [3, 30], "rate": [0.1, 0.2]})
    before = frame.copy()
    protect_counts(frame, count_columns=["n"], derived={"n": ["rate"]}, threshold=6)
    pd.testing.assert_frame_equal(frame, before)


def test_the_log_holds_no_value_and_the_index_survives():
    frame = pd.DataFrame({"n": [3, 40, 50]}, index=["x", "y", "z"])
    out, log = protect_counts(frame, count_columns=["n"], threshold=6)
    assert out.index.tolist() == ["x", "y", "z"]
    assert list(log.columns) == ["column", "row", "rule"]


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(InputError, match="did you mean 'n_people'"):
        protect_counts(pd.DataFrame({"n_people": [1]}), count_columns=["n_peple"], threshold=6)


@pytest.mark.parametrize("wrong", [[-1, 9], [1.5, 9], [float("inf"), 9]])
def test_what_is_not_a_count_is_refused(wrong):
    with pytest.raises(InputError, match="whole numbers"):
        protect(wrong)
