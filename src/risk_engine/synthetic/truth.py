"""What the engine must never be given: who is who, what was planted where, and when."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from risk_engine.synthetic import circumstances, police
from risk_engine.synthetic.chance import Ints
from risk_engine.synthetic.columns import as_date, day_number, days, moments, numbered, only, words
from risk_engine.synthetic.extract import Columns, Extract
from risk_engine.synthetic.hotspots import BUSY
from risk_engine.synthetic.partnership import Partnership
from risk_engine.synthetic.people import NEVER
from risk_engine.synthetic.processes import PROCESSES
from risk_engine.synthetic.world import GROUPS

#: One person in so many is labelled for linkage.
LABELLED = 4

README = """\
Truth of a synthetic partnership. Nobody in these files exists; boundaries and zones are invented.
The engine is never given this folder: it is what its results are compared with.

Areas: names, codes, centres, residents, ethnic mix and levels of violence are real or published;
everything else is invented. Codes of zones (E019...) and wards (E059...) have the form of real ones
and belong to none.
The last known day is the one before {end}; events go on for four weeks after it.
Times are local (Europe/London); coordinates are metres in the system of the area file.
Serious violence is made to {violence:.6g} of the published level; years 2021 and 2022 are exact.

hotspots.csv   planted hotspots; sigma in metres; from and to (exclusive; empty while it lives);
               rate is the incidents of all kinds a year that were placed there while it lived
people.csv     everybody; latent vulnerability and offending are standard normal; risk_before and
               risk_at_end are the expected serious victimisations a year 26 weeks before {end} and
               on it; from turn_at on, risk is lower
records.csv    who each row of each extract is about, by the row's key (empty where a source names
               nobody); happened is 0 where a planted bias made the row up
incidents.csv  every incident with its place before any was left blank, and its hotspot if any
faults.csv     rows that were broken on purpose, the code that validation should give, and whether
               the contract mends it (mended) or not (set aside)
switches.csv   biases and troubles that were asked for; empty without any

What is true of every model: risk depends on the two latent traits, hardship of the home zone, age,
recorded sex, a slow drift, recent violence and turned lives. Ethnicity has no effect of its own: it
is drawn from the mix of the home zone and enters nothing else. Where switches.csv is empty,
agencies record every group alike.
"""


def person_ids(person: npt.NDArray[Any]) -> pa.Array:
    """Write true person ids; null for nobody."""
    return only(numbered("T", np.maximum(person, 0).astype(np.int64) + 1, 7), person >= 0)


def people(made: Partnership, rows: Ints) -> Columns:
    """Columns of ``people.csv``."""
    register, land = made.desk.people, made.desk.world
    before, at_end = made.desk.life.risk.values()
    numbers = {
        "hardship": register.hardship,
        "victim_latent": register.victim,
        "suspect_latent": register.suspect,
        "risk_before": before,
        "risk_at_end": at_end,
    }
    turn = register.turn_at[rows]
    return {
        "true_person_id": person_ids(rows),
        "birth_date": days(register.birth[rows], "%Y-%m-%d"),
        "sex": words(["F", "M"], register.male[rows]),
        "ethnicity": words(GROUPS, register.group[rows]),
        "area_code": words(land.areas.area_code.tolist(), register.area[rows]),
        "zone_code": words(land.zones.zone_code.tolist(), register.zone[rows]),
        "turn_at": only(days(np.where(turn == NEVER, 0, turn), "%Y-%m-%d"), turn != NEVER),
        **{
            name: pa.array(values[rows].astype(np.float64).round(6))
            for name, values in numbers.items()
        },
    }


def records(extract: Extract, rows: Ints, keys: pa.Array) -> Columns:
    """Columns of ``records.csv`` for some rows of an extract."""
    made_up = extract.made_up[rows] if extract.made_up is not None else np.zeros(len(rows), bool)
    return {
        "source": words([extract.source], np.zeros(len(rows), np.int8)),
        "row_key": keys,
        "true_person_id": person_ids(extract.person[rows]),
        "happened": words(["1", "0"], made_up),
    }


def labels(extract: Extract, rows: Ints, told: Columns) -> Columns:
    """Columns of ``link_labels.csv``: what `records` says of a quarter of the people.

    As if a clerk had gathered all records of some people by hand: it is for measuring linkage.
    """
    person = extract.person[rows]
    chosen = pa.array((person >= 0) & (person % LABELLED == 0))
    names = {"source": "source", "key": "row_key", "person": "true_person_id"}
    return {name: told[column].filter(chosen) for name, column in names.items()}


def incidents(made: Partnership, rows: Ints) -> Columns:
    """Columns of ``incidents.csv``; incidents unknown to the police keep a number of their own."""
    events = made.desk.incidents
    process, minute = events.process[rows], events.minute[rows].astype(np.int64)
    victim = np.array([p.role == "victim" for p in PROCESSES])[process]
    return {
        "incident_id": police.crime_numbers(minute, rows, np.zeros(len(rows), np.int64)),
        "kind": words([p.kind for p in PROCESSES], process),
        "category": words([p.category or "" for p in PROCESSES], process),
        "occurred_at": moments(minute, "%Y-%m-%d"),
        "easting": pa.array(events.easting[rows]),
        "northing": pa.array(events.northing[rows]),
        "area_code": words(made.areas.area_code.tolist(), events.area[rows]),
        "weapon": words(circumstances.WEAPONS, events.weapon[rows]),
        "domestic": words(["no", "yes"], circumstances.domestic(process)),
        "hotspot_id": words(made.spots.hotspot_id.tolist(), events.hotspot[rows]),
        "victim": person_ids(np.where(victim, events.person[rows], -1)),
    }


def hotspots(made: Partnership) -> pd.DataFrame:
    """Where and when hotspots were planted, and the incidents a year that fell into each."""
    spots, events, end = made.spots, made.desk.incidents, day_number(made.end)
    before = events.hotspot[(events.day < end) & (events.hotspot >= 0)]
    count = np.bincount(before, minlength=len(spots))
    lived = (np.minimum(spots.closes, end) - spots.opens) / 365
    truth = spots[["hotspot_id", "easting", "northing", "sigma", "area_code", "kind"]].copy()
    truth["from"] = [as_date(day).isoformat() for day in spots.opens]
    truth["to"] = ["" if day == NEVER else as_date(day).isoformat() for day in spots.closes]
    return truth.assign(busy=np.array(BUSY, object)[spots.busy], rate=(count / lived).round(2))


def switches(made: Partnership) -> pd.DataFrame:
    """Return what was planted on request."""
    columns = ["switch", "source", "group", "value"]
    return pd.DataFrame(made.desk.switches.rows(), columns=columns)
