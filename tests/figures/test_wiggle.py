"""The error of the finite difference over its step: from both branches, read back from the picture."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings

from backprop import example, trace
from backprop.engine.steps import Cell
from backprop.explain.conventions import DEFAULT
from backprop.explain.symbols import gradient_of
from backprop.figures.wiggle import MARGIN, errors, wiggle_svg
from backprop.lessons.examples import EXAMPLES
from tests.strategies import lessons

CELL = Cell("W", 1, None, 1, 1)


def drawn(t, cell=CELL, epsilon=5, width=190.0) -> ET.Element:
    return ET.fromstring(wiggle_svg(t, cell, t.at(gradient_of(cell)), epsilon, DEFAULT, width))


def words(root: ET.Element) -> list[str]:
    return ["".join(e.itertext()) for e in root.iter("text")]


def test_the_coarse_side_falls_with_the_square_and_rounding_rises():
    t = trace(example("towardsai"))
    cell = Cell("W", 2, None, 1, 1)
    found = errors(t, cell, t.at(gradient_of(cell)))
    assert found[0] / found[1] == pytest.approx(100, rel=0.02) and found[1] / found[2] == pytest.approx(100, rel=0.05)
    assert found[13] > 1e3 * found[7] > 1e5 * min(found)
    line = next(drawn(t, cell).iter("polyline")).get("points")
    heights = [float(pair.split(",")[1]) for pair in line.split()]
    assert len(heights) == 15 and max(heights) == heights[int(np.argmin(found))]
    assert np.argsort(heights).tolist() == np.argsort(-np.array(found)).tolist()
    assert words(drawn(t, cell)) == ["too coarse", "too fine: rounding"]


def test_a_loss_that_is_a_parabola_is_never_too_coarse():
    assert words(drawn(trace(example("line")))) == ["too fine: rounding"]


@pytest.mark.parametrize("width", [190.0, 340.0])
def test_the_present_step_stands_where_a_slider_of_the_same_width_has_its_thumb(width):
    t = trace(example("xor"))
    for epsilon in range(1, 16):
        dot = next(drawn(t, epsilon=epsilon, width=width).iter("circle"))
        assert float(dot.get("cx")) == pytest.approx(MARGIN + (width - 2 * MARGIN) * (epsilon - 1) / 14, abs=0.06)


@settings(max_examples=40)
@given(lessons())
def test_any_number_of_any_network_can_be_drawn(lesson):
    t = trace(lesson)
    for cell in (CELL, Cell("x", 0, 1, 1), Cell("z", 1, 1, 1), Cell("a", 1, 1, 1)):
        for epsilon in (1, 15):
            svg = wiggle_svg(t, cell, t.at(gradient_of(cell)), epsilon, DEFAULT)
            ET.fromstring(svg)
            assert not re.search(r"nan|inf\b|None", svg)


@pytest.mark.parametrize("name", EXAMPLES)
def test_everything_lies_inside_and_no_text_is_small(name):
    svg = wiggle_svg(trace(example(name)), CELL, trace(example(name)).at(gradient_of(CELL)), 4, DEFAULT)
    root = ET.fromstring(svg)
    for pair in next(root.iter("polyline")).get("points").split():
        x, y = map(float, pair.split(","))
        assert 0 <= x <= 190 and 0 <= y <= 60
    assert min(map(float, re.findall(r"font-size:([\d.]+)px", svg))) >= 14
