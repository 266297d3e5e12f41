"""Runs with a slip: against a pass written by hand in plain Python, against reference losses, and against themselves."""

import math
import warnings

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings

from backprop import example, run, trace
from backprop.engine import activations, losses
from backprop.engine.steps import Cell
from backprop.lessons.examples import EXAMPLES
from backprop.lessons.lesson import Lesson
from backprop.practice import wrong
from backprop.practice.wrong import first_difference, offered, reach, run_wrong, spread, trace_wrong
from backprop.practice.wrong_ways import WRONG
from backprop.runs.fate import lost, trend
from tests import strategies
from tests.articles import CASES, SERIES, lesson_data

SOFT = Lesson(
    layers=[2, 3, 3],
    activations=["tanh", "softmax"],
    loss="squared_error",
    weights=[[[0.3, -0.5], [0.8, 0.2], [-0.4, 0.6]], [[0.5, -0.3, 0.2], [-0.6, 0.4, 0.1], [0.3, 0.7, -0.2]]],
    biases=[[0.1, 0.1, 0.1], [-0.2, -0.2, -0.2]],
    shared_bias=True,
    inputs=[[0.6, 0.9], [-1.0, 0.5]],
    targets=[[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]],
    learning_rate=0.3,
)
LESSONS = {**{name: example(name) for name in EXAMPLES}, "soft": SOFT}
PAIRS = [(lesson, slip) for lesson in LESSONS for slip in offered(LESSONS[lesson])]


# --- an iteration by hand: scalars, loops, and the formulas of the tables put into SymPy's printer


def _function(expr: sp.Expr, letters: tuple[sp.Symbol, ...]):
    return sp.lambdify(letters, expr, "math")


def by_hand(lesson: Lesson, W: list, b: list, before: tuple[list, list], slip: str) -> dict[Cell, float]:
    """Every number from ∂L/∂a to the update, with a slip of WRONG or, with "", rightly. Nested lists, nothing of the engine's passes."""
    depth, m, n = len(lesson.layers) - 1, len(lesson.inputs), lesson.layers[-1]
    rows = [activations.ACTIVATIONS[each] for each in lesson.activations]
    loss = losses.LOSSES[lesson.loss]
    alpha = lesson.leaky_slope
    value = [_function(row.formula.subs(activations.alpha, alpha), (activations.z,)) for row in rows]
    slope = [_function(row.slope.subs(activations.alpha, alpha), (activations.z, activations.a)) for row in rows]
    error = _function(loss.slope.subs(losses.n, n), (activations.a, losses.t))
    fused = loss.needs == lesson.activations[-1]
    factor = {"sign": -1, "twice": 2, "no_mean": m}.get(slip, 1) / m
    rate = lesson.learning_rate
    rate = {"plus": -rate, "rate_forgotten": 1.0, "rate_squared": rate**2}.get(slip, rate)

    def outputs(l: int, pre: list[float]) -> list[float]:
        if lesson.activations[l] != "softmax":
            return [value[l](z) for z in pre]
        every = [math.exp(z) for z in pre]
        return [each / sum(every) for each in every]

    def slopes(l: int, z: list[float]) -> list[list[float]]:
        """∂a_i/∂z_j of a layer."""
        units = range(len(z))
        if slip == "no_slope":
            return [[float(i == j) for j in units] for i in units]
        at = outputs(l, z) if slip == "slope_at_a" else z
        a = outputs(l, at)
        if lesson.activations[l] == "softmax":
            full = [[a[i] * ((i == j) - a[j]) for j in units] for i in units]
            return [
                [s * (i == j or slip != "softmax_diagonal") for j, s in enumerate(row)] for i, row in enumerate(full)
            ]
        return [[slope[l](at[i], a[i]) if i == j else 0.0 for j in units] for i in units]

    if slip == "stale_weights":  # the gradients of before, and a step from here
        found = by_hand(lesson, *before, before, "")
        return {cell: number for cell, number in found.items() if not cell.quantity.endswith("_new")} | _updates(
            lesson, found, W, b, rate, False
        )

    found: dict[Cell, float] = {}
    back = [[list(row) for row in matrix] for matrix in W]
    Z, A = _forward(lesson, W, b, outputs)
    arriving = [[factor * error(a, t) for a, t in zip(A[s][-1], lesson.targets[s], strict=True)] for s in range(m)]
    for l in range(depth - 1, -1, -1):
        size, below = lesson.layers[l + 1], lesson.layers[l]
        delta = []
        for s in range(m):
            table = slopes(l, Z[s][l])
            delta.append([sum(arriving[s][i] * table[i][j] for i in range(size)) for j in range(size)])
            if l == depth - 1 and fused and slip != "no_slope":
                delta[s] = [factor * (a - t) for a, t in zip(A[s][-1], lesson.targets[s], strict=True)]
            for k in range(size):
                found[Cell("dL_da", l + 1, s + 1, k + 1)] = arriving[s][k]
                found[Cell("dL_dz", l + 1, s + 1, k + 1)] = delta[s][k]
                if lesson.activations[l] != "softmax":
                    found[Cell("da_dz", l + 1, s + 1, k + 1)] = table[k][k]
                else:
                    found |= {Cell("da_dz", l + 1, s + 1, k + 1, j + 1): table[k][j] for j in range(size)}
        for k in range(size):
            for j in range(below):
                gradient = sum(delta[s][k] * A[s][l][j] for s in range(m))
                found[Cell("dL_dW", l + 1, None, k + 1, j + 1)] = gradient
                if slip == "fresh_weights":
                    back[l][k][j] = W[l][k][j] - rate * gradient
        if b[l]:
            found |= _bias_gradients(lesson, l, delta)
        arriving = [[sum(delta[s][k] * back[l][k][j] for k in range(size)) for j in range(below)] for s in range(m)]
    found |= {Cell("dL_dx", 0, s + 1, j + 1): arriving[s][j] for s in range(m) for j in range(lesson.layers[0])}
    return found | _updates(lesson, found, W, b, rate, slip == "no_bias_update")


