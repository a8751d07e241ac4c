"""The disproportionality page: the result, what failed, what cannot be told, then every figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from risk_engine.reports import formats as f
from risk_engine.reports.facts import Verdicts, WeekFacts
from risk_engine.reports.table import Lines, Row, Table, Tag, table
from risk_engine.reports.views import linkage

VERDICTS = ("fail", "cannot tell", "pass")
_METRICS = {
    "rri": "listed, of those eligible",
    "rri_residents": "listed, of all residents",
    "tpr_ratio": "listed, of those to whom it later happened",
    "burden": "residents who live in listed places",
    "burden_within_areas": "residents who live in listed places, within each local area",
}
_KINDS = {"fail": "fail", "pass": "pass", "cannot tell": "warn", "reference": "plain"}
_CHARACTERISTICS = {
    "gender_reassignment": "gender reassignment",
    "marriage_civil_partnership": "marriage and civil partnership",
    "pregnancy_maternity": "pregnancy and maternity",
    "religion_belief": "religion or belief",
    "sexual_orientation": "sexual orientation",
    "ethnicity": "race (as recorded ethnicity)",
}


def context(facts: WeekFacts) -> dict[str, Any]:
    """Return what the disproportionality page says."""
    decided = _decided(facts.audit)
    return {
        "result": result_line(facts.overall),
        "release": release_line(facts),
        "groups": [_group(decided, verdict) for verdict in VERDICTS],
        "also": _sentences(_other(facts.audit)),
        "not_held": _characteristics(facts.overall.held, "not held"),
        "held": _characteristics(facts.overall.held, "held"),
        "tables": result_tables(facts.audit),
        "by_group": by_group_table(facts.by_group),
        "linkage": linkage.context(facts),
        "empty": facts.audit.empty,
    }


def result_line(overall: Verdicts) -> str:
    """Write the first line: how many deciding comparisons fail, pass, cannot be told."""
    return (
        f"Result: {f.count(overall.fail)} FAIL, {f.count(overall.passed)} pass, "
        f"{f.count(overall.cannot_tell)} cannot tell."
    )


def release_line(facts: WeekFacts) -> str:
    """Say what the result means for the release."""
    if facts.overall.fail:
        return "This release cannot go out: a deciding comparison failed."
    if facts.gate.to_adjudicate:
        n = len(facts.gate.to_adjudicate)
        return (
            f"This release waits: a named reviewer has to judge "
            f"{f.plural(n, 'comparison')}, with a reason."
        )
    if not facts.gate.allowed:
        return "The audit does not stand in the way; other conditions of the release do."
    return "The audit does not stand in the way of this release."


def _decided(audit: pd.DataFrame) -> pd.DataFrame:
    return audit.loc[audit["deciding"].astype(bool)] if len(audit) else audit


def _other(audit: pd.DataFrame) -> pd.DataFrame:
    """Return comparisons that do not decide but show something beyond the tolerance."""
    if audit.empty:
        return audit
    return audit.loc[~audit["deciding"].astype(bool) & (audit["verdict"] == "fail")]


def _group(decided: pd.DataFrame, verdict: str) -> dict[str, Any]:
    rows = decided.loc[decided["verdict"] == verdict] if len(decided) else decided
    return {
        "tag": Tag(verdict.upper(), _KINDS[verdict]),
        "count": f.plural(len(rows), "comparison"),
        "sentences": _sentences(rows),
    }


def _sentences(rows: pd.DataFrame) -> list[dict[str, str]]:
    return [
        {"where": f.capital(comparison(row)), "text": str(row["why"])}
        for row in rows.to_dict("records")
    ]


def comparison(row: Row) -> str:
    """Name what one row compares, such as ``places, ethnicity: Black``."""
    return f"{f.words(str(row['subject']))}, {f.words(str(row['attribute']))}: {row['group']}"


def _characteristics(held: Mapping[str, str], state: str) -> str:
    names = [_CHARACTERISTICS.get(key, f.words(key)) for key in held if held[key] == state]
    return f.listed(names) or "none"


def result_tables(audit: pd.DataFrame) -> list[Table]:
    """Build one table for each subject, attribute and metric, in the order of the audit.

    Linkage has a section of its own: it compares no list, and partly by differences.
    """
    if audit.empty:
        return []
    audit = audit.loc[audit["subject"] != "linkage"]
    keys = ["subject", "attribute", "metric"]
    return [_result_table(block, *map(str, key)) for key, block in audit.groupby(keys, sort=False)]


def _result_table(block: pd.DataFrame, subject: str, attribute: str, metric: str) -> Table:
    heads = [
        f.words(attribute).capitalize(),
        "#Ratio (95\xa0% range)",
        "#Listed, of how many",
        "#Reference group",
        "#Expected entries",
        "#If the unrecorded were known",
        "Verdict",
    ]
    decides = "decides" if bool(block["deciding"].any()) else "shown, does not decide"
    what = (
        f"{f.words(subject).capitalize()} by {f.words(attribute)}: {_METRICS.get(metric, metric)}"
    )
    return table(f"{what} ({decides})", heads, [_row(row) for row in block.to_dict("records")])


def _row(row: Row) -> list[Any]:
    reference = row["verdict"] == "reference"
    return [
        str(row["group"]),
        "reference" if reference else f.interval(row["value"], row["low"], row["high"], digits=2),
        f.per_thousand(row["selected"], row["at_risk"]),
        f.NONE if reference else _reference(row),
        f.number(row["n"]),
        _bounds(row),
        Tag(str(row["verdict"]).upper(), _KINDS.get(str(row["verdict"]), "warn")),
    ]


def _reference(row: Row) -> Lines:
    rate = f.per_thousand(row["reference_selected"], row["reference_at_risk"])
    return Lines((str(row["reference"]), rate))


def _bounds(row: Row) -> str:
    low, high = row.get("bound_low"), row.get("bound_high")
    if f.missing(low) or f.missing(high):
        return f.NONE
    return f"{f.number(low, 2)}\N{EN DASH}{f.number(high, 2)}"


def by_group_table(by_group: pd.DataFrame) -> Table:
    """Build the table of error rates by group; each share beside the count it is a share of."""
    heads = [
        "Group",
        "#People",
        "#On the list",
        "#Share listed",
        "#It happened to",
        "#Of those, listed",
        "#Listed, of the others",
        "#Of the listed, it happened to",
    ]
    body = [
        [
            f"{f.words(str(row['attribute'])).capitalize()}: {row['group']}",
            f.count(row["n"]),
            f.count(row["selected"]),
            f.percent(row["selection_rate"], 1),
            f.count(row["observed"]),
            *(f.percent(row[rate], 1) for rate in ("tpr", "fpr", "precision")),
        ]
        for row in by_group.to_dict("records")
    ]
    caption = "How the list did by group on the latest validation date"
    return table(caption, heads, body, empty="No list of people was measured.")
