"""The engine on Spark does as the engine on DuckDB: expressions, files, linkage, and its end."""

from __future__ import annotations

import datetime as dt
import math
import os
import re
import signal
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ibis.common.exceptions import TableNotFound

from risk_engine.config.run import Engine as EngineConfig
from risk_engine.engine import open_engine
from risk_engine.errors import RiskEngineError


def on_spark(test):
    """Mark a test that needs Spark: all of them run in one process, which starts it once."""
    return pytest.mark.spark(pytest.mark.xdist_group("spark")(test))


def times(*written):
    """Times of microseconds without a zone."""
    return pa.array(np.array(written, dtype="datetime64[us]"))


NAMES = pa.table(
    {
        "k": [1, 2, 3, 4, 5, 6],
        "g": ["a", "a", "b", "b", None, "a"],
        "name": ["O\u2019Brien  Ann", " José-María", "van der Łyk", "Mc Donald", "", None],
        "date": ["1990-01-02", "1990-02-30", "1990", None, "", "2001-12-31"],
        "n": [4, 7, None, 2, 5, 6],
        "at": times("2026-03-29T01:30:00.123456", None, *["1969-12-31"] * 4),
    }
)


def digest(text):
    return sha256(text.encode()).hexdigest()[:8]


def builtin(name, *arguments, returns):
    """A function that the database has itself; Ibis wants to be shown one like it."""
    like = (lambda text: text) if len(arguments) == 1 else (lambda text, _: text)
    return ibis.udf.scalar.builtin(like, name=name, signature=(arguments, returns))


@pytest.fixture
def names(any_engine):
    yield any_engine.arrow(NAMES, "names_on_both")
    any_engine.forget("names_on_both")


def computed(table, expressions):
    """Values of several expressions, computed in one query, in the order of ``k``."""
    return table.select("k", **expressions).order_by("k").to_pyarrow().drop("k").to_pydict()


def test_expressions_over_text_say_the_same(names):
    t, written = names, NAMES["name"].to_pylist()
    parts = t.name.strip().split(" ")
    found = computed(
        t,
        {
            "letters": t.name.re_replace(r"[^\p{L}]+", " ").strip(),
            "no_apostrophe": t.name.re_replace(r"['`\x{2018}\x{2019}]", ""),
            "joined": t.name.lower().re_replace(r"(^| )(o|mc|st) ", r"\1\2"),
            "dollar": t.g.re_replace("a", "$1"),
            "translated": t.name.lower().translate("øłđ", "old"),
            "plain": builtin("strip_accents", "string", returns="string")(t.name),
            "initial": t.name.substr(0, 1),
            "stripped": t.name.strip(),  # of white space, and of no letter v
            "parts": parts,
            "telling": parts.filter(lambda part: part.notin(("van", "der"))).join(" "),
            "none": parts.filter(lambda part: part == "nobody").join(""),
            "fifth": parts[5],
            "dotted": ibis.literal("a.b|c").split(".").length(),
            "digest": t.name.hexdigest("sha256").substr(0, 8),
            "known": t.g.isin(["a", "c"]),
            "choice": (t.n > 4).ifelse(t.g, "low"),
            "unnamed": t.name.nullif(""),
            "initials": t.g.concat("-", t.k.cast("string")),
        },
    )
    assert found == {
        "letters": ["O Brien Ann", "José María", "van der Łyk", "Mc Donald", "", None],
        "no_apostrophe": ["OBrien  Ann", " José-María", "van der Łyk", "Mc Donald", "", None],
        "joined": ["o\u2019brien  ann", " josé-maría", "van der łyk", "mcdonald", "", None],
        "dollar": ["$1", "$1", "b", "b", None, "$1"],
        "translated": ["o\u2019brien  ann", " josé-maría", "van der lyk", "mc donald", "", None],
        "plain": ["O\u2019Brien  Ann", " Jose-Maria", "van der Łyk", "Mc Donald", "", None],
        "initial": ["O", " ", "v", "M", "", None],
        "stripped": ["O\u2019Brien  Ann", "José-María", "van der Łyk", "Mc Donald", "", None],
        "parts": [
            ["O\u2019Brien", "", "Ann"], ["José-María"], ["van", "der", "Łyk"], ["Mc", "Donald"],
            [""], None,
        ],
        "telling": ["O\u2019Brien  Ann", "José-María", "Łyk", "Mc Donald", "", None],
        "none": ["", "", "", "", "", None],
        "fifth": [None] * 6,
        "dotted": [2] * 6,
        "digest": [None if name is None else digest(name) for name in written],
        "known": [True, True, False, False, None, True],
        "choice": ["low", "a", "low", "low", None, "a"],
        "unnamed": ["O\u2019Brien  Ann", " José-María", "van der Łyk", "Mc Donald", None, None],
        "initials": ["a-1", "a-2", "b-3", "b-4", None, "a-6"],
    }  # fmt: skip


