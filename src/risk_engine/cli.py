"""The command line: one function a verb, thin. Work is done by the rooms, stories by `pipeline`.

Exit status: 0 done, 2 configuration or usage, 3 input data, 4 refused by the gate or a rule,
5 integrity, 6 busy, 1 anything else, 130 interrupted. With ``--json`` one object goes to standard
output (an error too, as ``{"error": ...}``) and everything else to standard error.
"""

from __future__ import annotations

import getpass
import io
import json
import os
import sys
import traceback
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from risk_engine._version import __version__
from risk_engine.config import find_project, load_settings
from risk_engine.console import Console
from risk_engine.errors import RiskEngineError, UsageError

app = typer.Typer(
    help="Places and people most affected by serious violence: support, not enforcement.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

#: Exit status after Ctrl-C, as shells have it.
INTERRUPTED = 130

ConfigPath = Annotated[Path, typer.Argument(help="Run configuration, such as configs/demo.yaml.")]
RunName = Annotated[str, typer.Argument(help="Id of a finished run, or 'latest'.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
Project = Annotated[
    Path | None, typer.Option("--project", help="Project folder; found upwards by default.")
]
Who = Annotated[str, typer.Option("--as", help="Your name; it goes on the ledger.")]
Why = Annotated[str, typer.Option("--reason", help="Why; it goes on the ledger.")]


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
def synth(
    out: Annotated[Path, typer.Option("--out", help="Folder for the extracts.")] = Path(
        "data/demo"
    ),
    people: Annotated[int, typer.Option(min=100, help="People known to any source.")] = 20_000,
    years: Annotated[int, typer.Option(min=1, max=10)] = 3,
    end: Annotated[str, typer.Option(help="First day not known, YYYY-MM-DD.")] = "2026-01-05",
    seed: Annotated[int, typer.Option(min=0)] = 1,
    project: Project = None,
    as_json: Json = False,
) -> None:
    """Make the extracts of a partnership that does not exist, with its truth kept apart."""
    from risk_engine import synthetic
    from risk_engine.config import AreasConfig, load_model

    root = find_project(project or Path.cwd())
    areas = load_model(AreasConfig, root / "configs" / "areas.yaml", shown="configs/areas.yaml")
    made = synthetic.generate(
        people=people, years=years, end=_day(end, "--end"), seed=seed, areas=areas
    )
    files = synthetic.write(made, root / out)
    console = Console(as_json=as_json)
    console.say(f"{len(files)} files in {out}; the truth is apart, in {out / 'truth'}")
    console.result({"out": str(out), "files": [path.name for path in files], "seed": seed})


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
    paths = _Paths(settings.root, out)
    week = pipeline.run_week(
        settings,
        out=paths.runs,
        ledger=paths.ledger(),
        prepared_by=prepared_by or _user(),
        progress=console,
        as_of=_day(as_of, "--as-of") if as_of else None,
        fresh=fresh,
    )
    console.week(week)
    console.result(week.summary())


@app.command()
def gate(run_id: RunName, project: Project = None, as_json: Json = False) -> None:
    """Say whether a run may be released, and what is missing."""
    from risk_engine.release import decisions

    paths, found = _open(run_id, project)
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

    paths, found = _open(run_id, project)
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

    paths, found = _open(run_id, project)
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

    paths, found = _open(run_id, project)
    decisions.refuse(found, paths.ledger(), name=name, reason=reason)
    console = Console(as_json=as_json)
    console.say(f"{found.run_id} refused by {name}")
    console.result({"run_id": found.run_id, "refused_by": name})


@app.command()
def release(run_id: RunName, project: Project = None, as_json: Json = False) -> None:
    """Write the packs of a run, if the gate allows it."""
    from risk_engine.release.packs import release_run

    paths, found = _open(run_id, project)
    folder = release_run(found, paths.ledger(), out=paths.releases)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    shown = [str(_short(path)) for path in files]
    console = Console(as_json=as_json)
    console.say(f"released {folder.name}: {len(files)} files in {_short(folder)}")
    for path in shown:
        if Path(path).parts[-2] in {"force_area", "people", folder.name}:
            console.say(f"  {path}")
    console.say("  and one folder for each local area")
    console.result({"run_id": found.run_id, "release_id": folder.name, "files": shown})


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


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"risk-engine {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Places and people most affected by serious violence: support, not enforcement."""


class _Paths:
    """Where a project keeps what it makes."""

    def __init__(self, root: Path, runs: Path | None = None) -> None:
        self.runs = runs or root / "runs"
        self.releases = root / "releases"
        self._ledger = root / "ledger" / "ledger.jsonl"

    def ledger(self) -> Any:
        from risk_engine.release import Ledger

        return Ledger(self._ledger)


def _open(run_id: str, project: Path | None) -> tuple[_Paths, Any]:
    """Open a finished run by id, by 'latest', or by the path of its folder."""
    from risk_engine.runs import latest_run, load_run

    root = find_project(project or Path.cwd())
    as_path = Path(run_id)
    if (as_path / "manifest.json").exists() and as_path.name != run_id:
        return _Paths(root), load_run(as_path.resolve().parent, as_path.resolve().name)
    paths = _Paths(root)
    return paths, load_run(paths.runs, latest_run(paths.runs) if run_id == "latest" else run_id)


def _day(text: str, option: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise UsageError(
            f"{option} is '{text}'; write a day as YYYY-MM-DD", code="BAD_DAY"
        ) from None


def _user() -> str:
    try:
        return os.environ.get("RISK_ENGINE_USER") or getpass.getuser()
    except (OSError, KeyError):
        raise UsageError(
            "nobody is named as preparer", code="NO_NAME", hint="add --as NAME"
        ) from None


def _short(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in arguments
    for stream in (sys.stdout, sys.stderr):  # a terminal may lack a letter of somebody's name
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        status = app(args=arguments, standalone_mode=False)
    except RiskEngineError as error:
        status = _report(error, as_json=as_json)
    except OSError as error:
        status = _report(_disk(error), as_json=as_json)
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except Exception as error:  # noqa: BLE001 - usage errors have no public base; others are raised
        status = _usage(error, as_json=as_json)
    if status == INTERRUPTED:  # typer may have turned the interrupt into a status by itself
        typer.echo("stopped; nothing half-written is visible; run it again to go on", err=True)
    sys.exit(status or 0)


def _usage(error: Exception, *, as_json: bool) -> int:
    """Show a wrong option or argument in its own words."""
    show, code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if show is None or code is None:
        return _fault_of_ours(error, as_json=as_json)
    show()
    if as_json:
        words = getattr(error, "format_message", error.__str__)
        _print_error(UsageError(words(), hint="see --help"))
    return int(code)


def _fault_of_ours(error: Exception, *, as_json: bool) -> int:
    """Say where the engine itself went wrong, without the error's words: they may hold a cell."""
    if os.environ.get("RISK_ENGINE_DEBUG"):
        raise error
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames if __package__ in f.filename
    ]
    where = " > ".join(own[-5:]) or "outside the engine"
    fault = RiskEngineError(
        f"a fault of the engine itself: {type(error).__name__} at {where}",
        code="INTERNAL",
        hint="report this line; RISK_ENGINE_DEBUG=1 shows the whole error (it may hold a name)",
    )
    return _report(fault, as_json=as_json)


def _disk(error: OSError) -> RiskEngineError:
    """Say what the operating system refused: a folder that is a file, no right, a full disk."""
    what = f": {error.filename}" if error.filename else ""
    return RiskEngineError(
        f"{error.strerror or error}{what}",
        code="DISK",
        hint="make sure that folder can be written and has space; nothing half-written is visible",
    )


def _report(error: RiskEngineError, *, as_json: bool) -> int:
    typer.echo(f"risk-engine: {error}", err=True)
    if as_json:
        _print_error(error)
    return error.exit_code


def _print_error(error: RiskEngineError) -> None:
    content = {"code": error.code, "message": error.message, "hint": error.hint}
    typer.echo(json.dumps({"error": content}))
