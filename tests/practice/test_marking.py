"""What is right, what follows from a wrong number, and which slip it was. Numbers come from the reference values or from NumPy."""

import math
import random
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backprop.engine.formula import FormulaError
from backprop.engine.steps import Cell
from backprop.explain import numerals
from backprop.explain.terms import true_value
from backprop.lessons.examples import EXAMPLES, example
from backprop.lessons.lesson import Lesson
from backprop.practice.marking import marked
from backprop.practice.reckoning import AFTER, after
from backprop.practice.sheet import Sheet
from backprop.practice.slips import SLIPS, mistakes
from backprop.practice.typed import number
from backprop.runs.history import run, trace
from backprop.runs.walk import walk
from tests import articles
from tests.strategies import lessons


def sheet(lesson, iteration: int = 0, digits: int = 4, blank=None) -> Sheet:
    """A sheet; without a choice everything is blank that has a number to be written down."""
    at = trace(lesson, iteration)
    every = [cell for cell in walk(at, 1).cells if math.isfinite(at.at(cell))]
    return Sheet(lesson, iteration, 1, digits, frozenset(every if blank is None else blank))


def some(paper: Sheet) -> list[Cell]:
    """Blanks from all over the sheet, at most 40."""
    cells = [cell for cell in paper.cells if cell in paper.blank]
    return cells[:: max(1, len(cells) // 40)]


def mark(paper: Sheet, answers: dict[Cell, str]):
    return marked(paper, tuple((cell.address, text) for cell, text in answers.items()))


def written(value: float, digits: int, rounding: str = ROUND_HALF_EVEN) -> str:
    """A number as it is asked for, rounded by Decimal: so many decimals, or so many significant digits where it is small or large."""
    exact = Decimal(value)
    power = exact.adjusted()
    small = value != 0 and (abs(value) < 10.0 ** (1 - min(digits, 4)) or abs(value) >= 1e5)
    unit = Decimal(1).scaleb(power - max(digits, 2) + 1 if small else -digits)
    return f"{exact.quantize(unit, rounding):f}" if abs(power) < 20 else f"{exact:.{max(digits, 2) - 1}e}"


# --- right is right


@settings(max_examples=60, deadline=None)
@given(lessons(), st.integers(2, 9), st.sampled_from([ROUND_HALF_EVEN, ROUND_HALF_UP]))
def test_a_right_number_rounded_to_the_digits_asked_for_is_right(lesson, digits, rounding):
    paper = sheet(lesson, 0, digits)
    at = paper.trace
    answers = {cell: written(at.at(cell), digits, rounding) for cell in paper.blank}
    found = mark(paper, answers)
    assert {cell: answers[cell] for cell in paper.blank if found[cell].kind != "right"} == {}


@settings(max_examples=60, deadline=None)
@given(lessons(), st.integers(2, 9))
def test_a_right_number_alone_on_the_sheet_is_right(lesson, digits):
    for cell in sorted(sheet(lesson).blank, key=str)[:12]:
        paper = sheet(lesson, 0, digits, {cell})
        assert mark(paper, {cell: written(paper.trace.at(cell), digits)})[cell].kind == "right"


@pytest.mark.parametrize("name", EXAMPLES)
def test_zero_is_right_for_zero_alone(name):
    paper = sheet(example(name))
    for cell in some(paper):
        value = paper.trace.at(cell)
        found = mark(paper, {cell: "0"})[cell]
        summands = 1e-15 * max([1.0, *(abs(paper.trace.at(each)) for each in paper.before(cell))])
        assert (found.kind == "right") == (abs(value) <= summands), cell


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_minus_is_never_right_for_a_plus(name):
    paper = sheet(example(name))
    for cell in some(paper):
        value = paper.trace.at(cell)
        if abs(value) > 1e-12:
            assert mark(paper, {cell: written(-value, 4)})[cell].kind != "right"


def by_hand(lesson, places: int, rng: random.Random) -> dict[Cell, float]:
    """An iteration of a 2-2-2 sigmoid network with half squared error by a class that rounds every number, now up, now down."""

    def kept(value: float) -> float:
        units = value * 10.0**places
        whole = rng.choice((math.floor(units), math.ceil(units))) if abs(units % 1 - 0.5) < 1e-9 else round(units)
        return whole / 10.0**places

    x, t, eta = lesson.inputs[0], lesson.targets[0], lesson.learning_rate
    W, b = lesson.weights, lesson.biases
    out: dict[Cell, float] = {}
    z, a = {}, {0: list(x)}
    for l in (1, 2):
        z[l] = [kept(sum(w * s for w, s in zip(W[l - 1][i], a[l - 1], strict=True)) + b[l - 1][i]) for i in (0, 1)]
        a[l] = [kept(1 / (1 + math.exp(-each))) for each in z[l]]
        for i in (0, 1):
            out[Cell("z", l, 1, i + 1)], out[Cell("a", l, 1, i + 1)] = z[l][i], a[l][i]
    error = [kept(a[2][i] - t[i]) for i in (0, 1)]
    for l in (2, 1):
        slope = [kept(a[l][i] * (1 - a[l][i])) for i in (0, 1)]
        delta = [kept(error[i] * slope[i]) for i in (0, 1)]
        for i in (0, 1):
            out[Cell("dL_da", l, 1, i + 1)], out[Cell("da_dz", l, 1, i + 1)] = error[i], slope[i]
            out[Cell("dL_dz", l, 1, i + 1)] = delta[i]
            for j in (0, 1):
                gradient = kept(delta[i] * a[l - 1][j])
                out[Cell("dL_dW", l, None, i + 1, j + 1)] = gradient
                out[Cell("W_new", l, None, i + 1, j + 1)] = kept(W[l - 1][i][j] - eta * gradient)
        error = [kept(sum(delta[i] * W[l - 1][i][j] for i in (0, 1))) for j in (0, 1)]
    return out


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-9, 9).map(lambda k: k / 10), min_size=16, max_size=16), st.integers(3, 6), st.integers())
def test_a_class_that_rounds_every_number_is_right(numbers, places, seed):
    assume(all(numbers))
    lesson = example("towardsai").changed(
        weights=(
            ((numbers[0], numbers[1]), (numbers[2], numbers[3])),
            ((numbers[4], numbers[5]), (numbers[6], numbers[7])),
        ),
        biases=((numbers[8],) * 2, (numbers[9],) * 2),
        inputs=((numbers[10], numbers[11]),),
        targets=((abs(numbers[12]), abs(numbers[13])),),
    )
    made = by_hand(lesson, places, random.Random(seed))
    at = trace(lesson)
    large = {cell: value for cell, value in made.items() if abs(at.at(cell)) > max(0.0011, 20 * 10.0**-places)}
    paper = sheet(lesson, 0, places)
    for cell, value in large.items():  # each by itself: the numbers before it are on the pupil's own paper
        assert mark(paper, {cell: f"{value:.{places}f}"})[cell].kind == "right", cell
    together = mark(paper, {cell: f"{value:.{places}f}" for cell, value in large.items()})
    assert {together[cell].kind for cell in large} == {"right"}


