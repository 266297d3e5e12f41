"""The page "Functions", without a browser: what a wish, a link and a button do to it."""

import pytest

from backprop.engine.activations import ACTIVATIONS
from backprop.lessons.examples import EXAMPLES, example
from backprop.ui.fields.comparing import SHELVES
from backprop.ui.place import Place
from tests.visitor import Visitor

PAGE = "explore/functions"


@pytest.fixture
def visitor() -> Visitor:
    return Visitor(PAGE)


def wish(visitor: Visitor, **fields):
    return visitor.says("functions", "go", wish=fields).shown("functions")


@pytest.mark.parametrize("shelf", SHELVES)
def test_every_tab_of_every_example(visitor, shelf):
    for name in EXAMPLES:
        visitor.app.session_state["place"] = Place(origin=name, lesson=example(name)).moved({"shelf": shelf})
        visitor.app.run()
        assert not visitor.app.exception, (name, [each.value for each in visitor.app.exception])
        shown = visitor.shown("functions")
        assert shown["place"]["shelf"] == shelf and shown["ask"].startswith('<div class="q">')


def test_every_activation_on_a_phone(visitor):
    visitor.says("functions", "narrow")
    for name in ACTIVATIONS:
        assert f"{name}&quot;" in wish(visitor, fn=name)["pick"]


def test_a_drag_moves_the_point_and_the_link(visitor):
    shown = wish(visitor, at=2.0)
    assert "0.8808" in shown["say"] and "at=2" in shown["panel"]["memo"]
    assert wish(visitor, at=1.0)["plot"] == shown["plot"]  # what stands still is sent as it was


def test_a_link_opens_tab_functions_and_point():
    visitor = Visitor(PAGE, shelf="losses", loss="squared_error", other="binary_cross_entropy", out="0.99", aim="0")
    shown = visitor.shown("functions")
    assert "cancels" in shown["say"] and not visitor.app.get("toast")


def test_what_makes_no_sense_in_a_link_is_told():
    visitor = Visitor(
        shelf="maths", at="900", out="2", deep="99", init2="x", spread="much", craft="boat", might="0", goal="z"
    )
    told = [toast.value for toast in visitor.app.toast]
    assert len(told) == 9 and all("ignored" in each for each in told), told
    assert visitor.place == Place()


def test_a_formula_that_cannot_be_read_stays_and_is_told(visitor):
    shown = wish(visitor, shelf="own", mine="sin(z")
    assert "cannot be read" in shown["main"] and shown["place"]["mine"] == "sin(z"


def test_an_own_activation_is_used_in_the_lesson_and_can_be_undone(visitor):
    wish(visitor, shelf="own", mine="z*tanh(ln(1+exp(z)))")
    before = visitor.place.lesson
    visitor.says("functions", "go", say="use:1")
    assert visitor.place.lesson.network.activations[0].spec == {"formula": "z*tanh(ln(1+exp(z)))"}
    assert "✓" in visitor.shown("functions")["use"] and visitor.place.trace.network.activations[0].name == "formula"
    visitor.says("sliders", "edit", values={}, say="undo")
    assert visitor.place.lesson == before


def test_what_does_not_fit_together_is_said(visitor):
    visitor.says("functions", "go", wish={"shelf": "losses", "price": "cross_entropy"})
    before = visitor.place.lesson
    visitor.says("functions", "go", say="use:loss")
    assert "softmax" in visitor.shown("functions")["use"].split("fx-no")[1] and visitor.place.lesson == before


@pytest.mark.parametrize("say", ["use:77", "use:", "use:loss"])
def test_a_saying_that_no_button_has_changes_nothing(visitor, say):
    before = visitor.place
    visitor.says("functions", "go", say=say)
    assert visitor.place == before


def test_an_own_loss_is_used_in_the_lesson(visitor):
    wish(visitor, shelf="own", craft="loss", cost="(a-t)^4")
    visitor.says("functions", "go", say="use:loss")
    assert visitor.place.lesson.network.loss.spec == {"formula": "(a-t)^4"}
    a, t = visitor.place.trace["a", 2].value, visitor.place.lesson.T
    assert visitor.place.trace.loss == pytest.approx(float(((a - t) ** 4).sum()))
    assert "✓" in visitor.shown("functions")["use"]
    assert "(a-t)^4" in wish(visitor, shelf="losses")["pick"]
