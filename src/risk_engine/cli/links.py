"""The verbs about who is who: the pseudonym key and the links it hides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from risk_engine.cli.common import ConfigPath, Json, Paths, Who, Why, parse_day, shown
from risk_engine.cli.link_table import Wish, link_tables
from risk_engine.config import load_settings
from risk_engine.console import Console
from risk_engine.errors import UsageError

if TYPE_CHECKING:  # slow to import; only its shape is needed
    from risk_engine.chapters.link_training import Trained

app = typer.Typer(
    help="Which records are one person, and the key of their pseudonyms.",
    invoke_without_command=True,
)


@app.callback()
def link(
    context: typer.Context,
    table: Annotated[
        list[Path] | None,
        typer.Option(help="CSV, Parquet or Excel; several are read one below the other."),
    ] = None,
    spec: Annotated[
        Path | None, typer.Option(help="YAML that says which column holds what.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="record_id, person_id, match_weight: .csv or .parquet.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Link any table of records, or say a verb about the links of the partnership.

    A table of one's own is linked by --table, --spec and --out, without a project. A row is in the
    result for each record, in the order of the table.
    """
    asked = bool(table or spec or out)
    if context.invoked_subcommand is not None:
        if asked:
            raise UsageError(
                f"--table, --spec and --out go without a verb, not before "
                f"'{context.invoked_subcommand}'"
            )
        return
    if not (table and spec and out):
        missing = [name for name, value in
                   (("--table", table), ("--spec", spec), ("--out", out)) if not value]  # fmt: skip
        raise UsageError(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
            if asked
            else "say what is to be linked, or a verb",
            hint="risk-engine link --table FILE --spec SPEC --out FILE; "
            "risk-engine link --help lists the verbs",
        )
    link_tables(Wish(table, spec, out), as_json=as_json)


@app.command()
def rotate(config: ConfigPath, name: Who, reason: Why, as_json: Json = False) -> None:
    """Make a new pseudonym key: everybody gets another pseudonym, and earlier ones end."""
    from risk_engine.chapters import links

    settings = load_settings(config)
    made = links.rotate(settings, Paths(settings.root).ledger(), name=name, reason=reason)
    console = Console(as_json=as_json)
    console.say(f"key {made.old} is replaced by {made.new}")
    console.say(f"the old one is in {shown(made.retired)}: move it to where old keys are kept")
    console.say("pseudonyms made from now on cannot be joined with earlier ones without both keys")
    console.say(f"next        risk-engine run {config}")
    console.result({"old": made.old, "new": made.new, "retired": made.retired})


@app.command()
def train(
    config: ConfigPath,
    as_of: Annotated[
        str | None,
        typer.Option(help="First day not known, YYYY-MM-DD; the configuration's when not given."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Learn a linkage model from all records known by a day, and keep it in the project."""
    from risk_engine.chapters import link_training

    settings = load_settings(config)
    paths = Paths(settings.root)
    trained = link_training.train(
        settings,
        paths.runs,
        ledger=paths.ledger(),
        as_of=parse_day(as_of, "--as-of") if as_of else None,
    )
    console = Console(as_json=as_json)
    for line in _trained(trained, config):
        console.say(line)
    console.result(
        {
            "model": trained.model.version,
            "path": str(trained.path),
            "identities": trained.model.identities,
            "estimated": trained.model.estimated,
            "prior": trained.model.prior,
            "threshold": trained.model.threshold,
            "before": {"run": trained.before[0], "model": trained.before[1].version}
            if trained.before
            else None,
            "levels": trained.moved(),
        }
    )


def _trained(trained: Trained, config: Path) -> list[str]:
    model = trained.model
    learnt = "m and u learnt from" if model.estimated else "m and u as stated: too few among"
    return [
        f"model       {trained.path.as_posix()}",
        f"learnt      {learnt} {model.identities:,} different identities",
        f"threshold   match probability {model.threshold:.4g}",
        *_compared(trained),
        f"next        linkage: {{model: {trained.path.as_posix()}}} in {config}",
    ]


def _compared(trained: Trained) -> list[str]:
    """Return m and u of every level, beside those of the week before where there is one."""
    if trained.before is None:
        return ["before      no earlier run with this key to compare with"]
    run, before = trained.before
    heads = ["comparison", "level", "m before", "m now", "u before", "u now"]
    rows = [heads, *[_row(level) for level in trained.moved()]]
    widths = [max(len(row[at]) for row in rows) for at in range(len(heads))]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    same = "; it is the same model" if before == trained.model else ""
    return [f"before      model {before.version} of run {run}{same}", "", *table, ""]


def _row(level: dict[str, Any]) -> list[str]:
    numbers = [level[name] for name in ("m_before", "m", "u_before", "u")]
    said = ["-" if number is None else f"{number:.4g}" for number in numbers]
    return [level["comparison"], level["level"], *said]
