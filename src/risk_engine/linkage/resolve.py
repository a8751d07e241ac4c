"""Records into clusters: what the partnership's records and any other table have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from risk_engine.config.linkage import LinkageRules
from risk_engine.engine import Engine
from risk_engine.linkage.clusters import Clustered, cluster
from risk_engine.linkage.memory import Memory, number
from risk_engine.linkage.scoring import Scored, score
from risk_engine.linkage.scratch import Scratch
from risk_engine.linkage.shared_keys import same_key
from risk_engine.linkage.standardise import standardise
from risk_engine.linkage.training import Model, odds

#: A join is weak if nothing but a link of less than this probability holds the record.
WEAK = 0.99

_CLUSTERS = pa.schema(
    [
        ("node", pa.int64()),
        ("cluster", pa.int64()),
        ("weight", pa.float64()),
        ("by_key", pa.bool_()),
        ("held", pa.string()),
    ]
)


@dataclass(frozen=True)
class Resolved:
    """Records in their groups, and all that led there.

    Attributes
    ----------
    records
        The columns of the records that do not identify, and ``identity``, ``node``, ``group``
        (text; records of one group are one person), ``weight`` (strongest link of its identity
        inside the group, log2 odds, null where none), ``by_key``, ``alone`` (too little is known
        of the record to link it), ``crowded`` (its identity has more records than a person can
        have), ``held`` (why a person should look at its group; null where nobody need) and
        ``key_ignored``; ``in_identity``, ``in_group`` (records) and ``identities_in_group``.
    nodes
        Identities with what they are compared by.
    """

    records: ir.Table
    nodes: ir.Table
    scored: Scored
    clustered: Clustered


def resolve(
    records: ir.Table,
    fields: Sequence[str],
    *,
    rules: LinkageRules,
    engine: Engine,
    scratch: Scratch,
    key: bytes,
    seed: int,
    one_to_one: Sequence[str] = (),
    number_in_source: str = "shared_key",
    known: Model | None = None,
    fixed: bool = False,
    memory: Memory | None = None,
    answers: pd.DataFrame | None = None,
) -> Resolved:
    """Gather records into groups, one a person.

    Parameters
    ----------
    records
        ``record_id, source, known_at, shared_key`` and the `fields`.
    one_to_one
        Sources in which each person has one number (column `number_in_source`) and only one.
    known, fixed, memory
        See `scoring.score`.
    answers
        ``left, right, same``: pairs of ``record_id`` that a person has judged.
    """
    standard, crowded, nodes = distinct(
        records, fields, rules=rules, scratch=scratch, key=key, memory=memory
    )
    scored = score(
        nodes,
        fields,
        rules=rules,
        engine=engine,
        scratch=scratch,
        key=key,
        seed=seed,
        known=known,
        fixed=fixed,
        memory=memory,
    )
    told = scratch.table(_with_nodes(standard, nodes, crowded))
    clustered = cluster(
        nodes.order_by("identity").node.to_pyarrow().to_numpy(),
        deciding(scored, nodes, [f for f in rules.sole_match_without if f in fields]),
        same_key(nodes, engine.dialect) if "birth_date" in fields else _nothing(["left", "right"]),
        threshold=scored.model.threshold,
        registers=_registers(told, one_to_one, number_in_source),
        answers=_answered(answers, told),
        max_identities=rules.limits.identities_per_person,
    )
    return Resolved(scratch.table(_grouped(told, scratch, clustered)), nodes, scored, clustered)


def distinct(
    records: ir.Table,
    fields: Sequence[str],
    *,
    rules: LinkageRules,
    scratch: Scratch,
    key: bytes,
    memory: Memory | None = None,
) -> tuple[ir.Table, ir.Table, ir.Table]:
    """Standardise records and number the distinct identities that can be compared.

    Returns
    -------
    tuple
        Standardised records, identities of more records than a person can have, and the others
        as numbered nodes.
    """
    standard, identities = standardise(records, fields, scratch=scratch, key=key)
    crowded = identities.filter(identities.records > rules.limits.records_per_identity)
    usable = identities.anti_join(crowded, "identity")
    return standard, crowded, scratch.table(number(usable, memory))


def _with_nodes(standard: ir.Table, nodes: ir.Table, crowded: ir.Table) -> ir.Table:
    numbered = nodes.select("node", named="identity", in_identity="records")
    joined = standard.left_join(numbered, standard.identity == numbered.named).drop("named")
    many = crowded.select(many="identity")
    marked = joined.left_join(many, joined.identity == many.many)
    return marked.mutate(crowded=marked.many.notnull()).drop("many")


def deciding(scored: Scored, nodes: ir.Table, sole: Sequence[str]) -> pd.DataFrame:
    """Return the pairs that can join or keep apart: strong ones, and those ruled out.

    Parameters
    ----------
    sole
        Fields without which an identity joins only others that all have the same value of it.
    """
    pairs = scored.pairs
    strong = pairs.filter((pairs.weight >= odds(scored.model.threshold)) & (pairs.evidence >= 0))
    for field in sole:
        strong = _without_ambiguous(strong, nodes, field)
    chosen = strong.union(pairs.filter(pairs.evidence < 0))
    columns = chosen.select("left", "right", "weight", "evidence")
    frame: pd.DataFrame = columns.to_pyarrow().to_pandas()
    return frame


def _without_ambiguous(strong: ir.Table, nodes: ir.Table, field: str) -> ir.Table:
    """Leave out the links of identities without a field to others that differ in it."""
    open_ = strong.filter(strong[f"level_{field}"] < 0)
    ends = open_.select(one="left", other="right").union(open_.select(one="right", other="left"))
    lacking = nodes.filter(nodes[field].isnull()).select(lone="node")
    about = ends.semi_join(lacking, ends.one == lacking.lone)
    value = nodes.select(partner="node", value=field)
    told = about.left_join(value, about.other == value.partner)
    values = told.group_by("one").agg(least=told.value.min(), most=told.value.max())
    ambiguous = values.filter(values.least < values.most).select("one")
    again = ambiguous.view()
    kept = strong.anti_join(ambiguous, strong.left == ambiguous.one)
    return kept.anti_join(again, kept.right == again.one)


def _registers(told: ir.Table, one_to_one: Sequence[str], number: str) -> pd.DataFrame:
    if not one_to_one:
        return _nothing(["node", "register", "key"])
    chosen = told.filter(told.source.isin(list(one_to_one)) & told.node.notnull())
    columns = chosen.select("node", register="source", key=number).drop_null(["key"])
    frame: pd.DataFrame = columns.distinct().to_pyarrow().to_pandas()
    return frame


def _answered(answers: pd.DataFrame | None, told: ir.Table) -> pd.DataFrame:
    """Find the identities of the records that a person has judged; the later answer counts."""
    if answers is None or answers.empty:
        return _nothing(["left", "right", "same"])
    named = sorted({*answers["left"], *answers["right"]})
    rows = told.filter(told.record_id.isin(named) & told.node.notnull())
    found = rows.select("record_id", "node").to_pyarrow().to_pandas()
    pairs = between(answers, found.set_index("record_id")["node"])
    return pairs[["left", "right", "same"]].astype({"same": "bool"})


def between(answers: pd.DataFrame, node: pd.Series) -> pd.DataFrame:
    """Turn pairs of records (``left, right``) into pairs of identities, left < right, each once.

    Parameters
    ----------
    node
        The identity of each ``record_id``; pairs with any other record are left out, and so are
        those within one identity. Of several about one pair the last counts.
    """
    mapped = {end: answers[end].map(node) for end in ("left", "right")}
    known = answers.assign(**mapped).dropna(subset=["left", "right"])
    ends = np.sort(known[["left", "right"]].to_numpy(np.int64), axis=1)
    found = known.assign(left=ends[:, 0], right=ends[:, 1])
    found = found[found["left"] != found["right"]]
    return found.drop_duplicates(["left", "right"], keep="last")


def _nothing(columns: Sequence[str]) -> pd.DataFrame:
    types = {"register": "str", "key": "str", "same": "bool"}
    return pd.DataFrame({name: pd.Series(dtype=types.get(name, "int64")) for name in columns})


def _grouped(told: ir.Table, scratch: Scratch, clustered: Clustered) -> ir.Table:
    """Give each record its group: the cluster of its identity, or itself where unlinkable."""
    reasons = clustered.held.set_index("node")["reason"]
    frame = clustered.nodes.assign(held=clustered.nodes["node"].map(reasons).astype("str"))
    clusters = scratch.frame(frame, _CLUSTERS)
    joined = told.left_join(clusters, "node")
    alone = ibis.literal("record ").concat(joined.record_id)
    together = ibis.literal("cluster ").concat(joined.cluster.cast("string"))
    grouped = joined.mutate(
        weight=joined.weight.nullif(float("nan")),
        by_key=joined.by_key.fill_null(False),
        alone=joined.node.isnull(),
        group=joined.node.isnull().ifelse(alone, together),
    ).drop("cluster", *[name for name in joined.columns if name.endswith("_right")])
    sizes = grouped.group_by(of="group").agg(
        in_group=grouped.count(), identities_in_group=grouped.node.nunique()
    )
    return grouped.inner_join(sizes, grouped.group == sizes.of).drop("of")
