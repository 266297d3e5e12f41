"""The expanded derivative against forward passes in mpmath, SymPy's derivative of the loss with numbers in it, and backpropagation."""

import itertools
import math
import pickle
import threading
from decimal import Decimal
from functools import lru_cache

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from backprop import Lesson, example, trace
from backprop.engine import activations
from backprop.engine.activations import ACTIVATIONS
from backprop.engine.losses import LOSSES
from backprop.engine.steps import Cell
from backprop.explain import expanded, numerals, symbols
from backprop.explain.conventions import CONVENTIONS
from backprop.explain.expanded import MOST_OPERATIONS, MOST_TEX, TooLong, followed, operations
from backprop.lessons.examples import EXAMPLES
from tests import calculator, oracle, strategies, tex

expand = lru_cache(maxsize=4096)(expanded.expand)

F = {
    "linear": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + mp.exp(-z)),
    "tanh": mp.tanh,
    "relu": lambda z: z if z > 0 else mpf(0),
    "leaky_relu": lambda z: z if z > 0 else mpf(0.01) * z,
    "softplus": lambda z: mp.log(1 + mp.exp(z)),
    "elu": lambda z: z if z > 0 else mp.exp(z) - 1,
    "gelu": lambda z: z * mp.ncdf(z),
    "silu": lambda z: z / (1 + mp.exp(-z)),
    "formula": lambda z: z * mp.tanh(mp.log(1 + mp.exp(z))) - mpf(0.1) * abs(z - 1),
}
TYPED = {"formula": "z*tanh(ln(1+exp(z))) - 0.1*abs(z - 1)"}
TERMS = {
    "half_squared_error": lambda a, t, n: (a - t) ** 2 / 2,
    "squared_error": lambda a, t, n: (a - t) ** 2,
    "mean_squared_error": lambda a, t, n: (a - t) ** 2 / n,
    "binary_cross_entropy": lambda a, t, n: -t * mp.log(a) - (1 - t) * mp.log(1 - a),
    "cross_entropy": lambda a, t, n: -t * mp.log(a) if t else mpf(0),
}


def lesson(layers, each, loss="half_squared_error", last=None, samples=1, **more) -> Lesson:
    """A lesson with weights, biases, inputs and targets of no pattern, whose pre-activations lie on both sides of 0."""
    random = np.random.RandomState(7)

    def rows(count, width):
        return (random.uniform(-1.5, 1.5, (count, width)).round(3)).tolist()

    targets = np.abs(rows(samples, layers[-1])) / 2
    if last == "softmax":
        targets = targets / targets.sum(axis=1, keepdims=True)
    tied = more.get("shared_bias", False)
    return Lesson(
        layers=layers,
        activations=[each] * (len(layers) - 2) + [last or each],
        loss=loss,
        weights=[rows(after, before) for before, after in itertools.pairwise(layers)],
        biases=[[row[0]] * len(row) if tied else row for row in (rows(1, n)[0] for n in layers[1:])],
        inputs=rows(samples, layers[0]),
        targets=targets.tolist(),
        learning_rate=0.1,
        **more,
    )


def some(network) -> list[Cell]:
    """One number of each quantity of each layer; the units of a layer are alike."""
    return list({(cell.quantity, cell.layer): cell for cell in followed(network)}.values())


def activate(name, z) -> list[mpf]:
    if name == "softmax":
        return [mp.exp(each) / sum(map(mp.exp, z)) for each in z]
    return [F[name](each) for each in z]


def loss_of(network, look, sample) -> mpf:
    """The loss of a sample in mpmath; look(cell) is a number, or None where it is to be computed from the layer before."""

    def vector(quantity, layer):
        return [look(Cell(quantity, layer, sample, k)) for k in range(1, network.sizes[layer] + 1)]

    sent = vector("x", 0)
    for l in range(1, network.depth + 1):
        z = vector("z", l)
        for i in range(1, network.sizes[l] + 1):
            if z[i - 1] is None:
                z[i - 1] = sum(look(Cell("W", l, None, i, j)) * a for j, a in enumerate(sent, 1))
                if network.biased[l - 1]:
                    z[i - 1] += look(Cell("b", l, None, None if network.shared_bias else i))
        computed = activate(network.activations[l - 1].name, z)
        sent = [a if put is None else put for a, put in zip(computed, vector("a", l), strict=True)]
    targets = vector("t", network.depth)
    return sum(TERMS[network.loss.name](a, t, len(sent)) for a, t in zip(sent, targets, strict=True))