def _bias_gradients(lesson: Lesson, l: int, delta: list) -> dict[Cell, float]:
    sums = [sum(column) for column in zip(*delta, strict=True)]
    if lesson.shared_bias:
        return {Cell("dL_db", l + 1): sum(sums)}
    return {Cell("dL_db", l + 1, None, k): each for k, each in enumerate(sums, 1)}


def _forward(lesson: Lesson, W: list, b: list, outputs) -> tuple[list, list]:
    """z[sample][layer][unit] and a, which begins with the inputs. outputs: (layer, its z) → its a."""
    Z, A = [[] for _ in lesson.inputs], [[list(x)] for x in lesson.inputs]
    for z, a in zip(Z, A, strict=True):
        for l, matrix in enumerate(W):
            bias = b[l] or [0.0]
            z.append(
                [
                    sum(w * each for w, each in zip(row, a[l], strict=True)) + bias[k if len(bias) > 1 else 0]
                    for k, row in enumerate(matrix)
                ]
            )
            a.append(outputs(l, z[l]))
    return Z, A


def _updates(lesson: Lesson, found: dict, W: list, b: list, rate: float, keep: bool) -> dict[Cell, float]:
    new = {}
    for cell, gradient in found.items():
        k, j = (cell.unit or 1) - 1, (cell.from_unit or 1) - 1
        if cell.quantity == "dL_dW":
            new[cell._replace(quantity="W_new")] = W[cell.layer - 1][k][j] - rate * gradient
        elif cell.quantity == "dL_db" and lesson.update_biases:
            new[cell._replace(quantity="b_new")] = b[cell.layer - 1][k] - (0 if keep else rate * gradient)
    return new


def given_of(t) -> tuple[list, list]:
    layers = range(1, t.network.depth + 1)
    return [t["W", l].value.tolist() for l in layers], [
        t["b", l].value.tolist() if ("b", l) in t else None for l in layers
    ]


