"""Activation functions: one row each. Menus, equations, plots, numbers, exports and tests all read the row.

A row holds the meaning (SymPy formula and the slope in its textbook form) and the numbers (NumPy, stable for every
float64 z). `tests/engine/test_activations.py` proves the slope equal to SymPy's own derivative and holds meaning and
numbers together, also at extremes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import sympy as sp

from backprop.engine import formula
from backprop.language import _, later

Array = np.ndarray
z, a, alpha = sp.Symbol("z", real=True), sp.Symbol("a", real=True), sp.Symbol("alpha", real=True)

LEAKY_SLOPE = 0.01


@dataclass(frozen=True, eq=False)
class Activation:
    """An activation a = f(z).

    name      as it stands in a lesson file
    title     as people say it
    formula   f(z), SymPy, in z (and alpha)
    slope     da/dz in textbook form, SymPy, in z and a = f(z) (and alpha)
    value     z (..., n) → a, same shape
    slope_at  (z, a) → da/dz, same shape; for a vector activation (..., n) → (..., n, n), index [..., i, j] = da_i/dz_j
    kinks     the z at which f has no derivative; the slope there is a convention
    constants the numbers behind the letters of the formula, such as alpha
    vector    every output depends on every z of the layer (softmax)
    spec      what a lesson file says for it
    """

    name: str
    title: str
    formula: sp.Expr
    slope: sp.Expr
    value: Callable[[Array], Array]
    slope_at: Callable[[Array, Array], Array]
    kinks: tuple[float, ...] = ()
    constants: Mapping[str, float] = field(default_factory=dict)
    vector: bool = False

    @property
    def spec(self) -> str | dict[str, str]:
        return self.name


def _sigmoid(z: Array) -> Array:
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def _sigmoid_slope(z: Array, a: Array) -> Array:
    """a(1−a), but from z: 1−a loses every digit once a rounds to 1."""
    e = np.exp(-np.abs(z))
    return e / (1.0 + e) ** 2


def _tanh_slope(z: Array, a: Array) -> Array:
    """1−a², but from z, for the same reason."""
    e = np.exp(-2.0 * np.abs(z))
    return 4.0 * e / (1.0 + e) ** 2


_erfc = np.frompyfunc(math.erfc, 1, 1)


def _normal_cdf(z: Array) -> Array:
    return 0.5 * np.asarray(_erfc(z * -math.sqrt(0.5)), dtype=float)


def _gelu_slope(z: Array, a: Array) -> Array:
    return _normal_cdf(z) + np.where(np.isinf(z), 0.0, z) * np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


def _softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _softmax_jacobian(z: Array, a: Array) -> Array:
    """a_i(δ_ij − a_j), with 1 − a_i taken as the sum of the other outputs, which keeps its digits where a_i rounds to 1."""
    n = a.shape[-1]
    jacobian = -a[..., :, None] * a[..., None, :]
    others = np.where(np.eye(n, dtype=bool), 0.0, a[..., None, :]).sum(axis=-1)
    jacobian[..., np.arange(n), np.arange(n)] = a * others
    return jacobian


def _leaky(slope: float) -> Activation:
    return Activation(
        "leaky_relu",
        later("leaky ReLU"),
        sp.Piecewise((z, z > 0), (alpha * z, True)),
        sp.Piecewise((sp.Integer(1), z > 0), (alpha, True)),
        lambda z: np.where(z > 0, z, slope * z),
        lambda z, a: np.where(z > 0, 1.0, slope),
        kinks=(0.0,),
        constants={"alpha": slope},
    )


_phi = (1 + sp.erf(z / sp.sqrt(2))) / 2

ACTIVATIONS: dict[str, Activation] = {
    row.name: row
    for row in (
        Activation("linear", later("linear"), z, sp.Integer(1), lambda z: z.copy(), lambda z, a: np.ones_like(z)),
        Activation("sigmoid", later("sigmoid"), 1 / (1 + sp.exp(-z)), a * (1 - a), _sigmoid, _sigmoid_slope),
        Activation("tanh", later("tanh"), sp.tanh(z), 1 - a**2, np.tanh, _tanh_slope),
        Activation(
            "relu",
            later("ReLU"),
            sp.Piecewise((z, z > 0), (0, True)),
            sp.Piecewise((sp.Integer(1), z > 0), (sp.Integer(0), True)),
            lambda z: np.maximum(z, 0.0),
            lambda z, a: (z > 0).astype(float),
            kinks=(0.0,),
        ),
        _leaky(LEAKY_SLOPE),
        Activation(
            "softplus",
            later("softplus"),
            sp.log(1 + sp.exp(z)),
            1 / (1 + sp.exp(-z)),
            lambda z: np.logaddexp(0.0, z),
            lambda z, a: _sigmoid(z),
        ),
        Activation(
            "elu",
            later("ELU"),
            sp.Piecewise((z, z > 0), (sp.exp(z) - 1, True)),
            sp.Piecewise((sp.Integer(1), z > 0), (sp.exp(z), True)),
            lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0.0))),
            lambda z, a: np.exp(np.minimum(z, 0.0)),
        ),
        Activation(
            "gelu",
            later("GELU"),
            z * _phi,
            _phi + z * sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi),
            lambda z: z * _normal_cdf(z),
            _gelu_slope,
        ),
        Activation(
            "silu",
            later("SiLU"),
            z / (1 + sp.exp(-z)),
            (1 + z * (1 - 1 / (1 + sp.exp(-z)))) / (1 + sp.exp(-z)),
            lambda z: z * _sigmoid(z),
            lambda z, a: _sigmoid(z) + z * _sigmoid_slope(z, a),
        ),
        Activation("softmax", later("softmax"), sp.exp(z), a * (1 - a), _softmax, _softmax_jacobian, vector=True),
    )
}


def softmax_formula(zs: tuple[sp.Expr, ...], i: int) -> sp.Expr:
    """a_i of a softmax layer with the pre-activations zs."""
    return sp.exp(zs[i]) / sp.Add(*(sp.exp(each) for each in zs))


def softmax_slope(a_i: sp.Expr, a_j: sp.Expr) -> sp.Expr:
    """da_i/dz_j of a softmax layer in textbook form; call it with the same symbol twice for i = j."""
    return a_i * (1 - a_i) if a_i == a_j else -a_i * a_j


@dataclass(frozen=True, eq=False)
class TypedActivation(Activation):
    """An activation that somebody typed as a formula in z; SymPy differentiates it."""

    text: str = ""

    @property
    def spec(self) -> dict[str, str]:
        return {"formula": self.text}


@lru_cache(maxsize=256)
def typed(text: str) -> TypedActivation:
    """The activation of a typed formula in z. Raises formula.FormulaError."""
    expr = formula.parse(text, ("z",))
    slope = sp.diff(expr, z)
    value_at, slope_at = formula.numeric(expr, ("z",)), formula.numeric(slope, ("z",))
    return TypedActivation("formula", text, expr, slope, value_at, lambda z, a: slope_at(z), text=text)


@lru_cache(maxsize=64)
def leaky_relu(slope: float) -> Activation:
    """Leaky ReLU with the given slope for z ≤ 0."""
    return ACTIVATIONS["leaky_relu"] if slope == LEAKY_SLOPE else _leaky(slope)


def activation(spec: str | Mapping[str, str], leaky_slope: float = LEAKY_SLOPE) -> Activation:
    """The row for what a lesson file says: a name of ACTIVATIONS or {"formula": "..."}.

    Raises ValueError (FormulaError for a formula) with one sentence.
    """
    if isinstance(spec, Mapping):
        return typed(spec["formula"])
    if spec not in ACTIVATIONS:
        raise ValueError(
            _("“{came}” is not an activation; allowed are {allowed}.").format(came=spec, allowed=", ".join(ACTIVATIONS))
        )
    return leaky_relu(leaky_slope) if spec == "leaky_relu" else ACTIVATIONS[spec]