def central(t, cell, sample) -> mpf:
    """The derivative of a sample's loss by a central difference with a step of 10⁻²⁰. Of z and a the whole layer is given."""
    h = mpf(10) ** -20
    cell = cell._replace(sample=sample if cell.quantity in ("x", "z", "a") else None)

    def number(asked) -> mpf:
        """As in the trace, but an activation with all the digits that float64 has lost."""
        if asked.quantity != "a":
            return mpf(t.at(asked))
        z = [mpf(each) for each in t["z", asked.layer].value[sample - 1]]
        row = t.network.activations[asked.layer - 1].name
        return activate(row, z)[asked.unit - 1]

    def moved(step) -> mpf:
        def look(asked):
            computed = asked.quantity in ("z", "a") and (asked.quantity, asked.layer) != (cell.quantity, cell.layer)
            return None if computed else number(asked) + (step if asked == cell else 0)

        return loss_of(t.network, look, sample)

    return (moved(h) - moved(-h)) / (2 * h)


def agrees(came: Decimal, expected: mpf) -> bool:
    with mp.workdps(60):
        return abs(mpf(str(came)) - expected) <= mpf(10) ** -30 * max(abs(expected), mpf(10) ** -3)


KINDS = {
    "2-2-2 sigmoid": lesson([2, 2, 2], "sigmoid"),
    "three layers": lesson([2, 3, 2, 1], "tanh", "mean_squared_error", "linear"),
    "softmax": lesson([2, 2, 3], "tanh", "cross_entropy", "softmax"),
    "softmax, squared error": lesson([2, 3], "linear", "squared_error", "softmax"),
    "binary cross-entropy": lesson([2, 2, 2], "softplus", "binary_cross_entropy", "sigmoid"),
    "relu": lesson([2, 3, 2], "relu", "squared_error"),
    "leaky relu": lesson([2, 2, 2], "leaky_relu", "half_squared_error"),
    "elu, silu": lesson([2, 2, 1], "elu", "half_squared_error", "silu"),
    "gelu": lesson([1, 2, 1], "gelu"),
    "typed": lesson([1, 1, 1], TYPED),
    "tied biases": lesson([2, 2, 2], "sigmoid", shared_bias=True),
    "batch": lesson([2, 2, 1], "tanh", "half_squared_error", "sigmoid", samples=3),
}


@pytest.mark.parametrize("name", KINDS)
def test_against_central_differences_in_mpmath(name):
    t = trace(KINDS[name])
    for cell in some(t.network):
        made = expand(t.network, cell)
        for sample in range(1, t.samples + 1):
            with mp.workdps(80):
                expected = central(t, cell, sample)
            came = made.at(t, sample)
            assert agrees(came, expected), f"{cell}: {came}, expected {expected}"


def gradient(t, cell) -> tuple[float, float]:
    """(backpropagation's gradient by a cell, the largest of its step)."""
    at = symbols.gradient_of(cell)
    return t.at(at), float(np.abs(t[at.quantity, at.layer].value).max())


@settings(max_examples=40)
@given(strategies.lessons(layers=2, units=2, samples=2), st.data())
def test_against_backpropagation(lesson, data):
    t = trace(lesson)
    if strategies.typed_left_float64(lesson, t):
        return
    cell = data.draw(st.sampled_from(list(followed(t.network))))
    made = expand(t.network, cell)
    samples = range(1, t.samples + 1) if cell.quantity in ("x", "z", "a") else [None]
    for sample in samples:
        backward, largest = gradient(t, cell._replace(sample=sample))
        came = made.value(t, cell._replace(sample=sample))
        cancelled = max(float(np.abs(step.value).max()) for step in t if step.phase == "backward")
        assert abs(came - backward) <= 1e-9 * largest + 1e-13 * cancelled, (
            f"{lesson!r}\n{cell}: {came}, backprop {backward}"
        )


