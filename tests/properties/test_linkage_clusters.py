"""Clustering against a reference that is slow, short and written from the rules alone."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_engine.linkage.claims import all_claims, answers_alone, placed_once
from risk_engine.linkage.clusters import Clustered, cluster
from risk_engine.linkage.joining import join, join_carefully

SIZE, MOST, HELD = 9, 4, 9.0
LEAST = float(np.log2(0.95 / 0.05))
SCORED = {"left": "int64", "right": "int64", "weight": "float64", "evidence": "int8"}
KEYED = {"left": "int64", "right": "int64"}
REGISTERED = {"node": "int64", "register": "str", "key": "str"}
ANSWERED = {"left": "int64", "right": "int64", "same": "bool"}

NODE = st.integers(0, SIZE - 1)
PAIR = st.tuples(NODE, NODE, st.integers(3, 12), st.sampled_from([-1, 0, 1, 1, 1]))
CASE = st.fixed_dictionaries(
    {
        "pairs": st.lists(PAIR, max_size=40),
        "keys": st.lists(st.tuples(NODE, NODE), max_size=3),
        "registers": st.lists(
            st.tuples(NODE, st.sampled_from("AB"), st.sampled_from("123")), max_size=8
        ),
        "answers": st.lists(st.tuples(NODE, NODE, st.booleans()), max_size=4),
    }
)


class Reference:
    """The rules of `cluster`, one at a time, on sets of ranks."""

    def __init__(self, case, most):
        self.most, self.scored = most, {}
        for left, right, weight, evidence in case["pairs"]:
            if left != right:
                row = (evidence < 0, weight, evidence)
                pair = frozenset((left, right))
                self.scored[pair] = max(self.scored.get(pair, row), row)
        keys = {frozenset(pair) for pair in case["keys"] if len(set(pair)) == 2}
        said = {frozenset(row[:2]): set() for row in case["answers"] if row[0] != row[1]}
        for left, right, same in case["answers"]:
            said.get(frozenset((left, right)), set()).add(same)
        self.apart = {pair for pair, answers in said.items() if False in answers}
        self.own = {}
        for node, register, key in case["registers"]:
            self.own.setdefault((node, register), set()).add(key)
        self.links = {p for p, (ruled, w, _) in self.scored.items() if not ruled and w >= LEAST}
        self.named = {pair for pair in self.links if self.scored[pair][2] > 0}
        self.rulings = set()
        self.answered, tally = self.grow(self.ordered(said, "answer", {True}, said), False)
        self.contradictory = tally["answer"]
        stand = {p for p in said if True in said[p] and self.together(self.answered, p)}
        ruled = {pair for pair, row in self.scored.items() if row[0]}
        self.rulings = {p for p in ruled - keys if not self.together(self.answered, p)}
        self.joins = [
            *self.ordered(stand, "answer"),
            *self.ordered(keys, "key"),
            *self.ordered(self.links, "link"),
        ]
        self.first, self.tally = self.grow(self.joins, False)
        self.reasons = {piece: self.doubt(piece) for piece in self.first}
        self.final = {
            piece for old in self.first for piece in (self.cut(old) if self.reasons[old] else [old])
        }

    def ordered(self, pairs, kind, wanted=None, said=None):
        chosen = [pair for pair in pairs if said is None or wanted & said[pair]]
        weight = {pair: self.scored[pair][1] if pair in self.scored else -99 for pair in chosen}
        return [
            (kind, pair) for pair in sorted(chosen, key=lambda pair: (-weight[pair], sorted(pair)))
        ]

    @staticmethod
    def together(clusters, pair):
        return any(pair <= piece for piece in clusters)

    def grow(self, joins, strict):
        clusters, tally = {frozenset([node]) for node in range(SIZE)}, Counter()
        for kind, pair in joins:
            a, b = (next(piece for piece in clusters if node in piece) for node in sorted(pair))
            if a == b:
                continue
            refusal = self.refusal(a, b, kind, strict)
            tally[refusal] += 1
            if refusal is None:
                clusters = clusters - {a, b} | {a | b}
        return clusters, tally

    def refusal(self, a, b, kind, strict):
        across = {frozenset(pair) for pair in product(a, b)}
        if across & self.apart:
            return "answer" if kind == "answer" else "ruled"
        if kind == "answer":
            return None
        rulings, links = len(across & self.rulings), len(across & self.named)
        if rulings and (strict or links <= rulings):
            return "ruled"
        for register in "AB":
            ours, theirs = (self.numbers(piece, register) for piece in (a, b))
            if not (ours <= theirs or theirs <= ours) and ours and theirs:
                return "register"
        return None

    def numbers(self, piece, register):
        return set().union(*(self.own.get((node, register), ()) for node in piece))

    def doubt(self, piece):
        inside = {frozenset(pair) for pair in combinations(piece, 2)}
        rulings = inside & self.rulings
        if piece in self.answered:
            return None
        if len(piece) > self.most:
            return "oversized"
        if rulings and not frozenset.intersection(*rulings):
            return "twins"
        return "chain" if self.longest(piece) > 3 else None

    def longest(self, piece):
        """The double sweep from the lowest rank."""
        first = self.steps(min(piece), piece)
        far = min(node for node in piece if first[node] == max(first.values()))
        return max(self.steps(far, piece).values())

    def steps(self, source, piece):
        steps, front = {source: 0}, [source]
        edges = [pair for _, pair in self.joins if pair <= piece]
        for node in front:
            for pair in edges:
                for near in pair - set(steps) if node in pair else ():
                    steps[near] = steps[node] + 1
                    front.append(near)
        return steps

    def cut(self, piece):
        joins = [
            (kind, pair)
            for kind, pair in self.joins
            if pair <= piece and (kind != "link" or self.scored[pair][1] >= HELD)
        ]
        pieces = {found for found in self.grow(joins, True)[0] if found <= piece}
        for found in pieces:
            if len(found) > self.most:
                yield from (group for group in self.answered if group <= found)
            else:
                yield found

    def weight(self, node):
        piece = next(piece for piece in self.final if node in piece)
        inside = [self.scored[pair][1] for pair in self.links if node in pair and pair <= piece]
        return max(inside, default=float("nan"))


def frame(rows, types, numbers, ends=("left", "right")):
    table = pd.DataFrame(rows, columns=list(types)).astype(types)
    return table.assign(**{end: numbers[table[end].to_numpy(np.int64)] for end in ends})


def clustered(case, numbers, most) -> Clustered:
    """Cluster nodes of rank 0, 1, 2, ... that carry these numbers."""
    return cluster(
        numbers,
        frame(case["pairs"], SCORED, numbers),
        frame(case["keys"], KEYED, numbers),
        threshold=0.95,
        registers=frame(case["registers"], REGISTERED, numbers, ("node",)),
        answers=frame(case["answers"], ANSWERED, numbers),
        max_identities=most,
        held_weight=HELD,
    )


def pieces(rows: pd.DataFrame, column: str) -> set[frozenset[int]]:
    return {frozenset(part) for _, part in rows.groupby(column)["node"]}


def check(case, most):
    want, found = Reference(case, most), clustered(case, np.arange(SIZE), most)
    assert pieces(found.nodes, "cluster") == want.final
    lowest = found.nodes.groupby("cluster")["node"].min()
    assert (lowest == lowest.index).all()
    assert found.refused == want.tally["ruled"]
    assert found.refused_by_register == want.tally["register"]
    assert found.contradictory == want.contradictory
    weights = [want.weight(node) for node in range(SIZE)]
    np.testing.assert_array_equal(found.nodes["weight"], weights)
    doubtful = {piece: reason for piece, reason in want.reasons.items() if reason}
    reasons = found.held.groupby("cluster")["reason"].unique().map(list).to_dict()
    assert reasons == {min(piece): [reason] for piece, reason in doubtful.items()}
    assert pieces(found.held, "cluster") == set(doubtful)
    assert pieces(found.held, "piece") == {p for p in want.final if any(p <= d for d in doubtful)}


@pytest.mark.parametrize("most", [MOST, SIZE])
@settings(max_examples=60, deadline=None)
@given(case=CASE)
def test_the_same_as_the_reference(most, case):
    check(case, most)


@pytest.mark.parametrize("seed", range(40))
def test_the_same_as_the_reference_where_every_pair_was_scored(seed):
    """Sets meet again and again, with links and rulings between them."""
    draw = np.random.default_rng(seed)
    against = draw.uniform(0.05, 0.4)
    evidence = draw.choice([-1, 0, 1], 36, p=[against, 0.1, 0.9 - against]).tolist()
    weight = draw.integers(3, 13, 36).tolist()
    scored = zip(combinations(range(SIZE), 2), weight, evidence, strict=True)
    check(
        {
            "pairs": [(*pair, weight, evidence) for pair, weight, evidence in scored],
            "keys": draw.integers(0, SIZE, (1, 2)).tolist(),
            "registers": [(int(draw.integers(0, SIZE)), "A", key) for key in "12"],
            "answers": [(*draw.integers(0, SIZE, 2).tolist(), bool(seed % 3))],
        },
        [MOST, SIZE][seed % 2],
    )


@settings(max_examples=40, deadline=None)
@given(case=CASE, random=st.randoms(use_true_random=False))
def test_neither_numbers_nor_the_order_of_rows_matter(case, random):
    numbers = np.array(random.sample(range(-50, 50), SIZE))
    mixed = {name: random.sample(rows, len(rows)) for name, rows in case.items()}
    for name in ("pairs", "keys", "answers"):
        turned = [random.sample(row[:2], 2) + list(row[2:]) for row in mixed[name]]
        mixed[name] = turned
    plain, other = clustered(case, np.arange(SIZE), MOST), clustered(mixed, numbers, MOST)
    for name, ends in (("nodes", ["node", "cluster"]), ("held", ["node", "cluster", "piece"])):
        frame = getattr(plain, name)
        renumbered = frame.assign(**{end: numbers[frame[end]] for end in ends})
        pd.testing.assert_frame_equal(getattr(other, name), renumbered)
    assert (other.refused, other.refused_by_register, other.contradictory) == (
        plain.refused, plain.refused_by_register, plain.contradictory,
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(case=CASE)
def test_what_never_happens(case):
    found = clustered({**case, "answers": [row for row in case["answers"] if not row[2]]},
                      np.arange(SIZE), MOST)  # fmt: skip
    label = found.nodes["cluster"].to_numpy()
    for left, right, same in case["answers"]:
        assert same or left == right or label[left] != label[right]
    own = frame(case["registers"], REGISTERED, np.arange(SIZE), ("node",)).drop_duplicates()
    of_node = own.groupby(["register", "node"], as_index=False)["key"].nunique()
    of_node["cluster"] = label[of_node["node"]]
    most = of_node.groupby(["register", "cluster"])["key"].max()
    in_all = own.assign(cluster=label[own["node"]]).groupby(["register", "cluster"])["key"]
    pd.testing.assert_series_equal(in_all.nunique(), most)


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_the_fast_way_is_the_careful_way(seed, strict):
    """On graphs in which sets grow large, many components are plain and some are disputed."""
    draw = np.random.default_rng(seed)
    size, count = 400, [250, 400, 600, 900][seed % 4]
    ends = draw.integers(0, size, (count, 2))
    if seed >= 4:  # dense groups of 40, so that links are counted again and again
        ends[:, 1] = ends[:, 0] // 40 * 40 + draw.integers(0, 40, count)
    pairs = pd.DataFrame(ends, columns=["left", "right"]).assign(
        weight=draw.integers(3, 12, count).astype(float),
        evidence=draw.choice([-1, 0, 1], count, p=[0.2, 0.1, 0.7]).astype("int8"),
    )
    registers = pd.DataFrame(
        {"node": draw.integers(0, size, 60), "register": "A", "key": draw.integers(0, 9, 60)}
    )
    answers = pd.DataFrame(draw.integers(0, size, (20, 2)), columns=["left", "right"]).assign(
        same=np.arange(20) < 8
    )
    ranks = pd.Index(np.arange(size))
    scored = placed_once(pairs, ranks)
    said = answers_alone(ranks, scored, answers)
    claims = all_claims(
        ranks, scored, pairs.loc[:20, ["left", "right"]], registers,
        said=said, answered=join(said).label, least=LEAST,
    )  # fmt: skip
    fast, careful = join(claims, strict=strict), join_carefully(claims, strict=strict)
    np.testing.assert_array_equal(fast.label, careful.label)
    assert fast.refused == careful.refused
    assert fast.refused + fast.refused_by_register > 0
    assert fast.refused_by_register == careful.refused_by_register
    assert fast.contradictory == careful.contradictory
