"""The extracts of fire and rescue and of the councils: places and times, nobody named."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from risk_engine.synthetic.chance import Ints
from risk_engine.synthetic.circumstances import DWELLING, LICENSED, SCHOOL
from risk_engine.synthetic.columns import MINUTES_A_DAY, days, moments, numbered, whole, words
from risk_engine.synthetic.extract import Columns, Desk, Extract
from risk_engine.synthetic.processes import number

MOTIVES = (
    "Deliberate - others property",
    "Deliberate - unknown owner",
    "Deliberate - own property",
)
PROPERTY = ("Refuse", "Outdoor", "Vehicle", "Other building", "Dwelling")
ASB = ("Nuisance", "Environmental", "Personal")
SETTINGS = ("Street", "Park", "Housing", "Licensed premises", "School", "Other")


def fire(desk: Desk) -> Extract:
    """Deliberate fires, reported on within three weeks."""
    events, chance = desk.incidents, desk.chance("fire")
    rows = np.flatnonzero(events.process == number("fire"))
    known = events.day[rows] + 1 + chance.below(20, "report", rows)
    order = np.lexsort((rows, known))
    rows, known = rows[order], known[order]

    def write(at: Ints) -> Columns:
        row = rows[at]
        return {
            "Incident Number": numbered("FR", at + 1, 7),
            "Time Of Call": moments(
                events.minute[row], "%d/%m/%Y", seconds=chance.below(60, "s", at)
            ),
            "Report Completed": days(known[at], "%d/%m/%Y"),
            "Motive": words(MOTIVES, chance.among([0.5, 0.35], "motive", at)),
            "Property Type": words(PROPERTY, chance.among([0.4, 0.3, 0.15, 0.1], "property", at)),
            "Easting": whole(events.easting[row]),
            "Northing": whole(events.northing[row]),
        }

    return _nameless("fire", known, write)


def community_safety(desk: Desk) -> Extract:
    """Anti-social behaviour reported to councils, logged within a month."""
    events, chance = desk.incidents, desk.chance("community_safety")
    rows = np.flatnonzero(events.process == number("nuisance"))
    known = events.day[rows] + 1 + chance.below(28, "log", rows)
    order = np.lexsort((rows, known))
    rows, known = rows[order], known[order]
    councils = [f"{name} council" for name in desk.world.areas["name"]]

    def write(at: Ints) -> Columns:
        row = rows[at]
        place = events.place[row]
        settings = np.select(
            [place == DWELLING, place == LICENSED, place == SCHOOL, chance.yes(0.2, "park", at)],
            [2, 3, 4, 1],
            np.where(chance.yes(0.1, "other", at), 5, 0),
        )
        placed = ~chance.yes(0.08, "no point", at)
        return {
            "Council": words(councils, events.area[row]),
            "Case Reference": numbered("ASB", at + 1, 7),
            "Incident Date": days(events.day[row], "%d/%m/%Y"),
            "Date Logged": days(known[at], "%d/%m/%Y"),
            "ASB Type": words(ASB, chance.among([0.7, 0.15], "type", at)),
            "Setting": words(SETTINGS, settings),
            "Easting": whole(events.easting[row], known=placed),
            "Northing": whole(events.northing[row], known=placed),
        }

    return _nameless("community_safety", known, write)


def _nameless(source: str, known: Ints, write: Callable[[Ints], Columns]) -> Extract:
    person = np.full(len(known), -1)
    return Extract(source, known * MINUTES_A_DAY, person, np.ones(len(known), bool), write)
