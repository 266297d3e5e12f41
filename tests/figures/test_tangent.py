"""The loss along a number: read back from the picture, by the numbers at its axes."""

import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import example, trace
from backprop.engine.steps import Cell
from backprop.explain import numerals
from backprop.explain.conventions import CONVENTIONS, DEFAULT
from backprop.explain.symbols import gradient_of
from backprop.figures.tangent import tangent_svg, window
from backprop.lessons.examples import EXAMPLES
from backprop.lessons.lesson import Lesson
from tests.strategies import lessons

SHAPES = ((520, 270), (358, 230))


def drawn(t, cell, h, convention=DEFAULT, shape=SHAPES[0]) -> str:
    return tangent_svg(t, cell, t.at(gradient_of(cell)), h, 4, convention, *shape)


def number(text: str) -> float | None:
    try:
        return float(text.replace("−", "-"))
    except ValueError:
        return None


class Read:
    """A picture measured with its own axes: where it has the curve, the tangent and its points, in the numbers of the axes."""

    def __init__(self, svg: str) -> None:
        self.root = ET.fromstring(svg)
        texts = [(e, number("".join(e.itertext()))) for e in self.root if e.tag == "text"]
        across = [(float(e.get("x")), v) for e, v in texts if v is not None and e.get("text-anchor") == "middle"]
        up = [(float(e.get("y")) - 5, v) for e, v in texts if v is not None and e.get("text-anchor") == "end"]
        self.x, self.y = np.polyfit(*zip(*across, strict=True), 1), np.polyfit(*zip(*up, strict=True), 1)
        self.inside = next(e for e in self.root if e.tag == "g")

    def at(self, px: float, py: float) -> tuple[float, float]:
        return float(np.polyval(self.x, px)), float(np.polyval(self.y, py))

    @property
    def curve(self) -> list[tuple[float, float]]:
        line = next(e for e in self.inside if e.tag == "polyline")
        return [self.at(*map(float, pair.split(","))) for pair in line.get("points").split()]

    @property
    def dots(self) -> list[tuple[float, float]]:
        return [self.at(float(e.get("cx")), float(e.get("cy"))) for e in self.inside if e.tag == "circle"]

    @property
    def tangent(self) -> float:
        """Its slope."""
        line = next(e for e in self.inside if e.tag == "line")
        (x1, y1), (x2, y2) = (self.at(float(line.get(f"x{k}")), float(line.get(f"y{k}"))) for k in (1, 2))
        return (y2 - y1) / (x2 - x1)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("name", "cell"),
    [("towardsai", Cell("W", 2, None, 1, 1)), ("genomexyz", Cell("W", 1, None, 1, 1)), ("softmax", Cell("z", 2, 1, 1)), ("xor", Cell("x", 0, 2, 1)), ("neuron", Cell("a", 1, 1, 1))],
)  # fmt: skip
def test_the_picture_shows_curve_tangent_and_both_points(name, cell, shape):
    t, h = trace(example(name)), -0.75
    v, gradient = t.at(cell), t.at(gradient_of(cell))
    read = Read(drawn(t, cell, h, shape=shape))
    curve = np.array(read.curve)
    fine = 0.01 * (curve[:, 1].max() - curve[:, 1].min())
    assert np.interp(v, *curve.T) == pytest.approx(t.loss, abs=fine)
    assert read.tangent == pytest.approx(gradient, rel=0.02)
    after, predicted, before = read.dots
    assert before == pytest.approx((v, t.loss), abs=0.01)
    assert predicted == pytest.approx((v + h, t.loss + gradient * h), abs=0.01)
    assert after == pytest.approx((v + h, np.interp(v + h, *curve.T)), abs=max(0.01, fine))


def test_the_window_holds_the_nudge_zero_and_one():
    for value in (0.0, 0.3, -7.0, 16.0, 1e17):
        for h in (0.0, -0.04, 0.79, 2.0):
            half = window(value, h)
            assert max(1, abs(value), 1.25 * abs(h)) <= half <= 1.6 * max(1, abs(value), 1.25 * abs(h))
    assert (
        len({window(0.4, h / 100) for h in range(201)}) == 4
    )  # while h is dragged the curve stands still but for three jumps


