"""An explanation as TeX for KaTeX: a table of columns, so that every factor keeps its column and colour from ∂ to digits.

Rows: the rule as partial derivatives, the factors written out, the numbers put in, their values, and the answer alone in
its frame. Each row carries as many digits as make the shown answer follow from the numbers shown; rounded numbers are
joined with ≈. A sum with many terms is written with Σ and its first and last terms; the CSV has it in full.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import sympy as sp

from backprop.engine.steps import Trace
from backprop.explain import numerals, symbols
from backprop.explain.derivation import Explanation
from backprop.explain.measure import WIDTH, in_digits, visible
from backprop.explain.readings import (
    Reader,
    Sigma,
    Style,
    as_numbers,
    as_partials,
    as_symbols,
    as_values,
    bracketed_if_negative,
    constant,
    digits_for_numbers,
    digits_for_parts,
    digits_for_values,
    exact,
    joined,
    kept_places,
    powered,
)
from backprop.explain.terms import Local, Node, Product, Sum, fill, leaves, tex_template, true_value
from backprop.language import _


@dataclass(frozen=True)
class _Row:
    """One line: a label, the sign before it, and a text per column (operators included)."""

    label: str
    sign: str
    texts: tuple[str, ...]


# --- rows


def _columns(node: Node) -> tuple[tuple[Node, ...], str, Sum | None]:
    """The columns of the table and the operator between them."""
    if isinstance(node, Product):
        return node.factors, r"\cdot", None
    if isinstance(node, Sum) and len(node.terms) > 1:
        return node.terms, "+", node
    if isinstance(node, Sum):
        return _columns(node.terms[0])
    return (node,), "", None


def _rows(explanation: Explanation, trace: Trace, style: Style, shorten: int, stacked: bool) -> list[_Row]:
    """The rows of the table; stacked: sums among the numbers are broken in two lines."""
    node = explanation.part
    derivative = any(leaf.partial for leaf in leaves(node))
    alone = isinstance(node, Local)
    more, most = digits_for_numbers(node, trace, style.digits), digits_for_values(node, trace, style.digits)

    def line(label: str, sign: str, reader: Reader) -> _Row:
        texts = tuple(_cells(node, reader, shorten))
        return _Row(
            label, sign, tuple(rf"\displaystyle {text}" if alone and "frac" in text else text for text in texts)
        )

    symbol = Sigma(style, as_symbols(style), r"\,")
    rows = []
    if derivative and not alone:
        rows.append(line("", "=", Sigma(style, as_partials(style), r"\,")))
        rows.append(line(_("factors"), "=", symbol))
    elif alone and isinstance(node, Local) and node.origin:
        rows.append(_Row("", "=", (origin(node, style),)))  # d/dz of what?
        rows.append(line(_("written out"), "=", symbol))
    else:
        rows.append(line("", "=", symbol))
    if not (alone and isinstance(node, Local) and (not node.bound or (style.hidden and node.expr.has(sp.Piecewise)))):
        rows.append(  # which case of a function holds is the answer, while that is hidden
            line(
                _("numbers"),
                "=" if exact(node, trace, more, False) else r"\approx",
                Reader(style, as_numbers(trace, style, more), r" \cdot ", stacked=stacked),
            )
        )
    values = Reader(
        style,
        as_values(trace, most),
        r" \cdot ",
        lambda product: bracketed_if_negative(numerals.tex(true_value(product, trace), most)),
    )
    collapsed = (
        any(isinstance(leaf, Local) for leaf in leaves(node))
        or isinstance(node, Sum)
        or any(isinstance(f, Sum) for f in getattr(node, "factors", ()))
    )
    if collapsed and not alone and not style.hidden:
        row = line(_("values"), "=" if exact(node, trace, most, True) else r"\approx", values)
        if row.texts != rows[-1].texts:
            rows.append(row)
    return rows


def _cells(node: Node, reader: Reader, shorten: int) -> list[str]:
    """A row's texts, operators between them; a long sum at the top is shortened here."""
    columns, operator, total = _columns(node)
    if total is None:
        texts = [
            reader.bracketed(column, shorten) if isinstance(column, Sum) else reader.node(column, place == 0, shorten)
            for place, column in enumerate(columns)
        ]
        return _with(texts, [operator] * (len(texts) - 1))
    if shorten and len(columns) > 3:
        return [reader.sum(total, shorten)]
    texts = [
        reader.node(column, False if isinstance(column, Product) and reader.collapse else place == 0, shorten)
        for place, column in enumerate(columns)
    ]
    return _with(texts, ["-" if place in total.minus else "+" for place in range(1, len(columns))])


def _with(texts: list[str], operators: list[str]) -> list[str]:
    out = [texts[0]]
    for operator, text in zip(operators, texts[1:], strict=True):
        out += [operator, text]
    return out


