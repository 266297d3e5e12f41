"""The tab "As matrices": the same step number by number and as a product of matrices, forward and backward.

A row of a matrix is a single number's line; both carry in data-light the addresses of all cells that the line reads and
makes. A row of Wᵀ lights a column of W because they are the same cells: that is the transpose.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import NamedTuple

from backprop.engine.steps import Cell, Trace
from backprop.explain import inline, numerals, symbols
from backprop.explain.conventions import Convention
from backprop.explain.lines import stepwise
from backprop.explain.readings import digits_for_numbers, exact
from backprop.explain.terms import Const, Node, Ref, Sum, leaves
from backprop.explain.vectors import MAX_ROWS
from backprop.explain.words import to_html
from backprop.figures.marks import width_of
from backprop.language import _, later
from backprop.ui.explanation import COLOURS
from backprop.ui.following.matrix_blocks import BACKWARD, FORWARD, GRADIENT, MADE, Blocks
from backprop.ui.following.matrix_fit import (
    BETWEEN,
    NARROW,
    WIDE,
    axes,
    fit,
    folded,
    number,
    places_of,
    width_html,
)

NAMES = ("forward", "backward", "gradient")
WHY = later(
    "Forward, <in>a row of W</in> collects what comes into one unit. Backward, what one unit gets back comes through the edges it sent along, and these stand in <delta>a column of W</delta>. A product reads rows, so the column is laid down as a row: that is the transpose. The same numbers, read in the other direction."
)
WHY_TURNED = later(
    "Forward, <in>a column of W</in> collects what comes into one unit. Backward, what one unit gets back comes through the edges it sent along, and these stand in <delta>a row of W</delta>. A row vector reads columns, so the row is stood upright: that is the transpose. The same numbers, read in the other direction."
)
ALL, _SOME, _FEW = 99, 3, 2
"""How many terms of a sum are written."""
_TEXT, _HEADING, _INDENT = 16, 14, 6
_SIGNS, _TIMES = 34, 13
"""px of the signs and gaps on a single number's line, and of a dot or plus between two numbers."""


def matrix_html(
    trace: Trace, cell: Cell, sample: int, digits: int, convention: Convention, narrow: bool = False
) -> str:
    """The layer in which a number acts, as single numbers and as matrices: forward, backward, and the gradient of W.

    cell: a weight, bias, input, pre-activation or activation; sample: whose numbers are shown, from 1.
    Raises KeyError for any other cell, and for one that is not in the trace.
    """
    return _Tab(trace, cell, cell.sample or sample, digits, convention.of(trace), narrow).html()


class _Row(NamedTuple):
    """A single number's line: its cell, its rule as a tree, symbol and rule in HTML, and about how many px these take."""

    cell: Cell
    node: Node
    symbol: str
    rule: str
    width: float


