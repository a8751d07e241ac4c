"""Tables that share cells are protected together; cases that can be followed by eye."""

from __future__ import annotations

import numpy as np
import pytest

from risk_engine.disclosure import Sum, protect_sums
from risk_engine.errors import InputError


def hidden(counts, sums, **more):
    return np.flatnonzero(protect_sums(counts, sums, threshold=10, **more)[1]).tolist()


def test_nothing_small_hides_nothing():
    assert hidden([15, 30, 0, 45], [Sum(3, (0, 1, 2))]) == []


def test_a_small_part_takes_the_smallest_other_part_with_it():
    assert hidden([3, 40, 20, 63], [Sum(3, (0, 1, 2))]) == [0, 2]


def test_a_zero_hides_nothing_so_the_total_goes():
    assert hidden([3, 12, 15], [Sum(2, (0, 1))]) == [0, 1]
    assert hidden([3, 3], [Sum(1, (0,))]) == [0, 1]


def test_two_small_parts_at_their_limit_are_given_away_by_their_total():
    assert hidden([9, 9, 18], [Sum(2, (0, 1))]) == [0, 1, 2]
    assert hidden([9, 8, 17], [Sum(2, (0, 1))]) == [0, 1]


def test_nine_ones_that_make_nine_are_given_away_by_being_said_to_be_small():
    """Nine parts of at least one each, and a total under ten: the total must be nine."""
    counts = [*[1] * 9, 9, 40, 49]
    said, found = protect_sums(counts, [Sum(9, tuple(range(9))), Sum(11, (9, 10))], threshold=10)
    assert found[:11].all()
    assert not said[9]


def test_ten_ones_that_make_ten_are_given_away_by_their_total():
    assert hidden([1] * 10 + [10], [Sum(10, tuple(range(10)))]) == list(range(11))


def test_what_is_not_printed_is_protected_too():
    """Of 15 offences 12 with a knife are printed: the 3 without one are not, and yet are known."""
    counts, sums = [12, 3, 15], [Sum(2, (0, 1))]
    assert hidden(counts, sums, printed=[True, False, True]) == [0, 1]
    assert hidden([12, 13, 25], sums, printed=[True, False, True]) == [1]


def test_a_second_table_with_the_same_total_gives_nothing_back():
    """The total is hidden in one table; the parts of another would add up to it."""
    counts = [4, 0, 4, 20, 5, 15, 24]
    sums = [Sum(2, (0, 1)), Sum(3, (4, 5)), Sum(6, (2, 3))]
    found = hidden(counts, sums, weight=[0, 0, 1, 1, 0, 0, 2])
    assert {0, 2, 3, 4, 5} <= set(found)
    assert 6 not in found


def test_lighter_cells_go_first():
    counts, sums = [3, 40, 20, 63], [Sum(3, (0, 1, 2))]
    assert hidden(counts, sums, weight=[0, 0, 5, 9]) == [0, 1]


def test_the_hidden_rectangle_of_a_two_way_table():
    cells = [[3, 20, 30], [25, 30, 40], [35, 45, 50]]
    counts = [*np.ravel(cells), *np.sum(cells, 1), *np.sum(cells, 0), np.sum(cells)]
    sums = [Sum(9 + r, tuple(3 * r + c for c in range(3))) for r in range(3)]
    sums += [Sum(12 + c, tuple(3 * r + c for r in range(3))) for c in range(3)]
    sums += [Sum(15, (9, 10, 11)), Sum(15, (12, 13, 14))]
    found = hidden(counts, sums, weight=[0] * 9 + [1] * 6 + [2])
    assert found == [0, 1, 3, 4]


def test_small_cells_are_told_from_the_others_and_nothing_is_changed():
    counts = [3, 40, 20, 63]
    small, _ = protect_sums(counts, [Sum(3, (0, 1, 2))], threshold=10)
    assert small.tolist() == [True, False, False, False]
    assert counts == [3, 40, 20, 63]


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ([1, 2, 4], "DISCLOSURE_SUM"),
        ([-1, 4, 3], "DISCLOSURE_COUNT"),
        ([0.5, 2.5, 3], "DISCLOSURE_COUNT"),
        ([float("nan"), 1, 1], "DISCLOSURE_COUNT"),
    ],
)
def test_counts_that_are_none_and_totals_that_are_not_their_parts_are_refused(counts, code):
    with pytest.raises(InputError) as caught:
        protect_sums(counts, [Sum(2, (0, 1))], threshold=10)
    assert caught.value.code == code
