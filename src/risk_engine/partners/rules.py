"""Fields of a contract -> SQL: the typed value of a cell, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

from risk_engine.config import Contract
from risk_engine.config.contract import FieldSpec, PointSpec
from risk_engine.errors import ConfigError
from risk_engine.partners import repairs
from risk_engine.partners.sql import literal, texts

#: Formats tried where the contract names none.
_DEFAULT_FORMATS = {
    "date": ["%Y-%m-%d"],
    "datetime": [
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
    ],
    "month": ["%Y-%m"],
}
#: How a date, a time or a month is written where the contract names no format.
ISO = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%dT%H:%M:%S", "month": "%Y-%m"}
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
#: Years outside are placeholders (0001, 9999) rather than dates.
_YEARS = (1900, 2199)


def required_fields(contract: Contract) -> set[str]:
    """Return the fields without which a row cannot become an event."""
    event = contract.record
    needed = {name for name, spec in contract.fields.items() if spec.required}
    needed |= {event.occurred_at} if event.occurred_at else set()
    needed |= {contract.measures.zone} if contract.measures else set()
    needed |= {event.kind} if isinstance(event.kind, str) else set()
    needed |= {event.known_at} if event.known_at and not event.known_after else set()
    return needed if contract.key_optional else needed | set(contract.key)


def column(name: str, spec: FieldSpec) -> str:
    """Return the column of a field's value: the cell itself where it is plain text."""
    return f"f_{name}" if spec.type == "string" else f"v_{name}"


def stored(name: str, spec: FieldSpec) -> str:
    """Return the column in which a row keeps a field: of a code the place of its word."""
    return f"c_{name}" if spec.type == "code" else column(name, spec)


def words(spec: FieldSpec) -> list[str]:
    """Return the engine's words of a code field; a row keeps the place of its word among them."""
    return sorted(set(spec.codes.values()))


def word(name: str, spec: FieldSpec) -> str:
    """Return the word of a code field whose place among its words is ``c_<name>``."""
    return f"({texts(words(spec))})[c_{name}]"


def value(name: str, spec: FieldSpec, contract: Contract) -> str:
    """Return the value of the cell ``f_<name>`` by its type; null where missing or wrong.

    Of a code: the place of its word among `words`, from 1.
    """
    cell = f"f_{name}"
    if spec.type == "code":
        return places(cell, spec.codes, spec)
    if spec.type == "number":
        number = f"TRY_CAST({cell} AS DOUBLE)"
        valid = f"regexp_full_match({cell}, {literal(_NUMBER)}) AND isfinite({number})"
        return f"CASE WHEN {valid} THEN {number} END"
    return _moment(cell, spec, contract.timezone)


def places(cell: str, codes: Mapping[str, str], spec: FieldSpec) -> str:
    """Look up a cell among codes; the place of its word among all words of the field."""
    at = {word: place for place, word in enumerate(words(spec), start=1)}
    cases = " ".join(f"WHEN {literal(code)} THEN {at[word]}" for code, word in codes.items())
    return f"(CASE {cell} {cases} END)::USMALLINT" if cases else "NULL::USMALLINT"


def mended(name: str, spec: FieldSpec, contract: Contract) -> tuple[str, str] | None:
    """Return a repair's code and SQL for a cell whose value is null as it stands; None: no repair.

    The SQL reads ``f_<name>``.
    """
    cell = f"f_{name}"
    if spec.type == "code" and "code_case" in contract.repairs:
        plain = repairs.plain_codes(spec)
        return "CODE_CASE", places(repairs.plain(cell), plain, spec)
    if spec.type == "number" and "number_format" in contract.repairs:
        return "NUMBER_FORMAT", repairs.number(cell)
    if spec.type in ISO and "excel_date" in contract.repairs:
        return "EXCEL_DATE", repairs.serial_date(cell)
    return None


def fault(name: str, spec: FieldSpec, *, required: bool) -> tuple[str, str]:
    """Return what is wrong with a cell: the condition that anything is, and ``CODE:field``.

    The condition is never null; the text is null where nothing is wrong.
    """
    cell, typed = f"f_{name}", stored(name, spec)
    wrong = {"code": "UNKNOWN_CODE", "number": "BAD_NUMBER"}.get(spec.type, "BAD_DATE")
    cases = [(f"{cell} IS NULL", "REQUIRED_MISSING" if required else None)]
    if typed != cell:
        cases.append((f"{typed} IS NULL", wrong))
    cases += [(f"{limit}", "OUT_OF_RANGE") for limit in _limits(typed, spec)]
    if spec.pattern is not None:
        cases.append((f"NOT regexp_full_match({cell}, {literal(spec.pattern)})", "BAD_PATTERN"))
    whens = (f"WHEN {when} THEN {tagged(code, name)}" for when, code in cases)
    text = f"CASE {' '.join(whens)} END"
    sound = " OR ".join(when for when, _ in cases[1:])
    found = f"coalesce({cell} IS NOT NULL AND ({sound}), false)" if sound else "false"
    return f"({cell} IS NULL OR {found})" if required else found, text


