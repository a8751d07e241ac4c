"""The one door to the database: bounded, offline, in UTC, and nothing left behind."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from risk_engine.config.run import Engine as EngineConfig
from risk_engine.engine import open_engine
from risk_engine.errors import RiskEngineError


@pytest.fixture
def engine():
    with open_engine() as opened:
        yield opened


def setting(engine, name):
    return engine.duckdb.execute(f"SELECT current_setting('{name}')").fetchone()[0]


def test_the_scratch_folder_goes_with_the_engine():
    with open_engine() as engine:
        folder = engine.scratch
        assert (folder / "engine.duckdb").exists()
    assert not folder.exists()


def test_the_scratch_folder_goes_even_when_the_work_fails():
    folders = []

    def fail():
        with open_engine() as engine:
            folders.append(engine.scratch)
            raise KeyError("work")

    with pytest.raises(KeyError):
        fail()
    assert not folders[0].exists()


def test_a_disk_without_room_is_said_so(tmp_path):
    def write():
        with open_engine() as engine:
            target = tmp_path / "no/such/folder/x.parquet"
            engine.write(engine.table(pd.DataFrame({"x": [1]})), target)

    with pytest.raises(RiskEngineError, match="IO Error") as caught:
        write()
    assert caught.value.code == "DISK"


def test_too_little_memory_names_the_setting():
    def sort():
        with open_engine(EngineConfig(memory_limit="1 MB", threads=1)) as engine:
            engine.duckdb.execute("CREATE TABLE t AS SELECT range AS x FROM range(5000000)")

    with pytest.raises(RiskEngineError) as caught:
        sort()
    assert caught.value.code == "MEMORY"
    assert "engine.memory_limit (now 1 MB)" in str(caught.value.hint)


def test_memory_and_threads_are_bounded_as_configured():
    with open_engine(EngineConfig(memory_limit="500 MB", threads=1)) as engine:
        assert setting(engine, "threads") == 1
        assert setting(engine, "memory_limit") == "476.8 MiB"


def test_it_never_fetches_an_extension_and_thinks_in_utc(engine):
    assert setting(engine, "autoinstall_known_extensions") is False
    assert setting(engine, "TimeZone") == "UTC"


def test_two_engines_do_not_see_each_other(engine):
    engine.duckdb.execute("CREATE TABLE mine (x INTEGER)")
    with open_engine() as other:
        assert other.duckdb.execute("SELECT count(*) FROM duckdb_tables()").fetchone() == (0,)


def test_rows_are_written_in_the_order_of_the_table(engine):
    frame = pd.DataFrame({"x": np.random.default_rng(1).permutation(300_000)})
    path = engine.scratch / "rows.parquet"
    engine.write(engine.table(frame), path)
    assert pd.read_parquet(path)["x"].tolist() == frame["x"].tolist()
    assert engine.read(path).count().execute() == 300_000


def test_types_are_by_schema_where_given(engine):
    schema = {"name": "string", "at": "timestamp(6)", "n": "int64"}
    table = engine.table(pd.DataFrame({"name": [], "at": [], "n": []}), schema)
    assert {name: str(kind) for name, kind in table.schema().items()} == schema


def test_what_is_not_a_number_is_missing(engine):
    table = engine.table(pd.DataFrame({"x": [1.0, np.nan]}))
    assert table.filter(table.x.isnull()).count().execute() == 1


@pytest.mark.parametrize("wrapped", ["as it is", "by a library", "by a clean-up that fails"])
def test_an_interrupt_stays_one_whatever_a_library_makes_of_it(wrapped):
    def work():
        if wrapped == "as it is":
            raise RuntimeError("Query interrupted")
        if wrapped == "by a library":
            raise ValueError("training failed") from RuntimeError("Query interrupted!")
        try:
            raise KeyboardInterrupt
        finally:
            raise LookupError("no such table")

    with pytest.raises(KeyboardInterrupt), open_engine():
        work()
