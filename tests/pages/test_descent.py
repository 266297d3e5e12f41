"""The page "Descent", without a browser: every tab of every example, and what a wish, a link or a mad lesson does to it."""

import re

import numpy as np
import pytest

from backprop import Lesson
from backprop.lessons.examples import EXAMPLES, example
from backprop.runs.history import run
from backprop.ui.fields.descending import MOST, PANES
from backprop.ui.place import Place
from backprop.ui.visit import arrived
from tests.visitor import Visitor

PAGE = "explore/descent"
PARTS = ("tabs", "tools", "rate", "ask", "curves", "slice", "map", "say", "main")

DEEP = Lesson(
    layers=[1, *[3] * 6],
    activations=["linear"] * 6,
    loss="squared_error",
    weights=[[[3.0]] * 3, *[[[3.0] * 3] * 3] * 5],
    inputs=[[2.0]],
    targets=[[1.0, 0.0, -1.0]],
    learning_rate=1.0,
)
MAD = {
    "η = 10⁶": example("genomexyz").changed(learning_rate=1e6),
    "weights of 1e308": example("towardsai").changed(weights=[[[1e308, -1e308]] * 2, [[1e308, 1e308]] * 2]),
    "linear, weights of 1e308": DEEP.changed(weights=[[[1e308]] * 3, *[[[1e308] * 3] * 3] * 5]),
    "a linear deep net": DEEP,
    "a linear deep net, η = 10⁶": DEEP.changed(learning_rate=1e6),
    "η = 1e308": example("xor").changed(learning_rate=1e308),
    "η = 0": example("xor").changed(learning_rate=0.0),
    "one weight": Lesson(
        layers=[1, 1],
        activations=["linear"],
        loss="squared_error",
        weights=[[[2.0]]],
        biases=[None],
        inputs=[[1.0]],
        targets=[[0.0]],
        learning_rate=0.1,
    ),
}


def opened(lesson: Lesson, origin: str = "towardsai", narrow: bool = False, **wish) -> Visitor:
    visitor = Visitor(PAGE)
    visitor.app.session_state["place"] = Place(origin=origin, lesson=lesson).moved(wish)
    visitor.app.session_state["narrow_page"] = narrow
    visitor.app.run()
    assert not visitor.app.exception, [each.value for each in visitor.app.exception]
    return visitor


def arrive(visitor: Visitor) -> dict:
    """What is shown once the run is computed."""
    for _slice in range(200):
        shown = visitor.shown("descent")
        if not shown["pending"]:
            return shown
        visitor.says("descent", "go", wish={})
    raise AssertionError("the run never ends")


def finite(shown: dict) -> None:
    text = re.sub(r"<[^>]+>", " ", "".join(shown[part] for part in PARTS))
    assert not re.search(r"\b(nan|inf|NaN|Infinity)\b", text), text
    drawn = "".join(shown[part] for part in PARTS)
    assert not re.search(r'[ ",(](nan|inf|-inf)[ ",)]', drawn)


@pytest.mark.parametrize("pane", PANES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_tab_of_every_example(name, pane):
    for narrow in (False, True):
        shown = arrive(opened(example(name), name, narrow, pane=pane, iteration=8, span=50))
        finite(shown)
        assert "<svg" in "".join(shown[part] for part in PARTS)
        assert shown["known"] == 50 and not shown["pending"] and shown["stands"]["iteration"] == 8


@pytest.mark.parametrize("pane", PANES)
@pytest.mark.parametrize("name", MAD)
def test_a_lesson_that_diverges_has_finite_axes_and_a_clear_message(name, pane):
    for iteration in (0, 1, 30):
        finite(arrive(opened(MAD[name], pane=pane, iteration=iteration, span=60)))


@pytest.mark.parametrize(
    "name", ["η = 10⁶", "linear, weights of 1e308", "a linear deep net", "a linear deep net, η = 10⁶"]
)
def test_divergence_is_said(name):
    losses = run(MAD[name], 60).loss
    shown = arrive(opened(MAD[name], pane="run", span=60))
    gone = int(np.flatnonzero(~np.isfinite(losses))[0])
    told = re.sub(r"<[^>]+>", "", shown["say"])
    assert f"at iteration {gone} " in told, told[:300]


def test_the_iteration_is_that_of_the_other_pages():
    visitor = Visitor(PAGE).says("descent", "go", wish={"iteration": 17})
    assert visitor.place.iteration == 17 and visitor.shown("descent")["panel"]["memo"] == "it=17"
    visitor.app.switch_page("pages/learn/one_iteration.py").run()
    assert "17" in visitor.shown("stage")["bar"]


def test_the_learning_rate_is_dragged():
    visitor = Visitor(PAGE)
    before = visitor.shown("descent")
    visitor.says("descent", "go", values={"learning_rate": 3.0}, gesture="a")
    visitor.says("descent", "go", values={"learning_rate": 4.0}, gesture="a")
    after = visitor.shown("descent")
    assert (
        visitor.place.lesson.learning_rate == 4.0
        and after["curves"] != before["curves"]
        and after["rate"] != before["rate"]
    )
    visitor.says("descent", "go", say="undo")
    assert visitor.place.lesson.learning_rate == 0.5, "one drag is undone at once"


def test_two_weights_are_chosen():
    visitor = Visitor(PAGE).says("descent", "go", wish={"along": "W.1..1.1", "across": "b.2"})
    shown = visitor.shown("descent")
    assert (shown["stands"]["along"], shown["stands"]["across"]) == ("W.1..1.1", "b.2")
    visitor.says("descent", "go", wish={"along": "W.7..7.7", "across": "x.0.1.1"})
    assert visitor.shown("descent")["stands"]["along"] == "W.2..1.1", "one that the lesson has not is as none"


def test_a_link_opens_the_run_as_it_was():
    visitor = Visitor(
        PAGE, ex="xor", it="30", n="400", view="surface", along="W.1..1.2", across="b.1..2", only="1", log="1"
    )
    place, shown = visitor.place, arrive(visitor)
    assert (place.pane, place.span, place.only, place.log, place.iteration) == ("surface", 400, True, True, 30)
    assert (shown["stands"]["along"], shown["stands"]["across"]) == ("W.1..1.2", "b.1..2") and shown["known"] == 400
    assert dict(place.query()) | {"ex": "xor"} == place.query()


@pytest.mark.parametrize(
    "query", [{"n": "0"}, {"n": "10001"}, {"view": "x"}, {"along": "z.1.1.1"}, {"rates": "0.1," * 70}, {"only": "2"}]
)
def test_nonsense_in_a_link_is_told(query):
    place, told = arrived(query)
    assert len(told) == 1 and place == Place() and f"“{next(iter(query))}=" in told[0]


def test_long_runs_come_in_slices():
    wide = Lesson(layers=[8] * 7, activations=["tanh"] * 6, loss="squared_error", init={"scheme": "xavier"}, inputs=[[0.1 * k for k in range(8)]] * 16, targets=[[0.5] * 8] * 16, learning_rate=0.01)  # fmt: skip
    visitor = opened(wide, span=MOST)
    shown = visitor.shown("descent")
    assert shown["pending"] and 0 <= shown["known"] < MOST
    known = shown["known"]
    visitor.says("descent", "go", wish={})
    assert visitor.shown("descent")["known"] > known
