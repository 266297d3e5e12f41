"""The drawing of every example at every stop: well-formed, inside its box, readable, and saying no more than is known."""

import re
import xml.etree.ElementTree as ET

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
