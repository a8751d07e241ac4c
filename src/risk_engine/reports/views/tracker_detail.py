"""The lower half of the tracker's page: areas, fields, agreements and rows of each source."""

from __future__ import annotations

from collections.abc import Sequence

from risk_engine.partners.tracker import AreaFacts, FieldFacts, SourceFacts
from risk_engine.reports import formats as f
from risk_engine.reports.table import Cell, Column, Lines, Table, Tag, table

#: Filled in this share of rows or more, a field is called complete.
COMPLETE = 0.995
UP, DOWN = "\N{BLACK UP-POINTING TRIANGLE}", "\N{BLACK DOWN-POINTING TRIANGLE}"
#: Sources beside each other in one table of areas.
_BESIDE = 5
#: Complete fields that are named one by one; of more, the number is said.
_NAMED = 16
_AGREED = {"in force": "pass", "ends soon": "warn", "ended": "fail", "not yet started": "warn"}
_RETENTION = {"d": "day", "w": "week", "mo": "month", "y": "year"}


def areas(sources: Sequence[SourceFacts]) -> list[Table]:
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


def fields(sources: Sequence[SourceFacts]) -> Table:
    """Return the important fields that are not complete, worst first."""
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


def complete(sources: Sequence[SourceFacts]) -> list[str]:
    """Name the complete fields of each source in one line."""
    lines = []
    for source in sources:
        full = [
            field.what
            for field in source.fields
            if field.share is not None and field.share >= COMPLETE
        ]
        if full:
            named = f.listed(sorted(full)) if len(full) <= _NAMED else f"{len(full)} fields"
            lines.append(f"{source.title}: {named}")
    return lines


def agreements(sources: Sequence[SourceFacts]) -> Table:
    """Return under which agreement each source comes."""
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
            agreed(source),
        ]
        for source in sources
    ]
    return table("Sharing agreements", heads, body)


def _kept(retention: str) -> str:
    digits = retention.rstrip("dwmoy")
    return f.plural(int(digits), _RETENTION[retention.removeprefix(digits)])


def rows(sources: Sequence[SourceFacts]) -> Table:
    """Return what became of the rows of each source."""
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


def held(sources: Sequence[SourceFacts]) -> Table:
    """Return the drops that wait for a decision, and the sources that could not be read."""
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


def points(field: FieldFacts) -> str:
    """Say by how many percentage points a field is filled more or less than a month earlier."""
    if field.share is None or field.before is None:
        return f.NONE
    moved = round(100 * (field.share - field.before), 1)
    if moved == 0:
        return "no change"
    word = "up" if moved > 0 else "down"
    return f"{UP if moved > 0 else DOWN} {word} {f.number(abs(moved))} points"


def agreed(source: SourceFacts) -> Cell:
    """Say whether an agreement holds, and until when or from when."""
    agreement = source.agreement
    starts = agreement.state == "not yet started"
    when = f"from {f.day(agreement.starts)}" if starts else f"until {f.day(agreement.expires)}"
    return Lines((Tag(agreement.state, _AGREED[agreement.state]), when))