@settings(max_examples=6)
@given(strategies.lessons(layers=2, units=2, samples=2), st.data())
def test_against_the_derivative_of_the_loss_with_numbers_in_it(lesson, data):
    t = trace(lesson)
    places = [(f"W{c.layer}", (c.unit - 1, c.from_unit - 1), c) for c in followed(t.network) if c.quantity == "W"]
    places += [(f"b{c.layer}", (c.unit - 1,) if c.unit else (), c) for c in followed(t.network) if c.quantity == "b"]
    name, index, cell = data.draw(st.sampled_from(places))
    if any(np.isin(t["z", l].value, row.kinks).any() for l, row in enumerate(t.network.activations, 1)):
        return  # a kink has no derivative: each has its own convention
    expected = oracle.derivative(lesson, (name, index))
    came = expand(t.network, cell).value(t, cell)
    assert math.isnan(came) or oracle.agree(came, oracle.Sized(expected, abs(expected) + mpf(10) ** -18)), (
        f"{lesson!r}\n{cell}: {came}, expected {expected}"
    )


@pytest.mark.parametrize("z", [40.0, -40.0, 800.0, -800.0])
@pytest.mark.parametrize("t", [0.0, 1.0, 0.25])
def test_a_saturated_output_keeps_its_digits(z, t):
    one = Lesson(
        layers=[1, 1], activations=["sigmoid"], loss="binary_cross_entropy", weights=[[[z]]], biases=[[0.0]], inputs=[[1.0]], targets=[[t]], learning_rate=0.1,
    )  # fmt: skip
    at = trace(one)
    with mp.workdps(1000):
        a = 1 / (1 + mp.exp(-mpf(z)))
        rest = 1 / (1 + mp.exp(mpf(z)))  # 1 − a
        expected = {"b": a * (1 - mpf(t)) - rest * mpf(t), "z": a * (1 - mpf(t)) - rest * mpf(t), "a": -mpf(t) / a + (1 - mpf(t)) / rest}  # fmt: skip
        expected |= {"W": expected["b"], "x": z * expected["b"]}
        for cell in followed(at.network):
            came = expand(at.network, cell).at(at, 1)
            assert abs(mpf(str(came)) / expected[cell.quantity] - 1) < mpf(10) ** -38, (cell, came)


def test_a_saturated_tanh_and_softmax():
    far = Lesson(
        layers=[1, 1, 2], activations=["tanh", "softmax"], loss="cross_entropy", weights=[[[1.0]], [[800.0], [0.0]]], biases=[[30.0], [0.0, 0.0]], inputs=[[10.0]], targets=[[0.0, 1.0]], learning_rate=0.1,
    )  # fmt: skip
    at = trace(far)
    with mp.workdps(1500):
        a = mp.tanh(40)
        on = 1 / (1 + mp.exp(-800 * a))
        expected = on * 800 * (1 - a * a)
        came = expand(at.network, Cell("b", 1, None, 1)).at(at, 1)
        assert abs(mpf(str(came)) / expected - 1) < mpf(10) ** -38


@pytest.mark.parametrize(
    ("each", "slope"),
    [
        ("relu", 0.0),
        ("leaky_relu", 0.01),
        ("elu", 1.0),
        ({"formula": "abs(z)"}, 0.0),
        ({"formula": "max(z, 3*z)"}, 3.0),
    ],
)
@pytest.mark.parametrize("b", [-0.30000000000000004, -0.3])
def test_at_a_kink_the_rows_convention(each, slope, b):
    """0.1·1 + 0.2·1 − 0.30000000000000004 is 0 in float64 and 0 but for rounding in truth; with −0.3 z is 5.6·10⁻¹⁷ and on the right."""
    at = trace(
        lesson([2, 1], each, "squared_error").changed(
            weights=[[[0.1, 0.2]]], biases=[[b]], inputs=[[1.0, 1.0]], targets=[[1.0]]
        )
    )
    z = at.at(Cell("z", 1, 1, 1))
    came = expand(at.network, Cell("W", 1, None, 1, 2)).value(at, Cell("W", 1, None, 1, 2))
    if each == {"formula": "abs(z)"}:  # no cases: its slope is the sign of the true z, which is not exactly 0
        assert abs(came) == pytest.approx(2.0)
    elif z == 0:
        assert came == pytest.approx(-2.0 * slope, abs=1e-12)
        assert came == pytest.approx(at.at(Cell("dL_dW", 1, None, 1, 2)), abs=1e-12)
    else:
        assert came == pytest.approx(at.at(Cell("dL_dW", 1, None, 1, 2)), abs=1e-12)


