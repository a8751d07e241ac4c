from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from risk_engine.config.linkage import LinkageSpec
from risk_engine.config.load import load_model
from risk_engine.engine import Engine, open_engine
from risk_engine.events import RECORD_SCHEMA
from risk_engine.files import fingerprint
from risk_engine.linkage import Linked, Memory, Model, link
from risk_engine.linkage.clusters import cluster
from risk_engine.linkage.link import FIELDS
from risk_engine.linkage.model import comparisons, stated
from risk_engine.linkage.training import digest
from risk_engine.places import AreaMap

AREAS = AreaMap(
    gpd.GeoDataFrame({"area_code": ["A"], "name": ["A"]}, geometry=[box(0, 0, 9, 9)], crs=27700),
    "EPSG:27700",
    0,
)
SPEC = load_model(LinkageSpec, Path(__file__).parents[2] / "models/specs/linkage.yaml")
RECORD = st.fixed_dictionaries(
    {
        "first_name": st.sampled_from(["Ann", "Anne", "Bob", "Robert", "X", None]),
        "last_name": st.sampled_from(["Lee", "Li", "de Souza", "Unknown", None]),
        "birth_date": st.sampled_from(["2001-02-03", "2001-03-02", "1970-12-31", "soon", None]),
        "sex": st.sampled_from(["m", "f", "?", None]),
        "postcode": st.sampled_from(["SO14 3AB", "PO1 2CD", None]),
        "shared_key": st.sampled_from(["K1", "K2", None, None]),
        "home_easting": st.sampled_from([1.0, 20.0, None]),
        "known_at": st.datetimes(pd.Timestamp("2023-01-01"), pd.Timestamp("2024-01-01")),
    }
)


def linked(frame: pd.DataFrame, key: bytes) -> tuple[pd.DataFrame, pd.DataFrame]:
    with open_engine() as engine:
        found = link(
            engine.table(frame, RECORD_SCHEMA),
            engine=engine,
            areas=AREAS,
            spec=SPEC,
            key=key,
            seed=1,
            as_of=pd.Timestamp("2026-01-05").to_pydatetime(),
        )
        links, people = found.tables["links"], found.tables["people"]
        return links.to_pyarrow().to_pandas(), people.to_pyarrow().to_pandas()


def partition(links: pd.DataFrame) -> set[frozenset[str]]:
    return set(links.groupby("person_id")["record_id"].apply(frozenset))


@settings(max_examples=5, deadline=None)
@given(rows=st.lists(RECORD, max_size=12), random=st.randoms(use_true_random=False))
def test_every_record_has_one_person_whatever_the_order_and_key(rows, random):
    frame = pd.DataFrame(rows, columns=list(RECORD_SCHEMA)).assign(
        record_id=[f"r{number}" for number in range(len(rows))], source="s"
    )
    frame["home_northing"] = frame["home_easting"]
    links, people = linked(frame, b"a" * 16)
    order = random.sample(range(len(frame)), len(frame))
    others, _ = linked(frame.iloc[order].reset_index(drop=True), b"b" * 16)
    assert sorted(links["record_id"]) == sorted(frame["record_id"])
    assert set(links["person_id"]) == set(people["person_id"])
    assert people["person_id"].is_unique
    assert partition(links) == partition(others)
    assert not set(links["person_id"]) & set(others["person_id"])


KEY = b"a" * 16
#: Used as it is: a few records teach nothing.
MODEL = Model(
    digest=digest(SPEC, comparisons(SPEC, FIELDS)),
    parameters=stated(comparisons(SPEC, FIELDS)),
    prior=0.01,
    threshold=0.9,
    identities=1_000,
    estimated=True,
    frequencies={name: {} for name in ("first_name", "last_name", "birth_date")},
    key=fingerprint(KEY),
)


def week(engine: Engine, frame: pd.DataFrame, before: Linked | None = None) -> Linked:
    kept = before and before.tables
    memory = kept and Memory(
        kept["link_identities"], kept["link_pairs"], kept["links"], kept["lineage"],
        kept["link_about"],
    )  # fmt: skip
    return link(
        engine.table(frame, RECORD_SCHEMA), engine=engine, areas=AREAS, spec=SPEC, key=KEY,
        seed=1, as_of=pd.Timestamp("2026-01-05").to_pydatetime(), model=MODEL, memory=memory,
    )  # fmt: skip


def told(found: Linked) -> tuple[pd.DataFrame, dict[str, object], set[frozenset[str]]]:
    links = found.tables["links"].order_by("record_id").to_pyarrow().to_pandas()
    facts = {name: found.quality[name] for name in ("methods", "rules", "links_refused", "held")}
    return links.drop(columns="person_id"), facts, partition(links)


@settings(max_examples=5, deadline=None)
@given(
    rows=st.lists(RECORD, min_size=2, max_size=10),
    week_of=st.lists(st.sampled_from(["first", "second", "both", "both"]), min_size=10),
)
def test_a_week_that_goes_on_from_another_equals_one_from_scratch(rows, week_of):
    frame = pd.DataFrame(rows, columns=list(RECORD_SCHEMA)).assign(
        record_id=[f"r{number}" for number in range(len(rows))], source="s"
    )
    frame["home_northing"] = frame["home_easting"]
    when = pd.Series(week_of[: len(frame)])
    first, second = (frame[when != other].reset_index(drop=True) for other in ("second", "first"))
    with open_engine() as engine:
        before = week(engine, first)
        found, expected = week(engine, second, before), week(engine, second)
        assert found.quality["compared"] <= expected.quality["compared"]
        for one, other in zip(told(found), told(expected), strict=True):
            if isinstance(one, pd.DataFrame):
                pd.testing.assert_frame_equal(one, other, check_exact=True)
            else:
                assert one == other


PAIR = st.tuples(
    st.integers(0, 9), st.integers(0, 9), st.integers(-3, 12), st.sampled_from([-1, 0])
)


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(PAIR.filter(lambda row: row[0] < row[1]), unique_by=lambda row: row[:2]))
def test_links_without_first_names_never_join_what_was_ruled_out(rows):
    columns = {"left": "int64", "right": "int64", "weight": "float64", "evidence": "int8"}
    pairs = pd.DataFrame(rows, columns=list(columns)).astype(columns)
    keys = pairs[["left", "right"]].iloc[:0]
    found = cluster(range(10), pairs, keys, threshold=0.95).nodes.set_index("node")["cluster"]
    ruled_out = pairs[pairs["evidence"] < 0]
    assert (found[ruled_out["left"]].to_numpy() != found[ruled_out["right"]].to_numpy()).all()
    assert (found.groupby(found).apply(lambda group: group.index.min()) == found.unique()).all()
