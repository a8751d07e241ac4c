"""Events -> counts: the only place of the room that reads rows, and it reads them in the engine.

An offence is a distinct incident, however many rows it has; a victim is a distinct row of an
incident with the role victim. Only what was known before `as_of` is counted, and a month belongs
to the year that the area's clocks say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir
import pandas as pd

from risk_engine.config import EventFilter, OffenceDefinition
from risk_engine.events import condition, matches, visible
from risk_engine.needs.window import Window

#: Age bands, both ends included; ``not recorded`` follows them.
BANDS = ((0, 9), (10, 17), (18, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 120))
YOUNG_BELOW = 25
UNKNOWN = "not recorded"
_PLACES = ("public", "licensed", "dwelling")


@dataclass(frozen=True)
class Counted:
    """Counts of both years, small enough to be held in memory; nothing is hidden yet.

    Attributes
    ----------
    offences
        ``month, area_code, category, knife, young, domestic, place, weekday, band, late`` and
        ``n``: distinct incidents. `month` is a local date, `category` the position in the
        definition, `weekday` 0 for Monday and `band` the three hours of the day (0 to 7), both -1
        where a time of day is not held; `late` says that it was not known a year before `as_of`.
    victims
        ``month, age, n``: distinct victims by age band.
    health
        ``source, kind, month, area_code, late, n``: distinct incidents known to health services.
    days
        ``source, precision, day, n``: incidents of the sources above, of any kind, by local day.
    sources, health_sources
        Sources that have anything that counts, at any time before `as_of`.
    known
        Source -> when its latest row became known, naive UTC.
    held_ages, held_weapons, held_places, held_times
        Whether any counted row carries a victim's age, a weapon, a kind of place, a time of day.
    """

    offences: pd.DataFrame
    victims: pd.DataFrame
    health: pd.DataFrame
    days: pd.DataFrame
    sources: tuple[str, ...]
    health_sources: tuple[str, ...]
    known: dict[str, datetime]
    held_ages: bool
    held_weapons: bool
    held_places: bool
    held_times: bool


def count(
    events: ir.Table, *, definition: OffenceDefinition, window: Window, as_of: datetime
) -> Counted:
    """Count both years.

    Parameters
    ----------
    events
        By `events.SCHEMA`.
    as_of
        First instant not known, naive UTC.
    """
    seen = events.filter(visible(events, as_of))
    rows = _rows(seen.filter(matches(seen, definition)), definition).cache()
    health = seen.filter(seen.discovery == "health")
    sources = _names(rows)
    health_sources = tuple(name for name in _names(health) if name not in sources)
    sent = seen.filter(seen.source.isin([*sources, *health_sources]))
    known = sent.group_by("source").agg(known=sent.known_at.max()).execute()
    incidents = _incidents(rows, window, as_of).cache()
    held = rows.agg(
        ages=(rows.victim & rows.age.notnull()).any(),
        weapons=(rows.weapon.notnull() | rows.knife).any(),
        places=rows.place.notnull().any(),
        times=(rows.precision == "minute").any(),
    ).execute()
    return Counted(
        offences=_cube(incidents, [c for c in incidents.columns if c != "incident_id"]),
        victims=_victims(rows, incidents),
        health=_health(health, window, as_of),
        days=_days(sent, window),
        sources=sources,
        health_sources=health_sources,
        known=dict(zip(known["source"], known["known"].dt.to_pydatetime(), strict=True)),
        held_ages=bool(held["ages"].iloc[0]),
        held_weapons=bool(held["weapons"].iloc[0]),
        held_places=bool(held["places"].iloc[0]),
        held_times=bool(held["times"].iloc[0]),
    )


def held_years(
    events: ir.Table, *, definition: OffenceDefinition, timezone: str, as_of: datetime
) -> list[int]:
    """Return the calendar years that hold an offence known before `as_of`, by local time."""
    seen = events.filter(visible(events, as_of), matches(events, definition))
    hours = seen.select(hour=seen.occurred_at.truncate("h")).distinct().execute()["hour"]
    return sorted({local_day(hour.to_pydatetime(), timezone).year for hour in hours})


def local_day(moment: datetime, timezone: str) -> date:
    """Return the local day of an instant (naive UTC)."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).date()


def _rows(events: ir.Table, definition: OffenceDefinition) -> ir.Table:
    """Return what is needed of each row that counts."""
    kinds = [(_any_of(events, c.where), n) for n, c in enumerate(definition.categories)]
    other = ibis.literal(len(kinds), type="int8")
    return events.select(
        "incident_id",
        "record_id",
        "source",
        "occurred_at",
        "known_at",
        "precision",
        "area_code",
        victim=events.role == "victim",
        age=_attribute(events, "age").try_cast("float64"),
        weapon=_attribute(events, "weapon"),
        place=_attribute(events, "place"),
        domestic=(_attribute(events, "domestic") == "yes").fill_null(False),
        knife=_any_of(events, definition.knife_enabled),
        category=ibis.cases(*kinds, else_=other).cast("int8") if kinds else other,
    )


