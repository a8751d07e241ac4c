from __future__ import annotations

import itertools
import logging

import pytest

from risk_engine.events import RECORD_SCHEMA
from risk_engine.linkage import blocking, model, scoring
from risk_engine.linkage.standardise import identities, standardise


@pytest.fixture
def nodes_of(engine):
    def made(frame):
        table = identities(standardise(engine.table(frame, RECORD_SCHEMA)))
        return engine.ibis.create_table("nodes", table, overwrite=True)

    return made


def test_rules_are_counted_as_brute_force_counts_them(nodes_of, population):
    nodes = nodes_of(population(60)[0])
    rows = nodes.to_pyarrow().to_pylist()
    for rule in blocking.count_rules(nodes):
        keys = [[row[column] for column in rule.columns] for row in rows]
        known = [key for key in keys if None not in key]
        assert rule.pairs == sum(a == b for a, b in itertools.combinations(known, 2)), rule.name


def test_a_rule_above_the_limit_is_left_out_by_name(nodes_of, population, engine, caplog):
    nodes = nodes_of(population(60)[0])
    with caplog.at_level(logging.WARNING):
        found = scoring.score(nodes, engine=engine, seed=1, limit=20)
    left_out = [rule for rule in found.rules if rule.skipped]
    assert left_out
    assert all("more than the limit of 20" in rule.skipped for rule in left_out)
    assert all(rule.name in caplog.text for rule in left_out)
    assert len(found.pairs) <= sum(r.pairs for r in found.rules if not r.skipped)


def test_all_rules_left_out_leaves_no_pairs(nodes_of, population, engine):
    found = scoring.score(nodes_of(population(30)[0]), engine=engine, seed=1, limit=0)
    assert found.pairs.empty
    assert not found.trained


def test_never_a_surname_a_birth_date_or_a_postcode_alone():
    assert all(len(columns) > 1 for columns in blocking.RULES)


def test_every_level_that_agrees_speaks_for_a_link_and_the_last_against():
    for comparison in model.COMPARISONS:
        assert sum(level.m for level in comparison.levels) == pytest.approx(1)
        assert sum(level.u for level in comparison.levels) == pytest.approx(1, abs=0.001)
        assert comparison.levels[0].m > comparison.levels[0].u
        assert comparison.levels[-1].m < comparison.levels[-1].u


def written(m: float, u: float | None) -> dict[str, object]:
    """Model as Splink writes it, with one m and u at every first level and none elsewhere."""
    return {
        "comparisons": [
            {
                "comparison_levels": [
                    {"is_null_level": True},
                    {"m_probability": m, "u_probability": u},
                    *[{}] * (len(comparison.levels) - 1),
                ]
            }
            for comparison in model.COMPARISONS
        ]
    }


def test_estimates_are_rounded_and_unseen_levels_keep_their_values():
    learned = scoring._learned(written(0.712345678, 0.0012345678))
    assert learned["last_name", "same"] == (0.7123, 0.001235)
    assert learned["last_name", "different"] == model.defaults()["last_name", "different"]


def test_an_estimate_that_says_true_pairs_disagree_is_not_believed():
    learned = scoring._learned(written(0.05, None))
    assert learned == model.defaults()


@pytest.mark.parametrize(("count", "matches"), [(0, 0), (1, 0), (2, 0), (10, 1e9), (10**6, 0)])
def test_the_prior_is_a_probability(count, matches):
    assert 0 < blocking.prior_of(count, matches) <= 0.05
