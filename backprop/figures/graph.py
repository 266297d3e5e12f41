"""The computational graph as an SVG: every operation with its value and, beneath it, its gradient.

A number that is given is a pill with its symbol; an operation is a capsule with its sign and, where the result has one, its
symbol. Forward runs from left to right, on a phone from top to bottom. A click on a sign goes to where it is computed, a click on
the symbol or the numbers of a weight, bias, input, pre-activation or activation follows that number.
"""

from __future__ import annotations

import html
import math
from functools import lru_cache

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols
from backprop.explain.conventions import DEFAULT, Convention
from backprop.explain.excerpt import Excerpt, excerpt
from backprop.explain.graph import Edge, Vertex
from backprop.explain.operations import operation_sentence
from backprop.explain.paths import FOLLOWED
from backprop.explain.terms import Const, Ref
from backprop.explain.words import to_html
from backprop.figures.capsules import KINDS, capsule
from backprop.figures.marks import HALO, line_of, rect, text, text_of, wash_of, width_of
from backprop.figures.palette import TEXT_COLOURS
from backprop.figures.ranks import ABOVE, BELOW, WIDE, Ranks, abreast, stacked
from backprop.language import _

SIZE = (968.0, 430.0)
PHONE = 358.0
NUMBER = 14.5


def operations_svg(
    trace: Trace,
    cell: Cell,
    sample: int = 1,
    op: int = 0,
    digits: int = numerals.DIGITS,
    convention: Convention = DEFAULT,
    path_units: tuple[int, ...] = (),
    narrow: bool = False,
) -> str:
    """The graph around a followed number at a position of the walk (0: everything shown). The arguments of `excerpt`.

    968 px wide and, but for the deepest networks, at most 430 px high; narrow: 358 px wide and as tall as it needs.
    Raises KeyError for a number that is not there.
    """
    return graph_svg(trace, excerpt(trace, cell, sample, path_units, narrow), op, digits, convention, narrow)


def graph_svg(
    trace: Trace,
    drawn: Excerpt,
    op: int = 0,
    digits: int = numerals.DIGITS,
    convention: Convention = DEFAULT,
    narrow: bool = False,
) -> str:
    """The drawing of an excerpt."""
    return _Drawing(trace, drawn, op, digits, convention.of(trace), narrow).svg().replace('"', "'")


def operation_sentence_html(
    trace: Trace,
    cell: Cell,
    sample: int = 1,
    op: int = 0,
    digits: int = numerals.DIGITS,
    convention: Convention = DEFAULT,
    path_units: tuple[int, ...] = (),
    narrow: bool = False,
) -> str:
    """What is said beside the graph, in the palette's colours; see explain.operations.operation_sentence."""
    return to_html(operation_sentence(trace, cell, sample, op, digits, convention, path_units, narrow), TEXT_COLOURS)


@lru_cache(maxsize=64)
def _ranks(drawn: Excerpt, lengths: tuple[float, ...], narrow: bool) -> Ranks:
    """Where everything stands, which no step of the walk changes."""
    capsules = dict(zip(drawn.vertices, lengths, strict=True))
    return stacked(drawn, capsules, PHONE) if narrow else abreast(drawn, capsules, *SIZE)


