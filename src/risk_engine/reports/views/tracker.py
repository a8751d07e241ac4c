"""The page of the data tracker: who shares what, how it stands, and what is in the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from risk_engine.partners.tracker import (
    AreaFacts,
    BarrierFacts,
    FieldFacts,
    SourceFacts,
    TrackerFacts,
)
from risk_engine.reports import formats as f
from risk_engine.reports.table import Cell, Column, Lines, Table, Tag, table
from risk_engine.reports.tracker_charts import completeness_chart, freshness_chart

#: Filled in this share of rows or more, a field is called complete.
COMPLETE = 0.995
#: Sources beside each other in one table of areas.
_BESIDE = 5
_FRESH = {"on time": "pass", "late": "warn", "stale": "fail", "nothing": "fail"}
_AGREED = {"in force": "pass", "ends soon": "warn", "ended": "fail", "not yet started": "warn"}
_RETENTION = {"d": "day", "w": "week", "mo": "month", "y": "year"}
_UP, _DOWN = "\N{BLACK UP-POINTING TRIANGLE}", "\N{BLACK DOWN-POINTING TRIANGLE}"


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
        "areas": _areas(facts.sources),
        "placeless": [s.title for s in facts.sources if not s.refused and not s.coverage.areas],
        "covers": [f"{s.title}: {s.covers}" for s in facts.sources],
        "fields": _fields(facts.sources),
        "fields_chart": completeness_chart(facts.sources),
        "complete": _complete(facts.sources),
        "agreements": _agreements(facts.sources),
        "rows": _rows(facts.sources),
        "held": _held(facts.sources),
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
    whole = (field.share or 0.0) >= COMPLETE
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
                _agreed(source),
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


def _agreed(source: SourceFacts) -> Cell:
    agreement = source.agreement
    starts = agreement.state == "not yet started"
    when = f"from {f.day(agreement.starts)}" if starts else f"until {f.day(agreement.expires)}"
    return Lines((Tag(agreement.state, _AGREED[agreement.state]), when))


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
    return text if change == 0 else f"{_UP if up else _DOWN} {text}"


def _newest(source: SourceFacts) -> tuple[str, ...]:
    now, before = source.freshness.last_known, source.newest_before
    if now is None or before is None:
        return (f.day(now), "nothing a month earlier")
    days = (now - before).days
    moved = f"{_UP} {f.plural(days, 'day')} newer" if days else "no change"
    return (f.day(now), f"{moved}; then {f.day(before)}")


def _moved(now: int, before: int) -> tuple[str, ...]:
    if now == before:
        return (str(now), "no change")
    words = f"{_UP} {now - before} more" if now > before else f"{_DOWN} {before - now} fewer"
    return (str(now), f"{words}; then {before}")


def _weakest_moved(source: SourceFacts) -> tuple[str, ...]:
    field = weakest(source)
    return (least_filled(source), points(field)) if field else (f.NONE,)


def points(field: FieldFacts) -> str:
    """Say by how many percentage points a field is filled more or less than a month earlier."""
    if field.share is None or field.before is None:
        return f.NONE
    moved = round(100 * (field.share - field.before), 1)
    if moved == 0:
        return "no change"
    word = "up" if moved > 0 else "down"
    return f"{_UP if moved > 0 else _DOWN} {word} {f.number(abs(moved))} points"


def _areas(sources: Sequence[SourceFacts]) -> list[Table]:
    """Return tables of areas by sources, a few sources in each."""
    placed = [source for source in sources if source.coverage.areas]
    parts = [placed[i : i + _BESIDE] for i in range(0, len(placed), _BESIDE)]
    return [_area_table(part, n, len(parts)) for n, part in enumerate(parts, start=1)]


def _area_table(sources: Sequence[SourceFacts], part: int, parts: int) -> Table:
    heads = [f"#{s.title} ({s.coverage.counted})" for s in sources]
    columns = [source.coverage.areas for source in sources]
    body = [
        [cells[0].name, *(_area_cell(cell) for cell in cells)]
        for cells in zip(*columns, strict=True)
    ]
    which = f", part {part} of {parts}" if parts > 1 else ""
    caption = f"What was recorded in the last 12 months, by local area{which}"
    return table(caption, ["Local area", *heads], body)


def _area_cell(area: AreaFacts) -> Cell:
    if area.area_code is None:
        return area.text
    if not area.covered:
        return "not in the contract" if area.silent else Lines((area.text, "not in the contract"))
    return Tag("covered, nothing sent", "warn") if area.silent else area.text


def _fields(sources: Sequence[SourceFacts]) -> Table:
    heads = ["Source", "Field", "Partner's name for it", "#Filled", "A month earlier"]
    found = [
        (source, field)
        for source in sources
        for field in source.fields
        if field.share is None or field.share < COMPLETE
    ]
    found.sort(key=lambda pair: 0.0 if pair[1].share is None else pair[1].share)
    body = [
        [
            source.title,
            f"{field.what} (key)" if field.key else field.what,
            field.column,
            field.note or f.percent(field.share),
            points(field),
        ]
        for source, field in found
    ]
    empty = "Every important field of every source is complete."
    return table("Fields that are not complete, worst first", heads, body, empty=empty)


def _complete(sources: Sequence[SourceFacts]) -> list[str]:
    """Name the complete fields of each source in one line."""
    lines = []
    for source in sources:
        full = [
            field.what
            for field in source.fields
            if field.share is not None and field.share >= COMPLETE
        ]
        if full:
            lines.append(f"{source.title}: {f.listed(sorted(full))}")
    return lines


def _agreements(sources: Sequence[SourceFacts]) -> Table:
    heads: list[str | Column] = [
        "Source", "Reference", "Controller", Column("Lawful basis", wide=True), "Kept for", "State",
    ]  # fmt: skip
    body: list[list[Cell]] = [
        [
            source.title,
            source.agreement.reference,
            source.agreement.controller,
            Lines(
                (
                    source.agreement.lawful_basis,
                    f"{source.agreement.regime}; personal data: {source.agreement.personal_data}",
                )
            ),
            _kept(source.agreement.retention),
            _agreed(source),
        ]
        for source in sources
    ]
    return table("Sharing agreements", heads, body)


def _kept(retention: str) -> str:
    digits = retention.rstrip("dwmoy")
    return f.plural(int(digits), _RETENTION[retention.removeprefix(digits)])


def _rows(sources: Sequence[SourceFacts]) -> Table:
    heads = [
        "Source", "#Files", "#Read", "#Accepted", "#Repaired", "#Quarantined",
        "#Dropped, too old to keep", "#Of these in held drops",
    ]  # fmt: skip
    names = ("files", "read", "accepted", "repaired", "quarantined", "dropped", "held")
    body: list[Sequence[Cell]] = [
        [source.title, *(f.count(getattr(source.rows, name)) for name in names)]
        if source.rows
        else [source.title, _no_rows(source), *[f.NONE] * (len(heads) - 2)]
        for source in sources
    ]
    return table("Rows read = accepted + repaired + quarantined + dropped", heads, body)


def _no_rows(source: SourceFacts) -> Tag:
    return Tag("not read", "fail") if source.refused else Tag("too few to show", "plain")


def _held(sources: Sequence[SourceFacts]) -> Table:
    body: list[list[Cell]] = [
        [source.title, drop.drop, Lines(drop.reasons)] for source in sources for drop in source.held
    ]
    body += [
        [source.title, "the whole source", Lines((source.refused.reason, source.refused.code))]
        for source in sources
        if source.refused
    ]
    heads: list[str | Column] = ["Source", "Drop", Column("Why", wide=True)]
    return table("What is held or could not be read", heads, body, empty="Nothing.")
