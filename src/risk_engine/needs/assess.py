"""Events in, the tables of the strategic needs assessment out, every one of them protected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import ibis.expr.types as ir
import pandas as pd

from risk_engine.config import AreasConfig, OffenceDefinition
from risk_engine.errors import InputError
from risk_engine.needs import layout, years
from risk_engine.needs.cells import Shown
from risk_engine.needs.counting import Counted, count, held_years
from risk_engine.needs.coverage import Coverage, Month, cover
from risk_engine.needs.tables import counts_table, suppressed
from risk_engine.needs.window import Window

#: Fewest offences of the year before that a share of late reports is worked out from.
_ENOUGH = 100


@dataclass(frozen=True)
class Assessment:
    """The strategic needs assessment of twelve months: what may leave, and nothing else.

    Attributes
    ----------
    months
        Months counted, by their first day; all twelve where nothing is missing.
    comparable
        Whether the year before may be set beside it.
    faults, faults_before
        Months of either year that are not whole, source by source, with the reason.
    health_faults
        The same for the health sources, both years together: they have no part in `comparable`.
    seen, seen_last
        Share of the offences of the year before, and of its last month alone, that had been
        recorded when it was as old as this one is now: from 0 to 1, rounded to a hundredth; None
        where it cannot be said.
    tables
        Sheet -> table, by `tables.counts_table`: ``headline, categories, areas, area_measures,
        area_categories, area_quarters, months, weekdays, hours, places, area_places, victims,
        ages, health``.
        A table for which nothing is held is empty.
    suppressed
        ``sheet, area, row, column, rule``: what is hidden, without a value.
    sources, health_sources
        Names of the sources that were counted.
    held_ages, held_weapons, held_places, held_times
        Whether the sources counted say victims' ages, weapons, kinds of place and times of day.
    """

    window: Window
    as_of: datetime
    months: tuple[date, ...]
    comparable: bool
    faults: tuple[Month, ...]
    faults_before: tuple[Month, ...]
    health_faults: tuple[Month, ...]
    seen: float | None
    seen_last: float | None
    threshold: int
    tables: Mapping[str, pd.DataFrame]
    suppressed: pd.DataFrame
    sources: tuple[str, ...]
    health_sources: tuple[str, ...]
    held_ages: bool
    held_weapons: bool
    held_places: bool
    held_times: bool


def assess(
    events: ir.Table,
    *,
    definition: OffenceDefinition,
    areas: AreasConfig,
    as_of: datetime,
    threshold: int,
    last: date | None = None,
    held: Sequence[tuple[str, str]] = (),
    since: Mapping[str, date] | None = None,
) -> Assessment:
    """Count, compare and protect.

    Parameters
    ----------
    events
        By `events.SCHEMA`; rows known at or after `as_of` are left out.
    as_of
        First instant not known, naive UTC.
    threshold
        Counts below it are hidden.
    last
        First day of the last of the twelve months; the last full calendar year with data when not
        given.
    held
        ``(source, drop)`` of each drop that is held or refused.
    since
        Source -> first day that its contract covers.

    Raises
    ------
    InputError
        ``NOTHING_COUNTED`` where no month of the period holds an offence.
    """
    zone = areas.timezone
    held_in = held_years(events, definition=definition, timezone=zone, as_of=as_of)
    window = Window(last, zone) if last else _last_whole_year(held_in, as_of, zone)
    counted = count(events, definition=definition, window=window, as_of=as_of)
    coverage = cover(
        counted.days,
        window=window,
        sources=(*counted.sources, *counted.health_sources),
        as_of=as_of,
        held=held,
        since=since,
    )
    if not {*window.this} & {*coverage.counted(counted.sources)}:
        raise _nothing(f"in {window.label}", held_in)
    return _Desk(counted, coverage, definition, areas, as_of, threshold).assessment()


def _last_whole_year(years: Sequence[int], as_of: datetime, timezone: str) -> Window:
    """Return the last of some calendar years that was over at `as_of`."""
    over = [year for year in years if Window.of_year(year, timezone).end <= as_of]
    if not over:
        raise _nothing("in a calendar year that was over on the date of the run", years)
    return Window.of_year(over[-1], timezone)


def _nothing(when: str, years: Sequence[int]) -> InputError:
    held = ", ".join(map(str, years)) or "none"
    return InputError(
        f"no offence of the definition is recorded {when}; years that hold any: {held}",
        code="NOTHING_COUNTED",
        hint="look at the period, at the date of the run and at the definition",
    )


@dataclass(frozen=True)
class _Desk:
    """What the tables are made from."""

    counted: Counted
    coverage: Coverage
    definition: OffenceDefinition
    areas: AreasConfig
    as_of: datetime
    threshold: int

    @property
    def window(self) -> Window:
        """The twelve months."""
        return self.coverage.window

    def assessment(self) -> Assessment:
        """Make everything."""
        counted, window, sources = self.counted, self.window, self.counted.sources
        over = set(self.coverage.counted(sources))
        months = tuple(month for month in window.this if month in over)
        both = (*window.before, *window.this)
        earlier = tuple(month for month in window.before if month in over)
        faults = tuple(self.coverage.faults(sources, window.this))
        faults_before = tuple(self.coverage.faults(sources, window.before))
        comparable = not faults and not faults_before
        offences = self.counted.offences
        seen = _seen(offences, window.before) if comparable else None
        seen_last = _seen(offences, window.before[-1:]) if comparable else None
        tables = self._tables(months, earlier, comparable=comparable, seen=seen)
        return Assessment(
            window=window,
            as_of=self.as_of,
            months=months,
            comparable=comparable,
            faults=faults,
            faults_before=faults_before,
            health_faults=tuple(self.coverage.faults(counted.health_sources, both)),
            seen=seen,
            seen_last=seen_last,
            threshold=self.threshold,
            tables=tables,
            suppressed=self._log(tables),
            sources=sources,
            health_sources=counted.health_sources,
            held_ages=counted.held_ages,
            held_weapons=counted.held_weapons,
            held_places=counted.held_places,
            held_times=counted.held_times,
        )

    def _offences(self, months: Sequence[date], *, this: bool) -> Shown:
        return years.show_offences(
            self.counted,
            months=months,
            quarters=layout.quarters(self.window.this if this else self.window.before),
            areas=self.areas.codes,
            categories=len(self.definition.categories) + 1,
            threshold=self.threshold,
            patterns=this,
        )

    def _tables(
        self,
        months: Sequence[date],
        earlier: Sequence[date],
        *,
        comparable: bool,
        seen: float | None,
    ) -> dict[str, pd.DataFrame]:
        this = self._offences(months, this=True)
        before = self._offences(earlier, this=False) if comparable else None
        plan = layout.Layout(self.areas, self.definition, self.window, self.counted, months)
        late = 1.0 if seen is None else seen
        tables = {
            sheet: counts_table(rows, this, before, seen=late)
            for sheet, rows in plan.offences().items()
        }
        some = before or years.show_months(self.counted, earlier, self.threshold)
        tables["months"] = layout.month_table(self.window, this, some, months, earlier)
        victims = years.show_victims(self.counted, months, self.threshold)
        victims_before = (
            years.show_victims(self.counted, earlier, self.threshold) if comparable else None
        )
        for sheet, rows in plan.victims().items():
            tables[sheet] = counts_table(rows, victims, victims_before, seen=late)
        return {**tables, "health": self._health(plan)}

    def _health(self, plan: layout.Layout) -> pd.DataFrame:
        """Count each kind of event of each health source; a quarter needs all its months."""
        parts = [counts_table([], Shown({}, {}), None).assign(source="", measure="")]
        both = (*self.window.before, *self.window.this)
        for names, rows in self.counted.health.groupby(["source", "kind"], sort=True):
            source, kind = map(str, names)
            this = self._health_year(rows, self.window.this, source)
            before = self._health_year(rows, self.window.before, source)
            whole = not self.coverage.faults([source], both)
            late = _seen(rows, self.window.before) or 1.0
            table = counts_table(plan.health(), this, before if whole else None, seen=late)
            parts.append(table.assign(source=source, measure=kind.replace("_", " ")))
        return pd.concat(parts, ignore_index=True)

    def _health_year(self, rows: pd.DataFrame, months: Sequence[date], source: str) -> Shown:
        missing = {m.month for m in self.coverage.faults([source], months)}
        whole = [group if not missing & {*group} else () for group in layout.quarters(months)]
        return years.show_health(
            rows, quarters=whole, areas=self.areas.codes, threshold=self.threshold
        )

    def _log(self, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        columns = (self.window.label, self.window.label_before)
        parts = [suppressed(table, sheet, columns) for sheet, table in tables.items()]
        return pd.concat(parts, ignore_index=True)


def _seen(rows: pd.DataFrame, months: Sequence[date]) -> float | None:
    """Return the share of some months that was known when they were a year younger."""
    chosen = rows[rows["month"].isin(months)]
    total = chosen["n"].sum()
    if total < _ENOUGH:
        return None
    return round(1 - float(chosen.loc[chosen["late"], "n"].sum() / total), 2)
