"""What may be shown -> tables: counts of both years, shares, rates and changes.

Everything is computed from counts that are shown, so that nothing computed can give away one that
is hidden. In every table `count` and `before` are missing where hidden or not held, and
``count_text`` and ``before_text`` say which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from risk_engine.disclosure import HIDDEN
from risk_engine.needs.cells import ALL, FORCE, Key, Shown
from risk_engine.needs.change import compare, rate_interval

_EMPTY = Shown({}, {})
#: No change is given for these: reports of the last of them are still to come.
_PARTS_OF_A_YEAR = ("month", "quarter")
_SECONDARY = "would give a small count away"


@dataclass(frozen=True)
class Row:
    """One row of a table: its cell, its names, and the cell it is a share of.

    Attributes
    ----------
    area
        Name of the local area; empty where the row is of the whole area.
    whole
        Key of the total that the share is of; None: no share.
    residents
        For the rate; None: no rate.
    """

    key: Key
    title: str
    area: str = ""
    whole: Key | None = (ALL, ALL, FORCE)
    residents: int | None = None


def counts_table(
    rows: Sequence[Row], this: Shown, before: Shown | None, *, seen: float = 1.0
) -> pd.DataFrame:
    """Build one table.

    Parameters
    ----------
    before
        Counts of the year before; None where the years cannot be compared.
    seen
        See `change.compare`.

    Returns
    -------
    pandas.DataFrame
        ``dimension, area_code, area, item, title, count, count_text, before, before_text, share,
        rate, rate_low, rate_high, change, change_low, change_high, verdict``. Shares are between 0
        and 1, rates a 1,000 residents over the months counted. Months and quarters have both counts
        and no change, since the last of them is not complete as early as the year is.
    """
    keys = [row.key for row in rows]
    earlier = before or _EMPTY
    frame = pd.DataFrame(
        {
            "dimension": [dimension for dimension, _, _ in keys],
            "area_code": [area for _, _, area in keys],
            "area": [row.area for row in rows],
            "item": [str(item) for _, item, _ in keys],
            "title": [row.title for row in rows],
            "count": _whole([this.count(*key) for key in keys]),
            "count_text": [this.text(*key) for key in keys],
            "before": _whole([earlier.count(*key) for key in keys]),
            "before_text": [earlier.text(*key) for key in keys],
        }
    )
    wholes = _whole([this.count(*row.whole) if row.whole else None for row in rows])
    shares = frame["count"].astype("Float64") / wholes.where(wholes > 0).astype("Float64")
    residents = _whole([row.residents for row in rows])
    yearly = ~frame["dimension"].isin(_PARTS_OF_A_YEAR)
    return frame.assign(
        share=shares.astype("float64"),
        **rate_interval(frame["count"], residents),
        **compare(frame["count"], frame["before"].where(yearly), seen=seen),
    )


def suppressed(frame: pd.DataFrame, sheet: str, columns: Sequence[str]) -> pd.DataFrame:
    """List what a table hides: ``sheet, area, row, column, rule``; no value is in it.

    Parameters
    ----------
    columns
        Titles of the columns of this year and of the year before.
    """
    parts = []
    for name, title in zip(("count", "before"), columns, strict=True):
        hidden = frame[frame[name].isna() & (frame[f"{name}_text"] != "")]
        small = hidden[f"{name}_text"] != HIDDEN
        parts.append(
            pd.DataFrame(
                {
                    "sheet": sheet,
                    "area": hidden["area"],
                    "row": hidden["title"],
                    "column": title,
                    "rule": small.map({True: "small count", False: _SECONDARY}),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _whole(values: Sequence[int | None]) -> pd.Series:
    return pd.Series(values, dtype="Int64")
