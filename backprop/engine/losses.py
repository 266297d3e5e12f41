"""Losses: one row each. The loss of a sample is the sum of a term per output; the loss of a batch is the mean over samples.

As with activations, a row holds the meaning (SymPy) and the numbers (NumPy). The cross-entropies and their gradients
are computed from z, so that a saturated output costs no digit and makes no NaN; their rows also hold the formulas in z
that are shown where an output saturates (|z| > SATURATED), because there the textbook ones would divide by zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy as sp

from backprop.engine import formula
from backprop.engine.activations import a, z
from backprop.language import _, later

Array = np.ndarray
t, n = sp.Symbol("t", real=True), sp.Symbol("n", real=True)

SATURATED = 15.0
"""From this |z| on a sigmoid or softmax output is so near to 0 or 1 that the rules in z are shown."""


@dataclass(frozen=True, eq=False)
class Loss:
    """A loss L = Σ_k term(a_k, t_k) of one sample.

    name       as it stands in a lesson file; title: as people say it
    term       SymPy, in a, t and n, the number of outputs
    slope      ∂term/∂a in textbook form, SymPy
    term_at    (z, a, t), each (m, n) → terms (m, n)
    slope_at   (z, a, t) → ∂term/∂a (m, n)
    needs      the output activation it is defined with, or None for any
    fused      ∂L/∂z of that pair, in a and t; fused_at: (z, a, t) → (m, n), exact also where a rounds to 0 or 1
    term_z, slope_z  the same as term and slope, written in z (binary cross-entropy)
    spec       what a lesson file says for it
    """

    name: str
    title: str
    term: sp.Expr
    slope: sp.Expr
    term_at: Callable[[Array, Array, Array], Array]
    slope_at: Callable[[Array, Array, Array], Array]
    needs: str | None = None
    fused: sp.Expr | None = None
    fused_at: Callable[[Array, Array, Array], Array] | None = None
    term_z: sp.Expr | None = None
    slope_z: sp.Expr | None = None

    @property
    def spec(self) -> str | dict[str, str]:
        return self.name


def _times(factor: Array, value: Array) -> Array:
    """factor·value with 0·∞ = 0: a target of 0 switches its term off, however far the output is."""
    return np.where(factor == 0.0, 0.0, factor * value)


def _grown(factor: Array, x: Array) -> Array:
    """factor·e^x, which leaves float64 only where the product does, not where e^x alone does."""
    half = np.exp(0.5 * x)
    return np.where(factor == 0.0, 0.0, factor * half * half)


def _softplus(z: Array) -> Array:
    return np.logaddexp(0.0, z)


def _both_tails(z: Array) -> tuple[Array, Array]:
    """σ(z) and 1 − σ(z) = σ(−z), each with all its digits."""
    e = np.exp(-np.abs(z))
    near, far = 1.0 / (1.0 + e), e / (1.0 + e)
    return np.where(z >= 0, near, far), np.where(z >= 0, far, near)


def _bce_term(z: Array, a: Array, t: Array) -> Array:
    return _times(t, _softplus(-z)) + _times(1.0 - t, _softplus(z))


def _bce_slope(z: Array, a: Array, t: Array) -> Array:
    return (1.0 - t + _grown(1.0 - t, z)) - (t + _grown(t, -z))


def _bce_fused(z: Array, a: Array, t: Array) -> Array:
    on, off = _both_tails(z)
    return (1.0 - t) * on - t * off


def _surprise(z: Array) -> Array:
    """−ln softmax(z), each (m, n), without cancellation: distance to the largest plus ln(1 + the others)."""
    largest = z.argmax(axis=-1)[..., None]
    top = np.take_along_axis(z, largest, axis=-1)
    others = np.exp(z - top)
    np.put_along_axis(others, largest, 0.0, axis=-1)
    return (top - z) + np.log1p(others.sum(axis=-1, keepdims=True))


def _ce_term(z: Array, a: Array, t: Array) -> Array:
    return _times(t, _surprise(z))


def _ce_slope(z: Array, a: Array, t: Array) -> Array:
    return -_grown(t, _surprise(z))


def _ce_fused(z: Array, a: Array, t: Array) -> Array:
    """a_k − t_k = Σ_j (a_k t_j − t_k a_j), because targets and outputs each sum to 1: exact where a_k rounds to t_k."""
    pairs = a[..., :, None] * t[..., None, :] - t[..., :, None] * a[..., None, :]
    return pairs.sum(axis=-1)


LOSSES: dict[str, Loss] = {
    row.name: row
    for row in (
        Loss(
            "half_squared_error",
            later("half squared error"),
            (a - t) ** 2 / 2,
            a - t,
            lambda z, a, t: 0.5 * (a - t) ** 2,
            lambda z, a, t: a - t,
        ),
        Loss(
            "squared_error",
            later("squared error"),
            (a - t) ** 2,
            sp.Mul(2, a - t, evaluate=False),
            lambda z, a, t: (a - t) ** 2,
            lambda z, a, t: 2.0 * (a - t),
        ),
        Loss(
            "mean_squared_error",
            later("mean squared error"),
            (a - t) ** 2 / n,
            sp.Mul(2, sp.Pow(n, -1), a - t, evaluate=False),
            lambda z, a, t: (a - t) ** 2 / a.shape[-1],
            lambda z, a, t: 2.0 * (a - t) / a.shape[-1],
        ),
        Loss(
            "binary_cross_entropy",
            later("binary cross-entropy"),
            -t * sp.log(a) - (1 - t) * sp.log(1 - a),
            (a - t) / (a * (1 - a)),
            _bce_term,
            _bce_slope,
            needs="sigmoid",
            fused=a - t,
            fused_at=_bce_fused,
            term_z=t * sp.log(1 + sp.exp(-z)) + (1 - t) * sp.log(1 + sp.exp(z)),
            slope_z=(1 - t) * (1 + sp.exp(z)) - t * (1 + sp.exp(-z)),
        ),
        Loss(
            "cross_entropy",
            later("cross-entropy"),
            -t * sp.log(a),
            -t / a,
            _ce_term,
            _ce_slope,
            needs="softmax",
            fused=a - t,
            fused_at=_ce_fused,
        ),
    )
}


@dataclass(frozen=True, eq=False)
class TypedLoss(Loss):
    """A loss whose term somebody typed as a formula in a and t; SymPy differentiates it. It goes with any output activation."""

    text: str = ""

    @property
    def spec(self) -> dict[str, str]:
        return {"formula": self.text}


@lru_cache(maxsize=256)
def typed(text: str) -> TypedLoss:
    """The loss of a typed formula in a and t, the term of one output. Raises formula.FormulaError."""
    term = formula.parse(text, ("a", "t"))
    slope = sp.diff(term, a)
    term_at, slope_at = formula.numeric(term, ("a", "t")), formula.numeric(slope, ("a", "t"))
    return TypedLoss(
        "formula", text, term, slope, lambda z, a, t: term_at(a, t), lambda z, a, t: slope_at(a, t), text=text
    )


def loss(spec: str | Mapping[str, str]) -> Loss:
    """The row for what a lesson file says: a name of LOSSES or {"formula": "..."}.

    Raises ValueError (FormulaError for a formula) with one sentence.
    """
    if isinstance(spec, Mapping):
        return typed(spec["formula"])
    if spec not in LOSSES:
        raise ValueError(
            _("“{came}” is not a loss; allowed are {allowed}.").format(came=spec, allowed=", ".join(LOSSES))
        )
    return LOSSES[spec]
