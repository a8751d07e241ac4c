"""The police extract: one row a person's involvement in one incident, under partner headers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_engine.synthetic.identities import identify
from risk_engine.synthetic.people import age_at

Words = npt.NDArray[np.object_]

OFFENCES = {  # kind -> codes of the force; one that is listed twice is drawn twice as often
    "most_serious_violence": (*["8F"] * 14, *["5D"] * 10, "5E", "5E", "2"),
    "robbery": ("34B", "34B", "34B", "34A"),
    "violent_disorder": ("62A",),
    "violence_with_injury": ("8N",),
    "violence_without_injury": ("105A", "105A", "8L"),
    "criminal_damage": ("58A", "58B", "58C"),
    "theft": ("49", "49", "39"),
    "shop_theft": ("46",),
    "public_order": ("9A", "9A", "66"),
    "public_order_found": ("9A", "66"),
    "possession_of_weapons": ("10D", "10D", "10C", "10B", "81"),
    "missing_episode": ("MISPER",),
}
ROLES = {"victim": "VIC", "suspect": "SUS", "subject": "SUB"}
WEAPONS = {"none": "NONE", "bladed": "KNIFE", "other": "OTHER", "unknown": "UNK"}
INJURIES = {"none": "N", "minor": "M", "serious": "S", "fatal": "F"}
PLACES = {
    "public": "STREET",
    "dwelling": "DWELLING",
    "licensed": "LICENSED",
    "school": "SCHOOL",
    "other": "OTHER",
}
#: Self-defined (16+1) and officer-defined codes by group; nobody is Mixed to an officer.
SELF_DEFINED = {
    "Asian": ("A1", "A2", "A3", "A4", "A9"),
    "Black": ("B1", "B2", "B9"),
    "Mixed": ("M1", "M2", "M3", "M9"),
    "Other": ("O2", "O9"),
    "White": ("W1", "W1", "W1", "W1", "W2", "W9"),
}
OFFICER_DEFINED = {
    "Asian": ("4", "4", "4", "5"),
    "Black": ("3",),
    "Mixed": ("3", "1", "4"),
    "Other": ("6", "6", "2"),
    "White": ("1", "1", "1", "2"),
}
#: Days from incident to record: chance of each band, and its bounds.
DELAYS = (
    (0.57, 0.02, 1.0),
    (0.27, 1.0, 2.0),
    (0.07, 2.0, 3.0),
    (0.08, 3.0, 7.0),
    (0.01, 7.0, 60.0),
)


def extract(
    incidents: pd.DataFrame, people: pd.DataFrame, *, rng: np.random.Generator
) -> pd.DataFrame:
    """Write the incidents as the police would send them.

    Parameters
    ----------
    incidents
        Rows of `incidents.make` with ``incident_id`` (the crime number).

    Returns
    -------
    pandas.DataFrame
        Text under the headers of ``configs/partners/police_crime.yaml``, in order of recording,
        and ``person`` (row number of the people), which is truth and never leaves as data.
    """
    known = incidents[incidents.kind.isin(list(OFFENCES))].reset_index(drop=True)
    known["recorded"] = known.occurred_at + delays(len(known), rng)
    known["code"] = pick_codes(known.kind.to_numpy(object), OFFENCES, rng)
    known.loc[(known.injury == "fatal") & (known.role == "victim"), "code"] = "1"  # homicide
    blank = rng.random(len(known)) < 0.03
    known.loc[blank, ["easting", "northing"]] = np.nan
    rows = _involvements(known)
    number = rows.groupby("incident_id").cumcount() + 1
    moment = rows.occurred_at
    who = identify(people, rows.person.to_numpy(), moment, prefix="PN", rng=rng)
    age = age_at(people.birth.iloc[rows.person].reset_index(drop=True), moment)
    return pd.DataFrame(
        {
            "Involvement Reference": rows.incident_id + "/" + number.astype(str),
            "Crime Number": rows.incident_id,
            "Offence Code": rows.code,
            "Committed From": rows.occurred_at.dt.strftime("%d/%m/%Y %H:%M"),
            "Recorded Date": rows.recorded.dt.strftime("%d/%m/%Y %H:%M"),
            "Location Easting": whole(rows.easting),
            "Location Northing": whole(rows.northing),
            "Role": rows.role.map(ROLES),
            "Weapon": rows.weapon.map(WEAPONS),
            "Injury": rows.injury.map(INJURIES),
            "Domestic Abuse": rows.domestic.map({"yes": "Y", "no": "N"}),
            "Location Type": rows.place.map(PLACES),
            "Found By": rows.found_by.str.upper(),
            "Age At Event": age.astype(str),
            "Person Number": who.number,
            "Forename": who.first_name,
            "Surname": who.last_name,
            "Date Of Birth": who.birth.dt.strftime("%d/%m/%Y"),
            "Sex": who.sex,
            "Postcode": who.postcode,
            "Home Easting": whole(who.home_x),
            "Home Northing": whole(who.home_y),
            "Self Defined Ethnicity": _stated(who.ethnicity, SELF_DEFINED, 0.18, rng),
            "Officer Defined Ethnicity": _stated(who.ethnicity, OFFICER_DEFINED, 0.12, rng),
            "person": rows.person,
        }
    )


def delays(count: int, rng: np.random.Generator) -> pd.TimedeltaIndex:
    """Time from incident to record, in whole minutes; at least half an hour."""
    chance, low, high = np.array(DELAYS).T
    band = rng.choice(len(DELAYS), count, p=chance)
    lag: pd.TimedeltaIndex = pd.to_timedelta(
        np.ceil(rng.uniform(low[band], high[band]) * 1440), unit="min"
    )
    return lag


def pick_codes(kind: Words, table: dict[str, tuple[str, ...]], rng: np.random.Generator) -> Words:
    """One of the codes of each row's word, at random."""
    codes = np.empty(len(kind), dtype=object)
    for word, options in table.items():
        rows = np.flatnonzero(kind == word)
        codes[rows] = rng.choice(np.array(options, dtype=object), len(rows))
    return codes


def whole(values: pd.Series) -> pd.Series:
    """Metres as text without decimals; empty where missing."""
    return values.round().astype("Int64").astype("str").replace("<NA>", "")


def _involvements(known: pd.DataFrame) -> pd.DataFrame:
    named = known[known.suspect >= 0]
    named = named.assign(role="suspect", person=named.suspect)
    rows = pd.concat([known, named], ignore_index=True)
    return rows.sort_values(["recorded", "incident_id", "role"], kind="stable", ignore_index=True)


def _stated(
    group: pd.Series, table: dict[str, tuple[str, ...]], silent: float, rng: np.random.Generator
) -> Words:
    codes = pick_codes(group.to_numpy(object), table, rng)
    return np.where(rng.random(len(codes)) < silent, "", codes)
