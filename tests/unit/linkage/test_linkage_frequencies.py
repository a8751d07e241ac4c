"""How common values are, kept without the values."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from risk_engine.linkage import frequencies
from risk_engine.linkage.model import SMALLEST_U
from risk_engine.linkage.scratch import Scratch

KEY = b"k" * 16


@pytest.fixture
def nodes(engine):
    def made(names):
        frame = pd.DataFrame({"name": pd.Series(names, dtype="str")})
        return engine.ibis.create_table(
            "nodes", engine.table(frame, {"name": "string"}), overwrite=True
        )

    return made


def looked_up(engine, table, shares, key=KEY):
    with Scratch(engine) as scratch:
        found = frequencies.lookups(table, {"name": shares}, scratch=scratch, key=key)["name"]
        return found.to_pyarrow().to_pandas().set_index("name")["tf_name"].to_dict()


@pytest.fixture
def enough(monkeypatch):
    """Let a handful of identities tell by themselves how common a value is."""
    monkeypatch.setattr(frequencies, "FEW", 0)


def test_shares_are_of_those_that_have_a_value(enough, engine, nodes):
    table = nodes(["smith"] * 6 + ["jones"] * 3 + ["o'x"] + [None] * 90)
    counted = frequencies.count(table, {"name": 0.01}, key=KEY)
    assert sorted(counted["name"].values()) == [0.1, 0.3, 0.6]
    found = looked_up(engine, table, counted["name"])
    assert found == {"smith": 0.6, "jones": 0.3, "o'x": 0.1}


def test_rare_values_are_not_kept_and_count_as_the_rarest(engine, nodes):
    table = nodes(["common"] * 20_000 + ["one", "two", "two", "three", "three", "three"])
    counted = frequencies.count(table, {"name": 0.01}, key=KEY)["name"]
    assert len(counted) == 2
    found = looked_up(engine, table, counted)
    assert found["one"] == found["two"] == SMALLEST_U
    assert found["three"] == pytest.approx(3 / 20_006, rel=1e-5)


def test_a_name_that_is_new_this_week_counts_as_the_rarest(enough, engine, nodes):
    counted = frequencies.count(nodes(["smith"] * 5), {"name": 0.01}, key=KEY)["name"]
    assert looked_up(engine, nodes(["smith", "novel"]), counted) == {
        "smith": 1.0, "novel": SMALLEST_U
    }  # fmt: skip


def test_a_few_identities_do_not_tell_how_common_a_name_is(nodes):
    """Two records of one person: everybody is a Smith, and still it is no common name."""
    counted = frequencies.count(nodes(["smith", "smith"]), {"name": 0.01}, key=KEY)["name"]
    assert list(counted.values()) == [pytest.approx((2 + 0.01 * 198) / 200)]
    counted = frequencies.count(nodes(["smith"] * 200), {"name": 0.01}, key=KEY)["name"]
    assert list(counted.values()) == [1.0]


def test_what_is_kept_says_no_value_and_hangs_on_the_key_and_the_field(enough, nodes):
    table = nodes(["smith"] * 3)
    one, other = (frequencies.count(table, {"name": 0.01}, key=key) for key in (KEY, b"o" * 16))
    ((hashed, share),) = one["name"].items()
    assert (len(hashed), share) == (16, 1.0)
    assert "smith" not in json.dumps(one)
    assert set(one["name"]) != set(other["name"])
    renamed = frequencies.count(table.rename(place="name"), {"place": 0.01}, key=KEY)
    assert set(renamed["place"]) != set(one["name"])


def test_another_key_finds_nothing(engine, nodes):
    table = nodes(["smith"] * 3)
    counted = frequencies.count(table, {"name": 0.01}, key=KEY)["name"]
    assert looked_up(engine, table, counted, key=b"o" * 16) == {"smith": SMALLEST_U}


@pytest.mark.parametrize("names", [[], [None, None]])
def test_where_nothing_is_known_nothing_is_common(engine, nodes, names):
    table = nodes(names)
    assert frequencies.count(table, {"name": 0.01}, key=KEY) == {"name": {}}
    assert looked_up(engine, table, {}) == {}
    assert frequencies.count(table, {}, key=KEY) == {}
