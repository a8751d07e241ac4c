"""What the needs assessment says in sentences: each is made of facts and claims no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby

import pandas as pd

from risk_engine.disclosure import HIDDEN
from risk_engine.needs import Assessment, Month
from risk_engine.reports import formats as f
from risk_engine.reports.needs_facts import NeedsFacts
from risk_engine.reports.table import Row

#: Below this share known at the same age a year ago, late reports are worth a word.
_LATE = 0.995
_CHANCE = "cannot be told from no change"
_RECORDED = (
    "Recorded offences are not all violence: some is never reported, and recording changes. "
    "Health services know of some that the police do not."
)
_INTERVALS = (
    "“Up” and “down” are said only where the 95 % interval excludes no change. It takes offences "
    "as independent of each other; where they come in series the true interval is wider. Of "
    "twenty comparisons without any change, about one would be called all the same."
)
_RATES = (
    "Rates are per 1,000 residents over the months counted. People who live elsewhere are harmed "
    "in town centres too, so a rate is not a resident's risk."
)
_PROTECTED = (
    "Sex and ethnic group are protected characteristics: only the audit opens them, and they are "
    "not in this document."
)


def signed(share: float) -> str:
    r"""Write a relative change in per cent, always with its sign.

    >>> signed(0.0912), signed(-0.0404) == "\u22124.0\xa0%", signed(float("inf"))
    ('+9.1\xa0%', True, 'no limit')
    """
    if abs(share) == float("inf"):
        return "no limit"
    text = f"{f.number(100 * share, 1)}\N{NO-BREAK SPACE}%"
    return f"+{text}" if share > 0 else text


def change(row: Row) -> str:
    """Write a change for a table: the verdict first, then the figure with its interval."""
    if row["verdict"] == "not given" or f.missing(row["change"]):
        return f.NONE
    ends = f"{signed(row['change_low'])} to {signed(row['change_high'])}"
    return f"{f.capital(row['verdict'])}: {signed(row['change'])} ({ends})"


def change_sentence(row: Row, before: str) -> str:
    """Say how a count stands to that of the year before, with both; empty where it may not.

    Parameters
    ----------
    before
        Name of the year before.
    """
    if row["verdict"] == "not given" or f.missing(row["before"]):
        return ""
    beside = f"{f.count(row['before'])} in {before}"
    if f.missing(row["change"]):
        return f"There were {beside}."
    interval = f"{signed(row['change_low'])} to {signed(row['change_high'])}"
    if row["verdict"] == "cannot tell":
        return f"There were {beside}; the difference {_CHANCE} ({interval})."
    way = "more" if row["verdict"] == "up" else "fewer"
    size = f.percent(abs(row["change"]), 1)
    return f"That is {size} {way} than the {beside} ({interval})."


def headline(facts: NeedsFacts) -> str:
    """Say how many offences there were and how that stands to the year before."""
    row = facts.found.tables["headline"].iloc[0].to_dict()
    months = len(facts.found.months)
    when = (
        facts.period_label
        if months == 12
        else f"{f.plural(months, 'month')} of {facts.period_label}"
    )
    title = facts.definition.title
    kind = f"{title[:1].lower()}{title[1:]}"
    first = f"{how_many(row)} offences of {kind} were recorded in {when}."
    more = change_sentence(row, facts.found.window.label_before)
    return f"{first} {more}".strip()


def how_many(row: Row) -> str:
    """Say a count at the beginning of a sentence, also where it is not shown."""
    return (
        "An undisclosed number of" if row["count_text"] == HIDDEN else f.capital(row["count_text"])
    )


def months(chosen: Iterable[date]) -> str:
    """Write months in runs.

    >>> months([date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1), date(2025, 9, 1)])
    'Jan to Mar 2025 and Sep 2025'
    """
    numbers = sorted(m.year * 12 + m.month - 1 for m in chosen)
    texts = []
    for _, group in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        first, last = (date(n // 12, n % 12 + 1, 1) for n in (run[0], run[-1]))
        if first == last:
            texts.append(f.month(first))
        elif first.year == last.year:
            texts.append(f"{first:%b} to {f.month(last)}")
        else:
            texts.append(f"{f.month(first)} to {f.month(last)}")
    return f.listed(texts)


def coverage(facts: NeedsFacts) -> list[str]:
    """Say what is not covered in either year, and what follows for the comparison."""
    found, window = facts.found, facts.found.window
    lines = [
        *_missing(found.faults, facts, window.label, window.this),
        *_missing(found.faults_before, facts, window.label_before, window.before),
    ]
    if found.comparable:
        return lines
    if len(found.months) < len(window.this):
        lines = [f"Counted: {months(found.months)}.", *lines]
    why = "the two years are not covered alike"
    return [*lines, f"So no change on {window.label_before} is given: {why}."]


def _missing(
    faults: Sequence[Month], facts: NeedsFacts, label: str, whole: Sequence[date]
) -> list[str]:
    """Say of each reason which months it concerns, the earliest first."""
    lines = []
    reasons = list(dict.fromkeys((fault.source, fault.why) for fault in faults))
    for source, why in reasons:
        chosen = [fault.month for fault in faults if (fault.source, fault.why) == (source, why)]
        when = label if set(chosen) == set(whole) else months(chosen)
        lines.append(f"{f.capital(when)}: {why} ({_title(facts, source)}).")
    return lines


def health_coverage(facts: NeedsFacts, source: str) -> list[str]:
    """Say which months a health source does not cover, and what follows."""
    window, lines = facts.found.window, []
    for label, whole in ((window.label, window.this), (window.label_before, window.before)):
        own = [fault for fault in facts.found.health_faults if fault.source == source]
        lines += _missing([fault for fault in own if fault.month in whole], facts, label, whole)
    if not lines:
        return []
    result = f"So a quarter may be missing, and no change on {window.label_before} is given."
    return [*lines, result]


def month_notes(facts: NeedsFacts) -> dict[date, str]:
    """Say of each month of the twelve why it is not whole."""
    notes: dict[date, list[str]] = {}
    for fault in facts.found.faults:
        notes.setdefault(fault.month, []).append(fault.why)
    return {month: f.capital("; ".join(dict.fromkeys(why))) for month, why in notes.items()}


def _title(facts: NeedsFacts, source: str) -> str:
    return next((line.title for line in facts.sources if line.name == source), source)


def limits(facts: NeedsFacts) -> list[str]:
    """Say what the figures cannot say."""
    found = facts.found
    hidden = (
        f"Counts from 1 to {found.threshold - 1} are shown as “fewer than {found.threshold}”, and "
        "others are hidden where a small one could be worked out from them. What is computed from "
        "a hidden count is hidden with it."
    )
    always = [hidden, _RECORDED, _INTERVALS, _RATES]
    return [*_late(found), *always, *_not_held(found), _PROTECTED]


def _late(found: Assessment) -> list[str]:
    window, lines = found.window, []
    if found.seen is not None and found.seen < _LATE:
        lines.append(
            f"Reports arrive late: of the offences of {window.label_before}, "
            f"{f.percent(found.seen)} had been recorded when that year was as old as this one is "
            "now. “Down” is said only where that cannot explain it."
        )
    if found.seen_last is not None and found.seen_last < _LATE:
        lines.append(
            f"Of the offences of {f.month(window.before[-1])}, {f.percent(found.seen_last)} had "
            f"been recorded at the same age: {f.month(window.this[-1])} will still grow."
        )
    return lines


def _not_held(found: Assessment) -> list[str]:
    held = {
        "victims' ages": found.held_ages,
        "weapons": found.held_weapons,
        "kinds of place": found.held_places,
        "times of day": found.held_times,
        "health services": bool(found.health_sources),
    }
    absent = [name for name, here in held.items() if not here]
    return [f"Not held by the sources of this document: {f.listed(absent)}."] if absent else []


def health_sentence(facts: NeedsFacts, row: Row, measure: str) -> str:
    """Say how much a health source knows of, beside the year before where that may be said."""
    first = f"{how_many(row)} {measure}s are known in {facts.period_label}."
    return f"{first} {change_sentence(row, facts.found.window.label_before)}".strip()


def local_paragraph(facts: NeedsFacts, code: str) -> str:
    """Say in a few sentences what is recorded in one local area."""
    tables, window = facts.found.tables, facts.found.window
    row = _rows(tables["areas"], code)[0]
    first = f"{how_many(row)} offences were recorded in {row['area']}"
    if row["count_text"] == HIDDEN:
        return f"{first} in {window.label}: the number would give a small one elsewhere away."
    if f.missing(row["count"]):
        return f"{first} in {window.label}: too few to say more without showing who they may be."
    parts = [
        f"{first} in {window.label}{_rate(row, facts)}.",
        change_sentence(row, window.label_before),
        _largest(tables["area_categories"], code, row["count"]),
        *(_measure(measure) for measure in _rows(tables["area_measures"], code)),
    ]
    return " ".join(part for part in parts if part)


def _measure(row: Row) -> str:
    if f.missing(row["count"]):
        return ""
    kind = "were knife-enabled" if row["dimension"] == "knife" else "had a victim under 25"
    return f"{f.count(row['count'])} {kind}."


def _rate(row: Row, facts: NeedsFacts) -> str:
    if f.missing(row["rate"]):
        return ""
    rate, low, high = (f.number(row[name], 2) for name in ("rate", "rate_low", "rate_high"))
    return f", {rate} for every 1,000 residents ({low} to {high}{_against(row, facts)})"


def _against(row: Row, facts: NeedsFacts) -> str:
    """Set a local rate beside that of all local areas together; higher or lower only if told."""
    overall = force_rate(facts)
    if overall is None:
        return ""
    figure = f"{f.number(overall, 2)} in the whole area"
    if row["rate_low"] > overall:
        return f"; higher than the {figure}"
    return f"; lower than the {figure}" if row["rate_high"] < overall else f"; {figure}"


def force_rate(facts: NeedsFacts) -> float | None:
    """Return the rate of the whole area: all its offences a 1,000 residents of its local areas."""
    areas = facts.found.tables["areas"]
    known = areas[areas["rate"].notna() & (areas["rate"] > 0)]
    total = facts.found.tables["headline"]["count"].iloc[0]
    people = facts.residents
    return None if known.empty or people is None or f.missing(total) else 1000 * int(total) / people


def _largest(table: pd.DataFrame, code: str, total: int) -> str:
    """Name the largest category, where every category that could be larger is shown."""
    rows = _rows(table, code)
    shown = [row for row in rows if not f.missing(row["count"])]
    most = max(shown, key=lambda row: int(row["count"]), default=None)
    hidden = any(row["count_text"] == HIDDEN for row in rows)
    if most is None or not most["count"] or hidden or most is rows[-1]:
        return ""  # the remainder, listed last, is no kind of offence to name
    title = f"{most['title'][:1].lower()}{most['title'][1:]}"
    return f"Most often recorded: {title} ({f.count(most['count'])} of {f.count(total)})."


def _rows(table: pd.DataFrame, code: str) -> Sequence[Row]:
    return table[table["area_code"] == code].to_dict("records")
