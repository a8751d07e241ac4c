"""The same people, whichever engine computes."""

from __future__ import annotations

import pandas as pd
import pytest

from risk_engine.engine import Engine
from risk_engine.events import RECORD_SCHEMA
from risk_engine.linkage import Memory, link

pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]
AS_OF = pd.Timestamp("2026-01-05").to_pydatetime()
A_WEEK = pd.Timedelta(days=7)
REMEMBERED = ("link_identities", "link_pairs", "links", "lineage", "link_about")
KEYS = {
    "links": ["record_id"],
    "people": ["person_id"],
    "addresses": ["person_id", "known_at"],
    "lineage": ["as_of", "person_id", "event", "other"],
    "link_identities": ["node"],
    "link_pairs": ["left", "right"],
}


@pytest.fixture(scope="module")
def weeks(population):
    """Records of two weeks: in the second a tenth is new."""
    frame, _ = population(120, seed=3)
    return frame[frame.index % 10 > 0], frame


@pytest.fixture(scope="module")
def linked(areas, spec):
    def tables(frame, engine: Engine, *, week=0, memory=None) -> dict[str, pd.DataFrame]:
        made = link(
            engine.table(frame, RECORD_SCHEMA),
            engine=engine,
            areas=areas,
            spec=spec,
            key=b"k" * 16,
            seed=1,
            as_of=AS_OF + week * A_WEEK,
            memory=memory,
        )
        return {name: table.to_pyarrow().to_pandas() for name, table in made.tables.items()}

    return tables


@pytest.fixture(scope="module")
def first_week(linked, weeks, duckdb_engine):
    return linked(weeks[0], duckdb_engine)


@pytest.fixture(scope="module")
def second_week(linked, weeks, first_week, duckdb_engine, spark_engine, tmp_path_factory):
    """Both engines go on from what DuckDB remembers of the first."""
    folder = tmp_path_factory.mktemp("remembered")
    for name in REMEMBERED:
        first_week[name].to_parquet(folder / f"{name}.parquet", index=False)

    def on(engine: Engine) -> dict[str, pd.DataFrame]:
        names = [name.removeprefix("link_") for name in REMEMBERED]
        tables = [engine.read(folder / f"{name}.parquet") for name in REMEMBERED]
        return linked(
            weeks[1], engine, week=1, memory=Memory(**dict(zip(names, tables, strict=True)))
        )

    return on(duckdb_engine), on(spark_engine)


def test_what_is_learnt_joins_the_same_records(linked, weeks, first_week, spark_engine):
    def partition(links):
        return set(links.groupby("person_id")["record_id"].apply(frozenset))

    assert partition(linked(weeks[0], spark_engine)["links"]) == partition(first_week["links"])


@pytest.mark.parametrize("table", KEYS)
def test_with_one_model_every_table_is_the_same(second_week, table):
    one, other = (week[table].sort_values(KEYS[table], ignore_index=True) for week in second_week)
    assert len(one)
    pd.testing.assert_frame_equal(one, other[one.columns], check_dtype=False, atol=2e-4)
