"""Error × slope = δ of every unit on the way to the loss, as two bars: where the chain is cut or choked is seen at a glance.

Wide: the layers stand under the network's own columns. Narrow: layer under layer, two units side by side.
"""

from __future__ import annotations

import html
import math

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols, words
from backprop.explain.conventions import Convention
from backprop.explain.obstacles import Gate, gates
from backprop.explain.readings import digits_for_parts
from backprop.figures.canvas import READABLE
from backprop.figures.marks import Point, rect, symbol, text, width_of
from backprop.figures.plan import plan
from backprop.language import _

HEAD = 24
ROOMY, TIGHT = 62.0, 31.0
"""px: the height of a unit with a line for each number, and the least height of one."""

NUMBER = 74.0
"""px: the room of a number beside its bar."""

_LETTER = 7.0
"""px: about how wide a letter of 14 px is."""


def bars_svg(
    trace: Trace,
    cell: Cell,
    sample: int,
    digits: int,
    convention: Convention,
    width: float = 968,
    height: float = 216,
    narrow: bool = False,
) -> str:
    """The units through which the number at `cell` reaches the loss: |∂L/∂a| (of the largest shown), |∂a/∂z| (of the
    activation's steepest) and δ; in px. height: at most so much, where the picture is wide.

    Raises KeyError for a cell that is not in the trace.
    """
    trace.at(cell)
    convention, found = convention.of(trace), gates(trace, cell, sample)
    layers: dict[int, list[Gate]] = {}
    for each in found:
        layers.setdefault(each.layer, []).append(each)
    bars = _Bars(trace, found, digits, convention)
    inside, tall = bars.stacked(layers, width) if narrow else bars.columns(layers, width, height)
    title = html.escape(_("Error, slope and their product for every unit on the way to the loss"), quote=True)
    return f'<svg class="fw-bars" viewBox="0 0 {width:g} {tall:g}" width="{width:g}" height="{tall:g}" role="img" aria-label="{title}">{inside}</svg>'