def assert_is(t, expected: dict[Cell, float]) -> None:
    cells = [cell for step in t if step.phase in ("backward", "update") for cell in t.cells(step)]
    assert set(cells) == set(expected)
    for cell in cells:
        size = max(1e-3, float(np.abs(t[cell.quantity, cell.layer].value).max()))
        assert t.at(cell) == pytest.approx(expected[cell], rel=1e-9, abs=1e-11 * size), cell


@pytest.mark.parametrize("name", LESSONS)
def test_the_pass_by_hand_is_the_right_one_without_a_slip(name):
    t = trace(LESSONS[name], 1)
    assert_is(t, by_hand(LESSONS[name], *given_of(t), given_of(t), ""))


@pytest.mark.parametrize(("name", "slip"), PAIRS)
def test_every_number_of_a_wrong_iteration_is_what_the_slip_makes_by_hand(name, slip):
    lesson = LESSONS[name]
    first, second = trace_wrong(lesson, slip, 0), trace_wrong(lesson, slip, 1)
    assert_is(first, by_hand(lesson, *given_of(first), given_of(first), slip))
    assert_is(second, by_hand(lesson, *given_of(second), given_of(first), slip))


def test_every_slip_is_tried():
    assert {slip for _lesson, slip in PAIRS} == set(WRONG)


# --- whole runs


def series(order: str, biases: str) -> dict[int, float]:
    (found,) = [each for each in SERIES["series"] if (each["update_order"], each["bias_update"]) == (order, biases)]
    return {point["updates"]: float(point["loss"]) for point in found["points"] if point["updates"] <= 1_000}


def mazur(**changes) -> Lesson:
    return Lesson(**lesson_data(CASES[SERIES["config_ref"]]["config"], **changes))


def test_updated_weights_on_the_way_back_give_the_losses_of_mazurs_page():
    expected = series("sequential", "none")
    came = run_wrong(mazur(), "fresh_weights", 1_000)
    assert set(expected) >= {0, 1, 2, 10, 100, 1_000}
    for updates, loss in expected.items():
        assert came[updates] == pytest.approx(loss, rel=1e-12)
    assert f"{came[1]:.9f}" == "0.291027924"


@pytest.mark.parametrize("shared", [False, True])
def test_biases_left_alone_give_the_losses_of_fixed_biases(shared):
    lesson = mazur(update_biases=True, shared_bias=shared)
    came = run_wrong(lesson, "no_bias_update", 1_000)
    for updates, loss in series("simultaneous", "none").items():
        assert came[updates] == pytest.approx(loss, rel=1e-12)
    right = series("simultaneous", "shared" if shared else "per_neuron")
    assert first_difference(lesson, "no_bias_update").cell.quantity == "b_new"
    assert trace(lesson, 1).loss == pytest.approx(right[1], rel=1e-12)


@pytest.mark.parametrize(("name", "slip"), [pair for pair in PAIRS if pair[0] in ("towardsai", "dabbura-relu", "soft")])
def test_a_run_is_its_traces_and_each_starts_where_the_one_before_ended(name, slip):
    lesson = LESSONS[name]
    came = run_wrong(lesson, slip, 101)
    assert came.shape == (102,) and came[0] == run(lesson, 0).loss[0]
    for k in (0, 1, 98, 99, 100):
        now, after = trace_wrong(lesson, slip, k), trace_wrong(lesson, slip, k + 1)
        assert now.iteration == k and now.loss == pytest.approx(came[k], rel=1e-14, nan_ok=True)
        assert now["learning_rate", None].value == lesson.learning_rate
        for l in range(1, now.network.depth + 1):
            assert np.array_equal(after["W", l].value, now["W_new", l].value)