@on_spark
def test_accents_go_from_letters_alike(duckdb_engine, spark_engine):
    blocks = [range(1, 0x880), range(0x900, 0xC00), range(0x1E00, 0x2000), range(0x3040, 0xD800)]
    codes = [code for block in blocks for code in block]
    letters = pa.table({"k": codes, "text": [f"a{chr(code)}b" for code in codes]})
    call = builtin("strip_accents", "string", returns="string")
    plain = []
    for engine in (duckdb_engine, spark_engine):
        plain.append(computed(table := engine.arrow(letters, "letters"), {"x": call(table.text)}))
        engine.forget("letters")
    assert plain[0] == plain[1]
    assert plain[1]["x"][codes.index(ord("é"))] == "aeb"


def test_dates_and_windows_say_the_same(names):
    t = names
    day = t.date.try_cast("date")  # of "1990" Spark alone would make 1 January
    found = computed(
        t,
        {
            "day": day,
            "iso": t.at.strftime("%Y-%m-%d %H:%M:%S"),
            "early": t.at < ibis.timestamp("2000-01-01 00:00:00"),
            "late": day > ibis.date(2000, 1, 1),
            "rank": ibis.dense_rank().over(order_by=[t.g, t.n]),
            "row": ibis.row_number().over(group_by=t.g, order_by=[t.n.desc(), t.k]),
            "kinds": t.date.nunique().over(group_by=t.g),
            "all": t.count().over(group_by=t.g),
        },
    )
    low = "1969-12-31 00:00:00"
    assert found == {
        "day": [dt.date(1990, 1, 2), *[None] * 4, dt.date(2001, 12, 31)],
        "iso": ["2026-03-29 01:30:00", None, *[low] * 4],
        "early": [False, None, True, True, True, True],
        "late": [False, *[None] * 4, True],
        "rank": [0, 2, 4, 3, 5, 1],
        "row": [2, 0, 1, 0, 0, 1],
        "kinds": [3, 3, 1, 1, 1, 3],
        "all": [3, 3, 2, 2, 1, 3],
    }


def test_groups_and_joins_say_the_same(names):
    t = names
    groups = t.group_by("g").agg(
        n=t.count(),
        total=t.n.sum(),
        kinds=t.date.nunique(),
        best=t.name.argmax(t.n),
        some=t.count(where=t.n > 4),
    )
    assert groups.order_by("g").to_pyarrow().to_pylist() == [
        {"g": "a", "n": 3, "total": 17, "kinds": 3, "best": " José-María", "some": 2},
        {"g": "b", "n": 2, "total": 2, "kinds": 1, "best": "Mc Donald", "some": 0},
        {"g": None, "n": 1, "total": 5, "kinds": 1, "best": "", "some": 1},
    ]
    joined = t.left_join(groups, "g").select("k", size=groups.n).order_by("k")
    assert joined.to_pyarrow()["size"].to_pylist() == [3, 3, 2, 2, None, 3]
    assert t.execute().dtypes.astype(str).to_dict()["n"] == "float64"


