"""Opens the engine that a run configuration names."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from risk_engine.config.run import Engine as EngineConfig
from risk_engine.engine.base import Engine


@contextmanager
def open_engine(config: EngineConfig | None = None) -> Iterator[Engine]:
    """Open an engine and close it, scratch folder included.

    Parameters
    ----------
    config
        Kind, memory limit and threads; the defaults of the run configuration when not given.

    Raises
    ------
    RiskEngineError
        MEMORY or DISK where one of them runs out; SPARK_MISSING where PySpark or Java is not
        there or does not start; BUSY where this process has an engine on Spark open already.
    """
    config = config or EngineConfig()
    with (
        tempfile.TemporaryDirectory(prefix="risk-engine-") as folder,
        _opener(config)(config, Path(folder)) as engine,
    ):
        yield engine


def _opener(config: EngineConfig) -> Callable[[EngineConfig, Path], AbstractContextManager[Engine]]:
    if config.kind == "spark":
        from risk_engine.engine.spark import open_spark

        return open_spark
    from risk_engine.engine.duck import open_duckdb

    return open_duckdb
