"""The sheets of the needs assessment: the page's tables as numbers to go on with."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from risk_engine.reports import formats as f
from risk_engine.reports import needs_words as words
from risk_engine.reports.needs_facts import NeedsFacts
from risk_engine.reports.workbook import Sheet

#: Sheet of the workbook -> what the suppression log of the assessment calls its tables.
_NAMES = {
    "headline": "Headline",
    "victims": "Headline",
    "categories": "Categories",
    "areas": "Areas",
    "area_measures": "Area measures",
    "area_categories": "Area categories",
    "area_quarters": "Area quarters",
    "area_places": "Area places",
    "months": "Months",
    "weekdays": "Times",
    "hours": "Times",
    "places": "Places",
    "ages": "Victims",
    "health": "Health",
}
_SHARE, _LOW, _HIGH, _VERDICT = "Share", "Change, low", "Change, high", "Verdict"


def sheets(facts: NeedsFacts) -> list[Sheet]:
    """Return all sheets, Read me first; one that holds nothing says so in its only row."""
    tables = facts.found.tables
    headline = pd.concat([tables["headline"], tables["victims"]], ignore_index=True)
    times = [tables["weekdays"].assign(area="day"), tables["hours"].assign(area="time of day")]
    return [
        Sheet("Read me", _read_me(facts)),
        _sheet(facts, "Headline", headline, "Measure"),
        _sheet(facts, "Categories", tables["categories"], "Category"),
        _sheet(facts, "Areas", tables["areas"], "Local area", rates=True),
        _sheet(facts, "Area measures", tables["area_measures"], "Measure", area="Local area"),
        _sheet(facts, "Area categories", tables["area_categories"], "Category", area="Local area"),
        _sheet(facts, "Area quarters", tables["area_quarters"], "Quarter", area="Local area"),
        _sheet(facts, "Area places", tables["area_places"], "Place", area="Local area"),
        _sheet(facts, "Months", tables["months"], "Month", share=False),
        _sheet(facts, "Times", pd.concat(times, ignore_index=True), "When", area="By"),
        _sheet(facts, "Places", tables["places"], "Place"),
        _sheet(facts, "Victims", tables["ages"], "Age"),
        _health(facts),
        Sheet("Suppression log", _log(facts)),
    ]


def _sheet(
    facts: NeedsFacts,
    name: str,
    rows: pd.DataFrame,
    first: str,
    *,
    area: str = "",
    rates: bool = False,
    share: bool = True,
) -> Sheet:
    """Return a table of counts as a sheet; hidden counts are words, all others numbers."""
    if rows.empty:
        return Sheet(name, pd.DataFrame({"Note": ["The sources counted do not hold this."]}))
    window = facts.found.window
    columns: dict[str, object] = {area: rows["area"]} if area else {}
    columns[first] = rows["title"]
    columns[window.label] = _numbers(rows, "count")
    if share:
        columns[_SHARE] = rows["share"]
    if rates:
        columns |= {
            "Per 1,000 residents": rows["rate"],
            "Per 1,000, low": rows["rate_low"],
            "Per 1,000, high": rows["rate_high"],
        }
    if rows["before_text"].ne("").any():
        columns |= _earlier(rows, window.label_before)
    made = pd.DataFrame(columns).reset_index(drop=True)
    made.insert(len(made.columns), "Definition", facts.definition.version)
    return Sheet(name, made, shares=[_SHARE, "Change", _LOW, _HIGH])


def _earlier(rows: pd.DataFrame, label: str) -> dict[str, object]:
    known = rows["verdict"] != "not given"
    before: dict[str, object] = {label: _numbers(rows, "before")}
    if not known.any():
        return before
    low, high = (rows[c].where(known) for c in ("change_low", "change_high"))
    return before | {
        "Change": rows["change"].where(known),
        _LOW: low,
        _HIGH: high.mask(high == float("inf")),
        _VERDICT: rows["verdict"],
    }


def _numbers(rows: pd.DataFrame, column: str) -> pd.Series:
    values: list[object] = [
        int(value) if not f.missing(value) else text or None
        for value, text in zip(rows[column], rows[f"{column}_text"], strict=True)
    ]
    return pd.Series(values, index=rows.index, dtype=object)


def _health(facts: NeedsFacts) -> Sheet:
    rows = facts.found.tables["health"]
    made = _sheet(facts, "Health", rows, "Quarter", area="Area", rates=True)
    if rows.empty:
        return made
    titles = {line.name: line.title for line in facts.sources}
    named = made.table.copy()
    named.insert(0, "Source", [titles.get(name, name) for name in rows["source"]])
    named.insert(1, "Measure", rows["measure"].tolist())
    return Sheet("Health", named, shares=made.shares)


def _log(facts: NeedsFacts) -> pd.DataFrame:
    log = facts.found.suppressed
    return pd.DataFrame(
        {
            "Sheet": log["sheet"].map(_NAMES),
            "Area": log["area"],
            "Row": log["row"],
            "Column": log["column"],
            "Why it is hidden": log["rule"],
            "Hidden with it": "share, rate and change of the same row",
        }
    )


def _read_me(facts: NeedsFacts) -> pd.DataFrame:
    found = facts.found
    lines: list[tuple[str, str]] = [
        ("What this is", f"Strategic needs assessment of {facts.force_area}: {facts.title}"),
        ("Headline", words.headline(facts)),
        ("Period", f"{facts.period_label}; months counted: {words.months(found.months)}"),
        ("Compared with", _compared_with(facts)),
        ("As known on", f.instant(facts.as_of, facts.timezone)),
        ("Definition", f"{facts.definition.title}, version {facts.definition.version}"),
        *([("Definition", facts.definition_note)] if facts.definition_note else []),
        *(("Coverage", text) for text in words.coverage(facts)),
        *(
            ("Coverage", text)
            for source in found.health_sources
            for text in words.health_coverage(facts, source)
        ),
        ("Handling", facts.marking),
        ("To question an entry", facts.challenge),
        ("How it is counted", "An offence is one incident, however many rows it has."),
        ("How it is counted", "A victim is one person in one incident."),
        ("How it is counted", "A month begins at local midnight; only what was known is counted."),
        ("How to read it", "Share: of all offences, or of those of the same local area."),
        ("How to read it", "Change: relative to the year before, with its 95 % interval."),
        *(("Limit", text) for text in words.limits(facts)),
        *(("Source", text) for text in _sources(facts)),
    ]
    return pd.DataFrame(lines, columns=["Subject", "Text"])


def _compared_with(facts: NeedsFacts) -> str:
    label = facts.found.window.label_before
    return label if facts.found.comparable else f"Nothing: {label} is not covered alike"


def _sources(facts: NeedsFacts) -> Sequence[str]:
    return [
        f"{line.title} ({line.use}), {line.controller}: {f.count(line.read)} rows read, "
        f"{f.count(line.quarantined)} set aside, {f.count(line.held)} held back"
        for line in facts.sources
    ]
