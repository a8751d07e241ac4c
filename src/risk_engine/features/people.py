"""The people known at each as-of date, with their age and area as known then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import ibis
import ibis.expr.types as ir

from risk_engine.errors import InputError
from risk_engine.events import visible


def people_as_of(
    people: ir.Table, addresses: ir.Table, events: ir.Table, as_ofs: Sequence[datetime]
) -> ir.Table:
    """List who was known at each as-of date.

    Parameters
    ----------
    people
        ``person_id, birth_month`` (date, first day of the month, or null) and more.
    addresses
        ``person_id, known_at, easting, northing, area_code``: every address ever recorded.
    events
        Columns of `risk_engine.events.LINKED_SCHEMA`.
    as_ofs
        Naive UTC; each is the first instant not known. Repeated dates count once.

    Returns
    -------
    ibis.expr.types.Table
        ``person_id, as_of, age, area_code, last_known_at``, sorted by person and date: one row for
        each person with a visible event, also where `people` lacks the person. ``age`` is in whole
        years as float64, null where no birth month is held; ``area_code`` is that of the latest
        address with ``known_at < as_of``, null where none was known or it lay outside every area;
        ``last_known_at`` is the latest ``known_at`` of a visible event.

    Raises
    ------
    InputError
        ``NO_AS_OF`` if no date is given.
    """
    dates = sorted(set(as_ofs))
    if not dates:
        raise InputError("there is no as-of date to list people for", code="NO_AS_OF")
    tables = [_people_on(people, addresses, events, as_of) for as_of in dates]
    return ibis.union(*tables).order_by(["person_id", "as_of"])


def _people_on(
    people: ir.Table, addresses: ir.Table, events: ir.Table, as_of: datetime
) -> ir.Table:
    known = (
        events.filter(visible(events, as_of), events.person_id.notnull())
        .group_by("person_id")
        .aggregate(last_known_at=lambda t: t.known_at.max())
    )
    born = people.select("person_id", age=_age(people.birth_month, as_of))
    return (
        known.left_join(born, "person_id", rname="{name}__born")
        .left_join(_areas_on(addresses, as_of), "person_id", rname="{name}__home")
        .select(
            "person_id",
            "age",
            "area_code",
            "last_known_at",
            as_of=ibis.literal(as_of, type="timestamp(6)"),
        )
        .select("person_id", "as_of", "age", "area_code", "last_known_at")
    )


def _age(birth_month: ir.DateColumn, as_of: datetime) -> ir.FloatingColumn:
    """Whole years, to the month: the day of birth is not held."""
    to_come = (birth_month.month() > as_of.month).cast("int64")
    return (as_of.year - birth_month.year() - to_come).cast("float64")


def _areas_on(addresses: ir.Table, as_of: datetime) -> ir.Table:
    """Return the area of each person's latest address known before `as_of`."""
    known = addresses.filter(addresses.known_at < ibis.literal(as_of, type="timestamp(6)"))
    # Two addresses recorded at one instant: the order of the other columns decides, not of rows.
    newest = [known.known_at.desc(), known.area_code, known.easting, known.northing]
    order = ibis.row_number().over(ibis.window(group_by="person_id", order_by=newest))
    return known.mutate(place=order).filter(lambda t: t.place == 0).select("person_id", "area_code")
