"""The one door to the database: an Ibis connection on DuckDB with bounded memory.

Nothing else in the package opens a database. The file of a connection lives in a scratch folder
that disappears with it, so that large tables spill to disk and nothing is left behind.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis.backends import BaseBackend

from risk_engine.config.run import Engine as EngineConfig
from risk_engine.errors import RiskEngineError

#: What DuckDB makes of Ctrl-C while a query runs.
_INTERRUPTED = "Query interrupted"


@dataclass(frozen=True)
class Engine:
    """An open engine.

    Attributes
    ----------
    ibis
        The Ibis backend; tables of one engine can be joined with each other.
    scratch
        Folder for temporary files, removed when the engine closes.
    """

    ibis: BaseBackend
    scratch: Path

    @property
    def duckdb(self) -> duckdb.DuckDBPyConnection:
        """The DuckDB connection behind Ibis, for Splink and for row validation in SQL."""
        connection: duckdb.DuckDBPyConnection = self.ibis.con
        return connection

    def read(self, path: Path) -> ir.Table:
        """Open a Parquet file as a table without loading it."""
        return self.ibis.read_parquet(path)

    def table(self, frame: pd.DataFrame, schema: dict[str, str] | None = None) -> ir.Table:
        """Register a pandas frame as a table, with types by `schema` where given."""
        if schema is None:
            return ibis.memtable(frame)
        return ibis.memtable(frame, schema=ibis.schema(schema))

    def write(self, table: ir.Table, path: Path) -> None:
        """Write a table to one Parquet file (Zstandard), rows in the order of the table."""
        self.ibis.to_parquet(table, path, compression="zstd")


@contextmanager
def open_engine(config: EngineConfig | None = None) -> Iterator[Engine]:
    """Open an engine and close it, scratch folder included.

    Parameters
    ----------
    config
        Kind, memory limit and threads; the defaults of the run configuration when not given.
    """
    config = config or EngineConfig()
    with tempfile.TemporaryDirectory(prefix="risk-engine-") as folder:
        scratch = Path(folder)
        backend = ibis.duckdb.connect(
            scratch / "engine.duckdb",
            memory_limit=config.memory_limit.replace(" ", ""),
            threads=config.threads,
            temp_directory=str(scratch / "spill"),
            max_temp_directory_size="60GB",
            preserve_insertion_order=True,
            autoinstall_known_extensions=False,
        )
        backend.con.execute("SET TimeZone = 'UTC'")
        # a file that is written again within a second must not be taken for the one before
        backend.con.execute("SET enable_external_file_cache = false")
        try:
            yield Engine(backend, scratch)
        except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
            raise _no_room(error, config) from None
        except Exception as error:
            if _interrupted(error):
                raise KeyboardInterrupt from None
            raise
        finally:
            backend.disconnect()


def _interrupted(error: BaseException | None) -> bool:
    """Say whether Ctrl-C is behind an error, whatever a library made of it on the way."""
    while error is not None:
        stopped = isinstance(error, KeyboardInterrupt | duckdb.InterruptException)
        if stopped or _INTERRUPTED in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _no_room(error: duckdb.Error, config: EngineConfig) -> RiskEngineError:
    """Say which of memory and disk ran out, in the database's own words (they name no cell)."""
    words = str(error).splitlines()[0]
    if isinstance(error, duckdb.OutOfMemoryException):
        return RiskEngineError(
            words, code="MEMORY", hint=f"raise engine.memory_limit (now {config.memory_limit})"
        )
    return RiskEngineError(
        words, code="DISK", hint="free some space, then run again; nothing was lost"
    )
