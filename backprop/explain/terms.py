"""A rule as a small tree, and its readings: SymPy, numbers, plain ASCII.

A tree is made of sums and products whose leaves are cells of the trace (Ref), formulas of the engine's tables with
their letters bound to cells (Local), or constants (Const). The same tree is read as partial derivatives, as factors
written out, with numbers put in, and as values; so these lines cannot disagree. typeset.py reads it as TeX.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols

KINDS = ("in", "weight", "error", "slope", "delta", "loss", "update", "plain")
"""What a factor is; its colour everywhere. in: what came in · error: at an output · delta: ∂L/∂z from the right."""


@dataclass(frozen=True)
class Ref:
    """A number of the trace, standing for itself. partial: (above, below) cells it is the derivative of, in the rule row."""

    cell: Cell
    kind: str = "plain"
    partial: tuple[Cell, Cell] | None = None


@dataclass(frozen=True)
class Local:
    """A formula of a table row, its letters bound to cells; `value` is the trace's own (stable) number for it.

    cell: where in the network that number lives, if anywhere
    over: what it is divided by: the number of samples, where it is a sample's part of a mean
    origin: (function, letter) of which it is the derivative, for the rule row of a step that is this derivative alone
    """

    expr: sp.Expr
    bound: tuple[tuple[str, Cell], ...]
    value: float
    kind: str = "plain"
    partial: tuple[Cell, Cell] | None = None
    cell: Cell | None = None
    constants: tuple[tuple[str, float], ...] = ()
    origin: tuple[sp.Expr, str] | None = None
    over: int = 1


@dataclass(frozen=True)
class Const:
    """A plain number such as 1 (∂z/∂b) or 1/m; tex is how it is written."""

    value: float
    tex: str
    ascii: str
    kind: str = "plain"
    partial: tuple[Cell, Cell] | None = None


@dataclass(frozen=True)
class Product:
    factors: tuple[Node, ...]


@dataclass(frozen=True)
class Sum:
    """Terms added up, those in `minus` (places in terms) subtracted.

    over, generic: the index letter and the term in it, for when there are so many terms that the rule is written with Σ;
    generic stands for all the leading terms that are alike, `tail` counts the terms after those (a bias)
    """

    terms: tuple[Node, ...]
    over: str = "k"
    minus: frozenset[int] = field(default_factory=frozenset)
    generic: Node | None = None
    tail: int = 0


Node = Ref | Local | Const | Product | Sum


def leaves(node: Node) -> Iterator[Ref | Local | Const]:
    """The leaves of a tree, from left to right."""
    if isinstance(node, Product):
        for factor in node.factors:
            yield from leaves(factor)
    elif isinstance(node, Sum):
        for term in node.terms:
            yield from leaves(term)
    else:
        yield node


def cells(node: Node) -> Iterator[tuple[Cell, str]]:
    """Every cell that a tree reads, with the kind in which it is read."""
    for leaf in leaves(node):
        if isinstance(leaf, Ref):
            yield leaf.cell, leaf.kind
        elif isinstance(leaf, Local):
            if leaf.cell is not None:
                yield leaf.cell, leaf.kind
            yield from ((cell, leaf.kind) for _name, cell in leaf.bound)


def expression(node: Node) -> tuple[sp.Expr, dict[sp.Symbol, Cell]]:
    """The tree as a SymPy expression in one symbol per cell, and which cell each symbol is."""
    found: dict[sp.Symbol, Cell] = {}

    def symbol(cell: Cell) -> sp.Symbol:
        made = sp.Symbol("_".join(str(part) for part in cell if part is not None), real=True)
        found[made] = cell
        return made

    def read(node: Node) -> sp.Expr:
        match node:
            case Ref():
                return symbol(node.cell)
            case Const():
                return sp.nsimplify(node.value, rational=True)
            case Local():
                free = {str(s): s for s in node.expr.free_symbols}
                bound = {free[name]: symbol(cell) for name, cell in node.bound if name in free}
                fixed = {free[name]: sp.Float(number, 17) for name, number in node.constants if name in free}
                return node.expr.xreplace({**bound, **fixed}) / node.over
            case Product():
                return sp.Mul(*(read(factor) for factor in node.factors), evaluate=False)
            case Sum():
                return sp.Add(
                    *(-read(term) if place in node.minus else read(term) for place, term in enumerate(node.terms)),
                    evaluate=False,
                )

    return read(node), found


# --- numbers


@lru_cache(maxsize=2048)
def _function(expr: sp.Expr, names: tuple[str, ...]) -> Callable[..., float]:
    ordered = {str(s): s for s in expr.free_symbols}
    return sp.lambdify([ordered.get(name, sp.Symbol(name)) for name in names], expr, modules="math")


def local_value(node: Local, look: Callable[[Cell], float]) -> float:
    """The formula of a Local computed from the given numbers of its cells; nan where it has no finite value."""
    names = tuple(name for name, _cell in node.bound) + tuple(name for name, _number in node.constants)
    numbers = [look(cell) for _name, cell in node.bound] + [number for _name, number in node.constants]
    try:
        return float(_function(node.expr, names)(*numbers)) / node.over
    except (ArithmeticError, ValueError, TypeError):  # the last of a root that is no real number
        return float("nan")


def evaluate(node: Node, look: Callable[[Cell], float], local: Callable[[Local], float]) -> float:
    """The value of a tree."""
    match node:
        case Ref():
            return look(node.cell)
        case Const():
            return node.value
        case Local():
            return local(node)
        case Product():
            result = 1.0
            for factor in node.factors:
                result *= evaluate(factor, look, local)
            return result
        case Sum():
            total = 0.0
            for place, term in enumerate(node.terms):
                value = evaluate(term, look, local)
                total += -value if place in node.minus else value
            return total


def true_value(node: Node, trace: Trace) -> float:
    """The value of a tree from the trace's full numbers."""
    return evaluate(node, trace.at, lambda leaf: leaf.value)


