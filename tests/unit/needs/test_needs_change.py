"""Up and down are said only where the interval allows it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from risk_engine.needs.change import compare, rate_interval


def one(count, before, **more):
    frame = compare(pd.Series([count], dtype="Int64"), pd.Series([before], dtype="Int64"), **more)
    return frame.iloc[0].to_dict()


@pytest.mark.parametrize(
    ("count", "before", "verdict"),
    [
        (5049, 4628, "up"),  # the published figures: +9.1 %
        (1348, 1309, "cannot tell"),  # the published +3 %
        (60, 100, "down"),
        (17, 17, "cannot tell"),
        (0, 10, "down"),
        (0, 1, "cannot tell"),
        (6, 0, "up"),
        (0, 0, "not given"),
        (None, 10, "not given"),
        (10, None, "not given"),
    ],
)
def test_verdicts(count, before, verdict):
    assert one(count, before)["verdict"] == verdict


def test_from_zero_no_relative_change_is_given():
    row = one(6, 0)
    assert np.isnan([row["change"], row["change_low"], row["change_high"]]).all()


def test_late_reports_may_explain_a_fall_but_never_a_rise():
    assert one(800, 900)["verdict"] == "down"
    assert one(800, 900, seen=0.95)["verdict"] == "cannot tell"
    assert one(900, 800, seen=0.95)["verdict"] == "up"


def test_the_interval_is_that_of_the_binomial_test():
    row = one(30, 50)
    for end in ("change_low", "change_high"):
        share = (1 + row[end]) / (2 + row[end])
        tail = (stats.binom.sf(29, 80, share), stats.binom.cdf(30, 80, share))
        assert min(tail) == pytest.approx(0.025)


def test_rates_have_the_exact_poisson_interval():
    made = rate_interval(pd.Series([0, 10, None], dtype="Int64"), pd.Series([1000, 1000, 1000]))
    assert made["rate"].tolist()[:2] == [0, 10]
    assert made["rate_low"].tolist()[:2] == [0, pytest.approx(4.795, abs=1e-3)]
    assert made["rate_high"].tolist()[:2] == pytest.approx([3.689, 18.390], abs=1e-3)
    assert made.iloc[2].isna().all()


def test_there_is_no_rate_of_nobody():
    made = rate_interval(pd.Series([3, 3]), pd.Series([0, None], dtype="Int64"))
    assert made.isna().to_numpy().all()
