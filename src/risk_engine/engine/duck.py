"""The engine on DuckDB: one process, bounded memory, large tables spilled to the scratch folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from risk_engine.config.run import Engine as EngineConfig
from risk_engine.engine.base import Dialect, Engine, behind
from risk_engine.errors import RiskEngineError

#: What DuckDB makes of Ctrl-C while a query runs.
_INTERRUPTED = "Query interrupted"


@dataclass(frozen=True)
class DuckEngine(Engine):
    """An engine on DuckDB."""

    kind: ClassVar[Literal["duckdb", "spark"]] = "duckdb"
    dialect: ClassVar[Dialect] = Dialect(
        jaro_winkler="jaro_winkler_similarity",
        damerau_levenshtein="damerau_levenshtein",
        levenshtein="levenshtein",
        arrays_overlap="list_has_any",
    )

    @property
    def duckdb(self) -> duckdb.DuckDBPyConnection:
        """The DuckDB connection behind Ibis, for row validation in SQL."""
        connection: duckdb.DuckDBPyConnection = self.ibis.con
        return connection

    def splink_api(self) -> Any:
        """Return a Splink ``DuckDBAPI`` on this engine's own connection."""
        from splink import DuckDBAPI

        return DuckDBAPI(self.duckdb)

    def arrow(self, table: pa.Table, name: str) -> ir.Table:
        """Show an Arrow table to the database under `name`, without a copy."""
        self.duckdb.register(name, table)
        return self.ibis.table(name)

    def forget(self, name: str) -> None:
        """Take away what `arrow` showed under `name`."""
        self.duckdb.unregister(name)

    def write(self, table: ir.Table, path: Path) -> None:
        """Write a table to one Parquet file (Zstandard), rows in the order of the table."""
        self.ibis.to_parquet(table, path, compression="zstd")


@contextmanager
def open_duckdb(config: EngineConfig, scratch: Path) -> Iterator[DuckEngine]:
    """Open an engine on DuckDB whose file and spilled tables lie in `scratch`."""
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
        yield DuckEngine(backend, scratch)
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise _no_room(error, config) from None
    except Exception as error:
        if _interrupted(error):
            raise KeyboardInterrupt from None
        raise
    finally:
        backend.disconnect()


def _interrupted(error: BaseException) -> bool:
    """Say whether Ctrl-C is behind an error, whatever a library made of it on the way."""
    return any(
        isinstance(one, KeyboardInterrupt | duckdb.InterruptException) or _INTERRUPTED in str(one)
        for one in behind(error)
    )


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
