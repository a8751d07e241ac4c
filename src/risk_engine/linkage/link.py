"""Records into people: the story of linkage from top to bottom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis.util import gen_name

from risk_engine.config.run import Linkage
from risk_engine.engine import Engine
from risk_engine.errors import InputError, suggest
from risk_engine.events import RECORD_SCHEMA
from risk_engine.linkage.clusters import Clustered, cluster
from risk_engine.linkage.keys import pseudonyms
from risk_engine.linkage.people import homes, people
from risk_engine.linkage.quality import describe
from risk_engine.linkage.scoring import score
from risk_engine.linkage.scratch import Scratch
from risk_engine.linkage.shared_keys import same_key
from risk_engine.linkage.standardise import identities, standardise
from risk_engine.places import AreaMap

_CLUSTERS = pa.schema(
    [
        ("node", pa.int64()),
        ("cluster", pa.int64()),
        ("weight", pa.float64()),
        ("by_key", pa.bool_()),
    ]
)
_PSEUDONYMS = pa.schema([("group", pa.string()), ("person_id", pa.string())])


@dataclass(frozen=True)
class Linked:
    """People made of records. Names, birth dates and keys of partners are in none of the tables.

    Attributes
    ----------
    links
        ``record_id, person_id, match_weight, method``, one row a record. ``match_weight`` is the
        strongest scored link (log2 odds) of the record inside its person; null where no scored link
        was needed. ``method``: ``deterministic`` (the same identity or shared key as another
        record), ``probabilistic``, ``single`` (the person's only record) or ``unlinkable`` (fewer
        than two of birth date, name and shared key are known).
    people
        ``person_id, birth_month`` (first day of the month), ``home_easting, home_northing,
        area_code`` (the latest known home), ``first_known_at``.
    addresses
        ``person_id, known_at, easting, northing, area_code``; one row a change of home, so that
        features can look up the home as it was known at any time.
    quality
        Counts and parameters for the reports; no personal values.
    """

    links: ir.Table
    people: ir.Table
    addresses: ir.Table
    quality: dict[str, Any]


def link(
    records: ir.Table,
    *,
    engine: Engine,
    areas: AreaMap,
    config: Linkage,
    key: bytes,
    seed: int,
) -> Linked:
    """Link the records of all partners into people under keyed pseudonyms.

    Everything in `records` is used: to link as of a day, pass what was known before it.

    Parameters
    ----------
    records
        Columns of `events.RECORD_SCHEMA`, one row a ``record_id``, on `engine`.
    areas
        Gives the home its ``area_code``.
    config
        Match probability that joins.
    key
        Secret of the pseudonyms (`keys.read_key`). Another key gives other pseudonyms and the same
        people.
    seed
        For the random pairs that the model learns from.

    Returns
    -------
    Linked
        Tables on `engine`, which live as long as it does.

    Raises
    ------
    InputError
        ``RECORD_COLUMNS`` if a column is missing, ``RECORD_TWICE`` if a ``record_id`` is.
    """
    _check(records)
    with Scratch(engine) as scratch:
        standard = scratch.table(standardise(records.select(*RECORD_SCHEMA)))
        nodes = scratch.table(identities(standard))
        scored = score(nodes, engine=engine, seed=seed)
        clustered = cluster(
            nodes.node.to_pyarrow().to_pylist(),
            scored.pairs,
            same_key(nodes),
            threshold=config.threshold,
        )
        grouped = scratch.table(_grouped(standard, scratch, clustered))
        linked = scratch.table(_with_person(grouped, scratch, key))
        links = engine.ibis.create_table(gen_name("links"), _links(linked))
        addresses = engine.ibis.create_table(
            gen_name("addresses"), homes(linked, scratch=scratch, areas=areas)
        )
        persons = engine.ibis.create_table(gen_name("people"), people(linked, addresses))
        quality = describe(linked, links, scored=scored, clustered=clustered, config=config)
    return Linked(links, persons, addresses, quality)


def _check(records: ir.Table) -> None:
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


def _grouped(standard: ir.Table, scratch: Scratch, clustered: Clustered) -> ir.Table:
    """Give each record its group: the cluster of its identity, or itself where unlinkable."""
    clusters = scratch.frame(clustered.nodes, _CLUSTERS)
    joined = standard.left_join(clusters, "node")
    alone = ibis.literal("record ").concat(joined.record_id)
    together = ibis.literal("cluster ").concat(joined.cluster.cast("string"))
    return joined.select(
        "record_id", "source", "known_at", "birth_date", "home_easting", "home_northing", "node",
        "weight", "by_key", "key_ignored", group=joined.node.isnull().ifelse(alone, together),
    )  # fmt: skip


def _with_person(grouped: ir.Table, scratch: Scratch, key: bytes) -> ir.Table:
    """Name each group by the pseudonym of its first known record."""
    order = [grouped.known_at, grouped.record_id]
    place = ibis.row_number().over(group_by=grouped.group, order_by=order)
    anchors = grouped.filter(place == 0).select("group", "record_id").to_pyarrow().to_pandas()
    anchors["person_id"] = pd.Series(pseudonyms(anchors.pop("record_id"), key), dtype="str")
    names = scratch.frame(anchors, _PSEUDONYMS)
    return grouped.inner_join(names, "group")


def _links(linked: ir.Table) -> ir.Table:
    in_person = linked.count().over(group_by=linked.person_id)
    in_identity = linked.count().over(group_by=linked.node)
    method = ibis.cases(
        (linked.node.isnull(), "unlinkable"),
        (in_person == 1, "single"),
        ((in_identity > 1) | linked.by_key, "deterministic"),
        else_="probabilistic",
    )
    weight = linked.weight.nullif(float("nan"))
    rows = linked.select("record_id", "person_id", match_weight=weight, method=method)
    return rows.order_by("record_id")