@pytest.mark.parametrize("name", LESSONS)
def test_slips_that_are_another_learning_rate(name):
    lesson, factors = LESSONS[name], {"twice": 2.0, "no_mean": len(LESSONS[name].inputs)}
    rates = {slip: lesson.learning_rate * factor for slip, factor in factors.items()}
    rates |= {"rate_forgotten": 1.0, "rate_squared": lesson.learning_rate**2}
    for slip in set(rates) & set(offered(lesson)):
        same = run(lesson.changed(learning_rate=rates[slip]), 30).loss
        assert run_wrong(lesson, slip, 30) == pytest.approx(same, rel=1e-8, nan_ok=True), slip
    assert run_wrong(lesson, "sign", 30) == pytest.approx(run_wrong(lesson, "plus", 30), rel=1e-9, nan_ok=True)


@pytest.mark.parametrize(("name", "slip"), PAIRS)
def test_only_scaled_slips_take_the_right_step_but_for_its_length(name, slip):
    lesson = LESSONS[name]
    k = first_difference(lesson, slip).iteration
    steps = [
        np.concatenate([(t["W_new", l].value - t["W", l].value).ravel() for l in range(1, t.network.depth + 1)]
        + [(t["b_new", l].value - t["b", l].value).ravel() for l in range(1, t.network.depth + 1) if ("b_new", l) in t])
        for t in (trace(lesson, k), trace_wrong(lesson, slip, k))
    ]  # fmt: skip
    if np.abs(steps[1] - steps[0]).max() > 1e-12:  # a slope that is not used changes no step
        along = steps[0] @ steps[1] / np.linalg.norm(steps[0]) / np.linalg.norm(steps[1])
        # one unit and one sample: every step is a multiple of the input
        one_way = WRONG[slip].scaled or (name == "neuron" and slip in ("no_slope", "slope_at_a", "stale_weights"))
        assert (along > 1 - 1e-12) == one_way, along


@pytest.mark.parametrize("name", LESSONS)
def test_gradients_of_the_iteration_before_repeat_the_first_step(name):
    first, second = (trace_wrong(LESSONS[name], "stale_weights", k) for k in (0, 1))
    for l in range(1, first.network.depth + 1):
        step = first["W_new", l].value - first["W", l].value
        assert second["W_new", l].value - second["W", l].value == pytest.approx(step, rel=1e-9, abs=1e-15)


def test_a_loss_that_leaves_the_numbers_is_told_without_a_warning():
    lesson = example("line")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        came = run_wrong(lesson, "rate_forgotten", 1_000)
        gone = lost(came)
        trace_wrong(lesson, "rate_forgotten", gone)
        assert trend(came) == "lost"
    assert np.isfinite(came[:gone]).all() and not np.isfinite(came[gone]) and 300 < gone < 450


@pytest.mark.parametrize("iteration", [-1, 1_001])
def test_out_of_reach_is_refused(iteration):
    for ask in (run_wrong, trace_wrong):
        with pytest.raises(ValueError, match=f"Iteration {iteration} is out of reach; allowed are 0 to 1000"):
            ask(example("towardsai"), "plus", iteration)


def test_a_large_network_is_run_less_far():
    deep = example("deep")
    assert reach(deep, "plus") == 1_000 and 100 <= reach(deep, "fresh_weights") < 1_000
    right, came = wrong.wrong_beside_right(deep, "fresh_weights", 1_000)
    assert len(right) == len(came) == reach(deep, "fresh_weights") + 1
    with pytest.raises(ValueError, match="out of reach"):
        run_wrong(deep, "fresh_weights", 1_000)


# --- what is offered, and where it differs


def differs(first: float, second: float) -> bool:
    return not (
        first == second or math.isclose(first, second, rel_tol=1e-9) or (math.isnan(first) and math.isnan(second))
    )


@settings(max_examples=10)
@given(strategies.lessons(layers=2, units=2, samples=2))
def test_what_is_offered_changes_a_number_and_what_changes_one_is_offered(lesson):
    names = offered(lesson)
    for slip, row in WRONG.items():
        found = first_difference(lesson, slip) if slip in names else None
        for k in range(found.iteration + 1 if found else 3):
            right, came = trace(lesson, k), trace_wrong(lesson, slip, k)
            apart = [cell for step in right for cell in right.cells(step) if differs(right.at(cell), came.at(cell))]
            if found and k == found.iteration:
                assert apart[0] == found.cell
                assert repr(found[2:]) == repr((right.at(found.cell), came.at(found.cell)))
            else:
                assert not apart or not row.applies(lesson), (slip, k, apart[0])


