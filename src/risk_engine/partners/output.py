"""Judged rows -> the tables that leave the room: events, records, protected, quarantine.

No key of a partner leaves: identifiers are SHA-256 over the secret key and a SHA-256 over the key
and the partner's values, cut to 32 hexadecimal characters. The secret is always a bound parameter.
"""

# ruff: noqa: S608 - statements hold own table names and texts quoted in `sql`, never cells
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import ibis

from risk_engine.config import Contract
from risk_engine.events import PROTECTED_SCHEMA, RECORD_SCHEMA, SCHEMA
from risk_engine.partners.results import QUARANTINE_SCHEMA
from risk_engine.partners.rules import written
from risk_engine.partners.sql import literal, texts
from risk_engine.partners.stage import StagedFile

#: Table -> its schema, and the columns it is sorted by.
TABLES: dict[str, tuple[dict[str, str], str]] = {
    "events": (SCHEMA, "event_id"),
    "records": (RECORD_SCHEMA, "record_id"),
    "protected": (PROTECTED_SCHEMA, "record_id, characteristic, recorded_by, value"),
    "quarantine": (QUARANTINE_SCHEMA, "source, file, row"),
}
_NAMED = ("first_name", "last_name", "birth_date", "sex", "postcode", "shared_key")
#: A row that holds none of these names nobody, and is no record to link.
_IDENTIFYING = ("first_name", "last_name", "birth_date", "shared_key")


