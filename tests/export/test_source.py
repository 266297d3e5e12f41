"""Formulas as code: NumPy text that computes what the engine computes, PyTorch text that is the same text, titles that do no harm."""

import ast
import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from backprop.engine import formula
from backprop.engine.activations import ACTIVATIONS, typed
from backprop.engine.losses import LOSSES
from backprop.export import source
from tests.strategies import TYPED

Z = np.array([[-800.0, -40.0, -2.5, -1e-9, 0.0], [1e-9, 0.3, 2.0, 40.0, 800.0]])
NEAR = Z[:, 2:3]
SCALAR = [row for row in ACTIVATIONS.values() if not row.vector]
MORE = ("(2*z)^(1/2)", "abs(z - 1)^2.5/pi", "e^(z/2)/sqrt(z) + 1/z^0.5", "tan(z) - 1e-20", "z^(-2)", "min(z, exp(z))")


def computed(text: str, **names) -> np.ndarray:
    """The value of NumPy text, as a notebook runs it."""
    known = {"np": np, "math": math, "erf": np.vectorize(math.erf)}
    with np.errstate(all="ignore"):
        return eval(text, known, names)


def close(came, expected) -> None:
    np.testing.assert_allclose(came, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("row", SCALAR, ids=lambda row: row.name)
def test_activations_and_slopes_hold_far_out_as_in_the_engine(row):
    expected = row.value(Z)
    came = computed(source.printed(source.steady(row.formula), "np", {"z": "z"}, row.constants), z=Z)
    close(came, expected)
    slope = computed(
        source.printed(source.steady(row.slope), "np", {"z": "z", "a": "a"}, row.constants), z=Z, a=expected
    )
    close(np.broadcast_to(slope, Z.shape), row.slope_at(Z, expected))


@pytest.mark.parametrize("text", TYPED + MORE)
def test_typed_formulas_are_printed_as_they_were_typed(text):
    row, z = typed(text), np.linspace(-3.1, 3.3, 41)
    close(computed(source.printed(row.formula, "np", {"z": "z"}), z=z), row.value(z))
    close(computed(source.printed(row.slope, "np", {"z": "z"}), z=z), row.slope_at(z, row.value(z)))


@pytest.mark.parametrize("text", TYPED + MORE)
def test_torch_text_is_the_numpy_text_by_other_names(text):
    for expr in (typed(text).formula, typed(text).slope):
        torch, numpy = (source.printed(expr, library, {"z": "z3"}) for library in ("torch", "np"))
        for name, its in (("torch.atan", "np.arctan"), ("torch.erf", "erf"), ("torch.", "np.")):
            torch = torch.replace(name, its)
        assert torch == numpy


@pytest.mark.parametrize("row", LOSSES.values(), ids=LOSSES)
def test_losses_and_their_slopes(row):
    z = np.array([[-2.0, 0.5, 1.5]])
    a = {"sigmoid": 1 / (1 + np.exp(-z)), "softmax": np.exp(z) / np.exp(z).sum()}.get(row.needs or "", z)
    t, names = np.array([[0.25, 0.0, 0.75]]), {"a": "a", "z": "z", "t": "t"}
    for expr, expected in ((row.term, row.term_at), (row.slope, row.slope_at), (row.term_z, row.term_at), (row.slope_z, row.slope_at)):  # fmt: skip
        if expr is not None:
            close(
                computed(source.printed(source.steady(expr), "np", names, {"n": 3}), z=z, a=a, t=t), expected(z, a, t)
            )


def test_constants_stand_as_their_numbers():
    row = ACTIVATIONS["leaky_relu"]
    assert source.printed(row.formula, "np", {"z": "z1"}, {"alpha": -0.2}) == "np.where(z1 > 0, z1, (-0.2)*z1)"
    assert source.printed(LOSSES["mean_squared_error"].slope, "np", {"a": "a2", "t": "t"}, {"n": 3}) == "2*(a2 - t)/3"
    assert (
        source.printed(typed("(2*z)^0.5 + 0.1").formula, "torch", {"z": "z1"}).count("math.sqrt(2)*torch.sqrt(z1)") == 0
    )
    assert source.printed(typed("(2*z)^(1/2)").formula, "torch", {"z": "z1"}) == "math.sqrt(2)*torch.sqrt(z1)"


def test_a_factor_of_zero_wins_over_an_infinite_value():
    z, t = sp.Symbol("z", real=True), sp.Symbol("t", real=True)
    text = source.printed(source.switched(t * sp.exp(z) - (1 - t) * (1 + sp.exp(-z)), z), "np", {"z": "z", "t": "t"})
    times = lambda factor, value: np.where(factor == 0, 0, factor * value)  # noqa: E731
    came = computed(text, z=np.array([800.0, -800.0]), t=np.array([0.0, 1.0]), times=times)
    assert came.tolist() == [-1.0, 0.0]


@pytest.mark.parametrize(
    ("text", "at", "out"),
    [
        ("max(z, exp(z))", 1.0, False),
        ("max(z, exp(z))", 800.0, True),
        ("min(z, sqrt(z))", 0.0, True),
        ("1/(1 + exp(-z))", -800.0, True),
        ("z*tanh(z)", 800.0, False),
        ("sqrt(z)", 2.0, False),
    ],
)
def test_where_the_chain_rule_cannot_follow_a_typed_formula(text, at, out):
    assert source.far_out(formula.parse(text, ("z",)), z=np.array([[0.5, at]])) is out


@given(st.lists(st.lists(st.floats(width=64), min_size=3, max_size=3), min_size=1, max_size=9))
def test_arrays_read_back_to_the_bit(rows):
    text = source.array(np.array(rows), "        ")
    back = eval(text, {"inf": math.inf, "nan": math.nan})
    assert [[x.hex() for x in row] for row in back] == [[x.hex() for x in row] for row in rows]


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("XOR", "XOR"),
        ("two\r\nlines\x0band\x85three\u2028four", "two lines and three four"),
        ("a\x00b\u202ec\ud800d", "a b c d"),
        ("  ", ""),
        ("x" * 300, "x" * 200),
        ('"""\\', '"""\\'),
    ],
)
def test_a_title_becomes_one_harmless_line(title, line):
    assert source.one_line(title) == line


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_any_text_is_a_comment_and_fits_a_docstring(text):
    assert ast.parse(source.comment(source.one_line(text) or "x")).body == []
    body = ast.parse(f'"""a {source.quoted(source.one_line(text))} b"""').body
    assert len(body) == 1 and ast.get_docstring(ast.Module(body, [])) is not None