def tagged(code: str | None, name: str) -> str:
    """Write a code with the field it concerns as a SQL literal."""
    return literal(f"{code}:{name}") if code else "NULL"


def written(name: str, spec: FieldSpec) -> str:
    """Return a field as text: codes as the engine's words, dates as ISO, others as sent."""
    if spec.type == "date":
        return f"v_{name}::DATE::VARCHAR"  # ISO, and quicker than strftime
    if spec.type in ISO:
        return f"strftime(v_{name}, {literal(ISO[spec.type])})"
    return f"v_{name}" if spec.type == "code" else f"f_{name}"


def as_sent(name: str, spec: FieldSpec) -> str:
    """Return the value of a typed field as text, near enough to what was sent."""
    if spec.type == "number":
        return f"regexp_replace(v_{name}::VARCHAR, '\\.0$', '')"
    return written(name, spec)


def filled_by(name: str, spec: FieldSpec, contract: Contract) -> str:
    """Return the column that is null exactly where a field of a sound row is."""
    return "key_id" if name == contract.lone_key else stored(name, spec)


def check_contract(contract: Contract, connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse a contract whose patterns, formats or field types cannot work.

    Raises
    ------
    ConfigError
        With every such fault, before any row is read.
    """
    faults = [*_expression_faults(contract, connection), *_type_faults(contract)]
    if faults:
        raise ConfigError(
            fault for text in faults for fault in ConfigError.one(text, file=contract.source).faults
        )


def _limits(typed: str, spec: FieldSpec) -> Iterable[str]:
    if spec.type == "number":
        yield from (f"{typed} < {spec.minimum!r}" for _ in range(spec.minimum is not None))
        yield from (f"{typed} > {spec.maximum!r}" for _ in range(spec.maximum is not None))


def _moment(cell: str, spec: FieldSpec, timezone: str) -> str:
    """Parse by the formats in order; a time with its own zone becomes local time."""
    tries = []
    for pattern in spec.formats or _DEFAULT_FORMATS[spec.type]:
        parsed = f"try_strptime({cell}, {literal(pattern)})"
        zoned = "%z" in pattern or "%Z" in pattern
        tries.append(f"timezone({literal(timezone)}, {parsed})" if zoned else parsed)
    first = f"coalesce({', '.join(tries)})"
    return f"CASE WHEN year({first}) BETWEEN {_YEARS[0]} AND {_YEARS[1]} THEN {first} END"


def _expression_faults(contract: Contract, connection: duckdb.DuckDBPyConnection) -> Iterable[str]:
    for name, spec in contract.fields.items():
        tests = [f"try_strptime('', {literal(pattern)})" for pattern in spec.formats]
        tests += [f"regexp_full_match('', {literal(spec.pattern)})"] if spec.pattern else []
        for test in tests:
            try:
                connection.execute(f"SELECT {test}")
            except duckdb.Error as error:
                yield f"field '{name}': {str(error).splitlines()[0]}"


def _type_faults(contract: Contract) -> Iterable[str]:
    for name, spec in contract.fields.items():
        if spec.type == "code" and not spec.codes:
            yield f"field '{name}': its code list was not read (load the contract with its project)"
    event = contract.record
    moments = [name for name in (event.occurred_at, event.known_at) if name]
    points = _points(contract)
    numbers = [axis for point in points for axis in (point.x, point.y)]
    measured = contract.measures.values.values() if contract.measures else ()
    for name in moments:
        if contract.fields[name].type not in _DEFAULT_FORMATS:
            yield f"field '{name}' says when: its type must be date, datetime or month"
    for name in numbers:
        if contract.fields[name].type != "number":
            yield f"field '{name}' is a coordinate: its type must be number"
    for name in measured:
        if contract.fields[name].type != "number":
            yield f"field '{name}' is a measure: its type must be number"


def _points(contract: Contract) -> list[PointSpec]:
    home = contract.person.home if contract.person else None
    return [point for point in (contract.record.point, home) if point]
