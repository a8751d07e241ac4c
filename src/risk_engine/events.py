"""The one event table: its schema, its filters and the step that gives records a person.

All partner data become events. Features aggregate events, hotspots are densities of events, labels
are future events. Two times rule everything:

* ``occurred_at``: the start of the period in which it happened, UTC without zone;
* ``known_at``: the first instant at which the partner had recorded it, UTC without zone.

``as_of`` is the first instant not known: an event is visible at ``as_of`` only if
``known_at < as_of`` and ``occurred_at < as_of``.
"""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import and_, or_

import ibis
import ibis.expr.types as ir

from risk_engine.config.definition import EventFilter, OffenceDefinition

#: Name -> Ibis type. ``!`` marks what may never be null. Coordinates are metres in the area's CRS.
#: ``record_id`` is null for the events of sources that name nobody.
SCHEMA: dict[str, str] = {
    "event_id": "!string",
    "record_id": "string",
    "incident_id": "!string",
    "source": "!string",
    "kind": "!string",
    "role": "!string",
    "occurred_at": "!timestamp(6)",
    "known_at": "!timestamp(6)",
    "precision": "!string",
    "easting": "float64",
    "northing": "float64",
    "area_code": "string",
    "discovery": "!string",
    "attributes": "map<string, string>",
}

#: Schema once records have been linked: the record's key is replaced by the person's pseudonym.
LINKED_SCHEMA: dict[str, str] = {
    "person_id": "string",
    **{name: kind for name, kind in SCHEMA.items() if name != "record_id"},
}

#: Identifying records handed from partners to linkage, and seen by nobody else. ``birth_date`` is
#: ISO text; home coordinates are metres in the area's CRS.
RECORD_SCHEMA: dict[str, str] = {
    "record_id": "!string",
    "source": "!string",
    "first_name": "string",
    "last_name": "string",
    "birth_date": "string",
    "sex": "string",
    "postcode": "string",
    "shared_key": "string",
    "home_easting": "float64",
    "home_northing": "float64",
    "known_at": "!timestamp(6)",
}

#: Protected characteristics by record; keyed by person after linkage. Only `audit` opens it.
PROTECTED_SCHEMA: dict[str, str] = {
    "record_id": "!string",
    "characteristic": "!string",
    "value": "!string",
    "recorded_by": "!string",
    "recorded_at": "!timestamp(6)",
}


def visible(events: ir.Table, as_of: datetime) -> ir.BooleanValue:
    """Return the condition under which events may be used at `as_of` (naive UTC)."""
    moment = ibis.literal(as_of, type="timestamp(6)")
    return (events.known_at < moment) & (events.occurred_at < moment)


def condition(events: ir.Table, where: EventFilter) -> ir.BooleanValue:
    """Compile a filter to an Ibis condition over the event table; an empty filter is true."""
    columns = ("source", "kind", "role", "discovery")
    parts = [events[name].isin(values) for name in columns if (values := getattr(where, name))]
    parts += [
        _attribute(events, name).isin(values).fill_null(False)
        for name, values in where.attributes.items()
    ]
    return reduce(and_, parts) if parts else ibis.literal(True)


def matches(events: ir.Table, definition: OffenceDefinition) -> ir.BooleanValue:
    """Return the condition under which an event counts by the offence definition.

    An attribute that a source does not hold never matches a filter: an unknown weapon is not a
    bladed one, and an unknown domestic flag does not exclude.
    """
    included = reduce(or_, [condition(events, where) for where in definition.include])
    for where in definition.exclude:
        included &= ~condition(events, where)
    if definition.focus.under_age is not None:
        age = _attribute(events, "age").try_cast("float64")
        included &= (age < definition.focus.under_age).fill_null(False)
    if definition.focus.public_place:
        included &= (_attribute(events, "place") == "public").fill_null(False)
    return included


def attach_people(events: ir.Table, links: ir.Table) -> ir.Table:
    """Replace each event's record by its person.

    Parameters
    ----------
    events
        Columns of `SCHEMA`.
    links
        ``record_id, person_id``; one row a record at most.

    Returns
    -------
    ibis.expr.types.Table
        Columns of `LINKED_SCHEMA`; the same number of rows; ``person_id`` null where the event
        names nobody.
    """
    people = links.select("record_id", "person_id")
    joined = events.left_join(people, "record_id")
    return joined.select(*LINKED_SCHEMA)


def _attribute(events: ir.Table, name: str) -> ir.StringValue:
    return events.attributes.get(name, ibis.literal(None, type="string"))
