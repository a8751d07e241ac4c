"""Ibis on Spark as it behaves on DuckDB: data go in as Parquet and come out as Arrow.

PySpark's own ways to and from pandas warn of pandas 3, know no text of pandas 3, and take times
without a zone for local ones; none of them is used.
"""

from __future__ import annotations

import re
import shutil
import sys
import unicodedata
import warnings
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.formats.pandas import PandasData
from ibis.util import gen_name
from pyspark.logger import PySparkLogger

from risk_engine.engine.java import OF_PANDAS

with warnings.catch_warnings():
    # of functions that Ibis makes for JSON, which nothing here uses
    warnings.filterwarnings("ignore", OF_PANDAS, FutureWarning)
    from ibis.backends.pyspark import Backend

#: What is white space to Python, and so to Ibis.
_SPACE = r"[ \t\n\x0B\f\r]"

#: Loggers through which PySpark repeats its errors, cells included, on standard error.
_LOUD = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")

#: Rows of a row group in a Parquet file, as DuckDB has them.
_GROUP = 122_880


class Compiler(PySparkCompiler):  # type: ignore[misc] # Ibis is untyped
    """Ibis' compiler for Spark, where it says something else in silence than its DuckDB one."""

    __slots__ = ()

    def visit_RegexReplace(self, op: Any, *, arg: Any, pattern: Any, replacement: Any) -> Any:
        r"""Write ``\1`` in a replacement, which is what DuckDB calls a group, as Java's ``$1``."""
        if isinstance(op.replacement, ops.Literal):
            escaped = op.replacement.value.replace("$", r"\$")
            replacement = re.sub(r"\\(\d)", r"$\1", escaped)
        return super().visit_RegexReplace(op, arg=arg, pattern=pattern, replacement=replacement)

    def visit_TryCast(self, op: Any, *, arg: Any, to: Any) -> Any:
        """Make no date and no time of a year, or a year and month, as Spark would."""
        cast = super().visit_TryCast(op, arg=arg, to=to)
        if not (op.arg.dtype.is_string() and (to.is_date() or to.is_timestamp())):
            return cast
        whole = self.f.anon.regexp_like(arg, r"^\s*\d+-\d+-\d")
        return self.if_(whole, cast, sge.null())

    def visit_Strip(self, op: Any, *, arg: Any) -> Any:
        r"""Spell out white space: Spark reads ``\v`` as the letter v and would strip that."""
        return self.f.regexp_replace(arg, rf"^{_SPACE}+|{_SPACE}+$", "")

    def visit_LStrip(self, op: Any, *, arg: Any) -> Any:
        """As `visit_Strip`."""
        return self.f.regexp_replace(arg, rf"^{_SPACE}+", "")

    def visit_RStrip(self, op: Any, *, arg: Any) -> Any:
        """As `visit_Strip`."""
        return self.f.regexp_replace(arg, rf"{_SPACE}+$", "")

    def visit_StringSplit(self, op: Any, *, arg: Any, delimiter: Any) -> Any:
        """Take the delimiter as it is written; Spark takes it for a regular expression."""
        if isinstance(op.delimiter, ops.Literal):
            delimiter = re.escape(op.delimiter.value)
        return self.f.anon.split(arg, delimiter)

    def visit_ArrayStringJoin(self, op: Any, *, arg: Any, sep: Any) -> Any:
        """Join nothing to an empty text, and only what is missing to a missing one."""
        return self.if_(arg.is_(sge.null()), sge.null(), self.f.concat_ws(sep, arg))

    def visit_ArrayIndex(self, op: Any, *, arg: Any, index: Any) -> Any:
        """Give null beyond the end instead of an error."""
        return self.f.anon.try_element_at(arg, self.if_(index < 0, index, index + 1))

    def visit_WindowFunction(self, op: Any, *, func: Any, **rest: Any) -> Any:
        """Count distinct values over a window as the size of their set, which Spark can."""
        if isinstance(op.func, ops.CountDistinct):
            (value,) = func.this.expressions
            values = super().visit_WindowFunction(op, func=self.f.collect_set(value), **rest)
            return self.cast(self.f.size(values), op.dtype)
        return super().visit_WindowFunction(op, func=func, **rest)