@dataclass(frozen=True)
class Output:
    """The four tables, filled source by source and sorted at the end.

    Attributes
    ----------
    prefix
        Start of the names of the tables.
    key
        Secret of the keyed identifiers, in hexadecimal.
    """

    connection: duckdb.DuckDBPyConnection
    prefix: str
    key: str

    def create(self) -> None:
        """Make the tables, empty."""
        for name, (schema, _) in TABLES.items():
            self._create(f"{self.prefix}_{name}_unsorted", schema, kind="TEMP TABLE")

    def add(self, contract: Contract, *, rows: str, accepted: str) -> None:
        """Add the accepted rows of one source.

        Parameters
        ----------
        rows
            Query for judged rows with the name of their ``file``; held drops left out.
        accepted
            Name of the table to make of them, with their ``event_id``.
        """
        self.connection.execute(
            f"CREATE TEMP TABLE {accepted} AS "
            f"SELECT *, {_event_id(contract)} AS event_id FROM ({rows})",
            {"key": self.key},
        )
        self._add_events(contract, accepted)
        self._add_records(contract, accepted)
        self._add_protected(contract, accepted)

    def quarantine(
        self, source: str, *, faults: str, raw: str, files: Sequence[StagedFile]
    ) -> None:
        """Add the rows set aside, with every cell as it was sent."""
        for file in files:
            names = texts(_distinct(file.header))
            self.connection.execute(
                f"""
                INSERT INTO {self.prefix}_quarantine_unsorted
                SELECT ?, ?, row,
                    list_transform(faults, lambda f: split_part(f, ':', 1)),
                    list_transform(faults, lambda f: split_part(f, ':', 2)),
                    to_json(map(list_transform(range(1, len(cells) + 1),
                        lambda i: coalesce({names}[i], 'column ' || i)), cells))
                FROM {raw} JOIN {faults} USING (file_no, row)
                WHERE file_no = {file.number}
                """,
                [source, file.path.name],
            )

    def finish(self) -> None:
        """Sort the tables, so that they do not depend on the order of rows in the files."""
        for name, (schema, order) in TABLES.items():
            table = f"{self.prefix}_{name}"
            self._create(table, schema)
            self.connection.execute(
                f"INSERT INTO {table} SELECT * FROM {table}_unsorted ORDER BY {order}"
            )
            self.connection.execute(f"DROP TABLE {table}_unsorted")

    def _create(self, table: str, schema: dict[str, str], kind: str = "TABLE") -> None:
        kinds = ibis.schema(schema)
        columns = ", ".join(
            f'"{name}" {_sql_type(dtype)}{"" if dtype.nullable else " NOT NULL"}'
            for name, dtype in kinds.items()
        )
        self.connection.execute(f"CREATE {kind} {table} ({columns})")

    def _add_events(self, contract: Contract, rows: str) -> None:
        event, incident = contract.record, "event_id"
        if event.incident:
            shared = _keyed(f"['incident', {literal(contract.source)}, f_{event.incident}]")
            incident = f"CASE WHEN f_{event.incident} IS NULL THEN event_id ELSE {shared} END"
        entries = ", ".join(
            f"{{'k': {literal(name)}, 'v': {written(name, contract.fields[name])}}}"
            for name in event.attributes
        )
        kept = f"list_filter([{entries}], lambda e: e.v IS NOT NULL)"
        attributes = f"map_from_entries({kept})" if entries else "MAP {}::MAP(VARCHAR, VARCHAR)"
        self.connection.execute(
            f"""
            INSERT INTO {self.prefix}_events_unsorted
            SELECT event_id, event_id, {incident}, {literal(contract.source)}, kind, role,
                occurred_at, known_at, {literal(event.precision)}, easting, northing, area_code,
                {literal(contract.discovery)}, {attributes}
            FROM {rows}
            """,
            {"key": self.key} if event.incident else None,
        )

    def _add_records(self, contract: Contract, rows: str) -> None:
        person = contract.person
        if person is None:
            return
        mapped = {name: getattr(person, name) for name in _NAMED}
        cells = {
            name: written(field, contract.fields[field]) if field else "NULL"
            for name, field in mapped.items()
        }
        names_somebody = f"coalesce({', '.join(cells[name] for name in _IDENTIFYING)}, NULL)"
        self.connection.execute(
            f"INSERT INTO {self.prefix}_records_unsorted "
            f"SELECT event_id, {literal(contract.source)}, {', '.join(cells.values())}, "
            f"home_easting, home_northing, known_at FROM {rows} "
            f"WHERE {names_somebody} IS NOT NULL"
        )

    def _add_protected(self, contract: Contract, rows: str) -> None:
        for spec in contract.protected:
            held = written(spec.field, contract.fields[spec.field])
            self.connection.execute(
                f"INSERT INTO {self.prefix}_protected_unsorted "
                f"SELECT event_id, {literal(spec.characteristic)}, {held}, "
                f"{literal(spec.recorded_by)}, known_at FROM {rows} WHERE {held} IS NOT NULL"
            )


def has_key(contract: Contract) -> str:
    """Return the condition under which a row has its whole key."""
    return " AND ".join(f"f_{name} IS NOT NULL" for name in contract.key)


def _event_id(contract: Contract) -> str:
    """Name a row by its key; a row without one by its file and row number."""
    source = literal(contract.source)
    cells = ", ".join(f"f_{name}" for name in contract.key)
    keyed = _keyed(f"['event', {source}, {cells}]")
    if not contract.key_optional:
        return keyed
    placed = _keyed(f"['row', {source}, file, row::VARCHAR]")
    return f"CASE WHEN {has_key(contract)} THEN {keyed} ELSE {placed} END"


def _keyed(values: str) -> str:
    # JSON keeps the values apart whatever characters they hold
    return f"left(sha256($key || sha256($key || to_json({values})::VARCHAR)), 32)"


def _sql_type(kind: object) -> str:
    from ibis.backends.sql.datatypes import DuckDBType

    return str(DuckDBType.to_string(kind))


def _distinct(header: Sequence[str]) -> list[str]:
    """Tell repeated column names apart: a JSON object holds each name once."""
    names: list[str] = []
    for position, name in enumerate(header, start=1):
        names.append(name if name and name not in names else f"{name} (column {position})".strip())
    return names
