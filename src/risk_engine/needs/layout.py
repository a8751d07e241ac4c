"""Which rows each table has, in which order, and what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from risk_engine.config import AreasConfig, OffenceDefinition
from risk_engine.needs.cells import ALL, FORCE, NOWHERE, Key, Shown
from risk_engine.needs.counting import Counted
from risk_engine.needs.tables import Row, counts_table
from risk_engine.needs.window import Window
from risk_engine.needs.years import AGES, HOURS, WEEKDAYS

_PLACES = {
    "public": "Public place",
    "licensed": "Licensed premises",
    "dwelling": "Dwelling",
    "other": "Elsewhere or not recorded",
}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_UNTIMED = "No time of day held"
OFFENCES, KNIFE = "Offences", "Knife-enabled offences"
YOUNG = "Offences with a victim under 25"
BOTH = "Knife-enabled, a victim under 25, not recorded as domestic"
VICTIMS, YOUNG_VICTIMS = "Victims", "Victims under 25"
UNPLACED = "Not placed in a local area"


def quarters(months: Sequence[date]) -> list[Sequence[date]]:
    """Return twelve months as four groups of three."""
    return [months[start : start + 3] for start in range(0, len(months), 3)]


@dataclass(frozen=True)
class Layout:
    """The rows of all tables but that of months."""

    areas: AreasConfig
    definition: OffenceDefinition
    window: Window
    counted: Counted
    months: Sequence[date]

    def offences(self) -> dict[str, list[Row]]:
        """Return the rows of the tables of offences, sheet by sheet."""
        held = self.counted
        return {
            "headline": [Row((ALL, ALL, FORCE), OFFENCES), *self._measures(FORCE)],
            "categories": self._split("category", self._categories()),
            "areas": [
                Row((ALL, ALL, code), name, name, residents=residents)
                for code, name, residents in self._places()
            ],
            "area_measures": [row for code in self._codes() for row in self._measures(code)],
            "area_categories": self._by_area("category", self._categories()),
            "area_quarters": self._by_area("quarter", self._quarters()),
            "places": self._split("place", _PLACES) if held.held_places else [],
            "area_places": self._by_area("place", _PLACES) if held.held_places else [],
            "weekdays": self._split("weekday", self._weekdays()) if held.held_times else [],
            "hours": self._split("band", self._hours()) if held.held_times else [],
        }

    def victims(self) -> dict[str, list[Row]]:
        """Return the rows of the tables of victims; none where no age is held."""
        if not self.counted.held_ages:
            return {"victims": [], "ages": []}
        whole = (ALL, ALL, FORCE)
        return {
            "victims": [Row(whole, VICTIMS), Row(("young", True, FORCE), YOUNG_VICTIMS)],
            "ages": [Row(("age", age, FORCE), age) for age in AGES],
        }

    def health(self) -> list[Row]:
        """Return the rows of one kind of event of a health source: all, then by quarter."""
        items = self._every_quarter()
        people = [place[2] for place in self._places()[:-1]]
        everybody = None if None in people else sum(n for n in people if n)
        force = self.areas.force_area.name
        rows = [Row((ALL, ALL, FORCE), "All quarters given", force, residents=everybody)]
        rows += [Row(("quarter", n, FORCE), title, force) for n, title in items.items()]
        for code, name, residents in self._places():
            whole = (ALL, ALL, code)
            rows.append(Row(whole, "All quarters given", name, residents=residents))
            rows += [Row(("quarter", n, code), title, name, whole) for n, title in items.items()]
        return rows

    def _measures(self, area: str) -> list[Row]:
        """Return knife-enabled and under-25 offences, as far as they are held."""
        held, name, whole = self.counted, self._name(area), (ALL, ALL, area)
        rows = []
        if held.held_weapons:
            rows.append(Row(("knife", True, area), KNIFE, name, whole))
        if held.held_ages:
            rows.append(Row(("young", True, area), YOUNG, name, whole))
        if area == FORCE and held.held_weapons and held.held_ages:
            rows.append(Row(("both", True, area), BOTH, name, whole))
        return rows

    def _split(self, dimension: str, items: dict[int, str] | dict[str, str]) -> list[Row]:
        return [Row((dimension, item, FORCE), title) for item, title in items.items()]

    def _by_area(self, dimension: str, items: dict[int, str] | dict[str, str]) -> list[Row]:
        return [
            Row((dimension, item, code), title, self._name(code), (ALL, ALL, code))
            for code in self._codes()
            for item, title in items.items()
        ]

    def _categories(self) -> dict[int, str]:
        titles = [*(c.title for c in self.definition.categories), self.definition.other]
        return dict(enumerate(titles))

    def _every_quarter(self) -> dict[int, str]:
        groups = quarters(self.window.this)
        return {n: f"{g[0]:%b} to {g[-1]:%b}" for n, g in enumerate(groups)}

    def _quarters(self) -> dict[int, str]:
        """Name the quarters of which any month is counted, and say where one lacks a month."""
        groups = dict(enumerate(quarters(self.window.this)))
        held = {n: len({*group} & {*self.months}) for n, group in groups.items()}
        return {
            n: title
            if held[n] == len(groups[n])
            else f"{title}, {held[n]} of {len(groups[n])} months"
            for n, title in self._every_quarter().items()
            if held[n]
        }

    def _weekdays(self) -> dict[int, str]:
        return {day: _DAYS[day] if day >= 0 else _UNTIMED for day in WEEKDAYS}

    def _hours(self) -> dict[int, str]:
        return {
            band: f"{3 * band:02d}:00 to {3 * band + 2:02d}:59" if band >= 0 else _UNTIMED
            for band in HOURS
        }

    def _codes(self) -> list[str]:
        return [*self.areas.codes, NOWHERE]

    def _name(self, code: str) -> str:
        if code == FORCE:
            return ""
        return UNPLACED if code == NOWHERE else self.areas.name_of(code)

    def _places(self) -> list[tuple[str, str, int | None]]:
        found = [(area.code, area.name, area.population) for area in self.areas.local_areas]
        return [*found, (NOWHERE, UNPLACED, None)]


def month_table(
    window: Window, this: Shown, before: Shown, counted: Sequence[date], earlier: Sequence[date]
) -> pd.DataFrame:
    """Build the table of months: a count of either year where that month was counted.

    Returns
    -------
    pandas.DataFrame
        By `counts_table`, with ``month`` and ``month_before``; a month that was not counted has
        neither a count nor a text.
    """
    pairs = list(zip(window.this, window.before, strict=True))
    rows = [Row(("month", now, FORCE), f"{now:%B}") for now, _ in pairs]
    now_shown = _months_of(this, [(now, now) for now in counted])
    then_shown = _months_of(before, [(now, then) for now, then in pairs if then in earlier])
    table = counts_table(rows, now_shown, then_shown)
    return table.assign(month=list(window.this), month_before=list(window.before))


def _months_of(shown: Shown, pairs: Sequence[tuple[date, date]]) -> Shown:
    """Return the months of a year under the names of the months they stand beside."""
    counts: dict[Key, int | None] = {}
    texts: dict[Key, str] = {}
    for name, month in pairs:
        counts["month", name, FORCE] = shown.count("month", month)
        texts["month", name, FORCE] = shown.text("month", month)
    return Shown(counts, texts)