# --- printed formulas: SymPy prints each formula once, with marks where its letters stand

_OPEN, _CLOSE = "\x02", "\x03"
_MARK = re.compile(f"{_OPEN}(.*?){_CLOSE}")


class _Stand(sp.Dummy):
    """A letter that is sorted as what it stands for."""

    def __new__(cls, part: sp.Expr) -> _Stand:
        made = super().__new__(cls, "\x04", positive=True)
        made.name = f"\x04{made.dummy_index}"
        made.part = part
        return made

    def sort_key(self, order: object = None) -> object:
        return self.part.sort_key(order)


def _asked_long(part: sp.Basic) -> bool:
    """Is it a power whose exponent has letters and is negative all the same?"""
    if not isinstance(part, (sp.Pow, sp.exp)):
        return False
    _base, exponent = part.as_base_exp()
    return bool(exponent.free_symbols and exponent.is_negative)


class TexPrinter(LatexPrinter):
    """Prints a formula with a mark where each of its letters stands; `fill` puts the symbols in."""

    def _print_Symbol(self, expr: sp.Symbol, style: str = "plain") -> str:
        return f"{{{_OPEN}{expr.name}{_CLOSE}}}"

    def _print_Mul(self, expr: sp.Expr) -> str:
        """SymPy asks of a power with a negative exponent whether it is constant, and simplifies it for that: of sigmoids within
        sigmoids for minutes. Such factors are printed by themselves, and letters stand for them meanwhile."""
        slow = [part for part in expr.args if _asked_long(part)]
        if not slow:
            return super()._print_Mul(expr)
        letters = {part: _Stand(part) for part in slow}
        text = super()._print_Mul(sp.Mul(*(letters.get(part, part) for part in expr.args), evaluate=False))
        for part, letter in letters.items():
            text = text.replace(self._print_Symbol(letter), self._print(part))
        return text

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        z = sp.Symbol("z", real=True)
        rows = [
            rf"{self._print(value)} & \text{{if }} {self._print(condition) if condition != sp.true else self._otherwise(expr, z)}"
            for value, condition in expr.args
        ]
        return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"

    def _otherwise(self, expr: sp.Piecewise, z: sp.Symbol) -> str:
        first = expr.args[0][1]
        return self._print(sp.Not(first)) if len(expr.args) == 2 else r"\text{else}"


def nested_cases(expr: sp.Piecewise, write: Callable[[sp.Basic], str], choose: Callable[[str, str, str], str]) -> str:
    """if(condition, value, if(…)): the cases of a formula as calls of one function."""
    *cases, (last, _true) = expr.args
    text = write(last)
    for value, condition in reversed(cases):
        text = choose(write(condition), write(value), text)
    return text


