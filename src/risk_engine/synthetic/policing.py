"""The other extracts of the police: custody, missing persons, stop and search."""

from __future__ import annotations

import numpy as np

from risk_engine.synthetic.chance import Ints
from risk_engine.synthetic.columns import MINUTES_A_DAY, moments, numbered, only, whole, words
from risk_engine.synthetic.extract import Columns, Desk, Extract
from risk_engine.synthetic.police import (
    NOT_SAID,
    NOT_SEEN,
    OFFENCES,
    OFFICER_DEFINED,
    SELF_DEFINED,
)
from risk_engine.synthetic.processes import PROCESSES, number

DETAINED = 0.30  # of the suspects of an offence
OBJECTS = (
    "Controlled drugs", "Article with blade or point", "Offensive weapons", "Stolen goods",
    "Firearms", "Other",
)  # fmt: skip
OUTCOMES = ("Nothing found", "Arrest", "Community resolution", "Other")
RISKS = ("MED", "LOW", "HIGH", "NAR")
_NAMES = [process.category or process.name for process in PROCESSES]
#: One offence code a process: that of the gravest offence suspected.
_CODES = [OFFENCES.get(name, ("",))[0] for name in _NAMES]
_OFFENCE = np.array([name in OFFENCES for name in _NAMES])
_BY_SUSPECT = np.array([process.role == "suspect" for process in PROCESSES])


def custody(desk: Desk) -> Extract:
    """Detentions of suspects aged 10 or more, some hours after the incident."""
    events, chance = desk.incidents, desk.chance("custody")
    suspect = np.where(_BY_SUSPECT[events.process], events.person, events.suspect)
    detained = _OFFENCE[events.process] & (suspect >= 0)
    detained &= chance.yes(DETAINED, "detained", np.arange(len(events)))
    rows = np.flatnonzero(detained)
    rows = rows[desk.people.age(suspect[rows], events.day[rows]) >= 10]
    minute = events.minute[rows] + 40 + chance.below(2 * MINUTES_A_DAY, "arrest", rows)
    known = minute + 5 + chance.below(3 * 60, "record", rows)
    order = np.lexsort((rows, known))
    rows, minute, known = rows[order], minute[order], known[order]
    person = suspect[rows]
    clerk = desk.clerk("police", "PN")

    def write(at: Ints) -> Columns:
        day = minute[at] // MINUTES_A_DAY
        who = clerk.identify(person[at], day, at + 1_000_000_000)
        first, last = who.names()
        age = desk.people.age(person[at], day)
        return {
            "Custody Number": numbered("CU", at + 1, 7),
            "Detention Authorised": moments(minute[at], "%d/%m/%Y"),
            "Record Created": moments(known[at], "%d/%m/%Y"),
            "Offence Code": words(_CODES, events.process[rows[at]]),
            "Appropriate Adult": words(["N", "Y"], age < 18),
            "Age": whole(age),
            "Person Number": who.number(),
            "Forename": first,
            "Surname": last,
            "Date Of Birth": who.birth("%d/%m/%Y"),
            "Sex": who.sex("F", "M"),
            "Postcode": who.home().postcode(),
            "Self Defined Ethnicity": who.ethnicity(SELF_DEFINED, NOT_SAID, "self"),
            "Officer Defined Ethnicity": who.ethnicity(OFFICER_DEFINED, NOT_SEEN, "officer"),
        }

    return Extract("custody", known, person, np.ones(len(rows), bool), write)


def missing_persons(desk: Desk) -> Extract:
    """Episodes of people reported missing, most within a day."""
    events, chance = desk.incidents, desk.chance("missing_persons")
    rows = np.flatnonzero(events.process == number("missing"))
    known = events.minute[rows] + 20 + chance.below(36 * 60, "reported", rows)
    order = np.lexsort((rows, known))
    rows, known = rows[order], known[order]
    minute, person = events.minute[rows].astype(np.int64), events.person[rows]
    clerk = desk.clerk("police", "PN")

    def write(at: Ints) -> Columns:
        who = clerk.identify(person[at], minute[at] // MINUTES_A_DAY, at + 2_000_000_000)
        first, last = who.names()
        home = who.home()
        seen = ~chance.yes(0.1, "not seen", at)
        return {
            "Episode Number": numbered("MP", at + 1, 7),
            "Missing From": moments(minute[at], "%d/%m/%Y"),
            "Reported": moments(known[at], "%d/%m/%Y"),
            "Risk When Reported": words(RISKS, chance.among([0.6, 0.15, 0.2], "risk", at)),
            "Looked After Child": words(
                ["N", "Y", "UNK"], chance.among([0.65, 0.25], "care", person[at])
            ),
            "Last Seen Easting": whole(events.easting[rows[at]], known=seen),
            "Last Seen Northing": whole(events.northing[rows[at]], known=seen),
            "Age": who.age(),
            "Person Number": who.number(),
            "Forename": first,
            "Surname": last,
            "Date Of Birth": who.birth("%d/%m/%Y"),
            "Sex": who.sex("F", "M"),
            "Postcode": home.postcode(),
            "Home Easting": home.easting(),
            "Home Northing": home.northing(),
            "Self Defined Ethnicity": who.ethnicity(SELF_DEFINED, NOT_SAID, "self"),
            "Officer Defined Ethnicity": who.ethnicity(OFFICER_DEFINED, NOT_SEEN, "officer"),
        }

    return Extract("missing_persons", known, person, np.ones(len(rows), bool), write)


def stop_and_search(desk: Desk) -> Extract:
    """Write the searches of people; nobody is named."""
    events, chance = desk.incidents, desk.chance("stop_and_search")
    rows = np.flatnonzero(events.process == number("stopped"))
    known = events.minute[rows] + 10 + chance.below(2 * MINUTES_A_DAY, "recorded", rows)
    order = np.lexsort((rows, known))
    rows, known = rows[order], known[order]
    minute, person = events.minute[rows].astype(np.int64), events.person[rows]
    clerk = desk.clerk("police", "PN")

    def write(at: Ints) -> Columns:
        who = clerk.identify(person[at], minute[at] // MINUTES_A_DAY, at + 3_000_000_000)
        old_enough = desk.people.age(person[at], who.day) >= 10
        return {
            "Search Number": numbered("SS", at + 1, 7),
            "Search Date And Time": moments(minute[at], "%d/%m/%Y"),
            "Recorded Date": moments(known[at], "%d/%m/%Y"),
            "Easting": whole(events.easting[rows[at]]),
            "Northing": whole(events.northing[rows[at]]),
            "Object Of Search": words(
                OBJECTS, chance.among([0.6, 0.14, 0.10, 0.10, 0.01], "object", at)
            ),
            "Outcome": words(OUTCOMES, chance.among([0.72, 0.14, 0.10], "outcome", at)),
            "Age": only(who.age(), old_enough),
            "Sex": who.sex("F", "M"),
            "Self Defined Ethnicity": who.ethnicity(SELF_DEFINED, NOT_SAID, "self"),
            "Officer Defined Ethnicity": who.ethnicity(OFFICER_DEFINED, NOT_SEEN, "officer"),
        }

    return Extract("stop_and_search", known, person, np.ones(len(rows), bool), write)
