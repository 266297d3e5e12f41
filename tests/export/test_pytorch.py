"""The PyTorch script: it compiles, calls only what PyTorch has, and carries the trace's numbers to the bit.

Here it is read, not run: PyTorch is no test requirement. tests/benchmarks/torch_scripts.py runs it by hand.
"""

import ast
import math

import numpy as np
import pytest
from hypothesis import given, settings

from backprop import Lesson, example, trace
from backprop.engine.activations import ACTIVATIONS
from backprop.engine.losses import LOSSES
from backprop.engine.steps import Trace
from backprop.export.agreement import fused_error
from backprop.export.pytorch import met, to_torch
from backprop.lessons.examples import EXAMPLES
from tests import strategies

KNOWN = {
    "torch": {"tensor", "float64", "set_default_dtype", "no_grad", "testing", "sigmoid", "tanh", "relu", "where", "exp", "log",
              "sqrt", "sin", "cos", "atan", "sinh", "cosh", "erf", "abs", "nn"},
    "F": {"leaky_relu", "softplus", "elu", "gelu", "silu", "softmax", "log_softmax", "binary_cross_entropy_with_logits"},
    "math": {"pi"},
}  # fmt: skip


def number(node: ast.expr):
    """A literal with inf and nan in it."""
    return eval(compile(ast.Expression(node), "", "eval"), {"inf": math.inf, "nan": math.nan})


def same(came, expected: np.ndarray) -> bool:
    came = np.array(came, dtype=float)
    return came.shape == expected.shape and came.tobytes() == np.where(np.isnan(expected), np.nan, expected).tobytes()


def calls(tree: ast.AST, name: str) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == name]


def assert_carries(t: Trace, text: str) -> None:
    """The script holds what is given and every number that PyTorch forms."""
    tree = ast.parse(text)
    compile(tree, "script", "exec")
    given_ = {
        ast.unparse(node.targets[0]): number(node.value.args[0])
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "torch.tensor"
    }
    expected = {f"{s.quantity}{s.layer if s.quantity in 'Wb' else ''}": s.value for s in t.given if s.layer is not None}
    assert set(given_) == set(expected) and all(same(given_[name], expected[name]) for name in expected)

    compared = {ast.literal_eval(call.args[0]): call for call in calls(tree, "compare")}
    wanted = {}
    for step in t:
        name = step.quantity if step.quantity in ("loss_term", "dL_dx") else f"{step.quantity}{step.layer}"
        if step.quantity == "loss":
            wanted |= {"losses": step.value[:-1], "loss": step.value[-1]}
        elif step.quantity != "da_dz" and not fused_error(t, step):
            wanted[name] = step.value
    assert list(compared) == list(wanted)
    finite = all(np.isfinite(step.value).all() for step in (*t.given, *t))
    for name, call in compared.items():
        _name, here, app, atol = call.args
        assert same(number(app), wanted[name]), name
        assert not finite or isinstance(number(atol), float) or t_has_formula(t), name
        where = {"dL_dx": "x.grad"}.get(name, f"{name[4:]}.grad" if name.startswith("dL_") else name)
        assert ast.unparse(here) == where


def t_has_formula(t: Trace) -> bool:
    return any(row.name == "formula" for row in t.network.activations)


def used(tree: ast.AST, module: str) -> set[str]:
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == module}  # fmt: skip


@pytest.mark.parametrize("iteration", [0, 3])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_carries_its_numbers(name, iteration):
    t = trace(example(name), iteration)
    assert_carries(t, to_torch(t, example(name).title))


@settings(max_examples=60)
@given(strategies.lessons())
def test_random_lessons_carry_their_numbers_and_call_only_what_there_is(lesson):
    t = trace(lesson, 1)
    text = to_torch(t, lesson.title)
    assert_carries(t, text)
    tree = ast.parse(text)
    for module, names in KNOWN.items():
        assert used(tree, module) <= names, used(tree, module) - names
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    loaded = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in ("math", "F", "inf", "nan")
    }
    assert loaded == imported & {"math", "F", "inf", "nan"}


def lines(t: Trace, name: str) -> str:
    """The right side of an assignment of the script."""
    for node in ast.walk(ast.parse(to_torch(t))):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.unparse(node.value)
    raise KeyError(name)


