from __future__ import annotations

import numpy as np
import pytest

from risk_engine.calendar import Period
from risk_engine.config.hotspots import Exclusion
from risk_engine.errors import ConfigError
from risk_engine.hotspots.cells import best_cells, cell_counts, expected_cells
from risk_engine.hotspots.history import clean, look_back
from risk_engine.hotspots.placed import place
from risk_engine.hotspots.surface import build, pixels

WEEK = Period("week", "Europe/London")


@pytest.fixture
def history_of(areas, as_of):
    def make(points):
        rows, _ = clean(points, bounds=areas.bounds, margin=1_000)
        return look_back(rows, as_of=as_of, period=WEEK, half_life=1095)

    return make


def placed(history, spec, areas, **options):
    surface = build(history, spec, cell_size=250)
    return place(surface, areas, **{"side": 10, "count": 6, "seed": 1, **options})


def test_a_square_is_not_tied_to_the_grid(history_of, points_at, spec, areas):
    # Two by two events around a corner of the grid: every grid cell holds one of the four.
    points = points_at([900, 1_100, 900, 1_100], [900, 900, 1_100, 1_100], [1, 1, 1, 1])
    best = placed(history_of(points), spec, areas, count=1)
    assert best["own"].item() == pytest.approx(4, rel=0.01)


def test_squares_never_overlap_and_come_best_first(history_of, town, spec, areas):
    squares = placed(history_of(town(1)), spec, areas, count=40)
    x, y = squares["left"].to_numpy(), squares["bottom"].to_numpy()
    apart = np.maximum(np.abs(x[:, None] - x), np.abs(y[:, None] - y))
    assert apart[~np.eye(len(x), dtype=bool)].min() >= 250
    assert squares["value"].is_monotonic_decreasing


def test_every_area_gets_its_squares(history_of, points_at, spec, areas):
    west = np.repeat(np.arange(8) * 600 + 100, 5)
    points = points_at([*west, 9_000, 10_000], [*west, 500, 3_000], [1.0] * 42)
    squares = placed(history_of(points), spec, areas, count=4, per_area=2)
    assert squares["area_code"].tolist() == ["W"] * 4 + ["E"] * 2


def test_no_more_squares_than_places_with_events(history_of, points_at, spec, areas):
    squares = placed(history_of(points_at([100, 8_000], [100, 100], [1, 1])), spec, areas)
    assert len(squares) == 2


def test_the_centre_lies_in_a_local_area(history_of, points_at, spec, areas):
    points = points_at([-200, -200, -200, 5_000], [500, 500, 500, 500], [1, 2, 3, 4])
    squares = placed(history_of(points), spec, areas)
    assert squares["area_code"].notna().all()
    assert (squares["left"] + 125 >= 440_000).all()


def test_an_excluded_place_is_not_listed(history_of, points_at, spec, areas):
    points = points_at([1_000] * 9 + [5_000], [1_000] * 9 + [5_000], range(1, 11))
    prison = Exclusion(easting=441_000, northing=111_000, reason="a prison", by="analyst")
    squares = placed(history_of(points), spec, areas, avoid=[prison])
    centre = np.hypot(squares["left"] + 125 - 441_000, squares["bottom"] + 125 - 111_000)
    assert (centre > 200).all()


def test_ties_prefer_no_direction(history_of, points_at, spec, areas):
    x, y = np.meshgrid(np.arange(10) * 1_000 + 700, np.arange(10) * 1_000 + 700)
    history = history_of(points_at(x.ravel(), y.ravel(), [5] * 100))
    firsts = [placed(history, spec, areas, count=1, seed=seed)["left"].item() for seed in range(40)]
    assert len(set(firsts)) > 5
    assert abs(np.mean(firsts) - (440_000 + 700 + 4_500)) < 1_500


def test_a_square_must_be_whole_steps(spec):
    assert pixels(spec, 250) == 10
    with pytest.raises(ConfigError, match="whole number of steps"):
        pixels(spec, 260)


def test_cells_hold_the_whole_expected_total(history_of, town, areas):
    history = history_of(town(2))
    cells = expected_cells(history, cell_size=250, days=7, crs=areas.crs)
    assert cells["expected"].sum() == pytest.approx(history.rate * 7)
    assert cells.area.eq(62_500).all()
    assert cells["cell_id"].is_unique


def test_the_best_cells_are_those_with_most(history_of, points_at, areas):
    history = history_of(points_at([10, 20, 30, 700, 710, 3_000], [10] * 6, [1] * 6))
    counts = cell_counts(history, np.ones(6), cell_size=250)
    best = best_cells(counts, areas, count=2, cell_size=250, seed=1)
    assert best["value"].tolist() == [3.0, 2.0]