def turns(name: str) -> float:
    """The sharpest bend of the curve, as an angle."""
    t = trace(example(name))
    points = next(e for e in Read(drawn(t, Cell("W", 1, None, 1, 1), 1.0)).inside if e.tag == "polyline").get("points")
    px = np.array([tuple(map(float, each.split(","))) for each in points.split()])
    way = np.diff(px, axis=0)
    angles = np.arctan2(way[:, 1], way[:, 0])
    return float(abs(np.diff(angles)).max())


def test_the_kinks_of_relu_are_seen():
    assert turns("dabbura-relu") > 0.3 and turns("dabbura-tanh") < 0.1


def test_a_small_nudge_is_shown_in_a_loupe_and_a_large_one_is_not():
    t, cell = trace(example("towardsai")), Cell("W", 2, None, 1, 1)
    assert "20 times" in drawn(t, cell, 0.01) and "lens" in drawn(t, cell, -0.05)
    for h in (0.0, 0.5):
        assert "lens" not in drawn(t, cell, h) and "times" not in drawn(t, cell, h)


def test_what_shoots_up_is_cut_off_at_the_box():
    lesson = Lesson(layers=[1, 1], activations=[{"formula": "e^(9*z)"}], loss="half_squared_error", weights=[[[0.1]]], inputs=[[1.0]], targets=[[1.0]], learning_rate=0.1)  # fmt: skip
    t, cell = trace(lesson), Cell("W", 1, None, 1, 1)
    root = ET.fromstring(drawn(t, cell, 0.3))
    (clip,) = [e for e in root if e.tag == "clipPath"]
    assert all(e.tag in ("clipPath", "line", "text") or e.get("clip-path") == f"url(#{clip.get('id')})" for e in root)
    box = clip[0]
    left, top = float(box.get("x")), float(box.get("y"))
    assert left > 0 and top > 0 and left + float(box.get("width")) < 520 and top + float(box.get("height")) < 270
    read = Read(drawn(t, cell, 0.3))
    assert max(y for _x, y in read.curve) > read.at(0, top)[1]  # some of it is above the box


CELLS = (Cell("W", 1, None, 1, 1), Cell("x", 0, 1, 1), Cell("z", 1, 1, 1), Cell("a", 1, 1, 1))
ANY = st.one_of(st.floats(-2, 2), st.floats(), st.sampled_from((0.0, 1e-300, 1e300, 5e-324)))


@settings(max_examples=40)
@given(lessons(), ANY, st.sampled_from(tuple(CONVENTIONS)))
def test_any_number_of_any_network_can_be_drawn(lesson, h, convention):
    t = trace(lesson)
    for cell in CELLS:
        svg = drawn(t, cell, h, CONVENTIONS[convention])
        ET.fromstring(svg)
        assert not re.search(r"nan|inf\b|None", svg)


@pytest.mark.parametrize("value", [1e200, -1e308, math.inf, math.nan])
def test_numbers_out_of_range_are_told(value):
    t = trace(example("line"))
    cell = Cell("W", 1, None, 1, 1)
    for gradient, h in ((value, 0.5), (1.0, value)):
        ET.fromstring(tangent_svg(t, cell, gradient, h, 4, DEFAULT))
    assert "nothing can be drawn" in tangent_svg(t, cell, 1.0, math.inf, 4, DEFAULT)


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_small_text_and_the_mark_of_the_class(name):
    t = trace(example(name))
    try:
        numerals.write(comma=True, fractions=True)
        svg = drawn(t, Cell("W", 1, None, 1, 1), 0.5)
    finally:
        numerals.write()
    root = ET.fromstring(svg)
    assert not [e for e in root.iter("text") if re.search(r"\d\.\d", "".join(e.itertext()))]
    assert min(float(size) for size in re.findall(r"<text [^>]*font-size:([\d.]+)px", svg)) >= 14
