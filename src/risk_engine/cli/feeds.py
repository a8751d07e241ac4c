"""The verbs about drops: what is unlike the others, and what a person decides about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from risk_engine.cli.common import ConfigPath, Json, Paths, Who, Why, parse_day
from risk_engine.config import load_settings
from risk_engine.console import Console

if TYPE_CHECKING:  # slow to import, and only their shape is needed
    from risk_engine.partners import DelaySummary, FeedCheck, FeedFinding, Ingested

app = typer.Typer(help="Drops that are unlike the others: see them, accept or reject them.")

DropName = Annotated[str, typer.Argument(help="Name of the drop, as 'feeds check' prints it.")]
Config = Annotated[
    Path, typer.Option("--config", help="Run configuration, such as configs/weekly.yaml.")
]
SourceName = Annotated[
    str | None, typer.Option("--source", help="Needed where two sources have such a drop.")
]
WEEKLY = Path("configs/weekly.yaml")


@app.command()
def check(
    config: ConfigPath,
    as_of: Annotated[str | None, typer.Option(help="First day not known, YYYY-MM-DD.")] = None,
    as_json: Json = False,
) -> None:
    """Say of every source what was looked at in its drops, what was found and what is held."""
    from risk_engine.chapters.intake import open_intake

    console, settings = Console(as_json=as_json), load_settings(config)
    with open_intake(settings, parse_day(as_of, "--as-of") if as_of else None) as intake:
        found, moment = intake.found, intake.as_of
    for line in _lines(found):
        console.say(line)
    if any(finding.held and finding.decision is None for finding in found.feeds):
        console.say(
            f"next        risk-engine feeds accept|reject DROP --config {config} "
            '--as NAME --reason "why"'
        )
    console.result({"as_of": moment.isoformat(), **_facts(found)})


@app.command()
def accept(
    drop: DropName,
    name: Who,
    reason: Why,
    config: Config = WEEKLY,
    source: SourceName = None,
    as_json: Json = False,
) -> None:
    """Use a drop although it is unlike the others; bound to the file as it is now."""
    _decide(drop, name, reason, config, source, accept=True, as_json=as_json)


@app.command()
def reject(
    drop: DropName,
    name: Who,
    reason: Why,
    config: Config = WEEKLY,
    source: SourceName = None,
    as_json: Json = False,
) -> None:
    """Hold a drop, even one that looks usual; bound to the file as it is now."""
    _decide(drop, name, reason, config, source, accept=False, as_json=as_json)


def _decide(
    drop: str,
    name: str,
    reason: str,
    config: Path,
    source: str | None,
    *,
    accept: bool,
    as_json: bool,
) -> None:
    from risk_engine.chapters import drops

    settings = load_settings(config)
    made = drops.decide(
        settings,
        Paths(settings.root).ledger(),
        drop=drop,
        source=source,
        accept=accept,
        name=name,
        reason=reason,
    )
    console = Console(as_json=as_json)
    console.say(f"{made.source}: {made.drop} {made.words}")
    console.say(f"next        risk-engine run {config}")
    console.result(asdict(made))


def _facts(found: Ingested) -> dict[str, Any]:
    unusual = [finding for finding in found.feeds if finding.reasons]
    return {
        "held": [_told(f, reasons=list(f.reasons)) for f in unusual if f.held],
        "notes": [_told(f, notes=list(f.notes)) for f in found.feeds if f.notes],
        "used": [_told(f, reasons=list(f.reasons)) for f in unusual if not f.held],
        "decisions": [asdict(f.decision) for f in found.feeds if f.decision],
        "checked": [asdict(checked) for checked in found.checked],
        "delays": [asdict(delays) for delays in found.delays],
    }


def _told(finding: FeedFinding, **said: list[str]) -> dict[str, Any]:
    return {"source": finding.source, "drop": finding.drop, **said}


def _lines(found: Ingested) -> Iterator[str]:
    for checked, delays in zip(found.checked, found.delays, strict=True):
        yield _headline(checked)
        if checked.compared:
            yield from _looked(checked)
        for finding in found.feeds:
            if finding.source == checked.source:
                yield from _finding(finding)
        yield f"  {'delay':<16}{_delay(delays)}"


def _headline(checked: FeedCheck) -> str:
    drops = f"{checked.drops} drop{'s' * (checked.drops != 1)}"
    if not checked.compared:
        return f"{checked.source}: {drops}, too few to compare"
    return f"{checked.source}: {drops}, {checked.compared} compared"


def _looked(checked: FeedCheck) -> Iterator[str]:
    """Say what each check looked at; drops that nothing could be compared with are not repeated."""
    for each in checked.checks:
        if each.looked:
            unusual = f"{each.unusual} unusual" if each.unusual else "nothing unusual"
            yield f"  {each.code:<16}{each.looks_at}: {each.looked} looked at, {unusual}"
        else:
            why = Counter(each.not_applicable).most_common(1)[0][0]
            yield f"  {each.code:<16}{each.looks_at}: not applicable, {why}"


def _finding(finding: FeedFinding) -> Iterator[str]:
    state = "HELD" if finding.held else "used" if finding.reasons else "note"
    decision = finding.decision
    if decision and decision.accept:
        yield f"  {state:<6}{finding.drop}: {decision.words}"
    for reason in finding.reasons:
        yield f"  {state:<6}{finding.drop}: {reason}"
    for note in finding.notes:
        yield f"  {'note':<6}{finding.drop}: {note}"


def _delay(delays: DelaySummary) -> str:
    if not delays.told:
        return f"not told: {delays.why_not}"
    until = delays.until[1]
    reached = f", 95 % within {until.days} days" if until.days is not None else ""
    return f"{delays.sentence}{reached}"