class _Tab(Blocks):
    """The three lines of a layer: single numbers on the left, matrices on the right."""

    def __init__(
        self, trace: Trace, cell: Cell, sample: int, digits: int, convention: Convention, narrow: bool
    ) -> None:
        super().__init__(trace, cell, sample, convention)
        self.narrow = narrow
        self.nodes: dict[Cell, Node] = {}
        self.titles = [self._title(line) for line in range(3)]
        self.places = places_of(trace, self.acts, sample, MAX_ROWS, MAX_ROWS)
        least = [self._rows(line, _FEW) for line in range(3)]
        self.beside = max(
            *(row.width for rows in least for row in rows if row),
            *(len(title) * _HEADING * 0.5 for title in self.titles),
        )
        asked = (trace, self.acts, sample, digits, convention, narrow, self.beside, self.output)
        self.look = fit(*asked, numerals.writing())
        self.room = NARROW - _INDENT if narrow else WIDE - BETWEEN - self.look.width
        self.rows = [self._longest(line, least[line]) for line in range(3)]

    def html(self) -> str:
        singles = [self._singles(line) for line in range(3)]
        left = min(self.room, max(self.beside, *(width for _html, width in singles)))
        forward, backward, gradient = (
            f'<section class="mx-{NAMES[line]}"><h4>{html.escape(self.titles[line])}</h4>{singles[line][0]}'
            f'<div class="mx-eq">{self.equation(line)}</div></section>'
            for line in range(3)
        )
        tallest = max(len(self.places[axis]) for axis in ("in", "out"))
        why = to_html(_(WHY_TURNED if self.convention.arrangement == "row" else WHY), COLOURS)
        return (
            f'<div class="mx{" mx-narrow" if self.narrow else ""}" style="--mx-h:{22 if tallest < 4 else 20}px;--mx-n:{self.look.size:g}px;--mx-left:{left + _INDENT:.0f}px">'
            f"{forward}{backward}<p>{why}</p>{gradient}</div>"
        )

    def _title(self, line: int) -> str:
        """What stands in a line, and of which samples."""
        samples, layer = self.trace.samples, self.layer
        if line == GRADIENT:
            if self.many:
                return _("Gradient of W, {samples} samples added up").format(samples=samples)
            return _("Gradient of W, a line per weight")
        if self.many:
            message = _("Forward, sample {sample}") if line == FORWARD else _("Backward, sample {sample}")
            return message.format(sample=self.sample)
        if line == FORWARD:
            return _("Forward, into each unit of layer {layer}").format(layer=layer)
        if layer == 1:
            return _("Backward, to each input")
        return _("Backward, to each unit of layer {layer}").format(layer=layer - 1)

    # --- single numbers in symbols

    def _rows(self, line: int, terms: int) -> list[_Row | None]:
        """terms: how many terms of a sum are written, at least 2; of more there are dots."""
        return [cell and self._row(line, cell, terms) for cell in self._cells(line)]

    def _longest(self, line: int, least: list[_Row | None]) -> list[_Row | None]:
        """The rules with as many terms as there is room for."""
        for terms in (ALL, _SOME):
            rows = self._rows(line, terms)
            if all(row.width <= self.room for row in rows if row):
                return rows
        return least

    def _cells(self, line: int) -> Sequence[Cell | None]:
        """The results that have a line of their own, None for dots: of the picked sample, of the followed number's weights."""
        if line < GRADIENT:
            made = {
                axes(cell, self.layer)[MADE[line]]: cell
                for row in self.lines[line][0].cells
                for cell in row
                if cell.sample == self.sample
            }
            return [made[place] if place else None for place in self.places[MADE[line]]]
        units, senders = self.acts.units, self.acts.senders
        if senders and not units:
            return [Cell("dL_dW", self.layer, None, at, senders[0]) if at else None for at in self.places["out"]]
        bias = [self.cell._replace(quantity="dL_db")] if self.cell.quantity == "b" else []
        weights = [Cell("dL_dW", self.layer, None, units[0], at) if at else None for at in self.places["in"]]
        return [*bias, *weights]

    def _row(self, line: int, cell: Cell, terms: int) -> _Row:
        """A single number's line, its factors in the order of the matrices."""
        if cell not in self.nodes:
            self.nodes[cell] = stepwise(self.trace, cell)
        node, turned = self.nodes[cell], self._turned(line)
        ones = any(isinstance(leaf, Const) for leaf in leaves(node))
        times = " · " if ones or "/" in symbols.errors(self.convention) else "\u2009"
        rule = inline.over_samples(node, self.sample, self._symbol, times, turned) if line == GRADIENT else None
        rule = rule or inline.written(node, self._symbol, times, self._kept(line, node, terms), turned)
        symbol = symbols.html(cell, self.convention, layer=False)
        return _Row(cell, node, symbol, rule, width_html(symbol + rule, _TEXT) + _SIGNS)

    def _turned(self, line: int) -> bool:
        """Do the trees have their factors in another order than the matrices of the convention?"""
        return (self.convention.arrangement == "row") != (line == BACKWARD)

    def _kept(self, line: int, node: Node, terms: int) -> list[int | None] | None:
        """Which of the like terms of a sum are written, counted from 0, with the followed number's among them."""
        if not isinstance(node, Sum):
            return None
        count = len(node.terms) - node.tail
        place = next(iter((self.acts.senders, self.acts.units, (self.sample,))[line]), 1)
        return [each and each - 1 for each in folded(count, min(place, count), terms)]

    def _symbol(self, leaf: inline.Leaf, _first: bool) -> str:
        if not isinstance(leaf, Ref):
            return leaf.ascii if isinstance(leaf, Const) else ""
        write = symbols.delta_html if leaf.cell.quantity == "dL_dz" else symbols.html
        return f'<span class="mx-{leaf.kind}" {self.marks(leaf.cell)}>{write(leaf.cell, self.convention, False)}</span>'

    # --- and with their numbers

    def _numbers(self, line: int, row: _Row, terms: int) -> tuple[str, float]:
        """A line with its numbers put in and its value, and about how many px that takes."""
        width, digits = 0.0, self.look.put[line]
        if row.cell.quantity == "dL_db":
            digits = digits_for_numbers(row.node, self.trace, self.look.digits)

        def put(leaf: inline.Leaf, first: bool) -> str:
            nonlocal width
            if not isinstance(leaf, Ref):
                width += _TIMES
                return leaf.ascii if isinstance(leaf, Const) else ""
            text = number(self.trace, leaf.cell, digits)
            text = f"({text})" if text.startswith(numerals.MINUS) and not first else text
            width += width_of(text, _TEXT) + _TIMES
            return f'<span class="mx-{leaf.kind}" data-cell="{leaf.cell.address}">{html.escape(text)}</span>'

        kept = self._kept(line, row.node, terms)
        factors = inline.written(row.node, put, "\u00a0·\u00a0", kept, self._turned(line))
        value = self.trace.at(row.cell)
        shown = number(self.trace, row.cell, self.look.digits)
        first = "=" if exact(row.node, self.trace, digits, False) else "≈"
        second = "=" if numerals.rounded(value, self.look.digits) == value else "≈"
        width += width_of(shown, _TEXT) + _SIGNS + (2 * _TIMES if kept and None in kept else 0)
        made = f'<b class="mx-made" data-cell="{row.cell.address}">{html.escape(shown)}</b>'
        return f"{first}\u00a0{factors} {second}\u00a0{made}", width

    def _singles(self, line: int) -> tuple[str, float]:
        """The single numbers of a line and about how many px they take: all with their numbers, or one with them below."""
        shown = [row for row in self.rows[line] if row]
        width, numbers = max(row.width for row in shown), self._every(line, shown)
        below, wide = "", 0.0
        if numbers:
            width += max(each for _text, each in numbers.values())
        else:
            below, wide = self._one(line, next((row for row in shown if self.chosen(line, row.cell)), shown[0]))
            width = max(width, wide if wide <= self.room else 0.0)
        body = ""
        for row in self.rows[line]:
            if row is None:
                body += '<div class="mx-row"><span>⋮</span></div>'
                continue
            chosen = " chosen" if self.chosen(line, row.cell) else ""
            body += (
                f'<div class="mx-row{chosen}" tabindex="0" data-light="{self._reads(line, row)}">'
                f'<span class="mx-made" {self.marks(row.cell)}>{row.symbol}</span><span>=</span><span>{row.rule}</span>'
                f"{f'<span>{numbers[row.cell][0]}</span>' if numbers else ''}</div>"
            )
        if below:
            below = f'<div class="mx-put{" mx-wide" if wide > self.room else ""}">{below}</div>'
        return f'<div class="mx-rows">{body}</div>{below}', width

    def _every(self, line: int, rows: Sequence[_Row]) -> dict[Cell, tuple[str, float]]:
        """The numbers of all these lines and about how many px they take; empty where there is no room for them."""
        if self.narrow:
            return {}
        room, numbers = self.room - max(row.width for row in rows), {}
        for row in rows:
            numbers[row.cell] = self._numbers(line, row, ALL)
            if numbers[row.cell][1] > room:
                return {}
        return numbers

    def _reads(self, line: int, row: _Row) -> str:
        """The addresses of what a single number's line reads and makes: those of its row in the matrices."""
        if row.cell.quantity == "dL_db":
            read = inline.cells(row.node)
            return " ".join(cell.address for cell in (row.cell, self.cell, *read))
        stands = axes(row.cell, self.layer)
        return self.light(line, **{axis: stands[axis] for axis in ("out", "in") if axis in stands})

    def _one(self, line: int, row: _Row) -> tuple[str, float]:
        """The numbers of one line and about how many px they take, with dots where they are too many for the page; or nothing."""
        for terms in (ALL, _SOME, _FEW):
            text, width = self._numbers(line, row, terms)
            if width <= (3.5 * NARROW if self.narrow else WIDE):
                return text, width
        return "", 0.0
