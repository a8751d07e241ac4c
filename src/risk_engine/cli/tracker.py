"""`risk-engine tracker`: how every source of the partnership stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from risk_engine.cli.common import ConfigPath, Json, parse_day, shown
from risk_engine.config import load_settings
from risk_engine.console import Console

if TYPE_CHECKING:  # slow to import; only its shape is needed
    from risk_engine.partners.tracker import SourceFacts, TrackerFacts

app = typer.Typer()


@app.command()
def tracker(
    config: ConfigPath,
    as_of: Annotated[
        str | None,
        typer.Option(help="First day not known, YYYY-MM-DD; the configuration's, else today."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the page; tracker/ of the project by default.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say who shares what, how fresh and complete, by which agreement, and what is in the way."""
    from risk_engine.calendar import local_day
    from risk_engine.chapters.tracker import track
    from risk_engine.files import write_text
    from risk_engine.reports import tracker_page

    settings = load_settings(config)
    facts = track(settings, parse_day(as_of, "--as-of") if as_of else None)
    day = local_day(facts.as_of, facts.timezone)
    path = (out or settings.root / "tracker") / f"{facts.name}-{day}.html"
    write_text(path, tracker_page(facts))
    console = Console(as_json=as_json)
    for line in lines(facts):
        console.say(line)
    console.say(f"page        {shown(path)}")
    console.result({**as_object(facts), "page": str(path)})


def lines(facts: TrackerFacts) -> list[str]:
    """Return the tracker as a terminal shows it: a compact table, then what is in the way."""
    from risk_engine.reports.views.tracker import lead

    heads = (
        "agency",
        "source",
        "newest record",
        "fresh",
        "agreement",
        "least filled",
        "last month",
    )
    rows = [heads, *_rows(facts)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(heads))]
    told = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return [*lead(facts), "", *told, "", *_barriers(facts)]


def _rows(facts: TrackerFacts) -> list[tuple[str, ...]]:
    rows = []
    for agency in facts.agencies:
        rows += [(agency.agency, *_source(source)) for source in agency.sources]
        if not agency.sources:
            rows.append((agency.agency, "shares nothing yet", *[""] * 5))
    return rows


def _source(source: SourceFacts) -> tuple[str, ...]:
    from risk_engine.reports.views.tracker import least_filled, state_words

    fresh = source.freshness
    return (
        source.source,
        str(fresh.last_known or "-"),
        f"late by {fresh.late_by} d" if fresh.state == "late" else state_words(source),
        f"{source.agreement.state} {source.agreement.expires}",
        least_filled(source),
        "-" if source.refused else source.change_text,
    )


def _barriers(facts: TrackerFacts) -> list[str]:
    """Return one line a barrier; agencies that share nothing are in the table already."""
    return [
        ("OVERDUE " if barrier.overdue else "") + f"{barrier.source}: {barrier.barrier}"
        for barrier in facts.barriers
        if barrier.source
    ]


def as_object(facts: TrackerFacts) -> dict[str, Any]:
    """Return the tracker as one plain object."""
    from dataclasses import asdict

    return asdict(facts)
