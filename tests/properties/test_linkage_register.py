"""What holds of the register whatever happens to the groups of records from week to week."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from risk_engine.linkage.keys import pseudonyms
from risk_engine.linkage.register import LINEAGE, assign

KEY = b"k" * 32
START = datetime.fromisoformat("2026-01-05")
NOBODY = pd.DataFrame({"record_id": [], "person_id": []}, dtype="str")
NOTHING = LINEAGE.empty_table().to_pandas()
EVENTS = ("issued", "merged", "split", "retired")
RECORDS = [f"{number:02x}" for number in range(12)]

#: The group of each record in one week; nowhere before it arrives and after it went.
WEEK = st.fixed_dictionaries({record: st.sampled_from([None, 0, 1, 2, 3]) for record in RECORDS})
#: Days on which records became known: few, so that some are known at once.
DAYS = st.fixed_dictionaries({record: st.integers(0, 4) for record in RECORDS})


def table(week, days):
    rows = [
        (record, group, pd.Timestamp("2024-01-01") + pd.Timedelta(days=days[record]))
        for record, group in week.items()
        if group is not None
    ]
    frame = pd.DataFrame(rows, columns=["record_id", "group", "known_at"])
    return frame.astype({"record_id": "str", "group": "int64", "known_at": "datetime64[us]"})


def week_of(number):
    return START + timedelta(weeks=number)


def links(frame, persons):
    return frame.merge(persons, on="group")[["record_id", "person_id"]]


def through(weeks, days):
    """Yield each week's records, what was known and had happened before, and what was assigned."""
    known, lineage = NOBODY, NOTHING
    for number, week in enumerate(weeks):
        frame = table(week, days)
        found = assign(frame, known=known, lineage=lineage, key=KEY, as_of=week_of(number))
        yield frame, known, lineage, found
        known, lineage = links(frame, found.persons), found.lineage


def expected(frame, known, lineage):
    """The rule in plain Python: the person each group keeps, and the events of old people."""
    group = dict(zip(frame["record_id"], frame["group"], strict=True))
    at = dict(zip(frame["record_id"], frame["known_at"], strict=True))
    people = {}
    for record, person in zip(known["record_id"], known["person_id"], strict=True):
        people.setdefault(person, []).append(record)
    issued = {row.person_id: row.as_of for row in lineage.itertuples() if row.event == "issued"}
    nominated, sizes = {}, {}
    for person, had in people.items():
        here = sorted(record for record in had if record in group)
        sizes[person] = Counter(group[record] for record in here)
        if here:
            most = max(sizes[person].values())
            nominated[person] = next(
                group[record] for record in here if sizes[person][group[record]] == most
            )

    def age(person):
        return issued[person], min((at[r], r) for r in people[person] if r in group)

    kept = {}
    for name in set(nominated.values()):
        kept[name] = min((p for p in nominated if nominated[p] == name), key=age)
    return kept, nominated, sizes, people


@settings(max_examples=25, deadline=None)
@given(weeks=st.lists(WEEK, min_size=2, max_size=6), days=DAYS)
def test_each_group_keeps_whom_the_rule_in_plain_python_says(weeks, days):
    for number, (frame, known, lineage, found) in enumerate(through(weeks, days)):
        kept, nominated, sizes, people = expected(frame, known, lineage)
        person = dict(zip(found.persons["group"], found.persons["person_id"], strict=True))
        assert set(person) == set(frame["group"])
        assert {name: person[name] for name in kept} == kept
        wanted = {("retired", p, None, len(people[p])) for p in people if p not in nominated}
        for old, name in nominated.items():
            if kept[name] != old:
                wanted.add(("merged", old, kept[name], sizes[old][name]))
            wanted |= {
                ("split", old, person[other], count)
                for other, count in sizes[old].items()
                if other != name
            }
        of_group = Counter(frame["group"])
        wanted |= {
            ("issued", person[name], None, of_group[name]) for name in person if name not in kept
        }
        new = found.lineage[found.lineage["as_of"] == week_of(number)]
        told = [
            (event, person_id, other if isinstance(other, str) else None, records)
            for _, person_id, event, other, records in new.itertuples(index=False)
        ]
        assert len(told) == len(set(told))
        assert set(told) == wanted


