"""Residents by group and small area, and the census files that cannot be used."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from risk_engine.config import Census
from risk_engine.errors import InputError
from risk_engine.places import AreaMap, Residents

GROUPS = {"White British": "White", "White other": "White", "Black": "Black"}
ROWS = [
    ("Z1", "White British", 60),
    ("Z1", "White other", 20),
    ("Z1", "Black", 20),
    ("Z2", "White British", 90),
    ("Z9", "Black", 1000),
]


@pytest.fixture
def areas():
    table = gpd.GeoDataFrame(
        {"area_code": ["A"], "name": ["Ay"]}, geometry=[box(0, 0, 1000, 1000)], crs=27700
    )
    return AreaMap(table, "EPSG:27700", 0)


@pytest.fixture
def load(tmp_path, areas):
    def read(rows=ROWS, header="zone,group,n", **changes):
        zones = gpd.GeoDataFrame(
            {"code": ["Z1", "Z2", "Z9"]},
            geometry=[box(0, 0, 500, 500), box(500, 0, 1000, 500), box(1000, 0, 1500, 500)],
            crs=27700,
        )
        zones.to_file(tmp_path / "zones.gpkg")
        lines = [header, *(",".join(map(str, row)) for row in rows)]
        (tmp_path / "counts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        config = {
            "boundaries": "zones.gpkg",
            "boundary_code": "code",
            "table": "counts.csv",
            "code": "zone",
            "group": "group",
            "count": "n",
            "groups": GROUPS,
            "year": 2021,
        }
        return Residents.load(
            Census.model_validate(config | changes), areas, lambda path: tmp_path / path
        )

    return read


def refused(caught):
    return caught.value.code


def test_zones_in_the_area_with_their_groups_as_the_audit_says_them(load):
    residents = load()
    assert list(residents.zones.columns) == ["zone_code", "area_code", "geometry"]
    assert residents.zones["zone_code"].tolist() == ["Z1", "Z2"]
    assert residents.zones["area_code"].tolist() == ["A", "A"]
    assert residents.population.to_numpy().tolist() == [
        ["Z1", "Black", 20],
        ["Z1", "White", 80],
        ["Z2", "White", 90],
    ]


def test_groups_over_the_whole_area(load):
    assert load().by_group().to_numpy().tolist() == [["Black", 20], ["White", 170]]


def test_the_order_of_the_rows_does_not_matter(load):
    pd.testing.assert_frame_equal(load().population, load(rows=ROWS[::-1]).population)


def test_codes_that_look_like_numbers_keep_their_zeros(load):
    with pytest.raises(InputError) as caught:
        load(rows=[("01", "Black", 1)])
    assert refused(caught) == "CENSUS_EMPTY"


@pytest.mark.parametrize("rows", [[], [("Z9", "Black", 5)], [("Z1", "Black", 0)]])
def test_an_area_without_residents_is_refused(load, rows):
    with pytest.raises(InputError, match="same vintage") as caught:
        load(rows=rows)
    assert refused(caught) == "CENSUS_EMPTY"


def test_a_group_that_is_not_mapped_is_named(load):
    with pytest.raises(
        InputError, match="not mapped in the run configuration: Asian, Other"
    ) as caught:
        load(rows=[*ROWS, ("Z1", "Other", 1), ("Z1", "Asian", 1)])
    assert refused(caught) == "CENSUS_GROUP"


@pytest.mark.parametrize("value", ["many", "-1", "", "c"])
def test_a_count_that_is_no_number_of_people_is_refused(load, value):
    with pytest.raises(InputError, match="column 'n' holds values that are no number") as caught:
        load(rows=[*ROWS, ("Z1", "Black", value)])
    assert refused(caught) == "CENSUS_COUNT"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code": "zon"}, "counts.csv: no column 'zon' (did you mean 'zone'?)"),
        ({"group": "grp"}, "counts.csv: no column 'grp'"),
        ({"count": "residents"}, "counts.csv: no column 'residents'"),
        ({"boundary_code": "cod"}, "zones.gpkg: no column 'cod' (did you mean 'code'?)"),
    ],
)
def test_a_missing_column_is_answered_with_a_near_one(load, changes, said):
    with pytest.raises(InputError) as caught:
        load(**changes)
    assert said in caught.value.message
    assert refused(caught) == "MISSING_COLUMNS"


def test_missing_files_are_named(load):
    with pytest.raises(InputError, match=r"none\.csv: there is no such census file"):
        load(table="none.csv")
    with pytest.raises(InputError, match=r"none\.gpkg: there is no such map file"):
        load(boundaries="none.gpkg")


@pytest.mark.parametrize("content", [b"", "zone,grp\n".encode("utf-16"), b'zone,grp\n"a,b\n'])
def test_what_is_no_census_table_is_refused(load, tmp_path, content):
    (tmp_path / "other.csv").write_bytes(content)
    with pytest.raises(InputError, match=r"other\.csv: cannot be read as a census table") as caught:
        load(table="other.csv")
    assert refused(caught) == "CENSUS_UNREADABLE"
