"""The page's logic, without a browser: every example, both grains, and the controls of the sidebar."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from backprop.engine.losses import LOSSES
from backprop.engine.steps import Cell
from backprop.explain import symbols
from backprop.explain.conventions import CONVENTIONS
from backprop.lessons.examples import EXAMPLES, example
from backprop.ui.guessing import asked
from backprop.ui.place import Place

APP = str(Path(__file__).parents[2] / "app.py")


def opened(place: Place | None = None) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.run()
    if place is not None:
        app.session_state["place"] = place
        app.run()
    assert not app.exception
    return app


def stage(app: AppTest) -> dict:
    """What the stage was given to show."""
    data = json.loads(
        next(each for each in app.get("bidi_component") if each.proto.component_name.endswith("stage")).proto.json
    )
    return {**json.loads(data.pop("text")), **data}


@pytest.mark.parametrize("grain", ["number", "layer"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_at_start_middle_and_end(name, grain):
    lesson = example(name)
    count = len(Place(origin=name, lesson=lesson).walk)
    app = opened()
    for stop in (0, 1, count // 2, count - 1, count):
        app.session_state["place"] = Place(origin=name, lesson=lesson).moved({"stop": stop, "grain": grain})
        app.run()
        assert not app.exception, (name, stop)
        shown = stage(app)
        assert shown["net"].startswith("<svg") and (stop == 0) == (shown["tex"] == "")


def test_the_misprints_of_an_article_are_told_before_the_first_step():
    assert "0.3595" in stage(opened())["say"]


def test_choosing_an_example_starts_it_and_undo_comes_back():
    app = opened(Place().moved({"stop": 12}))
    app.selectbox(key="example").set_value("xor").run()
    assert not app.exception
    assert app.session_state["place"].origin == "xor" and app.session_state["place"].stop == 0
    assert len(app.session_state["undo"]) == 1


def structure(app: AppTest) -> AppTest:
    app.session_state["setup"] = True
    return app.run()


def test_the_structure_is_changed_and_what_does_not_fit_is_told():
    app = structure(opened())
    app.text_input(key="layers").set_value("2, 3, 2").run()
    assert app.session_state["place"].lesson.layers == (2, 3, 2)
    for bad, told in (
        ("2, x", "whole numbers"),
        ("2, 0, 2", "1 to 8 units"),
        ("", "allowed are 2 to 7"),
        ("1,1,1,1,1,1,1,1", "allowed are 2 to 7"),
    ):
        app.text_input(key="layers").set_value(bad).run()
        assert not app.exception
        assert told in app.error[0].value, bad
        assert app.session_state["place"].lesson.layers == (2, 3, 2)
    app.text_input(key="layers").set_value("2, 3, 2").run()
    assert not app.error
    app.selectbox(key="loss").set_value("cross_entropy").run()
    assert "allowed only with softmax" in app.error[0].value
    app.selectbox(key="activation2").set_value("softmax").run()
    assert not app.error and app.session_state["place"].lesson.loss == "cross_entropy"


def test_a_typed_loss_stands_in_the_list_and_stays_with_another_structure():
    app = structure(opened(Place(lesson=example("towardsai").changed(loss={"formula": "(a-t)^4"}))))
    box = app.selectbox(key="loss")
    assert box.value == "(a-t)^4" and box.options[-1] == "(a-t)^4" and len(box.options) == len(LOSSES) + 1
    app.text_input(key="layers").set_value("2, 3, 2").run()
    lesson = app.session_state["place"].lesson
    assert lesson.layers == (2, 3, 2) and lesson.loss.formula == "(a-t)^4" and not app.error and not app.exception
    app.selectbox(key="loss").set_value("squared_error").run()
    assert app.session_state["place"].lesson.loss == "squared_error" and not app.exception


def test_new_weights_are_drawn_from_the_seed():
    app = structure(opened())
    app.number_input(key="seed").set_value(7).run()
    first = app.session_state["place"].lesson
    assert first.init.seed == 7
    next(button for button in app.button if button.label == "Draw new weights").click().run()
    second = app.session_state["place"].lesson
    assert second.init.seed == 8 and second.parameters.W[0].tolist() != first.parameters.W[0].tolist()
    app.number_input(key="seed").set_value(7).run()
    assert app.session_state["place"].lesson == first


def test_digits_and_symbols():
    app = structure(opened(Place().moved({"stop": 1})))
    app.slider(key="digits").set_value(8).run()
    assert "0.37750000" in stage(app)["numbers"]
    app.selectbox(key="convention").set_value("ab").run()
    assert "a₁" in stage(app)["numbers"]


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_the_chosen_convention_says_what_it_changes(convention):
    app = structure(opened(Place().moved({"stop": 18})))
    app.selectbox(key="convention").set_value(convention).run()
    row = CONVENTIONS[convention]
    assert [each.value for each in app.caption] == [row.changes]
    assert app.selectbox(key="convention").options == [each.title for each in CONVENTIONS.values()]
    shown = stage(app)
    assert symbols.tex(Cell("dL_dW", 2, None, 1, 1), app.session_state["place"].notation) in shown["tex"].replace(
        r"\dfrac", r"\frac"
    )


def test_comma_and_fractions():
    app = structure(opened(Place().moved({"stop": 1})))
    app.toggle(key="comma").set_value(True).run()
    shown = stage(app)
    assert "0{,}3775" in shown["tex"] and "0,3775" in shown["net"] and "0,3775" in shown["numbers"]
    assert "0.3775" not in shown["net"] + shown["tex"] + shown["loss"] and "0,2984" in shown["loss"]
    app.toggle(key="fractions").set_value(True).run()
    shown = stage(app)
    assert r"\tfrac{3}{20}" in shown["tex"] and "+3/20" in shown["net"] and "η = 1/2" in shown["loss"]
    app.toggle(key="comma").set_value(False).run()
    assert "0.3775" in stage(app)["net"] and app.session_state["place"].fractions


PREDICTED = [("towardsai", 2), ("dabbura-relu", 5), ("softmax", 2), ("deep", 5)]


@pytest.mark.parametrize("grain", ["number", "layer"])
@pytest.mark.parametrize(("name", "every"), PREDICTED)
def test_predict_first(name, every, grain):
    """At a covered stop the page asks, and no part of it tells; a guess uncovers the number, with the verdict and why."""
    start = Place(origin=name, lesson=example(name), grain=grain, predict=True)
    app, verdicts = opened(), set()
    for stop in start.walk.stops(grain)[1 :: every * 3]:
        here = start.moved({"stop": stop})
        app.session_state["place"] = here
        app.run()
        shown = stage(app)
        found = asked(here)
        assert not app.exception and ("class='q guess'" in shown["ask"]) == (found is not None)
        assert "?</td>" in shown["numbers"] and shown["aloud"] == "" and "verdict" not in shown["say"]
        if found is None:
            continue
        for option in found.options:
            assert option in shown["ask"] and "aria-disabled" not in shown["ask"]
            app.session_state["place"] = here.moved({"guess": option, "revealed": True})
            app.run()
            told, right = stage(app), option == found.answer
            verdicts.add(right)
            assert not app.exception and "?</td>" not in told["numbers"]
            assert told["aloud"].startswith("Yes." if right else "Not this time.")
            assert ("Yes." in told["say"]) == right and ("wrong chosen" in told["ask"]) != right
            assert told["ask"].count("'right") == 1 and told["ask"].count("aria-pressed='true'") == 1
    assert verdicts == {True, False}


def test_without_a_guess_the_answer_is_uncovered_as_with_hide():
    here = Place().moved({"stop": 18, "predict": True, "revealed": True})
    shown = stage(opened(here))
    plain = stage(opened(here.moved({"predict": False})))
    for part in ("ask", "say", "tex", "net", "numbers", "loss"):
        assert shown[part] == plain[part]


def test_a_link_asks():
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params.update({"predict": "1", "step": "18"})
    app.run()
    shown = stage(app)
    assert "Which sign does" in shown["ask"] and "0.0822" not in shown["net"] + shown["tex"] + shown["numbers"]
    assert 'class="bt ask on"' in shown["bar"] and "Show" in shown["bar"]


def test_a_loss_that_is_covered_stands_not_beside_it():
    here = Place().moved({"stop": 11, "hide": True})
    assert (
        "0.2984" not in stage(opened(here))["loss"] and "0.2984" in stage(opened(here.moved({"hide": False})))["loss"]
    )


@pytest.mark.parametrize("table", ["numbers", "parameters", "samples", "curve"])
def test_a_closer_look(table):
    lesson = example("dabbura-tanh")
    app = opened(Place(origin="dabbura-tanh", lesson=lesson).moved({"stop": 10**6}))
    app.session_state["closer"] = table
    app.run()
    assert not app.exception
    assert app.dataframe if table != "curve" else app.get("plotly_chart")
