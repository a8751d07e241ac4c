"""Which pairs of identities are compared, counted before any is."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import ibis.expr.types as ir

from risk_engine.config.linkage import Limits

log = logging.getLogger(__name__)

#: As many identities are all compared with each other: half a million pairs take a second.
ALL_PAIRS_UP_TO = 1_000


@dataclass(frozen=True)
class Rule:
    """A blocking rule with the number of pairs it makes and why it was left out, if it was."""

    columns: tuple[str, ...]
    pairs: int
    skipped: str = ""

    @property
    def name(self) -> str:
        """The columns, joined for people."""
        return " + ".join(self.columns) or "all pairs"

    @property
    def sql(self) -> str:
        """The rule as Splink takes it."""
        return " AND ".join(f"l.{column} = r.{column}" for column in self.columns) or "1 = 1"


def count_rules(
    nodes: ir.Table, blocking: Sequence[Sequence[str]], limits: Limits
) -> tuple[Rule, ...]:
    """Count the pairs of every rule before any is compared; leave out those above the limits.

    Parameters
    ----------
    nodes
        Identities, with the columns of the rules.
    blocking
        Columns on all of which two identities must agree. A rule with a column that the data do not
        have is not there.
    """
    count = int(nodes.count().to_pyarrow().as_py())
    if count <= ALL_PAIRS_UP_TO:
        return (Rule((), count * (count - 1) // 2),)
    possible = [tuple(rule) for rule in blocking if set(rule) <= set(nodes.columns)]
    limit = min(limits.pairs_per_rule, int(limits.pairs_per_identity * count))
    return tuple(_counted(nodes, columns, limit) for columns in dict.fromkeys(possible))


def _counted(nodes: ir.Table, columns: tuple[str, ...], limit: int) -> Rule:
    pairs = pairs_agreeing(nodes, columns)
    if pairs <= limit:
        return Rule(columns, pairs)
    rule = Rule(columns, pairs, f"{pairs:,} pairs are more than the limit of {limit:,}")
    log.warning("linkage: blocking rule '%s' left out: %s", rule.name, rule.skipped)
    return rule


def pairs_agreeing(nodes: ir.Table, columns: Sequence[str]) -> int:
    """Count the pairs of identities that agree on all columns, each known."""
    present = nodes.drop_null(list(columns))
    blocks = present.group_by(list(columns)).agg(n=present.count())
    total = (blocks.n * (blocks.n - 1) / 2).sum().to_pyarrow().as_py()
    return int(total or 0)
