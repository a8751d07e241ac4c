"""What the week before found out, so that only new identities are compared and weights stay."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from risk_engine.config.linkage import LinkageRules
from risk_engine.linkage import training


@dataclass(frozen=True)
class Memory:
    """Tables of the week before; they hold numbers, hashes and pseudonyms, no name and no date.

    Attributes
    ----------
    identities
        ``identity, node``: every identity that was compared, under the number it keeps.
    pairs
        What `scoring.Scored.pairs` held.
    links
        ``record_id, person_id``.
    lineage
        What `register.assign` gave.
    about
        ``rules`` (digest of the whole specification), ``model`` (as JSON) and ``compared_by``
        (names of the blocking rules that were not left out), one row.
    """

    identities: ir.Table
    pairs: ir.Table
    links: ir.Table
    lineage: ir.Table
    about: ir.Table

    def model_for(self, rules: LinkageRules) -> training.Model | None:
        """Return the model if the specification is still the one that it was used with.

        One that was stated because the records were too few to learn from is not kept: there may be
        enough of them now, and if not, there is little to compare.
        """
        if self._told["rules"] != digest(rules):
            return None
        return self.model if self.model.estimated else None

    def was_compared_by(self, names: Sequence[str]) -> bool:
        """Say whether pairs were compared by just these blocking rules.

        Whether a rule is left out depends on how many records there are. The week in which that
        changes is compared as a whole, or its pairs would depend on what was there before.
        """
        return sorted(names) == sorted(self._told["compared_by"])

    @cached_property
    def model(self) -> training.Model:
        """The model that the week before used, whatever its specification was."""
        return training.from_json(json.loads(self._told["model"]))

    @cached_property
    def _told(self) -> dict[str, Any]:
        (row,) = self.about.to_pyarrow().to_pylist()
        return dict(row)

    def with_pairs(self, fresh: ir.Table, nodes: ir.Table) -> ir.Table:
        """Add the pairs of the week before whose identities are both still there."""
        here = nodes.select(one="node")
        there = nodes.select(other="node")
        kept = self.pairs.semi_join(here, self.pairs.left == here.one)
        kept = kept.semi_join(there, kept.right == there.other)
        return fresh.union(kept.select(*fresh.columns).cast(dict(fresh.schema())))


def about(rules: LinkageRules, model: training.Model, compared_by: Sequence[str]) -> pa.Table:
    """Return the row that `Memory.about` is read from."""
    return pa.table(
        {
            "rules": [digest(rules)],
            "model": [json.dumps(model.as_json(), sort_keys=True)],
            "compared_by": pa.array([sorted(compared_by)], pa.list_(pa.string())),
        }
    )


def digest(rules: LinkageRules) -> str:
    """Hash everything that decides which pairs are compared and what they weigh."""
    written = json.dumps(rules.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def number(identities: ir.Table, memory: Memory | None) -> ir.Table:
    """Give each identity its ``node`` number; those not seen before are ``fresh``.

    Known identities keep their number; fresh ones follow, in the order of their names, so that in
    every pair with a fresh identity the right one is fresh.
    """
    first, known = 0, None
    fresh = identities.select(named="identity")
    if memory is not None:
        known = memory.identities.select(named="identity", node="node")
        first = int(known.node.max().to_pyarrow().as_py() or 0) + 1
        fresh = fresh.anti_join(known, "named")
    # ranked by themselves: sorting all columns along would cost more than everything else here
    rank = ibis.row_number().over(order_by=fresh.named).cast("int64") + first
    numbers = fresh.mutate(node=rank, fresh=ibis.literal(True))
    if known is not None:
        numbers = numbers.union(known.mutate(fresh=ibis.literal(False)))
    return identities.inner_join(numbers, identities.identity == numbers.named).drop("named")