def _incidents(rows: ir.Table, window: Window, as_of: datetime) -> ir.Table:
    """Return one row an incident of both years; what differs between its rows is settled."""
    grouped = rows.group_by("incident_id").agg(
        occurred=rows.occurred_at.min(),
        late=rows.known_at.min() >= _year_ago(window, as_of),
        timed=(rows.precision == "minute").all(),
        area_code=rows.area_code.min(),
        category=rows.category.min(),
        knife=rows.knife.any(),
        young=(rows.victim & (rows.age < YOUNG_BELOW)).fill_null(False).any(),
        domestic=rows.domestic.any(),
        place=rows.place.min(),
    )
    both = grouped.filter(_within(grouped.occurred, window))
    local = both.mutate(local=window.local(both.occurred))
    hour = local.local.hour() // 3
    return local.select(
        "incident_id",
        "area_code",
        "category",
        "knife",
        "young",
        "domestic",
        "late",
        month=local.local.truncate("M").date(),
        place=local.place.isin(_PLACES).fill_null(False).ifelse(local.place, "other"),
        weekday=local.timed.ifelse(local.local.day_of_week.index().cast("int64"), -1),
        band=local.timed.ifelse(hour.cast("int64"), -1),
    )


def _victims(rows: ir.Table, incidents: ir.Table) -> pd.DataFrame:
    people = rows.filter(rows.victim).group_by(["incident_id", "record_id"]).agg(age=rows.age.max())
    dated = people.inner_join(incidents.select("incident_id", "month"), "incident_id")
    bands = [
        ((dated.age >= low) & (dated.age < high + 1), band_title(low, high)) for low, high in BANDS
    ]
    named = dated.mutate(age=ibis.cases(*bands, else_=UNKNOWN))
    return _cube(named, ["month", "age"])


def band_title(low: int, high: int) -> str:
    """Name an age band.

    >>> band_title(0, 9), band_title(18, 24), band_title(65, 120)
    ('under 10', '18 to 24', '65 and over')
    """
    if low == 0:
        return f"under {high + 1}"
    return f"{low} and over" if (low, high) == BANDS[-1] else f"{low} to {high}"


def _health(events: ir.Table, window: Window, as_of: datetime) -> pd.DataFrame:
    both = events.filter(_within(events.occurred_at, window))
    grouped = both.group_by(["source", "kind", "incident_id"]).agg(
        occurred=both.occurred_at.min(),
        late=both.known_at.min() >= _year_ago(window, as_of),
        area_code=both.area_code.min(),
    )
    dated = grouped.mutate(month=window.local(grouped.occurred).truncate("M").date())
    return _cube(dated, ["source", "kind", "month", "area_code", "late"])


def _days(events: ir.Table, window: Window) -> pd.DataFrame:
    both = events.filter(_within(events.occurred_at, window))
    dated = both.mutate(day=window.local(both.occurred_at).date())
    by = ["source", "precision", "day"]
    return _cube(dated.select(*by, "incident_id").distinct(), by)


def _cube(table: ir.Table, by: Sequence[str]) -> pd.DataFrame:
    made: pd.DataFrame = table.group_by(list(by)).agg(n=table.count()).order_by(list(by)).execute()
    for name in ("month", "day"):
        if name in made:
            made[name] = pd.to_datetime(made[name]).dt.date
    return made


def _names(events: ir.Table) -> tuple[str, ...]:
    return tuple(sorted(events.select("source").distinct().execute()["source"]))


def _within(moment: ir.TimestampValue, window: Window) -> ir.BooleanValue:
    first = ibis.literal(window.start_before, type="timestamp(6)")
    return (moment >= first) & (moment < ibis.literal(window.end, type="timestamp(6)"))


def _year_ago(window: Window, as_of: datetime) -> ir.TimestampScalar:
    """Return the instant at which the year before was as old as this one is at `as_of`."""
    return ibis.literal(as_of - (window.end - window.start), type="timestamp(6)")


def _any_of(events: ir.Table, filters: Sequence[EventFilter]) -> ir.BooleanValue:
    found = ibis.literal(False)
    for where in filters:
        found |= condition(events, where)
    return found


def _attribute(events: ir.Table, name: str) -> ir.StringValue:
    return events.attributes.get(name, ibis.literal(None, type="string"))
