"""The drawing of every example at every stop: well-formed, inside its box, readable, and saying no more than is known."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import Lesson, example, trace
from backprop.engine.steps import cell_at
from backprop.figures.network import network_svg
from backprop.figures.scene import scene
from backprop.lessons.examples import EXAMPLES
from backprop.runs.walk import Walk

SHAPES = {"wide": (968, 280), "upright": (358, None)}


def drawn(walk: Walk, stop: int, shape: str) -> str:
    cell = walk.cell(stop)
    picture = scene(walk.trace, (cell,) if cell else (), 1, lambda each: walk.known(each, stop))
    return network_svg(walk.trace, picture, *SHAPES[shape])


def texts(svg: str) -> list[ET.Element]:
    return [element for element in ET.fromstring(svg).iter() if element.tag.endswith(("text", "tspan"))]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_stop_of_every_example(name, shape):
    walk = Walk(trace(example(name)))
    for stop in range(0, len(walk) + 1, 1 if len(walk) < 60 else 7):
        svg = drawn(walk, stop, shape)
        root = ET.fromstring(svg)
        width, height = (float(root.get(side)) for side in ("width", "height"))
        for element in root.iter():
            size = re.search(r"font-size:([\d.]+)px", element.get("style", ""))
            assert size is None or float(size[1]) >= 9.5, (name, stop, ET.tostring(element))
            for axis, limit in (("x", width), ("y", height)):
                place = element.get(axis)
                assert place is None or -6 <= float(place) <= limit + 6, (name, stop, ET.tostring(element))
        for found in re.findall(r"data-sel='([^']+)'", svg):
            cell = cell_at(found)
            assert cell is not None and cell.address == found
            walk.trace.at(cell)


def test_what_is_not_reached_is_a_dash_and_not_a_number():
    walk = Walk(trace(example("towardsai")))
    words = "".join(element.text or "" for element in texts(drawn(walk, 1, "wide")))
    assert "0.3775" in words
    assert "0.3925" not in words and "0.2984" not in words and words.count("–") > 10


def test_the_answer_can_be_covered():
    walk = Walk(trace(example("towardsai")))
    picture = scene(walk.trace, (walk.cell(1),), 1, lambda each: walk.known(each, 1), hidden=True)
    words = "".join(element.text or "" for element in texts(network_svg(walk.trace, picture, 968, 280)))
    assert "0.3775" not in words and "?" in words


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["towardsai", "dabbura-relu", "softmax"])
def test_a_covered_answer_is_neither_written_nor_drawn(name, shape):
    """With other numbers in the place of those that are made, the picture is the same to the last pixel."""
    t = trace(example(name))
    walk = Walk(t)
    for step in t:
        layer = tuple(cell for cell in walk.cells if (cell.quantity, cell.layer) == (step.quantity, step.layer))
        for made in (layer, layer[-1:]):  # a layer at once, or the last number alone
            other = step.value.copy()
            for cell in made:
                index = tuple(getattr(cell, axis) or 0 for axis in step.axes)
                other[tuple(place - 1 for place in index)] = -3.0 * step.at(cell) - 0.25
            changed = replace(t, steps=tuple(replace(step, value=other) if each is step else each for each in t))
            reached = walk.stop_of(layer[-1])
            pictures = [
                network_svg(each, scene(each, made, 1, lambda c, at=reached: walk.known(c, at), True), *SHAPES[shape])
                for each in (t, changed)
            ]
            assert pictures[0] == pictures[1], made


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 8), min_size=2, max_size=7), st.integers(0, 10**6), st.sampled_from(sorted(SHAPES)))
def test_any_network_that_a_lesson_may_have(layers, where, shape):
    lesson = Lesson(
        layers=layers,
        activations=["tanh"] * (len(layers) - 1),
        loss="squared_error",
        init={"scheme": "xavier"},
        inputs=[[0.5] * layers[0]],
        targets=[[0.5] * layers[-1]],
        learning_rate=0.1,
    )
    walk = Walk(trace(lesson))
    ET.fromstring(drawn(walk, where % (len(walk) + 1), shape))


@pytest.mark.parametrize("text", ["", ".", "W", "W.1", "W.x", "W.1.2.3.4.5", "W.-1", "a" * 41, "W.²", "W.1..1.1\n"])
def test_an_address_is_a_cell_or_nothing(text):
    cell = cell_at(text)
    assert cell is None or cell.address == text.rstrip(".")