def test_numbers_that_are_none():
    at = trace(lesson([1, 1], {"formula": "ln(z)"}).changed(weights=[[[-1.0]]], biases=[[0.0]], inputs=[[1.0]]))
    made = expand(at.network, Cell("W", 1, None, 1, 1))
    assert made.at(at, 1).is_nan() and math.isnan(made.value(at, made.cell))
    huge = trace(lesson([1, 1], "linear").changed(weights=[[[1e308]]], inputs=[[1e308]]))
    assert expand(huge.network, Cell("W", 1, None, 1, 1)).value(huge, Cell("W", 1, None, 1, 1)) == math.inf


def test_the_parts_of_a_batch_make_the_mean():
    t = trace(KINDS["batch"])
    for cell in (Cell("W", 1, None, 1, 2), Cell("b", 2, None, 1)):
        made = expand(t.network, cell)
        parts = [float(made.at(t, sample)) for sample in (1, 2, 3)]
        assert made.value(t, cell) == pytest.approx(math.fsum(parts) / 3, rel=1e-15)
    made = expand(t.network, Cell("x", 0, 2, 1))
    assert made.value(t, Cell("x", 0, 2, 1)) == pytest.approx(float(made.at(t, 2)) / 3, rel=1e-15)


# --- what it is made of


def test_the_formula_holds_what_is_given_and_nothing_else():
    for name, cell in (("towardsai", Cell("W", 1, None, 1, 1)), ("softmax", Cell("W", 2, None, 1, 1))):
        made = expand(example(name).network, cell)
        assert {each.quantity for each in made.cells.values()} <= {"W", "b", "x", "t"}
        assert {s.name for s in made.expression.free_symbols} == set(made.cells)
        assert all(each.sample is None for each in made.cells.values())
    given_z = expand(example("towardsai").network, Cell("z", 1, 1, 1))
    assert {each for each in given_z.cells.values() if each.layer == 1} == {Cell("z", 1, None, k) for k in (1, 2)}
    given_a = expand(example("towardsai").network, Cell("a", 2, 1, 1))
    assert set(given_a.cells.values()) == {Cell("a", 2, None, 1), Cell("t", 2, None, 1)}


def test_it_is_built_from_the_rows(monkeypatch):
    """With another formula in the row the derivative is another: nothing is typed a second time."""
    z = activations.z
    other = activations.Activation("other", "other", z**3, 3 * z**2, lambda z: z**3, lambda z, a: 3 * z**2)
    network = example("neuron").network
    network = type(network)(network.sizes, (other,), LOSSES["squared_error"], network.biased)
    w, x, b, t = (sp.Symbol(name, real=True) for name in ("W_1_1_1", "x_0_1", "b_1_1", "t_1_1"))
    expected = sp.diff(((w * x + b) ** 3 - t) ** 2, w)
    assert sp.expand(expand(network, Cell("W", 1, None, 1, 1)).expression - expected) == 0


def test_it_travels_between_processes():
    t = trace(KINDS["relu"])
    made = expand(t.network, Cell("W", 1, None, 1, 1))
    again = pickle.loads(pickle.dumps(made))
    assert (again.at(t, 1), again.expression, again.tex(CONVENTIONS["za"])) == (
        made.at(t, 1),
        made.expression,
        made.tex(CONVENTIONS["za"]),
    )


def test_threads_do_not_disturb_each_other():
    t = trace(KINDS["gelu"])
    cells = some(t.network)
    alone = [expand(t.network, cell).at(t, 1) for cell in cells]
    many: dict[int, list[Decimal]] = {}

    def compute(number: int) -> None:
        mp.dps = 15 + number  # a context of mpmath's that is not ours
        many[number] = [expand(t.network, cell).at(t, 1) for cell in cells]

    before = mp.dps
    threads = [threading.Thread(target=compute, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    mp.dps = before
    assert all(came == alone for came in many.values()) and len(many) == 4


# --- how long it is


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != "towardsai-printed"])
def test_the_length_is_told_before_it_is_written(name):
    network = example(name).network
    for cell in some(network):
        if operations(network, cell) < 400:
            made = expand(network, cell).operations
            assert 0.8 * made <= operations(network, cell) <= 2.5 * made + 3, cell


@pytest.mark.parametrize("each", [*(name for name in ACTIVATIONS if name != "softmax"), *strategies.TYPED])
def test_the_length_of_every_row(each):
    network = lesson([1, 2, 1], each if each in ACTIVATIONS else {"formula": each}).network
    for cell in (Cell("W", 1, None, 1, 1), Cell("z", 1, None, 1)):
        made = expand(network, cell).operations
        assert 0.7 * made <= operations(network, cell) <= 3 * made + 3, (each, made)