class SparkBackend(Backend):  # type: ignore[misc] # Ibis is untyped
    """Ibis' backend for Spark that exchanges Arrow tables and writes one file."""

    compiler = Compiler()
    shown: Path

    @property
    def session(self) -> Any:
        """The Spark session."""
        return self._session

    def show(self, table: pa.Table, name: str) -> None:
        """Show an Arrow table under `name`, through a Parquet file, whose order Spark keeps."""
        file = self._file(name)
        pq.write_table(_typed(table), file, coerce_timestamps="us", allow_truncated_timestamps=True)
        self._session.read.parquet(str(file)).createOrReplaceTempView(name)

    def hide(self, name: str) -> None:
        """Take away what `show` showed."""
        self._session.catalog.dropTempView(name)
        self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self.shown / f"{name}.parquet"

    def _register_in_memory_table(self, op: ops.InMemoryTable) -> None:
        self.show(op.data.to_pyarrow(op.schema), op.name)

    def _computed(self, expr: ir.Expr, **options: Any) -> Any:
        self._run_pre_execute_hooks(expr)
        return self._session.sql(self.compile(expr.as_table(), **options))

    def to_pyarrow(
        self,
        expr: ir.Expr,
        /,
        *,
        params: Any = None,
        limit: int | str | None = None,
        **_: Any,
    ) -> Any:
        """Compute an expression as an Arrow table, array or scalar."""
        table = self._computed(expr, params=params, limit=limit).toArrow()
        return expr.__pyarrow_result__(table)

    def execute(
        self,
        expr: ir.Expr,
        /,
        *,
        params: Any = None,
        limit: int | str | None = None,
        **_: Any,
    ) -> Any:
        """Compute an expression as a pandas frame, series or scalar, typed as from DuckDB."""
        table = self._computed(expr, params=params, limit=limit).toArrow()
        columns = {name: _values(table[name]) for name in table.column_names}
        frame = PandasData.convert_table(pd.DataFrame(columns), expr.as_table().schema())
        return expr.__pandas_result__(frame)

    def to_parquet(
        self,
        expr: ir.Table,
        /,
        path: str | Path,
        *,
        params: Any = None,
        limit: int | str | None = None,
        compression: str = "zstd",
    ) -> None:
        """Compute an expression into one Parquet file, whatever number of pieces Spark has."""
        pieces = self.shown / gen_name("pieces")
        self._computed(expr, params=params, limit=limit).write.parquet(str(pieces))
        schema = expr.as_table().schema().to_pyarrow()
        with pq.ParquetWriter(path, schema, compression=compression) as writer:
            for piece in sorted(pieces.glob("part-*.parquet")):
                with pq.ParquetFile(piece) as file:
                    for rows in file.iter_batches(_GROUP):
                        writer.write_table(pa.Table.from_batches([rows]).cast(schema))
        shutil.rmtree(pieces)


def connect(session: Any, folder: Path) -> SparkBackend:
    """Put Ibis on a Spark session; what it is shown, and what it writes on the way, is in `folder`.

    Also gives Spark functions that it lacks or has otherwise: DuckDB's ``strip_accents``, and
    ``damerau_levenshtein_or_null``, because Splink's own takes a missing text for a distant one.
    """
    folder.mkdir()
    for name in _LOUD:
        PySparkLogger.getLogger(name).disabled = True
    _ = ibis.pyspark.name  # Ibis makes its options for a kind of database when first asked for it
    made: SparkBackend = SparkBackend().connect(session)
    made.shown = folder
    plain, accented = _accents()
    session.sql(
        "CREATE TEMPORARY FUNCTION strip_accents(t STRING) RETURNS STRING RETURN "
        rf"regexp_replace(translate(t, '{accented}', '{plain}'), '\\p{{M}}', '')"
    )
    session.sql(
        "CREATE TEMPORARY FUNCTION damerau_levenshtein_or_null(a STRING, b STRING) RETURNS BIGINT "
        "RETURN CASE WHEN a IS NOT NULL AND b IS NOT NULL "
        "THEN CAST(damerau_levenshtein(a, b) AS BIGINT) END"
    )
    return made


def _accents() -> tuple[str, str]:
    """Letters without and with marks, side by side: every letter of one code that has marks."""
    codes = map(chr, range(sys.maxunicode + 1))
    plain = {code: _without_marks(code) for code in codes if unicodedata.decomposition(code)}
    marked = {code: letter for code, letter in plain.items() if letter not in ("", code)}
    return "".join(marked.values()), "".join(marked)


def _without_marks(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter)
    kept = "".join(part for part in parts if not unicodedata.category(part).startswith("M"))
    return unicodedata.normalize("NFC", kept)


def _values(column: pa.ChunkedArray) -> Any:
    """Values of a column for pandas; where some are missing as they are, or 1 would become 1.0."""
    if column.null_count or pa.types.is_nested(column.type):
        return column.to_pylist()
    return column.to_pandas()


def _typed(table: pa.Table) -> pa.Table:
    """Call a column that holds nothing a text: Spark reads no Parquet column without a type."""
    fields = [
        field.with_type(pa.string()) if pa.types.is_null(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))