@pytest.mark.parametrize(
    ("lesson", "without"),
    [
        (example("line"), {"no_slope", "slope_at_a", "fresh_weights", "twice", "softmax_diagonal"}),
        (example("neuron"), {"fresh_weights", "no_mean", "softmax_diagonal", "rate_forgotten", "rate_squared"}),
        (example("towardsai"), {"no_bias_update", "no_mean", "softmax_diagonal"}),
        (example("csdn"), {"no_bias_update", "no_mean", "softmax_diagonal"}),
        (example("softmax"), {"softmax_diagonal", "twice", "no_mean"}),
        (SOFT, {"twice"}),
        (example("towardsai").changed(learning_rate=0.0), {"plus", "rate_squared", "fresh_weights", "stale_weights", "no_bias_update", "no_mean", "softmax_diagonal"}),
    ],
)  # fmt: skip
def test_a_slip_that_cannot_be_made_is_not_offered(lesson, without):
    assert set(WRONG) - set(offered(lesson)) == without


def test_the_slope_of_relu_is_the_same_at_a_as_at_z():
    lesson = example("dabbura-relu").changed(activations=["relu", "relu", "linear"], loss="squared_error")
    assert "slope_at_a" not in offered(lesson) and "no_slope" in offered(lesson)


def test_where_nothing_goes_back_no_slip_is_offered():
    lesson = Lesson(
        layers=[1, 1], activations=["relu"], loss="half_squared_error", weights=[[[1.0]]], inputs=[[1.0]], targets=[[1.0]], learning_rate=0.5
    )  # fmt: skip
    assert set(offered(lesson)) == set()


def test_the_first_wrong_number_of_each_slip():
    lesson = mazur(update_biases=True)
    first = {
        slip: (found.iteration, found.cell.address)
        for slip in offered(lesson)
        if (found := first_difference(lesson, slip))
    }
    assert first == {
        "plus": (0, "W_new.1..1.1"), "no_slope": (0, "da_dz.2.1.1"), "slope_at_a": (0, "da_dz.2.1.1"), "fresh_weights": (0, "dL_da.1.1.1"),
        "stale_weights": (1, "dL_da.2.1.1"), "sign": (0, "dL_da.2.1.1"), "twice": (0, "dL_da.2.1.1"), "no_bias_update": (0, "b_new.1..1"),
        "rate_forgotten": (0, "W_new.1..1.1"), "rate_squared": (0, "W_new.1..1.1"),
    }  # fmt: skip


def test_how_far_a_slip_spreads():
    spoiled = {
        (step.quantity, step.layer): count for step, count in spread(example("towardsai"), "fresh_weights", 0) if count
    }
    assert spoiled == {("dL_da", 1): 2, ("dL_dz", 1): 2, ("dL_dW", 1): 4, ("dL_db", 1): 1, ("dL_dx", 0): 2, ("W_new", 1): 4}  # fmt: skip
    assert all(count == step.value.size for step, count in spread(example("towardsai"), "fresh_weights", 1))


@pytest.mark.parametrize(
    ("losses_", "expected"),
    [
        (np.linspace(1, 0.5, 101), "falls"), (np.linspace(1, 2, 101), "rises"), (np.full(101, 0.3), "still"), (np.zeros(5), "still"),
        (np.r_[np.linspace(1, 0.2, 50), np.full(51, 0.2)], "still"), (np.r_[1.0, 1e-20, 3e-20, 1e-20], "still"), (np.array([1.0, 2.0]), "rises"),
        (1 + np.sin(np.arange(101.0)), "swings"), (np.r_[1.0, np.inf, np.nan], "lost"), (np.geomspace(1, 1e308, 101), "rises"),
    ],
)  # fmt: skip
def test_what_a_loss_does_in_the_end(losses_, expected):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert trend(losses_) == expected
