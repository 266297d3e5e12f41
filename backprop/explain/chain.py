"""The chain rule along every path of a number, as one TeX table: a path a line, a factor a column, in one of three readings."""

from __future__ import annotations

from collections.abc import Callable

from backprop.engine.steps import Trace
from backprop.explain import numerals, symbols
from backprop.explain.measure import WIDTH, in_digits
from backprop.explain.paths import Ledger, Path, nested
from backprop.explain.readings import (
    Reader,
    Style,
    as_numbers,
    as_partials,
    as_symbols,
    as_values,
    digits_for_numbers,
    digits_for_parts,
    digits_for_values,
)
from backprop.explain.terms import Const, Local, Ref, Sum, true_value
from backprop.explain.typeset import OPERATORS, answer, frame
from backprop.language import plural

DOT = r"\cdot"
MOST_LINES = 4
"""Paths written out; of more the number is told."""
PAGE = WIDTH * 968 / 640
"""Digits that fit into the width of the page."""


def chain(trace: Trace, found: Ledger, reading: str, style: Style, narrow: bool = False) -> str:
    """The table of a ledger. reading: "partials", "factors" or "numbers"; with numbers each path has its product, and the sum its frame.

    narrow: for a phone, where factors stand close and a product has a line of its own
    """
    style = style.of(trace)
    shown = found.paths[:MOST_LINES]
    numbers = reading == "numbers"
    enough = digits_for_parts([*(path.value for path in shown), _left_out(found)], style.digits)
    texts = _texts(trace, shown, reading, style, enough, False)
    if narrow or _width(texts) > PAGE * 1.1:
        texts = _texts(trace, shown, reading, style, enough, True)
    whole = numbers and (found.count > 1 or len(found.paths[0].factors) > 1)
    rows = []
    name = symbols.tex(found.gradient, style.convention).replace(r"\frac", r"\dfrac", 1)
    if found.parts:
        name = rf"\tfrac{{1}}{{{trace.samples}}}" + symbols.partial(
            symbols.loss(found.sample, style.convention), symbols.tex(found.cell, style.convention)
        ).replace(r"\frac", r"\dfrac", 1)
    times = rf" {DOT} " if narrow else rf" & {OPERATORS[DOT]} & "
    for place, (path, factors) in enumerate(zip(shown, texts, strict=True)):
        sign = "=" if numerals.rounded(path.value, enough) == path.value else r"\approx"
        equals = rf" \\[3pt] & {sign} & " if narrow else f" & {sign} & "
        product = rf"{equals}{numerals.tex(path.value, enough)}" if whole else ""
        rows.append(f"{name if place == 0 else ''} & {'+' if place else '='} & {times.join(factors)}{product}")
    if found.count > len(shown):
        rows.append(rf" & + & \mathrlap{{\cdots\;\text{{{_more(found.count - len(shown))}}}}}")
    if whole:
        own = found.total if found.parts else trace.at(found.gradient)
        sign = "=" if numerals.rounded(own, style.digits) == own else r"\approx"
        rows.append(rf" & {sign} & \mathrlap{{{frame(answer(own, style), style)}}}")
    width = _width(texts) + (10 if whole else 0)
    size = r"\small " if narrow or PAGE < width <= PAGE * 1.12 else "" if width <= PAGE else r"\footnotesize "
    gap = "10pt" if reading == "partials" else "6pt"
    columns = "l" if narrow else "c" * (2 * len(texts[0]) - 1) + ("cl" if whole else "")
    body = rf" \\[{gap}] ".join(rows)
    return rf"{size}\begin{{array}}{{rc{columns}}} {body} \end{{array}}"


def _texts(
    trace: Trace, shown: tuple[Path, ...], reading: str, style: Style, enough: int, brief: bool
) -> list[list[str]]:
    """The factors of every path. brief: a slope by its name or its value instead of its formula, where there is no room."""
    texts = []
    for row, path in enumerate(shown):
        if reading == "partials":
            leaf = as_partials(style)
        elif reading == "factors":
            leaf = _slopes_named(trace, style) if brief else as_symbols(style)
        elif brief:
            leaf = as_values(trace, digits_for_values(path.chain, trace, enough))
        else:
            leaf = as_numbers(trace, style, digits_for_numbers(path.chain, trace, enough))
        reader = Reader(style, leaf, f" {DOT} ")
        texts.append([reader.node(factor, row + place == 0) for place, factor in enumerate(path.chain.factors)])
    return texts


def _slopes_named(trace: Trace, style: Style) -> Callable[[Ref | Local | Const], str]:
    full = as_symbols(style)

    def leaf(leaf: Ref | Local | Const) -> str:
        if isinstance(leaf, Local) and leaf.kind == "slope" and leaf.partial and leaf.cell and not leaf.cell.from_unit:
            name = trace.network.activations[(leaf.cell.layer or 1) - 1].name
            letter = symbols.slope_letter(name, style.convention).replace("σ′", r"\sigma'").replace("′", "'")
            return rf"{letter}({symbols.tex(leaf.partial[1], style.convention)})"
        return full(leaf)

    return leaf


def _width(texts: list[list[str]]) -> float:
    """About how many digits wide the table is: each column as wide as its widest text, the signs, and what stands on the left."""
    widths = [max(map(in_digits, column)) for column in zip(*texts, strict=True)]
    return sum(widths) + 2 * len(widths) + 7


def _left_out(found: Ledger) -> float:
    """The sum of the paths that have no line."""
    return found.total - sum(path.value for path in found.paths[:MOST_LINES])


def _more(others: int) -> str:
    return plural("{count} more path", "{count} more paths", others).format(count=numerals.count(others))


def together(trace: Trace, found: Ledger, reading: str, style: Style) -> str:
    """The same with the sum taken first, as the backward pass does it, in TeX; empty where there is one path."""
    node = nested(trace, found.cell, found.sample)
    if node is None or reading == "partials":
        return ""
    style = style.of(trace)
    leaf = (
        as_numbers(trace, style, digits_for_numbers(node, trace, style.digits))
        if reading == "numbers"
        else as_symbols(style)
    )
    reader = Reader(style, leaf, f" {DOT} ")
    body = reader.bracketed(node, 0) if isinstance(node, Sum) else reader.node(node)
    if reading != "numbers":
        return body
    value = true_value(node, trace)
    sign = "=" if numerals.rounded(value, style.digits) == value else r"\approx"
    return rf"{body} \;{sign}\; {frame(answer(value, style), style)}"