def test_what_is_too_long_says_so():
    network = lesson([4, 8, 8, 8, 3], "gelu").network
    cell = Cell("W", 1, None, 1, 1)
    assert operations(network, cell) > MOST_OPERATIONS
    with pytest.raises(TooLong, match=r"about \d.* operations\. .* limit is 8\u202f000\."):
        expand(network, cell)
    with pytest.raises(TooLong):  # before any work: this one would not fit in memory
        expand(lesson([8] * 7, "gelu").network, cell)
    assert expand(network, Cell("W", 4, None, 1, 1)._replace(quantity="z", from_unit=None)).operations < 30


def test_what_is_too_long_to_be_shown_still_has_a_value():
    t = trace(example("dabbura-tanh"))
    made = expand(t.network, Cell("W", 1, None, 1, 1))
    assert made.tree is None
    with pytest.raises(TooLong, match=rf"has {numerals.count(made.operations)} operations\. It is computed"):
        made.tex(CONVENTIONS["za"].of(t))
    backward, _largest = gradient(t, made.cell)
    assert made.value(t, made.cell) == pytest.approx(backward, rel=1e-12)


@pytest.mark.parametrize(
    "cell",
    [Cell("t", 2, 1, 1), Cell("dL_dW", 1, None, 1, 1), Cell("W", 3, None, 1, 1), Cell("W", 1, None, 3, 1), Cell("z", 1), Cell("b", 1, None, 1), Cell("learning_rate")],
)  # fmt: skip
def test_other_numbers_have_none(cell):
    network = KINDS["tied biases"].network
    for ask in (operations, expand):
        with pytest.raises(KeyError):
            ask(network, cell)


# --- how it is written


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("name", ["towardsai", "xor", "softmax", "genomexyz"])
def test_the_tex_sets_in_every_convention(name, convention):
    t = trace(example(name))
    for cell in some(t.network):
        made = expand(t.network, cell)
        if made.tree:
            text = made.tex(convention.of(t), 1)
            tex.assert_sets(text)
            assert "\x02" not in text and r"\," not in text and len(text) <= 1.3 * MOST_TEX
            assert symbols.tex(made.cell, convention.of(t)) in text


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("room", [18.0, 1000.0])
def test_the_tex_says_what_the_formula_is(name, room, monkeypatch):
    """Numbers put in the place of the symbols, a pupil's calculator gets the value from the lines as they are broken."""
    t = trace(KINDS[name])

    def number(cell, convention):
        at = cell._replace(sample=1 if cell.quantity in ("x", "t", "z", "a") else None)
        return f"({t.at(at):.17f})"

    monkeypatch.setattr(symbols, "tex", number)
    expanded._tex.cache_clear()
    for cell in some(t.network):
        made = expand(t.network, cell)
        line = made.tex(CONVENTIONS["za"], None, room).split("= ", 1)[1]
        line = line.removesuffix(r"\end{aligned}").removeprefix(r"\\[6pt] &")
        assert calculator.value(line) == pytest.approx(float(made.at(t, 1)), rel=1e-9), f"{cell}: {line}"
    expanded._tex.cache_clear()


def test_a_term_a_line_and_wide_terms_broken():
    t = trace(example("towardsai"))
    convention = CONVENTIONS["za"].of(t)
    made = expand(t.network, Cell("W", 1, None, 1, 1))
    lines = made.tex(convention).split(r"\\[6pt]")
    assert len(lines) == 6 and [line.strip().startswith(r"& \kern1.33em {}+") for line in lines].count(True) == 1
    assert made.tex(convention, None, 200.0).count(r"\\[6pt]") == 1
    assert r"\dfrac{\partial L_{1}}" in made.tex(convention, 1) and r"\dfrac{\partial L}" in made.tex(convention)


def test_numbers_of_a_typed_formula_as_they_were_typed():
    t = trace(lesson([1, 1], {"formula": "0.1*z + 0.25*z^2"}))
    made = expand(t.network, Cell("W", 1, None, 1, 1))
    assert "0.1" in made.tex(CONVENTIONS["za"].of(t)) and "0.1000" not in made.tex(CONVENTIONS["za"].of(t))
    numerals.write(comma=True)
    try:
        assert "0{,}1" in made.tex(CONVENTIONS["za"].of(t))
    finally:
        numerals.write()
