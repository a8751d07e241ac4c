"""Police recorded crime: one row a person's involvement in one incident, under partner headers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from risk_engine.synthetic.chance import Chance, Ints
from risk_engine.synthetic.circumstances import domestic
from risk_engine.synthetic.columns import (
    MINUTES_A_DAY,
    days,
    moments,
    numbered,
    whole,
    words,
)
from risk_engine.synthetic.extract import Columns, Desk, Extract
from risk_engine.synthetic.processes import KINDS as SERIOUS_KINDS
from risk_engine.synthetic.processes import PROCESSES
from risk_engine.synthetic.switches import by_group, copies

Array = npt.NDArray[Any]

#: Category or process -> codes of the force; one that is listed twice is drawn twice as often.
OFFENCES = {
    "homicide": ("1",),
    "wounding": (*["8F"] * 14, *["5D"] * 10, "5E", "5E"),
    "attempted_murder": ("2",),
    "robbery": ("34B", "34B", "34B", "34A"),
    "violent_disorder": ("62A",),
    "riot": ("64",),
    "bladed_assault": ("8N",),
    "bladed_weapon": ("10D",),
    "other_weapon": ("10C", "10C", "10C", "10B", "81"),
    "domestic_wounding": ("8F", "8F", "5D"),
    "injury": (*["8N"] * 19, "8P"),
    "domestic_injury": ("8N",),
    "assault": ("105A", "105A", "8L"),
    "domestic_assault": ("105A", "8L", "8Q"),
    "damage": ("58A", "58B", "58C"),
    "theft": ("49", "49", "39"),
    "shoplifting": ("46",),
    "disorder": ("9A", "9A", "66"),
    "disorder_found": ("9A", "66"),
}
WEAPONS = ("NONE", "KNIFE", "OTHER", "UNK")
INJURIES = ("N", "M", "S", "F")
PLACES = ("STREET", "DWELLING", "LICENSED", "SCHOOL", "OTHER")
VICTIM, SUSPECT = 0, 1
#: Self-defined (18+1) and officer-defined codes by group, in the order of `world.GROUPS`; nobody is
#: Mixed to an officer.
SELF_DEFINED = [
    ["A1", "A2", "A3", "A4", "A9"],
    ["B1", "B2", "B9"],
    ["M1", "M2", "M3", "M9"],
    ["O2", "O9"],
    ["W1", "W1", "W1", "W1", "W2", "W9"],
]
OFFICER_DEFINED = [
    ["4", "4", "4", "5"],
    ["3"],
    ["3", "1", "4"],
    ["6", "6", "2"],
    ["1", "1", "1", "2"],
]
NOT_SAID, NOT_SEEN = 0.18, 0.12  # ethnicity empty: self-defined, officer-defined
NO_POINT = 0.03
#: Days from incident to record: chance of each band, and its bounds.
DELAYS = (
    (0.57, 0.02, 1.0),
    (0.27, 1.0, 2.0),
    (0.07, 2.0, 3.0),
    (0.08, 3.0, 7.0),
    (0.01, 7.0, 60.0),
)
#: A month in which the police recorded most of these as violence (`Switches.reclassify`).
RECLASSIFIED = ("damage", "theft", "shoplifting", "disorder", "disorder_found")
AS_VIOLENCE, MOST_RECLASSIFIED = "105A", 0.8
_CODES = tuple(dict.fromkeys(code for codes in OFFENCES.values() for code in codes))
_NAMES = np.array([process.category or process.name for process in PROCESSES])
_RECORDED = np.isin(_NAMES, list(OFFENCES))
_HOMICIDE = _NAMES == "homicide"
_IS_SUSPECT = np.array([process.role == "suspect" for process in PROCESSES])
_SERIOUS_VICTIM = np.isin(_NAMES, list(SERIOUS_KINDS)) & ~_IS_SUSPECT
_VIOLENT = np.array([process.kind.startswith("violence_") for process in PROCESSES])
#: Between the crime numbers of what happened and of what a planted bias made up.
_MADE_UP = 10_000_000


@dataclass(frozen=True)
class Involvements:
    """Rows of the extract as numbers, in order of recording.

    Attributes
    ----------
    incident
        Position among the incidents.
    extra
        0 for what happened; otherwise the number of the record that a planted bias added.
    code
        Position of the offence code.
    """

    incident: Ints
    extra: Ints
    person: Array
    role: Array
    minute: Ints
    recorded: Ints
    code: Array


def police_crime(desk: Desk) -> Extract:
    """Write the incidents as the police would send them: victims and suspects apart."""
    rows, chance = involvements(desk), desk.chance("police_crime")
    clerk, events = desk.clerk("police", "PN"), desk.incidents

    def write(at: Ints) -> Columns:
        incident, minute = rows.incident[at], rows.minute[at]
        process = events.process[incident]
        who = clerk.identify(rows.person[at], minute // MINUTES_A_DAY, at)
        first, last = who.names()
        home = who.home()
        number = crime_numbers(minute, incident, rows.extra[at])
        placed = ~chance.yes(NO_POINT, "no point", incident, rows.extra[at])
        return {
            "Involvement Reference": pc.binary_join_element_wise(
                number, words(["1", "2"], rows.role[at]), "/"
            ),
            "Crime Number": number,
            "Offence Code": words(_CODES, rows.code[at]),
            "Committed From": moments(minute, "%d/%m/%Y"),
            "Recorded Date": moments(rows.recorded[at], "%d/%m/%Y"),
            "Location Easting": whole(events.easting[incident], known=placed),
            "Location Northing": whole(events.northing[incident], known=placed),
            "Role": words(["VIC", "SUS"], rows.role[at]),
            "Weapon": words(WEAPONS, events.weapon[incident]),
            "Injury": words(INJURIES, events.injury[incident]),
            "Domestic Abuse": words(["N", "Y"], domestic(process)),
            "Location Type": words(PLACES, events.place[incident]),
            "Found By": words(["PUBLIC", "OFFICER"], events.officer[incident]),
            "Age At Event": who.age(),
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

    sound = ~_HOMICIDE[events.process[rows.incident]]
    return Extract("police_crime", rows.recorded, rows.person, sound, write, rows.extra > 0)


def involvements(desk: Desk) -> Involvements:
    """Return who is recorded in which incident, and when; planted biases included."""
    events, chance = desk.incidents, desk.chance("police_crime")
    incident = np.flatnonzero(_RECORDED[events.process])
    incident, extra = _labelled(desk, incident, chance)
    process = events.process[incident]
    role = np.where(_IS_SUSPECT[process], SUSPECT, VICTIM)
    named = np.flatnonzero(events.suspect[incident] >= 0)
    both = np.concatenate([np.arange(len(incident)), named])
    person = np.concatenate([events.person[incident], events.suspect[incident[named]]])
    role = np.concatenate([role, np.full(len(named), SUSPECT)])
    both, person, role, extra = _over_recorded(desk, both, person, role, extra[both], incident)
    incident = incident[both]
    minute = events.minute[incident].astype(np.int64)
    minute += np.where(extra > 0, chance.below(20 * MINUTES_A_DAY, "moved", incident, extra), 0)
    recorded = minute + delays(chance, events.process[incident], incident, extra)
    order = np.lexsort((role, extra, incident, recorded))
    columns = (column[order] for column in (incident, extra, person, role, minute, recorded))
    incident, extra, person, role, minute, recorded = columns
    code = _offence_codes(desk, incident, recorded, chance)
    return Involvements(
        incident, extra, person, role.astype(np.int8), minute, recorded, code.astype(np.int8)
    )


def _labelled(desk: Desk, incident: Ints, chance: Chance) -> tuple[Ints, Ints]:
    """Repeat or leave out serious victimisations by the label bias of the police."""
    bias = desk.switches.label_bias.get("police_crime")
    if not bias:
        return incident, np.zeros(len(incident), np.int64)
    process = desk.incidents.process[incident]
    group = desk.people.group[desk.incidents.person[incident]]
    concerned = _SERIOUS_VICTIM[process] & ~_HOMICIDE[process]
    factor = np.where(concerned, by_group(bias)[group], 1.0)
    return repeated(incident, copies(factor, chance, "label bias", incident))


def _over_recorded(
    desk: Desk, both: Ints, person: Array, role: Ints, extra: Ints, incident: Ints
) -> tuple[Ints, Array, Ints, Ints]:
    """Add or leave out involvements of a group, each addition as a record of its own."""
    factors = desk.switches.over_record
    if not factors:
        return both, person, role, extra
    chance = desk.chance("over-recording")
    homicide = _HOMICIDE[desk.incidents.process[incident[both]]]
    factor = np.where(homicide, 1.0, by_group(factors)[desk.people.group[person]])
    times = copies(factor, chance, "copies", both, role)
    at, again = repeated(np.arange(len(both)), times)
    added = np.where(again > 0, 100 + 20 * again + 10 * role[at] + extra[at], extra[at])
    return both[at], person[at], role[at], added


def repeated(rows: Ints, times: Ints) -> tuple[Ints, Ints]:
    """Repeat each row; the second array numbers its copies from 0."""
    found = np.repeat(rows, times)
    first = np.repeat(np.cumsum(times) - times, times)
    return found, np.arange(len(found)) - first


def crime_numbers(minute: Ints, incident: Ints, extra: Ints) -> pa.Array:
    """Write crime numbers in order of time; records that were made up have numbers of their own."""
    year = pc.binary_join_element_wise("44", days(minute // MINUTES_A_DAY, "%y"), "")
    return numbered(year, extra * _MADE_UP + incident + 1, 7)


def delays(chance: Chance, process: Array, *keys: Ints) -> Ints:
    """Minutes from incident to record, half an hour at least; homicides within the hour."""
    share, low, high = np.array(DELAYS).T
    band = np.minimum(chance.among(list(share), "delay", *keys), len(DELAYS) - 1)
    within = chance.unit("delay within", *keys)
    lag = np.ceil((low[band] + within * (high - low)[band]) * MINUTES_A_DAY).astype(np.int64)
    return np.where(_HOMICIDE[process], 30 + (within * 30).astype(np.int64), lag)


def _offence_codes(desk: Desk, incident: Ints, recorded: Ints, chance: Chance) -> Ints:
    """Choose the code of each incident, the same on all its rows."""
    process = desk.incidents.process[incident]
    first = np.cumsum([0, *(len(codes) for codes in OFFENCES.values())])
    place = {name: row for row, name in enumerate(OFFENCES)}
    row = np.array([place.get(name, -1) for name in _NAMES])[process]
    size = np.array([len(codes) for codes in OFFENCES.values()])[row]
    every = [_CODES.index(code) for codes in OFFENCES.values() for code in codes]
    code: Ints = np.array(every)[first[row] + chance.below(size, "code", incident)]
    if desk.switches.reclassify:
        moved = _reclassified(desk.switches.reclassify, process, recorded, incident, chance)
        code[moved] = _CODES.index(AS_VIOLENCE)
    return code


def _reclassified(
    month: str, process: Array, recorded: Ints, incident: Ints, chance: Chance
) -> npt.NDArray[np.bool_]:
    """Choose the rows of a month that are recorded as violence, until it is twice its level."""
    first = np.datetime64(month, "M")
    when = recorded.astype("datetime64[m]").astype("datetime64[M]") == first
    others = when & np.isin(_NAMES, RECLASSIFIED)[process]
    wanted = (when & _VIOLENT[process]).sum() / max(others.sum(), 1)
    moved: npt.NDArray[np.bool_] = others & chance.yes(
        min(wanted, MOST_RECLASSIFIED), "reclassified", incident
    )
    return moved
