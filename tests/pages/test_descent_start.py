"""The tab "The start" of the page "Descent", without a browser: every example with every start, and mad lessons."""

import re

import pytest

from backprop import Lesson
from backprop.lessons.examples import EXAMPLES, example
from backprop.runs.starts import taken
from backprop.ui.fields.descending import SCHEMES
from backprop.ui.place import Place
from backprop.ui.visit import arrived
from tests.visitor import Visitor

PAGE = "explore/descent"

BIG = Lesson(
    layers=[8] * 7,
    activations=["relu"] * 5 + ["linear"],
    loss="squared_error",
    init={"scheme": "he"},
    inputs=[[(s * k % 7) / 7 for k in range(8)] for s in range(16)],
    targets=[[(s + k) % 2 for k in range(8)] for s in range(16)],
    learning_rate=0.01,
)
MAD = {
    "big": BIG,
    "big, η = 1e308": BIG.changed(learning_rate=1e308),
    "weights of 1e308": example("towardsai").changed(weights=[[[1e308, -1e308]] * 2, [[1e308, 1e308]] * 2]),
    "inputs of 1e308": example("genomexyz").changed(inputs=((1e308, 1e308, -1e308),)),
    "η = 0": example("xor").changed(learning_rate=0.0),
    "inputs 0": example("dabbura-relu").changed(inputs=((0.0, 0.0, 0.0),) * 4),
}


def wish(visitor: Visitor, **fields) -> dict:
    data = visitor.says("descent", "go", wish=fields).shown("descent")
    for _look in range(200):
        if not data["pending"]:
            break
        data = visitor.says("descent", "go", wish={}).shown("descent")
    assert not data["pending"]
    words = re.sub(r"<title>.*?</title>|<[^>]+>", " ", data["main"])
    assert not re.search(r"\b(nan|inf|NaN|None|Infinity)\b|\{\w+\}", words), words
    return data


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_start_of_every_example(name):
    visitor = Visitor(PAGE, ex=name, view="start", n="50", it="20")
    for narrow in (False, True):
        visitor.app.session_state["narrow_page"] = narrow
        for scheme in SCHEMES:
            main = wish(visitor, scheme=scheme)["main"]
            assert main.count('class="st-row on"') == 1 and main.count("<svg") >= 2
            assert ('data-say="take_start"' in main) == (scheme != "own")


@pytest.mark.parametrize("kind", MAD)
def test_mad_lessons(kind):
    visitor = Visitor(PAGE)
    visitor.app.session_state["place"] = Place(lesson=MAD[kind]).moved({"pane": "start", "span": 30, "iteration": 30})
    visitor.app.run()
    for scheme in SCHEMES:
        wish(visitor, scheme=scheme)


def test_a_long_run_is_computed_look_by_look():
    visitor = Visitor(PAGE, ex="dabbura-tanh", view="start", n="5000")
    first = visitor.shown("descent")
    assert first["pending"] and "…" in first["main"]
    assert "Loss after<br>5\u202f000 updates" in wish(visitor, scheme="he")["main"]


def test_a_start_is_taken_and_undone():
    visitor = Visitor(PAGE, view="start", init="xavier", draw="4")
    before = visitor.place.lesson
    visitor.says("descent", "go", say="take_start")
    assert visitor.place.lesson == taken(before, "xavier", 4) and "lesson=" in visitor.place.memo()
    visitor.says("sliders", "edit", values={}, say="undo")
    assert visitor.place.lesson == before


def test_the_identical_run_again_and_another_draw():
    visitor = Visitor(PAGE, view="start", init="he")
    assert "from seed 1: all 201 losses and all 10 numbers" in wish(visitor, again=1)["main"]
    moved = wish(visitor, draw=2, again=0)
    assert (
        "once more" not in moved["main"]
        and "draw=2" in moved["panel"]["memo"]
        and "again" not in moved["panel"]["memo"]
    )
    assert "from seed 2: all 201 losses" in wish(visitor, again=1)["main"]


@pytest.mark.parametrize(("parameter", "nonsense"), [("init", "ones"), ("draw", "-1"), ("draw", "x"), ("init", "<b>")])
def test_nonsense_in_a_link_is_told(parameter, nonsense):
    place, (told,) = arrived({"view": "start", parameter: nonsense})
    assert (place.pane, place.scheme, place.draw) == ("start", "zeros", 1)
    assert f"“{parameter}={nonsense}”" in told and told.endswith(".")
