"""Judged rows -> the tables that leave the room, in the order of files and rows."""

# ruff: noqa: S608 - statements hold own table names and texts quoted in `sql`, never cells
from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis

from risk_engine.config import Contract
from risk_engine.config.contract import MeasureSpec
from risk_engine.events import PROTECTED_SCHEMA, RECORD_SCHEMA, SCHEMA
from risk_engine.partners.identifiers import by_incident, named
from risk_engine.partners.results import MEASURE_SCHEMA, QUARANTINE_SCHEMA
from risk_engine.partners.rules import column, written
from risk_engine.partners.sql import literal, texts
from risk_engine.partners.stage import Cells

#: Tables as large as the sources: they go to Parquet as they are made, so that memory is bounded.
LARGE = {"events": SCHEMA, "records": RECORD_SCHEMA, "protected": PROTECTED_SCHEMA}
#: Attributes lie in the files as lists of entries and become maps when they are read: a map costs
#: three times as much to make, and most readers look at no attribute.
_IN_FILES = {"attributes": "array<struct<key: string, value: string>>"}
_AS_READ = {"events": "* REPLACE (map_from_entries(attributes) AS attributes)"}
SMALL = {"measures": MEASURE_SCHEMA, "quarantine": QUARANTINE_SCHEMA}
_NAMED = ("first_name", "last_name", "birth_date", "sex", "postcode", "shared_key")
#: A row that holds none of these names nobody, and is no record to link.
_IDENTIFYING = ("first_name", "last_name", "birth_date", "shared_key")


