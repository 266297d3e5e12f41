"""The twins of a hand calculation: against the article's equations typed once more, SymPy's fractions, and the trace."""

import math
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import Lesson, example, run, trace
from backprop.engine.steps import Cell
from backprop.lessons.examples import EXAMPLES
from backprop.practice import rounding
from backprop.practice.rounding import BUDGET, MOST, reach, twins
from tests.strategies import lessons


def neuron(**fields) -> Lesson:
    data = {"layers": [1, 1], "activations": ["linear"], "loss": "half_squared_error", "weights": [[[0.5]]], "inputs": [[1.0]], "targets": [[0.25]], "learning_rate": 0.5}  # fmt: skip
    return Lesson(**{**data, **fields})


# --- the article's network with its equations, on paper


def on_paper(places: int, half: str, iterations: int) -> list[dict[str, list]]:
    """genomexyz: z = W x + b, sigmoid, then linear; L = Σ (a − t)²; every number rounded. Everything typed here, nothing imported."""
    unit = Decimal(1).scaleb(-places)

    def r(value: Decimal) -> Decimal:
        return value.quantize(unit, half) + 0

    def sigmoid(z: Decimal) -> Decimal:
        return r(1 / (1 + Decimal(repr(math.exp(-float(z))))))

    def flat(rows):
        return [each for row in rows for each in row]

    x, t, rate = [Decimal(1), Decimal(2), Decimal(3)], [Decimal(1), Decimal(0)], Decimal("0.02")
    W1 = [[Decimal(w) for w in row] for row in (("0.2", "-0.3", "0.4"), ("-0.5", "0.1", "0.6"))]
    W2 = [[Decimal(w) for w in row] for row in (("0.7", "-0.2"), ("0.3", "0.5"))]
    b1, b2 = [Decimal("0.1"), Decimal("-0.2")], [Decimal("0.05"), Decimal("0.15")]
    found = []
    with localcontext(prec=60):
        for _k in range(iterations):
            z1 = [r(sum(w * v for w, v in zip(row, x, strict=True)) + b) for row, b in zip(W1, b1, strict=True)]
            a1 = [sigmoid(z) for z in z1]
            a2 = [r(sum(w * v for w, v in zip(row, a1, strict=True)) + b) for row, b in zip(W2, b2, strict=True)]
            terms = [r((a - y) ** 2) for a, y in zip(a2, t, strict=True)]
            d2 = [r(2 * (a - y)) for a, y in zip(a2, t, strict=True)]
            dW2 = [[r(d * a) for a in a1] for d in d2]
            e1 = [r(sum(d2[k] * W2[k][j] for k in range(2))) for j in range(2)]
            d1 = [r(e * r(a * (1 - a))) for e, a in zip(e1, a1, strict=True)]
            dW1 = [[r(d * v) for v in x] for d in d1]
            found.append({"z1": z1, "a1": a1, "z2": a2, "loss": [sum(terms)], "d2": d2, "d1": d1, "dW2": flat(dW2), "dW1": flat(dW1), "W1": flat(W1), "W2": flat(W2)})  # fmt: skip
            W1 = [[r(w - rate * g) for w, g in zip(row, gs, strict=True)] for row, gs in zip(W1, dW1, strict=True)]
            W2 = [[r(w - rate * g) for w, g in zip(row, gs, strict=True)] for row, gs in zip(W2, dW2, strict=True)]
            b1 = [r(b - rate * d) for b, d in zip(b1, d1, strict=True)]
            b2 = [r(b - rate * d) for b, d in zip(b2, d2, strict=True)]
    return found


NAMES = {"z1": ("z", 1), "a1": ("a", 1), "z2": ("z", 2), "loss": ("loss", 2), "d2": ("dL_dz", 2), "d1": ("dL_dz", 1), "dW2": ("dL_dW", 2), "dW1": ("dL_dW", 1), "W1": ("W", 1), "W2": ("W", 2)}  # fmt: skip


@pytest.mark.parametrize("places", [2, 4, 7])
@pytest.mark.parametrize("half", ["up", "even"])
def test_the_article_computed_by_hand(places, half):
    lesson = example("genomexyz")
    paper = on_paper(places, {"up": ROUND_HALF_UP, "even": ROUND_HALF_EVEN}[half], 31)
    for k in (0, 1, 9, 30):
        twin = getattr(twins(lesson, k, places), half)
        for name, (quantity, layer) in NAMES.items():
            step = trace(lesson, k)[quantity, layer]
            cells = [cell for cell in step.cells() if quantity != "loss" or cell.sample is None]
            assert [twin.numbers[cell] for cell in cells] == paper[k][name], (k, name)
        assert list(twin.losses) == [each["loss"][0] for each in paper[: k + 1]]


