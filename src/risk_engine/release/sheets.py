"""The tables of the workbooks, in plain words: what TVRP reads, fills in and returns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from risk_engine.disclosure import protect_counts
from risk_engine.reports import BriefingFacts
from risk_engine.reports.workbook import Sheet

#: What TVRP may say was done at a place: offered as a list in the Actions sheet.
ACTIONS = (
    "visible guardianship",
    "environmental or design change",
    "licensing or business work",
    "youth outreach",
    "problem-solving plan",
    "nothing needed",
    "other",
)

_LIMITS_OF_USE = (
    "A rank is a priority for attention and problem solving. It predicts nothing about a person.",
    "The list advises. What is done, if anything, people decide together.",
)

_METRICS = {
    "rri": "listed, of those eligible",
    "rri_residents": "listed, of all residents",
    "tpr_ratio": "listed, of those to whom it later happened",
    "burden": "residents who live in listed places",
    "burden_within_areas": "the same, against an even draw in each local area",
}


def place_sheets(facts: BriefingFacts, backtest: pd.DataFrame, audit: Sheet) -> list[Sheet]:
    """Return the sheets of one area's workbook, the same for every area but for the places."""
    places = _places(facts)
    return [
        Sheet("Read me", _read_me(facts)),
        Sheet("Places", places),
        Sheet("Changes", places[["Place", "Number", "Change since the period before"]]),
        _actions(places),
        Sheet("Past lists", _past_lists(backtest)),
        audit,
    ]


def audit_sheet(
    results: pd.DataFrame, *, threshold: int, rate_denominator: int
) -> tuple[Sheet, pd.DataFrame]:
    """Return the audit as it may leave, small numbers hidden, and the log of what was hidden.

    Parameters
    ----------
    results
        The audit's results. Those about linkage are for the reviewer and stay inside: they compare
        no list, and pairs of records are no counts of people that could be protected.
    threshold, rate_denominator
        Of the policy, for tables that leave: smaller counts and rates on fewer people are hidden.
    """
    counts = ["selected", "at_risk"]
    results = results[results["subject"] != "linkage"].reset_index(drop=True)
    whole = results.assign(**{name: results[name].astype(float).round() for name in counts})
    derived = ["rate", "value", "low", "high"]
    shown, log = protect_counts(
        whole,
        count_columns=counts,
        derived=dict.fromkeys(counts, derived),
        totals=[["subject", "attribute", "metric"]],
        rates={"rate": "at_risk"},
        threshold=threshold,
        rate_denominator=rate_denominator,
    )
    table = pd.DataFrame(
        {
            "List": shown["subject"],
            "Compared by": shown["attribute"].str.replace("_", " "),
            "Measure": shown["metric"].map(_METRICS).fillna(shown["metric"]),
            "Group": shown["group"],
            "Against": shown["reference"],
            "Listed": shown["selected_text"],
            "Of": shown["at_risk_text"],
            "Ratio": shown["value"].astype(float),
            "Ratio, low": shown["low"].astype(float),
            "Ratio, high": shown["high"].astype(float),
            "Agreed limit": shown["tolerance"].astype(float),
            "Verdict": shown["verdict"],
            "Decides": shown["deciding"].astype(bool),
        }
    )
    return Sheet("Audit", table), log


def people_sheets(
    scores: pd.DataFrame,
    *,
    title: str,
    about: Mapping[str, Any],
    expires_at: datetime,
    area_names: Mapping[str, str],
) -> list[Sheet]:
    """Return the sheets of a list of people: pseudonyms, reasons in words, an expiry on every row.

    Parameters
    ----------
    scores
        Selected rows of the scores table, best first.
    """
    rows = pd.DataFrame(
        {
            "Priority": scores["rank"].astype(int),
            "Pseudonym": scores["person_id"],
            "Area": [area_names.get(code, "not known") for code in scores["area_code"]],
            "Raises priority": ["; ".join(reasons) for reasons in scores["reasons"]],
            "Lowers priority": ["; ".join(reasons) for reasons in scores["protective"]],
            "Expires": expires_at.replace(tzinfo=None),
        }
    )
    lines = [
        ("What this is", f"{title}: people to whom an offer of support may be made first."),
        ("Purpose", about["purpose"]),
        ("Handling", about["marking"]),
        ("For", "; ".join(about["people_recipients"])),
        ("How to challenge an entry", about["challenge"]),
        ("Who is who", "Pseudonyms are resolved by the key holder of the partnership only."),
        *(("Limit", text) for text in _LIMITS_OF_USE),
    ]
    return [Sheet("Read me", _lines(lines)), Sheet("People", rows)]


def _places(facts: BriefingFacts) -> pd.DataFrame:
    places = facts.places
    names = facts.areas.set_index("area_code")["name"].to_dict()
    return pd.DataFrame(
        {
            "Number": range(1, len(places) + 1),
            "Place": places["hotspot_id"].to_numpy(),
            "Area": [names.get(code, "") for code in places["area_code"]],
            "Easting": places["easting"].round().astype("int64").to_numpy(),
            "Northing": places["northing"].round().astype("int64").to_numpy(),
            "Rank, best": places["rank_low"].astype("int64").to_numpy(),
            "Rank, worst": places["rank_high"].astype("int64").to_numpy(),
            "Expected": places["expected"].round(2).to_numpy(),
            "Expected, low": places["expected_low"].round(2).to_numpy(),
            "Expected, high": places["expected_high"].round(2).to_numpy(),
            "Category": places["category"].to_numpy(),
            "Usual when": places["usual_when"].to_numpy(),
            "Since": [_date(since) for since in places["since"]],
            "Change since the period before": places["change"].to_numpy(),
            "Why": ["; ".join(reasons) for reasons in places["reasons"]],
        }
    )


def _date(value: object) -> datetime | None:
    moment = pd.Timestamp(value)  # type: ignore[arg-type]
    return None if pd.isna(moment) else moment.to_pydatetime()


def _read_me(facts: BriefingFacts) -> pd.DataFrame:
    lines = [
        ("What this is", f"Places for {facts.area_name}, {facts.period_label}"),
        ("Release", facts.release_id),
        ("Approved by", f"{facts.approved_by}, {facts.approved_at:%d %B %Y}"),
        ("Expires", f"{facts.expires_at:%d %B %Y}"),
        ("Handling", facts.marking),
        ("Definition", f"{facts.definition.title}, version {facts.definition.version}"),
        ("How to challenge an entry", facts.challenge),
        (
            "How to return it",
            "Fill in the sheet Actions, change no header, and send the file back.",
        ),
        *(("Limit", text) for text in (*_LIMITS_OF_USE, *facts.limits)),
        *(("Not listed by choice", text) for text in facts.excluded),
        *(("Audit", text) for text in facts.audit),
    ]
    return _lines(lines)


def _lines(lines: list[tuple[str, str]]) -> pd.DataFrame:
    return pd.DataFrame(lines, columns=["Subject", "Text"])


def _actions(places: pd.DataFrame) -> Sheet:
    table = places[["Place"]].assign(Action=None, Owner=None, Started=None, Ended=None, Note=None)
    return Sheet("Actions", table, choices={"Action": ACTIONS})


def _past_lists(backtest: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Period from": [_date(value) for value in backtest["origin"]],
            "Events": backtest["events"].to_numpy(),
            "Inside the listed squares": backtest["placed_hits"].to_numpy(),
            "Inside the same number by a plain count": backtest["count_hits"].to_numpy(),
        }
    )
