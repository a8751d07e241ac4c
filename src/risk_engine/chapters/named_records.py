"""Records of a finished run read again with their names: for whoever holds the run's key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis.expr.types as ir
import pandas as pd

from risk_engine.calendar import local_day
from risk_engine.chapters.intake import Intake, open_intake, read_key
from risk_engine.chapters.linking import remembered
from risk_engine.config import Settings
from risk_engine.errors import RefusedError, UsageError
from risk_engine.events import RECORD_SCHEMA
from risk_engine.files import fingerprint, read_json
from risk_engine.linkage.link import FIELDS
from risk_engine.linkage.scratch import Scratch
from risk_engine.linkage.standardise import standardise
from risk_engine.linkage.training import Model
from risk_engine.runs import REMEMBERED, Run


@dataclass(frozen=True)
class Named:
    """A finished run beside its records, while the engine is open.

    Attributes
    ----------
    records
        Columns of `events.RECORD_SCHEMA`: names and the like, as the partners sent them.
    known
        ``record_id, node, person_id, method, held``, one row a record of the run that is still
        there in the files; ``node`` is null where it was not compared.
    nodes
        What `standardise.standardise` gave of identities, with their ``node``.
    pairs
        `scoring.Scored.pairs` of the run.
    missing
        Records of the run that the files no longer hold as they were.
    """

    run: Run
    intake: Intake
    scratch: Scratch
    key: bytes
    model: Model
    records: ir.Table
    known: ir.Table
    nodes: ir.Table
    pairs: ir.Table
    lineage: ir.Table
    missing: int


def check_key(settings: Settings, run: Run) -> tuple[bytes, datetime]:
    """Return the pseudonym key, after seeing that it is the one the run had, and the run's date.

    Raises
    ------
    UsageError
        ``NO_LINKAGE`` if the configuration links no records, ``OTHER_CONFIG`` if the run is not one
        of this configuration.
    InputError
        ``KEY_MISSING`` or ``KEY_UNUSABLE``.
    RefusedError
        ``KEY_OTHER`` if the run had another key, ``NO_LINKS`` if it linked nobody.
    """
    made: dict[str, Any] = read_json(run.folder / "manifest.json")
    name = settings.config.name
    if settings.config.linkage is None:
        raise UsageError(f"configuration '{name}' links no records", code="NO_LINKAGE")
    key = read_key(settings)
    if made["config"]["name"] != name:
        raise UsageError(
            f"run {run.run_id} was made with the configuration '{made['config']['name']}', "
            f"not '{name}'",
            code="OTHER_CONFIG",
            hint="name the run's own configuration",
        )
    if made["key_fingerprint"] != fingerprint(key):
        raise RefusedError(
            f"run {run.run_id} was made with the pseudonym key {made['key_fingerprint']}; the one "
            f"configured is {fingerprint(key)}",
            code="KEY_OTHER",
            hint="only who holds the key of a run may go from a record to a person in it",
        )
    if not all(run.has(table) for table in REMEMBERED):
        raise RefusedError(f"run {run.run_id} linked nobody", code="NO_LINKS")
    return key, datetime.fromisoformat(made["as_of"])


@contextmanager
def open_named(settings: Settings, run: Run) -> Iterator[Named]:
    """Read the records of a finished run again from the partners' files.

    Raises
    ------
    UsageError, InputError, RefusedError
        As from `check_key`, before any file is read.
    """
    key, as_of = check_key(settings, run)
    day = local_day(as_of, settings.areas.timezone)
    with open_intake(settings, day) as intake, Scratch(intake.engine) as scratch:
        engine = intake.engine
        sent = intake.found.records
        records = scratch.table(sent.filter(sent.known_at < as_of).select(*RECORD_SCHEMA))
        standard, identities = standardise(records, FIELDS, scratch=scratch, key=key)
        memory = remembered(run, engine)
        numbers = memory.identities.select("identity", "node")
        nodes = scratch.table(identities.inner_join(numbers, "identity"))
        links = run.scan("links", engine).select("record_id", "person_id", "method", "held")
        told = links.inner_join(standard.select("record_id", "identity"), "record_id")
        known = scratch.table(told.left_join(numbers, "identity").drop("identity_right"))
        # what was compared and is now a different identity was changed in the files
        same = known.filter(known.node.notnull() | (known.method == "unlinkable"))
        yield Named(
            run=run,
            intake=intake,
            scratch=scratch,
            key=key,
            model=memory.model,
            records=records,
            known=same.select("record_id", "node", "person_id", "method", "held"),
            nodes=nodes,
            pairs=memory.pairs,
            lineage=memory.lineage,
            missing=_count(links) - _count(same),
        )


def _count(table: ir.Table) -> int:
    return int(table.count().to_pyarrow().as_py())


def frame(table: ir.Table) -> pd.DataFrame:
    """Bring a table into pandas."""
    found: pd.DataFrame = table.to_pyarrow().to_pandas()
    return found
