"""Which learning rates are compared, and what is said of them."""

import re
from random import Random

import numpy as np
import pytest

from backprop import Lesson
from backprop.lessons.examples import EXAMPLES, example
from backprop.runs.history import run
from backprop.ui.descent import rates
from backprop.ui.place import Place
from tests.hostile import text as hostile


def at(name: str, rate: float | None = None, **wish) -> Place:
    lesson = example(name) if rate is None else example(name).changed(learning_rate=rate)
    return Place(origin=name, lesson=lesson).moved(wish)


def plain(message: str) -> str:
    return re.sub(r"<[^>]+>", "", message)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("0.1", (0.1,)),
        ("0.1, 5;1e3", (0.1, 5.0, 1000.0)),
        (" 1/4 ,,0.25", (0.25,)),
        ("5·10⁵, 10⁶", (5e5, 1e6)),
        ("2·10⁻³", (0.002,)),
        ("0", (0.0,)),
    ],
)
def test_rates_are_read(text, expected):
    assert rates.typed(text) == (expected, "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0,2; 8", (0.2, 8.0)), ("0,2, 8", (0.2, 8.0)), ("0.1, 5", (0.1, 5.0)), ("0,5", (0.5,)), ("", ())],
)
def test_with_a_decimal_comma_a_comma_is_part_of_the_number(text, expected):
    assert rates.typed(text, comma=True) == (expected, "")


def test_with_a_decimal_comma_what_is_unclear_is_told():
    assert "0,1,5" in rates.typed("0,1,5", comma=True)[1]


@pytest.mark.parametrize("text", ["-1", "2e6", "abc", "1,2,3,4,5", "0.1 5", "z", "1e400"])
def test_what_cannot_be_a_rate_is_told_in_one_sentence(text):
    found, wrong = rates.typed(text)
    assert found == () and wrong.endswith(".") and wrong.count(". ") <= 1


def test_hostile_rates_come_to_a_sentence_at_most():
    random = Random(6)
    for _each in range(500):
        text = hostile(random, 60, "0123456789.,;e+-*/()")
        found, wrong = rates.typed(text)
        assert bool(found) <= (not wrong) and all(0 <= each <= rates.FASTEST for each in found)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_own_rate_and_those_beside_it(name):
    here = at(name)
    found = rates.rates(here, 50)
    assert found[0].rate == here.lesson.learning_rate and len(found) == 4
    assert len({each.rate for each in found}) == len({each.hue for each in found}) == 4
    for each in found:
        assert each.losses == pytest.approx(run(here.lesson.changed(learning_rate=each.rate), 50).loss, rel=1e-7)


def test_dragging_the_rate_leaves_the_others_where_they_are():
    assert rates.beside(at("gurarie"))[0] == rates.beside(at("gurarie", 7.5))[0]
    assert rates.beside(at("gurarie", rates="1, 2"))[0] == (1.0, 2.0)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_rate_of_the_example_stays_in_sight_when_another_is_chosen(name):
    first = example(name).learning_rate
    suggestions = [each.rate for each in rates.rates(at(name), 5)]
    for chosen in suggestions[1:]:
        found = rates.rates(at(name, chosen), 5)
        assert {each.rate for each in found} == set(suggestions) and first in suggestions
        hues = {each.rate: each.hue for each in rates.rates(at(name), 5)[1:]}
        assert all(hues[each.rate] == each.hue for each in found[1:] if each.rate != first), "a curve keeps its colour"


def test_what_is_no_number_is_called_so_and_not_a_formula():
    for text in ("0.1, fast", "z", "1e400"):
        wrong = rates.typed(text)[1]
        assert text.split(", ")[-1] in wrong and "learning rate" in wrong and "sqrt" not in wrong


def said(name: str, rate: float, count: int = 200) -> tuple[str, bool]:
    here = at(name, rate)
    return rates.told(here, rates.rates(here, count)[0])


