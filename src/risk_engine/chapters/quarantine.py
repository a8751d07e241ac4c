"""Rows set aside: see them, correct them, try them again. Nothing here changes a run."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from risk_engine import partners
from risk_engine.chapters.intake import Intake, open_intake
from risk_engine.config import Settings, Source
from risk_engine.errors import InputError, UsageError, suggest
from risk_engine.files import replacing

#: Columns that `export` puts before the partner's own; they say where a row was and why it is here.
WHERE = ("quarantine_file", "quarantine_row", "quarantine_codes")


@dataclass(frozen=True)
class Retried:
    """What became of corrected rows that were judged together with the files of their source.

    Attributes
    ----------
    count
        Of the corrected file: rows read, accepted, repaired, quarantined, dropped.
    passed
        The rows that may be used, under the partner's headers.
    left
        ``row, codes`` of the others; rows count from 1 in the corrected file.
    """

    count: partners.FileCount
    passed: pd.DataFrame
    left: pd.DataFrame


@contextmanager
def set_aside(
    settings: Settings, as_of: date | None = None
) -> Iterator[tuple[Intake, pd.DataFrame]]:
    """Read all sources and give what was set aside or repaired, however much it is.

    The thresholds of the contracts are lifted: a source that they refuse is where one has to look.

    Yields
    ------
    tuple
        The intake and a frame ``source, file, row, outcome, code, field``: one row a code. No cell
        of a partner is in it.
    """
    with open_intake(_without_limits(settings), as_of) as intake:
        frame = intake.found.quarantine.drop("raw").to_pandas()
        codes = frame.assign(pair=_pairs(frame)).drop(columns=["codes", "fields"]).explode("pair")
        codes["code"] = codes["pair"].str[0]
        codes["field"] = codes["pair"].str[1]
        yield intake, codes.drop(columns="pair").reset_index(drop=True)


def rows_of(
    intake: Intake, source: str, *, code: str | None = None, limit: int | None = None
) -> pd.DataFrame:
    """Return the rows of one source as they were sent: ``file, row, codes, raw``.

    Parameters
    ----------
    code
        Only rows with this code, such as ``UNKNOWN_CODE``.
    limit
        At most this many rows.

    Raises
    ------
    UsageError
        If there is no such source.
    """
    check_source(intake.settings, source)
    table = intake.found.quarantine
    chosen = table.filter(table.source == source, table.outcome == "quarantined")
    if code is not None:
        chosen = chosen.filter(chosen.codes.contains(code))
    frame = chosen.order_by(["file", "row"]).limit(limit).to_pandas()
    frame["codes"] = [
        "; ".join(f"{code}:{field}" if field else code for code, field in pairs)
        for pairs in _pairs(frame)
    ]
    told: pd.DataFrame = frame[["file", "row", "codes", "raw"]]
    return told


def export(rows: pd.DataFrame, path: Path) -> None:
    """Write rows under the partner's own headers, for correction; readable by the owner only."""
    cells = [json.loads(raw) for raw in rows["raw"]]
    headers = list(dict.fromkeys(name for row in cells for name in row))
    with replacing(path) as aside:
        aside.touch(mode=0o600)
        with aside.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, [*WHERE, *headers], restval="")
            writer.writeheader()
            for row, sent in zip(rows.itertuples(index=False), cells, strict=True):
                where = dict(zip(WHERE, (row.file, row.row, row.codes), strict=True))
                writer.writerow({**where, **sent})


def retry(settings: Settings, source: str, corrected: Path, as_of: date | None = None) -> Retried:
    """Judge corrected rows by the contract as it stands, together with all files of their source.

    Together, so that a row whose key is already there is seen as such.

    Parameters
    ----------
    corrected
        What `export` wrote, with cells corrected; its own columns `WHERE` are not judged.

    Raises
    ------
    UsageError
        If there is no such source.
    InputError
        If the file cannot be read as a table or lacks a column of the contract.
    """
    own = check_source(settings, source)
    try:
        sent = pd.read_csv(corrected, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise InputError(
            f"{corrected.name} cannot be read as a CSV table ({type(error).__name__})",
            code="UNREADABLE",
            hint="save it as CSV (UTF-8)",
        ) from None
    sent = sent.drop(columns=[name for name in WHERE if name in sent.columns])
    with _written(sent, own) as drop:
        tried = _without_limits(replace(settings, sources=(drop,)))
        with open_intake(tried, as_of) as intake:
            return _retried(intake, drop.files[-1], sent)


def check_source(settings: Settings, source: str) -> Source:
    """Return a configured source by name."""
    found = {item.contract.source: item for item in settings.sources}
    if source not in found:
        raise UsageError(
            f"source '{source}' is not configured{suggest(source, found)}; "
            f"configured: {', '.join(sorted(found))}",
            code="NO_SOURCE",
        )
    return found[source]


@contextmanager
def _written(sent: pd.DataFrame, own: Source) -> Iterator[Source]:
    """Give the source with the corrected rows as one more drop, in a folder that goes again."""
    contract = own.contract
    with tempfile.TemporaryDirectory(prefix="risk-engine-retry-") as folder:
        path = Path(folder) / f"corrected-{contract.source}.csv"
        form = contract.format
        sent.to_csv(
            path, index=False, sep=form.delimiter, encoding=form.encoding, lineterminator="\n"
        )
        yield Source(contract, (*own.files, path))


def _retried(intake: Intake, path: Path, sent: pd.DataFrame) -> Retried:
    (count,) = [file for file in intake.found.files if file.file == path.name]
    table = intake.found.quarantine
    mine = table.filter(table.file == path.name, table.outcome == "quarantined").drop("raw")
    frame = mine.order_by("row").to_pandas()
    left = pd.DataFrame(
        {
            "row": frame["row"].astype("int64"),
            "codes": [", ".join(f"{c}:{f}" for c, f in pairs) for pairs in _pairs(frame)],
        }
    )
    return Retried(count, sent[~(sent.index + 1).isin(left["row"])], left)


def _without_limits(settings: Settings) -> Settings:
    lifted = {"quarantine_limit": 1.0}
    sources = [
        replace(source, contract=source.contract.model_copy(update=lifted))
        for source in settings.sources
    ]
    return replace(settings, sources=tuple(sources))


def _pairs(frame: pd.DataFrame) -> Sequence[Sequence[tuple[str, str]]]:
    return [
        list(zip(codes, fields, strict=True))
        for codes, fields in zip(frame["codes"], frame["fields"], strict=True)
    ]
