"""Summing up: what blocks, what is adjudicated, and that nothing is never a pass."""

from __future__ import annotations

import pandas as pd
import pytest

from risk_engine.audit import RESULT_COLUMNS, overall


def result(verdict="pass", *, group="Asian", metric="rri", deciding=True, at_risk=10.0):
    return {
        **dict.fromkeys(RESULT_COLUMNS),
        "subject": "people",
        "attribute": "ethnicity",
        "metric": metric,
        "group": group,
        "verdict": verdict,
        "deciding": deciding,
        "at_risk": at_risk,
    }


def summed(*rows):
    return overall(pd.DataFrame(list(rows), columns=list(RESULT_COLUMNS)))


def test_empty_results_cannot_be_told():
    answer = summed()
    assert answer.verdict == "cannot tell"
    assert (answer.fail, answer.passed, answer.cannot_tell) == (0, 0, 1)
    assert answer.to_adjudicate == ["nothing could be compared"]


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        (["pass", "pass"], "pass"),
        (["pass", "cannot tell"], "cannot tell"),
        (["pass", "cannot tell", "fail"], "fail"),
        (["pass", "unheard of"], "cannot tell"),
        (["pass", None], "cannot tell"),
    ],
)
def test_the_worst_verdict_stands(verdicts, worst):
    rows = [result(v, group=f"G{i}") for i, v in enumerate(verdicts)]
    assert summed(*rows).verdict == worst


def test_only_deciding_failures_block_and_the_others_are_adjudicated():
    answer = summed(
        result("fail", group="Black"),
        result("fail", group="Asian", metric="rri_residents", deciding=False),
        result("cannot tell", group="Mixed"),
        result("cannot tell", group="Unknown", deciding=False),
        result("pass", group="Other"),
    )
    assert answer.blocking == ["people/ethnicity/rri/Black"]
    assert answer.to_adjudicate == [
        "people/ethnicity/rri/Mixed",
        "people/ethnicity/rri_residents/Asian",
    ]
    assert (answer.fail, answer.passed, answer.cannot_tell) == (1, 1, 1)


def test_results_that_decide_nothing_are_no_pass():
    assert summed(result("pass", deciding=False)).verdict == "cannot tell"


def test_all_nine_characteristics_are_accounted_for():
    answer = summed(result(), {**result(group="Unknown"), "attribute": "sex"})
    assert len(answer.held) == 9
    assert answer.held["ethnicity"] == "held"
    assert answer.held["sex"] == "not held"
    more = pd.DataFrame({"characteristic": ["disability"]})
    frame = pd.DataFrame([result()])
    assert overall(frame, protected=more).held["disability"] == "held"
