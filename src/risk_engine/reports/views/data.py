"""The page of data: what arrived, what was set aside and why, how records became people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from risk_engine.reports import formats as f
from risk_engine.reports.facts import OUTCOMES, WeekFacts
from risk_engine.reports.table import Cell, Lines, Table, Tag, table

_HEADS = ("#Read", "#Accepted", "#Repaired", "#Quarantined", "#Dropped")
_REPAIRS = {
    "CODE_CASE": "a code written in other letters or spaces",
    "EXCEL_DATE": "a date sent as Excel's count of days",
    "NUMBER_FORMAT": "a number with thousands separators",
    "PLACEHOLDER": "a word for an empty cell, such as N/A",
    "POINT_SWAPPED": "coordinates swapped",
}
_CODES = {
    "REQUIRED_MISSING": "a required field is empty",
    "BAD_DATE": "a date in none of the agreed formats",
    "BAD_NUMBER": "not a number",
    "OUT_OF_RANGE": "a number outside the agreed range",
    "UNKNOWN_CODE": "a code that is not in the agreed list",
    "BAD_PATTERN": "a value not written as agreed",
    "DUPLICATE_KEY": "a row whose key came before",
    "RAGGED_ROW": "more or fewer fields than the header",
    "KNOWN_BEFORE_OCCURRED": "recorded before it occurred",
    "POINT_SWAPPED": "coordinates swapped",
    "POINT_WRONG_SYSTEM": "coordinates in another system",
    "POINT_OUTSIDE": "a place outside the study area",
    "POINT_SEA": "a place in the sea",
}


def context(facts: WeekFacts) -> dict[str, Any]:
    """Return what the page of data says."""
    return {
        "reconciled": reconciled(facts),
        "sources": _sources(facts),
        "notes": [f"{s['title']}: {s['note']}" for s in facts.sources if s.get("note")],
        "later": _later(facts),
        "files": _files(facts),
        "feeds": _feeds(facts),
        "delays": _delays(facts),
        "not_told": _not_told(facts),
        "codes": _codes(facts),
        "repairs": _repairs(facts),
        "linkage": _pairs("How records became people", facts.linkage or {}),
        "features": _pairs("Size of the feature tables", facts.features),
        "manifest": _pairs("What the run was made of", _plain(facts.manifest)),
        "nested": [
            _pairs(f.words(str(key)).capitalize(), value, words=False)
            for key, value in facts.manifest.items()
            if isinstance(value, Mapping) and value
        ],
    }


def reconciled(facts: WeekFacts) -> str:
    """Say whether every row that was read is accounted for."""
    total = {name: sum(int(file[name]) for file in facts.files) for name in OUTCOMES}
    held = sum(int(f["accepted"]) + int(f["repaired"]) for f in facts.files if f["held"])
    lost = 2 * total["read"] - sum(total.values())
    verdict = (
        "Every row is accounted for." if lost == 0 else f"NOT RECONCILED: {f.count(lost)} rows."
    )
    aside = f", of which {f.count(held)} are held until a person decides" if held else ""
    return (
        f"{f.count(total['read'])} rows read = {f.count(total['accepted'])} accepted + "
        f"{f.count(total['repaired'])} repaired{aside} + {f.count(total['quarantined'])} "
        f"quarantined + {f.count(total['dropped'])} dropped for retention. {verdict}"
    )


def _later(facts: WeekFacts) -> str:
    """Say what became of rows that were not known yet, where files hold any."""
    known = [s["last_known"] for s in facts.sources if not f.missing(s["last_known"])]
    if not any(moment >= facts.as_of for moment in known):
        return ""
    as_of = f.instant(facts.as_of, facts.timezone)
    return (
        f"The files also hold what became known only after {as_of}. Nothing of that was used to "
        "make the lists; it only serves to measure them."
    )


def _sources(facts: WeekFacts) -> Table:
    heads = [
        "Source", "Agreement", *_HEADS, "#Held", "Events from, to", "Last recorded",
    ]  # fmt: skip
    body = [_source(source, facts.timezone) for source in facts.sources]
    return table("Sources of this run", heads, body, empty="No source is configured.")


def _source(s: Mapping[str, Any], zone: str) -> list[Cell]:
    return [
        Lines((str(s["title"]), str(s["controller"]))),
        Lines((str(s["agreement"]), f"until {f.day(s['expires'])}")),
        *(f.count(s[key]) for key in (*OUTCOMES, "held")),
        _span(s["span_from"], s["span_to"], zone),
        _local_day(s["last_known"], zone),
    ]


def _span(start: Any, end: Any, zone: str) -> str:
    if f.missing(start) and f.missing(end):
        return f.NONE
    return f"{_local_day(start, zone)} to {_local_day(end, zone)}"


def _local_day(moment: Any, zone: str) -> str:
    if f.missing(moment) or not hasattr(moment, "tzinfo"):
        return f.day(moment)
    return f.day(f.local(moment, zone))


def _files(facts: WeekFacts) -> Table:
    heads = ["File", "Source", *_HEADS, "State"]
    body = [
        [
            str(file["file"]),
            f.words(str(file["source"])),
            *(f.count(file[key]) for key in OUTCOMES),
            Tag("HELD", "warn") if file["held"] else "used",
        ]
        for file in facts.files
    ]
    caption = "Each file: rows read = accepted + repaired + quarantined + dropped for retention"
    return table(caption, heads, body)


def _feeds(facts: WeekFacts) -> Table:
    body = [
        [
            str(feed["drop"]),
            Tag("HELD", "warn") if feed["held"] else "used",
            Lines(tuple(map(str, feed["reasons"])) or ("nothing unusual",)),
            Lines(tuple(map(str, feed.get("notes", ()))) or (f.NONE,)),
            decision_words(feed.get("decision")) or f.NONE,
        ]
        for feed in facts.feeds
    ]
    return table(
        "Drops of which there is something to say",
        ["Drop", "State", "Unlike the others", "Noted", "Decided"],
        body,
        empty="No drop is unlike the others.",
    )


def decision_words(decision: Mapping[str, Any] | None) -> str:
    """Say what a person decided about a drop; empty where nobody has."""
    if decision is None:
        return ""
    verb = "accepted" if decision["accept"] else "rejected"
    return f"{verb} by {decision['by']}: {decision['reason']}"


def _delays(facts: WeekFacts) -> Table:
    """Show how fast records arrive, with 95 % intervals for what is still unseen."""
    told, titles = [d for d in facts.delays if d["told"]], _titles(facts)
    recent = [unseen["days"] for unseen in told[0]["unseen"]] if told else []
    heads = ["Source", "#Same day", *(f"#Days to {f.percent(s)}" for s in _shares(told))]
    heads += [f"#Unseen of the last {days} days" for days in recent]
    body: list[list[Cell]] = [
        [
            titles[str(delays["source"])],
            f.percent(delays["known"][0]["share"]),
            *(f.NONE if u["days"] is None else f.count(u["days"]) for u in delays["until"]),
            *(Lines((f.percent(u["share"]), _interval(u))) for u in delays["unseen"]),
        ]
        for delays in told
    ]
    return table(
        "How fast records arrive, counted in days after the day of the event",
        heads,
        body,
        empty="No source says when a row was known.",
    )


def _titles(facts: WeekFacts) -> dict[str, str]:
    return {str(source["source"]): str(source["title"]) for source in facts.sources}


def _shares(told: Sequence[Mapping[str, Any]]) -> list[float]:
    return [until["share"] for until in told[0]["until"]] if told else []


def _interval(unseen: Mapping[str, Any]) -> str:
    return f"{f.percent(unseen['low'])} to {f.percent(unseen['high'])}"


def _not_told(facts: WeekFacts) -> list[str]:
    titles = _titles(facts)
    return [
        f"{titles[str(delays['source'])]}: not told, {delays['why_not']}."
        for delays in facts.delays
        if not delays["told"]
    ]


def _codes(facts: WeekFacts) -> Table:
    caption = "Why rows were set aside (a row may carry several codes)"
    return _tally(facts, "codes", _CODES, caption, "No row was set aside.")


def _repairs(facts: WeekFacts) -> Table:
    caption = (
        "What was mended in rows before they were used (each is kept on record as it was sent)"
    )
    return _tally(facts, "repairs", _REPAIRS, caption, "No row was repaired.")


def _tally(
    facts: WeekFacts, column: str, meanings: Mapping[str, str], caption: str, empty: str
) -> Table:
    total: Counter[str] = Counter()
    for file in facts.files:
        total.update({str(code): int(rows) for code, rows in file[column].items()})
    body = [
        [code, meanings.get(code, f.words(code.lower())), f.count(total[code])]
        for code in sorted(total)
    ]
    return table(caption, ["Code", "Meaning", "#Rows"], body, empty=empty)


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what is not a table of its own; numbers here name something and are not grouped."""
    return {
        key: str(value) if isinstance(value, int) else value
        for key, value in facts.items()
        if not isinstance(value, Mapping)
    }


def _pairs(caption: str, pairs: Mapping[str, Any], *, words: bool = True) -> Table:
    body = [
        [f.words(str(k)).capitalize() if words else str(k), f.fact(str(k), v)]
        for k, v in pairs.items()
    ]
    return table(caption, ["What", "Value"], body)
