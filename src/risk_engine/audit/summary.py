"""Results of several lists as one table, and as the sentences a briefing has room for."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from risk_engine.audit.schema import CANNOT_TELL, FAIL, PASS, RESULT_COLUMNS


def join(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the results of people and places as one table; no table gives one without rows."""
    filled = [table for table in tables if len(table)]
    if not filled:
        return pd.DataFrame({column: pd.Series(dtype="object") for column in RESULT_COLUMNS})
    return pd.concat(filled, ignore_index=True)[list(RESULT_COLUMNS)]


def sentences(results: pd.DataFrame) -> list[str]:
    """Say the deciding verdicts for a briefing: every failure in words, the others counted."""
    deciding = results[results["deciding"].astype(bool)]
    if deciding.empty:
        return ["Nothing could be compared."]
    count = deciding["verdict"].value_counts()
    lines = [
        (
            f"Passed {count.get(PASS, 0)}, cannot tell {count.get(CANNOT_TELL, 0)}, "
            f"failed {count.get(FAIL, 0)}."
        )
    ]
    return lines + deciding.loc[deciding["verdict"] == FAIL, "why"].tolist()
