"""How far rounding on the way may take a number: no class that rounds leaves the interval, and it is no wider than it need be."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop.engine.steps import Cell
from backprop.explain.lines import stepwise
from backprop.explain.terms import evaluate, local_value
from backprop.lessons.examples import EXAMPLES, example
from backprop.practice.reckoning import AFTER, Reckoning, after, blank_at, half_unit
from backprop.runs.history import trace
from tests.strategies import lessons


@pytest.mark.parametrize("name", EXAMPLES)
def test_untouched_numbers_are_the_traces_own(name):
    at = trace(example(name))
    by_hand = Reckoning(at, 4)
    for step in at.steps:
        for cell in at.cells(step):
            assert by_hand.value(cell).value == pytest.approx(at.at(cell), rel=1e-12, abs=1e-15)
    assert by_hand.written() is at


@settings(max_examples=60, deadline=None)
@given(lessons(), st.integers(3, 8), st.integers())
def test_rounding_every_number_stays_within_the_radius(lesson, digits, seed):
    """Each number moved by up to half a unit of the last decimal, at random; only where the rules are smooth enough for a first order."""
    at, rng = trace(lesson), random.Random(seed)
    bounds, moved = Reckoning(at, digits), {}
    for step in at.steps:
        for cell in at.cells(step):

            def leaves(leaf):
                return local_value(leaf, lambda each: moved.get(each, at.at(each) if each not in moved else 0))

            value = evaluate(stepwise(at, cell), lambda each: moved.get(each, at.at(each)), leaves)
            number = bounds.value(cell)
            if (
                not math.isfinite(value)
                or not math.isfinite(number.radius)
                or number.radius > 1e-2 * (1 + abs(number.value))
            ):
                return
            kink = (
                any(abs(z) < 10 * number.radius for z in at["z", cell.layer].value.flat)
                if cell.quantity == "da_dz"
                else False
            )
            if kink:
                return
            moved[cell] = value + rng.uniform(-1, 1) * 0.5 * 10.0**-digits
            assert abs(moved[cell] - at.at(cell)) <= 1.2 * number.radius + 1e-12 * (1 + abs(value)), cell


def test_the_radius_is_no_wider_than_half_a_unit_where_everything_before_is_given():
    at = trace(example("towardsai"))
    assert Reckoning(at, 4).value(Cell("z", 1, 1, 1)).radius == pytest.approx(5e-5)
    assert Reckoning(at, 4).computed(Cell("z", 1, 1, 1)).radius == 0


def test_answers_are_used_as_they_are():
    at = trace(example("towardsai"))
    own = Reckoning(at, 4, {Cell("dL_dz", 2, 1, 1): 2.0}, blank={Cell("dL_dz", 2, 1, 1), Cell("dL_dW", 2, None, 1, 1)})
    assert own.computed(Cell("dL_dW", 2, None, 1, 1)).value == pytest.approx(2 * at.at(Cell("a", 1, 1, 1)))
    written = own.written()
    assert written.at(Cell("dL_dz", 2, 1, 1)) == 2.0
    assert written.at(Cell("dL_dW", 2, None, 1, 2)) == at.at(
        Cell("dL_dW", 2, None, 1, 2)
    )  # that one stands on the sheet


@pytest.mark.parametrize(
    ("value", "digits", "half"),
    [(0.3775, 4, 5e-5), (4.386e-4, 4, 5e-8), (123456.0, 4, 50.0), (0.0, 4, 5e-5), (math.inf, 4, 0.0)],
)
def test_half_a_unit_of_the_last_digit_asked_for(value, digits, half):
    assert half_unit(value, digits) == pytest.approx(half)


def test_addresses_of_blanks():
    at = trace(example("towardsai"))
    assert blank_at(after(at).address) == after(at) and blank_at("z.1.1.1") == Cell("z", 1, 1, 1)
    assert blank_at(f"{AFTER}.x") is None and blank_at("nonsense") is None and blank_at("") is None
