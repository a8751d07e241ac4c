"""A model learnt from records, without linking them: for a model that is kept and used again."""

from __future__ import annotations

import ibis.expr.types as ir

from risk_engine.config.linkage import LinkageSpec
from risk_engine.engine import Engine
from risk_engine.events import RECORD_SCHEMA
from risk_engine.linkage.link import FIELDS, check_records
from risk_engine.linkage.resolve import distinct
from risk_engine.linkage.scoring import score
from risk_engine.linkage.scratch import Scratch
from risk_engine.linkage.training import Model


def learn(records: ir.Table, *, engine: Engine, spec: LinkageSpec, key: bytes, seed: int) -> Model:
    """Learn the model with which `link` would link these records.

    Parameters
    ----------
    records
        Columns of `events.RECORD_SCHEMA`. Everything is learnt from: pass what was known by then.
    key
        Secret of the hashes that common names and dates go under in the model.
    seed
        For the random pairs that it learns from.

    Returns
    -------
    Model
        Numbers and keyed hashes only; ``estimated`` is False where the records were too few.

    Raises
    ------
    InputError
        As from `link`.
    """
    check_records(records)
    with Scratch(engine) as scratch:
        _, _, nodes = distinct(
            records.select(*RECORD_SCHEMA),
            FIELDS,
            rules=spec,
            scratch=scratch,
            key=key,
        )
        found = score(nodes, FIELDS, rules=spec, engine=engine, scratch=scratch, key=key, seed=seed)
    return found.model
