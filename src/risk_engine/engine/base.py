"""What every engine can do, whichever database computes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis.backends import BaseBackend

from risk_engine.errors import RiskEngineError

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Dialect:
    """Names of the functions that the databases call differently, for conditions written in SQL.

    All give null where an argument is null. DuckDB compares texts byte by byte, Spark letter by
    letter: they agree on texts of plain letters only (see ``strip_accents``, which both have).

    Attributes
    ----------
    jaro_winkler, damerau_levenshtein, levenshtein
        Take two texts; the first gives a similarity from 0 to 1, the others a number of edits.
    arrays_overlap
        Takes two arrays; true where they share an element.
    """

    jaro_winkler: str
    damerau_levenshtein: str
    levenshtein: str
    arrays_overlap: str


@dataclass(frozen=True)
class Engine(ABC):
    """An open engine.

    Attributes
    ----------
    ibis
        The Ibis backend; tables of one engine can be joined with each other.
    scratch
        Folder for temporary files, removed when the engine closes.
    kind, dialect
        Which database computes, and what it calls its functions.
    """

    ibis: BaseBackend
    scratch: Path

    kind: ClassVar[Literal["duckdb", "spark"]]
    dialect: ClassVar[Dialect]

    @property
    def duckdb(self) -> duckdb.DuckDBPyConnection:
        """The DuckDB connection behind Ibis, for row validation in SQL.

        Raises
        ------
        RiskEngineError
            ENGINE_KIND on an engine of another kind.
        """
        raise RiskEngineError(
            f"this step is written for DuckDB and was given an engine of kind '{self.kind}'",
            code="ENGINE_KIND",
            hint="set engine.kind to duckdb",
        )

    @abstractmethod
    def splink_api(self) -> Any:
        """Return a Splink database interface on this engine's own connection."""

    def read(self, path: Path) -> ir.Table:
        """Open a Parquet file as a table without loading it."""
        return self.ibis.read_parquet(path)

    def table(self, frame: pd.DataFrame, schema: dict[str, str] | None = None) -> ir.Table:
        """Show a pandas frame to the database, with types by `schema` where given."""
        if schema is None:
            return ibis.memtable(frame)
        return ibis.memtable(frame, schema=ibis.schema(schema))

    @abstractmethod
    def arrow(self, table: pa.Table, name: str) -> ir.Table:
        """Show an Arrow table to the database under `name`, until `forget` or the engine's end."""

    @abstractmethod
    def forget(self, name: str) -> None:
        """Take away what `arrow` showed under `name`."""

    @abstractmethod
    def write(self, table: ir.Table, path: Path) -> None:
        """Write a table to one Parquet file (Zstandard), rows in the order of the table.

        Times are written as ``timestamp(6)`` without a zone, in UTC. On Spark only an order that
        the expression itself asks for (``order_by``), or that of one file or frame, is an order:
        a table made by ``create_table`` has none.
        """


def behind(error: BaseException | None) -> Iterator[BaseException]:
    """Walk from an error to what was behind it, and behind that."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
