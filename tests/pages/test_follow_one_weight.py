"""The page "Follow one weight", without a browser: every tab of every example, and what a wish or a link does to it."""

import pytest

from backprop.engine.steps import Cell
from backprop.explain import numerals
from backprop.explain.paths import count
from backprop.lessons.examples import EXAMPLES, example
from backprop.ui.fields.following import READINGS, TABS
from backprop.ui.following.top import numbers
from backprop.ui.place import Place
from tests.visitor import Visitor

PAGE = "learn/follow_one_weight"


def test_the_first_weight_is_followed_until_another_is_chosen():
    visitor = Visitor(PAGE)
    shown = visitor.shown("follow")
    assert shown["place"]["followed"] == "W.1..1.1" and "By 2." in shown["ask"]
    assert shown["panel"]["hot"] == {"W.1..1.1": "bwd"} and shown["ways"].count("fw-number") >= 3
    visitor.says("follow", "go", wish={"followed": "W.2..2.1"})
    shown = visitor.shown("follow")
    assert visitor.place.follows == Cell("W", 2, None, 2, 1)
    assert shown["ack"] == "browser:1" and "By one." in shown["ask"] and shown["panel"]["hot"] == {"W.2..2.1": "bwd"}


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_tab_of_every_example(name, tab):
    visitor = Visitor(PAGE)
    place = Place(origin=name, lesson=example(name)).moved({"tab": tab})
    groups = numbers(place.trace, 1)
    cells = [cell for _layer, each in groups for cell in each]
    for cell in (
        cells[0],
        cells[len(cells) // 2],
        cells[-1],
        Cell("a", 1, 1, 1),
        Cell("z", place.lesson.network.depth, 1, 1),
    ):
        visitor.app.session_state["place"] = place.moved({"followed": cell.address})
        visitor.app.run()
        assert not visitor.app.exception, (cell, [each.value for each in visitor.app.exception])
        shown = visitor.shown("follow")
        many = count(place.trace, cell)
        assert f"By {numerals.count(many) if many > 1 else 'one'}." in shown["ask"]
        assert shown["main"] and shown["net"].startswith("<svg") and bool(shown["ways"]) == (tab in ("paths", "chain"))
        assert shown["numbers"] == [each.address for each in cells]


@pytest.mark.parametrize("reading", READINGS)
def test_every_reading_of_the_chain(reading):
    visitor = Visitor(PAGE).says("follow", "go", wish={"tab": "chain", "reading": reading})
    assert "ch" in visitor.shown("follow")["main"] and visitor.place.reading == reading


def test_a_link_opens_the_tab_the_number_and_the_row():
    visitor = Visitor(PAGE, ex="xor", follow="W.1..2.1", tab="paths", path="1", sample="3")
    shown = visitor.shown("follow")
    assert (shown["place"]["followed"], shown["place"]["path"], shown["place"]["sample"]) == ("W.1..2.1", 1, 3)
    assert "follow=W.1..2.1" in shown["panel"]["memo"] and "path=1" in shown["panel"]["memo"]


def test_what_makes_no_sense_in_a_link_is_told():
    visitor = Visitor(follow="loss.2", tab="maths", path="9", eps="77", h="much", read="aloud", op="-1")
    told = [toast.value for toast in visitor.app.toast]
    assert len(told) == 7 and all("ignored" in each for each in told), told
    assert visitor.place == Place()


def test_a_row_that_is_not_there_is_not_pinned():
    visitor = Visitor(PAGE).says("follow", "go", wish={"path": 2})
    assert visitor.place.path == 2
    visitor.says("follow", "go", wish={"followed": "W.2..1.1"})
    assert visitor.place.path == 0
