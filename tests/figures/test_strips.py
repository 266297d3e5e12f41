"""Dots on a short line, read back."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop.figures.strips import reach, strip_svg


def dots(values, low, high, width=120.0) -> list[float]:
    root = ET.fromstring(strip_svg(np.array(values), low, high, width, 22, "fwd", "title"))
    return [float(each.get("cx")) for each in root.iter("circle")]


def test_dots_stand_in_proportion():
    left, middle, right = dots([[0.0, 1.0], [0.25, 1.0]], 0.0, 1.0)
    assert (middle - left) / (right - left) == pytest.approx(0.25, abs=0.01)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=12))
def test_whatever_comes_is_inside(values):
    found = reach([np.array(values)])
    finite = [value for value in values if np.isfinite(value)]
    assert (found is None) == (not finite)
    if found is not None:
        low, high = found
        assert low < high and low <= min(finite) and max(finite) <= high
        assert all(0 <= x <= 120 for x in dots(values, low, high))


def test_equal_numbers_still_have_a_range():
    assert reach([np.zeros(3)]) == (-1e-3, 1e-3) and reach([np.full(2, 0.5), np.full((2, 2), 0.5)]) == (0.25, 0.75)


@pytest.mark.filterwarnings("error")
def test_numbers_at_the_end_of_float64_are_drawn_without_a_warning():
    largest = np.finfo(float).max
    assert dots([-largest, largest], -largest, largest) == [7.0, 113.0]
    assert dots([0.0, largest], 0.0, largest) == [7.0, 113.0]
