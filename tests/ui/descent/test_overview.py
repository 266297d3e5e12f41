"""What is said of the map over two weights."""

import html
import re

import pytest

from backprop.engine.steps import Cell
from backprop.lessons.examples import example
from backprop.ui.descent import overview
from backprop.ui.descent.look import look
from backprop.ui.descent.progress import Progress, progress
from backprop.ui.place import Place


def said(name: str, along: Cell | None = None, across: Cell | None = None, **wish) -> str:
    here = Place(origin=name, lesson=example(name)).moved(wish | {"span": 20})
    if along is not None:
        here = here.moved({"along": along.address, "across": across.address})
    ran: Progress = progress(here)
    return html.unescape(re.sub(r"<[^>]+>", "", overview.angle(here, look(here, ran))))


@pytest.mark.parametrize("name", ["towardsai", "xor", "csdn"])
def test_a_step_of_two_that_learn_is_at_a_right_angle(name):
    assert "right angle" in said(name)


def test_a_bias_that_is_not_updated_is_named_and_no_right_angle_is_claimed():
    bias, weight = Cell("b", 2), Cell("W", 2, None, 1, 1)
    assert not example("towardsai").update_biases
    for pair in ((bias, weight), (weight, bias)):
        told = said("towardsai", *pair)
        assert "b of layer 2 is not updated" in told and "right angle" not in told
    told = said("towardsai", bias, Cell("b", 1))
    assert told.count("of layer") == 2 and "Neither" in told


@pytest.mark.parametrize("name", ["neuron", "line", "xor"])
def test_of_others_is_spoken_only_where_there_are_others(name):
    lesson = example(name)
    others = sum(part.size for part in (*lesson.parameters.W, *lesson.parameters.b) if part is not None) > 2
    here = Place(origin=name, lesson=lesson).moved({"span": 20})
    shown = overview.parts(here, progress(here), False)
    assert ("others" in said(name)) == ("others" in shown["map"]) == ("only these two learn" in shown["map"]) == others
