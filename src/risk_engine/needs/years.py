"""Counted -> what may be shown of each year: the cells of all tables, tied and protected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from risk_engine.needs.cells import ALL, FORCE, NOWHERE, Cells, Shown
from risk_engine.needs.counting import BANDS, UNKNOWN, YOUNG_BELOW, Counted, band_title

PLACES = ("public", "licensed", "dwelling", "other")
AGES = (*(band_title(low, high) for low, high in BANDS), UNKNOWN)
YOUNG_AGES = tuple(band_title(low, high) for low, high in BANDS if high < YOUNG_BELOW)
#: In the order of their printing; -1: no time of day is held.
WEEKDAYS, HOURS = (*range(7), -1), (*range(8), -1)


def offences_of(counted: Counted, months: Sequence[date], areas: Sequence[str]) -> pd.DataFrame:
    """Return the offences of some months, with the local area or `NOWHERE`."""
    rows = counted.offences[counted.offences["month"].isin(months)]
    inside = rows["area_code"].isin(areas)
    return rows.assign(area=rows["area_code"].where(inside, NOWHERE).astype(object))


def show_offences(
    counted: Counted,
    *,
    months: Sequence[date],
    quarters: Sequence[Sequence[date]],
    areas: Sequence[str],
    categories: int,
    threshold: int,
    patterns: bool,
) -> Shown:
    """Protect the offences of one year.

    Parameters
    ----------
    months
        First days of the months counted.
    quarters
        The twelve months in four groups of three.
    categories
        How many the definition has, the remainder included.
    patterns
        Whether places, days and hours are shown too.
    """
    offences = offences_of(counted, months, areas)
    every = [*areas, NOWHERE]
    number = {month: n for n, group in enumerate(quarters) for month in group}
    offences = offences.assign(quarter=offences["month"].map(number))
    cells = Cells()
    cells.totals(offences, areas)
    cells.split("category", range(categories), offences, areas=every)
    cells.split("quarter", range(len(quarters)), offences, areas=every)
    _months(cells, offences, quarters)
    if counted.held_weapons:
        cells.split("knife", (True, False), offences, areas=every, unprinted=frozenset({False}))
        _always_knife(cells, counted, every)
    if counted.held_ages:
        cells.split("young", (True, False), offences, areas=every, unprinted=frozenset({False}))
    if counted.held_ages and counted.held_weapons:
        _both(cells, offences)
    if patterns:
        if counted.held_places:
            cells.split("place", PLACES, offences, areas=every)
        cells.split("weekday", WEEKDAYS, offences)
        cells.split("band", HOURS, offences)
    return cells.protect(threshold)


def show_months(counted: Counted, months: Sequence[date], threshold: int) -> Shown:
    """Protect the months of a year of which nothing else is shown."""
    offences = counted.offences[counted.offences["month"].isin(months)]
    by_month = offences.groupby("month")["n"].sum()
    cells = Cells()
    for month in months:
        cells.add(("month", month, FORCE), by_month.get(month, 0))
    return cells.protect(threshold)


def show_victims(counted: Counted, months: Sequence[date], threshold: int) -> Shown:
    """Protect the victims of one year by age band."""
    rows = counted.victims[counted.victims["month"].isin(months)]
    by_age = rows.groupby("age")["n"].sum()
    cells = Cells()
    ages = {age: cells.add(("age", age, FORCE), by_age.get(age, 0)) for age in AGES}
    cells.tie(cells.add((ALL, ALL, FORCE), by_age.sum(), weight=2), ages.values())
    young = [ages[age] for age in YOUNG_AGES]
    count = sum(cells.counts[at] for at in young)
    cells.tie(cells.add(("young", True, FORCE), count, weight=1), young)
    return cells.protect(threshold)


def show_health(
    rows: pd.DataFrame, *, quarters: Sequence[Sequence[date]], areas: Sequence[str], threshold: int
) -> Shown:
    """Protect one kind of event of one health source in one year.

    Parameters
    ----------
    quarters
        First days of the months of each quarter; none for a quarter that is not covered: it is in
        no table and in no total.
    """
    number = {month: n for n, group in enumerate(quarters) for month in group}
    placed = rows["area_code"].where(rows["area_code"].isin(areas), NOWHERE).astype(object)
    named = rows.assign(area=placed, quarter=rows["month"].map(number)).dropna(subset=["quarter"])
    cells = Cells()
    cells.totals(named, areas)
    whole = [n for n, group in enumerate(quarters) if group]
    if whole:
        cells.split("quarter", whole, named, areas=[*areas, NOWHERE])
    return cells.protect(threshold)


def _months(cells: Cells, offences: pd.DataFrame, quarters: Sequence[Sequence[date]]) -> None:
    by_month = offences.groupby("month")["n"].sum()
    for number, group in enumerate(quarters):
        parts = [cells.add(("month", m, FORCE), by_month.get(m, 0)) for m in group]
        cells.tie(cells.keys["quarter", number, FORCE], parts)


def _always_knife(cells: Cells, counted: Counted, areas: Sequence[str]) -> None:
    """State that every offence of a category such as possession of a bladed weapon has a knife."""
    always = counted.offences.groupby("category")["knife"].all()
    kinds = [category for category, every in always.items() if every]
    for area in [FORCE, *areas] if kinds else []:
        parts = [cells.keys["category", kind, area] for kind in kinds]
        cells.rest(cells.keys["knife", True, area], parts)


def _both(cells: Cells, offences: pd.DataFrame) -> None:
    """Add the offences with a knife and a young victim, not recorded as domestic."""
    chosen = offences["knife"] & offences["young"] & ~offences["domestic"]
    both = cells.add(("both", True, FORCE), offences.loc[chosen, "n"].sum(), weight=1)
    for dimension in ("knife", "young"):
        cells.rest(cells.keys[dimension, True, FORCE], [both])