@pytest.mark.parametrize("text", ["0.139", "0.138", "0.14", "1.4e-1", "0.1"])
def test_too_few_digits_are_told_and_not_called_wrong(text):
    delta = Cell("dL_dz", 2, 1, 1)
    assert mark(sheet(example("towardsai")), {delta: text})[delta].kind == "short"


@pytest.mark.parametrize("text", ["0.0004", "4e-4"])
def test_a_small_number_is_asked_for_with_significant_digits(text):
    gradient = Cell("dL_dW", 1, None, 1, 1)
    assert mark(sheet(example("towardsai"), blank={gradient}), {gradient: text})[gradient].kind == "short"


@pytest.mark.parametrize("text", ["0.15", "0.1387", "0.1383", "0.2", "1"])
def test_a_last_digit_that_is_off_is_not_right(text):
    delta, error, slope = (Cell(quantity, 2, 1, 1) for quantity in ("dL_dz", "dL_da", "da_dz"))
    found = mark(sheet(example("towardsai")), {error: "0.74136507", slope: "0.18681560", delta: text})
    assert found[delta].kind == "wrong"


# --- how wide the interval is


def test_rounding_is_allowed_for_only_where_nobody_wrote_the_number_down():
    """A five-layer network's first gradient is 10⁻⁵: by hand with four decimals nothing is left of it, from a δ that is there all is."""
    lesson = example("deep")
    at = trace(lesson)
    gradient = Cell("dL_dW", 1, None, 1, 2)
    alone = sheet(lesson, blank={gradient})
    assert mark(alone, {gradient: written(at.at(gradient), 4)})[gradient].kind == "right"
    for wrong in (3 * at.at(gradient), 0.5 * at.at(gradient), -1e-30, -5e-5):
        assert mark(alone, {gradient: repr(wrong)})[gradient].kind != "right"
        assert mark(sheet(lesson), {gradient: repr(wrong)})[gradient].kind != "right"


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("digits", [2, 4])
def test_no_multiple_of_a_number_is_right(name, digits):
    paper = sheet(example(name), digits=digits)
    for cell in some(paper):
        value = paper.trace.at(cell)
        if abs(value) > 1e-12:
            for factor in (10, 3, 2, 0.5, 0.1):
                if abs((factor - 1) * value) > 2 * 10.0**-digits * max(1, abs(value)) or abs(value) < 0.001:
                    assert mark(paper, {cell: repr(factor * value)})[cell].kind != "right", (cell, factor)


