"""`risk-engine synth`: the extracts of a partnership that does not exist."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from risk_engine.cli.common import Json, Project, parse_day
from risk_engine.config import find_project
from risk_engine.console import Console

app = typer.Typer()


class SizeName(StrEnum):
    """How large a partnership is made where nothing else is said."""

    DEMO = "demo"
    FORCE = "force"


#: People known, years of history, first day not known.
_SIZES = {
    SizeName.DEMO: (20_000, 3, "2026-01-05"),
    SizeName.FORCE: (1_100_000, 5, "2023-01-02"),
}


@app.command()
def synth(
    out: Annotated[Path, typer.Option("--out", help="Folder for the extracts.")] = Path(
        "data/demo"
    ),
    size: Annotated[
        SizeName, typer.Option(help="force: 1.1 million people, five years to 2023-01-02.")
    ] = SizeName.DEMO,
    people: Annotated[
        int | None, typer.Option(min=100, help="People known to any source; demo: 20,000.")
    ] = None,
    years: Annotated[int | None, typer.Option(min=1, max=10, help="Of history; demo: 3.")] = None,
    end: Annotated[
        str | None, typer.Option(help="First day not known, YYYY-MM-DD; demo: 2026-01-05.")
    ] = None,
    violence: Annotated[
        float | None,
        typer.Option(help="Share of the published level of serious violence, up to 1."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    over_record: Annotated[
        list[str] | None,
        typer.Option(help="GROUP=FACTOR: police record a group so many times as often."),
    ] = None,
    label_bias: Annotated[
        list[str] | None,
        typer.Option(help="SOURCE:GROUP=FACTOR: a source records a group's outcomes as often."),
    ] = None,
    under_link: Annotated[
        list[str] | None,
        typer.Option(help="GROUP=FACTOR: a group is misspelled so many times as often."),
    ] = None,
    reclassify: Annotated[
        str | None, typer.Option(help="YYYY-MM: a month that police record mostly as violence.")
    ] = None,
    late: Annotated[
        list[str] | None, typer.Option(help="SOURCE whose last ten weeks have not arrived.")
    ] = None,
    project: Project = None,
    as_json: Json = False,
) -> None:
    """Make the extracts of a partnership that does not exist, with its truth kept apart."""
    from risk_engine import synthetic
    from risk_engine.config import AreasConfig, load_model

    switches = synthetic.parse(
        over_record=over_record or (),
        label_bias=label_bias or (),
        under_link=under_link or (),
        reclassify=reclassify,
        late=late or (),
        sources=synthetic.SOURCES,
    )
    root = find_project(project or Path.cwd())
    areas = load_model(AreasConfig, root / "configs" / "areas.yaml", shown="configs/areas.yaml")
    usual = _SIZES[size]
    made = synthetic.generate(
        people=people or usual[0],
        years=years or usual[1],
        end=parse_day(end or usual[2], "--end"),
        seed=seed,
        areas=areas,
        violence=violence,
        switches=switches,
    )
    files = [path.relative_to(root / out).as_posix() for path in synthetic.write(made, root / out)]
    console = Console(as_json=as_json)
    console.say(f"{len(files)} files in {out}; the truth is apart, in {out / 'truth'}")
    console.result({"out": str(out), "files": files, "seed": seed})
