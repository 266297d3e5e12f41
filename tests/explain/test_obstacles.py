"""Units that are off, flat or open: against SymPy's own derivative, and by networks built to have them."""

import math
import re
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from mpmath import mp

from backprop import example, trace
from backprop.engine import activations
from backprop.engine.activations import ACTIVATIONS, activation, leaky_relu, typed
from backprop.engine.steps import Cell
from backprop.explain import numerals, words
from backprop.explain.conventions import CONVENTIONS
from backprop.explain.obstacles import STATES, behind, consequence, gate, gates, multiplied, sentence, steepest
from backprop.lessons.examples import EXAMPLES
from backprop.lessons.lesson import Lesson
from tests.strategies import lessons

Z = activations.z
MAXIMA = {
    "linear": 1, "sigmoid": 1 / 4, "tanh": 1, "relu": 1, "leaky_relu": 1, "softplus": 1, "elu": 1, "softmax": 1 / 4,
    "gelu": float(mp.diff(lambda z: z * mp.ncdf(z), mp.sqrt(2))),  # where its second derivative is 0
    "silu": float(max(mp.diff(lambda z: z / (1 + mp.exp(-z)), mp.mpf(k) / 1000) for k in range(2300, 2500))),
}  # fmt: skip


def one(name_or_formula, z: float, **more) -> tuple:
    """(trace, gate) of a single unit with this pre-activation."""
    if name_or_formula == "softmax":
        lesson = Lesson(layers=[1, 2], activations=["softmax"], loss="half_squared_error", weights=[[[z], [0.0]]], inputs=[[1.0]], targets=[[1.0, 0.0]], learning_rate=0.1)  # fmt: skip
    else:
        lesson = Lesson(layers=[1, 1], activations=[name_or_formula], loss="half_squared_error", weights=[[[z]]], inputs=[[1.0]], targets=[[2.0]], learning_rate=0.1, **more)  # fmt: skip
    t = trace(lesson)
    return t, gate(t, 1, 1, 1)


def slope_by_sympy(name: str, z: float) -> float:
    """The derivative, in 50 digits; of a softmax beside one other unit at 0."""
    row = ACTIVATIONS[name]
    formula = activations.softmax_formula((Z, sp.Integer(0)), 0) if row.vector else row.formula
    formula = formula.subs(activations.alpha, sp.Float("0.01", 50))
    exact = sp.diff(formula, Z).subs(Z, sp.Float(z, 50))
    return float(sp.N(exact, 50))


def test_the_steepest_slope_of_every_activation():
    assert set(MAXIMA) == set(ACTIVATIONS)
    for name, row in ACTIVATIONS.items():
        assert steepest(row) == pytest.approx(MAXIMA[name], rel=1e-5), name
    assert steepest(typed("1/(1+z^2)")) == pytest.approx(3 * math.sqrt(3) / 8, rel=1e-4)
    for text in ("z^2", "e^z", "abs(z)*z"):
        assert steepest(typed(text)) is None
    assert steepest(leaky_relu(0.2)) == 1


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_off_flat_and_open_by_the_derivative(name):
    seen = set()
    for z in (-12.0, -5.1, -3.01, -1.3, -0.4, 0.5, 1.7, 4.4, 6.2, 40.0):
        t, found = one(name, z)
        slope = slope_by_sympy(name, z)
        share = abs(slope) / MAXIMA[name]
        assert found.slope == pytest.approx(slope, rel=1e-9, abs=1e-290)
        assert found.state == ("off" if slope == 0 else "flat" if share < 0.01 else "open"), (z, share)
        told = sentence(found, t)
        named = words.activation_title(t, 1) in told or "its share" in told
        assert told.startswith("Unit 1 of layer 1 is ") and (named or found.state == "open")
        seen.add(found.state)
    assert "open" in seen and (len(seen) > 1) == (name not in ("linear", "leaky_relu"))


@pytest.mark.parametrize(
    ("name", "z", "told", "then"),
    [
        ("relu", -0.3, "is off: its z is −0.3000, and there the ReLU is flat.", "Whatever comes back is multiplied by 0."),
        ("relu", 0.0, "is off: its z is 0.0000, right at the kink of the ReLU, where the slope of the flat side counts.", "Whatever comes back is multiplied by 0."),
        ("sigmoid", 6.2, "is saturated: at z = 6.2000 the slope of the sigmoid is 0.0020 of at most 0.25.", ""),
        ("sigmoid", 900.0, "is off: at z = 900.0000 the sigmoid is so flat that a computer has no digit left of its slope.", "Whatever comes back is multiplied by 0."),
        ("gelu", -0.75, "is nearly flat: at z = −0.7500 the slope of the GELU is only 7.743·10⁻⁴.", ""),
        ("tanh", 0.2, "is open: its slope is 0.9610.", ""),
        ("softmax", 7.0, "is saturated: its share a = 0.9991 leaves a slope of 9.102·10⁻⁴ of at most 0.25.", ""),
        ("softmax", 900.0, "is off: its share a is 1.0000, and a computer has no digit left of its slope.", ""),
        ({"formula": "z^2"}, 0.0, "is off: its z is 0.0000, and there the typed activation is flat.", "Whatever comes back is multiplied by 0."),
        ({"formula": "z^2"}, 0.001, "is nearly flat: at z = 0.0010 the slope of the typed activation is only 0.0020.", ""),
        ({"formula": "min(max(z, -1), 1)"}, 3.0, "is off: its z is 3.0000, and there the typed activation is flat.", "Whatever comes back is multiplied by 0."),
        ({"formula": "e^z"}, 800.0, "has left the range of the numbers a computer keeps.", ""),
    ],
)  # fmt: skip
def test_what_is_said(name, z, told, then):
    t, found = one(name, z)
    text = re.sub(r"</?i>|<sub>1</sub>|<span.*?</span>", "", sentence(found, t))
    assert " ".join(text.split()) == f"Unit 1 of layer 1 {told}"
    assert consequence(found, t) == then


