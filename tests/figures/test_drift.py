"""The curves of the twins: everything finite is drawn, inside the picture, and marked where one is."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import example
from backprop.explain import numerals
from backprop.figures.drift import drift_svg
from backprop.practice.drift import apart
from backprop.practice.rounding import twins

ANY = st.lists(st.floats(allow_nan=True), max_size=12)
GAPS = st.lists(st.floats(min_value=0, allow_nan=False), max_size=12)


def drawn(here=30, places=4, width=350.0, upto=50) -> ET.Element:
    found = twins(example("genomexyz"), here, places, upto)
    up, even = ([float(each) for each in twin.losses] for twin in (found.up, found.even))
    return ET.fromstring(drift_svg(found.losses, up, even, apart(found), here, places, width))


@settings(max_examples=60)
@given(ANY, ANY, ANY, GAPS, GAPS, st.integers(1, 8))
def test_any_course_can_be_drawn(losses, up, even, first, second, places):
    svg = drift_svg(losses, up, even, (first, second), 0, places)
    ET.fromstring(svg)
    assert not re.search(r"nan|inf\b|None", svg)


@pytest.mark.parametrize("width", [340.0, 350.0])
def test_everything_lies_inside_and_no_text_is_small(width):
    root = drawn(width=width)
    for curve in root.iter("polyline"):
        for pair in curve.get("points").split():
            x, y = map(float, pair.split(","))
            assert 0 <= x <= width and 0 <= y <= 226
    assert (
        min(float(size) for e in root.iter("text") for size in re.findall(r"font-size:([\d.]+)px", e.get("style")))
        >= 14
    )


def test_the_lower_plot_is_a_scale_of_powers_of_ten():
    root, found = drawn(), twins(example("genomexyz"), 30, 4, 50)
    curve = list(root.iter("polyline"))[-2].get("points")
    heights = [float(pair.split(",")[1]) for pair in curve.split()]
    gaps = apart(found)[0]
    order = sorted(range(51), key=lambda k: -gaps[k])
    assert heights[order[0]] == min(heights) and heights[order[0]] < heights[order[25]] < heights[order[50]]
    dashed = next(e for e in root.iter("line") if "var(--slope)" in e.get("style"))
    assert (float(dashed.get("y1")) < heights[order[40]]) == (gaps[order[40]] < 0.5e-4)


def test_the_axes_have_the_decimal_mark_of_the_class():
    try:
        numerals.write(True)
        assert "0,5" in [e.text for e in drawn().iter("text")]
    finally:
        numerals.write()
