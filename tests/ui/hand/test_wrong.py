"""The tab "Do it wrong": the number shown is the first that differs, and what is said of both runs is what they do."""

import re
from html import unescape

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import trace
from backprop.explain import numerals
from backprop.explain.conventions import CONVENTIONS
from backprop.lessons.examples import EXAMPLES, example
from backprop.practice.wrong import Difference, first_difference, offered, run_wrong, spread, trace_wrong
from backprop.practice.wrong_ways import WRONG
from backprop.runs.fate import lost
from backprop.ui.fields.table import BOUNDS
from backprop.ui.hand import long_run
from backprop.ui.hand.wrong import STEPS, chosen, digits_apart, parts
from backprop.ui.place import Place
from tests import strategies
from tests.visitor import Visitor

SOFT = example("softmax").changed(loss="squared_error")
PAIRS = [(name, slip) for name in EXAMPLES for slip in offered(example(name))]


def place(name="towardsai", slip="", **more) -> Place:
    return Place(origin=name, lesson=example(name), task="wrong", slip=slip, **more)


def text(part: str) -> str:
    bare = re.sub(r"<style>.*?</style>", "", part)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", bare)).split())


def cards(page: str) -> list[tuple[str, str, float]]:
    """Of each card its sign, its number as it is written, and all its digits."""
    found = re.findall(r'<div class="wr-number">.*?(=|≈)? <b title="([^"]*)">([^<]*)</b>', page)
    return [(sign, written, float(every)) for sign, every, written in found]


@pytest.mark.parametrize(("name", "slip"), PAIRS)
def test_what_is_shown_is_what_the_two_runs_do(name, slip):
    """Both numbers, a chip for every step, and both losses in the end."""
    here, narrow = place(name, slip), slip == "no_slope"
    shown = parts(here, narrow)
    found = first_difference(here.lesson, slip)
    (sign, right, every), (_sign, wrong, all_of_it) = cards(shown["main"])
    assert (every, all_of_it) == (trace(here.lesson, found.iteration).at(found.cell), trace_wrong(here.lesson, slip, found.iteration).at(found.cell))  # fmt: skip
    assert right != wrong and sign in ("=", "≈")
    digits = digits_apart(found, 4)
    assert (right, wrong) == (numerals.plain(every, digits), numerals.plain(all_of_it, digits))
    assert f"in iteration {found.iteration}" in text(shown["ask"])
    if "wr-net" in shown["main"]:
        assert f'rect[data-sel="{found.cell.address}"]' in shown["main"]
    else:
        assert not narrow and here.lesson.network.depth > 3
    assert not re.search(r"\bnan\b|None|\binf\b", text("".join(shown.values())))
    _assert_chips(here, shown["main"], slip, found.iteration)
    _assert_end(here, shown["main"], slip)


def _assert_chips(here: Place, page: str, slip: str, iteration: int) -> None:
    steps = spread(here.lesson, slip, iteration)
    chips = re.findall(r'<span class="wr-chip( wr-off)?" title="(\d+) of (\d+) ', page)
    assert [(bool(off), int(differ), int(count)) for off, differ, count in chips] == [
        (differ > 0, differ, step.value.size) for step, differ in steps
    ]
    assert page.count("≠ ") == sum(differ > 0 for _step, differ in steps)


def _assert_end(here: Place, page: str, slip: str) -> None:
    end = re.search(r'<p class="wr-end">(.*?)</p>', page)[1]
    losses = run_wrong(here.lesson, slip, here.upto)
    gone = lost(losses)
    if gone is not None:
        assert f"<b>{gone}</b>" in end
    else:
        shown = re.search(r'class="wr-w">([^<]*)<', end)[1]
        assert shown in {numerals.plain(float(losses[-1]), digits) for digits in range(4, 13)}


def test_fewer_digits_than_it_takes_to_tell_two_numbers_apart_are_not_shown():
    cell = first_difference(example("towardsai"), "plus").cell
    assert digits_apart(Difference(0, cell, 0.5, 0.500000004), 4) == 9
    assert digits_apart(Difference(0, cell, 0.5, 0.6), 4) == 4
    assert digits_apart(Difference(0, cell, 0.5, 0.5 + 1e-15), 4) == 12


def test_the_list_holds_what_is_offered_and_an_unknown_slip_is_the_first():
    for name in EXAMPLES:
        names = offered(example(name))
        assert re.findall(r'<option value="(\w+)">', parts(place(name), False)["tools"]) == list(names)
        assert [chosen(place(name, slip)) for slip in ("", "nonsense", names[-1])] == [names[0], names[0], names[-1]]


