"""Working tables of one linkage: they hold names and keys, so they go when it is done."""

from __future__ import annotations

from typing import Self

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis.util import gen_name

from risk_engine.engine import Engine


class Scratch:
    """Makes tables on an engine and drops them on leaving the ``with`` block."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._tables: list[str] = []
        self._frames: list[str] = []

    def table(self, made_of: ir.Table) -> ir.Table:
        """Compute an expression once and keep the result."""
        self._tables.append(gen_name("linkage"))
        return self.engine.ibis.create_table(self._tables[-1], made_of)

    def frame(self, frame: pd.DataFrame, schema: pa.Schema) -> ir.Table:
        """Show a pandas frame to the database, without a copy."""
        self._frames.append(gen_name("linkage"))
        rows = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
        self.engine.duckdb.register(self._frames[-1], rows)
        return self.engine.ibis.table(self._frames[-1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in self._tables:
            self.engine.ibis.drop_table(name)
        for name in self._frames:
            self.engine.duckdb.unregister(name)
