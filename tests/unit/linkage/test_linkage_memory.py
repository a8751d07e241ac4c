"""A week that goes on from the one before ends where a week from scratch would."""

from __future__ import annotations

import itertools
import json
from types import SimpleNamespace

import pandas as pd
import pytest

from risk_engine.config.linkage import Limits
from risk_engine.engine import open_engine
from risk_engine.events import RECORD_SCHEMA
from risk_engine.linkage import Memory, blocking, link, training

KEY = bytes(range(32))
FIRST, SECOND, THIRD = (pd.Timestamp(f"2026-01-{day:02d}").to_pydatetime() for day in (5, 12, 19))


@pytest.fixture
def week(areas, spec, ordered):
    """Link a frame, going on from an earlier week where one is given."""
    with open_engine() as engine:

        def linked(frame, before=None, *, as_of=SECOND, rules=spec, model=None, key=KEY):
            remembered = None
            if before is not None:
                tables = before.tables
                remembered = Memory(
                    tables["link_identities"], tables["link_pairs"], tables["links"],
                    tables["lineage"], tables["link_about"],
                )  # fmt: skip
            found = link(
                engine.table(frame, RECORD_SCHEMA), engine=engine, areas=areas, spec=rules,
                key=key, seed=1, as_of=as_of, model=model, memory=remembered,
            )  # fmt: skip
            frames = {name: ordered(name, table) for name, table in found.tables.items()}
            learnt = training.from_json(json.loads(frames["link_about"]["model"].item()))
            return SimpleNamespace(
                **frames, tables=found.tables, quality=found.quality, model=learnt
            )

        yield linked


@pytest.fixture
def blocks_only(monkeypatch):
    """Small tables are compared by blocking rules too."""
    monkeypatch.setattr(blocking, "ALL_PAIRS_UP_TO", 0)


def partition(found):
    return set(found.links.groupby("person_id")["record_id"].apply(frozenset))


def pairs(found):
    """Scored pairs by the names of their identities, whatever numbers these have."""
    name = found.link_identities.set_index("node")["identity"]
    ends = pd.DataFrame({side: found.link_pairs[side].map(name) for side in ("left", "right")})
    rest = found.link_pairs.drop(columns=["left", "right"])
    return rest.assign(
        one=ends.min(axis="columns"), other=ends.max(axis="columns")
    ).sort_values(["one", "other"], ignore_index=True)  # fmt: skip


def assert_same(found, expected):
    """All that linkage says apart from the pseudonyms themselves and the numbers of identities."""
    assert partition(found) == partition(expected)
    columns = ["one", "other", *sorted(set(pairs(expected)) - {"one", "other"})]
    pd.testing.assert_frame_equal(pairs(found)[columns], pairs(expected)[columns], check_exact=True)
    told = [one.links.drop(columns="person_id") for one in (found, expected)]
    pd.testing.assert_frame_equal(*told, check_exact=True)
    same = {name for name in expected.quality if name not in {"compared", "register"}}
    assert {name: found.quality[name] for name in same} == {
        name: expected.quality[name] for name in same
    }


def split(frame, seed, share=0.1):
    later = frame.sample(frac=share, random_state=seed).index
    return frame.drop(later).reset_index(drop=True), frame


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_new_records_are_linked_as_if_all_had_come_at_once(week, blocks_only, population, seed):
    first, both = split(population(150, seed=seed)[0], seed)
    before = week(first, as_of=FIRST)
    assert before.model.estimated
    found, expected = week(both, before), week(both, model=before.model)
    assert_same(found, expected)
    fresh = set(found.link_identities["identity"]) - set(before.link_identities["identity"])
    assert found.quality["compared"] <= len(fresh) < expected.quality["compared"] / 3
    assert len(expected.link_pairs) > len(before.link_pairs) > 100


def test_records_that_are_gone_and_records_that_changed(week, blocks_only, population):
    seed = 6
    first, both = split(population(150, seed=seed)[0], seed)
    before = week(first, as_of=FIRST)
    now = both.drop(first.sample(frac=0.15, random_state=seed).index.intersection(both.index))
    now = now.reset_index(drop=True)
    changed = now.sample(frac=0.05, random_state=seed).index
    now.loc[changed, "last_name"] = now.loc[changed, "last_name"].str[:-1] + "x"
    now.loc[changed[::2], "birth_date"] = None
    found, expected = week(now, before), week(now, model=before.model)
    assert_same(found, expected)
    assert 0 < found.quality["compared"] < expected.quality["compared"] / 2
    again = week(both, found, as_of=THIRD)  # and what was gone comes back
    assert_same(again, week(both, model=before.model))


def test_nothing_new_is_nothing_compared_and_all_stays(week, blocks_only, population):
    frame, _ = population(150, seed=8)
    before = week(frame, as_of=FIRST)
    found = week(frame.sample(frac=1, random_state=1).reset_index(drop=True), before)
    assert found.quality["compared"] == 0
    assert before.quality["compared"] > 200
    for name in ("links", "people", "addresses", "lineage", "link_identities", "link_pairs"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(before, name))
    people = len(before.people)
    assert found.quality["register"] == {
        "kept": people, "issued": 0, "merged": 0, "split": 0, "retired": 0
    }  # fmt: skip


