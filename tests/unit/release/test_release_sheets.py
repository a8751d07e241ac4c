"""What the workbooks hold, before they are written."""

from __future__ import annotations

import pandas as pd
import pytest

from risk_engine.audit import RESULT_COLUMNS
from risk_engine.release.sheets import audit_sheet


@pytest.fixture
def results():
    """One comparison of a list, and one of linkage, which is in points and not a ratio."""
    row = dict.fromkeys(RESULT_COLUMNS) | {
        "subject": "people", "attribute": "ethnicity", "group": "Black", "reference": "White",
        "metric": "rri", "value": 1.5, "low": 1.2, "high": 1.9, "selected": 40.0,
        "at_risk": 400.0, "rate": 0.1, "tolerance": 1.25, "verdict": "cannot tell",
        "deciding": True,
    }  # fmt: skip
    linkage = {"subject": "linkage", "metric": "link_recall", "value": -12.0, "deciding": False}
    return pd.DataFrame([row | linkage, row, row | {"group": "White", "value": 1.0}])


def test_linkage_is_for_the_reviewer_and_leaves_with_no_list(results):
    sheet, log = audit_sheet(results, threshold=10, rate_denominator=100)
    assert sheet.table["List"].tolist() == ["people", "people"]
    assert sheet.table["Ratio"].tolist() == [1.5, 1.0]
    assert log.empty
