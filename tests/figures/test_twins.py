"""The units of hidden layers, read back from the drawing: numbers or squares, and joints at the rows that are equal."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from backprop.figures.twins import Block, squares, twins_svg
from backprop.runs.twins import Numbers


def block(units: int, inputs: int, outputs: int, groups=(), seed: int = 0) -> Block:
    random = np.random.RandomState(seed)
    rows = (random.uniform(-1, 1, (units, k)) for k in (inputs, 1, outputs))
    return Block("layer 1", Numbers(*rows), groups, "= equal" if groups else "", "p1")


def drawn(blocks: list[Block], width: float, height: float | None) -> ET.Element:
    return ET.fromstring(twins_svg(blocks, width, height, "title"))


def test_every_number_is_there_in_full():
    one = block(3, 2, 2, ((1, 2),))
    for width, height in ((536, 158), (536, 40), (358, None)):
        titles = [each.text for each in drawn([one], width, height).iter("title")]
        wanted = [repr(float(value)) for part in one.numbers for value in part.ravel()]
        assert sorted(titles) == sorted(wanted)


@pytest.mark.parametrize(
    ("sizes", "expected"), [(((2, 2, 2),), False), (((5, 3, 5), (5, 5, 1)), True), (((8, 8, 8),), True)]
)
def test_numbers_where_there_is_room_and_else_squares(sizes, expected):
    blocks = [block(*each) for each in sizes]
    root = drawn(blocks, 536, 158)
    assert squares(blocks, 536, 158) == expected == bool(list(root.iter("rect")))


@pytest.mark.parametrize("count", range(1, 6))
@pytest.mark.parametrize("units", [1, 2, 5, 8])
@pytest.mark.parametrize("groups", [(), ((1, 2),), ((1, 2), (3, 4)), ((1, 3), (2, 4))])
def test_nothing_leaves_the_drawing(count, units, groups):
    groups = tuple(group for group in groups if max(group) <= units)
    for width, height in ((536, 158), (536, 114), (358, None)):
        root = drawn([block(units, 8, 8, groups) for _each in range(count)], width, height)
        tall = float(root.get("height"))
        assert height is None or tall <= height + 1 or (count > 2 and tall <= 2 * (30 + 5 * units)), (
            "squares of 5 px are the smallest"
        )
        for each in root.iter("line"):
            assert 0 <= float(each.get("x1")) <= width + 1 and 0 <= float(each.get("y2")) <= tall
        for each in root.iter("rect"):
            assert float(each.get("x")) >= 0 and float(each.get("x")) + float(each.get("width")) <= width
        for each in root.iter("text"):
            wide = 0.5 * 14 * len(each.text)
            right = float(each.get("x")) + (wide if each.get("text-anchor") == "start" else 0)
            assert right <= width + 12, each.text


def test_a_joint_has_an_arm_at_each_of_its_rows():
    root = drawn([block(4, 2, 1, ((1, 3, 4),))], 536, 158)
    arms = {float(each.get("y1")) for each in root.iter("line") if each.get("y1") == each.get("y2")}
    labels = {each.text: float(each.get("y")) - 5 for each in root.iter("text") if each.text in ("1", "2", "3", "4")}
    assert arms == {labels[unit] for unit in ("1", "3", "4")}
    assert [each.text for each in root.iter("text") if "=" in each.text] == ["= equal"]


def test_each_group_has_its_word():
    words = [
        each
        for each in drawn([block(6, 2, 1, ((1, 2, 3, 4), (5, 6)))], 536, 158).iter("text")
        if each.text == "= equal"
    ]
    assert len(words) == 2 and float(words[0].get("y")) < float(words[1].get("y"))


def test_the_area_of_a_square_is_the_number_and_a_negative_one_is_hollow():
    rows = Numbers(np.array([[1.0, -1.0, 0.25, 0.0, np.inf]] * 8), np.zeros((8, 0)), np.array([[-0.25]] * 8))
    root = drawn([Block("layer 1", rows, (), "", "p1")], 300, 158)
    shapes = [(float(each.get("width")) + 1.6, "fill:none" in each.get("style")) for each in root.iter("rect")]
    (one, full), (minus, hollow), (quarter, _filled), (_infinite, _more) = shapes[:4]
    assert (
        one == pytest.approx(minus) and quarter == pytest.approx(one / 2, rel=0.02) and (full, hollow) == (False, True)
    )
    assert len(list(root.iter("circle"))) == 8, "a dot for each 0"
    assert not re.search(r"\b(nan|inf)\b", "".join(each.text for each in root.iter("text")))


def test_no_hidden_layer_no_drawing():
    assert twins_svg([], 536, 158, "title") == "" and not squares([], 536, 158)
