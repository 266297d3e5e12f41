"""The loss curve: every finite value drawn, nothing else, whatever the run does."""

import json
import re
import xml.etree.ElementTree as ET

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop.explain import numerals
from backprop.figures.curves import loss_figure, loss_svg, ticks
from backprop.figures.palette import THEMES

ANY = st.one_of(st.floats(min_value=0, allow_infinity=True), st.just(float("nan")))


@settings(max_examples=80, deadline=None)
@given(st.lists(ANY, min_size=1, max_size=40), st.data())
def test_any_run_can_be_drawn(values, data):
    losses = np.array(values)
    here = data.draw(st.integers(0, len(values) - 1))
    svg = loss_svg(losses, here, ghost=losses[::-1])
    ET.fromstring(svg)
    assert not re.search(r"nan|inf[,' ]", svg), svg
    json.dumps(loss_figure(losses, here, None, THEMES["light"], log=True), allow_nan=False)


def test_ticks_are_round_and_reach_the_top():
    assert ticks(0.31) == [0.0, 0.2]
    assert ticks(3.0) == [0.0, 1.0, 2.0, 3.0]
    assert ticks(0.0) == [0.0] and ticks(float("inf")) == [0.0]


def test_axes_have_the_decimal_mark_of_the_class():
    losses = np.array([0.31, 0.2, 0.15])
    try:
        for comma, shown in ((False, "0.2"), (True, "0,2")):
            numerals.write(comma)
            ticks_written = {each.text for each in ET.fromstring(loss_svg(losses, 1)).iter() if each.text}
            assert shown in ticks_written
            assert loss_figure(losses, 1, None, THEMES["light"])["layout"]["separators"][0] == shown[1]
    finally:
        numerals.write()