def one_unit(z: float, **more) -> Lesson:
    """One sigmoid unit that adds up to z, with target 0."""
    fields = {"layers": (1, 1), "activations": ("sigmoid",), "loss": "half_squared_error", "weights": [[[z]]]}
    return Lesson(**(fields | {"inputs": [[1.0]], "targets": [[0.0]], "learning_rate": 0.1} | more))


@pytest.mark.parametrize("z", [4.0, 6.0])
def test_a_saturating_output_is_marked_by_its_error_and_not_by_two_roundings(z):
    """σ(z) with binary cross-entropy and target 0: δ = a; the error alone is 1/(1 − a)."""
    delta = Cell("dL_dz", 1, 1, 1)
    paper, a = sheet(one_unit(z, loss="binary_cross_entropy")), 1 / (1 + math.exp(-z))
    assert mark(paper, {delta: f"{a:.4f}"})[delta].kind == "right"
    assert mark(paper, {delta: f"{a * 0.93:.4f}"})[delta].kind != "right"


def test_of_a_number_that_is_no_sum_every_digit_counts():
    paper = sheet(one_unit(40.0))
    for quantity in ("da_dz", "dL_dz"):
        cell = Cell(quantity, 1, 1, 1)
        texts = (f"{paper.trace.at(cell):.3e}", "0", "-1e-18", "1e-17")
        kinds = [mark(paper, {cell: text})[cell].kind for text in texts]
        assert kinds[0] == "right" and "right" not in kinds[1:]


def test_swapped_numbers_are_named_by_the_place_they_belong_to():
    paper = sheet(example("towardsai"))
    one, other = Cell("z", 1, 1, 1), Cell("z", 1, 1, 2)
    found = mark(paper, {one: "0.3925", other: "0.3775"})
    assert [found[each].found[0].mistake.other for each in (one, other)] == [other, one]
    same = mark(paper, {Cell("a", 1, 1, 1): "0.7777", Cell("a", 1, 1, 2): "0.7777"})
    assert {each.kind for cell, each in same.items() if cell[:2] == ("a", 1)} == {"wrong"}


def test_a_power_of_what_has_no_real_power_is_no_fault():
    lesson = Lesson(
        layers=(1, 1, 1), activations=({"formula": "z^1.5"}, "linear"), loss="squared_error", weights=[[[1.0]], [[1.0]]],
        inputs=[[2.0]], targets=[[0.0]], learning_rate=0.1,
    )  # fmt: skip
    for text in ("-1", "0"):
        found = mark(sheet(lesson), {Cell("z", 1, 1, 1): text, Cell("a", 1, 1, 1): "30"})
        assert found[Cell("a", 1, 1, 1)].kind in ("wrong", "slip")


def test_one_wrong_gradient_on_a_large_blank_sheet():
    """Every way back through six layers of eight units is looked through once, not once per path."""
    lesson = Lesson(
        layers=(8,) * 7, activations=("sigmoid",) * 6, loss="half_squared_error", init={"scheme": "xavier", "seed": 1},
        inputs=[[0.1] * 8], targets=[[0.5] * 8], learning_rate=0.1,
    )  # fmt: skip
    cell = Cell("dL_dW", 1, None, 1, 1)
    assert mark(sheet(lesson), {cell: "7.77"})[cell].kind == "wrong"


# --- an error carried forward


