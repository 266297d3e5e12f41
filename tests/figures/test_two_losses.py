"""Two losses in one picture, read back from it."""

import re
import xml.etree.ElementTree as ET
from itertools import cycle

import numpy as np
import pytest

from backprop.explain import numerals
from backprop.figures.two_losses import logarithmic, two_losses_svg
from backprop.lessons.examples import EXAMPLES, example
from backprop.practice.wrong import offered, wrong_beside_right
from backprop.runs.fate import lost

FLAT = np.full(51, 0.25)
FALLING, RISING = np.geomspace(0.3, 0.05, 51), np.linspace(0.3, 0.55, 51)


def drawn(right, wrong, width=470.0, height=200.0) -> ET.Element:
    return ET.fromstring(two_losses_svg(right, wrong, width, height))


def curves(root) -> list[np.ndarray]:
    return [np.array([[float(v) for v in pair.split(",")] for pair in line.get("points").split()]) for line in root.iter("polyline")]  # fmt: skip


def words(root) -> dict[str, ET.Element]:
    return {"".join(each.itertext()): each for each in root.iter("text")}


@pytest.mark.parametrize(("right", "wrong"), [(FALLING, RISING), (FALLING, FALLING * 0.9), (FLAT, RISING)])
def test_heights_are_the_losses(right, wrong):
    root = drawn(right, wrong)
    found = curves(root)
    both = np.concatenate([found[0][:, 1], found[1][:, 1]])
    slope, offset = np.polyfit(np.concatenate([right, wrong]), both, 1)
    assert slope < 0 and both == pytest.approx(offset + slope * np.concatenate([right, wrong]), abs=0.1)
    assert found[0][0, 0] == found[1][0, 0] and np.diff(found[0][:, 0]) == pytest.approx(found[0][1, 0] - found[0][0, 0], abs=0.11)  # fmt: skip
    assert {"as it should be", "with the slip", "0", "25", "iteration 50"} <= set(words(root))


def test_losses_that_are_decades_apart_stand_on_a_logarithmic_axis():
    right, wrong = np.geomspace(1, 1e-6, 101), np.geomspace(1, 1e3, 101)
    root = drawn(right, wrong)
    found = curves(root)
    slope, _offset = np.polyfit(np.log10(right), found[0][:, 1], 1)
    ticks = {label: float(each.get("y")) - 5 for label, each in words(root).items() if re.fullmatch("10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|1", label)}  # fmt: skip
    assert len(ticks) >= 3 and slope < 0
    for label, y in ticks.items():
        power = int(label[2:].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))) if label != "1" else 0
        assert y == pytest.approx(found[0][0, 1] + slope * power, abs=0.6)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ((FALLING, RISING), False), ((np.array([1.0, 0.0]), np.array([1.0, 1e5])), False), ((np.array([1.0, 0.01]), FLAT), True),
        ((np.array([1.0, np.inf]), np.array([1.0, np.nan])), False), ((np.array([np.nan]), np.array([np.inf])), False),
    ],
)  # fmt: skip
def test_when_the_axis_is_logarithmic(runs, expected):
    assert logarithmic(*runs) is expected


def test_a_curve_ends_in_a_cross_where_its_loss_leaves_float64():
    wrong = np.r_[np.geomspace(0.3, 1e300, 13), np.full(38, np.inf)]
    root = drawn(FALLING, wrong)
    found = curves(root)
    assert len(found[1]) == 13 and found[1][-1, 0] < found[0][-1, 0]
    crosses = [each for each in root.iter("line") if "var(--neg)" in each.get("style")]
    assert len(crosses) == 2
    for each in crosses:
        middle = [(float(each.get(f"{axis}1")) + float(each.get(f"{axis}2"))) / 2 for axis in "xy"]
        assert middle == pytest.approx(found[1][-1], abs=0.2)


@pytest.mark.parametrize("right", [FALLING, np.zeros(6), np.array([0.3, 0.2]), np.full(3, np.nan), np.full(4, 1e308)])
@pytest.mark.parametrize("wrong", [np.full(6, np.inf), np.zeros(6), np.full(6, 1e300), np.r_[1e-300, 1.0, np.nan]])
def test_bad_numbers_are_drawn_without_a_word_of_them(right, wrong):
    text = two_losses_svg(right, wrong)
    assert "nan" not in text and "inf" not in text
    assert "None" not in text


@pytest.mark.parametrize("name", EXAMPLES)
def test_names_stay_in_the_picture_and_off_each_other(name):
    lesson = example(name)
    for slip, width in zip(offered(lesson), cycle((358.0, 472.0, 968.0)), strict=False):
        right, wrong = wrong_beside_right(lesson, slip, 50)
        root = drawn(right, wrong, width)
        boxes = []
        for word in ("as it should be", "with the slip"):
            each = words(root)[word]
            left, bottom = float(each.get("x")), float(each.get("y"))
            assert left >= 0 and left + 7 * len(word) <= width + 1 and 10 <= bottom <= 200, (slip, word)
            boxes.append((left, bottom, left + 7 * len(word)))
        (a, y, b), (c, v, d) = boxes
        assert abs(y - v) >= 14 or b <= c or d <= a, slip
        crossed = any("var(--neg)" in each.get("style") for each in root.iter("line"))
        assert crossed == (lost(wrong) is not None), slip


def test_ticks_are_written_as_the_class_writes_numbers():
    numerals.write(comma=True)
    try:
        assert "0,2" in words(drawn(FALLING, RISING)) and "0.2" not in words(drawn(FALLING, RISING))
    finally:
        numerals.write()
