"""Where public data are, and what must not be skipped in CI."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from risk_engine.config.run import Engine as EngineConfig
from risk_engine.engine import open_engine
from risk_engine.errors import RiskEngineError

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The checkout: configs, features and model specs as they ship."""
    return ROOT


@pytest.fixture(scope="session")
def public_data() -> Path:
    """Folder of the public data sets; the test is skipped where they are not."""
    folder = Path(os.environ.get("RISK_ENGINE_DATA", ROOT / ".." / "shared" / "data")).resolve()
    if not folder.is_dir():
        pytest.skip("RISK_ENGINE_DATA does not point to the public data sets")
    return folder


@pytest.fixture(scope="session")
def spark_engine():
    """An engine on Spark, started once; the test is skipped where Spark cannot be, but in CI.

    Tests that ask for it belong into the xdist group "spark", so that one process starts it.
    """
    with ExitStack() as stack:
        try:
            engine = stack.enter_context(open_engine(EngineConfig(kind="spark", threads=2)))
        except RiskEngineError as error:
            if error.code != "SPARK_MISSING":
                raise
            without(str(error))
        yield engine


@pytest.fixture(scope="session")
def duckdb_engine():
    """An engine on DuckDB, for what is compared with Spark."""
    with open_engine() as engine:
        yield engine


@pytest.fixture(
    params=[
        "duckdb",
        pytest.param("spark", marks=[pytest.mark.spark, pytest.mark.xdist_group("spark")]),
    ]
)
def any_engine(request):
    """The test runs on an engine of each kind; tables it makes, it takes away."""
    return request.getfixturevalue(f"{request.param}_engine")


def without(reason: str):
    """Skip a test that lacks something of the machine; in CI nothing may be lacking."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
