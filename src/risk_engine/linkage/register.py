"""The register: which pseudonym each group of records keeps from week to week, and what happened.

Linkage begins each week with records and ends with groups of them. Groups change as records arrive,
go and are linked otherwise, while a person's pseudonym should not. So each person of the week
before *nominates* the group that holds most of their records, and the group keeps the oldest
pseudonym nominated for it. Whatever is issued, merged, split or retired is a row of the lineage.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from risk_engine.errors import InputError
from risk_engine.linkage.keys import pseudonyms

Ints = npt.NDArray[np.int64]

#: One row an event, sorted by all columns but the last. ``other`` is whom the person was merged
#: into, or who now holds the records that were split off; null where nobody. ``records``: how many
#: of this week's are concerned (of a retired person: how many there were the week before). Neither
#: a record nor a name is in it.
LINEAGE = pa.schema(
    [
        ("as_of", pa.timestamp("us")),
        ("person_id", pa.string()),
        ("event", pa.string()),
        ("other", pa.string()),
        ("records", pa.int64()),
    ]
)
_TYPES = {
    "as_of": "datetime64[us]",
    "person_id": "str",
    "event": "str",
    "other": "str",
    "records": "int64",
}


@dataclass(frozen=True)
class Assigned:
    """Who each group of records is.

    Attributes
    ----------
    persons
        ``group, person_id``: one row a group, sorted by group.
    lineage
        Columns of `LINEAGE`: all rows there were before, and those of this week.
    counts
        People this week: ``kept`` (pseudonyms of the week before that still name a group),
        ``merged`` and ``retired`` (those that no longer do; with ``kept`` they are everybody of the
        week before), ``issued`` (with ``kept`` they are all groups), and ``split`` (people of the
        week before who lost records to another pseudonym, whatever else became of them).
    """

    persons: pd.DataFrame
    lineage: pd.DataFrame
    counts: dict[str, int]


def assign(
    groups: pd.DataFrame,
    *,
    known: pd.DataFrame,
    lineage: pd.DataFrame,
    key: bytes,
    as_of: datetime,
) -> Assigned:
    """Give each group of records its pseudonym: the one it had, or a new one.

    Each person of `known` nominates the group that holds most of their records (of equally many,
    the one with the smallest of these ``record_id``). A group keeps the nominating pseudonym that
    was issued first (then: whose first record, by ``known_at`` and ``record_id``, is first); the
    others are *merged* into it. Records of a person in any other group were *split* off. A person
    with no record left is *retired*. A group that nobody nominated gets a new pseudonym, the keyed
    hash of its first record; where that was ever issued before, the hash of the record and the
    first free counter.

    Nothing depends on the order of rows or on what groups are called.

    Parameters
    ----------
    groups
        ``record_id, group, known_at``: this week's records, each once, and the group each is in.
    known
        ``record_id, person_id`` of the week before; empty when there was none, or when the key
        was rotated since. Then every group gets the plain hash of its first record.
    lineage
        Columns of `LINEAGE`: everything that happened before; empty at first.
    key
        What `keys.read_key` gave; the one that `known` was made with.
    as_of
        First instant not known this week; not before that of any row of `lineage`.

    Raises
    ------
    InputError
        ``REGISTER_RECORDS`` if a record is twice or without a group or person, ``REGISTER_TIME`` if
        `lineage` is of a later week, ``REGISTER_ENDED`` if it says that a person of `known` was
        merged or retired.

    Notes
    -----
    Records that come back after their person was retired make a new person. Whose they were is no
    longer known, since the lineage holds no records, and the first record alone does not tell: it
    may have been split off before. An old pseudonym could so come to mean somebody else, while a
    new one only cuts a history short. A person who was merged does not come back either: if the
    records are told apart again, the part that loses gets a new pseudonym.

    A pseudonym may outlive the record it was made of. So the register needs its memory: without
    `known` such a person gets another pseudonym.

    The rule is that of record linkage services which keep identifiers over time; ties are broken so
    that the result is one and the same wherever it is computed.
    """
    moment, past = pd.Timestamp(as_of).as_unit("us"), lineage[list(_TYPES)].astype(_TYPES)
    places, record_ids = pd.factorize(
        pd.concat([groups["record_id"], known["record_id"]]), sort=True
    )  # from here on a record is its place among all by record_id: the smaller one is first
    rows, labels = _rows(groups, places[: len(groups)])
    before, people = _before(known, places[len(groups) :], past)
    _check_lineage(past, people, moment)
    parts = _parts(rows.merge(before, on="place"), people)
    new = _new(rows, parts)
    ever = pd.concat([known["person_id"], past["person_id"], past["other"]]).dropna()
    new["person_id"] = _never_issued(record_ids[new["place"]].tolist(), ever.tolist(), key)
    named = pd.concat([parts[parts["kept"]], new]).set_index("group")["person_id"].sort_index()
    parts["other"] = named.loc[parts["group"]].to_numpy()
    gone = people.loc[~people.index.isin(parts["person"])]
    events = {
        "issued": new,
        "merged": parts[parts["nominated"] & ~parts["kept"]],
        "split": parts[~parts["nominated"]],
        "retired": gone,
    }
    counts = {event: frame["person_id"].nunique() for event, frame in events.items()}
    return Assigned(
        pd.DataFrame({"group": labels, "person_id": named.array}),
        _continued(past, events, moment),
        {**counts, "kept": int(parts["kept"].sum())},
    )


def _rows(groups: pd.DataFrame, places: Ints) -> tuple[pd.DataFrame, pd.Index]:
    """Return ``place, group, known_at`` by place, with groups as numbers, and their names."""
    codes, labels = pd.factorize(groups["group"], sort=True)
    _check_records("groups", places, codes)
    rows = pd.DataFrame({"place": places, "group": codes, "known_at": groups["known_at"].array})
    return rows.sort_values("place", ignore_index=True), pd.Index(labels)


def _before(
    known: pd.DataFrame, places: Ints, past: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the week before: ``place, person``, and its people by number.

    Returns
    -------
    tuple
        The people have ``person_id, records, issued_at``. Who was issued before there was a lineage
        has no ``issued_at``, and is older than who has.
    """
    codes, names = pd.factorize(known["person_id"], sort=True)
    _check_records("known", places, codes)
    before = pd.DataFrame({"place": places, "person": codes})
    issued = past[past["event"] == "issued"].groupby("person_id")["as_of"].min()
    people = pd.DataFrame({"person_id": names, "records": before.groupby("person").size()})
    return before, people.assign(issued_at=issued.reindex(names).to_numpy())


