"""The verbs about rows set aside: count them, see them, correct them and try them again."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from risk_engine.cli.common import ConfigPath, Json, parse_day, shown
from risk_engine.config import load_settings
from risk_engine.console import Console

if TYPE_CHECKING:  # slow to import, and only its shape is needed
    import pandas as pd

app = typer.Typer(help="Rows that were set aside: count, see, correct and try them again.")

SourceName = Annotated[str, typer.Argument(help="Name of the source, as in its contract.")]
AsOf = Annotated[str | None, typer.Option(help="First day not known, YYYY-MM-DD.")]


@app.command("list")
def list_rows(config: ConfigPath, as_of: AsOf = None, as_json: Json = False) -> None:
    """Count what is set aside or repaired, by source, code and field; shows no cell."""
    from risk_engine.chapters.quarantine import set_aside

    console, settings = Console(as_json=as_json), load_settings(config)
    with set_aside(settings, _day(as_of)) as (intake, codes):
        files = intake.found.files
    console.say(
        f"{sum(f.read for f in files):,} rows read · {sum(f.accepted for f in files):,} accepted · "
        f"{sum(f.repaired for f in files):,} repaired · "
        f"{sum(f.quarantined for f in files):,} quarantined · "
        f"{sum(f.dropped for f in files):,} dropped for retention"
    )
    columns = ["outcome", "source", "code", "field"]
    counted = codes.groupby(columns, as_index=False).size().rename(columns={"size": "rows"})
    counted = counted.sort_values([*columns[:2], "rows"], ascending=[True, True, False])
    for line in _lines(counted):
        console.say(line)
    if len(counted):
        console.say(f"next        risk-engine quarantine show {config} SOURCE")
    console.result({"files": [asdict(f) for f in files], "codes": counted.to_dict("records")})


@app.command()
def show(
    config: ConfigPath,
    source: SourceName,
    code: Annotated[str | None, typer.Option(help="Only rows with this code.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many rows.")] = 20,
    cells: Annotated[
        bool, typer.Option("--cells", help="Show the cells as sent: they may name a person.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Write all such rows, whole, to this CSV for correction.")
    ] = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Show which rows of a source are set aside and why; cells only where they are asked for."""
    from risk_engine.chapters.quarantine import check_source, export, rows_of, set_aside

    console, settings = Console(as_json=as_json), load_settings(config)
    check_source(settings, source)
    with set_aside(settings, _day(as_of)) as (intake, _):
        rows = rows_of(intake, source, code=code, limit=None if out else limit)
    if out:
        export(rows, out)
        console.say(f"{len(rows):,} rows in {shown(out)}: it holds personal data as it was sent")
        console.say(f"next        risk-engine quarantine retry {config} {source} {out}")
    else:
        told = rows if cells else rows.drop(columns="raw")
        for line in _lines(told) if len(rows) else ["no such row is set aside"]:
            console.say(line)
    wanted = rows if cells and not out else rows.drop(columns="raw")
    console.result({"source": source, "rows": wanted.to_dict("records")})


@app.command()
def retry(
    config: ConfigPath,
    source: SourceName,
    corrected: Annotated[Path, typer.Argument(help="What 'show --out' wrote, corrected.")],
    out: Annotated[
        Path | None, typer.Option(help="Write the rows that now pass to this CSV, a new drop.")
    ] = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Judge corrected rows by the contract as it stands, together with the source's files."""
    from risk_engine.chapters.quarantine import retry as try_again
    from risk_engine.files import write_text

    console, settings = Console(as_json=as_json), load_settings(config)
    done = try_again(settings, source, corrected, _day(as_of))
    count = done.count
    console.say(
        f"{count.read:,} rows tried: {count.accepted:,} accepted, {count.repaired:,} repaired, "
        f"{count.quarantined:,} still set aside, {count.dropped:,} dropped for retention"
    )
    for line in _lines(done.left) if len(done.left) else []:
        console.say(line)
    if out:
        write_text(out, done.passed.to_csv(index=False))
        console.say(f"{len(done.passed):,} rows in {shown(out)}")
        console.say("next        put that file among the files of the source, then run the week")
    console.result({"source": source, **asdict(count), "left": done.left.to_dict("records")})


def _day(text: str | None) -> Any:
    return parse_day(text, "--as-of") if text else None


def _lines(frame: pd.DataFrame) -> list[str]:
    """Return a frame as aligned lines, its heads first."""
    rows = [list(map(str, frame.columns)), *[list(map(str, row)) for row in frame.to_numpy()]]
    widths = [max(len(row[at]) for row in rows) for at in range(len(frame.columns))]
    return [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