def small(activation, loss: str = "squared_error", **more) -> Trace:
    fields = {
        "layers": [1, 2],
        "activations": [activation],
        "loss": loss,
        "weights": [[[0.5], [-0.25]]],
        "inputs": [[2.0]],
        "targets": [[0.25, 0.75]],
        "learning_rate": 0.1,
    }
    return trace(Lesson(**{**fields, **more}))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_pytorch_has_every_activation_of_the_table_itself(name):
    own = {"linear": "z1", "leaky_relu": "F.leaky_relu(z1, negative_slope=0.2)", "softplus": "F.softplus(z1, threshold=40)", "softmax": "F.softmax(z1, dim=1)"}  # fmt: skip
    line = lines(small(name, leaky_slope=0.2), "a1")
    module = "torch" if name in ("sigmoid", "tanh", "relu") else "F"
    assert line == own.get(name, f"{module}.{name}(z1)")


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("(a-t)^4", "(a1 - t) ** 4"),
        ("max(0, 1-a*t)", "torch.where(0 > -a1 * t + 1, 0, -a1 * t + 1)"),
        ("t^2", "t ** 2 + 0 * a1"),
        ("2", "2 + 0 * a1"),
    ],
)
def test_a_typed_loss_is_printed_so_that_pytorch_finds_its_way_back(text, term):
    assert lines(small("linear", {"formula": text}), "loss_term") == term


def test_behind_a_typed_loss_that_leaves_float64_nothing_is_compared():
    far = small("linear", {"formula": "atan(exp(9999*a))"}, weights=[[[1.0], [2.0]]], inputs=[[1.0]])
    assert far.network.sizes == (1, 2)
    assert not {far["dL_da", 1].number, far["dL_dW", 1].number} & met(far) and far["loss_term", 1].number in met(far)
    near = small("linear", {"formula": "atan(exp(a))"}, weights=[[[1.0], [2.0]]], inputs=[[1.0]])
    assert met(near) == {step.number for step in near}


@pytest.mark.parametrize("name", LOSSES)
def test_losses_are_taken_from_z_where_pytorch_can(name):
    expected = {
        "half_squared_error": "1 / 2 * (a1 - t) ** 2",
        "squared_error": "(a1 - t) ** 2",
        "mean_squared_error": "(a1 - t) ** 2 / 2",
        "binary_cross_entropy": "F.binary_cross_entropy_with_logits(z1, t, reduction='none')",
        "cross_entropy": "-t * F.log_softmax(z1, dim=1)",
    }
    assert lines(small(LOSSES[name].needs or "linear", name), "loss_term") == expected[name]


def test_typed_formulas_come_from_their_expression():
    assert lines(small({"formula": "z*tanh(ln(1+exp(z)))"}), "a1") == "z1 * torch.tanh(torch.log(torch.exp(z1) + 1))"
    assert lines(small({"formula": "max(z, 0)"}), "a1") == "torch.where(z1 > 0, z1, 0)"
    assert lines(small({"formula": "3"}), "a1") == "3 + 0 * z1", "a constant must not cut the graph"


def test_biases_tied_absent_or_left_alone():
    tied = to_torch(trace(example("towardsai")))
    assert "b1 = torch.tensor([0.35], requires_grad=True)" in tied and "b_new" not in tied
    assert 'compare("dL_db1", b1.grad' in tied
    bare = ast.parse(to_torch(trace(example("csdn"))))
    assert not [
        node
        for node in ast.walk(bare)
        if isinstance(node, ast.Name) and node.id.startswith("b") and node.id[1:].isdigit()
    ]


def test_what_has_left_float64_is_shown_not_compared():
    text = to_torch(small("linear", weights=[[[1e200], [1.0]]]))
    atol = {ast.literal_eval(c.args[0]): ast.unparse(c.args[3]) for c in calls(ast.parse(text), "compare")}
    assert float(atol["z1"]) > 0 and atol["loss_term"] == atol["loss"] == atol["dL_dW1"] == atol["W_new1"] == "None"
    assert "from torch import inf, nan" in text and "Every number that can be compared agrees." in text


def test_behind_a_typed_formula_whose_parts_leave_float64_gradients_are_shown_not_compared():
    text = to_torch(small({"formula": "min(z, exp(z))"}, inputs=[[1600.0]]))
    atol = {ast.literal_eval(c.args[0]): ast.unparse(c.args[3]) for c in calls(ast.parse(text), "compare")}
    assert atol["dL_da1"] != "None" and atol["dL_dz1"] == atol["dL_dW1"] == atol["W_new1"] == "None"


@pytest.mark.parametrize(
    "title",
    ['"""\nimport os\n"""', "\r\nraise SystemExit", "\\", "'''", "\x0c\x00\u2028x = 1", "# -*- coding: utf-7 -*-", "{loss} %s {0}", "𝛛" * 200],
)  # fmt: skip
def test_a_hostile_title_changes_nothing(title):
    t = trace(example("neuron"))
    script = to_torch(t, title)
    assert ast.dump(ast.parse(script.encode())) == ast.dump(ast.parse(to_torch(t)))
    assert script.encode().decode() == script and script != to_torch(t)