class _Bars:
    """What all units of a picture share: the largest error, the steepest slope shown, how numbers and names are written."""

    def __init__(self, trace: Trace, found: tuple[Gate, ...], digits: int, convention: Convention) -> None:
        self.trace, self.digits, self.convention = trace, digits, convention
        self.largest = max((abs(each.error) for each in found if math.isfinite(each.error)), default=0.0)
        self.endless = max((abs(each.slope) for each in found if math.isfinite(each.slope)), default=1.0)

    def columns(self, layers: dict[int, list[Gate]], width: float, height: float) -> tuple[str, float]:
        """The layers under the network's columns, and how high that is."""
        sizes = self.trace.network.sizes
        places = plan(sizes, width, 252)
        most = max(map(len, layers.values()), default=1)
        pitch = min(66.0, max(TIGHT, (height - HEAD) / most))
        apart = places.gap + places.level.unit
        wide = min(apart - 16, 208.0)
        out = []
        for layer, units in layers.items():
            middle = places.at(layer, 1)[0]
            left = min(max(0.0, middle - wide / 2), width - wide)
            out.append(self._heading(layer, left, wide))
            out += [self._unit(each, left, HEAD + k * pitch, wide, pitch) for k, each in enumerate(units)]
        return "".join(out), HEAD + most * pitch

    def stacked(self, layers: dict[int, list[Gate]], width: float) -> tuple[str, float]:
        """Layer under layer, two units side by side, and how high that is."""
        wide, y = (width - 16) / 2, 0.0
        out = []
        for layer, units in layers.items():
            out.append(f'<g transform="translate(0 {y:.1f})">{self._heading(layer, 0, width)}</g>')
            y += HEAD
            for k, each in enumerate(units):
                out.append(self._unit(each, (k % 2) * (wide + 16), y + (k // 2) * ROOMY, wide, ROOMY))
            y += math.ceil(len(units) / 2) * ROOMY + 6
        return "".join(out), y

    def _heading(self, layer: int, left: float, wide: float) -> str:
        name = words.layer_name(self.trace, layer)
        if len(html.unescape(name)) * _LETTER > wide:
            name = _("layer {layer}").format(layer=layer)
        return text(left, 15, name, 14, "start", "var(--ink2)")

    def _unit(self, gate: Gate, left: float, top: float, wide: float, pitch: float) -> str:
        """A unit: its name and state, δ, and the two bars; with their numbers where there is room."""
        cells = [Cell(quantity, gate.layer, gate.sample, gate.unit) for quantity in ("z", "a", "dL_da", "dL_dz")]
        lights = " ".join(each.address for each in cells)
        beside = pitch >= ROOMY - 4 and wide >= 116
        named = wide >= 165
        letter = self._delta(cells[3]) if named else ""
        room = wide - (44 if named else 10) - (30 if gate.state != "open" else 0) - (30 if letter else 4)
        digits, more = self._following(gate, room) if beside else (self.digits, self.digits)
        error = ("loss" if gate.layer == self.trace.network.depth else "bwd", gate.error, self.largest)
        slope = ("slope", gate.slope, self.endless if gate.steepest is None else gate.steepest)
        out = [
            self._head(gate, left, top, wide, named),
            self._number(gate.delta, digits, (left + wide, top + 14), room, "var(--bwd-t)", cells[3], letter),
        ]
        places = (cells[2], Cell("da_dz", gate.layer, gate.sample, gate.unit))
        for k, ((hue, value, most), cell) in enumerate(zip((error, slope), places, strict=True)):
            y, span = (top + 21 + 17 * k, wide - NUMBER - 6) if beside else (top + 18 + 6 * k, wide)
            closed = hue == "slope" and gate.state in ("off", "lost")
            out.append(_bar(left, y, span, 9 if beside else 5, hue, value, most, closed))
            if beside:
                fill = "var(--neg-t)" if closed else f"var(--{hue}-t)"
                out.append(self._number(value, more, (left + wide, y + 9), NUMBER, fill, cell))
        return (
            f'<g data-light="{lights}">{rect(left - 4, top, wide + 8, pitch - 4, 6, "transparent")}{"".join(out)}</g>'
        )

    def _head(self, gate: Gate, left: float, top: float, wide: float, named: bool) -> str:
        """unit 2, and in what state it is."""
        states = {"off": _("off"), "flat": _("flat"), "lost": _("lost")}
        state = html.escape(states.get(gate.state, ""))
        name = html.escape(_("unit {unit}").format(unit=gate.unit)) if named else str(gate.unit)
        hue = "slope" if gate.state == "flat" else "neg"
        told = f'<tspan dx="6" style="fill:var(--{hue}-t);font-weight:600">{state}</tspan>' if state else ""
        return text(left, top + 14, name + told, 14, "start", "var(--ink2)")

    def _following(self, gate: Gate, room: float) -> tuple[int, int]:
        """The digits of δ and those of error and slope with which the product shown follows and all three have room."""
        both = (gate.error, gate.slope)
        for digits in range(self.digits, 1, -1):
            target = numerals.decimals(gate.delta, digits)
            more = digits_for_parts(both, digits, math.prod)
            shown = math.prod(numerals.rounded(value, more) for value in both)
            fits = all(width_of(numerals.plain(value, more), 14) <= NUMBER for value in both)
            if (
                fits
                and numerals.decimals(shown, digits) == target
                and width_of(numerals.plain(gate.delta, digits), 14) <= room
            ):
                return digits, more
        return self.digits, self.digits  # no product: a softmax, an output whose loss goes past the slope

    def _number(
        self, value: float, digits: int, at: Point, room: float, fill: str, cell: Cell, letter: str = ""
    ) -> str:
        """A number that ends at a point, a little smaller where it must, then with fewer digits."""
        number = numerals.plain(value, digits)
        for fewer in range(digits - 1, 1, -1):
            if width_of(number, 14) <= room:
                break
            number = numerals.plain(value, fewer)
        size = max(READABLE, min(14.0, 14 * room / width_of(number, 14)))
        bold = cell.quantity == "dL_dz"
        return text(
            *at, f"{letter} {number}" if letter else number, size, "end", fill, bold, f'data-cell="{cell.address}"'
        )

    def _delta(self, cell: Cell) -> str:
        """δ₁, where the convention has that letter."""
        convention = self.convention
        if convention.differentials or not convention.delta:
            return ""
        return symbol(symbols.unicode(convention.delta), symbols.named(symbols.of(cell), convention).below, 15)


def _bar(left: float, y: float, room: float, tall: float, hue: str, value: float, most: float, closed: bool) -> str:
    """|value| as a share of `most` on its track; a track outlined in crimson where nothing gets through."""
    share = min(1.0, abs(value) / most) if most and math.isfinite(value) and math.isfinite(most) else 0.0
    track = rect(left, y, room, tall, tall / 2, "var(--field)", "var(--neg)" if closed else "none", 1.4)
    if not share:
        return track
    return track + rect(
        left, y, max(2.0, room * share), tall, min(tall / 2, max(1.0, room * share / 2)), f"var(--{hue})"
    )
