"""Pairs of identities scored by the model, with Splink on the engine's own connection."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from risk_engine.engine import Engine
from risk_engine.linkage import model
from risk_engine.linkage.blocking import PAIR_LIMIT, Rule, count_rules, expected_matches, prior_of

#: Fewer identities, or fewer expected true pairs among them, teach nothing: stated values hold.
MIN_IDENTITIES = 1_000
MIN_MATCHES = 300
_U_PAIRS = 2_000_000
_EM_PAIRS = 2_000_000
#: Pairs below this weight (log2) say nothing for or against a link.
_FLOOR = -8.0


@dataclass(frozen=True)
class Scored:
    """The scored pairs and how they came about.

    Attributes
    ----------
    pairs
        ``left, right`` (nodes, left < right), ``weight`` (log2 odds of being one person),
        ``evidence``: 1 where the pair may be linked, 0 where it may but first names could not be
        compared, -1 where it is ruled out (see `_evidence`).
    """

    pairs: pd.DataFrame
    rules: tuple[Rule, ...]
    prior: float
    trained: bool
    parameters: model.Parameters


def score(nodes: ir.Table, *, engine: Engine, seed: int, limit: int = PAIR_LIMIT) -> Scored:
    """Compare identities that share a block and score them.

    Parameters
    ----------
    nodes
        What `standardise.identities` gave, as a table of the database (not an expression).
    seed
        For the sample that u is estimated from.
    limit
        Pairs a rule may make.
    """
    known = nodes.filter(nodes.birth_date.notnull())
    named = known.filter(known.first_name.notnull() | known.last_name.notnull())
    rules = count_rules(named, limit)
    used = [rule.sql for rule in rules if rule.pairs and not rule.skipped]
    count = int(named.count().to_pyarrow().as_py())
    matches = expected_matches(named, count)
    prior = prior_of(count, matches)
    if not used:
        return Scored(_no_pairs(), rules, prior, False, model.defaults())
    trained = count >= MIN_IDENTITIES and matches >= MIN_MATCHES
    with _splink(engine, named) as splink:
        parameters = splink.train(prior, seed) if trained else model.defaults()
        pairs = splink.predict(model.settings(parameters, prior=prior, rules=used))
    return Scored(pairs, rules, prior, trained, parameters)


def _no_pairs() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "left": pd.Series(dtype="int64"),
            "right": pd.Series(dtype="int64"),
            "weight": pd.Series(dtype="float64"),
            "evidence": pd.Series(dtype="int8"),
        }
    )


class _Splink:
    """Splink on the engine's own connection."""

    def __init__(self, engine: Engine, api: Any, table: Any) -> None:
        self.engine, self.api, self.table = engine, api, table

    def linker(self, settings: dict[str, Any]) -> Any:
        from splink import Linker

        return Linker(self.table, settings, log_level=None, validate_settings=False)

    def train(self, prior: float, seed: int) -> model.Parameters:
        """Estimate u from random pairs and m by expectation maximisation on two blockings."""
        linker = self.linker(model.settings(model.defaults(), prior=prior, rules=[]))
        training = linker.training
        training.estimate_u_using_random_sampling(max_pairs=_U_PAIRS, seed=seed)
        for columns in (("birth_date",), ("first_name", "last_name")):
            training.estimate_parameters_using_expectation_maximisation(
                Rule(columns, 0).sql, max_pairs=_EM_PAIRS, record_sample_proportion=1.0
            )
        return _learned(linker.misc.save_model_to_json())

    def predict(self, settings: dict[str, Any]) -> pd.DataFrame:
        """Score every blocked pair; weights are rounded so that threads do not change them."""
        found = self.linker(settings).inference.predict(threshold_match_weight=_FLOOR)
        table = self.engine.ibis.table(found.physical_name)
        pairs = table.select(
            left=table.node_l,
            right=table.node_r,
            weight=table.match_weight.round(4),
            evidence=_evidence(table),
        )
        frame: pd.DataFrame = pairs.order_by(["left", "right"]).to_pyarrow().to_pandas()
        return frame


def _evidence(pairs: ir.Table) -> ir.IntegerValue:
    """Return 1, 0 or -1: may be one person, may be with first names unknown, ruled out.

    Ruled out is a pair whose first names or birth dates have nothing in common (twins, and a parent
    of the same name at the same address, agree on all the rest), or without a name to compare.
    """
    first, last, born = pairs.gamma_first_name, pairs.gamma_last_name, pairs.gamma_birth_date
    against = (first == 0) | (born == 0) | ((first < 0) & (last < 0))
    return ibis.cases((against, -1), (first < 0, 0), else_=1).cast("int8")


def _learned(written: dict[str, Any]) -> model.Parameters:
    """Take the estimated parameters, rounded to 4 digits: sums over threads differ after those.

    A level that was never seen keeps its stated values; so does m of a comparison whose estimate
    says that true pairs mostly disagree, which means that it found the wrong classes.
    """
    learned = model.defaults()
    for comparison, found in zip(model.COMPARISONS, written["comparisons"], strict=True):
        levels = [level for level in found["comparison_levels"] if not level.get("is_null_level")]
        same = levels[0].get("m_probability") or 0.0
        for level, values in zip(comparison.levels, levels, strict=True):
            m, u = values.get("m_probability"), values.get("u_probability")
            learned[comparison.name, level.name] = (
                _digits(m, 0.005) if m and same >= 0.2 else level.m,
                _digits(u, 1e-6) if u else level.u,
            )
    return learned


def _digits(value: float, least: float) -> float:
    return float(f"{min(max(value, least), 0.9999):.4g}")


@contextmanager
def _splink(engine: Engine, nodes: ir.Table) -> Iterator[_Splink]:
    """Open Splink on a copy of `nodes`; quiet, and nothing it made is left behind."""
    from ibis.util import gen_name
    from splink import DuckDBAPI

    name = gen_name("linkage_nodes")
    engine.ibis.create_table(name, nodes)
    api = DuckDBAPI(engine.duckdb)
    splink_log = logging.getLogger("splink")
    level = splink_log.level
    splink_log.setLevel(logging.CRITICAL + 1)
    try:
        yield _Splink(engine, api, api.register(name, dataset_display_name=name))
    finally:
        splink_log.setLevel(level)
        api.delete_tables_created_by_splink_from_db()
        engine.ibis.drop_table(name)
