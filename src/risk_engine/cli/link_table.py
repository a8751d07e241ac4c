"""`risk-engine link --table`: any table of records linked, without a project."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic
from typing import TYPE_CHECKING, Any

from risk_engine.cli.common import shown
from risk_engine.config import load_model
from risk_engine.config.linkage import LinkageSpec, TableSpec
from risk_engine.console import Console
from risk_engine.errors import RiskEngineError, UsageError
from risk_engine.scaffold import authored

if TYPE_CHECKING:  # slow to import; only its shape is needed
    from risk_engine.linkage import LinkedTable

USUAL = "models/specs/linkage_table.yaml"
_ENDINGS = (".csv", ".parquet")
_LINE = "{:<12}{}"


@dataclass(frozen=True)
class Wish:
    """What was asked for: tables in, a specification, and where the links go."""

    tables: Sequence[Path]
    spec: Path
    out: Path


def link_tables(wish: Wish, *, as_json: bool) -> None:
    """Link the tables, write who is who, and say how it went."""
    from risk_engine.engine import open_engine
    from risk_engine.linkage import columns_of, link_table, read_tables

    started, console = monotonic(), Console(as_json=as_json)
    _check_out(wish)
    spec = _read_spec(wish.spec)
    read = read_tables(wish.tables, columns_of(spec))
    with open_engine() as engine:
        found = link_table(read.frame, _with_source(spec), engine=engine)
    _write(found, wish.out)
    facts = {
        **_as_object(found, spec, read.notes),
        "seconds": round(monotonic() - started, 1),
        "out": str(shown(wish.out)),
    }
    for line in lines(facts):
        console.say(line)
    console.result(facts)


def _check_out(wish: Wish) -> None:
    """See before any work that the result can be written, and that it replaces nothing read."""
    out = wish.out
    if out.suffix.lower() not in _ENDINGS:
        raise UsageError(
            f"--out is '{out.name}'; it ends in .csv or .parquet, which says what is written",
            code="BAD_OUT",
        )
    if out.resolve() in {path.resolve() for path in (*wish.tables, wish.spec)}:
        raise UsageError(
            f"--out is '{out.name}', which is read; nothing was written",
            code="BAD_OUT",
            hint="name another file",
        )
    if out.is_dir() or not out.parent.is_dir():
        what = "is a folder" if out.is_dir() else "is in a folder that is not there"
        raise UsageError(f"--out: {out} {what}", code="BAD_OUT")
    try:
        TemporaryFile(dir=out.parent).close()
    except OSError as error:
        raise RiskEngineError(
            f"--out: nothing can be written in {out.parent} ({error.strerror})",
            code="DISK",
            hint="name a file in a folder of yours",
        ) from None


def _read_spec(path: Path) -> TableSpec:
    from risk_engine.linkage import merged

    usual = load_model(LinkageSpec, authored(USUAL), shown=USUAL)
    return merged(load_model(TableSpec, path), usual)


def _with_source(spec: TableSpec) -> TableSpec:
    """Let the file be the source of a row where the table names none."""
    from risk_engine.linkage.reading import FILE

    if spec.columns.source:
        return spec
    return spec.model_copy(update={"columns": spec.columns.model_copy(update={"source": FILE})})


def _write(found: LinkedTable, out: Path) -> None:
    from risk_engine.files import replacing

    with replacing(out) as aside:
        if out.suffix.lower() == ".csv":
            found.links.to_csv(aside, index=False, encoding="utf-8", lineterminator="\n")
        else:
            found.links.to_parquet(aside, index=False, compression="zstd")


def _as_object(found: LinkedTable, spec: TableSpec, notes: Sequence[str]) -> dict[str, Any]:
    told = found.quality
    names = (
        "records", "people", "threshold", "expected", "target_precision", "pairs_compared",
        "rules", "held", "model", "measured",
    )  # fmt: skip
    return {
        **{name: told[name] for name in names},
        "identities": told["identities"],
        "threshold_by": _decided(told["threshold"], spec),
        "warnings": [*notes, *_warnings(told)],
    }


def _decided(threshold: float, spec: TableSpec) -> str:
    """Name the key of the specification that the threshold comes from."""
    if spec.threshold is not None:
        return "threshold"
    return "least_probability" if threshold <= spec.least_probability else "target_precision"


def _warnings(told: dict[str, Any]) -> Iterator[str]:
    """Say what a person should know before the links are used."""
    for rule in told["rules"]:
        if rule["left_out"]:
            yield f"pairs that agree on {rule['rule']} were not compared: {rule['left_out']}"
    if told["rules"] and all(rule["left_out"] for rule in told["rules"]):
        yield "nothing was compared but what is the same in all columns"
    if told["birth_dates_not_read"]:
        yield (
            f"{told['birth_dates_not_read']:,} birth dates are no dates, placeholders such as "
            "1900-01-01, or not in the format of birth_date_format; they count as unknown"
        )
    if told["alone"]:
        yield (
            f"{told['alone']:,} records stand alone: a link needs two of name, birth date "
            "and the other columns"
        )
    if told["crowded"]:
        yield (
            f"{told['crowded']:,} records stand alone: they agree in everything with more others "
            "than limits.records_per_identity allows, as placeholders do"
        )
    if told["records"] and not told["model"]["estimated"]:
        yield "too few different records to learn from: the stated m and u were used"


def lines(facts: dict[str, Any]) -> Iterator[str]:
    """Return what a terminal shows."""
    yield _line("people", f"{facts['people']:,} from {facts['records']:,} records")
    yield _line("threshold", _threshold(facts))
    yield _line("expected", _expected(facts["expected"]))
    if measured := facts["measured"]:
        yield _line(
            "measured",
            f"precision {measured['precision']:.3f}, recall {measured['recall']:.3f}, "
            f"F1 {measured['f1']:.3f} over pairs of {measured['records']:,} records",
        )
    for reason, count in facts["held"].items():
        yield _line("held", f"{count:,} groups cut until somebody has looked: {reason}")
    for warning in facts["warnings"]:
        yield _line("warning", warning)
    yield _line("links", f"{facts['out']} · {facts['seconds']} s")


def _line(name: str, said: str) -> str:
    return _LINE.format(name, said)


def _threshold(facts: dict[str, Any]) -> str:
    why = {
        "threshold": "as the specification says",
        "least_probability": "the least that least_probability allows",
        "target_precision": f"so that {facts['target_precision']:.1%} of the links are right",
    }
    return f"match probability {facts['threshold']:.4g}, {why[facts['threshold_by']]}"


def _expected(told: dict[str, float | None]) -> str:
    if told["precision"] is None:
        return "nothing was joined but what is the same in all columns"
    return (
        f"precision {told['precision']:.3f}, recall {told['recall']:.3f} among the pairs "
        "compared, as far as the model holds"
    )
