"""The notebook: valid, the same text every time, run to its end for every example, and its assertions can fail."""

import contextlib
import html
import io
import json
import re

import nbformat
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbclient import NotebookClient

from backprop import Lesson, example, trace
from backprop.engine.activations import ACTIVATIONS
from backprop.engine.losses import LOSSES
from backprop.engine.steps import Trace
from backprop.explain.symbols import CONVENTIONS
from backprop.export.notebook import to_notebook
from backprop.lessons.examples import EXAMPLES
from tests import strategies
from tests.tex import assert_sets

PHASES = ["Forward", "Loss", "Backward", "Update"]


def cells(text: str, kind: str) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == kind]


def run(code: list[str]) -> tuple[dict, list[str]]:
    """(the names that the code cells leave behind, the lines that they print), run in a fresh namespace."""
    names: dict = {}
    out = io.StringIO()
    with contextlib.redirect_stdout(out), np.errstate():
        for cell in code:
            exec(compile(cell, "cell", "exec"), names)
    return names, out.getvalue().splitlines()


def assert_runs(t: Trace, text: str) -> bool:
    """It is a notebook, its rules set, its cells run and its assertions hold; were all numbers compared?"""
    nbformat.validate(nbformat.reads(text, as_version=4))
    for cell in cells(text, "markdown"):
        for rule in re.findall(r"\$\$\n(.*?)\n\$\$", cell, re.S):
            assert_sets(rule)
    _names, said = run(cells(text, "code"))
    assert [line.split(":")[0] for line in said] == PHASES
    return not any("as far as" in line for line in said)


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_runs_and_agrees_in_every_number(name, convention):
    t = trace(example(name))
    assert assert_runs(t, to_notebook(t, example(name).title, convention))


@settings(max_examples=60)
@given(strategies.lessons(), st.integers(0, 2))
def test_random_lessons_run(lesson, iteration):
    t = trace(lesson, iteration)
    assert_runs(t, to_notebook(t, lesson.title))


def out_there(activation: str, loss: str, z: float) -> Trace:
    return trace(
        Lesson(
            layers=[1, 2, 2],
            activations=["tanh" if activation == "softmax" else activation, activation],
            loss=loss,
            weights=[[[z], [-z]], [[z, 0.5], [0.25, -z]]],
            inputs=[[1.0], [-1.0], [0.0]],
            targets=[[0.25, 0.75], [0.0, 1.0], [1.0, 0.0]],
            learning_rate=0.1,
        )
    )


@pytest.mark.parametrize("z", [5.5, 20.0, -40.0, 300.0, 800.0])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_hold_far_out(name, z):
    t = out_there(name, "half_squared_error", z)
    assert assert_runs(t, to_notebook(t))


@pytest.mark.parametrize("z", [4.5, 5.5, 20.0, 40.0, 300.0, 800.0])
@pytest.mark.parametrize("name", [row.name for row in LOSSES.values() if row.needs])
def test_cross_entropies_hold_far_out(name, z):
    t = out_there(LOSSES[name].needs or "", name, z)
    text = to_notebook(t)
    finite = all(np.isfinite(step.value).all() for step in t)
    assert assert_runs(t, text) == finite
    assert ("taken in one go" in text) == (z > 5)


@pytest.mark.parametrize("last", ["tanh", "sigmoid", "softmax"])
@pytest.mark.parametrize("text", [*strategies.TYPED_LOSSES, "2", "t^2", "a", "-t*ln(a)"])
def test_typed_losses_run(text, last):
    t = out_there(last, {"formula": text}, 0.7)
    finite = all(np.isfinite(step.value).all() for step in t)
    assert finite or (text, last) == ("-t*ln(a)", "tanh")
    assert assert_runs(t, to_notebook(t)) == finite


def test_one_example_runs_in_a_kernel(tmp_path):
    book = nbformat.reads(to_notebook(trace(example("softmax")), "Softmax"), as_version=4)
    NotebookClient(book, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    printed = [output.text for cell in book.cells if cell.cell_type == "code" for output in cell.outputs if output.output_type == "stream"]  # fmt: skip
    assert [line.split(":")[0] for line in printed] == PHASES


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0.4, 0.45", "0.4, 0.450000001"),
        ("a1 = 1/(1", "a1 = 1/(1.000000001"),
        ("dL_dW1 = dL_dz1.T @ x", "dL_dW1 = dL_dz1.T @ a1"),
        ("- learning_rate * dL_dW2", "+ learning_rate * dL_dW2"),
    ],
)
def test_a_slip_in_the_code_is_found(old, new):
    code = cells(to_notebook(trace(example("towardsai"))), "code")
    assert sum(old in cell for cell in code) == 1
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        run([cell.replace(old, new) for cell in code])


def test_a_cell_per_step_with_its_rule_in_front():
    t = trace(example("towardsai"))
    book = json.loads(to_notebook(t))
    assert [cell["id"] for cell in book["cells"]] == [f"cell-{k}" for k in range(1, len(book["cells"]) + 1)]
    code = cells(json.dumps(book), "code")
    assert len(code) == 1 + len(t) + len(PHASES)
    assert code[1] == "z1 = x @ W1.T + b1\nz1"
    assert code[-3:-1] == [
        "W_new1 = W1 - learning_rate * dL_dW1\nW_new1",
        "W_new2 = W2 - learning_rate * dL_dW2\nW_new2",
    ]
    assert len(cells(json.dumps(book), "markdown")) == 1 + len(t)


def test_the_same_text_every_time():
    assert to_notebook(trace(example("xor")), "XOR") == to_notebook(trace(example("xor")), "XOR")


@pytest.mark.parametrize(
    "title",
    ["# <script>alert(1)</script>", "$x$ **b** [a](javascript:x)", "two\nlines\r\n\n---\n", '"]}', "`code` & \\ ~", "a\x00\u202eb"],
)  # fmt: skip
def test_a_hostile_title_is_shown_and_does_nothing(title):
    t = trace(example("neuron"))
    first = cells(to_notebook(t, title), "markdown")[0].split("\n")[0]
    shown = html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", first.removeprefix("# ")))
    assert shown == " ".join("".join(c if c.isprintable() else " " for c in title).split())
    assert not re.search(r"(?<!\\)[$*`\[\]<>]", first)
    assert cells(to_notebook(t, title), "code") == cells(to_notebook(t), "code")
