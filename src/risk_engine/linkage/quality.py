"""How linkage went, in counts: for the reports and the audit, without personal values."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from risk_engine.config.run import Linkage
from risk_engine.linkage.clusters import Clustered
from risk_engine.linkage.scoring import Scored


def describe(
    linked: ir.Table, links: ir.Table, *, scored: Scored, clustered: Clustered, config: Linkage
) -> dict[str, Any]:
    """Return the counts of one linkage, ready to be written as JSON.

    Parameters
    ----------
    linked
        ``record_id, person_id, source, node, key_ignored``, one row a record.
    links
        ``record_id, person_id, method``.

    Returns
    -------
    dict
        ``records, people, identities``; ``methods`` (records by method); ``unlinkable_share``;
        ``records_per_person`` (people by number of records) and ``largest_person``; ``rules``
        (pairs compared by each blocking rule, and why one was left out); ``threshold``;
        ``links_refused`` (see `clusters`); ``keys_ignored`` (records whose shared key was a
        placeholder); ``by_source`` (records, share unlinkable, share whose person is in another
        source too); ``model`` (prior, whether it was estimated here, m and u by level).
    """
    sizes = _rows(links.group_by("person_id").agg(records=links.count()).records.value_counts())
    records = sum(row["records"] * row["records_count"] for row in sizes)
    methods = {row["method"]: row["method_count"] for row in _rows(links.method.value_counts())}
    return {
        "records": records,
        "people": sum(row["records_count"] for row in sizes),
        "identities": len(clustered.nodes),
        "methods": dict(sorted(methods.items())),
        "unlinkable_share": methods.get("unlinkable", 0) / max(records, 1),
        "records_per_person": _distribution(sizes),
        "largest_person": max((row["records"] for row in sizes), default=0),
        "rules": [
            {"rule": rule.name, "pairs": rule.pairs, "left_out": rule.skipped}
            for rule in scored.rules
        ],
        "threshold": config.threshold,
        "links_refused": clustered.refused,
        "keys_ignored": linked.filter(linked.key_ignored).count().to_pyarrow().as_py(),
        "by_source": _by_source(linked),
        "model": {
            "prior": scored.prior,
            "estimated": scored.trained,
            "levels": [
                {"comparison": comparison, "level": level, "m": m, "u": u}
                for (comparison, level), (m, u) in scored.parameters.items()
            ],
        },
    }


def _rows(table: ir.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return rows


def _distribution(sizes: list[dict[str, Any]]) -> dict[str, int]:
    bounds = {"1": (1, 1), "2": (2, 2), "3-5": (3, 5), "6-10": (6, 10), "11 or more": (11, None)}
    return {
        name: sum(
            row["records_count"]
            for row in sizes
            if row["records"] >= low and (high is None or row["records"] <= high)
        )
        for name, (low, high) in bounds.items()
    }


def _by_source(linked: ir.Table) -> dict[str, dict[str, float]]:
    sources = linked.source.nunique().over(group_by=linked.person_id)
    marked = linked.select("source", alone=linked.node.isnull(), shared=sources > 1)
    rows = marked.group_by("source").agg(
        records=marked.count(),
        unlinkable_share=marked.alone.cast("float64").mean(),
        in_another_source_share=marked.shared.cast("float64").mean(),
    )
    return {row.pop("source"): row for row in _rows(rows.order_by(ibis.asc("source")))}
