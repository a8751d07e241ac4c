"""Pairs of identities scored by the model, with Splink on the engine's own connection."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from risk_engine.config.linkage import FIELDS, Limits, LinkageRules
from risk_engine.engine import Engine
from risk_engine.files import fingerprint
from risk_engine.linkage import frequencies, model, training
from risk_engine.linkage.blocking import Rule, count_rules, pairs_agreeing
from risk_engine.linkage.memory import Memory
from risk_engine.linkage.scratch import Scratch

log = logging.getLogger(__name__)

#: Fewer identities than this teach nothing: stated values hold.
MIN_IDENTITIES = 200
_U_PAIRS = 2_000_000
_EM_PAIRS = 2_000_000
#: Fewer pairs than this in a block teach nothing about m.
_MIN_TRAINING_PAIRS = 100
#: Pairs below this weight (log2) say nothing for or against a link.
_FLOOR = -5.0


@dataclass(frozen=True)
class Scored:
    """The scored pairs and how they came about.

    Attributes
    ----------
    pairs
        ``left, right`` (nodes, left < right), ``weight`` (log2 odds of being one person),
        ``evidence``: 1 where the pair may be linked, 0 where it may but first names could not be
        compared, -1 where it is ruled out (see `_evidence`); ``level_<field>``: the level each
        comparison came to, counted from 0 for ``different``, -1 where a value is missing.
    rules
        Every blocking rule with the pairs it would make of all identities.
    compared
        Identities that were compared with others now: all, or only new ones.
    """

    pairs: ir.Table
    rules: tuple[Rule, ...]
    model: training.Model
    compared: int

    @property
    def compared_by(self) -> list[str]:
        """Names of the rules that were not left out."""
        return [rule.name for rule in self.rules if not rule.skipped]


def score(
    nodes: ir.Table,
    fields: Sequence[str],
    *,
    rules: LinkageRules,
    engine: Engine,
    scratch: Scratch,
    key: bytes,
    seed: int,
    known: training.Model | None = None,
    fixed: bool = False,
    memory: Memory | None = None,
) -> Scored:
    """Compare identities that share a block and score them.

    Parameters
    ----------
    nodes
        ``node, fresh`` and what `standardise.standardise` gave of identities, a table of the
        database (not an expression). Where there is a `memory`, only pairs with a ``fresh`` node
        are compared and the others are taken from it; fresh nodes have the highest numbers.
    key
        Secret of the frequencies' hashes.
    seed
        For the sample that u is estimated from.
    known
        A model to be used as it is; one is learnt where there is none, or where it was learnt from
        far fewer or more identities and is not `fixed`.
    """
    compared = model.comparisons(rules, fields)
    usable = scratch.table(nodes.filter(_named(nodes, fields)))
    lines = _expanded(rules.blocking, fields)
    counted = count_rules(usable, lines, rules.limits)
    count = int(usable.count().to_pyarrow().as_py())
    if known and not fixed and not known.fits(count):
        log.info("linkage: so many more or fewer identities than before that all is learnt anew")
        known, memory = None, None
    by_frequency = {one.field: one.levels[0].u for one in compared if one.by_frequency}
    start = known or training.Model(
        digest=training.digest(rules, compared),
        parameters=model.stated(compared),
        prior=min(1 / max(2 * count, 2), 0.05),
        threshold=rules.threshold or rules.target_precision,
        identities=count,
        estimated=False,
        frequencies=frequencies.count(usable, by_frequency, key=key),
        key=fingerprint(key),
    )
    kept = [rule for rule in counted if not rule.skipped]
    if memory is not None and not memory.was_compared_by([rule.name for rule in kept]):
        log.info("linkage: other blocking rules apply than the week before; all is compared")
        memory = None
    used = [rule for rule in kept if rule.pairs]
    if not used:
        return Scored(_no_pairs(scratch, fields), counted, start, 0)
    common = frequencies.lookups(usable, start.frequencies, scratch=scratch, key=key)
    with _splink(engine, usable, compared, common) as splink:
        if known is None and count >= MIN_IDENTITIES:
            lessons = _lessons(usable, _expanded(rules.training, fields), rules.limits, count)
            start = replace(start, parameters=splink.train(start, lessons, seed), estimated=True)
        # before the prior is settled a weight may still rise
        floor = _FLOOR if known else 2 * _FLOOR
        found = splink.predict(start, used, only_fresh=memory is not None, floor=floor)
        found = scratch.table(found)
    scored = found.mutate(evidence=_evidence(found, rules, fields))
    if known is None:
        start, scored = _settled(scored, start, rules, count)
    # Rounded once, at the end: a model used again must give the weights that it gave at first.
    scored = scored.mutate(weight=scored.weight.round(4))
    if memory is not None:
        count = int(usable.fresh.cast("int64").sum().to_pyarrow().as_py() or 0)
        scored = memory.with_pairs(scored, nodes)
    return Scored(scratch.table(scored), counted, start, count)


def _named(nodes: ir.Table, fields: Sequence[str]) -> ir.BooleanValue:
    """Say which identities have enough to be compared: a name, where there are names at all."""
    names = [nodes[name].notnull() for name in ("first_name", "last_name") if name in fields]
    return names[0] | names[-1] if names else ibis.literal(True)


def _expanded(lines: Sequence[Sequence[str]], fields: Sequence[str]) -> list[list[str]]:
    """Write a line with ``other`` once for each further column."""
    others = [name for name in fields if name not in FIELDS]
    found: list[list[str]] = []
    for line in lines:
        if "other" in line:
            found += [[other if name == "other" else name for name in line] for other in others]
        else:
            found.append(list(line))
    return found


def _lessons(
    nodes: ir.Table, lines: Sequence[Sequence[str]], limits: Limits, count: int
) -> list[Rule]:
    """Return the training blocks that hold enough pairs, and not too many, to teach anything."""
    possible = [tuple(line) for line in lines if set(line) <= set(nodes.columns)]
    counted = [Rule(columns, pairs_agreeing(nodes, columns)) for columns in possible]
    most = limits.pairs_per_identity * count
    return [rule for rule in counted if _MIN_TRAINING_PAIRS <= rule.pairs <= most]


def _settled(
    pairs: ir.Table, start: training.Model, rules: LinkageRules, count: int
) -> tuple[training.Model, ir.Table]:
    """Set the prior and the threshold by what the scored pairs say, and shift their weights."""
    open_ = pairs.filter(pairs.evidence >= 0)
    weights = np.sort(open_.weight.to_pyarrow().to_numpy().astype(np.float64))
    before = training.odds(start.prior)
    prior = training.settle(weights - before, count * (count - 1) / 2, start.prior)
    shift = training.odds(prior) - before
    threshold = training.choose_threshold(weights + shift, rules)
    shifted = pairs.mutate(weight=pairs.weight + shift)
    return replace(start, prior=prior, threshold=threshold), shifted.filter(
        shifted.weight >= _FLOOR
    )


def _no_pairs(scratch: Scratch, fields: Sequence[str]) -> ir.Table:
    levels = {f"level_{name}": "int8" for name in fields}
    schema = {"left": "int64", "right": "int64", "weight": "float64", **levels, "evidence": "int8"}
    return scratch.empty(schema)


def _evidence(pairs: ir.Table, rules: LinkageRules, fields: Sequence[str]) -> ir.IntegerValue:
    """Return 1, 0 or -1: may be one person, may be with first names unknown, ruled out.

    Ruled out is a pair that differs in a field that rules out (twins, and a parent of the same name
    at the same address, agree on all the rest), one without a name to compare, and one of which
    nothing but the name agrees while something differs: first and last names go together, so that
    two alike say less than twice what one says.
    """
    ruled_out_by = rules.ruled_out_by
    against: ir.BooleanValue = ibis.literal(False)
    for name in ruled_out_by:
        if name in fields:
            against = against | (pairs[f"level_{name}"] == 0)
    names = [name for name in ("first_name", "last_name") if name in fields]
    beside = [pairs[f"level_{name}"] for name in fields if name not in {*names, "sex"}]
    if rules.not_by_name_alone and names and beside:
        most = ibis.greatest(*beside) if len(beside) > 1 else beside[0]
        against = against | (most == 0)
    if ruled_out_by and len(names) == 2:
        against = against | ((pairs.level_first_name < 0) & (pairs.level_last_name < 0))
    unknown: ir.BooleanValue = ibis.literal(False)
    if ruled_out_by and "first_name" in names:
        unknown = pairs.level_first_name < 0
    return ibis.cases((against, -1), (unknown, 0), else_=1).cast("int8")


class _Splink:
    """Splink on the engine's own connection."""

    def __init__(
        self,
        engine: Engine,
        table: Any,
        compared: Sequence[model.Comparison],
        common: Mapping[str, Any],
    ) -> None:
        self.engine, self.table, self.compared, self.common = engine, table, compared, common

    def linker(self, known: training.Model, rules: Sequence[str]) -> Any:
        from splink import Linker

        written = model.settings(
            self.compared,
            known.parameters,
            prior=known.prior,
            rules=rules,
            dialect=self.engine.dialect,
        )
        linker = Linker(self.table, written, log_level=None, validate_settings=False)
        for field, lookup in self.common.items():
            linker.table_management.register_term_frequency_lookup(lookup, field)
        return linker

    def train(self, start: training.Model, lessons: Sequence[Rule], seed: int) -> model.Parameters:
        """Estimate u from random pairs and m by expectation maximisation on several blockings."""
        linker = self.linker(start, [])
        linker.training.estimate_u_using_random_sampling(max_pairs=_U_PAIRS, seed=seed)
        for lesson in lessons:
            linker.training.estimate_parameters_using_expectation_maximisation(
                lesson.sql, max_pairs=_EM_PAIRS, record_sample_proportion=1.0
            )
        return training.learned(self.compared, linker.misc.save_model_to_json())

    def predict(
        self, known: training.Model, rules: Sequence[Rule], *, only_fresh: bool, floor: float
    ) -> ir.Table:
        """Score every blocked pair."""
        new = " AND r.fresh" if only_fresh else ""
        written = [f"{rule.sql}{new}" for rule in rules]
        linker = self.linker(known, written)
        found = linker.inference.predict(threshold_match_weight=floor)
        table = self.engine.ibis.table(found.physical_name)
        levels = {f"level_{c.field}": table[f"gamma_{c.field}"].cast("int8") for c in self.compared}
        return table.select(
            left=table.node_l, right=table.node_r, weight=table.match_weight, **levels
        )


@contextmanager
def _splink(
    engine: Engine,
    nodes: ir.Table,
    compared: Sequence[model.Comparison],
    common: Mapping[str, ir.Table],
) -> Iterator[_Splink]:
    """Open Splink on tables of the database; quiet, and nothing it made is left behind."""
    api = engine.splink_api()
    splink_log = logging.getLogger("splink")
    level = splink_log.level
    splink_log.setLevel(logging.CRITICAL + 1)
    try:
        told = {field: _registered(api, table) for field, table in common.items()}
        yield _Splink(engine, _registered(api, nodes), compared, told)
    finally:
        splink_log.setLevel(level)
        api.delete_tables_created_by_splink_from_db()


def _registered(api: Any, table: ir.Table) -> Any:
    name = table.op().name  # without the catalogue, which Splink cannot read
    return api.register(name, dataset_display_name=name)