def _parts(shared: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Say what part of each person of the week before is in which group now.

    Parameters
    ----------
    shared
        ``person, group, known_at, place`` of the records that are there in both weeks.

    Returns
    -------
    pandas.DataFrame
        ``person, person_id, group, records``; ``nominated``: the part that the pseudonym goes with,
        one a person; ``kept``: the group keeps it, one a group at most.
    """
    by_part = shared.groupby(["person", "group"])["place"]
    parts = pd.DataFrame({"records": by_part.size(), "first": by_part.min()}).reset_index()
    parts = parts.sort_values(["person", "records", "first"], ascending=[True, False, True])
    parts["nominated"] = ~parts.duplicated("person")
    firsts = shared.sort_values(["known_at", "place"]).drop_duplicates("person")
    parts = parts.merge(firsts[["person", "known_at", "place"]], on="person")
    parts = parts.join(people[["person_id", "issued_at"]], on="person")
    rivals = parts[parts["nominated"]].sort_values(
        ["group", "issued_at", "known_at", "place"], na_position="first"
    )
    keepers = rivals.index[~rivals.duplicated("group")]
    parts["kept"] = parts.index.isin(keepers)
    return parts.drop(columns=["first", "known_at", "place", "issued_at"])


def _new(rows: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """Return the groups that keep nobody's pseudonym: ``group, records, place`` of the first."""
    kept = parts.loc[parts["kept"], "group"]
    left = rows[~rows["group"].isin(kept)].sort_values(["known_at", "place"])
    first = left.drop_duplicates("group")[["group", "place"]]
    return first.assign(records=first["group"].map(left.groupby("group").size()), other=None)


def _never_issued(anchors: list[str], ever: Iterable[str], key: bytes) -> list[str]:
    """Return a pseudonym for each anchor that is neither in `ever` nor another's."""
    taken, found = set(ever), []
    for anchor, plain in zip(anchors, pseudonyms(anchors, key), strict=True):
        free, counter = plain, 0
        while free in taken:
            counter += 1
            (free,) = pseudonyms([f"{anchor}#{counter}"], key)
        taken.add(free)
        found.append(free)
    return found


def _continued(
    past: pd.DataFrame, events: dict[str, pd.DataFrame], as_of: pd.Timestamp
) -> pd.DataFrame:
    """Add this week's events to the lineage."""
    frames = [
        frame.assign(as_of=as_of, event=event).reindex(columns=list(_TYPES)).astype(_TYPES)
        for event, frame in events.items()
    ]
    return pd.concat([past, *frames]).sort_values(list(_TYPES)[:-1], ignore_index=True)


def _check_records(table: str, places: Ints, whose: Ints) -> None:
    """Refuse a record that is there twice, or that lacks its id or whom it belongs to (-1)."""
    lacking = int(((places < 0) | (whose < 0)).sum())
    there = places[places >= 0]
    twice = len(there) - int(np.count_nonzero(np.bincount(there)))
    if lacking or twice:
        raise InputError(
            f"register: of {len(places):,} rows of '{table}' {twice:,} repeat a record_id and "
            f"{lacking:,} lack a value; allowed is each record once, with whom it belongs to",
            code="REGISTER_RECORDS",
        )


def _check_lineage(past: pd.DataFrame, people: pd.DataFrame, as_of: pd.Timestamp) -> None:
    if (past["as_of"] > as_of).any():
        raise InputError(
            f"register: the lineage goes to {past['as_of'].max()}, later than {as_of}",
            hint="go on from a run of an earlier week",
            code="REGISTER_TIME",
        )
    ended = past.loc[past["event"].isin(["merged", "retired"]), "person_id"]
    if back := people["person_id"].isin(ended).sum():
        raise InputError(
            f"register: {back:,} people of the week before were merged or retired by the lineage",
            hint="links and lineage must be those of one run",
            code="REGISTER_ENDED",
        )
