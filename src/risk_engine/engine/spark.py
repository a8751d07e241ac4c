"""The engine on Spark: the same tables and expressions, computed by a Java process beside us."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import ibis.expr.types as ir
import pyarrow as pa

from risk_engine.config.run import Engine as EngineConfig
from risk_engine.engine.base import Dialect, Engine, behind
from risk_engine.engine.java import check_installed, java_session
from risk_engine.errors import RiskEngineError


@dataclass(frozen=True)
class SparkEngine(Engine):
    """An engine on Spark."""

    kind: ClassVar[Literal["duckdb", "spark"]] = "spark"
    dialect: ClassVar[Dialect] = Dialect(
        jaro_winkler="jaro_winkler_similarity",
        damerau_levenshtein="damerau_levenshtein_or_null",  # made by `connect`
        levenshtein="levenshtein",
        arrays_overlap="arrays_overlap",
    )

    def splink_api(self) -> Any:
        """Return a Splink ``SparkAPI`` on this engine's own session."""
        from splink.backends.spark import SparkAPI

        return SparkAPI(spark_session=self.ibis.session)

    def arrow(self, table: pa.Table, name: str) -> ir.Table:
        """Show an Arrow table to Spark under `name`, through a file in the scratch folder."""
        self.ibis.show(table, name)
        return self.ibis.table(name)

    def forget(self, name: str) -> None:
        """Take away what `arrow` showed under `name`, file included."""
        self.ibis.hide(name)

    def write(self, table: ir.Table, path: Path) -> None:
        """Write a table to one Parquet file (Zstandard), rows in the order of the table."""
        try:
            self.ibis.to_parquet(table, path)
        except OSError as error:
            raise _no_room(f"IO Error: {error.strerror}: {path}") from None


@contextmanager
def open_spark(config: EngineConfig, scratch: Path) -> Iterator[SparkEngine]:
    """Open an engine on Spark whose tables, spilled data and log lie in `scratch`."""
    check_installed()
    with java_session(config, scratch) as session:
        from splink.backends.spark import SparkAPI

        from risk_engine.engine.spark_backend import connect

        SparkAPI(spark_session=session)  # brings functions along, which `connect` builds on
        engine = SparkEngine(connect(session, scratch / "shown"), scratch)
        try:
            yield engine
        except Exception as error:
            if any(isinstance(one, KeyboardInterrupt) for one in behind(error)):
                raise KeyboardInterrupt from None
            told = _told(error, config)
            if told is None:
                raise
            raise told from None


def _told(error: BaseException | None, config: EngineConfig) -> RiskEngineError | None:
    """Say what Spark ran into, while Java is there to be asked; None where it was not Spark.

    Only what it says of names and types of columns is repeated: its other messages quote cells.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import AnalysisException, PySparkException

    while error is not None and not isinstance(error, Py4JError | PySparkException):
        error = error.__cause__
    if error is None:
        return None
    words = str(error)
    if "OutOfMemoryError" in words:
        hint = f"raise engine.memory_limit (now {config.memory_limit})"
        return RiskEngineError("Spark ran out of memory", code="MEMORY", hint=hint)
    if "No space left on device" in words:
        return _no_room("IO Error: no space left on device")
    if isinstance(error, AnalysisException):
        return RiskEngineError(words.splitlines()[0], code="SPARK")
    condition = error.getCondition() if isinstance(error, PySparkException) else None
    return RiskEngineError(f"Spark stopped: {condition or type(error).__name__}", code="SPARK")


def _no_room(words: str) -> RiskEngineError:
    hint = "free some space, then run again; nothing was lost"
    return RiskEngineError(words, code="DISK", hint=hint)
