"""Pairs and weights recomputed in plain Python, from the parameters and the words of the levels."""

from __future__ import annotations

import itertools
import logging
import math
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from risk_engine.config.linkage import Limits, LinkageRules, parts_of
from risk_engine.events import RECORD_SCHEMA
from risk_engine.linkage import blocking, model, scoring, training
from risk_engine.linkage.link import FIELDS
from risk_engine.linkage.memory import number
from risk_engine.linkage.scratch import Scratch
from risk_engine.linkage.standardise import standardise

KEY = b"k" * 16
RARE = 1e-4
FLOOR = -5.0


@pytest.fixture
def scored(engine, spec):
    """Identities, scored pairs and what made them, as pandas frames."""

    def done(frame, *, rules=spec, known=None):
        with Scratch(engine) as scratch:
            table = engine.table(frame, RECORD_SCHEMA)
            _, identities = standardise(table, FIELDS, scratch=scratch, key=KEY)
            nodes = scratch.table(number(identities, None))
            found = scoring.score(
                nodes, FIELDS, rules=rules, engine=engine, scratch=scratch, key=KEY, seed=1,
                known=known,
            )  # fmt: skip
            rows = nodes.to_pyarrow().to_pylist()
            pairs = found.pairs.to_pyarrow().to_pandas()
        return SimpleNamespace(
            nodes={row["node"]: row for row in rows}, pairs=pairs, rules=found.rules,
            model=found.model, compared=found.compared,
        )  # fmt: skip

    return done


@pytest.fixture
def blocks_only(monkeypatch):
    """Small tables are compared by blocking rules too."""
    monkeypatch.setattr(blocking, "ALL_PAIRS_UP_TO", 0)


def jaro_winkler(one, other):
    """Winkler (1990): the prefix counts from a Jaro similarity of .7 up."""
    reach = max(max(len(one), len(other)) // 2 - 1, 0)
    taken, mine = [False] * len(other), []
    for place, letter in enumerate(one):
        for at in range(max(place - reach, 0), min(place + reach + 1, len(other))):
            if not taken[at] and other[at] == letter:
                taken[at] = True
                mine.append(letter)
                break
    if not mine:
        return 0.0
    theirs = [letter for letter, used in zip(other, taken, strict=True) if used]
    moved = sum(a != b for a, b in zip(mine, theirs, strict=True)) // 2
    n = len(mine)
    jaro = (n / len(one) + n / len(other) + (n - moved) / n) / 3
    same = [a == b for a, b in zip(one[:4], other[:4], strict=False)]
    prefix = [*same, False].index(False)
    return jaro + 0.1 * prefix * (1 - jaro) if jaro > 0.7 else jaro


def edits(one, other):
    """Damerau (1964), adjacent transpositions counting once."""
    table = {(i, -1): i + 1 for i in range(-1, len(one))}
    table |= {(-1, j): j + 1 for j in range(-1, len(other))}
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            table[i, j] = min(
                table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (a != b)
            )
            if i and j and a == other[j - 1] and one[i - 1] == b:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(one) - 1, len(other) - 1]


def names_swapped(one, other):
    names = [side[name] for side in (one, other) for name in ("first_name", "last_name")]
    if None in names:
        return False
    return jaro_winkler(names[0], names[3]) >= 0.92 and jaro_winkler(names[1], names[2]) >= 0.92


def date(row):
    return [row["birth_date"][:4], row["birth_date"][5:7], row["birth_date"][8:]]


def days(row):
    return (pd.Timestamp(row["birth_date"]) - pd.Timestamp("1970-01-01")).days


def known_same(one, other, name):
    return one[name] is not None and one[name] == other[name]


HOLDS = {
    "same": lambda one, other, field, _: one[field] == other[field],
    "same form": lambda one, other, *_: known_same(one, other, "first_root"),
    "same sound": lambda one, other, field, _: known_same(one, other, f"{field[:-5]}_sound"),
    "swapped": lambda one, other, *_: names_swapped(one, other),
    "same parts": lambda one, other, *_: known_same(one, other, "name_parts"),
    "initial": lambda one, other, *_: min(len(one["first_name"]), len(other["first_name"])) == 1
    and one["first_name"][0] == other["first_name"][0],
    "a part shared": lambda one, other, field, _: bool(
        set(one[f"{field[:-5]}_parts"]) & set(other[f"{field[:-5]}_parts"])
    ),
    "similar #": lambda one, other, field, least: jaro_winkler(one[field], other[field]) >= least,
    "# edits": lambda one, other, field, most: edits(one[field], other[field]) <= most,
    "day and month swapped": lambda one, other, *_: date(one)
    == [date(other)[0], date(other)[2], date(other)[1]],
    "two parts of three": lambda one, other, *_: sum(
        a == b for a, b in zip(date(one), date(other), strict=True)
    ) >= 2,
    "within # days": lambda one, other, _, most: abs(days(one) - days(other)) <= most,
    "same district": lambda one, other, *_: one["postcode"][:-3] == other["postcode"][:-3],
}  # fmt: skip


