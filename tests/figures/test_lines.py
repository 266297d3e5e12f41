"""Several curves in one plot, read back from the picture."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop.figures.lines import lines_svg
from backprop.figures.strands import Series, spread

X = np.arange(101.0)
FALLING, RISING = np.geomspace(0.3, 0.003, 101), np.linspace(0.1, 0.25, 101)


def drawn(*ys, log=False, **more) -> ET.Element:
    series = [Series(f"curve {k}", np.arange(len(y)), np.asarray(y, dtype=float), "loss") for k, y in enumerate(ys)]
    return ET.fromstring(lines_svg(series, 556, 250, "title", log, **more))


def curves(root) -> list[np.ndarray]:
    return [np.array([[float(v) for v in pair.split(",")] for pair in line.get("points").split()]) for line in root.iter("polyline")]  # fmt: skip


def words(root) -> list[str]:
    return ["".join(each.itertext()) for each in root.iter("text")]


@pytest.mark.parametrize("log", [False, True])
def test_heights_are_the_numbers(log):
    found = curves(drawn(FALLING, RISING, log=log))
    heights = np.concatenate([each[:, 1] for each in found])
    numbers = np.concatenate([FALLING, RISING])
    numbers = np.log10(numbers) if log else numbers
    slope, offset = np.polyfit(numbers, heights, 1)
    assert slope < 0 and heights == pytest.approx(offset + slope * numbers, abs=0.11)
    assert found[0][:, 0] == pytest.approx(found[1][:, 0])


def test_names_stand_at_the_ends_and_not_on_one_another():
    root = drawn(FALLING, FALLING * 1.001, FALLING * 1.002)
    names = [each for each in root.iter("text") if each.text.startswith("curve")]
    heights = sorted(float(each.get("y")) for each in names)
    assert len(names) == 3 and min(np.diff(heights)) >= 18 and heights[0] > 0 and heights[-1] < 250


def test_the_present_iteration_is_marked_on_every_curve():
    root = drawn(FALLING, RISING, here=40)
    dots = sorted((float(each.get("cx")), float(each.get("cy"))) for each in root.iter("circle"))
    expected = sorted(tuple(each[40]) for each in curves(root))
    assert np.array(dots) == pytest.approx(np.array(expected), abs=0.11)


def test_a_plot_can_be_dragged_over_its_iterations():
    root = drawn(FALLING, drag="iteration")
    field, low, high, left, right = next(
        each.get("data-drag") for each in root.iter("rect") if each.get("data-drag")
    ).split()
    first, last = curves(root)[0][[0, -1], 0]
    assert (field, float(low), float(high)) == ("iteration", 0, 100)
    assert (float(left), float(right)) == pytest.approx((first, last), abs=0.11)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    "losses",
    [
        np.where(X > 5, np.inf, 10.0**X),
        np.where(X > 5, np.nan, 10.0 ** np.minimum(X * 50, 300)),
        np.full(101, np.nan),
        np.full(101, 1e308),
        np.full(101, 5e-324),
        np.zeros(101),
        np.full(1, 0.3),
        -FALLING,
    ],
)
def test_whatever_the_numbers_the_picture_is_finite(log, losses):
    for more in ({}, {"top": 0.5, "here": 3}):
        text = ET.tostring(drawn(losses, log=log, **more), encoding="unicode")
        assert not re.search(r"\b(nan|inf)\b", text), text
        assert all(abs(float(n)) <= 10_000 for n in re.findall(r'(?:x|y|x1|y1|x2|y2|cx|cy)="(-?[\d.]+)"', text))


def test_a_curve_that_leaves_float64_ends_with_a_cross_and_does_not_flatten_the_others():
    lost = np.where(X > 5, np.inf, 0.3 * 10.0 ** np.minimum(X * 60, 300))
    root = drawn(FALLING, lost)
    steady = curves(root)[0]
    assert np.ptp(steady[:, 1]) > 150, "the curve that stays fills the plot"
    crosses = [line for line in root.iter("line") if "stroke-width:3.00" in line.get("style")]
    assert len(crosses) == 2


@given(st.integers(1_000, 10_000), st.integers(0, 2**31))
def test_of_many_points_the_smallest_and_largest_are_kept(count, seed):
    y = np.random.RandomState(seed).uniform(0.1, 1.0, count)
    found = curves(drawn(y))[0]
    assert len(found) <= 1_000
    heights = np.array([y.max(), y.min()])
    slope = (found[:, 1].max() - found[:, 1].min()) / (heights[1] - heights[0])
    first, last = found[0, 1], found[-1, 1]
    assert first == pytest.approx(found[:, 1].min() + slope * (y[0] - heights[0]), abs=0.2)
    assert last == pytest.approx(found[:, 1].min() + slope * (y[-1] - heights[0]), abs=0.2)


@given(st.lists(st.floats(0, 200), min_size=1, max_size=8))
def test_names_are_moved_apart_and_stay_inside(wanted):
    wanted = sorted(wanted)
    placed = spread(wanted, 0, 200)
    assert all(b - a >= 18.99 for a, b in pairwise(placed))
    assert placed[-1] <= 200 + 1e-9
    if all(b - a >= 19 for a, b in pairwise(wanted)):
        assert placed == wanted


def test_a_curve_is_picked_at_itself_and_at_its_name_above_the_drag():
    series = [Series("one", X, RISING, "pos", key="W.1..1.1", tip="one 0.1"), Series("other", X, FALLING, "pos")]
    root = ET.fromstring(lines_svg(series, 556, 250, "title", drag="iteration"))
    order = list(root.iter())
    drag = next(each for each in order if each.get("data-drag"))
    picked = [each for each in order if each.get("data-sel") == "W.1..1.1"]
    assert [each.tag for each in picked] == ["g", "text"] and all(
        order.index(each) > order.index(drag) for each in picked
    )
    strand = picked[0]
    shape = next(strand.iter("polyline"))
    assert [use.get("href") for use in strand.iter("use")] == [f"#{shape.get('id')}"], (
        "the wide curve is the same curve"
    )
    assert [each.text for each in strand.iter("text")] == ["one 0.1"]
    deaf = next(each for each in order if each.get("style") == "pointer-events:none")
    assert len(list(deaf.iter("polyline"))) == 2, "what is not picked lets a drag through"


def test_a_number_stands_beside_its_dot_and_off_its_curve():
    for row, here in ((RISING, 0), (RISING, 100), (np.full(101, 5.0), 50)):
        series = [Series("", X, row, "p1", bold=True, beside="0.1234")]
        root = ET.fromstring(lines_svg(series, 556, 250, "title", here=here))
        dot = next(root.iter("circle"))
        number = next(each for each in root.iter("text") if each.text == "0.1234")
        away = float(number.get("y")) - float(dot.get("cy"))
        assert away == pytest.approx(-9, abs=0.11) or away == pytest.approx(20, abs=0.11)
        assert 0 < float(number.get("x")) < 556
        assert (number.get("text-anchor") == "end") == (here == 100)


def test_a_logarithmic_axis_shows_every_power_that_is_asked_for():
    rows = 10.0 ** np.linspace(0, 150, 101)
    few, every = curves(drawn(rows, log=True))[0], curves(drawn(rows, log=True, decades=float("inf")))[0]
    assert few[:, 1].max() > 1000 and every[:, 1].max() < 250
    labels = [
        word for word in words(drawn(rows, log=True, decades=float("inf"))) if word.startswith("10") and len(word) > 2
    ]
    assert len(labels) >= 2


def test_a_plot_of_nothing_but_zeros_has_its_line_at_0():
    root = drawn(np.zeros(101))
    assert len({y for y in curves(root)[0][:, 1]}) == 1 and "0" in words(root)
