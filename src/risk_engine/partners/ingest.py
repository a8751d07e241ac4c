"""All partners' files in, one table of events out: nothing lost, nothing guessed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from ibis.util import gen_name

from risk_engine.config import Source
from risk_engine.engine import Engine
from risk_engine.errors import InputError
from risk_engine.partners.delay import DelaySummary
from risk_engine.partners.feeds import DropDecision
from risk_engine.partners.findings import Drops
from risk_engine.partners.output import LARGE, SMALL, Output
from risk_engine.partners.reading import Reading
from risk_engine.partners.results import FileCount, Ingested, SourceSummary
from risk_engine.partners.rules import check_contract
from risk_engine.places import AreaMap

#: Shortest secret that personal keys may be hashed with, in bytes.
_SHORTEST_KEY = 16


def ingest(
    sources: Sequence[Source],
    *,
    engine: Engine,
    areas: AreaMap,
    as_of: datetime,
    key: bytes,
    decisions: Sequence[DropDecision] = (),
) -> Ingested:
    """Read what the partners sent by their contracts.

    Parameters
    ----------
    sources
        Contracts and files; each file is one drop.
    engine
        Holds the tables that are returned.
    areas
        The local areas: every event with a point gets the area it lies in.
    as_of
        First instant not known, naive UTC. Rows known later are read as well (they are what a
        forecast is scored against), but decide nothing about the rows known before: neither which
        drop is held nor which of two rows with one key stays. A source whose agreement ended before
        this day is refused.
    key
        Secret of the keyed identifiers; at least 16 bytes where a contract holds personal data.
    decisions
        What people decided about drops, oldest first: an accepted drop is used although unusual, a
        rejected one is held although it may look usual.

    Returns
    -------
    Ingested
        For every file, rows read = accepted + repaired + quarantined + dropped for retention.

    Raises
    ------
    InputError
        ``AGREEMENT_EXPIRED``, ``AGREEMENT_NOT_STARTED``, ``QUARANTINE_LIMIT``, ``WEAK_KEY``, or the
        code of a file that is refused as a whole: ``MISSING_FILE``, ``EMPTY_FILE``,
        ``FILE_TWICE``, ``WRONG_ENCODING``, ``WRONG_DELIMITER``, ``MISSING_COLUMNS``,
        ``COLUMN_TWICE``, ``UNREADABLE``, ``UNKNOWN_KIND``, ``BAD_ARCHIVE``, ``MISSING_SHEET``.
    ConfigError
        If a contract's formats, patterns or field types cannot work.
    IntegrityError
        ``ROWS_LOST``, if the counts of a file do not add up.
    """
    for source in sources:
        _admit(source, engine, as_of, key)
    prefix = gen_name("partners")
    output = Output(engine.duckdb, prefix, engine.scratch / prefix, key.hex())
    with _all_or_nothing(output):
        output.create()
        done = [
            _read(Reading(source, engine, areas, as_of, output, decisions)) for source in sources
        ]
        output.view()
    tables = {name: engine.ibis.table(f"{prefix}_{name}") for name in (*LARGE, *SMALL)}
    return Ingested(
        **tables,
        files=tuple(file for files, *_ in done for file in files),
        feeds=tuple(finding for _, drops, *_ in done for finding in drops.findings.values()),
        sources=tuple(summary for *_, summary, _ in done),
        checked=tuple(drops.checked for _, drops, *_ in done),
        delays=tuple(delays for *_, delays in done),
    )


def _read(reading: Reading) -> tuple[list[FileCount], Drops, SourceSummary, DelaySummary]:
    try:
        return reading.run()
    finally:
        reading.clear()


@contextmanager
def _all_or_nothing(output: Output) -> Iterator[None]:
    """Leave no table behind when a source is refused.

    Not a transaction: within one, rows that were just read have no numbers yet.
    """
    try:
        yield
    except BaseException:
        output.drop()
        raise


def _admit(source: Source, engine: Engine, as_of: datetime, key: bytes) -> None:
    contract = source.contract
    agreement = contract.agreement
    if agreement.starts and agreement.starts > as_of.date():
        raise InputError(
            f"{contract.source}: the sharing agreement {agreement.reference} starts on "
            f"{agreement.starts:%d %B %Y}; nothing of this source is read for {as_of:%d %B %Y}",
            code="AGREEMENT_NOT_STARTED",
            hint="correct the dates of the agreement in the contract, or leave the source out",
        )
    if agreement.expires < as_of.date():
        raise InputError(
            f"{contract.source}: the sharing agreement {agreement.reference} ended on "
            f"{agreement.expires:%d %B %Y}; nothing of this source is read for {as_of:%d %B %Y}",
            code="AGREEMENT_EXPIRED",
            hint="renew the agreement and its date in the contract, or leave the source out",
        )
    if contract.personal_data != "none" and len(key) < _SHORTEST_KEY:
        raise InputError(
            f"{contract.source}: the secret for its identifiers has {len(key)} bytes; "
            f"at least {_SHORTEST_KEY} are needed",
            code="WEAK_KEY",
            hint="it holds personal data: name a key under 'linkage' in the run configuration",
        )
    check_contract(contract, engine.duckdb)
