"""Any table of records linked or deduplicated: a column mapping in, one person a record out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from risk_engine.config.linkage import LinkageRules, TableColumns, TableSpec
from risk_engine.engine import Engine
from risk_engine.errors import InputError, suggest
from risk_engine.linkage import spelling
from risk_engine.linkage.quality import describe_scoring, pairwise
from risk_engine.linkage.reading import check_columns
from risk_engine.linkage.resolve import Resolved, resolve
from risk_engine.linkage.scratch import Scratch

#: Identities are hashed in memory only: nothing of this is kept, so there is nothing to key.
_NO_KEY = b""
_PLAIN = ("sex", "postcode", "phone", "email")


@dataclass(frozen=True)
class LinkedTable:
    """Records of a table under the person each belongs to.

    Attributes
    ----------
    links
        ``record_id, person_id, match_weight``, one row a record in the order of the table.
        ``person_id`` is the smallest ``record_id`` of the person; ``match_weight`` the strongest
        link (log2 odds) of the record to another of the person, null where it is alone or the same
        in all fields as another.
    quality
        ``records, people``; ``pairs_compared`` (a pair that several blocking rules find counts with
        each); ``alone`` (records of which too little is known to link them), ``crowded`` (records
        that agree in everything with more others than a person can have),
        ``birth_dates_not_read`` (no date, a placeholder such as 1900-01-01, or another format);
        ``measured`` (`quality.pairwise`, None without ``truth``); and what
        `quality.describe_scoring` gives, further columns under their own names.
    """

    links: pd.DataFrame
    quality: dict[str, Any]


def merged(spec: TableSpec, usual: LinkageRules) -> TableSpec:
    """Fill what a table's own specification does not say from the usual one.

    A comparison that the specification gives replaces the usual one of that field; blocking,
    training and the rest replace the usual ones as a whole.
    """
    given = {name: getattr(spec, name) for name in spec.model_fields_set}
    taken = {name: getattr(usual, name) for name in usual.model_fields_set}
    both = {name: value for name, value in taken.items() if name in TableSpec.model_fields}
    compared = {**usual.comparisons, **spec.comparisons}
    return TableSpec.model_construct(**{**spec.__dict__, **both, **given, "comparisons": compared})


def columns_of(spec: TableSpec) -> dict[str, str]:
    """Return the columns that a specification needs, each with what it is for."""
    mapped = spec.columns.mapped().items()
    found = {column: f"columns.{name}" for name, columns in mapped for column in columns}
    return {**found, **({spec.truth: "truth"} if spec.truth else {})}


def link_table(frame: pd.DataFrame, spec: TableSpec, *, engine: Engine) -> LinkedTable:
    """Link the records of one table with each other.

    Parameters
    ----------
    frame
        One row a record, every cell as text or null.
    spec
        Column mapping and rules (`merged`).

    Raises
    ------
    InputError
        ``TABLE_COLUMN`` for a column that the table does not have, ``COLUMN_TWICE`` for one that
        it has twice, ``RECORD_TWICE`` if a record's name is missing or there twice,
        ``TABLE_SOURCE`` for sources that the table does not have.
    """
    check_columns(list(frame.columns), columns_of(spec), "the table")
    _check_ids(frame, spec.columns.record_id)
    others = _other_names(spec.columns.other)
    records = _records(frame, spec, others)
    apart = _sources_apart(records["source"], spec)
    records["apart"] = records["record_id"].where(records["source"].isin(apart))
    fields = [name for name in records.columns if name not in _KEPT]
    with Scratch(engine) as scratch:
        shown = scratch.frame(records, _schema(fields))
        ids = records["record_id"]
        del records  # a million rows are a quarter of a gigabyte, and Arrow has a copy
        found = resolve(
            shown,
            fields,
            rules=spec,
            engine=engine,
            scratch=scratch,
            key=_NO_KEY,
            seed=spec.seed,
            one_to_one=apart,
            number_in_source="record_id",
        )
        told = found.records.select("record_id", "group", "weight").to_pyarrow().to_pandas()
        quality = _counts(found, frame, spec.columns.birth_date) | _named(
            describe_scoring(found, spec), others
        )
    links = _in_order(told, ids)
    people = int(links["person_id"].nunique())
    measured = _measured(frame[spec.truth], links) if spec.truth else None
    return LinkedTable(
        links, {"records": len(links), "people": people, "measured": measured, **quality}
    )


_KEPT: dict[str, pa.DataType] = {
    "record_id": pa.string(),
    "source": pa.string(),
    "shared_key": pa.string(),
    "apart": pa.string(),
    "known_at": pa.timestamp("us"),
}


def _schema(fields: Sequence[str]) -> pa.Schema:
    return pa.schema([*_KEPT.items(), *((name, pa.string()) for name in fields)])


def _check_ids(frame: pd.DataFrame, column: str) -> None:
    ids = frame[column]
    if missing := int(ids.isna().sum()):
        raise InputError(
            f"{missing:,} rows have no '{column}'; the first is row {_first(ids.isna())}",
            code="RECORD_TWICE",
            hint="give every record a name of its own",
        )
    again = ids.duplicated()
    if twice := int(again.sum()):
        raise InputError(
            f"'{column}' must name each record once, but {twice:,} rows have one that an earlier "
            f"row has; the first is row {_first(again)}",
            code="RECORD_TWICE",
            hint="take the copies out, or give them names of their own",
        )


def _first(marked: pd.Series) -> int:
    """Return the first marked row, counted from 1 without the header."""
    return int(marked.to_numpy().argmax()) + 1


def _sources_apart(source: pd.Series, spec: TableSpec) -> list[str]:
    """Return the sources in which no two records are one person."""
    there = sorted(source.dropna().unique())
    if spec.link == "between":
        if len(there) < 2 or source.isna().any():
            raise InputError(
                f"'link: between' needs two sources or more, named in every row; "
                f"there are {len(there)}",
                code="TABLE_SOURCE",
                hint="give columns.source, or several --table",
            )
        return there
    for name in spec.one_to_one:
        if name not in there:
            raise InputError(
                f"one_to_one: no record is of the source '{name}'{suggest(name, there)}",
                code="TABLE_SOURCE",
                hint="a source is what columns.source says, else the file without its ending",
            )
    return list(spec.one_to_one)


def _other_names(columns: Sequence[str]) -> dict[str, str]:
    """Name further columns so that the database takes them; messages show the name, too."""
    plain = [re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_") for column in columns]
    pairs = enumerate(zip(plain, columns, strict=True), 1)
    return {f"other_{n}_{name}".rstrip("_"): column for n, (name, column) in pairs}


def _records(frame: pd.DataFrame, spec: TableSpec, others: Mapping[str, str]) -> pd.DataFrame:
    """Bring the mapped columns under the names that linkage knows."""
    columns = spec.columns
    made: dict[str, pd.Series] = {
        "record_id": frame[columns.record_id].astype("str"),
        "source": _joined(frame, columns.source),
        **_names(frame, columns),
    }
    if columns.birth_date:
        made["birth_date"] = _dates(frame[columns.birth_date], spec.birth_date_format)
    for name in _PLAIN:
        if column := getattr(columns, name):
            made[name] = frame[column]
    for name in ("place", "address"):
        if value := getattr(columns, name):
            made[name] = _joined(frame, value)
    made |= {name: frame[column] for name, column in others.items()}
    return pd.DataFrame(made).assign(shared_key=None, known_at=pd.Series(dtype="datetime64[us]"))


def _names(frame: pd.DataFrame, columns: TableColumns) -> Mapping[str, pd.Series]:
    if columns.full_name:
        return _split(frame[columns.full_name])
    given = [*_many(columns.first_name), *_many(columns.middle_name)]
    found = {}
    if given:
        found["first_name"] = _joined(frame, given)
    if columns.last_name:
        found["last_name"] = _joined(frame, columns.last_name)
    return found


def _split(full: pd.Series) -> Mapping[str, pd.Series]:
    """Split whole names, each distinct one once."""
    distinct = full.dropna().unique()
    parts = [spelling.split_full(str(name)) for name in distinct]
    return {
        name: full.map(pd.Series([part[at] for part in parts], distinct, dtype="str")).astype("str")
        for at, name in enumerate(("first_name", "last_name"))
    }


def _many(value: str | Sequence[str] | None) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def _joined(frame: pd.DataFrame, columns: str | Sequence[str] | None) -> pd.Series:
    """Write several columns one after another, those that are there; null where none is."""
    parts = [frame[column].astype("str") for column in _many(columns)]
    if len(parts) == 1:
        return parts[0]
    joined = pd.Series("", frame.index, dtype="str")
    for part in parts:
        joined = joined + " " + part.fillna("")
    joined = joined.str.strip()
    return joined.where(joined != "")


def _dates(written: pd.Series, form: str | None) -> pd.Series:
    """Bring birth dates to ISO, each distinct one once; what has another format is unknown."""
    if form is None:
        return written
    distinct = pd.Series(written.dropna().unique(), dtype="str")
    read = pd.to_datetime(distinct, format=form, errors="coerce").dt.strftime("%Y-%m-%d")
    return written.map(read.set_axis(distinct)).astype("str")


def _counts(found: Resolved, frame: pd.DataFrame, born: str | None) -> dict[str, Any]:
    used = [rule.pairs for rule in found.scored.rules if not rule.skipped]
    table = found.records
    alone = table.alone & ~table.crowded
    return {
        "pairs_compared": sum(used),
        "alone": _count(alone),
        "crowded": _count(table.crowded),
        "birth_dates_not_read": _not_read(found, frame[born]) if born else 0,
    }


def _not_read(found: Resolved, written: pd.Series) -> int:
    return int(written.notna().sum()) - _count(found.records.birth_date.notnull())


def _count(mark: ir.BooleanValue) -> int:
    return int(mark.cast("int64").sum().to_pyarrow().as_py() or 0)


def _named(quality: dict[str, Any], others: Mapping[str, str]) -> dict[str, Any]:
    """Put the table's own names in place of those the database has for further columns."""
    for rule in quality["rules"]:
        rule["rule"] = " + ".join(others.get(name, name) for name in rule["rule"].split(" + "))
    for level in quality["model"]["levels"]:
        level["comparison"] = others.get(level["comparison"], level["comparison"])
    return quality


def _in_order(told: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    told["person_id"] = told.groupby("group")["record_id"].transform("min")
    ordered = told.set_index("record_id").loc[ids]
    return ordered.reset_index().rename(columns={"weight": "match_weight"})[
        ["record_id", "person_id", "match_weight"]
    ]


def _measured(truth: pd.Series, links: pd.DataFrame) -> dict[str, float]:
    """Measure the links on the records whose person is known."""
    known = truth.notna().to_numpy()
    return pairwise(truth[known], links["person_id"][known])