class _AsciiPrinter(StrPrinter):
    def _print_Symbol(self, expr: sp.Symbol) -> str:
        return f"{_OPEN}{expr.name}{_CLOSE}"

    def _print_Float(self, expr: sp.Float) -> str:
        return numerals.full(float(expr))

    def _print_log(self, expr: sp.Expr) -> str:
        return f"ln({self._print(expr.args[0])})"

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        return nested_cases(expr, self._print, lambda *parts: f"if({', '.join(parts)})")


_FLAT = re.compile(r"\\left\((.*?)\\right\)")


@lru_cache(maxsize=1024)
def tex_template(expr: sp.Expr) -> str:
    text = TexPrinter({"mul_symbol": r"\,", "ln_notation": True, "fold_short_frac": False}).doprint(expr)
    return _FLAT.sub(lambda m: m[0] if r"\frac" in m[1] or r"\left" in m[1] else f"({m[1]})", text)


@lru_cache(maxsize=1024)
def ascii_template(expr: sp.Expr) -> str:
    return _AsciiPrinter().doprint(expr).replace("**", "^")


def fill(template: str, texts: Callable[[str], str], base: Callable[[str], str] = lambda text: text) -> str:
    """A printed formula with the marks of its letters replaced; `base` is put on what is raised to a power."""

    def put(mark: re.Match[str]) -> str:
        text = texts(mark[1])
        return base(text) if template.startswith("}^", mark.end()) else text

    return _MARK.sub(put, numerals.pointed_tex(template))


def active(expr: sp.Expr, look: dict[str, float]) -> sp.Expr:
    """A formula with its piecewise parts decided by the numbers at hand; other formulas as they are."""
    pieces = expr.atoms(sp.Piecewise)
    if not pieces:
        return expr
    chosen = {}
    for piece in pieces:
        for value, condition in piece.args:
            free = {s: look[str(s)] for s in condition.free_symbols} if condition != sp.true else {}
            if condition == sp.true or condition.subs(free) == sp.true:
                chosen[piece] = active(value, look)
                break
    return expr.xreplace(chosen)


# --- ASCII, for files


def ascii(node: Node, name: Callable[[Cell], str]) -> str:
    """The tree as a line of arithmetic; `name` writes a cell (its symbol, or its number in full)."""
    match node:
        case Ref():
            return name(node.cell)
        case Const():
            return node.ascii
        case Local():
            bound = dict(node.bound)
            fixed = dict(node.constants)
            text = fill(
                ascii_template(node.expr),
                lambda letter: name(bound[letter]) if letter in bound else _constant(fixed[letter]),
            )
            return text if node.over == 1 else f"({text})/{node.over}"
        case Product():
            return "*".join(_bracketed(factor, ascii(factor, name)) for factor in node.factors)
        case Sum():
            text = ""
            for place, term in enumerate(node.terms):
                sign = " - " if place in node.minus else " + " if text else ""
                part = ascii(term, name)
                if place in node.minus and (isinstance(term, Sum) or part.startswith("-")):
                    part = f"({part})"
                text += sign + part
            return text


def _constant(number: float) -> str:
    """A constant of a row: the count n as a whole number, others in full."""
    return str(number) if isinstance(number, int) else numerals.full(number)


def _bracketed(factor: Node, text: str) -> str:
    loose = isinstance(factor, Sum) and len(factor.terms) > 1
    if isinstance(factor, Local):
        loose = (isinstance(factor.expr, sp.Add) and factor.over == 1) or text.startswith("-")
    return f"({text})" if loose else text


def formula(node: Node, samples: int) -> str:
    """The tree with symbols: (dL_dz2[1]*W2[1,1] + …)*a1[1]*(1 - a1[1])*x[1]."""
    return ascii(node, lambda cell: symbols.ascii(cell, samples))


def substitution(node: Node, trace: Trace) -> str:
    """The tree with its numbers in full; negative ones in brackets."""

    def number(cell: Cell) -> str:
        text = numerals.full(trace.at(cell))
        return f"({text})" if text.startswith("-") else text

    return ascii(node, number)
