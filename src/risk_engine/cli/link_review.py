"""`risk-engine link review` and `link answers`: pairs for a person to judge, and what they said."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from risk_engine.cli.common import ConfigPath, Json, Paths, Who, Why, open_run, shown
from risk_engine.cli.feeds import WEEKLY, Config
from risk_engine.config import load_settings
from risk_engine.console import Console

RunOption = Annotated[str, typer.Option("--run", help="Id of a finished run, or 'latest'.")]


def review(
    config: ConfigPath,
    out: Annotated[
        Path, typer.Option(help="File to write, .xlsx or .csv: it holds names. Not there yet.")
    ],
    name: Who,
    reason: Why,
    run: RunOption = "latest",
    size: Annotated[int, typer.Option(min=1, help="Pairs to draw at random.")] = 200,
    as_json: Json = False,
) -> None:
    """Write pairs of records, with names, for a cleared person to say which are one person."""
    from risk_engine.chapters.link_review import write_review

    console, settings = Console(as_json=as_json), load_settings(config)
    paths, opened = open_run(run, settings.root)
    made = write_review(settings, opened, paths.ledger(), out, size=size, name=name, reason=reason)
    console.say(f"{made.drawn + made.held:,} pairs in {shown(out)}: it holds names of people")
    console.say(f"            {made.drawn:,} drawn at random, {made.held:,} of people who are held")
    if made.missing:
        console.say(f"            {made.missing:,} records have changed since and are left out")
    console.say("            answer same, different or unsure in the column 'answer'")
    console.say(
        f"next        risk-engine link answers {shown(out)} --config {config} "
        '--as NAME --reason "why"; then delete the file'
    )
    console.result(
        {
            "run_id": opened.run_id,
            "drawn": made.drawn,
            "held": made.held,
            "missing": made.missing,
            "strata": made.strata.to_dict("records"),
            "out": str(shown(out)),
        }
    )


def answers(
    file: Annotated[Path, typer.Argument(help="What 'link review' wrote, answered.")],
    name: Who,
    reason: Why,
    config: Config = WEEKLY,
    as_json: Json = False,
) -> None:
    """Read the answers about pairs of records; the next run is made by them."""
    from risk_engine.chapters.link_review import read_answers

    console, settings = Console(as_json=as_json), load_settings(config)
    ledger = Paths(settings.root).ledger()
    answered, decided, empty = read_answers(file, ledger, name=name, reason=reason)
    console.say(
        f"{answered:,} pairs answered, {decided:,} of them decided; {empty:,} without an answer"
    )
    if answered:
        console.say(f"next        risk-engine run {config}; and delete {shown(file)}")
    console.result({"answered": answered, "decided": decided, "unanswered": empty})
