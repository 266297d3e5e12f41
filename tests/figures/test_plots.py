"""Plots with a point: read back from the SVG, against the box's own numbers."""

import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop.figures.axes import Box
from backprop.figures.plots import (
    Curve,
    Dot,
    Plot,
    grip_svg,
    heights,
    pieces,
    point_svg,
    still_svg,
    target_svg,
    thumb_svg,
)

BOX = Box(50, 450, 20, 220, -2, 2, -1, 3)
X = np.linspace(-2, 2, 81)


def plot(y, **more) -> Plot:
    return Plot(BOX, (Curve(X, np.asarray(y, dtype=float), "fwd", "one"),), "f", "z", **more)


def drawn(svg: str, tag: str):
    return [each for each in ET.fromstring(svg).iter() if each.tag.endswith(tag)]


def test_the_curve_lies_where_its_numbers_are():
    lines = drawn(still_svg([plot(X**2 / 2)], 500, 260, "a parabola"), "polyline")
    points = [tuple(map(float, each.split(","))) for each in lines[0].get("points").split()]
    for (px, py), x in zip(points, X, strict=True):
        assert px == pytest.approx(250 + 100 * x, abs=0.06) and py == pytest.approx(170 - 50 * x * x / 2, abs=0.06)


def test_dot_and_tangent_stand_at_the_point():
    svg = point_svg([plot(X**2 / 2)], 1.0, [Dot(0, 0.5, "fwd", 1.0)], 500, 260)
    dot = drawn(svg, "circle")[0]
    assert (float(dot.get("cx")), float(dot.get("cy"))) == (350.0, 145.0)
    tangent = next(each for each in drawn(svg, "line") if "--slope" in each.get("style"))
    x1, y1, x2, y2 = (float(tangent.get(each)) for each in ("x1", "y1", "x2", "y2"))
    assert (y2 - y1) / (x2 - x1) == pytest.approx(-0.5, abs=0.01)  # one up, 50 px, for one to the right, 100 px
    assert (x1 + x2) / 2 == pytest.approx(350, abs=0.1) and math.hypot(x2 - x1, y2 - y1) == pytest.approx(140, abs=0.2)


@given(st.floats(-2, 2), st.floats(-1, 3), st.floats(-1e9, 1e9))
def test_a_tangent_stays_in_its_box(x, y, slope):
    for each in drawn(point_svg([plot(X)], x, [Dot(0, y, "fwd", slope)], 500, 260), "line"):
        assert all(49.9 <= float(each.get(name)) <= 450.1 for name in ("x1", "x2"))
        assert all(19.9 <= float(each.get(name)) <= 220.1 for name in ("y1", "y2"))


@pytest.mark.parametrize("y", [math.nan, math.inf, -math.inf, 1e308, 9.0, -9.0])
def test_a_dot_beyond_the_box_is_an_arrow_and_one_without_a_number_is_none(y):
    svg = point_svg([plot(X)], 0.0, [Dot(0, y, "fwd", math.inf)], 500, 260)
    assert not drawn(svg, "circle") and len(drawn(svg, "polygon")) == (0 if math.isnan(y) else 1)
    assert "nan" not in svg and "inf" not in svg


def test_a_line_stops_where_there_is_no_number_and_at_a_gap_and_does_not_cross_a_pole():
    with np.errstate(all="ignore"):
        assert len(list(pieces(Curve(X, np.log(X), "fwd"), BOX))) == 1
        assert len(list(pieces(Curve(X, 1 / X, "fwd"), BOX))) == 2
        assert len(list(pieces(Curve(X, 1 / (X - 0.01), "fwd"), BOX))) == 2
    step = Curve(X, (X > 0).astype(float), "fwd")
    assert len(list(pieces(step, BOX))) == 1 and len(list(pieces(step, BOX, (0.0,)))) == 2


def test_what_shoots_up_is_cut_off_and_a_peak_is_not():
    x = np.linspace(-8, 8, 241)
    with np.errstate(all="ignore"):
        low, high = heights([1 / x])
    assert high < 10 and low > -10
    assert heights([np.exp(-16 * x * x)])[1] > 1
    assert heights([1 - np.tanh(x) ** 2])[1] > 1
    assert heights([np.full(3, np.nan)]) == heights([np.array([])])


def test_what_the_hand_holds_says_the_range_of_its_plot():
    areas = [each for each in drawn(grip_svg([plot(X), plot(X)], "at", 500, 260), "rect") if each.get("data-drag")]
    assert [each.get("data-drag") for each in areas] == ["at -2 2 50 450"] * 2


def test_the_shaded_stretch_and_the_target_lie_where_they_should():
    svg = still_svg([plot(X, shaded=((-9.0, -1.0),), shade="here")], 500, 260, "x")
    shade = next(each for each in drawn(svg, "rect") if "--field" in (each.get("style") or ""))
    assert (float(shade.get("x")), float(shade.get("width"))) == (50, 100) and "here" in svg
    flag = drawn(target_svg([plot(X)], 1.0, "t", 500, 260), "rect")[0]
    assert float(flag.get("x")) + 11 == 350


def test_names_are_written_as_text_and_apart():
    curves = tuple(Curve(X, X * 0 + k / 100, "fwd", f"<b>{k}</b>") for k in range(3))
    svg = still_svg([Plot(BOX, curves)], 600, 260, "<i>")
    assert "<b>" not in svg and "<i>" not in svg
    found = sorted(float(y) for y in re.findall(r'y="([\d.]+)"[^>]*>&lt;b', svg))
    assert len(found) == 3 and min(b - a for a, b in pairwise(found)) >= 17.9


def test_a_thumbnail_holds_its_curve():
    points = drawn(thumb_svg(Curve(X, X**3, "fwd")), "polyline")[0].get("points").split()
    assert all(0 <= float(p.split(",")[0]) <= 72 and 0 <= float(p.split(",")[1]) <= 34 for p in points)
