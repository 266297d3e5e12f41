"""The run as CSV: it reads back to the bit, and says what a loop of its own in NumPy computes."""

import csv
import io
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import Lesson, example, run, trace
from backprop.engine.steps import cell_at
from backprop.export.run_table import header, to_csv
from backprop.lessons.examples import EXAMPLES
from tests import strategies


def read(text: str) -> tuple[list[str], list[list[str]]]:
    """What a reader of RFC 4180 sees."""
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "") and '"' not in text
    head, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    return head, rows


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_number_reads_back_to_the_bit(name):
    lesson = example(name)
    head, rows = read(to_csv(lesson, 130))
    depth = lesson.network.depth
    assert head[:3] == ["iteration", "loss", "change"] and tuple(head) == header(lesson)
    assert head[3 : 3 + depth] == [f"gradient_norm_{layer}" for layer in range(1, depth + 1)]
    assert [row[0] for row in rows] == [str(k) for k in range(131)]
    losses = run(lesson, 130).loss
    assert [float(row[1]) for row in rows] == losses.tolist()
    assert rows[0][2] == "" and [float(row[2]) for row in rows[1:]] == [
        after - before for before, after in zip(losses.tolist(), losses.tolist()[1:], strict=False)
    ]
    for k in (0, 1, 77, 130):
        now = trace(lesson, k)
        given = [cell for step in now.given for cell in now.cells(step) if cell.quantity in ("W", "b")]
        assert sorted(head[3 + depth :]) == sorted(cell.address for cell in given)
        for name_of, text in zip(head[3 + depth :], rows[k][3 + depth :], strict=True):
            assert float(text) == now.at(cell_at(name_of)), (name_of, k)


def test_the_file_says_what_a_loop_in_numpy_computes():
    lesson = example("xor")  # two tanh or sigmoid units and one output
    two = Lesson(
        layers=(2, 2, 1), activations=("sigmoid", "linear"), loss="half_squared_error", weights=(((0.5, -0.4), (0.3, 0.8)), ((0.7, -0.6),)),
        biases=((0.1, -0.2), (0.05,)), inputs=((0.5, -1.0), (1.5, 0.25)), targets=((1.0,), (-0.5,)), learning_rate=0.3,
    )  # fmt: skip
    assert lesson.layers[0] == 2
    head, rows = read(to_csv(two, 40))
    assert head[3:] == [
        "gradient_norm_1", "gradient_norm_2",
        "W.1..1.1", "W.1..1.2", "W.1..2.1", "W.1..2.2", "b.1..1", "b.1..2", "W.2..1.1", "W.2..1.2", "b.2..1",
    ]  # fmt: skip
    W1, b1 = np.array([[0.5, -0.4], [0.3, 0.8]]), np.array([0.1, -0.2])
    W2, b2 = np.array([[0.7, -0.6]]), np.array([0.05])
    X, T = np.array([[0.5, -1.0], [1.5, 0.25]]), np.array([[1.0], [-0.5]])
    before = None
    for row in rows:
        H = 1 / (1 + np.exp(-(X @ W1.T + b1)))
        E = H @ W2.T + b2 - T
        loss = (0.5 * E**2).sum() / 2
        dW2, db2 = E.T @ H / 2, E.sum(0) / 2
        D = E @ W2 * H * (1 - H)
        dW1, db1 = D.T @ X / 2, D.sum(0) / 2
        sizes = [np.sqrt((dW1**2).sum()), np.sqrt((dW2**2).sum())]
        said = [loss, *sizes, *W1.ravel(), *b1, *W2.ravel(), *b2]
        assert [float(text) for text in (row[1], *row[3:])] == pytest.approx(said, rel=1e-11)
        if before is not None:
            assert float(row[2]) == pytest.approx(loss - before, abs=1e-14)
        before = loss
        W1, b1, W2, b2 = W1 - 0.3 * dW1, b1 - 0.3 * db1, W2 - 0.3 * dW2, b2 - 0.3 * db2


@settings(max_examples=30, deadline=None)
@given(strategies.lessons(), st.integers(0, 12))
def test_any_lesson_has_a_row_for_each_iteration_and_only_numbers(lesson, n):
    head, rows = read(to_csv(lesson, n))
    assert len(rows) == n + 1 and len(set(head)) == len(head)
    for row in rows:
        assert len(row) == len(head)
        for text in row[3:]:
            value = float(text)
            assert text == repr(value) and (math.isfinite(value) or text in ("inf", "-inf", "nan"))


def test_what_leaves_float64_is_spelled_as_in_the_other_tables():
    lesson = example("line").changed(learning_rate=1e6)
    _head, rows = read(to_csv(lesson, 200))
    said = {text for row in rows for text in row if not text or text[-1] not in "0123456789"}
    assert said <= {"", "inf", "-inf", "nan"} and "nan" in said
    assert rows[-1][1] == "nan"


def test_ten_thousand_iterations_are_ten_thousand_and_two_lines():
    assert to_csv(example("neuron"), 10_000).count("\r\n") == 10_002