def origin(leaf: Local, style: Style) -> str:
    """d/dz of the function, for a step that is one local derivative."""
    assert leaf.origin and leaf.partial
    expr, _letter = leaf.origin
    bound = {**dict(leaf.bound), leaf.origin[1]: leaf.partial[1]}
    if "t" not in bound and leaf.partial[1].quantity == "a":
        bound["t"] = leaf.partial[1]._replace(quantity="t")
    body = fill(
        tex_template(expr),
        lambda name: symbols.tex(bound[name], style.convention) if name in bound else constant(leaf, name),
        powered(style.convention),
    )
    below = symbols.tex(leaf.partial[1], style.convention)
    share = "" if leaf.over == 1 else rf"\tfrac{{1}}{{{leaf.over}}}\,"
    text = rf"{share}\dfrac{{\partial}}{{\partial {below}}}\left[\displaystyle {body}\right]"
    colour = style.colours.get(leaf.kind, style.colours.get("plain"))
    return rf"\textcolor{{{colour}}}{{{text}}}" if colour else text


# --- the table


def frame(text: str, style: Style) -> str:
    """The answer in its frame; a hidden one is an empty space of one size, which tells neither sign nor length."""
    if style.hidden:
        text = rf"\phantom{{\rule{{{0.575 * (style.digits + 3):.2f}em}}{{0.644em}}}}"
    return rf"\fcolorbox{{{style.colours['result']}}}{{{style.colours['wash']}}}{{$\textcolor{{{style.colours['result']}}}{{\mathbf{{{text}}}}}$}}"


def _label(text: str, style: Style) -> str:
    return rf"\textcolor{{{style.colours['mute']}}}{{\footnotesize\textit{{{text}}}}}" if text else ""


def answer(value: float, style: Style) -> str:
    return numerals.tex(value, style.digits)


def _left(explanation: Explanation, trace: Trace, style: Style) -> str:
    """What stands left of the first equals sign."""
    cell = explanation.cell
    name = symbols.tex(cell, style.convention)
    if explanation.parts:
        name = rf"\tfrac{{1}}{{{trace.samples}}}" + symbols.partial(
            symbols.loss(explanation.sample, style.convention), symbols.tex(symbols.of(cell), style.convention)
        )
    return name.replace(r"\frac", r"\dfrac", 1)