def test_a_leaky_slope_of_zero_is_off():
    assert one("leaky_relu", -1.0, leaky_slope=0.0)[1][3::5] == ("off", "level")
    assert one("leaky_relu", -1.0)[1].state == "open"


def test_a_flat_output_under_its_own_cross_entropy_does_no_harm():
    lesson = Lesson(layers=[1, 1], activations=["sigmoid"], loss="binary_cross_entropy", weights=[[[30.0]]], inputs=[[1.0]], targets=[[0.0]], learning_rate=0.1)  # fmt: skip
    t = trace(lesson)
    found = gate(t, 1, 1, 1)
    assert found.state == "flat" and found.delta == pytest.approx(1.0)
    assert consequence(found, t) == "With this loss it does no harm: δ is output minus target, however flat the curve."
    assert "∂J/∂Z is output" in consequence(found, t, CONVENTIONS["gurarie"])


@settings(max_examples=30)
@given(lessons())
def test_every_unit_of_every_network_has_a_sentence(lesson):
    t = trace(lesson)
    for sample in range(1, t.samples + 1):
        for layer in range(1, t.network.depth + 1):
            for unit in range(1, t.network.sizes[layer] + 1):
                found = gate(t, layer, unit, sample)
                assert found.state in STATES and (found.state == "off") == (found.slope == 0)
                assert sentence(found, t).startswith(f"Unit {unit} of layer {layer} ")
                assert "nan" not in sentence(found, t)


@pytest.mark.parametrize("name", ["towardsai", "csdn", "dabbura-tanh", "softmax", "deep", "neuron"])
def test_the_units_behind_a_number_are_those_that_move_with_it(name):
    lesson = example(name)
    t = trace(lesson)
    rng = np.random.default_rng(0)
    sizes = lesson.layers
    generic = lesson.changed(init=None, biases=None, shared_bias=False, update_biases=False, weights=[rng.uniform(0.1, 0.9, (n, m)).tolist() for m, n in pairwise(sizes)])  # fmt: skip
    start = trace(generic)
    for cell in (Cell("x", 0, 1, 1), *(Cell("W", l, None, sizes[l], 1) for l in range(1, len(sizes)))):
        if cell.quantity == "x":
            rows = [list(row) for row in generic.inputs]
            rows[0][0] += 0.5
            moved = trace(generic.changed(inputs=rows))
        else:
            weights = [w.tolist() for w in generic.parameters.W]
            weights[cell.layer - 1][cell.unit - 1][0] += 0.5
            moved = trace(generic.changed(weights=weights))
        expected = {}
        for l in range(1, len(sizes)):
            changed = (moved["a", l].value[0] != start["a", l].value[0]).nonzero()[0] + 1
            if changed.size:
                expected[l] = tuple(changed.tolist())
        assert behind(t.network, cell) == expected
    assert behind(t.network, Cell("a", len(sizes) - 1, 1, 1)) == {}
    z = behind(t.network, Cell("z", 1, 1, 1))
    assert z[1] == ((1,) if not t.network.activations[0].vector else tuple(range(1, sizes[1] + 1)))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_gates_of_a_number_and_what_they_multiply_to(name):
    t = trace(example(name))
    found = gates(t, Cell("x", 0, 1, 1), 1)
    assert [(each.layer, each.unit) for each in found] == [
        (l, k) for l in range(1, t.network.depth + 1) for k in range(1, t.network.sizes[l] + 1)
    ]
    product = math.prod(
        max(abs(each.slope) for each in found if each.layer == l) for l in range(1, t.network.depth + 1)
    )
    small = multiplied(found)
    if small is None:
        assert product >= 0.001 or product == 0
    else:
        assert small[0] == t.network.depth and 10.0 ** -(small[1] + 1) <= product < 10.0 ** -small[1]
    assert (small is not None) == (name == "deep")


def test_numbers_as_the_class_writes_them():
    t, found = one("sigmoid", 6.2)
    try:
        numerals.write(comma=True)
        assert "0,0020 of at most 0,25" in sentence(found, t)
    finally:
        numerals.write()
    assert activation("sigmoid") is ACTIVATIONS["sigmoid"]
