"""Working tables of one linkage: they hold names and keys, so they go when it is done."""

from __future__ import annotations

from typing import Self

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis.util import gen_name

from risk_engine.engine import Engine


def kept(made_of: ir.Table | pa.Table, engine: Engine, stem: str = "linked") -> ir.Table:
    """Compute an expression once; the table stays until the engine closes.

    On DuckDB it is a temporary one: others are written to the database's file, at twice the cost.
    Temporary tables of Spark are computed again whenever they are used.
    """
    return engine.ibis.create_table(gen_name(stem), made_of, temp=engine.kind == "duckdb")


class Scratch:
    """Makes tables on an engine and drops them on leaving the ``with`` block."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._tables: list[str] = []
        self._frames: list[str] = []

    def table(self, made_of: ir.Table) -> ir.Table:
        """Compute an expression once and keep the result."""
        table = kept(made_of, self.engine, "linkage")
        self._tables.append(table.op().name)
        return table

    def frame(self, frame: pd.DataFrame, schema: pa.Schema) -> ir.Table:
        """Show a pandas frame to the database, without a copy."""
        return self.arrow(pa.Table.from_pandas(frame, schema=schema, preserve_index=False))

    def arrow(self, rows: pa.Table) -> ir.Table:
        """Show an Arrow table to the database, without a copy."""
        self._frames.append(gen_name("linkage"))
        return self.engine.arrow(rows, self._frames[-1])

    def drop(self, table: ir.Table) -> None:
        """Take away a table of `table` that nobody needs any more: it may be as large as memory."""
        name = table.op().name
        self._tables.remove(name)
        self.engine.ibis.drop_table(name)

    def empty(self, schema: dict[str, str]) -> ir.Table:
        """Make a table without rows."""
        self._tables.append(gen_name("linkage"))
        return self.engine.ibis.create_table(self._tables[-1], schema=ibis.schema(schema))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in self._tables:
            self.engine.ibis.drop_table(name)
        for name in self._frames:
            self.engine.forget(name)
