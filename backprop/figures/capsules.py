"""What stands for a vertex of the computational graph: a capsule with its operation's sign and its number's symbol."""

from __future__ import annotations

import html
from dataclasses import dataclass

from backprop.engine.steps import Cell, Trace
from backprop.explain import symbols
from backprop.explain.calculations import written
from backprop.explain.conventions import Convention
from backprop.explain.graph import OTHERS, Vertex
from backprop.figures.marks import HAT, symbol, text, text_of
from backprop.language import _, later

HALF = 12
"""px: half a capsule's height."""
KINDS = {"x": "in", "a": "in", "W": "weight", "b": "weight", "loss_term": "loss", "loss": "loss"}
"""What a number is; of products, sums and targets nothing."""
SHORT = {"binary_cross_entropy": later("BCE"), "cross_entropy": later("CE"), "formula": later("loss")}

_WIDTHS = {"w": 0.72, "W": 0.95, "ℓ": 0.42, "t": 0.37, "b": 0.43, "z": 0.47, "θ": 0.47, "net": 1.22, "out": 1.27}
_SMALL = {"(": 0.39, ")": 0.39, "[": 0.28, "]": 0.28, ",": 0.28, "t": 0.39, "l": 0.28, "h": 0.56}


@dataclass(frozen=True)
class Capsule:
    """The sign's and the symbol's part of a capsule: what is drawn in them, and how long they are in px (0 where there is none)."""

    sign: str
    cell: Cell | None
    sign_part: float
    symbol_part: float

    @property
    def length(self) -> float:
        return self.sign_part + self.symbol_part

    def sign_svg(self, left: float, y: float) -> str:
        if not self.sign:
            return ""
        middle = left + self.sign_part / 2 + (2 if self.symbol_part else 0)
        size = 19 if self.sign in ("×", "+") else 14.5
        mark = symbol(self.sign, size=17) if self.sign == "σ" else html.escape(self.sign)
        drawn = text(middle, y + (6.5 if size > 15 else 5), mark, size)
        if self.symbol_part:
            x = left + self.sign_part
            drawn += f'<line x1="{x:.1f}" y1="{y - 8:.1f}" x2="{x:.1f}" y2="{y + 8:.1f}" style="stroke:var(--edge)"/>'
        return drawn

    def symbol_svg(self, left: float, y: float, convention: Convention) -> str:
        if not self.cell:
            return ""
        x = left + self.sign_part + (5 if self.sign else 7)
        kind = KINDS.get(self.cell.quantity)
        return text(x, y + 5, _layered(self.cell, convention), 16, "start", text_of(kind) if kind else None)


def capsule(trace: Trace, vertex: Vertex, convention: Convention) -> Capsule:
    """The capsule of a vertex as it is drawn: one that is cut off from what makes it has no sign, because nothing is computed there."""
    mark = sign(trace, vertex, convention) if vertex.inputs or not vertex.cell else ""
    wide = 0.0 if not mark else 24.0 if len(mark) == 1 else _length(mark) + 18
    if not vertex.cell:
        return Capsule(mark, None, max(2.0 * HALF, wide), 0.0)
    return Capsule(mark, vertex.cell, wide, _width(vertex.cell, convention) + (11 if mark else 14))


# --- signs


def sign(trace: Trace, vertex: Vertex, convention: Convention) -> str:
    """What stands on an operation: ×, +, σ, tanh, (a−t)²/2, mean; nothing on a number that is given. Plain text."""
    network = trace.network
    match vertex.operation:
        case "activation":
            return _function(trace, (vertex.cell or Cell("a", 1)).layer or 1, convention)
        case "loss":
            return _loss_sign(trace, convention)
        case "fused":
            short = _(SHORT.get(network.loss.name, network.loss.title))
            return f"{_function(trace, network.depth, convention)}, {short}"
        case "mean":
            return _("mean")
        case "…":
            return _("… {count} more").format(count=trace.samples - 1 if vertex.key == OTHERS else len(vertex.folded))
    return vertex.operation


def _function(trace: Trace, layer: int, convention: Convention) -> str:
    row = trace.network.activations[layer - 1]
    return "σ" if row.name == "sigmoid" else convention.function if row.name == "formula" else _(row.title)


def _loss_sign(trace: Trace, convention: Convention) -> str:
    row = trace.network.loss
    letters = {"a": convention.output or convention.act, "t": convention.target, "n": str(trace.network.sizes[-1])}
    line = written(row.term, lambda name: symbols.unicode(letters[name])).replace(" ", "")
    return line if len(line) <= 11 else _(SHORT.get(row.name, row.title))


def _length(mark: str) -> float:
    """About how wide a sign is, at 14.5 px."""
    return sum(0.3 if c in " ()/,.il" else 0.36 if c in "tf²" else 0.6 if c.isupper() else 0.52 for c in mark) * 14.5


# --- symbols with their layer above and their index below


def _small(mark: str) -> float:
    return sum(_SMALL.get(c, 0.5) for c in mark) * 12


def _width(cell: Cell, convention: Convention) -> float:
    """How wide a symbol is, in px."""
    name = symbols.named(cell, convention)
    letter = symbols.unicode(name.letter)
    return (
        _WIDTHS.get(letter, 0.75 if letter.isupper() else 0.57) * 16 + max(_small(name.above), _small(name.below)) + 1
    )


def _layered(cell: Cell, convention: Convention) -> str:
    """z with (1) above and 2 below, one over the other, in KaTeX's fonts."""
    name = symbols.named(cell, convention)
    letter = symbols.unicode(name.letter).replace("Ŷ", "Y" + HAT)
    out = symbol(letter, "", 17.5 if letter in ("net", "out") else 16)  # words are set smaller than letters
    style = "font-family:KaTeX_Main;font-style:normal;font-size:12px"
    if name.above:
        out += f'<tspan dy="-6" style="{style}">{name.above}</tspan>'
    if name.below:
        back = f'dx="{-_small(name.above):.1f}"' if name.above else ""
        out += f'<tspan {back} dy="{10 if name.above else 4}" style="{style}">{name.below}</tspan>'
    return out