def test_with_four_decimals_the_article_stops_learning():
    lesson = example("genomexyz")
    found = twins(lesson, 80, 4, 100)
    paper = on_paper(4, ROUND_HALF_UP, 102)
    moved = [k for k in range(101) if (paper[k]["W1"], paper[k]["W2"]) != (paper[k + 1]["W1"], paper[k + 1]["W2"])]
    assert found.up.still is not None and found.up.still >= max(moved) + 1
    assert len(found.resting) == found.moving == 14 and set(found.up.losses[found.up.still :]) == {found.up.losses[-1]}
    before, behind = twins(lesson, found.up.still - 1, 4).up.numbers, twins(lesson, 90, 4).up.numbers
    new = Cell("W_new", 2, None, 1, 1)
    assert behind[Cell("W", 2, None, 1, 1)] == behind[new] == before[new]
    for cell, since in found.resting.items():
        at = [twins(lesson, k, 4).up.numbers[cell] for k in range(since - 1, 82)]
        assert len(set(at[1:])) == 1 and (since == 0 or at[0] != at[1])


# --- fractions


LINEAR = {
    "line": example("line"),
    "relu": Lesson(
        layers=[2, 3, 2], activations=["relu", "linear"], loss="half_squared_error",
        weights=[[[0.5, -0.25], [0.3, 0.7], [-0.6, -0.1]], [[0.1, 0.2, 0.3], [-0.4, 0.5, 0.6]]],
        inputs=[[1.0, 0.5], [-0.2, 0.8], [0.4, 0.4]], targets=[[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]], learning_rate=0.1,
    ),
    "leaky": Lesson(
        layers=[2, 2, 1], activations=["leaky_relu", "leaky_relu"], loss="mean_squared_error", leaky_slope=0.2,
        weights=[[[0.5, -0.75], [-0.3, -0.7]], [[0.1, -0.2]]], biases=[[0.1, 0.1], None], shared_bias=True,
        inputs=[[1.0, 0.5], [-0.2, 0.8]], targets=[[1.0], [0.5]], learning_rate=0.25,
    ),
}  # fmt: skip


def exact(number: float) -> sp.Rational:
    return sp.Rational(repr(float(number)))


def composed(lesson: Lesson, values: dict[sp.Symbol, sp.Rational]) -> sp.Expr:
    """The mean loss as one polynomial in the parameters, its bends decided where the parameters have these values."""
    slope = {"linear": sp.Integer(1), "relu": sp.Integer(0), "leaky_relu": exact(lesson.leaky_slope)}
    share = {"half_squared_error": sp.Rational(1, 2), "mean_squared_error": sp.Rational(1, lesson.layers[-1])}
    named = {symbol.name: symbol for symbol in values}
    loss = sp.Integer(0)
    for x, t in zip(lesson.inputs, lesson.targets, strict=True):
        a = list(map(exact, x))
        for l, kind in enumerate(lesson.activations, 1):
            z = [
                sum(named[f"w{l}_{i}_{j}"] * v for j, v in enumerate(a))
                + named.get(f"b{l}_{0 if lesson.shared_bias else i}", 0)
                for i in range(lesson.layers[l])
            ]
            a = [v if v.subs(values) > 0 else slope[kind] * v for v in z]
        loss += share[lesson.loss] * sum((v - exact(y)) ** 2 for v, y in zip(a, t, strict=True))
    return loss / len(lesson.inputs)