def test_one_wrong_pre_activation_costs_one_mark_on_towards_ais_network():
    """z₁ = 0.3875 instead of 0.3775, and everything after it worked out rightly from there, in NumPy."""
    lesson = example("towardsai")
    W, b, x, t = (
        [np.array(w) for w in lesson.weights],
        lesson.biases,
        np.array(lesson.inputs[0]),
        np.array(lesson.targets[0]),
    )
    z1 = W[0] @ x + b[0]
    z1[0] = 0.3875
    a1 = 1 / (1 + np.exp(-z1))
    z2 = W[1] @ a1 + b[1]
    a2 = 1 / (1 + np.exp(-z2))
    terms = (a2 - t) ** 2 / 2
    d2 = (a2 - t) * a2 * (1 - a2)
    e1 = W[1].T @ d2
    d1 = e1 * a1 * (1 - a1)
    arrays = {
        ("z", 1): z1, ("a", 1): a1, ("z", 2): z2, ("a", 2): a2, ("loss_term", 2): terms,
        ("dL_da", 2): a2 - t, ("da_dz", 2): a2 * (1 - a2), ("dL_dz", 2): d2, ("dL_dW", 2): np.outer(d2, a1),
        ("dL_da", 1): e1, ("da_dz", 1): a1 * (1 - a1), ("dL_dz", 1): d1, ("dL_dW", 1): np.outer(d1, x), ("dL_dx", 0): W[0].T @ d1,
        ("W_new", 1): W[0] - 0.5 * np.outer(d1, x), ("W_new", 2): W[1] - 0.5 * np.outer(d2, a1),
    }  # fmt: skip
    lone = {Cell("loss", 2): terms.sum(), Cell("dL_db", 2): d2.sum(), Cell("dL_db", 1): d1.sum()}
    paper = sheet(lesson, digits=6)
    values = {
        cell: lone[cell] if cell in lone else arrays[cell.quantity, cell.layer][_index(cell)] for cell in paper.blank
    }
    found = mark(paper, {cell: written(float(value), 6) for cell, value in values.items()})
    wrong = [cell for cell, verdict in found.items() if verdict.kind not in ("right", "carried")]
    assert wrong == [Cell("z", 1, 1, 1)]
    touched = {cell for cell in paper.blank if abs(values[cell] - paper.trace.at(cell)) > 1e-5} - set(wrong)
    assert len(touched) > 20 and {found[cell].kind for cell in touched} == {"carried"}
    assert found[Cell("a", 1, 1, 1)].because == (Cell("z", 1, 1, 1),)
    assert found[Cell("z", 1, 1, 2)].kind == "right" and found[Cell("z", 2, 1, 1)].because == (Cell("a", 1, 1, 1),)


def _index(cell: Cell) -> tuple[int, ...]:
    return tuple(place - 1 for place in (cell.unit, cell.from_unit) if place)


def test_what_follows_through_blanks_left_open_is_right_from_the_wrong_number():
    paper = sheet(example("towardsai"))
    loss = Cell("loss", 2)
    a2 = [Cell("a", 2, 1, 1), Cell("a", 2, 1, 2)]
    found = mark(paper, {a2[0]: "0.8", a2[1]: "0.7729", loss: f"{(0.79**2 + (0.772928 - 0.99) ** 2) / 2:.4f}"})
    assert found[loss].kind == "carried" and found[loss].because == (a2[0],)


# --- slips


@settings(max_examples=150, deadline=None)
@given(lessons(), st.data())
def test_the_number_of_a_slip_is_recognised_as_that_slip(lesson, data):
    at = trace(lesson)
    cells = [cell for cell in walk(at, 1).cells if math.isfinite(at.at(cell))]
    assume(cells)
    cell = data.draw(st.sampled_from(cells))
    made = [(slip, each) for slip in SLIPS.values() for each in mistakes(slip, at, cell)]
    assume(made)
    paper = sheet(lesson, digits=5, blank={cell})
    for slip, mistake in made:
        value = true_value(mistake.node, at)
        if not math.isfinite(value) or abs(value) > 1e12 or (value == 0 and not slip.zero):
            continue  # 0 is what somebody types who knows nothing
        verdict = mark(paper, {cell: written(value, 5)})[cell]
        if verdict.kind in ("right", "short"):  # the slip changes nothing that could be seen
            assert abs(value - at.at(cell)) <= 1e-4 * max(1.0, abs(value)) + 2 * paper.exact.computed(cell).radius
            continue
        names = [each.slip.name for each in verdict.found]
        assert slip.name in names or slip.last, (slip.name, mistake.way, names)  # of several other places none is named


def test_every_slip_can_be_made_in_some_example():
    possible = {
        slip.name
        for name in EXAMPLES
        for slip in SLIPS.values()
        for cell in (*walk(trace(example(name)), 1).cells, after(trace(example(name))))
        if mistakes(slip, trace(example(name)), cell)
    }
    assert possible | {"softmax_diagonal"} == set(SLIPS)