def test_where_no_slip_changes_anything_that_is_said():
    lesson = example("neuron").changed(
        activations=["relu"], weights=[[[1.0]]], biases=[[0.0]], inputs=[[1.0]], targets=[[1.0]]
    )
    shown = parts(Place(lesson=lesson, task="wrong"), False)
    assert "every gradient is 0" in text(shown["main"]) and not shown.get("tools")


def test_steps_of_the_curves_are_within_what_may_be_dialled():
    assert Place().upto in STEPS
    assert STEPS[-1] == BOUNDS["upto"][1] and tuple(sorted(STEPS)) == STEPS
    page = parts(place(upto=20), False)["main"]
    assert re.search(r"class='on' data-set='\{\"upto\": 20\}'", page) and page.count("data-set") == len(STEPS)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("slip", WRONG)
def test_a_slip_is_told_in_the_letters_of_the_class(slip, convention):
    lesson = next((example(name) for name in EXAMPLES if slip in offered(example(name))), SOFT)
    page = parts(Place(lesson=lesson, task="wrong", slip=slip, convention=convention), False)
    row = CONVENTIONS[convention]
    told = text(re.search(r"wr-bad.*?<p>(.*?)</p>", page["main"])[1])
    assert "{" not in told and "None" not in text(page["main"])
    if slip == "no_slope":
        assert f"{row.function}′" in told and (row.pre.strip("\\") in told or "net" in told)
        assert f">{row.function}′ left out<" in page["tools"]


# --- what becomes of it


def said(right, wrong, digits=4) -> str:
    return text(long_run.long_run_html(np.array(right), np.array(wrong), digits))


START = np.linspace(1.0, 0.5, 51)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.linspace(1.0, 0.2, 51), long_run.FALLS_FASTER), (np.linspace(1.0, 0.8, 51), long_run.FALLS_SLOWER), (np.linspace(1.0, 2.0, 51), long_run.RISES),
        (np.r_[1.0, np.full(50, 3.0)], long_run.RISEN), (np.r_[1.0, np.full(50, 0.9)], long_run.STILL_ABOVE), (np.r_[1.0, np.full(50, 0.1)], long_run.STILL_BELOW),
        (1.0 + 0.5 * np.sin(np.arange(51.0)), long_run.SWINGS), (START, long_run.SAME), (START * 1.001, long_run.CLOSE), (np.r_[1.0, np.zeros(50)], long_run.FALLS_FASTER),
    ],
)  # fmt: skip
def test_the_end_is_told_as_it_is(wrong, message):
    assert long_run.verdict(START, wrong) == message and message in said(START, wrong)


def test_a_step_of_another_length_still_goes_the_right_way():
    for wrong in (np.linspace(1.0, 0.2, 51), np.linspace(1.0, 0.8, 51)):
        assert long_run.verdict(START, wrong, scaled=True) == long_run.FALLS_SCALED
    assert long_run.verdict(START, np.linspace(1.0, 2.0, 51), scaled=True) == long_run.RISES


def test_two_runs_that_have_arrived():
    assert long_run.verdict(np.geomspace(1, 1e-12, 51), np.geomspace(1, 1e-20, 51)) == long_run.ARRIVED


def test_losses_that_leave_the_numbers_are_told_by_their_iteration():
    gone = np.r_[np.geomspace(1, 1e300, 12), np.full(39, np.nan)]
    assert "at iteration 12 the loss has left the range of numbers" in said(START, gone) and "0.5000" in said(START, gone)  # fmt: skip
    assert "without the slip it does so too" in said(gone, gone)
    assert "the right way leaves the range of numbers, at iteration 12" in said(gone, START)


# --- whatever comes


@settings(max_examples=8)
@given(
    strategies.lessons(layers=2, units=2, samples=2),
    st.sampled_from(tuple(CONVENTIONS)),
    st.integers(2, 12),
    st.booleans(),
)
def test_any_lesson_in_any_writing(lesson, convention, digits, narrow):
    for slip in offered(lesson)[::3]:
        here = Place(lesson=lesson, task="wrong", slip=slip, convention=convention, digits=digits, upto=5)
        shown = text("".join(parts(here, narrow).values()))
        assert "None" not in shown and not re.search(r"\bnan\b|\{|\}", shown)


def test_the_page_tells_the_list_which_slip_is_on():
    visitor = Visitor("learn/by_hand", task="wrong")
    shown = visitor.shown("hand")
    assert shown["place"]["slip"] == "plus" and "wr-card" in shown["main"]
    visitor.says("hand", "go", wish={"slip": "no_slope", "upto": 200})
    shown = visitor.shown("hand")
    assert shown["place"]["slip"] == "no_slope" and "iteration 200" in shown["main"]
    assert "slip=no_slope" in shown["panel"]["memo"] and "upto=200" in shown["panel"]["memo"]
