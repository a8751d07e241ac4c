"""The extracts of health: emergency departments, ambulance, hospital admissions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from risk_engine.synthetic.chance import Chance, Floats, Ints
from risk_engine.synthetic.circumstances import BLADED, FATAL, NONE, OTHER_WEAPON, SERIOUS
from risk_engine.synthetic.columns import MINUTES_A_DAY, days, moments, numbered, only, whole, words
from risk_engine.synthetic.extract import Columns, Desk, Extract
from risk_engine.synthetic.police import repeated
from risk_engine.synthetic.processes import PROCESSES
from risk_engine.synthetic.switches import by_group, copies

#: Share of incidents after which the victim attends an emergency department.
ATTENDS = {
    "wounding": 0.75, "attempted_murder": 0.85, "homicide": 0.5, "robbery": 0.10,
    "bladed_assault": 0.6, "violent_disorder": 0.1, "domestic_wounding": 0.7, "injury": 0.25,
    "domestic_injury": 0.2, "unreported": 1.0,
}  # fmt: skip
#: The same for an ambulance, and for a bed in hospital where the injury was serious.
CALLS = {
    "wounding": 0.7, "attempted_murder": 0.95, "homicide": 1.0, "robbery": 0.08,
    "bladed_assault": 0.5, "violent_disorder": 0.15, "domestic_wounding": 0.6, "injury": 0.2,
    "domestic_injury": 0.2, "assault": 0.04, "domestic_assault": 0.03, "unreported": 0.12,
}  # fmt: skip
ADMITTED = 0.22
SITES = ("Northgate General", "Eastern Infirmary", "Harbour Hospital", "Downs Hospital")
NAMELESS = (2, 3)  # sites whose rows name nobody
#: In the order of `circumstances`: none, bladed, other, unknown.
ED_WEAPONS = ("Body part", "Sharp object", "Blunt object", "Not stated")
CALL_WEAPONS = ("Unarmed", "Stabbing", "Blunt", "Not known")
ED_SEVERITY = ("Minor", "Minor", "Serious", "Serious")
ED_PLACES = ("Street", "Home", "Pub or club", "School", "Other")
CALL_PLACES = ("Street", "Home", "Licensed premises", "School", "Other")
CAUSES = ("Y04", "X99", "Y00", "Y09")
ED_ETHNICITY = [
    ["H", "J", "K", "L", "R"],
    ["M", "N", "P"],
    ["D", "E", "F", "G"],
    ["S"],
    ["A", "A", "A", "A", "B", "C"],
]
_NAMES = [process.category or process.name for process in PROCESSES]


def emergency_department(desk: Desk) -> Extract:
    """Attendances after assaults, those unknown to the police included."""
    events, chance = desk.incidents, desk.chance("emergency_department")
    rows, extra = _biased(desk, "emergency_department", _chosen(desk, ATTENDS, chance), chance)
    minute = events.minute[rows] + 20 + chance.below(280, "travel", rows)
    minute += extra * MINUTES_A_DAY * (1 + chance.below(20, "moved", rows, extra))
    known = minute // MINUTES_A_DAY + 1 + chance.below(10, "extract", rows, extra)
    order = np.lexsort((extra, rows, minute, known))
    rows, extra, minute, known = rows[order], extra[order], minute[order], known[order]
    person = events.person[rows]
    site = (events.area[rows] + chance.yes(0.1, "elsewhere", rows)) % len(SITES)
    clerk = desk.clerk("emergency_department", "ED")

    def write(at: Ints) -> Columns:
        row = rows[at]
        who = clerk.identify(person[at], minute[at] // MINUTES_A_DAY, at)
        named, placed = ~np.isin(site[at], NAMELESS), chance.yes(0.8, "placed", at)
        first, last = who.names()
        return {
            "Attendance Number": numbered("A", at + 1, 7),
            "Site": words(SITES, site[at]),
            "Arrival Date And Time": moments(minute[at], "%Y-%m-%d"),
            "Extract Date": days(known[at], "%Y-%m-%d"),
            "Incident Easting": whole(events.easting[row] // 10 * 10, known=placed),
            "Incident Northing": whole(events.northing[row] // 10 * 10, known=placed),
            "Assault Weapon": words(ED_WEAPONS, events.weapon[row]),
            "Severity": words(ED_SEVERITY, events.injury[row]),
            "Assault Location Type": words(ED_PLACES, events.place[row]),
            "Age": who.age(),
            "Given Name": only(first, named),
            "Family Name": only(last, named),
            "Birth Date": only(who.birth("%Y-%m-%d"), named),
            "Sex": who.sex("2", "1"),
            "Postcode": only(who.home().postcode(), named),
            "Ethnic Category": who.ethnicity(ED_ETHNICITY, 0.12, "ethnicity"),
        }

    sound = np.ones(len(rows), bool)
    return Extract("emergency_department", known * MINUTES_A_DAY, person, sound, write, extra > 0)


def ambulance(desk: Desk) -> Extract:
    """Call-outs to assaults; nobody is named."""
    events, chance = desk.incidents, desk.chance("ambulance")
    rows = _chosen(desk, CALLS, chance)
    minute = events.minute[rows] + 2 + chance.below(30, "call", rows)
    known = minute // MINUTES_A_DAY + 1 + chance.below(9, "extract", rows)
    order = np.lexsort((rows, minute, known))
    rows, minute, known = rows[order], minute[order], known[order]

    def write(at: Ints) -> Columns:
        row = rows[at]
        placed = chance.yes(0.97, "placed", at)
        grave = events.injury[row] >= SERIOUS
        guessed = chance.yes(0.7, "age told", at)
        return {
            "Incident Number": numbered("AMB", at + 1, 7),
            "Call Connected": moments(
                minute[at], "%Y-%m-%d", seconds=chance.below(60, "second", at)
            ),
            "Extract Date": days(known[at], "%Y-%m-%d"),
            "Easting": whole(events.easting[row], known=placed),
            "Northing": whole(events.northing[row], known=placed),
            "Injury Mechanism": words(CALL_WEAPONS, events.weapon[row]),
            "Location Type": words(CALL_PLACES, events.place[row]),
            "Conveyed To Hospital": words(
                ["N", "Y"], chance.yes(np.where(grave, 0.95, 0.45), "conveyed", at)
            ),
            "Patient Age": only(
                whole(desk.people.age(events.person[row], events.day[row])), guessed
            ),
        }

    person = np.full(len(rows), -1)
    return Extract("ambulance", known * MINUTES_A_DAY, person, np.ones(len(rows), bool), write)


def hospital_admissions(desk: Desk) -> Extract:
    """Admissions after serious injury, by where people live; coded after discharge."""
    events, chance = desk.incidents, desk.chance("hospital_admissions")
    rows = _chosen(desk, dict.fromkeys(ATTENDS, ADMITTED), chance)
    sharp = events.weapon == BLADED
    hurt = (events.injury >= SERIOUS) | (sharp & (events.injury > 0))
    rows = rows[hurt[rows] & (events.injury[rows] != FATAL)]
    rows, extra = _biased(desk, "hospital_admissions", rows, chance)
    day = events.day[rows] + extra * (1 + chance.below(20, "moved", rows, extra))
    known = day + 30 + chance.below(60, "coded", rows, extra)
    order = np.lexsort((extra, rows, day, known))
    rows, extra, day, known = rows[order], extra[order], day[order], known[order]
    person = events.person[rows]
    areas, zones = desk.world.areas.area_code.tolist(), desk.world.zones.zone_code.tolist()

    def write(at: Ints) -> Columns:
        home = desk.people.home(person[at], day[at])
        weapon = events.weapon[rows[at]]
        cause = np.select([weapon == BLADED, weapon == OTHER_WEAPON, weapon == NONE], [1, 2, 0], 3)
        return {
            "Spell Number": numbered("SP", at + 1, 7),
            "Admission Date": days(day[at], "%Y-%m-%d"),
            "Extract Date": days(known[at], "%Y-%m-%d"),
            "External Cause": words(CAUSES, cause),
            "Local Authority Of Residence": words(areas, home["area"]),
            "LSOA Of Residence": words(zones, home["zone"]),
            "Age On Admission": whole(desk.people.age(person[at], day[at])),
        }

    sound = np.ones(len(rows), bool)
    return Extract("hospital_admissions", known * MINUTES_A_DAY, person, sound, write, extra > 0)


def _chosen(desk: Desk, shares: Mapping[str, float], chance: Chance) -> Ints:
    """Incidents after which somebody came to an agency."""
    share: Floats = np.array([shares.get(name, 0.0) for name in _NAMES])
    every = np.arange(len(desk.incidents))
    return np.flatnonzero(chance.yes(share[desk.incidents.process], "comes", every))


def _biased(desk: Desk, source: str, rows: Ints, chance: Chance) -> tuple[Ints, Ints]:
    """Repeat or leave out rows by the label bias of the source."""
    bias = desk.switches.label_bias.get(source)
    if not bias:
        return rows, np.zeros(len(rows), np.int64)
    factor = by_group(bias)[desk.people.group[desk.incidents.person[rows]]]
    return repeated(rows, copies(factor, chance, "label bias", rows))
