"""A row of ACTIVATIONS or LOSSES by itself in TeX: its formula, SymPy's own derivative of it, and the slope as textbooks write it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import sympy as sp

from backprop.engine import activations
from backprop.engine.activations import Activation
from backprop.engine.losses import Loss
from backprop.explain import symbols
from backprop.explain.conventions import DEFAULT, Convention
from backprop.explain.readings import powered
from backprop.explain.terms import fill, tex_template


class Rule(NamedTuple):
    """name = text, both TeX; more: a second rule that stands beside it, or None."""

    name: str
    text: str
    more: Rule | None = None

    def tex(self, colour: str) -> str:
        """The line, its name in a colour."""
        line = rf"\textcolor{{{colour}}}{{{self.name}}} = {self.text}"
        return line if self.more is None else rf"{line},\;\;\;{self.more.tex(colour)}"


class Rules(NamedTuple):
    """formula; derived: SymPy's derivative; slope: the textbook's; fused: ∂L/∂z of a loss with its own output activation."""

    formula: Rule
    derived: Rule
    slope: Rule
    fused: Rule | None = None


def written(expr: sp.Expr, convention: Convention = DEFAULT) -> str:
    """A formula of the tables in the convention's letters."""
    letters = {
        "z": convention.pre,
        "a": convention.act,
        "t": convention.target,
        "alpha": r"\alpha",
        "z1": f"{convention.pre}_{{1}}",
        "z2": f"{convention.pre}_{{2}}",
        "a1": f"{convention.act}_{{1}}",
        "a2": f"{convention.act}_{{2}}",
    }
    return fill(tex_template(expr), lambda letter: letters.get(letter, letter), powered(convention))


@lru_cache(maxsize=512)
def of_activation(row: Activation, derived: sp.Expr, convention: Convention = DEFAULT) -> Rules:
    """derived: SymPy's derivative of the row. Of a vector activation two outputs are written, the first one by the first z."""
    z, f = convention.pre, convention.function
    if row.vector:
        zs, (one, other) = sp.symbols("z1 z2", real=True), sp.symbols("a1 a2", real=True)
        by = symbols.partial(f"{convention.act}_{{1}}", f"{z}_{{1}}")
        across = symbols.partial(f"{convention.act}_{{2}}", f"{z}_{{1}}")
        first = activations.softmax_slope(one, one)
        return Rules(
            Rule(f"{convention.act}_{{1}}", written(activations.softmax_formula(zs, 0), convention)),
            Rule(by, written(derived, convention)),
            Rule(
                by,
                written(first, convention),
                Rule(across, written(activations.softmax_slope(other, one), convention)),
            ),
        )
    return Rules(
        Rule(f"{f}({z})", written(row.formula, convention)),
        Rule(f"{f}'({z})", written(derived, convention)),
        Rule(f"{f}'({z})", written(row.slope, convention)),
    )


@lru_cache(maxsize=512)
def of_loss(row: Loss, derived: sp.Expr, convention: Convention = DEFAULT) -> Rules:
    """derived: SymPy's derivative of the row's term."""
    by = symbols.partial(convention.term, convention.act)
    fused = None
    if row.fused is not None:
        fused = Rule(symbols.partial(convention.loss, convention.pre), written(row.fused, convention))
    return Rules(
        Rule(convention.term, written(row.term, convention)),
        Rule(by, written(derived, convention)),
        Rule(by, written(row.slope, convention)),
        fused,
    )
