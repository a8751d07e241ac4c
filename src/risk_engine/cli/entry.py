"""The command line: one function a verb, thin. Work is done by the rooms, stories by `pipeline`.

Exit status: 0 done, 2 configuration or usage, 3 input data, 4 refused by the gate or a rule,
5 integrity, 6 busy, 1 anything else, 130 interrupted. With ``--json`` one object goes to standard
output (an error too, as ``{"error": ...}``) and everything else to standard error.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from risk_engine._version import __version__
from risk_engine.cli import (
    feeds,
    link_explain,
    link_review,
    links,
    needs,
    quarantine,
    synth,
    tracker,
    week,
)
from risk_engine.errors import RiskEngineError, UsageError

app = typer.Typer(
    help="Places and people most affected by serious violence: support, not enforcement.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(week.app)
app.add_typer(synth.app)
app.add_typer(tracker.app)
app.add_typer(needs.app)
app.add_typer(feeds.app, name="feeds")
app.add_typer(quarantine.app, name="quarantine")
for verb in (link_review.review, link_review.answers, link_explain.explain):
    links.app.command()(verb)
app.add_typer(links.app, name="link")

#: Exit status after Ctrl-C, as shells have it.
INTERRUPTED = 130


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


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in arguments
    with _noticing_interrupts() as interrupts:
        status = _status(arguments, as_json=as_json, interrupts=interrupts)
    if status == INTERRUPTED:
        typer.echo("stopped; nothing half-written is visible; run it again to go on", err=True)
    sys.exit(status)


@contextmanager
def _noticing_interrupts() -> Iterator[list[int]]:
    """Note every Ctrl-C: a library may catch it and raise an error of its own in its place."""
    seen: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        signal.default_int_handler(number, frame)

    if threading.current_thread() is not threading.main_thread():
        yield seen  # only the main thread may say what a signal does
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)


def _status(arguments: list[str], *, as_json: bool, interrupts: list[int]) -> int:
    """Run the verb; after an interrupt any failure is that interrupt, whatever it was made into."""
    for stream in (sys.stdout, sys.stderr):  # a terminal may lack a letter of somebody's name
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        return app(args=arguments, standalone_mode=False) or 0
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - usage errors have no public base; others are raised
        return INTERRUPTED if interrupts else _failed(error, as_json=as_json)


def _failed(error: Exception, *, as_json: bool) -> int:
    """Report an error in the words that fit it, and return the exit status."""
    if isinstance(error, RiskEngineError):
        return _report(error, as_json=as_json)
    if isinstance(error, OSError):
        return _report(_disk(error), as_json=as_json)
    return _usage(error, as_json=as_json)


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
        f"{Path(f.filename).name}:{f.lineno} {f.name}"
        for f in frames
        if __package__.split(".")[0] in f.filename
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
