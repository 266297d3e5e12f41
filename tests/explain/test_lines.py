"""A number's line on paper: made of the numbers before it, confirmed by a calculator, silent where it is blank."""

import math

import pytest
from hypothesis import given, settings

from backprop import Lesson, example, trace
from backprop.engine.activations import ACTIVATIONS
from backprop.engine.losses import LOSSES
from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals
from backprop.explain.lines import FILL_IN, line, reads, stepwise
from backprop.explain.readings import Style
from backprop.explain.symbols import CONVENTIONS
from backprop.explain.terms import true_value
from backprop.lessons.examples import EXAMPLES
from tests import calculator, strategies
from tests.tex import assert_sets

STYLE = Style({})


def computed(t: Trace) -> list[Cell]:
    return [cell for step in t for cell in t.cells(step)]


def pieces(t: Trace, cell: Cell, style: Style = STYLE, **more) -> list[str]:
    made = line(t, cell, style, **more)
    return [piece for piece in (made.symbol, made.rule, made.numbers, made.value) if piece]


def after_sign(text: str) -> str:
    """≈ 0.5 · 0.2 ⇒ 0.5 · 0.2, for the calculator."""
    return text.removeprefix("=").removeprefix(r"\approx").replace(r"\nobreak", "").strip()


@settings(max_examples=25)
@given(strategies.lessons())
def test_the_short_rule_gives_the_number_of_the_trace(lesson):
    t = trace(lesson)
    for cell in computed(t):
        value = t.at(cell)
        if math.isfinite(value) and all(math.isfinite(t.at(each)) for each in reads(t, cell)):
            parts = stepwise(t, cell)
            scale = max([1.0, abs(value), *(abs(t.at(each)) for each in reads(t, cell))])
            assert true_value(parts, t) == pytest.approx(value, rel=1e-9, abs=1e-11 * scale), cell


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_line_is_made_of_what_stands_before_it(name):
    t = trace(example(name))
    known = {cell for step in t.given for cell in t.cells(step)}
    for cell in computed(t):
        assert set(reads(t, cell)) <= known, cell
        known.add(cell)


@pytest.mark.parametrize("digits", [2, 4, 7])
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_calculator_confirms_every_line(name, digits):
    t = trace(example(name))
    for cell in computed(t):
        made = line(t, cell, Style({}, digits))
        if made.numbers:
            shown = calculator.value(after_sign(made.numbers))
            near = {numerals.tex(shown * (1 + off), digits) for off in (-1e-12, 0, 1e-12)}
            assert made.value.split("{", 1)[1][:-1] in near, made


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_line_sets(name, convention):
    t = trace(example(name))
    cells = computed(t)
    for cell in cells:
        for piece in pieces(t, cell, Style({}, 4, convention)) + pieces(
            t, cell, Style({}, 4, convention), covered=cells
        ):
            assert_sets(piece)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])
def test_every_activation_and_loss_sets_and_says_nothing_where_blank(name, loss):
    last = LOSSES[loss].needs or name
    for z in (-800.0, -0.7, 0.3, 40.0):
        lesson = Lesson(
            layers=[1, 1, 2],
            activations=[name, last],
            loss=loss,
            weights=[[[z]], [[0.7], [0.5]]],
            inputs=[[1.0]],
            targets=[[0.0, 1.0]],
            learning_rate=0.5,
        )
        t = trace(lesson)
        cells = computed(t)
        for cell in cells:
            for piece in pieces(t, cell):
                assert_sets(piece.replace(r"\text{undefined}", "x"))
            blank = line(t, cell, STYLE, cells)
            assert blank.value.split(" ", 1)[1] == FILL_IN
            given_away = numerals.tex(t.at(cell)).lstrip("-")
            if cell.quantity not in ("dL_da", "W_new") and len(given_away) > 5:
                assert given_away not in blank.numbers, blank


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu"])
@pytest.mark.parametrize("z", [-0.7, 0.7])
def test_a_blank_does_not_tell_which_case_of_a_function_holds(name, z):
    common = {"layers": [1, 1], "loss": "squared_error", "inputs": [[1.0]], "targets": [[0.0]], "learning_rate": 0.5}
    t = trace(Lesson(**common, activations=[name], weights=[[[z]]]))
    for quantity in ("a", "da_dz"):
        cell = Cell(quantity, 1, 1, 1)
        for covered in ({cell}, {Cell("z", 1, 1, 1)}):
            assert line(t, cell, STYLE, covered).numbers == ""


def test_a_slope_that_is_one_number_is_asked_for_as_a_derivative():
    t = trace(example("line"))
    made = line(t, Cell("da_dz", 1, 1, 1), STYLE, {Cell("da_dz", 1, 1, 1)})
    assert r"\partial z^{(1)}_{1}" in made.rule and "1.0" not in "".join((made.rule, made.numbers, made.value))


def test_in_the_key_a_blank_is_filled_and_told_apart():
    t = trace(example("towardsai"))
    first, second = Cell("z", 1, 1, 1), Cell("z", 1, 1, 2)
    assert line(t, first, STYLE, {first}, key=True).value == r"= \filled{0.3775}"
    assert line(t, second, STYLE, {first}, key=True).value == r"\approx \answer{0.3925}"
    assert line(t, Cell("a", 1, 1, 1), STYLE, {first}).numbers == r"= \frac{1}{1 + e^{- {\blank}}}"


def test_what_is_given_has_no_line():
    t = trace(example("towardsai"))
    for cell in (Cell("W", 1, None, 1, 1), Cell("z", 9, 1, 1)):
        with pytest.raises(KeyError):
            line(t, cell, STYLE)