def test_what_others_change_about_a_record_that_was_there(week, population, records_of):
    """A key that turns out to be a placeholder, and another writing of a name. Among all pairs."""
    frame, _ = population(110, seed=9)
    dated = frame.dropna(subset=["birth_date"]).drop_duplicates("birth_date").index
    frame.loc[dated[:14], "shared_key"] = "0000"
    anna = {"last_name": "Smithjones", "birth_date": "1999-01-02", "source": "police"}
    old = records_of({**anna, "first_name": "Maryann"}, {**anna, "first_name": "Mary Ann Eve"})
    new = records_of({**anna, "first_name": "Mary Ann", "last_name": "Smith-Jones"})
    first = pd.concat([frame.drop(dated[9:14]), old], ignore_index=True)
    both = pd.concat([frame, old, new.assign(record_id="new")], ignore_index=True)
    before = week(first, as_of=FIRST)
    found = week(both, before)
    assert [rule["rule"] for rule in found.quality["rules"]] == ["all pairs"]
    assert [one.quality["keys_ignored"] for one in (before, found)] == [0, 14]
    assert_same(found, week(both, model=before.model))


@pytest.mark.parametrize("why", ["too many for all pairs", "too many for one rule"])
def test_where_other_blocking_rules_apply_all_is_compared_anew(
    week, population, spec, monkeypatch, why
):
    first, both = split(population(130, seed=11)[0], 11, share=0.2)
    rules = spec.model_copy(update={"limits": Limits(pairs_per_rule=200)})
    monkeypatch.setattr(blocking, "ALL_PAIRS_UP_TO", 10_000 if why.endswith("all pairs") else 0)
    before = week(first, as_of=FIRST, rules=rules)
    if why.endswith("all pairs"):
        monkeypatch.setattr(blocking, "ALL_PAIRS_UP_TO", 0)
    found, expected = week(both, before, rules=rules), week(both, model=before.model, rules=rules)
    used = [{rule["rule"] for rule in one.quality["rules"] if not rule["left_out"]}
            for one in (before, found)]  # fmt: skip
    assert used[0] != used[1] != set()
    assert_same(found, expected)
    assert found.quality["compared"] == expected.quality["compared"] > 200


def test_another_specification_learns_anew_and_keeps_the_pseudonyms(week, population, spec):
    frame, _ = population(110, seed=12)
    before = week(frame, as_of=FIRST)
    found = week(frame, before, rules=spec.model_copy(update={"target_precision": 0.97}))
    assert found.quality["compared"] == before.quality["compared"] > 200
    assert found.model.digest != before.model.digest
    assert found.quality["register"]["kept"] > 0.95 * len(before.people)


def test_a_model_of_too_few_records_is_not_kept(week, population):
    frame, _ = population(110, seed=13)
    before = week(frame.head(60), as_of=FIRST)
    assert not before.model.estimated
    found = week(frame, before)
    assert found.model.estimated
    assert_same(found, week(frame))


def test_people_keep_their_pseudonyms_from_week_to_week(week, population):
    """Most of what is new belongs to people who are known; some of it changes its mind."""
    frame, truth = population(1_500, seed=14)
    before, weeks = None, []
    for number, share in enumerate((0.98, 0.99, 1.0)):
        rows = frame.sample(frac=1, random_state=3).head(round(share * len(frame)))
        as_of = (pd.Timestamp(FIRST) + pd.Timedelta(weeks=number)).to_pydatetime()
        before = week(rows.reset_index(drop=True), before, as_of=as_of)
        weeks.append(before.links.set_index("record_id")["person_id"])
    for earlier, later in itertools.pairwise(weeks):
        new = truth.loc[later.index.difference(earlier.index)].unique()
        untouched = earlier.index[~truth.loc[earlier.index].isin(new)]
        kept = (earlier.loc[untouched] == later.loc[untouched]).groupby(truth.loc[untouched]).all()
        assert len(kept) > 1_000
        assert kept.mean() >= 0.999
        sets = [set(one.groupby(one).groups) for one in (earlier, later)]
        assert len(sets[0] & sets[1]) >= 0.99 * len(sets[0])


def test_another_key_gives_the_same_people_other_pseudonyms(week, population):
    """The key has a part in which pairs u is estimated from: weights differ a little."""
    frame, _ = population(110, seed=15)
    one, other = week(frame), week(frame, key=b"another key of 32 bytes in all!!")
    assert partition(one) == partition(other)
    assert not set(one.links["person_id"]) & set(other.links["person_id"])
    assert not set(one.link_identities["identity"]) & set(other.link_identities["identity"])
    columns = ["person_id", "match_weight", "weak"]
    told = [found.links.drop(columns=columns) for found in (one, other)]
    pd.testing.assert_frame_equal(*told)
    apart = one.links["match_weight"] - other.links["match_weight"]
    assert apart.abs().max() < 0.25
    hashes = [set(found.model.frequencies["first_name"]) for found in (one, other)]
    assert not hashes[0] & hashes[1]
    assert_holds_no_value(one, frame)


def assert_holds_no_value(found, frame):
    """Of what the week after gets: no name, no date, no postcode and no key."""
    shown = "".join(
        getattr(found, name).to_csv() for name in ("link_identities", "link_pairs", "link_about")
    ).lower()
    values = {*frame["last_name"], *frame["birth_date"].dropna(), *frame["postcode"].dropna()}
    assert not [value for value in values if len(value) > 4 and value.lower() in shown]
    assert KEY.hex() not in shown
