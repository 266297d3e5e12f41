"""The page "By hand", as far as the server can tell: answers are kept with the numbers that they were typed for."""

import pytest

from backprop.ui.fields.by_hand import TASKS
from tests.visitor import Visitor


@pytest.fixture
def visitor() -> Visitor:
    return Visitor("learn/by_hand")


def wish(visitor: Visitor, **fields):
    return visitor.says("hand", "go", wish=fields).shown("hand")


@pytest.mark.parametrize("task", TASKS)
def test_every_tab_opens(visitor, task):
    assert wish(visitor, task=task)["place"]["task"] == task


def test_an_answer_is_judged_at_once(visitor):
    data = wish(visitor, dial=4, answers={"z.1.1.1": "0.3775", "z.1.1.2": "0.5"}, focus="z.1.1.2")
    assert data["verdicts"]["z.1.1.1"] == "right" and data["verdicts"]["z.1.1.2"] == "wrong"
    assert "1 of 4 blanks right here" in data["main"]


def test_answers_wait_for_the_numbers_they_were_typed_for(visitor):
    answers = {"z.1.1.1": "0.3775"}
    wish(visitor, dial=4, answers=answers)
    assert wish(visitor, iteration=1)["place"]["answers"] == {}
    assert wish(visitor, iteration=0)["place"]["answers"] == answers
    visitor.says("sliders", "edit", values={"x.0.1.1": 0.5}, gesture="a")
    assert visitor.place.answers == ()
    visitor.says("sliders", "edit", values={}, say="undo")
    assert dict(visitor.place.answers) == answers


def test_answers_are_in_no_link(visitor):
    data = wish(visitor, dial=4, answers={"z.1.1.1": "0.3775"}, hints={"z.1.1.1": 2})
    assert "0.3775" not in data["panel"]["memo"] and "dial=4" in data["panel"]["memo"]
    assert "0.3775" not in str(visitor.place.query())


def test_nonsense_is_left_out(visitor):
    before = visitor.shown("hand")["place"]
    for wrong in (
        {"answers": [1]},
        {"answers": {"z.1.1.1": 5}},
        {"hints": {"z": 9}},
        {"dial": "x"},
        {"focus": "nonsense"},
        {"answers": {"z.1.1.1": "9" * 500}},
    ):
        assert wish(visitor, **wrong)["place"] == before


def test_a_link_opens_a_part_with_its_blanks():
    visitor = Visitor("learn/by_hand", part="backward.2", blank="backward", task="sheet")
    data = visitor.shown("hand")
    assert data["part"] == "backward.2" and set(data["verdicts"].values()) == {"open"} and not visitor.app.get("toast")
