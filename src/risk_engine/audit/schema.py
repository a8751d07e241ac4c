"""What the room's tables are made of: columns, names of groups and their order, checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from risk_engine.errors import InputError

#: Columns of a table of results, one row a comparison and group. ``rate`` is selected / at risk;
#: ``value`` the ratio to the reference with its interval ``low`` to ``high``; ``p_value`` tests the
#: ratio against the tolerance and ``p_holm`` is the same after Holm over the groups; ``n`` the
#: entries expected at the reference's rate; ``bound_low`` and ``bound_high`` are what the ratio
#: could be if the people without a recorded group were known. For recall and precision of linkage
#: ``value``, its interval and ``tolerance`` are not ratios but differences in points of 100.
RESULT_COLUMNS: tuple[str, ...] = (
    "subject",
    "attribute",
    "group",
    "reference",
    "metric",
    "value",
    "low",
    "high",
    "p_value",
    "p_holm",
    "n",
    "selected",
    "at_risk",
    "rate",
    "reference_selected",
    "reference_at_risk",
    "reference_rate",
    "bound_low",
    "bound_high",
    "tolerance",
    "harm",
    "verdict",
    "deciding",
    "why",
)

UNKNOWN = "Unknown"
OTHER = "Other"
OTHER_AGES = "Other ages"

FAIL, PASS, CANNOT_TELL, REFERENCE = "fail", "pass", "cannot tell", "reference"


def in_order(groups: Iterable[str]) -> list[str]:
    """Sort groups for a reader: alphabetical, then Other, then Unknown; each once.

    >>> in_order(["White", "Unknown", "Other", "Asian"])
    ['Asian', 'White', 'Other', 'Unknown']
    """
    last = {OTHER: 1, OTHER_AGES: 1, UNKNOWN: 2}
    return sorted(set(groups), key=lambda group: (last.get(group, 0), group))


def require(frame: pd.DataFrame, columns: Sequence[str], *, name: str) -> None:
    """Refuse a table that lacks columns.

    Raises
    ------
    InputError
        With the table's name and the columns that are missing.
    """
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise InputError(
            f"audit: table '{name}' has no column {', '.join(missing)}", code="AUDIT_COLUMNS"
        )


def require_unique(frame: pd.DataFrame, column: str, *, name: str) -> None:
    """Refuse a table that holds a key twice or not at all; the key's value is never shown.

    Raises
    ------
    InputError
        With the number of rows at fault.
    """
    if count := int(frame[column].isna().sum() + frame[column].dropna().duplicated().sum()):
        raise InputError(
            f"audit: table '{name}' has {count} rows with no or a repeated {column}",
            code="AUDIT_KEY",
            hint=f"one row for each {column}",
        )