def test_a_table_is_made_and_dropped(any_engine, names):
    made = any_engine.ibis.create_table("made_on_both", names.filter(names.g == "a"))
    assert sorted(made.k.to_pyarrow().to_pylist()) == [1, 2, 6]
    any_engine.ibis.drop_table("made_on_both")
    with pytest.raises(TableNotFound):
        any_engine.ibis.table("made_on_both")


def mixed(rows=400):
    """Rows of every kind that the engine's tables have, with what goes wrong in each."""
    draw = np.random.default_rng(7)
    letters = np.array(["", "a", "Ŵ", "ß", "李", "😀", "\n", "\t", "'", '"', "\\", "\u0301", " "])
    pick = {
        "at": times("1066-10-14", "2026-10-25T01:30:00.000001", "9999-12-31").to_pylist(),
        "day": [dt.date(1, 1, 1), dt.date(1582, 10, 10), dt.date(2026, 3, 29)],
        "n": [-(2**63), 2**63 - 1, 0],
        "x": [0.1, -0.0, 1e308, 5e-324, math.inf],
        "yes": [True, False],
    }
    types = {
        "at": pa.timestamp("us"), "day": pa.date32(), "n": pa.int64(), "x": pa.float64(),
        "yes": pa.bool_(),
    }  # fmt: skip
    columns = {
        name: pa.array([[*values, None][i] for i in draw.integers(0, len(values) + 1, rows)], kind)
        for (name, values), kind in zip(pick.items(), types.values(), strict=True)
    }
    words = ["".join(draw.choice(letters, 4)) if draw.random() > 0.1 else None for _ in range(rows)]
    lists = [[word, None] if word else word and [] for word in words]
    return pa.table({"k": range(rows), "word": words, "words": lists, **columns})


@on_spark
def test_a_file_holds_the_same_whoever_writes_and_reads(duckdb_engine, spark_engine, tmp_path):
    rows = mixed()
    engines = {"duckdb": duckdb_engine, "spark": spark_engine}
    for writer, engine in engines.items():
        path = tmp_path / f"{writer}.parquet"
        engine.write(engine.arrow(rows, "mixed"), path)
        engine.forget("mixed")
        plain = pq.read_table(path)
        assert plain.cast(rows.schema).equals(rows), writer
        assert plain.schema.field("at").type == pa.timestamp("us")
        for reader, other in engines.items():
            back = other.read(path)
            assert str(back.schema()["at"]).startswith("timestamp"), (writer, reader)
            assert back.order_by("k").to_pyarrow().cast(rows.schema).equals(rows), (writer, reader)


def test_rows_are_written_in_the_order_of_the_table(any_engine, tmp_path):
    rows = pa.table({"x": np.random.default_rng(1).permutation(300_000)})
    table = any_engine.arrow(rows, "shuffled")
    any_engine.write(table, tmp_path / "as it is.parquet")
    any_engine.write(table.order_by(table.x.desc()), tmp_path / "down.parquet")
    any_engine.forget("shuffled")
    assert pq.read_table(tmp_path / "as it is.parquet")["x"].equals(rows["x"])
    assert pq.read_table(tmp_path / "down.parquet")["x"].to_pylist() == [*range(299_999, -1, -1)]


def test_a_file_of_no_rows_has_its_columns(any_engine, tmp_path):
    table = any_engine.arrow(mixed(10), "few")
    any_engine.write(table.filter(table.k < 0), tmp_path / "none.parquet")
    any_engine.forget("few")
    none = pq.read_table(tmp_path / "none.parquet")
    assert (none.num_rows, none.column_names) == (0, mixed(1).column_names)


def test_a_disk_that_cannot_be_written_is_said_so(spark_engine, tmp_path):
    table = spark_engine.arrow(pa.table({"x": [1]}), "one")
    with pytest.raises(RiskEngineError) as caught:
        spark_engine.write(table, tmp_path / "no" / "folder.parquet")
    spark_engine.forget("one")
    assert caught.value.code == "DISK"


