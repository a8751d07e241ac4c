"""The grid: the same square whether NumPy or the database names it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box

from risk_engine.engine import open_engine
from risk_engine.places import AreaMap, Grid

COORDINATE = st.floats(-20_000, 700_000, allow_nan=False)


@pytest.fixture(scope="module")
def engine():
    with open_engine() as opened:
        yield opened


def area_map(*shapes):
    codes = [f"A{n}" for n in range(len(shapes))]
    table = gpd.GeoDataFrame({"area_code": codes, "name": codes}, geometry=list(shapes), crs=27700)
    return AreaMap(table, "EPSG:27700", 0)


@pytest.mark.parametrize(
    ("east", "north", "cell"),
    [
        (442_400, 113_600, "E442250N113500"),
        (250, 250, "E250N250"),  # the lower left corner belongs to its square
        (249.999, 0, "E0N0"),
        (0, 0, "E0N0"),
        (-0.1, -250, "E-250N-250"),
    ],
)
def test_the_square_of_a_point(east, north, cell):
    assert Grid(250).cell_ids(np.array([east]), np.array([north])).tolist() == [cell]


def test_no_points_are_in_no_square():
    assert Grid(250).cell_ids(np.array([]), np.array([])).tolist() == []


@settings(max_examples=20, deadline=None)
@given(
    points=st.lists(st.tuples(COORDINATE, COORDINATE), min_size=1, max_size=30),
    size=st.sampled_from([50, 100, 250, 333, 2000]),
)
def test_the_database_names_squares_as_numpy_does(engine, points, size):
    frame = pd.DataFrame(points, columns=["easting", "northing"]).reset_index(names="n")
    cells = Grid(size).with_cells(engine.table(frame)).order_by("n").execute()["cell_id"]
    assert cells.tolist() == Grid(size).cell_ids(frame["easting"], frame["northing"]).tolist()


def test_events_without_a_point_are_left_out(engine):
    frame = pd.DataFrame(
        {"n": range(3), "easting": [1.0, np.nan, 1.0], "northing": [1.0, 1.0, np.nan]}
    )
    assert Grid(250).with_cells(engine.table(frame)).n.execute().tolist() == [0]


def test_every_square_that_touches_an_area_is_there_once():
    shapes = [box(100, 100, 900, 300), Point(2000, 2000).buffer(400)]
    squares = Grid(250).squares(area_map(*shapes))
    assert squares["cell_id"].is_unique
    union = gpd.GeoSeries(shapes).union_all()
    xs = np.arange(-500, 3000, 250)
    expected = {
        f"E{x}N{y}" for x in xs for y in xs if box(x, y, x + 250, y + 250).intersects(union)
    }
    assert set(squares["cell_id"]) == expected


def test_squares_are_named_by_their_corner_and_placed_by_their_centre():
    squares = Grid(250).squares(area_map(box(10, 10, 240, 240)))
    (row,) = squares.itertuples()
    assert (row.cell_id, row.easting, row.northing) == ("E0N0", 125, 125)
    assert row.geometry.bounds == (0, 0, 250, 250)
    assert squares.crs == "EPSG:27700"


def test_squares_come_by_row_and_column():
    squares = Grid(100).squares(area_map(box(10, 10, 190, 190)))
    assert squares["cell_id"].tolist() == ["E0N0", "E100N0", "E0N100", "E100N100"]