def _width(rows: list[_Row]) -> int:
    """About how many digits wide the widest row of numbers is."""
    return max(sum(visible(text) for text in row.texts) + len(row.texts) // 2 for row in rows)


def _table_width(rows: list[_Row]) -> int:
    """About how many digits wide the table is: each column as wide as its widest text, of symbols or of numbers."""
    wide = max(len(row.texts) for row in rows)
    columns = zip(*(map(in_digits, row.texts) for row in rows if len(row.texts) == wide), strict=True)
    return sum(map(max, columns)) + wide // 2


OPERATORS = {sign: rf"\kern-0.35em {sign} \kern-0.35em" for sign in (r"\cdot", "+", "-")}
"""A column of operators is drawn in: KaTeX's own spacing would cost 37 px each."""


def _gap(line: str, stacked: bool) -> str:
    """The room below a line: more under fractions; less where a broken sum needs a line of its own."""
    if "dfrac" in line or ("displaystyle" in line and "frac" in line):
        return "6pt" if stacked else "12pt"
    if stacked:
        return "1pt"
    return "5pt" if "frac" in line or "cases" in line else "3pt"


def display(explanation: Explanation, trace: Trace, style: Style) -> str:
    """The whole table as one KaTeX array, for a projector."""
    style = style.of(trace)
    for shorten, stacked in ((0, False), (1, False), (2, False), (2, True)):
        rows = _rows(explanation, trace, style, shorten, stacked)
        width = _width([row for row in rows if row.label] or rows)
        if width <= (WIDTH if shorten < 2 else WIDTH * 1.2):
            break
    whole = _table_width(rows) + (3 if stacked else 0)  # brackets two lines high are wider
    nearly = width <= WIDTH * 1.12 and whole <= WIDTH * 1.2
    size = "" if max(width, whole) <= WIDTH else r"\small " if nearly else r"\footnotesize "
    wide = max(len(row.texts) for row in rows)
    lines = []
    for place, row in enumerate(rows):
        left = _left(explanation, trace, style) if place == 0 else _label(row.label, style)
        texts = list(row.texts)
        if len(texts) == 1 and wide > 1:
            texts = [rf"\mathrlap{{\displaystyle {texts[0]}}}"]
        lines.append(" & ".join([left, row.sign, *(OPERATORS.get(text, text) for text in texts)]))
    gaps = [_gap(line, stacked) for line in lines]
    value = true_value(explanation.part, trace) if explanation.parts else explanation.value
    sign = "=" if style.hidden or numerals.rounded(value, style.digits) == value else r"\approx"
    if not explanation.parts:
        lines.append(rf" & {sign} & {frame(answer(value, style), style)}")
    body = lines[0]
    for gap, line in zip(gaps, lines[1:], strict=False):
        body += rf" \\[{gap}] {line}"
    table = rf"{size}\begin{{array}}{{rc{'c' * wide}}} {body} \end{{array}}"
    if not explanation.parts:
        return table
    return rf"\begin{{array}}{{l}} {table} \\[9pt] {symbols.tex(explanation.cell, style.convention)} \;=\; {_batch(explanation, trace, style)} \end{{array}}"


def _batch(explanation: Explanation, trace: Trace, style: Style) -> str:
    """The samples' parts, added up."""
    values = [true_value(part, trace) for part in explanation.parts]
    kept = kept_places(len(values), 0 if len(values) <= 5 else 1)
    more = digits_for_parts(values, style.digits)
    texts = [
        r"\cdots"
        if place is None
        else "?"
        if style.hidden
        else bracketed_if_negative(numerals.tex(values[place], more))
        for place in kept
    ]
    texts = [
        rf"\underline{{{text}}}" if place == explanation.sample - 1 else text
        for place, text in zip(kept, texts, strict=True)
    ]
    sign = "=" if style.hidden or numerals.rounded(explanation.value, style.digits) == explanation.value else r"\approx"
    return rf"{joined(texts)} \;{sign}\; {frame(answer(explanation.value, style), style)}"


def narrow(explanation: Explanation, trace: Trace, style: Style) -> str:
    """The same for a phone: the rule, then one factor a line, then the product."""
    style = style.of(trace)
    node = explanation.part
    columns, _operator, total = _columns(node)
    left = _left(explanation, trace, style)
    symbol, sigma = Sigma(style, as_symbols(style), r"\,"), Sigma(style, as_partials(style), r"\,")
    more, most = digits_for_numbers(node, trace, style.digits), digits_for_values(node, trace, style.digits)
    numbers, values = (
        Reader(style, as_numbers(trace, style, more), r" \cdot "),
        Reader(
            style,
            as_values(trace, most),
            r" \cdot ",
            lambda product: bracketed_if_negative(numerals.tex(true_value(product, trace), most)),
        ),
    )
    lines: list[str] = []
    if total is not None or len(columns) == 1:
        written_out = _cells(node, symbol, 2)
        lines.append(rf"{left} & = & {' '.join(written_out)}")
        shorten = 1 if len(columns) > 3 else 0
        put = _cells(node, numbers, shorten)
        if style.hidden and isinstance(node, Local) and node.expr.has(sp.Piecewise):
            pass
        elif len(put) > 3:
            lines += [rf"& {'=' if place == 0 else put[place - 1]} & {put[place]}" for place in range(0, len(put), 2)]
        else:
            lines.append(rf"& \approx & {' '.join(put)}")
    else:
        chain = [
            sigma.bracketed(c, 1) if isinstance(c, Sum) else sigma.node(c, place == 0, 1)
            for place, c in enumerate(columns)
        ]
        lines.append(rf"{left} & = & " + r" \cdot ".join(chain))
        for column in columns:
            head = (
                sigma.node(column, True, 2).replace(r"\dfrac", r"\frac") if not isinstance(column, Sum) else r"\Sigma"
            )
            written = symbol.node(column, True, 2)
            number, value = numbers.node(column, True, 2), "" if style.hidden else values.node(column, True, 2)
            if isinstance(column, Sum) and not style.hidden:
                value = numerals.tex(true_value(column, trace), most)
            if isinstance(column, (Local, Sum)):
                lines.append(rf"{head} & = & {written}")
                lines.append(rf"& \approx & {number}" + (rf" \approx {value}" if value else ""))
            else:
                lines.append(rf"{head} & = & {written} = {number}" if head != written else rf"{head} & = & {number}")
        if not style.hidden and len(columns) > 1:
            factors = [true_value(column, trace) for column in columns]
            enough = digits_for_parts(factors, style.digits, math.prod)
            lines.append(
                rf"{left} & \approx & "
                + r" \cdot ".join(bracketed_if_negative(numerals.tex(f, enough)) for f in factors)
            )
    if explanation.parts:
        lines.append(rf"{symbols.tex(explanation.cell, style.convention)} & = & {_batch(explanation, trace, style)}")
    else:
        lines.append(rf"& = & {frame(answer(explanation.value, style), style)}")
    gaps = ["16pt" if "dfrac" in line else "9pt" if "frac" in line else "6pt" for line in lines[:-1]]
    body = "".join(rf"{line} \\[{gap}] " for line, gap in zip(lines, gaps, strict=False)) + lines[-1]
    return rf"\begin{{array}}{{rcl}} {body} \end{{array}}"
