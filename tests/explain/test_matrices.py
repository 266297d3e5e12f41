"""A layer in matrices: where a number acts, factors that make the results, and digits with which they are seen to."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings

from backprop import Lesson, example, trace
from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals
from backprop.explain.conventions import CONVENTIONS, DEFAULT
from backprop.explain.matrices import Acting, acting, blocks, digits_for_lines, lines, multiplied
from backprop.lessons.examples import EXAMPLES
from tests import strategies

PLAIN = numerals.Writing()


def layers(t: Trace) -> range:
    return range(1, t.network.depth + 1)


@pytest.mark.parametrize(
    ("name", "cell", "acts"),
    [
        ("gurarie", Cell("W", 1, None, 4, 2), Acting(1, (4,), (2,))),
        ("gurarie", Cell("b", 1, None, 3), Acting(1, (3,))),
        ("towardsai", Cell("b", 2), Acting(2, (1, 2))),
        ("gurarie", Cell("x", 0, 1, 3), Acting(1, (), (3,))),
        ("gurarie", Cell("z", 1, 1, 2), Acting(1, (2,))),
        ("gurarie", Cell("a", 1, 1, 2), Acting(2, (), (2,))),
        ("gurarie", Cell("z", 2, 1, 1), Acting(2, (1,))),
        ("gurarie", Cell("a", 2, 1, 1), Acting(2, (1,))),
    ],
)
def test_where_a_number_acts(name, cell, acts):
    assert acting(trace(example(name)), cell) == acts


@pytest.mark.parametrize(
    "cell", [Cell("W", 3, None, 1, 1), Cell("dL_dW", 1, None, 1, 1), Cell("t", 2, 1, 1), Cell("learning_rate")]
)
def test_what_acts_nowhere_is_refused(cell):
    with pytest.raises(KeyError):
        acting(trace(example("towardsai")), cell)


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_factors_make_the_results(name, convention):
    t = trace(example(name))
    for layer in layers(t):
        for left, rule in lines(t, layer, t.samples, convention):
            made = np.array([[t.at(cell) for cell in row] for row in left.cells])
            assert multiplied(rule, t.at) == pytest.approx(made, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
def test_a_tied_bias_stands_beside_every_unit(convention):
    t = trace(example("towardsai"))
    forward, _backward, _gradient = lines(t, 1, 1, convention)
    z, *_rest, b = blocks(forward)
    assert b.shape == z.shape and {cell for row in b.cells for cell in row} == {Cell("b", 1)}


@pytest.mark.parametrize("digits", [2, 4, 7])
@pytest.mark.parametrize("name", EXAMPLES)
def test_whoever_multiplies_the_rounded_factors_gets_the_rounded_results(name, digits):
    """Recomputed with decimals, exactly: no float rounds anything behind the reader's back."""
    t = trace(example(name))
    for layer in layers(t):
        for line, (left, rule) in enumerate(lines(t, layer, 1, DEFAULT)):
            cells = frozenset(cell for row in left.cells for cell in row)
            put = digits_for_lines(t, layer, 1, DEFAULT, digits, (line,), cells, PLAIN)
            first, second, *bias = [
                np.array([[shown(t, cell, put) for cell in row] for row in token.cells])
                for token in rule
                if not isinstance(token, str)
            ]
            made = first @ second + (bias[0] if bias else 0)
            for row, numbers in zip(left.cells, made, strict=True):
                for cell, number in zip(row, numbers, strict=True):
                    near = {numerals.plain(float(number) * (1 + off), digits) for off in (-1e-12, 0, 1e-12)}
                    assert numerals.plain(t.at(cell), digits) in near, cell


def shown(t: Trace, cell: Cell, digits: int) -> Decimal:
    text = numerals.plain(t.at(cell), digits, given=cell.quantity in ("x", "W", "b")).replace("−", "-")
    mantissa, _, power = text.partition("·10")
    exponent = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return Decimal(mantissa).scaleb(int(exponent or 0))


@settings(max_examples=15)
@given(strategies.lessons(units=4))
def test_any_lesson_has_its_digits(lesson):
    t = trace(lesson)
    for layer in layers(t):
        three = lines(t, layer, 1, DEFAULT)
        cells = frozenset(cell for left, _rule in three for row in left.cells for cell in row)
        assert 4 <= digits_for_lines(t, layer, 1, DEFAULT, 4, (0, 1, 2), cells, PLAIN) <= 12


def test_where_no_digits_are_enough_there_are_no_more_than_asked():
    """Two numbers that differ in the 16th digit, and a weight of 10¹⁵ that makes it the first."""
    t = trace(
        Lesson(
            layers=[2, 1],
            activations=["linear"],
            loss="squared_error",
            weights=[[[1e15, -1e15]]],
            inputs=[[1 / 3 + 1e-16, 1 / 3]],
            targets=[[0.0]],
            learning_rate=0.1,
        )
    )
    z = Cell("z", 1, 1, 1)
    assert 0.01 < t.at(z) < 1 and digits_for_lines(t, 1, 1, DEFAULT, 4, (0,), frozenset({z}), PLAIN) == 4
