"""The tab "Error × slope": which sentences stand beneath the bars."""

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import example, trace
from backprop.engine.steps import Cell
from backprop.explain.conventions import CONVENTIONS, DEFAULT
from backprop.lessons.lesson import Lesson
from backprop.ui.following.slopes import TOLD, slopes_html
from tests.strategies import lessons

W = Cell("W", 1, None, 1, 1)


def told(lesson, cell=W, sample=1, convention=DEFAULT) -> list[str]:
    page = slopes_html(trace(lesson), cell, sample, 4, convention)
    items = re.findall(r"<li>(.*?)</li>", page)
    return [" ".join(unescape(re.sub(r"<[^>]+>", "", each)).split()) for each in items]


def times(lesson: Lesson, factor: float) -> Lesson:
    """The same lesson with every weight so many times as large."""
    return lesson.changed(init=None, weights=[(w * factor).tolist() for w in lesson.parameters.W])


def test_all_open():
    assert told(example("towardsai")) == [
        "Every unit on the way is open: its slope is at least a hundredth of the steepest."
    ]
    assert told(example("neuron"), Cell("a", 1, 1, 1)) == ["Between this number and the loss there is no unit: nothing can be in the way."]  # fmt: skip
    assert "<svg" not in slopes_html(trace(example("neuron")), Cell("a", 1, 1, 1), 1, 4, DEFAULT)


def test_a_vanishing_gradient():
    assert told(example("deep")) == ["Every unit on the way is open; but the slopes of 5 layers are multiplied, and together they let through less than 10⁻³."]  # fmt: skip


def test_dead_units():
    t = trace(example("dabbura-relu"))
    dead = [(l, k + 1) for l in (1, 2) for k in (t["z", l].value[0] <= 0).nonzero()[0] if l == 2 or k == 0]
    found = told(example("dabbura-relu"))
    off = [each for each in found if " is off: its z" in each]
    assert [re.match(r"Unit (\d) of layer (\d)", each).groups() for each in off] == [(str(k), str(l)) for l, k in dead]
    assert [each.endswith("Whatever comes back is multiplied by 0.") for each in off] == [True] + [False] * (
        len(off) - 1
    )
    assert found[0] == "Sample 1 adds 0 to the gradient of w(1)11. Unit 1 of layer 1 is off."


def test_saturated_units():
    found = told(times(example("towardsai"), 40))
    assert [each[:29] for each in found] == ["Unit 1 of layer 2 is saturate", "Unit 2 of layer 2 is saturate"]
    assert all("the slope of the sigmoid is" in each and each.endswith("of at most 0.25.") for each in found)


def test_more_units_than_have_room_are_counted():
    lesson = Lesson(layers=[1, 7, 1], activations=["relu", "linear"], loss="half_squared_error", weights=[[[-1.0]] * 7, [[1.0] * 7]], inputs=[[1.0]], targets=[[1.0]], learning_rate=0.1)  # fmt: skip
    found = told(lesson, Cell("x", 0, 1, 1))
    assert found[0] == "The gradient of x1 is 0. Every unit of layer 1 is off, so nothing comes back."
    assert len(found) == 1 + TOLD + 1 and found[-1] == "And 3 more units like these."
    fewer = lesson.changed(weights=[[[-1.0]] * 5 + [[1.0]] * 2, [[1.0] * 7]])
    assert told(fewer, Cell("x", 0, 1, 1))[-1] == "And 1 more unit like these."


def test_a_softmax():
    found = told(example("softmax"))
    assert found[-1] == "In the softmax layer every error counts for every unit: there δ is not this product alone."
    assert "there ∂J/∂Z is not" in told(example("softmax"), convention=CONVENTIONS["gurarie"])[-1]


@pytest.mark.parametrize(("cell", "then"), [(Cell("b", 2, None, 1), "the factor of a bias is 1, whatever its value."), (Cell("W", 2, None, 1, 1), "its own factor is what came in, a(1)1 = 0.5000.")])  # fmt: skip
def test_a_parameter_that_is_zero(cell, then):
    lesson = times(example("gurarie"), 0.0).changed(biases=[[0.0] * 4, [0.0]])
    assert told(lesson, cell)[0].endswith(f"is 0, but its gradient is not: {then}")
    assert told(lesson)[0] == "The gradient of w(1)11 is 0. Every weight through which something could come back is 0."


ANY_CELL = st.sampled_from((W, Cell("x", 0, 1, 1), Cell("z", 1, 1, 1), Cell("a", 1, 1, 1)))


@settings(max_examples=40)
@given(lessons(), ANY_CELL, st.sampled_from(tuple(CONVENTIONS)), st.booleans())
def test_no_network_breaks_it(lesson, cell, convention, narrow):
    t = trace(lesson)
    page = slopes_html(t, cell, t.samples, 4, CONVENTIONS[convention], narrow)
    assert not re.search(r"\bnan\b|\binf\b|None", page) and page.count("<div") == page.count("</div>")
    assert 1 <= page.count("<li>") <= TOLD + 4