@pytest.mark.parametrize("name", LINEAR)
def test_fractions_are_those_of_exact_calculus(name):
    """SymPy differentiates the whole loss, with rational numbers, and walks down."""
    lesson = LINEAR[name]
    values = {}
    for l, (w, b) in enumerate(zip(lesson.parameters.W, lesson.parameters.b, strict=True), 1):
        values |= {sp.Symbol(f"w{l}_{i}_{j}"): exact(w[i, j]) for i in range(len(w)) for j in range(w.shape[1])}
        values |= {} if b is None else {sp.Symbol(f"b{l}_{k}"): exact(each) for k, each in enumerate(b)}
    for k in range(2):
        loss = composed(lesson, values)
        gradient = {symbol: sp.diff(loss, symbol).subs(values) for symbol in values}
        numbers = twins(lesson, k, 4).exact.numbers
        assert numbers[Cell("loss", lesson.network.depth)] == Fraction(str(loss.subs(values)))
        for symbol, derivative in gradient.items():
            layer, *where = (int(part) for part in symbol.name[1:].split("_"))
            places = [place + 1 for place in where]
            if symbol.name[0] == "b" and lesson.shared_bias:
                places = [None]
            cell = Cell("dL_dW" if symbol.name[0] == "w" else "dL_db", layer, None, *places)
            assert numbers[cell] == Fraction(str(derivative)), (k, symbol)
        values = {symbol: old - exact(lesson.learning_rate) * gradient[symbol] for symbol, old in values.items()}


def test_fractions_end_at_a_function_or_when_they_are_long():
    broken = twins(example("towardsai"), 0, 4).exact.broken
    assert (broken.cell, broken.why) == (Cell("a", 1, 1, 1), "function")
    numbers = twins(example("towardsai"), 0, 4).exact.numbers
    assert numbers[Cell("z", 1, 1, 1)] == Fraction(151, 400) and Cell("a", 1, 1, 1) not in numbers
    long = twins(LINEAR["relu"], 20, 4).exact
    assert long.broken.why == "digits" and long.broken.iteration == len(long.losses) - (
        long.broken.cell.quantity not in ("z", "a", "loss_term", "loss")
    )
    for each in long.losses:
        assert max(abs(each.numerator), each.denominator) < 10**rounding.DIGITS


# --- all digits


@pytest.mark.parametrize("name", EXAMPLES)
def test_with_many_decimals_it_is_the_trace(name):
    lesson = example(name)
    found = twins(lesson, 1, 30)
    assert found.up.broken is None and found.losses == tuple(run(lesson, 1).loss)
    for step in found.trace:
        for cell in found.trace.cells(step):
            assert float(found.up.numbers[cell]) == pytest.approx(found.trace.at(cell), rel=1e-11, abs=1e-14), cell


# --- ties


def test_on_a_true_tie_half_up_and_half_even_part():
    lesson = neuron(weights=[[[0.25]]], inputs=[[0.5]])  # z = 0.125
    found = twins(lesson, 0, 2)
    z = Cell("z", 1, 1, 1)
    assert (found.up.numbers[z], found.even.numbers[z]) == (Decimal("0.13"), Decimal("0.12"))
    assert found.parted == (0, z, Fraction(1, 8), Decimal("0.13"), Decimal("0.12"))
    tie = twins(neuron(weights=[[[0.1, 0.7]]], layers=[2, 1], inputs=[[0.15, 0.05]]), 0, 1)  # 0.015 + 0.035
    assert 0.1 * 0.15 + 0.7 * 0.05 != 0.05 and tie.parted.value == Fraction(1, 20)
    assert (tie.up.numbers[z], tie.even.numbers[z]) == (Decimal("0.1"), Decimal("0.0"))


def test_thirds_are_thirds():
    """The mean of three samples: 0.0003 / 3 is 0.0001, not 0.0003 · 0.333…; and 0.00015 / 3 a tie."""
    lesson = neuron(inputs=[[1.0]] * 3, targets=[[0.4999], [0.4999], [0.4999]], loss="squared_error", weights=[[[0.5]]])
    found = twins(lesson, 0, 9)
    assert found.up.numbers[Cell("loss", 1)] == Decimal("1e-8")
    tie = twins(neuron(inputs=[[1.0]] * 3, targets=[[0.49985]] * 3), 0, 4)  # (a − t)/3 = 0.00015/3
    assert tie.parted.cell == Cell("dL_da", 1, 1, 1) and tie.parted.value == Fraction(5, 10**5)


# --- standing still, breaking down


def test_a_step_below_half_a_unit_is_rounded_away():
    small = neuron(targets=[[0.49]], learning_rate=0.001)  # step 0.00001
    at_four, at_five = twins(small, 3, 4), twins(small, 3, 5)
    w, b = Cell("W", 1, None, 1, 1), Cell("b", 1, None, 1)
    assert at_four.up.still == 0 and at_four.resting == {w: 0, b: 0} and at_four.moving == 2
    assert at_five.up.still is None and not at_five.resting and at_five.up.numbers[w] == Decimal("0.49997")
    learned = twins(neuron(targets=[[0.5]]), 3, 4)  # nothing to be learned: no step is rounded away
    assert learned.up.still == 0 and not learned.resting and learned.moving == 0