@dataclass(frozen=True)
class Output:
    """The tables, filled source by source.

    Attributes
    ----------
    prefix
        Start of the names of the tables that the database holds.
    folder
        Where the Parquet files of the large tables go; removed with the engine.
    key
        Secret of the keyed identifiers, in hexadecimal.
    """

    connection: duckdb.DuckDBPyConnection
    prefix: str
    folder: Path
    key: str

    def create(self) -> None:
        """Make the small tables, empty, and one empty file of each large one."""
        for name, schema in SMALL.items():
            self.connection.execute(f"CREATE TEMP TABLE {self.prefix}_{name} ({_columns(schema)})")
        for name, schema in LARGE.items():
            (self.folder / name).mkdir(parents=True)
            nothing = ", ".join(
                f'NULL::{_sql_type(kind)} AS "{column}"'
                for column, kind in ibis.schema(_in_files(schema)).items()
            )
            self._copy(name, "", f"SELECT {nothing} WHERE false")

    def view(self) -> None:
        """Make each large table a view of its files, in the order of sources, files and rows."""
        for name in LARGE:
            files = sorted(map(str, (self.folder / name).glob("*.parquet")))
            self.connection.execute(
                f"CREATE TEMP VIEW {self.prefix}_{name} AS "
                f"SELECT {_AS_READ.get(name, '*')} FROM read_parquet({texts(files)})"
            )

    def drop(self) -> None:
        """Leave nothing behind."""
        for name in LARGE:
            self.connection.execute(f"DROP VIEW IF EXISTS {self.prefix}_{name}")
        for name in SMALL:
            self.connection.execute(f"DROP TABLE IF EXISTS {self.prefix}_{name}")
        shutil.rmtree(self.folder, ignore_errors=True)

    def add(self, contract: Contract, rows: str) -> None:
        """Add the rows of one source.

        Parameters
        ----------
        rows
            The judged rows that are used, with their ``event_id``.
        """
        if contract.measures:
            self._add_measures(contract, contract.measures, rows)
            return
        self._add_events(contract, rows)
        self._add_records(contract, rows)
        self._add_protected(contract, rows)

    def set_aside(self, source: str, file: str, *, outcomes: str, cells: Cells) -> None:
        """Add the rows of one file that were set aside or repaired, with every cell as sent.

        Parameters
        ----------
        outcomes
            Query for ``row, outcome, codes``; codes as ``CODE:field``.
        """
        names = texts(_distinct(cells.header))
        self.connection.execute(
            f"""
            INSERT INTO {self.prefix}_quarantine
            SELECT {literal(source)}, {literal(file)}, row, outcome,
                list_transform(codes, lambda f: split_part(f, ':', 1)),
                list_transform(codes, lambda f: split_part(f, ':', 2)),
                to_json(map(list_transform(range(1, len(sent) + 1),
                    lambda i: coalesce({names}[i], 'column ' || i)), sent))
            FROM (
                SELECT row, outcome, codes, {cells.row} AS sent
                FROM (SELECT row_number() OVER () AS row, * FROM {cells.relation})
                JOIN ({outcomes}) USING (row)
            )
            ORDER BY row, outcome
            """
        )

    def _add_events(self, contract: Contract, rows: str) -> None:
        event, name = contract.record, named(contract)
        incident = name
        if event.incident:
            shared = by_incident(contract, event.incident)
            incident = f"CASE WHEN f_{event.incident} IS NULL THEN {name} ELSE {shared} END"
        self._copy(
            "events",
            contract.source,
            f"""
            SELECT {name}, {name if contract.person or contract.protected else "NULL"},
                {incident}, {literal(contract.source)}, kind, role, occurred_at, known_at,
                {literal(event.precision)}, easting, northing, area_code,
                {literal(contract.discovery)}, {_attributes(contract)}
            FROM {rows}
            """,
        )

    def _add_records(self, contract: Contract, rows: str) -> None:
        person = contract.person
        if person is None:
            return
        mapped = {name: getattr(person, name) for name in _NAMED}
        cells = {
            name: written(field, contract.fields[field]) if field else "NULL::VARCHAR"
            for name, field in mapped.items()
        }
        names_somebody = f"coalesce({', '.join(cells[name] for name in _IDENTIFYING)}, NULL)"
        self._copy(
            "records",
            contract.source,
            f"SELECT {named(contract)}, {literal(contract.source)}, {', '.join(cells.values())}, "
            f"home_easting, home_northing, known_at FROM {rows} "
            f"WHERE {names_somebody} IS NOT NULL",
        )

    def _add_protected(self, contract: Contract, rows: str) -> None:
        if not contract.protected:
            return
        held = ", ".join(
            f"{{'c': {literal(spec.characteristic)}, "
            f"'v': {written(spec.field, contract.fields[spec.field])}, "
            f"'b': {literal(spec.recorded_by)}}}"
            for spec in contract.protected
        )
        self._copy(
            "protected",
            contract.source,
            "SELECT id, held.c, held.v, held.b, known_at FROM (SELECT "
            f"{named(contract)} AS id, known_at, unnest([{held}]) AS held FROM {rows}) "
            "WHERE held.v IS NOT NULL",
        )

    def _copy(self, name: str, part: str, query: str) -> None:
        """Write a query's columns, in their order, as a part of a large table."""
        folder, schema = self.folder / name, ibis.schema(_in_files(LARGE[name]))
        typed = ", ".join(f'"{c}"::{_sql_type(kind)} AS "{c}"' for c, kind in schema.items())
        columns = ", ".join(f'"{column}"' for column in schema)
        path = folder / f"{len(list(folder.iterdir())):04d}-{part}.parquet"
        self.connection.execute(
            f"COPY (SELECT {typed} FROM ({query}) AS made({columns})) "
            f"TO {literal(str(path))} (FORMAT parquet)",
            {"key": self.key} if "$key" in query else None,
        )

    def _add_measures(self, contract: Contract, spec: MeasureSpec, rows: str) -> None:
        """One row a measure; a number that was not given stays, as missing."""
        category = "NULL"
        if spec.category:
            category = column(spec.category, contract.fields[spec.category])
        zone = column(spec.zone, contract.fields[spec.zone])
        for measure, field in spec.values.items():
            self.connection.execute(
                f"INSERT INTO {self.prefix}_measures SELECT {literal(contract.source)}, "
                f"{literal(spec.geography)}, {zone}, {literal(measure)}, {category}, "
                f"occurred_at, known_at, v_{field} FROM {rows}"
            )


def _attributes(contract: Contract) -> str:
    """Return the SQL of the list of attributes, those without a value left out."""
    fields = {name: written(name, contract.fields[name]) for name in contract.record.attributes}
    if not fields:
        return "[]"
    entries = ", ".join(
        f"{{'key': {literal(name)}, 'value': {text}}}" for name, text in fields.items()
    )
    return f"list_filter([{entries}], lambda e: e.value IS NOT NULL)"


def _in_files(schema: dict[str, str]) -> dict[str, str]:
    return {name: _IN_FILES.get(name, kind) for name, kind in schema.items()}


def _columns(schema: dict[str, str]) -> str:
    return ", ".join(
        f'"{column}" {_sql_type(kind)}{"" if kind.nullable else " NOT NULL"}'
        for column, kind in ibis.schema(schema).items()
    )


def _sql_type(kind: object) -> str:
    from ibis.backends.sql.datatypes import DuckDBType

    return str(DuckDBType.to_string(kind))


def _distinct(header: Sequence[str]) -> list[str]:
    """Tell repeated column names apart: a JSON object holds each name once."""
    names: list[str] = []
    for position, name in enumerate(header, start=1):
        names.append(name if name and name not in names else f"{name} (column {position})".strip())
    return names