def level_of(levels, field, one, other):
    if one[field] is None or other[field] is None:
        return None
    if field == "last_name" and names_swapped(one, other):
        return None
    for level in levels:
        if level.when == "different" or any(
            HOLDS[form](one, other, field, number) for form, number in parts_of(level.when)
        ):
            return level
    raise AssertionError(field)


def plain_weight(spec, learnt, shares, one, other):
    """Fellegi and Sunter (1969): log2 odds of being one person, and the level of each field."""
    weight, levels = math.log2(learnt.prior / (1 - learnt.prior)), {}
    for field in FIELDS:
        level = level_of(spec.comparisons[field], field, one, other)
        place = spec.comparisons[field].index(level) if level else None
        levels[field] = -1 if place is None else len(spec.comparisons[field]) - 1 - place
        if level is None:
            continue
        m, u = learnt.parameters[field, level.when]
        weight += math.log2(m / u)
        if level.by_frequency:
            weight += math.log2(u / max(shares[field][one[field]], RARE))
    return weight, levels


def evidence_of(levels):
    """Twins and a father and son: another first name or birth date rules out."""
    if levels["first_name"] == 0 or levels["birth_date"] == 0:
        return -1
    if levels["first_name"] < 0:
        return -1 if levels["last_name"] < 0 else 0
    return 1


def shares_of(nodes, spec):
    """How common each value is among the identities that have a name.

    Where fewer than 200 have the field, the stated u stands in for those that are not there.
    """
    shares = {}
    for field in FIELDS:
        counts = Counter(row[field] for row in nodes if row[field] is not None)
        total = sum(counts.values())
        absent, stated = max(200 - total, 0), spec.comparisons[field][0].u
        shares[field] = {
            value: (n + stated * absent) / (total + absent) if n > total * RARE else 0
            for value, n in counts.items()
        }
    return shares


def named(nodes):
    return {n: row for n, row in nodes.items() if row["first_name"] or row["last_name"]}


def blocked(nodes, blocking):
    """All pairs that agree on all columns of any line, each once."""
    found = set()
    for line in blocking:
        blocks = {}
        for node, row in nodes.items():
            key = tuple(row[column] for column in line)
            if None not in key:
                blocks.setdefault(key, []).append(node)
        found |= {pair for block in blocks.values()
                  for pair in itertools.combinations(sorted(block), 2)}  # fmt: skip
    return found


def check(found, spec, pairs, sample, seed=1):
    """Recompute a random sample of the pairs that are to be there, and that no other is."""
    nodes = named(found.nodes)
    shares = shares_of(nodes.values(), spec)
    rows = {(row.left, row.right): row for row in found.pairs.itertuples()}
    assert len(rows) == len(found.pairs)
    assert set(rows) <= pairs
    draw = np.random.default_rng(seed)
    ordered = sorted(pairs)
    chosen = {ordered[at] for at in draw.integers(0, len(ordered), sample)}
    chosen |= {key for key in sorted(rows) if draw.random() < sample / len(rows)}
    worst = 0.0
    for key in sorted(chosen):
        weight, levels = plain_weight(spec, found.model, shares, nodes[key[0]], nodes[key[1]])
        row = rows.get(key)
        if row is None:
            assert weight < FLOOR + 0.001, key
            continue
        worst = max(worst, abs(row.weight - weight))
        assert {field: getattr(row, f"level_{field}") for field in FIELDS} == levels
        assert row.evidence == evidence_of(levels)
    assert worst < 0.001


@pytest.mark.parametrize("seed", [1, 2])
def test_weights_are_those_of_plain_python_among_all_pairs(scored, spec, population, seed):
    found = scored(population(110, seed=seed)[0])
    assert found.model.estimated
    assert found.rules[0].name == "all pairs"
    assert found.compared == len(named(found.nodes))
    pairs = set(itertools.combinations(sorted(named(found.nodes)), 2))
    check(found, spec, pairs, 1_500, seed)


def test_pairs_and_weights_are_those_of_plain_python_among_blocks(
    scored, spec, population, blocks_only
):
    found = scored(population(300)[0])
    assert len(found.rules) == len(spec.blocking)
    assert not any(rule.skipped for rule in found.rules)
    check(found, spec, blocked(named(found.nodes), spec.blocking), 1_500)


