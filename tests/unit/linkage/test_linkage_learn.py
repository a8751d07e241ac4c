"""Learning alone gives the model that linking would have used."""

from __future__ import annotations

import pandas as pd
import pytest

from risk_engine.errors import InputError
from risk_engine.events import RECORD_SCHEMA
from risk_engine.linkage import learn, link

KEY = bytes(range(32))
TABLES = "SELECT table_name FROM information_schema.tables ORDER BY ALL"
AS_OF = pd.Timestamp("2026-01-05").to_pydatetime()


@pytest.mark.parametrize("people", [3, 120])
def test_a_learnt_model_links_as_linking_without_one_does(population, engine, areas, spec, people):
    frame, _ = population(people)
    records = engine.table(frame, RECORD_SCHEMA)
    model = learn(records, engine=engine, spec=spec, key=KEY, seed=1)
    assert model.estimated == (people > 3)
    found = [
        link(
            records, engine=engine, areas=areas, spec=spec, key=KEY, seed=1, as_of=AS_OF, model=one
        )
        for one in (None, model)
    ]
    links = [one.tables["links"].to_pyarrow().to_pandas() for one in found]
    pd.testing.assert_frame_equal(*links, rtol=0, atol=0.00015)  # weights are rounded twice
    assert found[0].quality["model"]["version"] == model.version


def test_the_order_of_rows_changes_nothing(population, engine, spec):
    frame, _ = population(100)
    models = [
        learn(engine.table(rows, RECORD_SCHEMA), engine=engine, spec=spec, key=KEY, seed=1)
        for rows in (frame, frame.sample(frac=1, random_state=4, ignore_index=True))
    ]
    assert models[0] == models[1]


def test_nothing_is_left_behind(population, engine, spec):
    frame, _ = population(60)
    records = engine.ibis.create_table("records", engine.table(frame, RECORD_SCHEMA))
    before = engine.duckdb.execute(TABLES).fetchall()
    learn(records, engine=engine, spec=spec, key=KEY, seed=1)
    assert engine.duckdb.execute(TABLES).fetchall() == before


def test_records_that_are_there_twice(population, engine, spec):
    frame, _ = population(5)
    twice = engine.table(pd.concat([frame, frame]), RECORD_SCHEMA)
    with pytest.raises(InputError, match="distinct record_id"):
        learn(twice, engine=engine, spec=spec, key=KEY, seed=1)
