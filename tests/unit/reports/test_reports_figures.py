"""Maps and charts: what they hold, the same each time, nothing global changes."""

import re
from xml.etree import ElementTree as ET

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pytest

from risk_engine.reports import charts, maps

NAMESPACE = {"svg": "http://www.w3.org/2000/svg"}


def texts(svg: str) -> list[str]:
    root = ET.fromstring(svg)  # noqa: S314 - drawn by the code under test
    return ["".join(node.itertext()).strip() for node in root.iterfind(".//svg:text", NAMESPACE)]


def test_the_force_map_numbers_every_circle_and_counts_the_places_under_it(week):
    force = week.places[week.places["force_rank"].notna()]
    drawn = texts(maps.force_map(force, week.areas, list(force["force_rank"])))
    circles = [t for t in drawn if re.fullmatch(r"[0-9]|1[0-9]|20", t)]
    more = sum(int(t[1:]) for t in drawn if re.fullmatch(r"\+\d+", t))
    assert len(circles) + more == len(force)
    assert "1" in circles


def test_the_area_map_draws_every_number_of_the_area(week):
    own = week.places[week.places["area_code"] == "E07000090"].sort_values("area_rank")
    svg = maps.area_map(own, week.areas, code="E07000090", numbers=list(own["area_rank"]))
    assert {"1", "2", "3", "4", "5", "6", "N"} <= set(texts(svg))


def test_squares_are_true_to_scale(week):
    view = maps.View.around(week.places.total_bounds, least=1000, inches=6.6)
    left, bottom, right, top = week.places.total_bounds
    assert view.left < left < right < view.right
    assert view.bottom < bottom < top < view.top


def test_one_place_is_still_a_map(week):
    one = week.places.head(1)
    svg = maps.area_map(one, week.areas, code=one["area_code"].iloc[0], numbers=[1])
    assert "1" in texts(svg)


def test_a_figure_says_what_it_shows_and_escapes_names(week):
    own = week.places[week.places["area_code"] == "E07000091"]
    svg = maps.area_map(own, week.areas, code="E07000091", numbers=list(own["area_rank"]))
    root = ET.fromstring(svg)  # noqa: S314
    title = root.find("svg:title", NAMESPACE)
    assert title is not None
    assert title.text == "Map of the listed places in Birch & Sons <East>"
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "map-e07000091-title map-e07000091-desc"


def test_drawing_twice_gives_the_same_bytes_and_changes_no_setting(week):
    def draw():
        return maps.force_map(week.places, week.areas, list(week.places["rank"]))

    before = dict(mpl.rcParams)
    assert draw() == draw()
    assert dict(mpl.rcParams) == before


def test_a_geometry_of_points_and_lines_is_drawn_as_nothing(week):
    from shapely import GeometryCollection, Point

    odd = week.areas.copy()
    odd.loc[0, "geometry"] = GeometryCollection([Point(0, 0), odd.geometry.iloc[0]])
    assert "svg" in maps.force_map(week.places.head(1), gpd.GeoDataFrame(odd), [1])


@pytest.mark.parametrize(
    ("metres", "step"), [(1, 1), (7, 5), (999, 500), (1000, 1000), (21_000, 20_000)]
)
def test_steps_of_the_scale_bar(metres, step):
    assert maps._nice(metres) == step


def test_the_summary_plot_depends_on_neither_row_order_nor_the_global_generator(week):
    cohort = week.cohorts[0]
    np.random.seed(1)  # noqa: NPY002
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    first = charts.swarm(cohort.shap, cohort.values, cohort.labels, seed=4)
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002
    again = charts.swarm(
        cohort.shap.sample(frac=1, random_state=2), cohort.values, cohort.labels, seed=4
    )
    assert first == again
    assert first.startswith("data:image/png;base64,")


def test_the_summary_plot_of_nobody_is_empty(week):
    cohort = week.cohorts[0]
    assert charts.swarm(cohort.shap.iloc[:0], cohort.values, cohort.labels, seed=1) == ""


def test_the_summary_plot_bears_a_fact_nobody_has(week):
    cohort = week.cohorts[0]
    values = cohort.values.assign(**{"person.any.last": np.nan})
    assert charts.swarm(cohort.shap, values, cohort.labels, seed=1)
