"""A table as a page shows it: a caption, headed columns and cells of text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Tag:
    """A short word that stands out; the word itself carries the meaning, never the colour."""

    text: str
    kind: str
    tag: bool = True


@dataclass(frozen=True)
class Lines:
    """Several short texts under each other in one cell; the first is the main one."""

    lines: tuple[str | Tag, ...]


Cell = str | Tag | Lines
#: A row of a data frame as a dictionary: column -> value.
Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Column:
    """A column head; `number` puts figures to the right, `keep` never breaks a line."""

    title: str
    number: bool = False
    wide: bool = False
    keep: bool = False


@dataclass(frozen=True)
class Table:
    """A table whose first column names its row."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = "Nothing to show."


def table(
    caption: str,
    columns: Sequence[str | Column],
    rows: Iterable[Sequence[Cell]],
    *,
    empty: str = "Nothing to show.",
) -> Table:
    """Build a table; a column given as text that begins with ``#`` holds figures.

    Parameters
    ----------
    caption
        What the table shows, as a sentence without a full stop.
    empty
        What the page says where there are no rows.

    Raises
    ------
    ValueError
        If a row has more or fewer cells than there are columns.
    """
    heads = tuple(_column(column) for column in columns)
    body = tuple(tuple(row) for row in rows)
    if any(len(row) != len(heads) for row in body):
        raise ValueError(f"table '{caption}': a row does not have {len(heads)} cells")
    return Table(caption, heads, body, empty)


def _column(column: str | Column) -> Column:
    if isinstance(column, Column):
        return column
    return Column(column.removeprefix("#"), number=column.startswith("#"))
