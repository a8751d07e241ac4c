"""The verbs of the week: from a project's first file to a verified pack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from risk_engine.cli.common import (
    ConfigPath,
    Json,
    Paths,
    Project,
    RunName,
    Who,
    Why,
    open_run,
    parse_day,
    shown,
    user,
)
from risk_engine.config import find_project, load_settings
from risk_engine.console import Console

app = typer.Typer()


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="New or empty folder.")]) -> None:
    """Write an editable project: configs, features, model specs."""
    from risk_engine.scaffold import write_project

    for path in write_project(folder):
        typer.echo(f"wrote {path}")
    typer.echo(f"next: cd {folder} && risk-engine check")


@app.command()
def check(
    configs: Annotated[
        list[Path] | None, typer.Argument(help="Run configurations; all of configs/ by default.")
    ] = None,
    project: Project = None,
    as_json: Json = False,
) -> None:
    """Say every fault in configurations, contracts, catalogue and agreements, at once."""
    from risk_engine.checks import check_all

    root = find_project(project or (configs[0].parent if configs else Path.cwd()))
    report = check_all(root, configs or sorted((root / "configs").glob("*.yaml")))
    console = Console(as_json=as_json)
    for line in report.lines:
        console.say(line)
    console.result({"configs": report.configs, "faults": report.faults_as_json()})
    if report.faults:
        raise typer.Exit(2)


@app.command()
def run(
    config: ConfigPath,
    as_of: Annotated[str | None, typer.Option(help="First day not known, YYYY-MM-DD.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of all runs; runs/ by default.")] = None,
    prepared_by: Annotated[
        str, typer.Option("--as", help="Your name; whoever prepares may not sign.")
    ] = "",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Compute again what is already there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Do the whole week: ingest, link, features, hotspots, cohorts, audit, reports."""
    from risk_engine import pipeline

    console = Console(as_json=as_json)
    settings = load_settings(config)
    paths = Paths(settings.root, out)
    week = pipeline.run_week(
        settings,
        out=paths.runs,
        ledger=paths.ledger(),
        prepared_by=prepared_by or user(),
        progress=console,
        as_of=parse_day(as_of, "--as-of") if as_of else None,
        fresh=fresh,
    )
    console.week(week)
    console.result(week.summary())


@app.command()
def gate(run_id: RunName, project: Project = None, as_json: Json = False) -> None:
    """Say whether a run may be released, and what is missing."""
    from risk_engine.release import decisions

    paths, found = open_run(run_id, project)
    decision = decisions.ask_gate(found, paths.ledger())
    console = Console(as_json=as_json)
    console.gate(found.run_id, decision)
    console.result({"run_id": found.run_id, **decision.as_json()})


@app.command()
def adjudicate(
    run_id: RunName,
    verdict: Annotated[str, typer.Argument(help="Key of a verdict, or a pattern with *.")],
    name: Who,
    reason: Why,
    project: Project = None,
    as_json: Json = False,
) -> None:
    """Record your judgement on verdicts that could not be told."""
    from risk_engine.release import decisions

    paths, found = open_run(run_id, project)
    ledger = paths.ledger()
    keys = decisions.adjudicate(found, ledger, pattern=verdict, name=name, reason=reason)
    console = Console(as_json=as_json)
    console.say(f"adjudicated by {name}: {', '.join(keys)}")
    console.result({"run_id": found.run_id, "adjudicated": keys})


@app.command()
def sign(
    run_id: RunName, name: Who, reason: Why, project: Project = None, as_json: Json = False
) -> None:
    """Approve a run that somebody else prepared."""
    from risk_engine.release import decisions

    paths, found = open_run(run_id, project)
    ledger = paths.ledger()
    decisions.sign(found, ledger, name=name, reason=reason)
    decision = decisions.ask_gate(found, ledger)
    console = Console(as_json=as_json)
    console.say(f"{found.run_id} signed by {name}")
    console.gate(found.run_id, decision)
    console.result({"run_id": found.run_id, "signed_by": name, **decision.as_json()})


@app.command()
def refuse(
    run_id: RunName, name: Who, reason: Why, project: Project = None, as_json: Json = False
) -> None:
    """Refuse a run, with the reason."""
    from risk_engine.release import decisions

    paths, found = open_run(run_id, project)
    decisions.refuse(found, paths.ledger(), name=name, reason=reason)
    console = Console(as_json=as_json)
    console.say(f"{found.run_id} refused by {name}")
    console.result({"run_id": found.run_id, "refused_by": name})


@app.command()
def release(run_id: RunName, project: Project = None, as_json: Json = False) -> None:
    """Write the packs of a run, if the gate allows it."""
    from risk_engine.release.packs import release_run

    paths, found = open_run(run_id, project)
    folder = release_run(found, paths.ledger(), out=paths.releases)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [str(shown(path)) for path in files]
    console = Console(as_json=as_json)
    console.say(f"released {folder.name}: {len(files)} files in {shown(folder)}")
    for path in names:
        if Path(path).parts[-2] in {"force_area", "people", folder.name}:
            console.say(f"  {path}")
    console.say("  and one folder for each local area")
    console.result({"run_id": found.run_id, "release_id": folder.name, "files": names})


@app.command()
def verify(
    pack: Annotated[Path, typer.Argument(help="Release folder.")],
    ledger: Annotated[
        Path | None, typer.Option(help="Ledger file; the project's by default.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a released pack: every file, its manifest and the ledger."""
    from risk_engine.release import Ledger
    from risk_engine.release.verify import verify_pack

    path = ledger or pack.resolve().parent.parent / "ledger" / "ledger.jsonl"
    found = verify_pack(pack, Ledger(path) if path.exists() else None)
    console = Console(as_json=as_json)
    console.say(
        f"{found.release_id}: {found.files} files are as released; approved by "
        f"{found.approved_by}; expires {found.expires_at:%d %B %Y}; "
        + ("manifest is on the ledger" if found.on_ledger else "NOT checked against a ledger")
    )
    console.result(
        {
            "release_id": found.release_id,
            "files": found.files,
            "approved_by": found.approved_by,
            "expires_at": found.expires_at.isoformat(),
            "on_ledger": found.on_ledger,
        }
    )