def test_what_is_forgotten_is_gone(any_engine):
    any_engine.arrow(pa.table({"x": [1]}), "passing")
    any_engine.forget("passing")
    with pytest.raises(TableNotFound):
        any_engine.ibis.table("passing")
    assert not list(any_engine.scratch.rglob("passing*"))


def people(rows=200):
    """Invented records: each person twice, the second time with a slip in one field."""
    draw = np.random.default_rng(3)
    first = ["amara", "jon", "maria", "wei", "olu", "tom", "zara", "ines"]
    last = ["smith", "jones", "okafor", "khan", "brown", "lee", "taylor", "evans", "silva"]
    made = []
    for number in range(rows // 2):
        name, family = str(draw.choice(first)), str(draw.choice(last))
        born = str(dt.date(1970, 1, 1) + dt.timedelta(days=int(draw.integers(0, 12_000))))
        slip = draw.integers(0, 4)
        made.append((2 * number, name, family, born))
        made.append(
            (
                2 * number + 1,
                name[:-1] if slip == 0 else name,
                family[1:] + family[0] if slip == 1 else family,
                born[:8] + born[9] + born[8] if slip == 2 else born,
            )
        )
    columns = dict(zip(("node", "first", "last", "born"), zip(*made, strict=True), strict=True))
    return pa.table({**columns, "parts": [[family] for family in columns["last"]]})


def settings(dialect):
    def compared(column, *conditions):
        levels = [f"{column}_l IS NULL OR {column}_r IS NULL", *conditions, "ELSE"]
        return {
            "output_column_name": column,
            "comparison_levels": [
                {"sql_condition": sql, "label_for_charts": sql, "is_null_level": number == 0}
                for number, sql in enumerate(levels)
            ],
        }

    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "node",
        "probability_two_random_records_match": 0.005,
        "max_iterations": 4,
        "comparisons": [
            compared(
                "first", "first_l = first_r", f"{dialect.jaro_winkler}(first_l, first_r) > .8"
            ),
            compared(
                "last",
                f"{dialect.arrays_overlap}(parts_l, parts_r)",
                f"{dialect.levenshtein}(last_l, last_r) <= 2",
            ),
            compared(
                "born", "born_l = born_r", f"{dialect.damerau_levenshtein}(born_l, born_r) <= 1"
            ),
        ],
        "blocking_rules_to_generate_predictions": ["l.born = r.born", "l.last = r.last"],
    }


def weights(engine):
    """Pairs and their match weights, by a model that is estimated on the engine itself."""
    from splink import Linker

    engine.arrow(people(), "people_to_link")
    api = engine.splink_api()
    linker = Linker(api.register("people_to_link"), settings(engine.dialect))
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, num_chunks=1)
    for rule in ("l.born = r.born", "l.last = r.last"):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = engine.ibis.table(linker.inference.predict().physical_name)
    rows = found.select("node_l", "node_r", "match_weight").to_pyarrow().to_pylist()
    engine.forget("people_to_link")
    return {(row["node_l"], row["node_r"]): round(row["match_weight"], 4) for row in rows}


@on_spark
def test_linkage_by_a_learnt_model_gives_the_same_weights(duckdb_engine, spark_engine):
    expected, found = weights(duckdb_engine), weights(spark_engine)
    assert len(expected) > 500
    assert found == pytest.approx(expected, abs=1e-4)


def test_the_functions_of_the_dialect_give_null_for_null(any_engine, names):
    dialect = any_engine.dialect
    edits = {
        name: builtin(getattr(dialect, name), "string", "string", returns="float64")
        for name in ("jaro_winkler", "levenshtein", "damerau_levenshtein")
    }
    found = computed(names, {name: call(names.name, "Mc Donadl") for name, call in edits.items()})
    assert {name: values[3] for name, values in found.items()} == {
        "jaro_winkler": pytest.approx(0.9778, abs=1e-4), "levenshtein": 2, "damerau_levenshtein": 1,
    }  # fmt: skip
    assert {values[5] for values in found.values()} == {None}


