"""The register by example: who keeps a pseudonym when groups of records change."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pyarrow as pa
import pytest

from risk_engine.errors import InputError
from risk_engine.linkage.keys import pseudonyms
from risk_engine.linkage.register import LINEAGE, assign

KEY = b"k" * 32
START = datetime.fromisoformat("2026-01-05")
NOBODY = pd.DataFrame({"record_id": [], "person_id": []}, dtype="str")


def nothing():
    return LINEAGE.empty_table().to_pandas()


def records(*groups, step=1):
    """Records named by letters, each known so many days after the one before in the alphabet."""
    rows = [
        (letter, name, pd.Timestamp("2024-01-01") + pd.Timedelta(days=step * ord(letter)))
        for name, letters in enumerate(groups)
        for letter in letters
    ]
    frame = pd.DataFrame(rows, columns=["record_id", "group", "known_at"])
    return frame.astype({"record_id": "str", "known_at": "datetime64[us]"})


def plain(letter):
    return pseudonyms([letter], KEY)[0]


class Weeks:
    """A register through the weeks."""

    def __init__(self):
        self.known, self.lineage, self.at = NOBODY, nothing(), START

    def next(self, *groups, step=1):
        frame = records(*groups, step=step)
        found = assign(frame, known=self.known, lineage=self.lineage, key=KEY, as_of=self.at)
        latest = found.lineage.merge(self.lineage, how="left", indicator=True)
        latest = latest[latest.pop("_merge") == "left_only"]
        assert len(latest) == len(found.lineage) - len(self.lineage)
        assert (latest["as_of"] == self.at).all()
        self.counts = {name: count for name, count in found.counts.items() if count}
        self.known = frame.merge(found.persons, on="group")[["record_id", "person_id"]]
        self.lineage, self.at = found.lineage, self.at + timedelta(weeks=1)
        self.events = {
            (row.event, row.person_id, row.other if isinstance(row.other, str) else None): row[-1]
            for row in latest.itertuples(index=False)
        }
        return found.persons["person_id"].tolist()


@pytest.fixture
def weeks():
    return Weeks()


def test_at_first_everybody_is_issued_the_hash_of_the_first_record_known(weeks):
    assert weeks.next("ba", "c") == [plain("a"), plain("c")]
    assert weeks.events == {("issued", plain("a"), None): 2, ("issued", plain("c"), None): 1}
    assert weeks.counts == {"issued": 2}


def test_of_records_known_at_one_instant_the_smaller_is_first(weeks):
    assert weeks.next("cab", step=0) == [plain("a")]


def test_the_first_record_is_the_one_known_first_not_the_smallest(weeks):
    assert weeks.next("ab", step=-1) == [plain("b")]


def test_an_unchanged_week_adds_nothing_to_the_lineage(weeks):
    first = weeks.next("ab", "cd")
    assert weeks.next("ab", "cd") == first
    assert (weeks.events, weeks.counts) == ({}, {"kept": 2})


def test_a_pseudonym_outlives_the_record_it_was_made_of(weeks):
    weeks.next("abc")
    assert weeks.next("bcd") == [plain("a")]
    assert weeks.next("cd") == [plain("a")]
    assert weeks.counts == {"kept": 1}


def test_the_group_with_most_records_of_a_person_keeps_the_pseudonym(weeks):
    weeks.next("abcde")
    new = pseudonyms(["a#1"], KEY)[0]  # the hash of its first record was issued before
    assert weeks.next("ab", "cde") == [new, plain("a")]
    assert weeks.events == {("issued", new, None): 2, ("split", plain("a"), new): 2}
    assert weeks.counts == {"issued": 1, "split": 1, "kept": 1}


def test_of_equal_parts_the_one_with_the_smallest_record_keeps_it(weeks):
    weeks.next("abcd")
    assert weeks.next("bc", "ad")[1] == plain("a")


def test_only_parts_of_that_size_count_where_they_are_equal(weeks):
    weeks.next("abcde")
    assert weeks.next("a", "ce", "bd")[2] == plain("a")


def test_the_pseudonym_issued_first_takes_the_others_over(weeks):
    weeks.next("z")
    weeks.next("z", "abc")
    assert weeks.next("zabcd") == [plain("z")]
    assert weeks.events == {("merged", plain("a"), plain("z")): 3}
    assert weeks.counts == {"merged": 1, "kept": 1}


def test_of_pseudonyms_issued_together_the_first_known_takes_the_other_over(weeks):
    weeks.next("bcd", "a")
    assert weeks.next("abcd") == [plain("a")]
    weeks = Weeks()
    weeks.next("a", "b", step=-1)
    assert weeks.next("ab", step=-1) == [plain("b")]


def test_who_was_issued_before_there_was_a_lineage_is_oldest(weeks):
    weeks.next("b")
    older = pd.DataFrame({"record_id": ["c"], "person_id": ["P-older"]}, dtype="str")
    weeks.known = pd.concat([weeks.known, older])
    assert weeks.next("bc") == ["P-older"]


def test_a_part_may_go_to_somebody_who_is_there_already(weeks):
    weeks.next("abc", "def")
    assert weeks.next("ab", "cdef") == [plain("a"), plain("d")]
    assert weeks.events == {("split", plain("a"), plain("d")): 1}
    assert weeks.counts == {"split": 1, "kept": 2}


def test_who_is_merged_may_lose_records_to_others_too(weeks):
    weeks.next("z")
    weeks.next("z", "abcd")
    assert weeks.next("zabc", "d") == [plain("z"), plain("d")]
    assert weeks.events == {
        ("merged", plain("a"), plain("z")): 3,
        ("issued", plain("d"), None): 1,
        ("split", plain("a"), plain("d")): 1,
    }
    assert weeks.counts == {"issued": 1, "merged": 1, "split": 1, "kept": 1}


def test_who_was_merged_is_not_brought_back_by_telling_them_apart_again(weeks):
    weeks.next("abc", "de")
    weeks.next("abcde")
    assert weeks.next("abc", "de") == [plain("a"), pseudonyms(["d#1"], KEY)[0]]


def test_records_that_come_back_after_their_person_was_retired_make_a_new_person(weeks):
    weeks.next("a", "bc")
    weeks.next("a")
    assert weeks.events == {("retired", plain("b"), None): 2}
    assert weeks.counts == {"retired": 1, "kept": 1}
    assert weeks.next("a", "bc")[1] == pseudonyms(["b#1"], KEY)[0]
    weeks.next("a")
    assert weeks.next("a", "bc")[1] == pseudonyms(["b#2"], KEY)[0]


def test_two_new_people_never_get_one_pseudonym(weeks):
    """Not even where the hash with a counter is that of another record's plain id."""
    weeks.next("a")
    weeks.next()
    frame = records("ab").assign(record_id=["a", "a#1"], group=[0, 1])
    found = assign(frame, known=NOBODY, lineage=weeks.lineage, key=KEY, as_of=weeks.at)
    assert found.persons["person_id"].tolist() == pseudonyms(["a#1", "a#1#1"], KEY)


