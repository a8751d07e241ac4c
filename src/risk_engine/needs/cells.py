"""Every count of one year as a cell, with the sums a reader can do, and what may be shown of it.

The tables of an assessment share cells: the offences of an area are the total of its categories, of
its quarters, of its kinds of place and of those with and without a knife. They are protected
together, in `disclosure.protect_sums`, so that no two tables give back what each hides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from risk_engine.disclosure import HIDDEN, Sum, protect_sums

#: Dimension, item of it, area.
Key = tuple[str, object, str]

#: The area of everything together, and that of offences without a place in a local area.
FORCE, NOWHERE = "force", "nowhere"
ALL = "all"


@dataclass(frozen=True)
class Shown:
    """What may be shown: a count and its text by key; a hidden count is None."""

    counts: Mapping[Key, int | None]
    texts: Mapping[Key, str]

    def count(self, dimension: str, item: object = ALL, area: str = FORCE) -> int | None:
        """Return a count; None where it is hidden or was never counted."""
        return self.counts.get((dimension, item, area))

    def text(self, dimension: str, item: object = ALL, area: str = FORCE) -> str:
        """Return a count as it is printed; empty where it was never counted."""
        return self.texts.get((dimension, item, area), "")


@dataclass
class Cells:
    """Cells and sums of one year while they are collected."""

    counts: list[int] = field(default_factory=list)
    printed: list[bool] = field(default_factory=list)
    weight: list[int] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)
    keys: dict[Key, int] = field(default_factory=dict)

    def add(self, key: Key, count: float, *, weight: int = 0, printed: bool = True) -> int:
        """Add a cell (a whole number, of whatever type) and return its position."""
        self.counts.append(int(count))
        self.weight.append(weight)
        self.printed.append(printed)
        self.keys[key] = len(self.counts) - 1
        return self.keys[key]

    def tie(self, total: int, parts: Iterable[int]) -> None:
        """State that the cells at `parts` add up to the cell at `total`."""
        self.sums.append(Sum(total, tuple(parts)))

    def rest(self, total: int, parts: Sequence[int]) -> None:
        """State that `parts` belong to `total`, and what is left is in no table."""
        left = self.counts[total] - sum(self.counts[part] for part in parts)
        key = ("rest", (total, *parts), FORCE)
        self.tie(total, [*parts, self.add(key, left, printed=False)])

    def totals(self, offences: pd.DataFrame, areas: Sequence[str]) -> None:
        """Add the offences of every area and of all together; areas are the parts."""
        by_area = offences.groupby("area")["n"].sum()
        parts = [
            self.add((ALL, ALL, area), by_area.get(area, 0), weight=2) for area in (*areas, NOWHERE)
        ]
        self.tie(self.add((ALL, ALL, FORCE), by_area.sum(), weight=3), parts)

    def split(
        self,
        dimension: str,
        items: Sequence[object],
        offences: pd.DataFrame,
        *,
        areas: Sequence[str] = (),
        unprinted: frozenset[object] = frozenset(),
    ) -> None:
        """Split the total, and that of every area named, by a column of the same name.

        Parameters
        ----------
        items
            All values of the column that can occur: their counts add up to the total.
        areas
            Areas that are split too; `NOWHERE` has to be among them if any is.
        unprinted
            Items that no table shows.
        """
        everywhere = offences.groupby(dimension)["n"].sum()
        inside = offences.groupby([dimension, "area"])["n"].sum()
        for item in items:
            shown = item not in unprinted
            total = self.add(
                (dimension, item, FORCE), everywhere.get(item, 0), weight=1, printed=shown
            )
            parts = [
                self.add((dimension, item, area), inside.get((item, area), 0), printed=shown)
                for area in areas
            ]
            if parts:
                self.tie(total, parts)
        for area in (FORCE, *areas):
            self.tie(self.keys[ALL, ALL, area], [self.keys[dimension, i, area] for i in items])

    def protect(self, threshold: int) -> Shown:
        """Hide what must be hidden."""
        small, hidden = protect_sums(
            self.counts, self.sums, threshold=threshold, printed=self.printed, weight=self.weight
        )
        counts: dict[Key, int | None] = {}
        texts: dict[Key, str] = {}
        for key, at in self.keys.items():
            if not self.printed[at]:
                continue
            counts[key] = None if hidden[at] else self.counts[at]
            word = f"fewer than {threshold}" if small[at] else HIDDEN
            texts[key] = word if hidden[at] else f"{self.counts[at]:,}"
        return Shown(counts, texts)