def test_too_few_records_are_compared_by_what_the_specification_states(scored, spec, population):
    found = scored(population(30)[0])
    assert not found.model.estimated
    assert found.model.parameters == model.stated(model.comparisons(spec, FIELDS))
    check(found, spec, set(itertools.combinations(sorted(named(found.nodes)), 2)), 800)


def test_a_model_that_is_given_is_used_as_it_is(scored, spec, population):
    frame, _ = population(110)
    learnt = scored(frame)
    again = scored(frame, known=learnt.model)
    assert again.model is learnt.model
    both = [one.pairs.sort_values(["left", "right"], ignore_index=True) for one in (learnt, again)]
    pd.testing.assert_frame_equal(*both)


def test_the_threshold_keeps_what_it_promises(scored, spec, population, blocks_only):
    found = scored(population(300)[0])
    open_ = found.pairs[found.pairs["evidence"] >= 0]
    probabilities = training.probabilities(open_["weight"].to_numpy())
    joined = probabilities >= found.model.threshold
    assert joined.sum() > 300
    assert probabilities[joined].mean() >= spec.target_precision - 1e-4


def test_a_rule_above_the_limit_is_left_out_by_name_and_its_pairs_with_it(
    scored, spec, population, blocks_only, caplog
):
    limits = Limits(pairs_per_rule=300)
    with caplog.at_level(logging.WARNING):
        found = scored(population(200)[0], rules=spec.model_copy(update={"limits": limits}))
    left_out = [rule for rule in found.rules if rule.skipped]
    assert 0 < len(left_out) < len(found.rules)
    assert all(rule.pairs > 300 for rule in left_out)
    assert all(f"'{rule.name}' left out" in caplog.text for rule in left_out)
    kept = [rule.columns for rule in found.rules if not rule.skipped]
    pairs = set(zip(found.pairs["left"], found.pairs["right"], strict=True))
    assert pairs <= blocked(named(found.nodes), kept)


def test_all_rules_left_out_leaves_no_pairs(scored, spec, population, blocks_only):
    limits = Limits(pairs_per_identity=1e-6)
    found = scored(population(60)[0], rules=spec.model_copy(update={"limits": limits}))
    assert all(rule.skipped for rule in found.rules)
    assert found.pairs.empty
    assert set(found.pairs) == {"left", "right", "weight", "evidence",
                                *(f"level_{name}" for name in FIELDS)}  # fmt: skip
    assert (found.compared, found.model.estimated) == (0, False)


def test_without_a_field_that_rules_out_nobody_is_ruled_out(scored, spec, population):
    rules = spec.model_copy(update={"ruled_out_by": []})
    assert set(scored(population(60)[0], rules=rules).pairs["evidence"]) == {1}


def test_nobody_without_a_name_is_compared(scored, records_of):
    known = {"birth_date": "2001-02-03", "postcode": "SO14 3AB", "shared_key": "K1"}
    rows = [{**known, "sex": sex} for sex in "mf"]
    anna = {**rows[0], "first_name": "Anna", "last_name": "Berg", "sex": "f"}
    found = scored(records_of(*rows, anna, {**anna, "last_name": "Bergh"}))
    assert found.compared == 2
    assert len(found.nodes) == 4
    assert len(found.pairs) == 1


def test_a_line_with_other_is_written_for_each_further_column():
    lines = [["other", "last_name"], ["birth_date"]]
    expanded = scoring._expanded(lines, ["last_name", "team", "ward"])
    assert expanded == [["team", "last_name"], ["ward", "last_name"], ["birth_date"]]
    assert scoring._expanded(LinkageRules().blocking, ["team"]) == []


@pytest.mark.parametrize(
    ("other", "evidence"),
    [
        ({"birth_date": "1970-12-31", "postcode": "PO1 2AB"}, -1),  # nothing but the name agrees
        ({"birth_date": None, "postcode": "PO1 2AB"}, -1),
        ({"birth_date": "1970-12-31"}, 1),  # the postcode agrees too
        ({"birth_date": None, "postcode": None, "shared_key": "K1"}, 1),  # nothing differs
    ],
)
def test_a_name_alone_is_no_proof(scored, spec, records_of, other, evidence):
    anna = {"first_name": "Anna", "last_name": "Berg", "birth_date": "2001-02-03",
            "postcode": "SO14 3AB", "sex": "f"}  # fmt: skip
    rules = spec.model_copy(update={"ruled_out_by": [], "not_by_name_alone": True})
    found = scored(records_of(anna, anna | other), rules=rules)
    assert found.pairs["evidence"].tolist() in ([evidence], [] if evidence < 0 else [evidence])