@pytest.mark.parametrize("target, cell, why", [(0.0, "loss_term", "ln"), (1.0, "dL_da", "zero")])
def test_rounded_to_1_binary_cross_entropy_breaks_down(target, cell, why):
    lesson = neuron(activations=["sigmoid"], loss="binary_cross_entropy", weights=[[[10.0]]], targets=[[target]])
    found = twins(lesson, 0, 4)
    assert found.up.numbers[Cell("a", 1, 1, 1)] == 1
    assert found.up.broken == (0, Cell(cell, 1, 1, 1), why) == found.even.broken
    assert twins(lesson, 0, 8).up.broken is None
    later = twins(lesson, 2, 4)
    assert not later.up.numbers and later.up.broken == found.up.broken and math.isfinite(later.losses[2])


def test_further_out_the_sheet_has_rules_in_z_and_so_has_the_twin():
    lesson = neuron(activations=["sigmoid"], loss="binary_cross_entropy", weights=[[[20.0]]], targets=[[0.0]])
    found = twins(lesson, 0, 4).up
    assert found.broken is None and found.numbers[Cell("loss", 1)] == Decimal("20.0000")
    assert found.numbers[Cell("dL_dz", 1, 1, 1)] == 1
    near = twins(lesson.changed(weights=[[[0.5]]]), 0, 4).up  # the same network, and again the textbook's rules
    assert near.numbers[Cell("loss_term", 1, 1, 1)] == Decimal("0.9742")


def test_a_given_number_is_copied_as_it_is_typed():
    lesson = neuron(weights=[[[0.1868]]], inputs=[[1 / 3]], learning_rate=1e-7)
    numbers = twins(lesson, 0, 2).up.numbers
    assert numbers[Cell("W", 1, None, 1, 1)] == Decimal("0.1868")
    assert numbers[Cell("learning_rate")] == Decimal("1e-7")
    assert numbers[Cell("x", 0, 1, 1)] == Decimal("0.33")


# --- whatever comes


@settings(max_examples=25)
@given(lessons(), st.integers(1, 8), st.integers(0, 3))
def test_nothing_raises_and_every_number_is_kept_to_its_decimals(lesson, places, iteration):
    found = twins(lesson, iteration, places)
    computed = {cell for step in found.trace for cell in found.trace.cells(step)}
    for twin in (found.up, found.even):
        for cell, number in twin.numbers.items():
            assert number.is_finite() and (cell not in computed or number.as_tuple().exponent == -places)
        if twin.broken is None:
            assert computed <= set(twin.numbers) and len(twin.losses) == iteration + 1
        else:
            assert twin.broken.why in ("zero", "ln", "root", "large") and twin.broken.iteration <= iteration
    if found.parted is None:
        assert found.up == found.even
    elif found.parted.iteration == iteration:
        first = next(cell for cell in found.up.numbers if found.up.numbers[cell] != found.even.numbers.get(cell))
        assert first == found.parted.cell
    for number in found.exact.numbers.values():
        assert isinstance(number, Fraction)


def test_the_budget_is_kept():
    big = Lesson(
        layers=[8] * 5, activations=["tanh"] * 4, loss="half_squared_error", init={"scheme": "xavier"},
        inputs=[[0.1] * 8] * 4, targets=[[0.5] * 8] * 4, learning_rate=0.1,
    )  # fmt: skip
    assert reach(example("towardsai")) == MOST > reach(big) >= 1
    assert reach(big) * sum(1 for step in trace(big) for _cell in trace(big).cells(step)) < BUDGET
    with pytest.raises(ValueError, match=f"Iteration {reach(big) + 1} is out of reach"):
        twins(big, reach(big) + 1, 4)
    with pytest.raises(ValueError, match="0 decimals"):
        twins(big, 0, 0)


def test_any_order_of_asking_gives_the_same():
    lesson = example("xor")
    forward = [twins(lesson, k, 3).even.losses for k in (0, 4, 9)]
    rounding._courses.cache_clear()
    rounding.twins.cache_clear()
    assert [twins(lesson, k, 3, 9).even.losses[: k + 1] for k in (9, 4, 0)][::-1] == forward
