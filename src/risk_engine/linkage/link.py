"""Records into people: the story of linkage from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from risk_engine.config.linkage import LinkageSpec
from risk_engine.engine import Engine
from risk_engine.errors import InputError, suggest
from risk_engine.events import RECORD_SCHEMA
from risk_engine.linkage.memory import Memory, about
from risk_engine.linkage.model import comparisons
from risk_engine.linkage.naming import name_groups
from risk_engine.linkage.people import homes, people
from risk_engine.linkage.quality import describe
from risk_engine.linkage.register import LINEAGE
from risk_engine.linkage.resolve import WEAK, Resolved, resolve
from risk_engine.linkage.scratch import Scratch, kept
from risk_engine.linkage.training import Model, odds
from risk_engine.places import AreaMap

#: What the partners' records are compared by.
FIELDS = ("first_name", "last_name", "birth_date", "sex", "postcode")


@dataclass(frozen=True)
class Linked:
    """People made of records. Names, birth dates and keys of partners are in none of the tables.

    Attributes
    ----------
    tables
        ``links``
            ``record_id, person_id, source, match_weight, method, weak, held``, one row a record.
            ``match_weight`` is the strongest scored link (log2 odds) of the record inside its
            person; null where no scored link was needed. ``method``: ``deterministic`` (the same
            identity or shared key as another record), ``probabilistic``, ``single`` (the person's
            only record) or ``unlinkable`` (fewer than two of birth date, name and the rest are
            known, or more records under one identity than a person can have). ``weak``: nothing
            but a link of less than probability .99 holds the record there. ``held``: why a person
            should look at this one; null where nobody need.
        ``people``
            ``person_id, birth_month`` (first day of the month), ``home_easting, home_northing,
            area_code`` (the latest known home), ``first_known_at``.
        ``addresses``
            ``person_id, known_at, easting, northing, area_code``; one row a change of home, so that
            features can look up the home as it was known at any time.
        ``lineage``
            What became of pseudonyms, week by week (`register.LINEAGE`).
        ``link_identities``, ``link_pairs``, ``link_about``
            What the week after needs (`memory.Memory`).
    quality
        Counts and parameters for the reports; no personal values.
    """

    tables: Mapping[str, ir.Table]
    quality: dict[str, Any]


def link(
    records: ir.Table,
    *,
    engine: Engine,
    areas: AreaMap,
    spec: LinkageSpec,
    key: bytes,
    seed: int,
    as_of: datetime,
    model: Model | None = None,
    memory: Memory | None = None,
    answers: pd.DataFrame | None = None,
) -> Linked:
    """Link the records of all partners into people under keyed pseudonyms.

    Everything in `records` is used: to link as of a day, pass what was known before it.

    Parameters
    ----------
    records
        Columns of `events.RECORD_SCHEMA`, one row a ``record_id``, on `engine`.
    areas
        Gives the home its ``area_code``.
    key
        Secret of the pseudonyms (`keys.read_key`). Another key gives other pseudonyms.
    seed
        For the random pairs that the model learns from.
    as_of
        First instant not known; dates the rows of the lineage.
    model
        To be used as it is; else that of the `memory`, if its specification was this one; else one
        is learnt from `records`.
    memory
        What the week before found out: pseudonyms are kept, and only new identities are compared.
    answers
        ``left, right, same``: pairs of ``record_id`` that a person has judged.

    Returns
    -------
    Linked
        Tables on `engine`, in no order, which live as long as it does.

    Raises
    ------
    InputError
        ``RECORD_COLUMNS`` if a column is missing, ``RECORD_TWICE`` if a ``record_id`` is.
    """
    check_records(records)
    remembered = memory.model_for(spec) if memory else None
    if model is not None:
        model.check(spec, comparisons(spec, FIELDS), key)
    known = model or remembered
    same_model = remembered is not None and known == remembered
    with Scratch(engine) as scratch:
        found = resolve(
            records.select(*RECORD_SCHEMA),
            FIELDS,
            rules=spec,
            engine=engine,
            scratch=scratch,
            key=key,
            seed=seed,
            one_to_one=spec.one_to_one,
            known=known,
            fixed=model is not None,
            memory=memory if same_model else None,
            answers=answers,
        )
        persons, lineage, counts = name_groups(
            found.records, memory, key=key, as_of=as_of, scratch=scratch
        )
        linked = scratch.table(found.records.inner_join(persons, "group"))
        made = {
            "links": kept(_links(linked), engine),
            "addresses": kept(homes(linked, scratch=scratch, areas=areas), engine),
        }
        made["people"] = kept(people(linked, made["addresses"]), engine)
        made |= _remembered(found, spec, engine)
        made["lineage"] = kept(
            pa.Table.from_pandas(lineage, schema=LINEAGE, preserve_index=False), engine
        )
        quality = describe(linked, made["links"], found=found, spec=spec, counts=counts)
    return Linked(made, quality)


def check_records(records: ir.Table) -> None:
    """Refuse records that lack a column or are there twice, with the errors of `link`."""
    missing = [name for name in RECORD_SCHEMA if name not in records.columns]
    if missing:
        raise InputError(
            f"records: no column '{missing[0]}'{suggest(missing[0], records.columns)}; "
            f"{len(missing)} missing in all, needed: {', '.join(RECORD_SCHEMA)}",
            code="RECORD_COLUMNS",
        )
    counts = records.agg(rows=records.count(), keys=records.record_id.nunique())
    found = counts.to_pyarrow().to_pylist()[0]
    if found["rows"] != found["keys"]:
        raise InputError(
            f"records: {found['rows']:,} rows hold {found['keys']:,} distinct record_id; "
            "each must be there once and never be null",
            code="RECORD_TWICE",
        )


def _links(linked: ir.Table) -> ir.Table:
    method = ibis.cases(
        (linked.alone, "unlinkable"),
        (linked.in_group == 1, "single"),
        ((linked.in_identity > 1) | linked.by_key, "deterministic"),
        else_="probabilistic",
    )
    # the identity hangs on its scored links alone, and the best of them is not strong
    scored = (linked.identities_in_group > 1) & ~linked.by_key
    weak = scored & (linked.weight < odds(WEAK)).fill_null(False)
    return linked.select(
        "record_id", "person_id", "source", "held",
        method=method, match_weight=linked.weight, weak=weak,
    )  # fmt: skip


def _remembered(found: Resolved, spec: LinkageSpec, engine: Engine) -> dict[str, ir.Table]:
    scored = found.scored
    return {
        "link_identities": kept(found.nodes.select("identity", "node"), engine),
        "link_pairs": kept(scored.pairs, engine),
        "link_about": kept(about(spec, scored.model, scored.compared_by), engine),
    }
