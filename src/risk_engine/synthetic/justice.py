"""The extracts of youth justice and of probation."""

from __future__ import annotations

from risk_engine.synthetic.chance import Ints
from risk_engine.synthetic.columns import days, numbered, words
from risk_engine.synthetic.extract import Array, Columns, Desk, Extract, supported
from risk_engine.synthetic.identities import Identity
from risk_engine.synthetic.police import SELF_DEFINED

YOUTH = {
    "referral": "Referral",
    "order": "Order Start",
    "breach": "Breach",
    "order_completed": "Order Completed",
}
ADULT = {
    "supervision_order": "Order Start",
    "licence": "Licence Start",
    "supervision_breach": "Breach",
    "recall": "Recall",
    "supervision_completed": "Completed",
}
YOUTH_ETHNICITY = [
    ["Asian or Asian British"],
    ["Black or Black British"],
    ["Mixed"],
    ["Chinese or Other"],
    ["White"],
]
RISKS = ("Low", "Medium", "High", "Very High")


def youth_justice(desk: Desk) -> Extract:
    """Referrals, orders, breaches and completions, entered one to five weeks later."""

    def write(who: Identity, row: Ints, known: Ints, kind: Array) -> Columns:
        first, last = who.names()
        return {
            "Case Event Id": numbered("YJE", row + 1, 7),
            "Stage": words(list(YOUTH.values()), kind),
            "Event Date": days(who.day, "%d/%m/%Y"),
            "Date Entered": days(known, "%d/%m/%Y"),
            "Age": who.age(),
            "Client Number": who.number(),
            "First Name": first,
            "Last Name": last,
            "DOB": who.birth("%d/%m/%Y"),
            "Gender": who.sex("Female", "Male"),
            "Home Postcode": who.home().postcode(),
            "Ethnicity": who.ethnicity(YOUTH_ETHNICITY, 0.05, "ethnicity"),
        }

    return supported(desk, "youth_justice", YOUTH, delay=(7, 36), prefix="YJ", write=write)


def probation(desk: Desk) -> Extract:
    """Orders, licences, breaches, recalls and completions, entered within a month."""

    def write(who: Identity, row: Ints, known: Ints, kind: Array) -> Columns:
        first, last = who.names()
        risk = who.clerk.chance.among([0.3, 0.45, 0.2], "risk", row)
        return {
            "Event Reference": numbered("PR", row + 1, 7),
            "Event Type": words(list(ADULT.values()), kind),
            "Event Date": days(who.day, "%d/%m/%Y"),
            "Date Entered": days(known, "%d/%m/%Y"),
            "Risk Of Serious Harm": words(RISKS, risk),
            "Age": who.age(),
            "Case Number": who.number(),
            "First Name": first,
            "Last Name": last,
            "Date Of Birth": who.birth("%d/%m/%Y"),
            "Sex": who.sex("Female", "Male"),
            "Postcode": who.home().postcode(),
            "Ethnicity Code": who.ethnicity(SELF_DEFINED, 0.10, "ethnicity"),
        }

    return supported(desk, "probation", ADULT, delay=(2, 30), prefix="PB", write=write)