def unique(name: str, cell: Cell, text: str, blank=None, digits: int = 4) -> str:
    found = mark(sheet(example(name), digits=digits, blank=blank or {cell}), {cell: text})[cell]
    assert found.kind == "slip" and len(found.found) == 1, found
    return found.found[0].slip.name


@pytest.mark.parametrize(
    ("cell", "text", "slip"),
    [
        (Cell("z", 1, 1, 1), "0.0275", "no_bias"),
        (Cell("z", 2, 1, 1), "1.1357", "transposed"),  # 0.40·0.5933 + 0.50·0.5969 + 0.60
        (Cell("a", 1, 1, 1), "0.3775", "no_activation"),
        (Cell("dL_da", 2, 1, 1), "-0.7414", "sign"),
        (Cell("dL_da", 2, 1, 1), "1.4827", "factor"),
        (Cell("da_dz", 2, 1, 1), "0.2178", "slope_at_a"),  # σ(0.7514)·(1 − σ(0.7514))
        (Cell("da_dz", 2, 1, 1), "-0.1171", "slope_with_z"),  # 1.1059·(1 − 1.1059)
        (Cell("dL_dz", 2, 1, 1), "0.7414", "no_slope"),
        (Cell("dL_da", 1, 1, 1), "0.0554", "one_path"),
        (Cell("dL_da", 1, 1, 1), "0.0383", "transposed"),  # 0.1385·0.40 − 0.0381·0.45
        (Cell("dL_dW", 2, None, 1, 1), "0.1041", "wrong_layer"),  # δ times the output's own activation
        (Cell("dL_db", 2), "0", "bias_zero"),
        (Cell("W_new", 2, None, 1, 1), "0.4411", "plus"),
        (Cell("W_new", 2, None, 1, 1), "0.3178", "rate_forgotten"),
        (Cell("W_new", 2, None, 1, 1), "0.3795", "rate_squared"),
        (Cell("W_new", 2, None, 1, 1), "0.0411", "step_alone"),
        (Cell("dL_dW", 2, None, 1, 2), "-0.0226", "neighbour"),
    ],
)  # fmt: skip
def test_numbers_of_towards_ais_network_worked_out_wrongly_on_paper(cell, text, slip):
    assert unique("towardsai", cell, text) == slip


def test_softmax_without_its_off_diagonal_part():
    lesson = example("softmax").changed(loss="half_squared_error")
    at = trace(lesson)
    cell = Cell("dL_dz", lesson.network.depth, 1, 1)
    a = at["a", lesson.network.depth].value[0]
    wrong = (a[0] - lesson.targets[0][0]) * a[0] * (1 - a[0])
    found = mark(sheet(lesson, blank={cell}), {cell: written(float(wrong), 4)})[cell]
    assert [each.slip.name for each in found.found] == ["softmax_diagonal"]


@pytest.mark.parametrize(
    ("cell", "text", "slip"),
    [
        (Cell("dL_dW", 2, None, 1, 1), "0.1385", "no_input"),
        (Cell("W_new", 2, None, 1, 1), "0.0822", "gradient_alone"),
        (Cell("da_dz", 2, 1, 1), "0.2486", "half_slope"),
        (Cell("dL_db", 1), "0.0088", "one_path"),
        (Cell(AFTER, 2), "0.2984", "old_loss"),
    ],
)
def test_more_numbers_of_towards_ais_network_worked_out_wrongly(cell, text, slip):
    assert unique("towardsai", cell, text) == slip


def sequential(updates: int) -> float:
    series = next(
        each
        for each in articles.SERIES["series"]
        if each["update_order"] == "sequential" and each["bias_update"] == "none"
    )
    return float(next(point["loss"] for point in series["points"] if point["updates"] == updates))


def test_mazurs_printed_loss_is_named_as_updated_weights():
    """Matt Mazur's page prints 0.291027924 after one update; right is 0.291027774."""
    lesson = example("towardsai")
    assert f"{sequential(1):.9f}" == "0.291027924"
    at = trace(lesson)
    every = [*walk(at, 1).cells, after(at)]
    nine = sheet(lesson, digits=9, blank=every)
    found = mark(nine, {after(at): "0.291027924"})[after(at)]
    assert found.kind == "slip" and [each.slip.name for each in found.found] == ["fresh_weights"]
    four = sheet(lesson, digits=4, blank=every)
    found = mark(four, {after(at): "0.291027924"})[after(at)]
    assert found.kind == "right" and [each.slip.name for each in found.found] == ["fresh_weights"]
    assert mark(nine, {after(at): "0.291027774"})[after(at)].kind == "right"
    assert mark(four, {after(at): "0.2910"})[after(at)].found == ()


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_loss_after_the_update_is_the_next_iterations(name):
    lesson = example(name)
    at = trace(lesson)
    paper = sheet(lesson, blank=[after(at)])
    assert paper.true(after(at)) == pytest.approx(run(lesson, 1).loss[1], rel=1e-12)
    assert mark(paper, {after(at): written(float(run(lesson, 1).loss[1]), 4)})[after(at)].kind == "right"


