"""Pairs are counted before any is made, and a rule that would make too many is left out."""

from __future__ import annotations

import itertools
import logging
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from risk_engine.config.linkage import Limits
from risk_engine.linkage import blocking
from risk_engine.linkage.blocking import Rule, count_rules, pairs_agreeing

RULES = [["a"], ["a", "b"], ["b", "c"], ["c", "a", "b"]]


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(blocking, "ALL_PAIRS_UP_TO", 5)


def random_table(engine, seed, rows=120):
    draw = np.random.default_rng(seed)
    columns = {
        name: np.where(draw.random(rows) < 0.2, None, draw.integers(0, size, rows).astype(str))
        for name, size in (("a", 4), ("b", 9), ("c", 30))
    }
    frame = pd.DataFrame({"node": np.arange(rows), **columns})
    types = {"node": "int64", "a": "string", "b": "string", "c": "string"}
    return frame, engine.table(frame, types)


@pytest.mark.parametrize("seed", range(4))
def test_rules_are_counted_as_brute_force_counts_them(engine, few, seed):
    frame, table = random_table(engine, seed)
    rows = frame.to_dict("records")
    found = count_rules(table, RULES, Limits())
    assert [list(rule.columns) for rule in found] == RULES
    for rule in found:
        keys = [[row[column] for column in rule.columns] for row in rows]
        known = [key for key in keys if not any(pd.isna(part) for part in key)]
        assert rule.pairs == sum(a == b for a, b in itertools.combinations(known, 2)), rule.name
        assert rule.skipped == ""


def test_a_rule_above_the_limit_is_left_out_by_name(engine, few, caplog):
    frame, table = random_table(engine, 1)
    with caplog.at_level(logging.WARNING):
        found = count_rules(table, RULES, Limits(pairs_per_rule=300))
    left_out = [rule for rule in found if rule.skipped]
    assert [rule.name for rule in left_out] == ["a"]
    assert left_out[0].skipped == f"{left_out[0].pairs:,} pairs are more than the limit of 300"
    assert "linkage: blocking rule 'a' left out:" in caplog.text
    sizes = Counter(frame["a"].dropna())
    assert left_out[0].pairs == sum(n * (n - 1) // 2 for n in sizes.values())


def test_the_limit_for_each_identity_grows_with_the_table(engine, few):
    _, table = random_table(engine, 1)
    found = count_rules(table, RULES, Limits(pairs_per_identity=2))
    assert [bool(rule.skipped) for rule in found] == [rule.pairs > 240 for rule in found]
    assert 0 < sum(bool(rule.skipped) for rule in found) < len(found)


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_in_a_small_table_all_are_compared(engine, few, rows):
    _, table = random_table(engine, 1, rows)
    (rule,) = count_rules(table, RULES, Limits())
    assert (rule.columns, rule.pairs, rule.skipped) == ((), rows * (rows - 1) // 2, "")
    assert (rule.name, rule.sql) == ("all pairs", "1 = 1")


def test_rules_without_their_columns_and_rules_twice_are_not_there(engine, few):
    _, table = random_table(engine, 1)
    found = count_rules(table, [["a", "b"], ["nothing"], ["a", "nothing"], ["a", "b"]], Limits())
    assert [rule.name for rule in found] == ["a + b"]
    assert found[0].sql == "l.a = r.a AND l.b = r.b"


def test_what_is_missing_agrees_with_nothing(engine):
    table = engine.table(pd.DataFrame({"a": ["x", "x", None, None]}), {"a": "string"})
    assert pairs_agreeing(table, ["a"]) == 1
    assert Rule(("a",), 1).name == "a"
