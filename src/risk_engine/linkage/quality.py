"""How linkage went, in counts: for the reports and the audit, without personal values."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from risk_engine.config.linkage import LinkageRules, LinkageSpec
from risk_engine.linkage.resolve import Resolved
from risk_engine.linkage.scoring import Scored
from risk_engine.linkage.training import odds, probabilities


def describe(
    linked: ir.Table,
    links: ir.Table,
    *,
    found: Resolved,
    spec: LinkageSpec,
    counts: dict[str, int],
) -> dict[str, Any]:
    """Return the counts of one linkage, ready to be written as JSON.

    Parameters
    ----------
    linked
        `resolve.Resolved.records` with their ``person_id``.
    links
        ``person_id, method, weak``, one row a record.
    counts
        What the register did (`register.Assigned.counts`).

    Returns
    -------
    dict
        ``records, people``; ``methods`` (records by method); ``unlinkable_share``, ``weak_share``;
        ``records_per_person`` (people by number of records) and ``largest_person``;
        ``keys_ignored`` (records whose shared key was a placeholder), ``crowded`` (records of an
        identity with more of them than a person can have); ``held`` (people to be looked at, by
        reason); ``by_source`` (records, share unlinkable, share whose person is in another source
        too); ``register`` (pseudonyms issued, kept, merged, split, retired); and what
        `describe_scoring` gives.
    """
    sizes = _rows(links.group_by("person_id").agg(records=links.count()).records.value_counts())
    records = sum(row["records"] * row["records_count"] for row in sizes)
    methods = {row["method"]: row["method_count"] for row in _rows(links.method.value_counts())}
    weak = int(links.weak.cast("int64").sum().to_pyarrow().as_py() or 0)
    ignored, crowded = linked.key_ignored.cast("int64").sum(), linked.crowded.cast("int64").sum()
    few = linked.agg(ignored=ignored, crowded=crowded).to_pyarrow().to_pylist()[0]
    return {
        "records": records,
        "people": sum(row["records_count"] for row in sizes),
        "methods": dict(sorted(methods.items())),
        "unlinkable_share": methods.get("unlinkable", 0) / max(records, 1),
        "weak_share": weak / max(records, 1),
        "records_per_person": _distribution(sizes),
        "largest_person": max((row["records"] for row in sizes), default=0),
        "keys_ignored": int(few["ignored"] or 0),
        "crowded": int(few["crowded"] or 0),
        "by_source": _by_source(linked),
        "register": counts,
        **describe_scoring(found, spec),
    }


def describe_scoring(found: Resolved, rules: LinkageRules) -> dict[str, Any]:
    """Return how pairs were chosen, scored and joined.

    Returns
    -------
    dict
        ``identities`` and how many were ``compared`` now; ``rules`` (pairs that each blocking rule
        makes, and why one was left out); ``threshold`` and the ``target_precision`` behind it;
        ``expected`` (`expected`); ``links_refused`` (because of identities ruled out for each
        other, or of numbers in a register), ``answers_contradictory``; ``held``; ``model``
        (version, prior, whether it was estimated, m and u by level).
    """
    scored, clustered = found.scored, found.clustered
    held = clustered.held.drop_duplicates("cluster")["reason"].value_counts()
    return {
        "identities": len(clustered.nodes),
        "compared": scored.compared,
        "rules": [
            {"rule": rule.name, "pairs": rule.pairs, "left_out": rule.skipped}
            for rule in scored.rules
        ],
        "target_precision": rules.target_precision,
        "threshold": scored.model.threshold,
        "expected": expected(scored),
        "links_refused": clustered.refused,
        "links_refused_by_register": clustered.refused_by_register,
        "answers_contradictory": clustered.contradictory,
        "held": {str(reason): int(n) for reason, n in sorted(held.items())},
        "model": {
            "version": scored.model.version,
            "prior": scored.model.prior,
            "estimated": scored.model.estimated,
            "levels": [
                {"comparison": comparison, "level": level, "m": m, "u": u}
                for (comparison, level), (m, u) in scored.model.parameters.items()
            ],
        },
    }


def pairwise(true: pd.Series, found: pd.Series) -> dict[str, float]:
    """Measure groups of records against the truth, over pairs of records.

    Parameters
    ----------
    true, found
        Who each record is, and who it was taken for.

    Returns
    -------
    dict
        ``records``; ``precision``: of the pairs put together, the share that are one person;
        ``recall``: of the pairs that are one person, the share put together; ``f1``, their harmonic
        mean. A share of nothing counts as 1.
    """
    both = pd.DataFrame({"true": true.to_numpy(), "found": found.to_numpy()})
    right, joined, there = (_pairs(both, by) for by in (["true", "found"], ["found"], ["true"]))
    precision = right / joined if joined else 1.0
    recall = right / there if there else 1.0
    total = precision + recall
    return {
        "records": len(both),
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / total if total else 0.0,
    }


def _pairs(rows: pd.DataFrame, by: list[str]) -> float:
    sizes = rows.groupby(by).size()
    return float((sizes * (sizes - 1) / 2).sum())


def expected(scored: Scored) -> dict[str, float | None]:
    """Return what the model itself expects of its links, pair by pair.

    Returns
    -------
    dict
        ``precision``: mean match probability of the pairs joined; ``recall``: their share of the
        probability of all pairs that were compared. Both are None where nothing was compared. They
        hold as far as the model does, and say nothing of pairs that no blocking rule compared.
    """
    open_ = scored.pairs.filter(scored.pairs.evidence >= 0)
    weights = np.sort(open_.weight.to_pyarrow().to_numpy().astype(np.float64))
    found = probabilities(weights)
    joined = found[weights >= odds(scored.model.threshold)]
    if not len(joined):
        return {"precision": None, "recall": None}
    return {
        "precision": round(float(joined.mean()), 4),
        "recall": round(float(joined.sum() / found.sum()), 4),
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
    marked = linked.select("source", alone=linked.alone, shared=sources > 1)
    rows = marked.group_by("source").agg(
        records=marked.count(),
        unlinkable_share=marked.alone.cast("float64").mean(),
        in_another_source_share=marked.shared.cast("float64").mean(),
    )
    return {row.pop("source"): row for row in _rows(rows.order_by(ibis.asc("source")))}
