from __future__ import annotations

import geopandas as gpd
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from risk_engine.config.run import Linkage
from risk_engine.engine import open_engine
from risk_engine.events import RECORD_SCHEMA
from risk_engine.linkage import link
from risk_engine.linkage.clusters import cluster
from risk_engine.places import AreaMap

AREAS = AreaMap(
    gpd.GeoDataFrame({"area_code": ["A"], "name": ["A"]}, geometry=[box(0, 0, 9, 9)], crs=27700),
    "EPSG:27700",
    0,
)
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
            config=Linkage(),
            key=key,
            seed=1,
        )
        return found.links.to_pyarrow().to_pandas(), found.people.to_pyarrow().to_pandas()


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
