"""How well records were linked, group by group: a section of the disproportionality page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from risk_engine.reports import formats as f
from risk_engine.reports.facts import WeekFacts
from risk_engine.reports.table import Cell, Lines, Row, Table, Tag, table

#: Share of `linkage_by_group` -> its head, and the metric of the audit that judges it.
_SHARES = {
    "unlinkable": ("#Too little to link", "unlinkable"),
    "weak": ("#Hang on one weak link", "weak"),
    "recall": ("#Recall", "link_recall"),
    "precision": ("#Precision", "link_precision"),
}
_IN_POINTS = frozenset({"link_recall", "link_precision"})
_KINDS = {"fail": "fail", "pass": "pass", "cannot tell": "warn"}
_MEANINGS = {
    "unlinkable": (
        "Too little to link",
        "records that hold too little to be joined with any other.",
    ),
    "weak": (
        "Hang on one weak link",
        "records held to their person by one link that only just counts.",
    ),
    "recall": (
        "Recall",
        (
            "of the pairs of records that truly are one person, so many in a hundred were found. "
            "By record: the share of a person's records that a record was found with (itself "
            "included), averaged over records, so that one person with many cannot carry it."
        ),
    ),
    "precision": (
        "Precision",
        "of the pairs of records that were joined, so many in a hundred truly are one person.",
    ),
}


def context(facts: WeekFacts) -> dict[str, Any]:
    """Return what the section says; no tables where nothing was linked."""
    rows = facts.linkage_by_group
    shown = [name for name in _SHARES if any(not f.missing(row.get(name)) for row in rows)]
    return {
        "tables": [_table(rows, name, shown, facts.audit) for name in _attributes(rows)],
        "meanings": [{"what": _MEANINGS[n][0], "text": _MEANINGS[n][1]} for n in shown],
        "measured": "recall" in shown,
    }


def _attributes(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(str(row["attribute"]) for row in rows))


def _table(rows: Sequence[Row], attribute: str, shown: Sequence[str], audit: pd.DataFrame) -> Table:
    own = [row for row in rows if row["attribute"] == attribute]
    names = [n for n in shown if any(not f.missing(row.get(n)) for row in own)]
    people = "recall" in names
    judged = _judged(audit, attribute)
    heads = [f.words(attribute).capitalize(), "#Records"]
    heads += ["#People known"] * people + [_SHARES[name][0] for name in names]
    body = [
        [
            f.words(str(row["group"])) if attribute == "source" else str(row["group"]),
            f.count(row["records"]),
            *([f.count(row["true_people"])] * people),
            *(_cell(row, name, judged) for name in names),
        ]
        for row in own
    ]
    return table(f"Linkage by {f.words(attribute)}{_decides(judged)}", heads, body)


def _judged(audit: pd.DataFrame, attribute: str) -> dict[tuple[str, str], Row]:
    """Return metric and group -> the row of the audit."""
    if audit.empty:
        return {}
    rows = audit.loc[(audit["subject"] == "linkage") & (audit["attribute"] == attribute)]
    return {(str(row["metric"]), str(row["group"])): row for row in rows.to_dict("records")}


def _decides(judged: Mapping[tuple[str, str], Row]) -> str:
    if not judged:
        return ""
    decides = any(bool(row["deciding"]) for row in judged.values())
    return " (decides)" if decides else " (shown, does not decide)"


def _cell(row: Row, name: str, judged: Mapping[tuple[str, str], Row]) -> Cell:
    """Write a share, its range, and how it stands against the reference, each on a line."""
    if f.missing(row.get(name)):
        return f.NONE
    low, high = (f.percent(row[f"{name}{end}"], 1) for end in ("_low", "_high"))
    lines: list[str | Tag] = [f.percent(row[name], 1), f"{low} to {high}"]
    if name == "recall":
        lines.append(f"by record {f.percent(row['record_recall'], 1)}")
    if found := judged.get((_SHARES[name][1], str(row["group"]))):
        lines += _verdict(found)
    return Lines(tuple(lines))


def _verdict(found: Row) -> list[str | Tag]:
    verdict = str(found["verdict"])
    if verdict == "reference":
        return [verdict]
    against = _against(found)
    return [*([against] if against else []), Tag(verdict.upper(), _KINDS.get(verdict, "warn"))]


def _against(found: Row) -> str:
    """Write the ratio to the reference, or the difference; nothing where there is none."""
    if f.missing(found["low"]) or f.missing(found["high"]):
        return ""
    in_points = found["metric"] in _IN_POINTS
    value, low, high = (
        f.number(found[part], 1 if in_points else 2) for part in ("value", "low", "high")
    )
    return f"{value} {'points' if in_points else 'times'} ({low} to {high})"
