"""Axes: round numbers inside the range, written with the decimals of their step; a loupe enlarges both axes alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop.explain import numerals
from backprop.figures.axes import Box, graduated, round_down, tick

PLACES = st.floats(-1e6, 1e6)
SPANS = st.floats(1e-6, 1e6)


@given(PLACES, SPANS, st.integers(2, 6))
def test_round_numbers_lie_inside_and_apart(low, span, count):
    high = low + span
    step, ticks = graduated(low, high, count)
    assert 1 <= len(ticks) <= count + 1 or step > span
    for each in ticks:
        assert low - 1e-6 * step <= each <= high + 1e-6 * step
        assert each / step == pytest.approx(round(each / step), abs=1e-6)
    mantissa = float(f"{step:e}".split("e")[0])
    assert min(abs(mantissa - k) for k in (1, 2, 5)) < 1e-6


def test_no_range_no_ticks():
    for low, high in ((1.0, 1.0), (2.0, 1.0), (0.0, float("inf")), (float("nan"), 1.0)):
        assert graduated(low, high)[1] == []


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [(0.30000000000000004, 0.1, "0.3"), (-1.0, 0.5, "−1.0"), (1e-17, 0.1, "0"), (20.0, 10.0, "20"), (0.25368, 1e-5, "0.25368"), (2e5, 1e5, "2.00·10⁵"), (3e-8, 1e-8, "3.00·10⁻⁸")],
)  # fmt: skip
def test_ticks_have_the_decimals_of_their_step(value, step, text):
    assert tick(value, step) == text
    try:
        numerals.write(comma=True)
        assert tick(value, step) == text.replace(".", ",")
    finally:
        numerals.write()


@given(st.floats(1e-9, 1e9))
def test_round_down(size):
    found = round_down(size)
    assert found <= size * (1 + 1e-8) and size < found * 2.5 * (1 + 1e-8)


def test_a_box_puts_its_corners_where_they_are_and_holds_what_is_far():
    box = Box(40, 500, 20, 240, -1.0, 3.0, 0.0, 2.0)
    assert box.at(-1, 0) == (40, 240) and box.at(3, 2) == (500, 20) and box.at(1, 1) == (270, 130)
    assert box.at(1e300, -1e300) == (1e4, 1e4)


@given(st.floats(60, 480), st.floats(40, 220), st.floats(1, 1000), st.floats(-5, 5), st.floats(-5, 5))
def test_a_loupe_keeps_angles(x, y, factor, dx, dy):
    """What lies (dx, dy)/factor px beside the middle stands (dx, dy) px beside the middle of the loupe."""
    box = Box(40, 500, 20, 240, -1.0, 3.0, 0.0, 2.0)
    lens = box.magnified((x, y), factor, (100.0, 90.0), 50.0)
    value = -1.0 + 4.0 * (x + dx / factor - 40) / 460, 2.0 * (240 - y - dy / factor) / 220
    assert lens.at(*value) == pytest.approx((100 + dx, 90 + dy), abs=1e-6)
