"""Which pairs of identities are compared, counted before any is, and how many are one person."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np

log = logging.getLogger(__name__)

#: A rule that would compare more pairs than this is left out.
PAIR_LIMIT = 20_000_000

#: Two identities are compared where they agree on every column of at least one rule. Never a
#: surname, a birth date or a postcode alone: those blocks grow with the square of the population.
RULES: tuple[tuple[str, ...], ...] = (
    ("birth_date", "initials"),  # initials in either order: swapped names meet too
    ("birth_date", "last_initial"),
    ("birth_date", "first_initial"),
    ("birth_date", "outcode"),
    ("first3", "last3", "birth_month"),
    ("first_name", "last_name", "birth_year"),
    ("postcode", "first_name"),
    ("postcode", "last_name", "birth_year"),
)

#: Share of true pairs that agree on the birth date and a name, for the prior.
_ASSUMED_AGREEING = 0.8
_AGREEMENTS: tuple[tuple[str, ...], ...] = (
    ("birth_date",),
    ("first_name",),
    ("last_name",),
    ("first_name", "birth_date"),
    ("last_name", "birth_date"),
    ("first_name", "last_name", "birth_date"),
)


@dataclass(frozen=True)
class Rule:
    """A blocking rule with the number of pairs it makes and why it was left out, if it was."""

    columns: tuple[str, ...]
    pairs: int
    skipped: str = ""

    @property
    def name(self) -> str:
        """The columns, joined for people."""
        return " + ".join(self.columns)

    @property
    def sql(self) -> str:
        """The rule as Splink takes it."""
        return " AND ".join(f"l.{column} = r.{column}" for column in self.columns)


def count_rules(nodes: ir.Table, limit: int = PAIR_LIMIT) -> tuple[Rule, ...]:
    """Count the pairs of every rule before any is compared; leave out those above `limit`."""
    return tuple(_counted(nodes, columns, limit) for columns in RULES)


def _counted(nodes: ir.Table, columns: Sequence[str], limit: int) -> Rule:
    pairs = _pairs_agreeing(nodes, columns)
    if pairs <= limit:
        return Rule(tuple(columns), pairs)
    rule = Rule(tuple(columns), pairs, f"{pairs:,} pairs are more than the limit of {limit:,}")
    log.warning("linkage: blocking rule '%s' left out: %s", rule.name, rule.skipped)
    return rule


def _pairs_agreeing(nodes: ir.Table, columns: Sequence[str]) -> int:
    present = nodes.drop_null(list(columns))
    blocks = present.group_by(list(columns)).agg(n=present.count())
    total = (blocks.n * (blocks.n - 1) / 2).sum().to_pyarrow().as_py()
    return int(total or 0)


def expected_matches(nodes: ir.Table, count: int) -> float:
    """Estimate how many pairs of identities are one person.

    Pairs that agree on the birth date and a name, less those that would do so by chance, over the
    share of true pairs that is assumed to agree like that.
    """
    agree = {columns: _pairs_agreeing(nodes, columns) for columns in _AGREEMENTS}
    everything = max(count * (count - 1) / 2, 1.0)
    dates, both = agree["birth_date",], agree["first_name", "last_name", "birth_date"]
    beyond_chance = sum(
        max(agree[name, "birth_date"] - agree[name,] * dates / everything, 0.0)
        for name in ("first_name", "last_name")
    )
    return max(beyond_chance - both, both) / _ASSUMED_AGREEING


def prior_of(count: int, matches: float) -> float:
    """Return the probability that two random identities are one person.

    One true pair in so many identities is assumed at least, so that few data do not say "never".
    """
    everything = max(count * (count - 1) / 2, 1.0)
    return float(np.clip(max(matches, count / 20, 1.0) / everything, 1e-9, 0.05))