class _Drawing:
    def __init__(
        self, trace: Trace, drawn: Excerpt, op: int, digits: int, convention: Convention, narrow: bool
    ) -> None:
        self.trace, self.drawn, self.digits, self.convention = trace, drawn, digits, convention
        self.op = op if 0 <= op <= drawn.positions else 0
        self.now, self.back = drawn.now(self.op), drawn.back(self.op)
        self.capsules = {key: capsule(trace, vertex, convention) for key, vertex in drawn.vertices.items()}
        self.ranks = _ranks(drawn, tuple(each.length for each in self.capsules.values()), narrow)

    def svg(self) -> str:
        lines = [*self._edges(), *(self._vertex(vertex) for vertex in self.drawn.vertices.values())]
        label = html.escape(
            _("The operations from the numbers given to the loss, each with its value and its gradient")
        )
        width, height = self.ranks.width, self.ranks.height
        body = "\n".join(lines)
        return f'<svg viewBox="0 0 {width:g} {height:.0f}" width="{width:g}" height="{height:.0f}" role="img" aria-label="{label}">\n{body}\n</svg>'

    # --- edges

    def _edges(self) -> list[str]:
        plain, route, pinned, lit = [], [], [], []
        for vertex in self.drawn.vertices.values():
            for edge in vertex.inputs:
                way = self.ranks.edge(edge.source, vertex.key)
                if vertex.key == self.now:
                    lit.append(self._lit(edge, vertex.key, way))
                if edge.source in self.drawn.pinned and vertex.key in self.drawn.pinned:
                    pinned.append(way)
                elif edge.source in self.drawn.route and vertex.key in self.drawn.route:
                    route.append(way)
                else:
                    plain.append(way)
        strong = 2.4 if self.op == 0 else 1.8
        lines = [
            _path("".join(plain), "var(--edge)", 1.3),
            _path("".join(route), line_of("bwd"), strong, 'opacity=".55"'),
            _path("".join(pinned), line_of("bwd"), strong + 0.8, 'opacity=".85"'),
            *lit,
        ]
        if self.op == 0 and (self.ranks.gap >= 56 or self.ranks.upright):
            lines += [
                self._slope(edge, vertex.key, False)
                for vertex in self.drawn.vertices.values()
                for edge in vertex.inputs
                if edge.slope is not None
                and vertex.operation != "+"
                and (edge.source in self.drawn.pinned or not self.ranks.upright)
            ]
        return [each for each in lines if each]

    def _lit(self, edge: Edge, key: str, way: str) -> str:
        """An edge of the operation that is computed or passes back now."""
        if self.back and edge.slope is None:
            return ""
        colour = line_of("bwd" if self.back else "loss" if self._of_loss(key) else "fwd")
        drawn = _path(way, colour, 3)
        end, half = (edge.source, 1) if self.back else (key, -1)
        x, y = self.ranks.at[end]
        reach = half * (self.ranks.half[end] + 1)
        tip = (x, y + reach) if self.ranks.upright else (x + reach, y)
        drawn += _head(tip, half, self.ranks.upright, colour)
        return drawn + (self._slope(edge, key, True) if self.back else "")

    def _slope(self, edge: Edge, key: str, lit: bool) -> str:
        """The local slope of an edge, beside it."""
        (x, y), number = self.ranks.middle(edge.source, key), self._slope_number(edge)
        (across, down), (u, v) = self.ranks.at[edge.source], self.ranks.at[key]
        anchor, drop = "middle", 5.0
        if self.ranks.upright and abs(across - u) < 12:
            x, anchor, drop = x + 8, "start", 2.0
        elif not self.ranks.upright and abs(down - v) < 12:  # over the line; where the gap is narrow, over the capsules
            drop = -6.0 if width_of(number, 14) < self.ranks.gap - 4 else -ABOVE - 4.0
        colour = text_of("slope")
        return text(x, y + drop, number, 14, anchor, colour, lit, f'{HALO} pointer-events="none"')

    def _slope_number(self, edge: Edge) -> str:
        match edge.factor:
            case Const():
                return edge.factor.ascii
            case Ref(cell=Cell(quantity=quantity)) if quantity in numerals.GIVEN:
                return self._fitted(edge.slope or 0.0, self.ranks.gap + 20, given=True)
        return self._fitted(edge.slope or 0.0, self.ranks.gap + 20)

    # --- vertices

    def _of_loss(self, key: str) -> bool:
        cell = self.drawn.vertices[key].cell
        return cell is not None and cell.quantity in ("loss", "loss_term")

    def _vertex(self, vertex: Vertex) -> str:
        """Everything of a vertex on one line."""
        cell, key = vertex.cell, vertex.key
        x, y = self.ranks.at[key]
        kind = KINDS.get(cell.quantity) if cell else None
        now = key == self.now
        hue = ("bwd" if self.back else "loss" if kind == "loss" else "fwd") if now else kind
        drawn, left = self.capsules[key], x - self.capsules[key].length / 2
        follow = f'class="pick" data-sel="{cell.address}"' if cell and cell.quantity in FOLLOWED else ""
        place = self.drawn.place.get(key)
        walk = f'class="pick" data-set="{{&quot;op&quot;: {place}}}"' if place else ""
        fill = wash_of(hue) if hue else "var(--field)" if vertex.operation != "…" else "var(--bg)"
        stroke = line_of(hue) if hue else "var(--edge)"
        dashed = 'stroke-dasharray="4 3"' if vertex.operation == "…" else ""
        body = rect(left, y - ABOVE, drawn.length, 2 * ABOVE, ABOVE, fill, stroke, 2.6 if now else 1.2, dashed)
        numbers = self._numbers(vertex)
        ring = self._ring(key) if key == self.drawn.followed else ""
        first, second = (walk or follow), (follow or walk)
        parts = f"<g {first}>{body}{drawn.sign_svg(left, y)}</g><g {second}>{drawn.symbol_svg(left, y, self.convention)}{numbers}{self._title(vertex)}</g>"
        return f'<g data-cell="{cell.address}">{ring}{parts}</g>' if cell else f"<g>{ring}{parts}</g>"

    def _numbers(self, vertex: Vertex) -> str:
        """The value and the gradient: beneath the capsule, on a phone beside it."""
        key, (x, y) = vertex.key, self.ranks.at[vertex.key]
        given = vertex.cell is not None and vertex.cell.quantity in numerals.GIVEN
        known = self.drawn.computed(key, self.op)
        kind = None if given else "loss" if self._of_loss(key) else "in"
        new = key == self.now and not self.back
        upright = self.ranks.upright
        at, anchor = (x + self.capsules[key].length / 2 + 6 if upright else x), "start" if upright else "middle"
        first, second = (y - 2.5, y + 14.5) if upright else (y + 26.5, y + 42.5)
        drawn = ""
        if vertex.value is not None:
            number = self._fitted(vertex.value, WIDE, given) if known else "–"
            colour = "var(--ink2)" if not known else text_of(kind) if kind else None
            drawn += text(at, first, number, NUMBER, anchor, colour, new)
        if vertex.gradient is not None:
            known = self.drawn.returned(key, self.op)
            fresh = bool(self.op) and self.back and self.drawn.completed(key, self.op)
            number = ("1" if key == self.drawn.graph.end else self._fitted(vertex.gradient, WIDE)) if known else "–"
            if fresh:
                wide = width_of(number, NUMBER) + 10
                drawn += rect(at - 5 if upright else x - wide / 2, second - 12.5, wide, 16, 6, wash_of("bwd"))
            drawn += text(at, second, number, NUMBER, anchor, text_of("bwd") if known else "var(--ink2)", fresh)
        return drawn

    def _fitted(self, value: float, room: float, given: bool = False) -> str:
        """A number in its room: with fewer digits where it must; the title has them all."""
        for digits in range(self.digits, 1, -1):
            number = numerals.plain(value, digits, given=given and digits == self.digits)
            if width_of(number, NUMBER) <= room:
                break
        return html.escape(number)

    def _ring(self, key: str) -> str:
        """Around the number that is followed."""
        x, y = self.ranks.at[key]
        if self.ranks.upright:
            wide = self.capsules[key].length + 6 + WIDE
            return rect(x - self.capsules[key].length / 2 - 4, y - 18, wide + 6, 37, 12, "none", line_of("bwd"), 2)
        wide = max(self.capsules[key].length + 8, WIDE + 2)
        return rect(x - wide / 2, y - ABOVE - 3, wide, ABOVE + BELOW + 5, 12, "none", line_of("bwd"), 2)

    def _title(self, vertex: Vertex) -> str:
        """Every digit, for who points at it."""
        known, back = self.drawn.computed(vertex.key, self.op), self.drawn.returned(vertex.key, self.op)
        lines = []
        if vertex.value is not None and known:
            name = symbols.text(vertex.cell, self.convention) + " = " if vertex.cell else ""
            lines.append(name + _every_digit(vertex.value))
        if vertex.gradient is not None and back:
            gradient = symbols.gradient_of(vertex.cell) if vertex.cell else None
            name = symbols.text(gradient, self.convention) + " = " if gradient and self.trace.samples == 1 else ""
            lines.append(name + _every_digit(vertex.gradient))
        return f"<title>{html.escape(' · '.join(lines))}</title>" if lines else ""


def _every_digit(value: float) -> str:
    return numerals.all_digits(value) if math.isfinite(value) else numerals.plain(value)


def _path(d: str, stroke: str, width: float, more: str = "") -> str:
    return (
        f'<path d="{d}" style="fill:none;stroke:{stroke};stroke-width:{width:g}" stroke-linecap="round" {more}/>'
        if d
        else ""
    )


def _head(tip: tuple[float, float], way: int, upright: bool, fill: str) -> str:
    """An arrow head whose tip stands at a capsule: way −1 pointing forward into it, 1 backward into it."""
    x, y = tip
    corners = [(x, y), (x + 8 * way, y - 5), (x + 8 * way, y + 5)]
    if upright:
        corners = [(x, y), (x - 5, y + 8 * way), (x + 5, y + 8 * way)]
    return '<polygon points="' + " ".join(f"{a:.1f},{b:.1f}" for a, b in corners) + f'" style="fill:{fill}"/>'
