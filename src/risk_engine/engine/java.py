"""Spark's Java process: started with the engine, silent, offline, gone with the engine.

It listens on the loopback address only (to callers that hold its secret), shows no web page,
thinks in UTC, and keeps its tables, spilled data and log in the scratch folder.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from risk_engine.config.run import Engine as EngineConfig
from risk_engine.errors import BusyError, RiskEngineError

_HINT = "install the extra 'spark' (pip install 'risk-engine[spark]') and a Java 17 runtime"

#: Seconds that Java is given to end by itself.
_PATIENCE = 20

#: What PySpark says of pandas 3 wherever it might meet it.
OF_PANDAS = "PySpark does not yet fully support pandas"

#: Errors only, to where standard error goes: a file in the scratch folder.
_LOGGING = """\
status = off
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %p %c{1}: %m%n
"""


def check_installed() -> None:
    """Say what is missing before anything is started.

    Raises
    ------
    RiskEngineError
        SPARK_MISSING where PySpark or Java is not there.
    """
    if find_spec("pyspark") is None:
        raise _missing("PySpark is not installed")
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=str(Path(home) / "bin") if home else None) is None:
        raise _missing("no Java runtime was found")


def _missing(what: str) -> RiskEngineError:
    return RiskEngineError(f"the engine of kind spark: {what}", code="SPARK_MISSING", hint=_HINT)


@contextmanager
def java_session(config: EngineConfig, scratch: Path) -> Iterator[Any]:
    """Start Java and a Spark session in it, hand it over, and end both whatever happened.

    Raises
    ------
    RiskEngineError
        SPARK_MISSING where Java does not start; BUSY where this process runs a Spark already.
    """
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    if SparkContext._gateway is not None:  # noqa: SLF001 - nothing public says whether one runs
        raise BusyError(
            "this process has an engine on Spark open already",
            hint="close it first, or hand it to what needs one",
        )
    _ask_versions_silently()
    conf = SparkConf().setAll(list(_settings(config, scratch).items()))
    with _py4j_silent():
        gateway = _start(conf, scratch)
        try:
            with _interrupt_kept():
                context = SparkContext(conf=conf, gateway=gateway)
            context.setCheckpointDir(str(scratch / "checkpoints"))
            yield SparkSession(context)
        finally:
            _end(gateway)


def _ask_versions_silently() -> None:
    """Load what PySpark loads on first use only to warn of pandas 3, whose frames it never sees."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", OF_PANDAS, FutureWarning)
        import pyspark.testing.utils  # noqa: F401


def _settings(config: EngineConfig, scratch: Path) -> dict[str, str]:
    from splink.backends.spark import similarity_jar_location

    settings_of_log = scratch / "log4j2.properties"
    settings_of_log.write_text(_LOGGING, encoding="utf-8")
    temporary = scratch / "java"
    temporary.mkdir()
    master = config.spark_master or f"local[{config.threads}]"
    pieces = str(2 * config.threads)  # the default of 200 never finishes on one machine
    here = {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
    return {
        **(here if master.startswith("local") else {}),
        "spark.master": master,
        "spark.app.name": "risk-engine",
        "spark.authenticate": "true",
        "spark.jars": similarity_jar_location(),
        "spark.driver.memory": f"{config.memory_bytes // 1024**2}m",
        "spark.driver.maxResultSize": "0",
        "spark.driver.extraJavaOptions": f'-Dlog4j2.configurationFile="{settings_of_log}"'
        f' -Djava.io.tmpdir="{temporary}" -Duser.timezone=UTC',
        "spark.local.dir": str(scratch / "spill"),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.default.parallelism": pieces,
        "spark.sql.shuffle.partitions": pieces,
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.sql.ansi.enabled": "true",  # what cannot be cast is an error, and never null
        "spark.sql.pyspark.jvmStacktrace.enabled": "false",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
    }


def _start(conf: Any, scratch: Path) -> Any:
    from pyspark.errors import PySparkRuntimeError
    from pyspark.java_gateway import launch_gateway

    log = scratch / "spark.log"
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        try:
            with log.open("wb") as stream:
                return launch_gateway(conf, popen_kwargs={"stdout": stream, "stderr": stream})
        except PySparkRuntimeError:
            pass  # and PySpark leaves a pipe open, which is what the warning is about
    said = [line for line in log.read_text(errors="replace").splitlines() if "rror" in line]
    raise _missing(f"Java did not start: {(said or ['it says nothing'])[0]}")


def _end(gateway: Any) -> None:
    """End the session, then Java, by force where it does not listen."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    session = SparkSession._instantiatedSession  # noqa: SLF001 - see below
    with suppress(Exception), warnings.catch_warnings(action="ignore"):
        if session is not None:
            session.stop()
    with suppress(Exception):
        gateway.shutdown()
    process = gateway.proc
    process.stdin.close()  # Java takes this as the end
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    # PySpark keeps Java for the life of the process; the next engine is to have its own.
    SparkContext._gateway = SparkContext._jvm = None  # noqa: SLF001
    SparkContext._active_spark_context = None  # noqa: SLF001


@contextmanager
def _interrupt_kept() -> Iterator[None]:
    """Leave Ctrl-C as it is: Spark would take it over, and ask Java in the middle of a sentence."""
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)


@contextmanager
def _py4j_silent() -> Iterator[None]:
    """Keep the link to Java from logging that Ctrl-C broke it, partly through the root logger."""
    link, level = logging.getLogger("py4j"), logging.getLogger("py4j").level
    link.setLevel(logging.CRITICAL + 1)
    logging.root.addFilter(_not_of_py4j)
    try:
        yield
    finally:
        logging.root.removeFilter(_not_of_py4j)
        link.setLevel(level)


def _not_of_py4j(record: logging.LogRecord) -> bool:
    return "py4j" not in Path(record.pathname).parts
