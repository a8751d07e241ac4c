"""The strategic needs assessment."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from risk_engine.cli.common import ConfigPath, Json, parse_day, shown
from risk_engine.config import load_settings
from risk_engine.console import Console
from risk_engine.errors import UsageError

app = typer.Typer()


@app.command()
def needs(
    config: ConfigPath,
    year: Annotated[
        int | None,
        typer.Option(min=1990, max=2199, help="Calendar year; the last whole one by default."),
    ] = None,
    to: Annotated[
        str | None, typer.Option(help="Instead: the 12 months to the end of this one, YYYY-MM.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="First day not known, YYYY-MM-DD.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; needs/<name>-<period> by default.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write the strategic needs assessment: offences, victims, places, times, by local area."""
    from risk_engine.chapters.needs import write_needs

    console = Console(as_json=as_json)
    made = write_needs(
        load_settings(config),
        out=out,
        last=_last_month(year, to),
        as_of=parse_day(as_of, "--as-of") if as_of else None,
    )
    found = made.found
    console.say(made.headline)
    for line in made.coverage:
        console.say(f"  {line}")
    console.say(f"hidden: {len(found.suppressed):,} counts below {found.threshold} or beside them")
    for path in made.files:
        console.say(f"wrote {shown(path)}")
    console.result(
        {
            "period": found.window.label,
            "months": [f"{month:%Y-%m}" for month in found.months],
            "comparable": found.comparable,
            "coverage": list(made.coverage),
            "headline": made.headline,
            "hidden": len(found.suppressed),
            "files": [str(shown(path)) for path in made.files],
        }
    )


def _last_month(year: int | None, to: str | None) -> date | None:
    """Return the first day of the last month asked for."""
    if year is not None and to is not None:
        raise UsageError("--year and --to were both given; give one", code="PERIOD")
    if year is not None:
        return date(year, 12, 1)
    if to is None:
        return None
    try:
        return datetime.strptime(to, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        raise UsageError(f"--to is '{to}'; write a month as YYYY-MM", code="BAD_MONTH") from None
