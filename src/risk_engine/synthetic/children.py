"""The extracts of schools and of children's services, who share a pupil number where known."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from risk_engine.synthetic.chance import Ints
from risk_engine.synthetic.columns import days, numbered, only, words
from risk_engine.synthetic.extract import Array, Columns, Desk, Extract, supported
from risk_engine.synthetic.identities import Identity

#: Kinds of event -> the words of the source.
SCHOOL = {
    "suspension": "SUSP",
    "permanent_exclusion": "PERM",
    "persistent_absence": "PA",
    "alternative_provision": "AP",
    "attendance_regained": "REGAINED",
}
CARE = {
    "contact": "Contact",
    "assessment": "Assessment",
    "child_in_need_plan": "CIN Plan",
    "child_protection_plan": "CP Plan",
    "in_care": "Looked After",
    "placement_move": "Placement Move",
    "exploitation_concern": "Exploitation Concern",
}
#: By ethnic group, in the order of `world.GROUPS`.
SCHOOL_ETHNICITY = [
    ["AIND", "APKN", "ABAN", "AOTH", "CHNE"],
    ["BCRB", "BAFR", "BAFR", "BOTH"],
    ["MWBC", "MWBA", "MWAS", "MOTH"],
    ["OOTH"],
    ["WBRI", "WBRI", "WBRI", "WBRI", "WOTH", "WROM"],
]
CARE_ETHNICITY = [["Asian"], ["Black"], ["Mixed or Multiple"], ["Any other"], ["White"]]


def education(desk: Desk) -> Extract:
    """Suspensions, exclusions and attendance, returned one to six weeks later."""

    def write(who: Identity, row: Ints, known: Ints, kind: Array) -> Columns:
        first, last = who.names()
        home = who.home()
        return {
            "Entry Number": numbered("S", row + 1, 7),
            "Category": words(list(SCHOOL.values()), kind),
            "Start Date": days(who.day, "%Y-%m-%d"),
            "Return Date": days(known, "%Y-%m-%d"),
            "Age": who.age(),
            "Pupil Number": _pupil(who, 0.97),
            "Forename": first,
            "Surname": last,
            "Date of Birth": who.birth("%Y-%m-%d"),
            "Sex": who.sex("F", "M"),
            "Postcode": home.postcode(),
            "Home Easting": home.easting(),
            "Home Northing": home.northing(),
            "Ethnic Group": who.ethnicity(SCHOOL_ETHNICITY, 0.03, "ethnicity"),
        }

    return supported(desk, "education", SCHOOL, delay=(7, 43), prefix="SC", write=write)


def childrens_services(desk: Desk) -> Extract:
    """Contacts, assessments, plans, care and concerns, entered two days to three weeks later."""

    def write(who: Identity, row: Ints, known: Ints, kind: Array) -> Columns:
        first, last = who.names()
        home = who.home()
        return {
            "Case Step": numbered("C", row + 1, 7),
            "Step Type": words(list(CARE.values()), kind),
            "Began On": days(who.day, "%d-%b-%Y"),
            "Entered On": days(known, "%d-%b-%Y"),
            "Age": who.age(),
            "UPN": _pupil(who, 0.65),
            "First Name": first,
            "Surname": last,
            "Birth Date": who.birth("%d-%b-%Y"),
            "Sex": who.sex("Female", "Male"),
            "Address Postcode": home.postcode(),
            "Address Easting": home.easting(),
            "Address Northing": home.northing(),
            "Ethnicity": who.ethnicity(CARE_ETHNICITY, 0.06, "ethnicity"),
        }

    return supported(desk, "childrens_services", CARE, delay=(2, 22), prefix="CS", write=write)


def _pupil(who: Identity, known: float) -> pa.Array:
    """One number a pupil for life, shared by schools and children's services where known."""
    number = (who.person + 1) * 3**18 % 10**12  # 3**18 shares no factor with 10**12: no two alike
    written = who.clerk.chance.yes(known, "pupil number", who.person, who.row)
    return only(numbered("U", number, 12), np.asarray(written))
