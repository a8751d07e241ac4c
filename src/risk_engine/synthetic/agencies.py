"""The extracts of health, youth justice, education and children's services."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from risk_engine.synthetic.identities import identify
from risk_engine.synthetic.people import age_at
from risk_engine.synthetic.police import pick_codes, whole

Flags = npt.NDArray[np.bool_]

#: Share of incidents by kind after which the victim attends an emergency department.
ATTENDS = {
    "most_serious_violence": 0.75,
    "violence_with_injury": 0.25,
    "robbery": 0.10,
    "unreported_assault": 1.0,
}
SITES = ("Northgate General", "Eastern Infirmary", "Harbour Hospital", "Downs Hospital")
NAMELESS_SITES = SITES[2:]  # their rows name nobody
ED_WEAPONS = {
    "bladed": "Sharp object",
    "other": "Blunt object",
    "none": "Body part",
    "unknown": "Not stated",
}
ED_PLACES = {
    "public": "Street",
    "dwelling": "Home",
    "licensed": "Pub or club",
    "school": "School",
    "other": "Other",
}
ED_SEVERITY = {"none": "Minor", "minor": "Minor", "serious": "Serious", "fatal": "Serious"}
ED_ETHNICITY = {
    "Asian": ("H", "J", "K", "L", "R"),
    "Black": ("M", "N", "P"),
    "Mixed": ("D", "E", "F", "G"),
    "Other": ("S",),
    "White": ("A", "A", "A", "A", "B", "C"),
}
YJ_STAGES = {
    "referral": "Referral",
    "order": "Order Start",
    "breach": "Breach",
    "order_completed": "Order Completed",
}
YJ_ETHNICITY = {
    "Asian": "Asian or Asian British",
    "Black": "Black or Black British",
    "Mixed": "Mixed",
    "Other": "Chinese or Other",
    "White": "White",
}
SCHOOL_CATEGORIES = {
    "suspension": "SUSP",
    "permanent_exclusion": "PERM",
    "persistent_absence": "PA",
    "attendance_regained": "REGAINED",
}
SCHOOL_ETHNICITY = {
    "Asian": "ASIA",
    "Black": "BLAC",
    "Mixed": "MIXD",
    "Other": "OTHR",
    "White": "WHIT",
}
CARE_STEPS = {
    "contact": "Contact",
    "assessment": "Assessment",
    "child_protection_plan": "CP Plan",
    "in_care": "Looked After",
}
CARE_ETHNICITY = {
    "Asian": "Asian",
    "Black": "Black",
    "Mixed": "Mixed or Multiple",
    "Other": "Any other",
    "White": "White",
}
LONG_SEX = {"F": "Female", "M": "Male"}


def emergency_department(
    incidents: pd.DataFrame, people: pd.DataFrame, *, rng: np.random.Generator
) -> pd.DataFrame:
    """Attendances after assaults, those unknown to the police included.

    Returns
    -------
    pandas.DataFrame
        Text under the contract's headers and ``person`` (truth), in order of extraction.
    """
    chance = incidents.kind.map(ATTENDS).fillna(0.0).to_numpy(dtype=float)
    rows = incidents[rng.random(len(incidents)) < chance].reset_index(drop=True)
    rows["arrived"] = rows.occurred_at + pd.to_timedelta(
        rng.integers(20, 300, len(rows)), unit="min"
    )
    rows["known"] = rows.arrived.dt.floor("D") + _days(1, 11, len(rows), rng)
    rows = rows.sort_values(["known", "arrived"], kind="stable", ignore_index=True)
    site = np.array(SITES, object)[(rows.area + (rng.random(len(rows)) < 0.1)) % len(SITES)]
    named = ~np.isin(site, NAMELESS_SITES)
    placed = rng.random(len(rows)) < 0.8
    who = identify(people, rows.person.to_numpy(), rows.arrived, prefix="ED", rng=rng)
    ethnicity = pick_codes(who.ethnicity.to_numpy(object), ED_ETHNICITY, rng)
    return pd.DataFrame(
        {
            "Attendance Number": _keys("A", len(rows)),
            "Site": site,
            "Arrival Date And Time": rows.arrived.dt.strftime("%Y-%m-%d %H:%M"),
            "Extract Date": rows.known.dt.strftime("%Y-%m-%d"),
            "Incident Easting": whole((rows.easting / 10).round() * 10).where(placed, ""),
            "Incident Northing": whole((rows.northing / 10).round() * 10).where(placed, ""),
            "Assault Weapon": rows.weapon.map(ED_WEAPONS),
            "Severity": rows.injury.map(ED_SEVERITY),
            "Assault Location Type": rows.place.map(ED_PLACES),
            "Age": _ages(people, rows, rows.arrived),
            "Given Name": who.first_name.where(named, ""),
            "Family Name": who.last_name.where(named, ""),
            "Birth Date": who.birth.dt.strftime("%Y-%m-%d").where(named, ""),
            "Sex": who.sex.map({"M": "1", "F": "2"}),
            "Postcode": who.postcode.where(named, ""),
            "Ethnic Category": np.where(rng.random(len(rows)) < 0.12, "", ethnicity),
            "person": rows.person,
        }
    )


def youth_justice(
    events: pd.DataFrame, people: pd.DataFrame, *, rng: np.random.Generator
) -> pd.DataFrame:
    """Referrals, orders, breaches and completions, entered one to five weeks later."""
    rows = _dated(events, YJ_STAGES, people, rng, delay=(7, 36))
    who = identify(people, rows.person.to_numpy(), rows.day, prefix="YJ", rng=rng)
    return pd.DataFrame(
        {
            "Case Event Id": _keys("YJE", len(rows)),
            "Stage": rows.kind.map(YJ_STAGES),
            "Event Date": rows.day.dt.strftime("%d/%m/%Y"),
            "Date Entered": rows.known.dt.strftime("%d/%m/%Y"),
            "Age": _ages(people, rows, rows.day),
            "Client Number": who.number,
            "First Name": who.first_name,
            "Last Name": who.last_name,
            "DOB": who.birth.dt.strftime("%d/%m/%Y"),
            "Gender": who.sex.map(LONG_SEX),
            "Home Postcode": who.postcode,
            "Ethnicity": _stated(who, YJ_ETHNICITY, 0.05, rng),
            "person": rows.person,
        }
    )


def education(
    events: pd.DataFrame, people: pd.DataFrame, *, rng: np.random.Generator
) -> pd.DataFrame:
    """Suspensions, exclusions and attendance, returned one to six weeks later."""
    rows = _dated(events, SCHOOL_CATEGORIES, people, rng, delay=(7, 43))
    who = identify(people, rows.person.to_numpy(), rows.day, prefix="SC", rng=rng)
    return pd.DataFrame(
        {
            "Entry Number": _keys("S", len(rows)),
            "Category": rows.kind.map(SCHOOL_CATEGORIES),
            "Start Date": rows.day.dt.strftime("%Y-%m-%d"),
            "Return Date": rows.known.dt.strftime("%Y-%m-%d"),
            "Age": _ages(people, rows, rows.day),
            "Pupil Number": _pupil(rows.person, rng.random(len(rows)) < 0.97),
            "Forename": who.first_name,
            "Surname": who.last_name,
            "Date of Birth": who.birth.dt.strftime("%Y-%m-%d"),
            "Sex": who.sex,
            "Postcode": who.postcode,
            "Home Easting": whole(who.home_x),
            "Home Northing": whole(who.home_y),
            "Ethnic Group": _stated(who, SCHOOL_ETHNICITY, 0.03, rng),
            "person": rows.person,
        }
    )


def childrens_services(
    events: pd.DataFrame, people: pd.DataFrame, *, rng: np.random.Generator
) -> pd.DataFrame:
    """Contacts, assessments, plans and care, entered two days to three weeks later."""
    rows = _dated(events, CARE_STEPS, people, rng, delay=(2, 22))
    who = identify(people, rows.person.to_numpy(), rows.day, prefix="CS", rng=rng)
    return pd.DataFrame(
        {
            "Case Step": _keys("C", len(rows)),
            "Step Type": rows.kind.map(CARE_STEPS),
            "Began On": rows.day.dt.strftime("%d-%b-%Y"),
            "Entered On": rows.known.dt.strftime("%d-%b-%Y"),
            "Age": _ages(people, rows, rows.day),
            "UPN": _pupil(rows.person, rng.random(len(rows)) < 0.65),
            "First Name": who.first_name,
            "Surname": who.last_name,
            "Birth Date": who.birth.dt.strftime("%d-%b-%Y"),
            "Sex": who.sex.map(LONG_SEX),
            "Address Postcode": who.postcode,
            "Address Easting": whole(who.home_x),
            "Address Northing": whole(who.home_y),
            "Ethnicity": _stated(who, CARE_ETHNICITY, 0.06, rng),
            "person": rows.person,
        }
    )


def _dated(
    events: pd.DataFrame,
    kinds: Mapping[str, str],
    people: pd.DataFrame,
    rng: np.random.Generator,
    *,
    delay: tuple[int, int],
) -> pd.DataFrame:
    """Events of some kinds on a weekday of their week, with the day they were entered."""
    rows = events[events.kind.isin(list(kinds))].reset_index(drop=True)
    rows["day"] = rows.week + _days(0, 5, len(rows), rng)
    rows = rows[(people.birth.iloc[rows.person].to_numpy() <= rows.day.to_numpy())]
    rows["known"] = rows.day + _days(*delay, len(rows), rng)
    return rows.sort_values(["known", "day", "person"], kind="stable", ignore_index=True)


def _days(low: int, high: int, count: int, rng: np.random.Generator) -> pd.TimedeltaIndex:
    return pd.to_timedelta(rng.integers(low, high, count), unit="D")


def _ages(people: pd.DataFrame, rows: pd.DataFrame, moment: pd.Series) -> pd.Series:
    birth = people.birth.iloc[rows.person].reset_index(drop=True)
    return pd.Series(age_at(birth, moment)).astype("str")


def _pupil(person: pd.Series, known: Flags) -> pd.Series:
    """One number a pupil for life, shared by schools and children's services where known."""
    number = (person + 1) * 3**18 % 10**12  # 3**18 shares no factor with 10**12: no two alike
    return ("U" + number.astype("str").str.zfill(12)).where(known, "")


def _stated(
    who: pd.DataFrame, table: Mapping[str, str], silent: float, rng: np.random.Generator
) -> pd.Series:
    return who.ethnicity.map(table).where(rng.random(len(who)) >= silent, "")


def _keys(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number:07d}" for number in range(1, count + 1)]
