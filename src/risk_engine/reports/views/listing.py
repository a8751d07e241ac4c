"""The list of places as a table: the same for the force area, a local area and a briefing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import geopandas as gpd

from risk_engine.reports import formats as f
from risk_engine.reports.table import Cell, Column, Lines, Row, Table, Tag, table

_COLUMNS = (
    Column("No.", number=True),
    Column("Place", keep=True),
    Column("Expected (range)", number=True),
    Column("Usual when", keep=True),
    Column("Since", keep=True),
    Column("Change", keep=True),
    Column("Why it is listed", wide=True),
)


def ordered(places: gpd.GeoDataFrame, rank: str) -> gpd.GeoDataFrame:
    """Return the rows that have a `rank`, best first."""
    return places.loc[places[rank].notna()].sort_values([rank, "hotspot_id"], ignore_index=True)


def place_table(
    places: gpd.GeoDataFrame,
    numbers: Sequence[int],
    *,
    caption: str,
    as_of: datetime,
    names: Mapping[str, str] | None = None,
) -> Table:
    """Build the table of the rows of `places`, in their order.

    Parameters
    ----------
    numbers
        The number of each row, as on the map beside the table.
    as_of
        The first instant not known; `since` is written relative to it.
    names
        Area code -> name, where the list crosses areas; inside one area its name says nothing.
    """
    national = places.crs is not None and places.crs.to_epsg() == 27700
    rows = [
        _row(row, number, names=names, as_of=as_of, national=national)
        for row, number in zip(places.to_dict("records"), numbers, strict=True)
    ]
    return table(caption, _COLUMNS, rows, empty="No place is listed here.")


def _row(
    row: Row,
    number: int,
    *,
    names: Mapping[str, str] | None,
    as_of: datetime,
    national: bool,
) -> list[Cell]:
    rank = f.rank_interval(row["rank"], row["rank_low"], row["rank_high"])
    where = (names.get(row["area_code"], "outside the local areas"),) if names else ()
    return [
        str(number),
        Lines((*where, _spot(row, national=national), f"rank {rank} overall")),
        f.interval(row["expected"], row["expected_low"], row["expected_high"]),
        row["usual_when"] or f.NONE,
        f.since(row["since"], as_of),
        str(row["change"]),
        Lines(tuple(_why(row))),
    ]


def _spot(row: Row, *, national: bool) -> str:
    if national:
        return f.grid_reference(row["easting"], row["northing"])
    return f"{row['easting']:.0f} E, {row['northing']:.0f} N"


def _why(row: Row) -> list[str | Tag]:
    """Say the excess over expectation first, then the reasons; a place is never without a line."""
    lines: list[str | Tag] = []
    if row["category"] == "above expected":
        lines.append(Tag("Above expected", "warn"))
        lines.append(
            f"{f.count(row['recent'])} recently, where {f.number(row['recent_expected'])} "
            f"were expected{_recurrence(row.get('recurrence'))}"
        )
    lines += [str(reason) for reason in row["reasons"]]
    return lines or ["No reason was recorded."]


def _recurrence(text: Any) -> str:
    return "" if f.missing(text) or not text else f"; would happen by chance {text}"