def test_divergence_is_told_with_where_and_why():
    message, fails = said("genomexyz", 1e6, 50)
    losses = run(example("genomexyz").changed(learning_rate=1e6), 50).loss
    gone = int(np.flatnonzero(~np.isfinite(losses))[0])
    assert fails and f"at iteration {gone} " in plain(message) and "overshoots" in message


def test_a_run_that_is_stuck_where_the_slopes_are_level_is_told():
    message, fails = said("dabbura-relu", 3.0, 500)
    assert fails and "level" in message and "0.69" in message


def test_rising_above_the_start_is_told():
    message, fails = said("xor", 10.0)
    assert fails and "overshoot" in message


def test_a_rate_of_nothing_and_one_that_goes_well_do_not_fail():
    assert said("gurarie", 0.0)[0].endswith("leads nowhere.") and not said("gurarie", 0.0)[1]
    assert not said("gurarie", 0.5)[1]


@pytest.mark.parametrize("rate", [0.0, 1e-300, 1e-6, 0.5, 5.0, 1e3, 1e6])
@pytest.mark.parametrize("name", EXAMPLES)
def test_no_number_beyond_float64_is_said(name, rate):
    for count in (1, 40):
        message, _fails = said(name, rate, count)
        assert not re.search(r"\b(nan|inf)\b", plain(message)), message


def neuron(weight: float, target: float, rate: float, activation="sigmoid", loss="squared_error") -> Place:
    return Place(
        lesson=Lesson(
            layers=[1, 1], activations=[activation], loss=loss, weights=[[[weight]]], biases=[None],
            inputs=[[1.0]], targets=[[target]], learning_rate=rate,
        )
    )  # fmt: skip


def of(here: Place, count: int = 200) -> tuple[str, bool]:
    message, fails = rates.told(here, rates.rates(here, count)[0])
    return plain(message), fails


@pytest.mark.parametrize(("weight", "target", "rate"), [(8.0, 0.0, 1e-3), (6.0, 1.0, 0.05)])
def test_an_error_that_a_cross_entropy_lets_through_is_not_called_stuck(weight, target, rate):
    """dL/dz is a − t there, however level the sigmoid is."""
    message, fails = of(neuron(weight, target, rate, loss="binary_cross_entropy"))
    assert not fails and "level" not in message


def test_who_stands_on_a_level_piece_from_the_start_was_not_led_there():
    message, fails = of(neuron(9.0, 0.0, 1e-3))
    assert fails and "from the start" in message and "step" not in message


def test_what_is_lost_before_any_step_is_no_overshoot():
    message, fails = of(neuron(1e200, 0.0, 0.5, "linear"))
    assert fails and "at iteration 0 already" in message and "overshoots" not in message


def test_a_formula_without_a_value_is_not_called_too_large():
    here = neuron(1.0, -3.0, 0.5, {"formula": "ln(z)"})
    weight = 1.0 - 0.5 * 2 * (0.0 + 3.0)  # its derivative at 1 is 1
    assert weight < 0
    message, fails = of(here)
    assert fails and "at iteration 1 " in message and "not defined" in message and "large" not in message


def test_a_loss_without_a_smallest_value_is_not_overshot():
    message, fails = of(neuron(1.0, 0.0, 0.5, "linear", {"formula": "-(a^2)"}), 1000)
    assert fails and "no smallest value" in message and "overshoots" not in message


def test_one_step_that_goes_too_far_is_not_several():
    message, fails = of(neuron(1.0, 0.0, 1e300, "linear"))
    assert fails and "at iteration 1 " in message and "longer still" not in message
    swinging, _fails = of(neuron(1.0, 0.0, 25.0, "linear"))
    assert "longer still" in swinging


def test_a_loss_that_may_be_negative_but_has_a_smallest_value_is_overshot():
    message, fails = of(neuron(0.5, 0.0, 1e100, "linear", {"formula": "a^4 - a"}))
    assert fails and "overshoots" in message and "smallest" not in message
