"""The tab "The whole run" of the page "Descent", as far as the server can tell."""

import csv
import io
from dataclasses import replace

import pytest

from backprop import run
from backprop.lessons.examples import EXAMPLES, example
from backprop.ui.descent.table import file
from tests.ui.descent.test_table import MANY
from tests.visitor import Visitor

PAGE = "explore/descent"


def wish(visitor: Visitor, **fields):
    return visitor.says("descent", "go", wish=fields).shown("descent")


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_shows_its_run(name):
    visitor = Visitor(PAGE, ex=name, view="table", n="150", it="3")
    data = visitor.shown("descent")
    while data["pending"]:
        data = wish(visitor)
    assert data["known"] == 150 and "<table>" in data["main"] and "All 150 iterations" in data["main"]
    visitor.says("descent", "narrow", **{})
    visitor.app.session_state["narrow_page"] = True
    assert "<table>" in wish(visitor, level=1)["main"]


@pytest.mark.parametrize("changed", ("learning_rate_1000000", "W.1..1.1_1e308~W.2..1.1_1e308~W.2..2.2_-1e308"))
def test_lessons_that_leave_float64_show_their_run_too(changed):
    visitor = Visitor(PAGE, view="table", n="10000", set=changed)
    data = visitor.shown("descent")
    while data["pending"]:
        data = wish(visitor)
    assert "<table>" in data["main"] and "nan" not in data["main"]
    assert "<table>" in wish(visitor, iteration=40)["main"]


def test_a_rule_stops_the_run_on_every_tab():
    visitor = Visitor(PAGE, view="table", n="2000", below="0.02")
    data = wish(visitor)
    losses = run(example("towardsai"), 2000).loss
    stopped = next(k for k, loss in enumerate(losses) if loss < 0.02)
    assert data["known"] == stopped and f"Stopped after {stopped} iterations" in data["main"]
    for pane in ("run", "surface", "start"):
        assert wish(visitor, pane=pane)["known"] == stopped
    assert wish(visitor, pane="table", below=0)["known"] > stopped


@pytest.mark.parametrize("wrong", ({"below": -1}, {"below": "x"}, {"still": 1e9}, {"level": "x"}, {"span": None}))
def test_nonsense_is_left_out(wrong):
    visitor = Visitor(PAGE, view="table", n="50")
    before = visitor.shown("descent")["place"]
    assert wish(visitor, **wrong)["place"] == before


def test_a_long_run_shows_how_far_it_is_until_it_is_cancelled():
    visitor = Visitor(PAGE, view="table", n="50")
    visitor.app.session_state["place"] = visitor.place.with_lesson(MANY.changed(title="long"))
    data = wish(visitor, span=10_000)
    assert data["pending"] and "10\u202f000 iterations, about" in data["main"] and "Cancel" in data["main"]
    known = data["known"]
    data = wish(visitor, span=known)
    assert not data["pending"] and data["known"] == known and "Cancel" not in data["main"]


def test_the_run_is_taken_home_as_far_as_its_rule_lets_it_go():
    visitor = Visitor(PAGE, view="table", n="400", below="0.1")
    losses = run(example("towardsai"), 400).loss
    stopped = next(k for k, loss in enumerate(losses) if loss < 0.1)
    assert [each.proto.label for each in visitor.app.get("download_button")] == ["The run as CSV"]
    rows = list(csv.reader(io.StringIO(file(visitor.place).decode(), newline="")))
    assert len(rows) == stopped + 2 and float(rows[-1][1]) == losses[stopped] < 0.1
    fresh = replace(visitor.place, lesson=example("softmax").changed(title="not looked at yet"), span=3_000, below=0.0)
    assert file(fresh).count(b"\r\n") == 3_002, "the file waits for the end of the run"
    assert not wish(visitor, pane="run")["main"]
    assert not visitor.app.get("download_button")
