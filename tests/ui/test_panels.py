"""The page's parts hear what the browser says: the states of both components, sent as a browser sends them."""

import pytest

from backprop import example, trace
from backprop.engine.steps import Cell
from backprop.explain import numerals
from backprop.ui.place import Place
from tests.visitor import Visitor


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


def test_a_step_is_shown_and_acknowledged(visitor):
    visitor.says("stage", "go", wish={"stop": 18})
    shown = visitor.shown("stage")
    assert visitor.place.stop == 18 and shown["ack"] == "browser:1" and shown["place"]["stop"] == 18
    assert "step 18 of 43" in shown["bar"] and "0.0822" in shown["net"] and "0.0822" in shown["tex"]
    assert shown["panel"]["hot"]["W.2..1.1"] == "bwd" and "How much does the loss change" in shown["ask"]


def test_every_step_by_clicks_on_the_rail(visitor):
    for stop in visitor.shown("stage")["stops"][::6]:
        shown = visitor.says("stage", "go", wish={"stop": stop}).shown("stage")
        assert f"data-stop='{stop}'" in shown["rail"].replace('"', "'") or stop == 0
        assert shown["place"]["stop"] == stop


def test_a_slider_moves_the_network(visitor):
    visitor.says("stage", "go", wish={"stop": 1})
    visitor.says("sliders", "edit", values={"x.0.1.1": 1.5}, gesture="hand:1")
    lesson = example("towardsai").changed(inputs=((1.5, 0.1),))
    z = numerals.plain(trace(lesson).at(Cell("z", 1, 1, 1)))
    assert visitor.place.lesson == lesson and z in visitor.shown("stage")["net"]
    assert visitor.shown("sliders")["ack"] == "browser:2"
    assert visitor.shown("sliders")["groups"][0]["rows"][0]["value"] == 1.5
    visitor.says("sliders", "edit", say="undo")
    assert visitor.place.lesson == example("towardsai") and visitor.place.stop == 1


def test_a_number_that_cannot_be_is_told_beside_the_sliders(visitor):
    visitor.says("sliders", "edit", values={"learning_rate": -3}, gesture="hand:1")
    assert "allowed are numbers from 0 up" in visitor.shown("sliders")["notice"]
    assert visitor.place == Place()


def test_hiding_the_answer(visitor):
    visitor.says("stage", "go", wish={"stop": 1, "hide": True, "revealed": False})
    shown = visitor.shown("stage")
    assert "0.3775" not in shown["net"] + shown["numbers"] + shown["say"] and "Show" in shown["bar"]
    shown = visitor.says("stage", "go", wish={"revealed": True}).shown("stage")
    assert "0.3775" in shown["net"] and "0.3775" in shown["numbers"]


def test_a_click_on_a_number_selects_it_and_the_next_step_lets_go(visitor):
    visitor.says("stage", "go", wish={"stop": 30})
    shown = visitor.says("stage", "go", wish={"selected": "z.1.1.2"}).shown("stage")
    assert shown["place"]["selected"] == "z.1.1.2" and "unit 2 of layer 1" in shown["ask"]
    shown = visitor.says("stage", "go", wish={"stop": 31, "selected": ""}).shown("stage")
    assert shown["place"] == {**visitor.place.view(), "selected": ""}


def test_a_picked_sample(visitor):
    visitor.app.session_state["place"] = Place(origin="xor", lesson=example("xor")).moved({"stop": 12})
    visitor.app.run()
    visitor.says("sliders", "edit", wish={"sample": 3})
    assert visitor.place.sample == 3
    assert [row["name"] for row in visitor.shown("sliders")["groups"][0]["rows"]] == ["x.0.3.1", "x.0.3.2", "t.2.3.1"]


def test_the_open_table_follows_the_steps(visitor):
    visitor.app.session_state["closer"] = "numbers"
    visitor.app.run()
    visitor.says("stage", "go", wish={"stop": 9})
    assert len(visitor.app.dataframe[0].value) == 9
    assert list(visitor.app.dataframe[0].value["step"]) == list(range(1, 10))


def test_a_covered_answer_is_in_no_table(visitor):
    for table, count in (("numbers", 4), ("parameters", 10)):
        visitor.app.session_state["closer"] = table
        visitor.app.run()
        visitor.says("stage", "go", wish={"stop": 5, "hide": True, "revealed": False})
        frame = visitor.app.dataframe[0].value
        assert len(frame) == count
        assert table == "numbers" or set(frame["gradient"]) == {"–"}


def test_the_parameters_before_and_after(visitor):
    visitor.app.session_state["closer"] = "parameters"
    visitor.says("stage", "go", wish={"stop": 43})
    frame = visitor.app.dataframe[0].value
    row = frame[frame["parameter"] == "w₁₁"].iloc[1]
    assert tuple(row[["before", "gradient", "after"]]) == ("0.40", "0.0822", "0.3589")


def test_a_page_that_outlived_its_server(visitor):
    memo = Place(origin="softmax", lesson=example("softmax")).moved({"stop": 40, "digits": 6}).memo()
    visitor.says("sliders", "edit", wish={"stop": 41}, memo=memo, born="before", stage="browser:old")
    assert (visitor.place.origin, visitor.place.stop, visitor.place.digits) == ("softmax", 41, 6)
    assert visitor.shown("stage")["ack"] == "browser:old"
