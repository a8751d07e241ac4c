"""The page of the data tracker: who shares what, how it stands, and what is in the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from risk_engine.partners.tracker import (
    BarrierFacts,
    FieldFacts,
    SourceFacts,
    TrackerFacts,
)
from risk_engine.reports import formats as f
from risk_engine.reports.table import Cell, Column, Lines, Table, Tag, table
from risk_engine.reports.tracker_charts import completeness_chart, freshness_chart
from risk_engine.reports.views import tracker_detail as detail

_FRESH = {"on time": "pass", "late": "warn", "stale": "fail", "nothing": "fail"}


def context(facts: TrackerFacts) -> dict[str, Any]:
    """Return what the page of the data tracker says."""
    return {
        "lead": lead(facts),
        "before": f.instant(facts.before, facts.timezone),
        "glance": _glance(facts),
        "barriers": _barriers(facts.barriers),
        "freshness": _freshness(facts.sources),
        "freshness_chart": freshness_chart(facts.sources),
        "change": _change(facts),
        "areas": detail.areas(facts.sources),
        "placeless": [s.title for s in facts.sources if not s.refused and not s.coverage.areas],
        "covers": [f"{s.title}: {s.covers}" for s in facts.sources],
        "fields": detail.fields(facts.sources),
        "fields_chart": completeness_chart(facts.sources),
        "complete": detail.complete(facts.sources),
        "agreements": detail.agreements(facts.sources),
        "rows": detail.rows(facts.sources),
        "held": detail.held(facts.sources),
        "delays": [f"{s.title}: {s.delay}" for s in facts.sources if s.delay],
        "notes": [f"{s.title}: {s.note}" for s in facts.sources if s.note],
    }


def lead(facts: TrackerFacts) -> list[str]:
    """Say in a few sentences how things stand."""
    expected = [agency for agency in facts.agencies if agency.expected]
    sharing = sum(any(map(_arrives, agency.sources)) for agency in expected)
    states = Counter(state_words(source) for source in facts.sources)
    agreed = Counter(source.agreement.state for source in facts.sources)
    barriers = together(facts.barriers)
    overdue = sum(group[0].overdue for group in barriers)
    return [
        *([f"{sharing} of {len(expected)} expected agencies share data."] if expected else []),
        f"{f.plural(len(facts.sources), 'source')}: {_tally(states)}.",
        f"Agreements: {_tally(agreed)}.",
        f"{f.plural(len(barriers), 'barrier')}, {overdue or 'none'} overdue.",
    ]


def state_words(source: SourceFacts) -> str:
    """Say in a word or two how fresh a source is."""
    if source.refused:
        return "not read"
    return "no rows" if source.freshness.state == "nothing" else source.freshness.state


def weakest(source: SourceFacts) -> FieldFacts | None:
    """Return the key field that is filled least, of those whose share may be shown."""
    keys = [field for field in source.fields if field.key and field.share is not None]
    return min(keys, key=lambda field: field.share or 0.0, default=None)


def least_filled(source: SourceFacts) -> str:
    """Name the key field that is filled least and its share, or say that all are complete."""
    field = weakest(source)
    if field is None:
        return f.NONE
    whole = (field.share or 0.0) >= detail.COMPLETE
    return "all complete" if whole else f"{field.what}: {f.percent(field.share)}"


def _arrives(source: SourceFacts) -> bool:
    return source.refused is None and source.freshness.state != "nothing"


def _tally(words: Counter[Any]) -> str:
    return f.listed([f"{n} {word}" for word, n in sorted(words.items())]) or "none"


def _glance(facts: TrackerFacts) -> Table:
    heads = [
        "Agency", "Source", "Newest record", "Fresh", "Agreement", "Key field least filled",
        "#Areas sending", "#Rows in the last month",
    ]  # fmt: skip
    body: list[Sequence[Cell]] = []
    for agency in facts.agencies:
        body += [
            [
                agency.agency,
                Lines((source.title, source.agreement.controller)),
                f.day(source.freshness.last_known),
                _fresh(source),
                detail.agreed(source),
                least_filled(source),
                _sending(source, facts.areas),
                source.change_text if not source.refused else f.NONE,
            ]
            for source in agency.sources
        ]
        if not agency.sources:
            absent = Tag("shares nothing yet", "warn")
            body.append([agency.agency, absent, *[f.NONE] * (len(heads) - 2)])
    return table("Sources by agency", heads, body, empty="No source is configured.")


def _fresh(source: SourceFacts) -> Tag:
    words = state_words(source)
    if words == "late":
        words = f"late by {f.plural(source.freshness.late_by, 'day')}"
    return Tag(words, _FRESH.get(source.freshness.state, "plain"))


def _sending(source: SourceFacts, areas: int) -> str:
    return f"{source.coverage.areas_now} of {areas}" if source.coverage.areas else f.NONE


def _barriers(barriers: Sequence[BarrierFacts]) -> Table:
    heads: list[str | Column] = [
        "Agency and source",
        Column("What stands in the way", wide=True),
        Column("Action", wide=True),
        "Owner and date",
        "Seen by",
    ]
    body = [_barrier(group) for group in together(barriers)]
    return table("Barriers and actions", heads, body, empty="Nothing is known to be in the way.")


def together(barriers: Sequence[BarrierFacts]) -> list[list[BarrierFacts]]:
    """Put barriers together that are the same for several agencies."""
    groups: dict[Any, list[BarrierFacts]] = {}
    for barrier in barriers:
        same = (barrier.barrier, barrier.action, barrier.source, barrier.due, barrier.owner)
        groups.setdefault(same, []).append(barrier)
    return list(groups.values())


def _barrier(group: Sequence[BarrierFacts]) -> list[Cell]:
    first = group[0]
    agencies = f.listed([barrier.agency for barrier in group])
    when: list[str | Tag] = [first.owner or "to be named"]
    when += [f"by {f.day(first.due)}"] if first.due else []
    when += [Tag("overdue", "fail")] if first.overdue else []
    action = first.action if first.seen_by == "partnership" else f"Suggested: {first.action}"
    return [
        Lines((agencies, first.source) if first.source else (agencies,)),
        first.barrier,
        action,
        Lines(tuple(when)),
        f"the {first.seen_by}",
    ]


def _freshness(sources: Sequence[SourceFacts]) -> Table:
    heads = [
        "Source", "Cadence", "Newest event", "Newest record", "#Days old", "Next due", "State",
    ]  # fmt: skip
    body: list[list[Cell]] = [
        [
            source.title,
            source.cadence,
            f.day(source.freshness.last_occurred),
            f.day(source.freshness.last_known),
            f.count(source.freshness.age),
            f.day(source.freshness.due),
            _fresh(source),
        ]
        for source in sources
    ]
    return table("How old the newest record of each source is", heads, body)


def _change(facts: TrackerFacts) -> Table:
    heads = [
        "Source", "#Rows known", "#Change in rows", "Newest record", "Areas sending",
        "Key field least filled",
    ]  # fmt: skip
    body: list[list[Cell]] = [
        [
            source.title,
            source.known_text,
            _arrow(source.change, source.change_text),
            Lines(_newest(source)),
            Lines(_moved(source.coverage.areas_now, source.coverage.areas_before))
            if source.coverage.areas
            else f.NONE,
            Lines(_weakest_moved(source)),
        ]
        for source in facts.sources
        if not source.refused
    ]
    return table("Each source now, and a month earlier", heads, body, empty="No source was read.")


def _arrow(change: int | None, text: str) -> str:
    """Put an arrow before words; where the number is hidden the words alone say the direction."""
    up = change > 0 if change is not None else text.endswith("more")
    return text if change == 0 else f"{detail.UP if up else detail.DOWN} {text}"


def _newest(source: SourceFacts) -> tuple[str, ...]:
    now, before = source.freshness.last_known, source.newest_before
    if now is None or before is None:
        return (f.day(now), "nothing a month earlier")
    if now == before:
        return (f.day(now), "no change")
    days = f.plural((now - before).days, "day")
    return (f.day(now), f"{detail.UP} {days} newer; then {f.day(before)}")


def _moved(now: int, before: int) -> tuple[str, ...]:
    if now == before:
        return (str(now), "no change")
    words = (
        f"{detail.UP} {now - before} more"
        if now > before
        else f"{detail.DOWN} {before - now} fewer"
    )
    return (str(now), f"{words}; then {before}")


def _weakest_moved(source: SourceFacts) -> tuple[str, ...]:
    field = weakest(source)
    return (least_filled(source), detail.points(field)) if field else (f.NONE,)
