"""A row of ACTIVATIONS or LOSSES as a curve: its values and slopes over a stretch, and whether SymPy's derivative is the same.

A vector activation is looked at with two units of which the other one's z is 0, so that the output 1 is a function of one number.
Of a loss that needs its output activation, z is the one that gives the output a.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import sympy as sp

from backprop.engine import activations, formula
from backprop.engine.activations import ACTIVATIONS, Activation
from backprop.engine.losses import Loss

Array = np.ndarray
POINTS = 241


class Curve(NamedTuple):
    """x, value and slope (points,); through: of a loss, its slope by z, None for an activation."""

    x: Array
    value: Array
    slope: Array
    through: Array | None = None


def frozen(curve: Curve) -> Curve:
    for each in curve:
        if each is not None:
            each.setflags(write=False)
    return curve


# --- activations


def of_activation(row: Activation, z: Array, output: int = 0) -> Curve:
    """f and its slope at each z (points,). output: of a vector activation with two units, whose a is looked at, 0 or 1, as z of unit 0 moves."""
    z = np.asarray(z, dtype=float)
    with np.errstate(all="ignore"):
        if not row.vector:
            value = row.value(z)
            slope = np.asarray(row.slope_at(z, value), dtype=float)
            return Curve(
                z, value, np.where(np.isnan(value), np.nan, slope)
            )  # ln has no slope where it has no value, though 1/z has one
        pair = np.stack([z, np.zeros_like(z)], axis=-1)
        value = row.value(pair)
        return Curve(z, value[:, output], row.slope_at(pair, value)[:, output, 0])


@lru_cache(maxsize=256)
def activation_curve(row: Activation, reach: float, output: int = 0) -> Curve:
    """The same from −reach to reach."""
    return frozen(of_activation(row, np.linspace(-reach, reach, POINTS), output))


@lru_cache(maxsize=256)
def derived(row: Activation) -> sp.Expr:
    """SymPy's own derivative of the row's formula, its letters as they are; of softmax, of output 1 by z₁ of two."""
    if row.vector:
        one, other = sp.symbols("z1 z2", real=True)
        return sp.diff(activations.softmax_formula((one, other), 0), one)
    return sp.diff(row.formula, activations.z)


@lru_cache(maxsize=256)
def apart(row: Activation, reach: float = 8.0) -> float:
    """The largest disagreement of SymPy's own derivative with the row's slope from −reach to reach, away from the kinks."""
    curve = activation_curve(row, reach)
    letters = {sp.Symbol(name, real=True): sp.Float(number, 17) for name, number in row.constants.items()}
    letters |= {sp.Symbol("z1", real=True): activations.z, sp.Symbol("z2", real=True): sp.Integer(0)}
    slope = formula.numeric(derived(row).xreplace(letters), ("z",))(curve.x)
    kept = np.isfinite(slope) & np.isfinite(curve.slope) & ~np.isin(curve.x, row.kinks)
    return float(np.max(np.abs(slope[kept] - curve.slope[kept]), initial=0.0))


# --- losses


def of_loss(row: Loss, a: Array, t: float, outputs: int = 1) -> Curve:
    """A term of the loss at each output a (points,), its slope by a, and by the z of a sigmoid (or of a softmax over two) that gives a.

    outputs: n of the mean over outputs. What leaves the reals or float64 is nan or inf.
    """
    a = np.asarray(a, dtype=float)
    with np.errstate(all="ignore"):
        z = np.log(a) - np.log1p(-a)
        if row.needs is not None and ACTIVATIONS[row.needs].vector:
            through = ACTIVATIONS[row.needs]
            sides = [np.stack(pair, axis=-1) for pair in ((z, 0 * z), (a, 1 - a), (0 * a + t, 0 * a + 1 - t))]
        else:
            through = ACTIVATIONS["sigmoid"]
            sides = [np.repeat(each[:, None], outputs, axis=1) for each in (z, a, 0 * a + t)]
        term, slope = row.term_at(*sides), row.slope_at(*sides)
        slope = np.where(np.isnan(term), np.nan, slope)
        by_z = row.fused_at(*sides) if row.fused_at else slope * through.slope_at(sides[0], sides[1])
        return Curve(a, term[:, 0], slope[:, 0], by_z[:, 0])


@lru_cache(maxsize=512)
def loss_curve(row: Loss, t: float, outputs: int = 1, low: float = 0.0, high: float = 1.0) -> Curve:
    """The same from low to high, the ends left out, where a cross-entropy has no value."""
    edge = (high - low) / 4000
    return frozen(of_loss(row, np.linspace(low + edge, high - edge, POINTS), t, outputs))


@lru_cache(maxsize=256)
def loss_derived(row: Loss) -> sp.Expr:
    """SymPy's own derivative of the term by a."""
    return sp.diff(row.term, activations.a)


@lru_cache(maxsize=64)
def loss_apart(row: Loss) -> float:
    """The largest disagreement of SymPy's own derivative with the row's slope, in parts of the slope, for a from 0.05 to 0.95 and three targets."""
    a, worst = np.linspace(0.05, 0.95, 91), 0.0
    own = formula.numeric(loss_derived(row).xreplace({sp.Symbol("n", real=True): sp.Integer(1)}), ("a", "t"))
    for t in (0.0, 0.3, 1.0):
        slope, true = own(a, np.full_like(a, t)), of_loss(row, a, t).slope
        kept = np.isfinite(slope) & np.isfinite(true)
        worst = max(
            worst, float(np.max(np.abs(slope[kept] - true[kept]) / np.maximum(1.0, np.abs(true[kept])), initial=0.0))
        )
    return worst
