"""The strategic needs assessment as a page: the force area first, then a chapter a local area."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from risk_engine.reports import formats as f
from risk_engine.reports import needs_charts as charts
from risk_engine.reports import needs_words as words
from risk_engine.reports.needs_facts import NeedsFacts
from risk_engine.reports.table import Column, Row, Table, table


def context(facts: NeedsFacts) -> dict[str, Any]:
    """Return what the page says."""
    tables = facts.found.tables
    return {
        "headline": words.headline(facts),
        "coverage": words.coverage(facts),
        "measures": _compared(facts, _stack(tables["headline"], tables["victims"]), "Measure"),
        "categories": _compared(facts, tables["categories"], "Category", caption="By category"),
        "categories_chart": _pairs(facts, tables["categories"], "categories", "By category"),
        "areas": _areas(facts),
        **_area_pictures(facts),
        "months": _months(facts),
        "months_chart": charts.months_chart(
            tables["months"], label=facts.period_label, before=_before(facts)
        ),
        **_patterns(facts),
        "health": _health(facts),
        "chapters": [
            _chapter(facts, code, name)
            for code, name in zip(facts.areas["area_code"], facts.areas["name"], strict=True)
        ],
        "unplaced": _unplaced(facts),
        "limits": words.limits(facts),
        "sources": _sources(facts),
    }


#: Inches of a picture that stands beside its table.
_NARROW = 4.8


def _before(facts: NeedsFacts) -> str:
    return facts.found.window.label_before


def _stack(*frames: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame for frame in frames if len(frame)], ignore_index=True)


def _compared(
    facts: NeedsFacts, rows: pd.DataFrame, first: str, *, caption: str = "Offences and victims"
) -> Table:
    """Build a table of counts with their share, the year before and the change."""
    comparable = facts.found.comparable
    changes = comparable and not rows["dimension"].eq("quarter").any()
    heads = [first, f"#{facts.period_label}", "#Share"]
    heads += [f"#{_before(facts)}"] if comparable else []
    heads += ["Change (95 % interval)"] if changes else []
    cells = []
    for row in rows.to_dict("records"):
        line = [row["title"], _count(row), f.percent(row["share"], 1)]
        line += [_count(row, "before")] if comparable else []
        cells.append(line + ([words.change(row)] if changes else []))
    return table(caption, heads, cells)


def _count(row: Row, column: str = "count") -> str:
    return str(row[f"{column}_text"]) or f.NONE


def _pairs(
    facts: NeedsFacts, rows: pd.DataFrame, name: str, title: str, inches: float = 6.6
) -> Any:
    label, before = facts.period_label, _before(facts)
    return charts.pairs_chart(
        rows, name=name, title=title, label=label, before=before, inches=inches
    )


def _placed(facts: NeedsFacts) -> pd.DataFrame:
    areas = facts.found.tables["areas"]
    return areas[areas["area_code"].isin(facts.areas["area_code"])]


def _area_pictures(facts: NeedsFacts) -> dict[str, Any]:
    """Draw the rates, if residents are known."""
    areas = _placed(facts)
    if areas["rate"].isna().all():
        return {"areas_chart": None, "areas_map": None}
    return {
        "areas_chart": charts.rates_chart(areas, words.force_rate(facts)),
        "areas_map": charts.rates_map(facts.areas, areas),
    }


def _areas(facts: NeedsFacts) -> Table:
    comparable = facts.found.comparable
    heads = ["Local area", f"#{facts.period_label}", "#Share of all", "#Per 1,000 (95 % interval)"]
    heads += [f"#{_before(facts)}", "Change (95 % interval)"] if comparable else []
    cells = []
    for row in facts.found.tables["areas"].to_dict("records"):
        rate = f.interval(row["rate"], row["rate_low"], row["rate_high"], 2)
        line = [row["title"], _count(row), f.percent(row["share"], 1), rate]
        cells.append(line + ([_count(row, "before"), words.change(row)] if comparable else []))
    return table("Offences by local area", heads, cells)


def _months(facts: NeedsFacts) -> Table:
    held = facts.found.tables["months"]
    heads = ["Month", f"#{facts.period_label}"]
    before = held["before_text"].ne("").any()
    heads += [f"#{_before(facts)}"] if before else []
    heads += ["Note"] if facts.found.faults else []
    notes = words.month_notes(facts)
    cells = [
        [
            row["title"],
            _count(row),
            *([_count(row, "before")] if before else []),
            *([notes.get(row["month"], "")] if facts.found.faults else []),
        ]
        for row in held.to_dict("records")
    ]
    return table("Offences by month", heads, cells)


def _shares(facts: NeedsFacts, sheet: str, first: str, caption: str) -> Table:
    rows = facts.found.tables[sheet].to_dict("records")
    heads = [first, f"#{facts.period_label}", "#Share"]
    cells = [[row["title"], _count(row), f.percent(row["share"], 1)] for row in rows]
    return table(caption, heads, cells)


def _patterns(facts: NeedsFacts) -> dict[str, Any]:
    """Return places, days, hours and ages, each a table with its picture; None where not held."""
    tables, made = facts.found.tables, {}
    for sheet, first, caption in (
        ("places", "Place", "Offences by kind of place"),
        ("weekdays", "Day", "Offences by day of the week"),
        ("hours", "Hours", "Offences by time of day"),
    ):
        held = len(tables[sheet]) > 0
        made[sheet] = _shares(facts, sheet, first, caption) if held else None
        made[f"{sheet}_chart"] = (
            _pairs(facts, tables[sheet], sheet, caption, _NARROW) if held else None
        )
    ages = tables["ages"]
    made["ages"] = _compared(facts, ages, "Age", caption="Victims by age") if len(ages) else None
    made["ages_chart"] = _pairs(facts, ages, "ages", "Victims by age") if len(ages) else None
    return made


def _health(facts: NeedsFacts) -> list[dict[str, Any]]:
    """Return one section for each kind of event of each health source."""
    health = facts.found.tables["health"]
    titles = {line.name: line.title for line in facts.sources}
    made = []
    for names, rows in health.groupby(["source", "measure"], sort=False):
        source, measure = map(str, names)
        made.append(
            {
                "title": f.capital(measure) + "s",
                "source": titles.get(source, source),
                "table": _health_table(rows, measure),
                "coverage": words.health_coverage(facts, source),
                "sentence": words.health_sentence(facts, rows.iloc[0].to_dict(), measure),
            }
        )
    return made


def _health_table(rows: pd.DataFrame, measure: str) -> Table:
    quarters = list(rows["title"].drop_duplicates())
    heads = ["Area", *(f"#{title}" for title in quarters), "#Per 1,000 residents"]
    cells = []
    for area, own in rows.groupby("area", sort=False):
        texts = dict(zip(own["title"], own["count_text"], strict=True))
        cells.append(
            [str(area), *(texts[q] or f.NONE for q in quarters), f.number(own["rate"].iloc[0], 2)]
        )
    return table(f"{f.capital(measure)}s known to health services", heads, cells)


def _chapter(facts: NeedsFacts, code: str, name: str) -> dict[str, Any]:
    """Return the chapter of one local area."""
    tables = facts.found.tables
    own = {sheet: _of(tables[sheet], code) for sheet in _LOCAL}
    offences = own["areas"].assign(title="Offences, and share of the whole area")
    measures = _stack(offences, own["area_measures"])
    return {
        "id": f.slug(name),
        "name": name,
        "paragraph": words.local_paragraph(facts, code),
        "few": offences["count_text"].iloc[0].startswith("fewer"),
        "measures": _compared(facts, measures, "Measure", caption=f"{name} in figures"),
        "categories": _compared(facts, own["area_categories"], "Category", caption="By category"),
        "quarters": _compared(facts, own["area_quarters"], "Quarter", caption="By quarter"),
        "chart": _quarters(facts, own["area_quarters"], code, name),
        "places": _local_places(facts, own["area_places"]),
    }  # fmt: skip


_LOCAL = ("areas", "area_measures", "area_categories", "area_quarters", "area_places")


def _of(frame: pd.DataFrame, code: str) -> pd.DataFrame:
    return frame[frame["area_code"] == code]


def _quarters(facts: NeedsFacts, rows: pd.DataFrame, code: str, name: str) -> Any:
    """Draw the quarters of an area; where all are hidden there is nothing to see."""
    if not (rows[["count", "before"]].astype("Float64").fillna(0) > 0).to_numpy().any():
        return None
    return charts.quarters_chart(
        rows, code=code, area=name, label=facts.period_label, before=_before(facts)
    )


def _local_places(facts: NeedsFacts, rows: pd.DataFrame) -> Table | None:
    if rows.empty:
        return None
    heads = ["Place", f"#{facts.period_label}", "#Share"]
    cells = [
        [row["title"], _count(row), f.percent(row["share"], 1)] for row in rows.to_dict("records")
    ]
    return table("By kind of place", heads, cells)


def _unplaced(facts: NeedsFacts) -> str:
    areas = facts.found.tables["areas"]
    row = areas[~areas["area_code"].isin(facts.areas["area_code"])].iloc[0].to_dict()
    if not f.missing(row["count"]) and row["count"] == 0:
        return ""
    return (
        f"{words.how_many(row)} offences have no place that lies in a local area; they "
        "count in the whole area only."
    )


def _sources(facts: NeedsFacts) -> Table:
    heads: Sequence[str | Column] = (
        "Source", "Controller", "#Rows read", "#Set aside", "#Held back",
        Column("Newest", keep=True),
    )  # fmt: skip
    cells = [
        [
            f"{line.title} ({line.use})",
            line.controller,
            f.count(line.read),
            f.count(line.quarantined),
            f.count(line.held),
            f.day(f.local(line.newest, facts.timezone)) if line.newest else f.NONE,
        ]
        for line in facts.sources
    ]
    return table("Sources of this document (rows of all periods)", heads, cells)