@on_spark
def test_spark_is_alone_silent_and_in_its_folder(spark_engine, capfd):
    setting = spark_engine.ibis.session.conf.get
    assert setting("spark.sql.session.timeZone") == "UTC"
    assert setting("spark.driver.bindAddress") == setting("spark.driver.host") == "127.0.0.1"
    assert setting("spark.ui.enabled") == "false"
    assert str(spark_engine.scratch) in setting("spark.sql.warehouse.dir")
    with pytest.raises(Exception, match="CAST_INVALID_INPUT"):
        spark_engine.ibis.session.sql("SELECT CAST('Smithson' AS INT)").collect()
    assert capfd.readouterr() == ("", "")


@on_spark
def test_what_is_written_for_duckdb_and_a_second_spark_are_refused(spark_engine):
    with pytest.raises(RiskEngineError, match="written for DuckDB") as caught:
        _ = spark_engine.duckdb
    assert caught.value.code == "ENGINE_KIND"
    with pytest.raises(RiskEngineError) as caught, open_engine(EngineConfig(kind="spark")):
        pass
    assert caught.value.code == "BUSY"


def test_without_pyspark_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(RiskEngineError, match="PySpark is not installed") as caught:
        open_engine(EngineConfig(kind="spark")).__enter__()
    assert caught.value.code == "SPARK_MISSING"
    assert "extra 'spark'" in str(caught.value.hint)


def test_without_java_it_is_said_what_to_install(monkeypatch, tmp_path):
    pytest.importorskip("pyspark")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(RiskEngineError, match="no Java runtime") as caught:
        open_engine(EngineConfig(kind="spark")).__enter__()
    assert caught.value.code == "SPARK_MISSING"


ENDS = """
import os, sys
from risk_engine.config.run import Engine as EngineConfig
from risk_engine.engine import open_engine
from risk_engine.errors import RiskEngineError

def work(sql):
    with open_engine(EngineConfig(kind="spark")) as engine:
        from pyspark import SparkContext
        print("at work", SparkContext._gateway.proc.pid, engine.scratch, flush=True)
        engine.ibis.session.sql(sql).collect()

real, os.environ["JAVA_HOME"] = os.environ.get("JAVA_HOME"), sys.argv[1]
try:
    work("SELECT 1")
except RiskEngineError as error:
    print(error.code, error.message, flush=True)
os.environ.pop("JAVA_HOME")
if real:
    os.environ["JAVA_HOME"] = real
try:
    work("SELECT CAST('Smithson' AS INT)")
except RiskEngineError as error:
    print("told", error, flush=True)
try:
    work("SELECT count(*) FROM range(100000) a, range(100000) b, range(1000) c WHERE a.id < b.id")
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@on_spark
@pytest.mark.slow
def test_java_goes_with_the_engine_after_an_error_and_after_an_interrupt(spark_engine, tmp_path):
    broken, office = tmp_path / "broken" / "bin" / "java", tmp_path / "office"
    broken.parent.mkdir(parents=True)
    broken.write_text("#!/bin/sh\necho 'Error: no such machine' >&2\nexit 1\n")
    broken.chmod(0o755)
    office.mkdir()
    working = subprocess.Popen(
        [sys.executable, "-W", "error::ResourceWarning", "-c", ENDS, broken.parents[1]],
        cwd=office,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with working:
        failed, first, told, second = (working.stdout.readline() for _ in range(4))
        working.send_signal(signal.SIGINT)
        rest, errors = working.communicate()
    assert failed.startswith("SPARK_MISSING")
    assert failed.endswith("Java did not start: Error: no such machine\n")
    assert told.startswith("told Spark stopped: CAST_INVALID_INPUT")
    assert "Smithson" not in told
    assert (rest, errors) == ("interrupted\n", "")
    for line in (first, second):
        number, folder = re.fullmatch(r"at work (\d+) (.*)\n", line).groups()
        assert not Path(folder).exists()
        with pytest.raises(ProcessLookupError):
            os.kill(int(number), 0)
    assert list(office.iterdir()) == []