def test_no_records_at_all_retire_everybody(weeks):
    weeks.next("a", "b")
    assert weeks.next() == []
    assert weeks.counts == {"retired": 2}


def test_the_lineage_is_sorted_and_holds_no_record_and_survives_parquet(weeks, tmp_path):
    for groups in (["ab", "cd", "ef"], ["abc", "d", "ef"], ["abcd"], ["ab", "cd", "g"]):
        weeks.next(*groups)
    weeks.lineage.to_parquet(tmp_path / "lineage.parquet", index=False)
    read = pd.read_parquet(tmp_path / "lineage.parquet")
    pd.testing.assert_frame_equal(read, weeks.lineage)
    types = pa.Table.from_pandas(weeks.lineage, preserve_index=False).schema
    assert types.names == LINEAGE.names
    assert types.field("as_of").type == LINEAGE.field("as_of").type
    order = read.sort_values(["as_of", "person_id", "event", "other"], ignore_index=True)
    pd.testing.assert_frame_equal(read, order)
    words = pd.concat([read["person_id"], read["other"].dropna()])
    assert words.str.fullmatch("P[0-9a-f]{24}").all()
    assert set(read["event"]) == {"issued", "merged", "split", "retired"}


def test_empty_tables_without_types_will_do():
    found = assign(
        records("a"),
        known=pd.DataFrame(columns=["record_id", "person_id"]),
        lineage=pd.DataFrame(columns=LINEAGE.names),
        key=KEY,
        as_of=START,
    )
    assert found.persons.to_dict("records") == [{"group": 0, "person_id": plain("a")}]
    assert found.lineage.dtypes.to_dict() == nothing().dtypes.to_dict()


def test_groups_may_have_names():
    frame = records("b", "a").assign(group=["cluster 7", "cluster 10"])
    found = assign(frame, known=NOBODY, lineage=nothing(), key=KEY, as_of=START)
    assert found.persons.to_dict("records") == [
        {"group": "cluster 10", "person_id": plain("a")},
        {"group": "cluster 7", "person_id": plain("b")},
    ]


def test_what_is_given_is_left_as_it_was(weeks):
    weeks.next("ab", "c")
    given = records("a", "bcd"), weeks.known, weeks.lineage
    before = [frame.copy() for frame in given]
    assign(given[0], known=given[1], lineage=given[2], key=KEY, as_of=weeks.at)
    for frame, copy in zip(given, before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda frame: frame.assign(record_id=["a", "a"]), "1 repeat a record_id and 0 lack"),
        (lambda frame: frame.assign(record_id=["a", None]), "0 repeat a record_id and 1 lack"),
        (lambda frame: frame.assign(group=["x", None]), "0 repeat a record_id and 1 lack"),
    ],
)
def test_a_record_is_there_once_and_in_a_group(change, found):
    with pytest.raises(InputError, match=found) as error:
        assign(change(records("ab")), known=NOBODY, lineage=nothing(), key=KEY, as_of=START)
    assert error.value.code == "REGISTER_RECORDS"
    assert "'groups'" in str(error.value)


@pytest.mark.parametrize("rows", [[("a", "P1"), ("a", "P2")], [("a", None)], [(None, "P1")]])
def test_a_record_of_the_week_before_has_one_person(rows):
    known = pd.DataFrame(rows, columns=["record_id", "person_id"], dtype="str")
    with pytest.raises(InputError, match="'known'") as error:
        assign(records("a"), known=known, lineage=nothing(), key=KEY, as_of=START)
    assert error.value.code == "REGISTER_RECORDS"


def test_a_lineage_of_a_later_week_is_refused(weeks):
    weeks.next("a")
    weeks.next("a", "b")
    weeks.at = START
    with pytest.raises(InputError, match="goes to 2026-01-12") as error:
        weeks.next("a")
    assert error.value.code == "REGISTER_TIME"


def test_a_week_may_be_done_again(weeks):
    weeks.next("a")
    weeks.at = START
    assert weeks.next("a", "b") == [plain("a"), plain("b")]


def test_links_and_lineage_of_different_runs_are_refused(weeks):
    weeks.next("a", "b")
    before = weeks.known
    weeks.next("ab")
    weeks.known = before
    with pytest.raises(InputError, match="1 people") as error:
        weeks.next("a", "b")
    assert error.value.code == "REGISTER_ENDED"