def test_the_loss_after_the_update_follows_from_the_new_weights_that_were_written_down():
    lesson = example("neuron")
    at = trace(lesson)
    new = Cell("W_new", 1, None, 1, 1)
    paper = sheet(lesson, blank=[*walk(at, 1).cells, after(at)])
    b = float(at.after.b[0][0])
    then = 1 / (1 + math.exp(-(0.9 * lesson.inputs[0][0] + b)))
    loss = lesson.network.loss.term_at(
        np.array([[math.log(then / (1 - then))]]), np.array([[then]]), np.array([lesson.targets[0]])
    )
    found = mark(paper, {new: "0.9", after(at): written(float(loss.sum()), 4)})
    assert found[new].kind in ("wrong", "slip") and found[after(at)].kind == "carried" and AFTER in after(at)


# --- what is typed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1868", 0.1868), ("0,1868", 0.1868), ("−0.2171", -0.2171), ("-.13", -0.13), ("4.386·10⁻⁴", 4.386e-4), ("4.386e-4", 4.386e-4),
        ("0.7414*0.1868*0.5933", 0.7414 * 0.1868 * 0.5933), ("0,7414 × 0,5", 0.3707), ("max(0,5)", 5.0), ("4.386·10-4", 4.386e-4), ("0.5*10-4", 1.0), (",5", 0.5), ("1/(1+exp(-0.3775))", 0.593269992), ("1/3", 1 / 3), ("2^-3", 0.125),
    ],
)  # fmt: skip
def test_numbers_and_calculations_are_read(text, value):
    assert number(text) == pytest.approx(value, rel=1e-9)


PIECES = ["9", "**", "^", "(", ")", "__import__", "os", "'", "lambda", ":", "exp", "e", "·10⁻", "⁹", "−", ",", ".", "inf", "nan", "1e999", "[", "\x00", "𝟗", "٣", "9" * 60, "exp(" * 30, "-" * 150, "import sys", "0x", "1_0", "if", "\\", "\n", "%", "@", "σ"]  # fmt: skip


def test_ten_thousand_answers_do_no_harm():
    rng = random.Random(5)
    fixed = ["9**9**9", "9^9^9^9", "__import__('os').system('true')", "(" * 100 + "1" + ")" * 100, "1" * 10_000, "10⁻⁹⁹⁹⁹", "exp(exp(exp(9)))", "(lambda:1)()"]  # fmt: skip
    texts = fixed + ["".join(rng.choices(PIECES, k=rng.randint(1, 12))) for _ in range(10_000 - len(fixed))]
    read = 0
    for text in texts:
        try:
            value = number(text)
        except FormulaError as error:
            assert 0 < len(str(error)) < 400
            continue
        read += 1
        assert isinstance(value, float) and math.isfinite(value) and abs(value) <= 1e100
    assert 50 < read < 9_000


def test_what_is_no_number_is_told_and_spoils_nothing():
    paper = sheet(example("towardsai"))
    z, a = Cell("z", 1, 1, 1), Cell("a", 1, 1, 1)
    found = mark(paper, {z: "9**9**9", a: "0.5933"})
    assert found[z].kind == "unread" and "16" in found[z].told and found[a].kind == "right"
    assert marked(paper, (("nonsense", "1"), ("W.1..1.1", "2"))) == mark(paper, {})


@settings(max_examples=40, deadline=None)
@given(lessons(samples=2), st.dictionaries(st.integers(0, 60), st.floats(-100, 100)))
def test_no_answer_makes_the_marking_fail(lesson, given_answers):
    paper = sheet(lesson)
    cells = sorted(paper.blank, key=str)
    answers = {cells[place]: repr(value) for place, value in given_answers.items() if place < len(cells)}
    for cell, verdict in mark(paper, answers).items():
        assert (verdict.kind == "open") == (cell not in answers)
        assert numerals.plain(verdict.expected)