@settings(max_examples=25, deadline=None)
@given(weeks=st.lists(WEEK, min_size=6, max_size=6), days=DAYS)
def test_nobody_is_lost_and_no_pseudonym_means_two_people(weeks, days):
    ever, ended = set(), set()
    for number, (_, known, lineage, found) in enumerate(through(weeks, days)):
        assert found.persons["person_id"].is_unique
        now, old = set(found.persons["person_id"]), set(known["person_id"])
        new = found.lineage[found.lineage["as_of"] == week_of(number)]
        by_event = {name: set(new.loc[new["event"] == name, "person_id"]) for name in EVENTS}
        kept = now & old
        assert old == kept | by_event["merged"] | by_event["retired"]
        assert len(old) == len(kept) + len(by_event["merged"]) + len(by_event["retired"])
        assert now == kept | by_event["issued"]
        assert by_event["split"] <= kept | by_event["merged"]
        assert found.counts == {name: len(by_event[name]) for name in EVENTS} | {"kept": len(kept)}
        assert not by_event["issued"] & ever
        assert not now & ended
        earlier = found.lineage[found.lineage["as_of"] < week_of(number)]
        pd.testing.assert_frame_equal(earlier.reset_index(drop=True), lineage)
        ever |= now
        ended |= by_event["merged"] | by_event["retired"]


@settings(max_examples=25, deadline=None)
@given(
    weeks=st.lists(WEEK, min_size=1, max_size=4),
    days=DAYS,
    names=st.permutations(range(4)),
    random=st.randoms(use_true_random=False),
)
def test_neither_the_order_of_rows_nor_the_names_of_groups_matter(weeks, days, names, random):
    *_, (frame, known, lineage, found) = through(weeks, days)

    def mixed(table):
        return table.iloc[random.sample(range(len(table)), len(table))]

    renamed = frame.assign(group=[names[group] for group in frame["group"]])
    again = assign(
        mixed(renamed),
        known=mixed(known),
        lineage=mixed(lineage),
        key=KEY,
        as_of=week_of(len(weeks) - 1),
    )
    pd.testing.assert_frame_equal(again.lineage, found.lineage)
    assert again.counts == found.counts
    one, other = links(frame, found.persons), links(renamed, again.persons)
    pd.testing.assert_frame_equal(one, other)


@settings(max_examples=15, deadline=None)
@given(weeks=st.lists(WEEK, min_size=1, max_size=4), days=DAYS)
def test_the_same_again_is_the_same_and_an_unchanged_week_is_no_event(weeks, days):
    *_, (frame, known, lineage, found) = through(weeks, days)
    at = week_of(len(weeks) - 1)
    again = assign(frame, known=known, lineage=lineage, key=KEY, as_of=at)
    pd.testing.assert_frame_equal(again.persons, found.persons)
    pd.testing.assert_frame_equal(again.lineage, found.lineage)
    after = assign(
        frame,
        known=links(frame, found.persons),
        lineage=found.lineage,
        key=KEY,
        as_of=at + timedelta(weeks=1),
    )
    pd.testing.assert_frame_equal(after.persons, found.persons)
    pd.testing.assert_frame_equal(after.lineage, found.lineage)
    assert after.counts == dict.fromkeys(EVENTS, 0) | {"kept": len(found.persons)}


@settings(max_examples=25, deadline=None)
@given(week=WEEK, days=DAYS)
def test_without_a_memory_pseudonyms_are_the_hashes_of_first_records(week, days):
    frame = table(week, days)
    found = assign(frame, known=NOBODY, lineage=NOTHING, key=KEY, as_of=START)
    anchors = {
        group: min((days[record], record) for record in week if week[record] == group)[1]
        for group in set(frame["group"])
    }
    wanted = {group: pseudonyms([anchor], KEY)[0] for group, anchor in anchors.items()}
    assert dict(zip(found.persons["group"], found.persons["person_id"], strict=True)) == wanted
