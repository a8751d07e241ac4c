from dataclasses import dataclass

import numpy as np
import pytest

from risk_engine.cohorts.reasons import explain, importance


@dataclass(frozen=True)
class Line:
    column: str
    direction: str = "none"
    measure: str = "count"
    label: str = "in words"


LINES = [Line("p.a_1y"), Line("p.a_3y"), Line("p.b_1y"), Line("p.c_1y")]


def said(contributions, values, features=LINES, most=3, sign=1):
    return explain(
        np.array([contributions], float),
        np.array([values], float),
        features=features,
        phrase=lambda column, value: f"{column}={value:g}",
        most=most,
        sign=sign,
    )[0]


def test_largest_first_and_no_more_than_asked():
    assert said([0.1, 0, 0.5, 0.3], [1, 1, 2, 3]) == ["p.b_1y=2", "p.c_1y=3", "p.a_1y=1"]
    assert said([0.1, 0, 0.5, 0.3], [1, 1, 2, 3], most=1) == ["p.b_1y=2"]


def test_what_lowers_is_told_with_the_other_sign():
    assert said([0.1, 0, -0.5, -0.3], [1, 1, 2, 3], sign=-1) == ["p.b_1y=2", "p.c_1y=3"]


def test_one_line_of_thought_is_told_once_by_its_strongest_window():
    assert said([0.4, 0.5, 0.1, 0], [1, 2, 3, 4]) == ["p.a_3y=2", "p.b_1y=3"]


def test_windows_that_cancel_each_other_are_not_told():
    assert said([0.8, -0.8, 0.1, 0], [1, 2, 3, 4]) == ["p.b_1y=3"]
    assert said([0.8, -0.8, 0.1, 0], [1, 2, 3, 4], sign=-1) == []


def test_small_and_missing_contributions_are_not_told():
    assert said([0.049, -0.5, 0.9, 0.06], [1, 1, np.nan, 0]) == ["p.c_1y=0"]
    assert said([0, 0, 0, 0], [np.nan] * 4) == []


@pytest.mark.parametrize(
    ("direction", "value", "sign", "told"),
    [
        ("increasing", 3, 1, True),
        ("increasing", 3, -1, False),  # harm suffered is never a protective fact
        ("increasing", 0, 1, False),
        ("increasing", 0, -1, True),
        ("decreasing", 3, 1, False),
        ("decreasing", 3, -1, True),
        ("decreasing", 0, 1, True),
        ("none", 3, -1, True),
        ("none", 0, 1, True),
    ],
)
def test_nothing_contradicts_the_catalogue(direction, value, sign, told):
    line = [Line("p.a_1y", direction)]
    assert said([sign * 0.5], [value], features=line, sign=sign) == (
        [f"p.a_1y={value}"] if told else []
    )


def test_time_since_an_event_is_told_either_way():
    line = [Line("p.a_3y", "decreasing", "days_since_last")]
    assert said([0.5], [12], features=line) == ["p.a_3y=12"]
    assert said([-0.5], [900], features=line, sign=-1) == ["p.a_3y=900"]


def test_importance_shares_and_order(features):
    contributions = np.array([[1.0, -3, 0, 0, 0, 0, 9], [-1.0, 3, 0, 0, 0, 0, 9]])
    table = importance(contributions, features)
    assert table["feature"].iloc[0] == features[1].column
    assert table["share"].iloc[:2].tolist() == [0.75, 0.25]
    assert table["label"].iloc[0] == features[1].label
    assert importance(contributions * 0, features)["share"].sum() == pytest.approx(0)
