"""The size of a gradient layer by layer, and beside it the products of the factors that it met: vanishing and exploding in one picture."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence

from backprop.explain import numerals
from backprop.figures.axes import SIZE, graduated, tick
from backprop.figures.marks import HALO, Point, arrow, line, symbol, text
from backprop.language import _
from backprop.runs.depth import Passage

ROOMY = 34.0
"""px between two layers from which the factors of each are written below it."""
_LEAST, _MOST = 1e-320, 1e300
_ROW = 20


def fading_svg(
    passage: Passage,
    other: Passage | None,
    names: tuple[str, str],
    logged: bool,
    width: float,
    height: float,
) -> str:
    """∂L/∂z of each layer (vermilion, dots), slopes alone (gold, dashed) and slopes times weights (slate, dashed); in px.

    other: a second passage of as many layers, its gradient in magenta with hollow dots. names: of both activations. logged: is the
    height on a logarithmic axis. What is 0 or has left float64 is told where it would stand, not drawn.
    """
    deep = len(passage.layers)
    roomy = (width - 192) / deep >= ROOMY
    bottom = height - (26 + (2 * _ROW + 8 if roomy else 14))
    left, right, top = (128.0, width - 64.0, 16.0) if width > 500 else (104.0, width - 52.0, 16.0)
    lines = [(passage.by_slopes, "slope"), (passage.by_both, "pos"), (passage.gradients, "bwd")]
    if other is not None:
        lines.append((other.gradients, "p2"))
    axis = _Axis([values for values, _hue in lines], logged, top, bottom)

    def x(number: int) -> float:
        return left + (right - left) * (number - 0.5) / deep

    out = [*_grid(axis, left, right), *_layers(passage, x, bottom, left, right, roomy)]
    for values, hue in lines:
        out.extend(_course(values, hue, axis, x, hue in ("slope", "pos")))
    out.extend(_names(lines, axis, names, left, other is not None))
    told = html.escape(
        _("The size of the gradient at each of {count} layers, from the output on the right back to layer 1").format(
            count=deep
        ),
        quote=True,
    )
    return f'<svg class="fx-deep" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img" aria-label="{told}">{"".join(out)}</svg>'


class _Axis:
    """Heights in px of sizes ≥ 0; the range holds what is drawn, no more than 340 powers of ten."""

    def __init__(self, series: Sequence[Sequence[float]], logged: bool, top: float, bottom: float) -> None:
        seen = [each for values in series for each in values if _LEAST < each < _MOST]
        self.logged, self.top, self.bottom = logged, top, bottom
        if logged:
            low, high = (math.log10(min(seen)), math.log10(max(seen))) if seen else (-1.0, 0.0)
            room = max(0.3, (high - low) * 0.05)
            self.low, self.high = low - room, max(high + room, low + 1)
        else:
            self.low, self.high = 0.0, max(seen, default=1.0) * 1.06

    def y(self, value: float) -> float:
        if not value < _MOST:
            return self.top
        if self.logged and value <= _LEAST:
            return self.bottom
        share = ((math.log10(value) if self.logged else value) - self.low) / (self.high - self.low)
        return self.bottom - (self.bottom - self.top) * min(max(share, 0.0), 1.0)

    def ticks(self) -> Iterator[tuple[float, str]]:
        """(px, what stands there)."""
        if self.logged:
            most = math.floor(self.high) - math.ceil(self.low) + 1
            every = max(1, -(-most // 6))
            for exponent in range(math.ceil(self.low), math.floor(self.high) + 1):
                if exponent % every == 0:
                    share = (exponent - self.low) / (self.high - self.low)
                    yield self.bottom - (self.bottom - self.top) * share, _power(exponent)
        else:
            step, found = graduated(0.0, self.high, 5)
            for each in found:
                yield self.y(each), tick(each, step)


def _power(exponent: int) -> str:
    return {0: "1", 1: "10", -1: numerals.pointed("0.1")}.get(exponent, numerals.ten_to(exponent))


def _grid(axis: _Axis, left: float, right: float) -> Iterator[str]:
    for y, name in axis.ticks():
        yield line((left, y), (right, y), "var(--hair)", 1)
        yield text(right + 8, y + 5, name, SIZE, "start", "var(--ink2)")
    yield line((left, axis.bottom), (right, axis.bottom), "var(--edge)", 1)


def _layers(passage: Passage, x, bottom: float, left: float, right: float, roomy: bool) -> Iterator[str]:
    """Below the axis: the layers' numbers, and where there is room the two factors with which each answers the gradient of the next."""
    deep = len(passage.layers)
    every = 1 if (right - left) / deep >= 22 else 2 if (right - left) / deep >= 11 else 4
    for layer in passage.layers:
        if (deep - layer.number) % every == 0:
            yield text(x(layer.number), bottom + 18, str(layer.number), SIZE, "middle", "var(--ink2)")
    yield text(left - 8, bottom + 18, html.escape(_("layer")), SIZE, "end", "var(--ink2)")
    if roomy:
        for row, (name, hue) in enumerate(((_("slope"), "slope"), (_("weights"), "pos")), 1):
            y = bottom + 22 + _ROW * row
            yield text(left - 8, y, html.escape(name), SIZE, "end", f"var(--{hue}-t)")
            for layer in passage.layers[:-1]:
                value = (layer.slope, layer.weights)[row - 1]
                sign = "" if row == 1 else "× "
                yield text(x(layer.number), y, sign + _short(value), SIZE, "middle", f"var(--{hue}-t)")
    else:
        y = bottom + 32
        yield line((left, y), (right, y), "var(--bwd)", 1.4)
        yield arrow((right, y), (left, y), 1.0, "var(--bwd)", 5)


def _short(value: float) -> str:
    if not math.isfinite(value):
        return "∞" if value > 0 else "–"
    if value == 0:
        return "0"
    return numerals.pointed(f"{value:.2g}") if 0.001 <= value < 100 else numerals.ten_to(round(math.log10(value)))


def _course(values: Sequence[float], hue: str, axis: _Axis, x, dashed: bool) -> Iterator[str]:
    """A line from layer to layer, with dots where it is a gradient's; it stops at 0 and at what has left float64."""
    piece: list[Point] = []
    pieces = [piece]
    dots: list[tuple[Point, bool]] = []
    for number, value in enumerate(values, 1):
        drawn = value < _MOST and (value > _LEAST or not axis.logged)
        point = (x(number), axis.y(value))
        if drawn:
            piece.append(point)
        elif piece:
            piece = []
            pieces.append(piece)
        dots.append((point, drawn))
    for each in pieces:
        if len(each) > 1:
            points = " ".join(f"{px:.1f},{py:.1f}" for px, py in each)
            dash = ' stroke-dasharray="6 5"' if dashed else ""
            yield f'<polyline points="{points}" style="fill:none;stroke:var(--{hue});stroke-width:{2.2 if dashed else 3};stroke-linejoin:round"{dash}/>'
    if dashed:
        return
    for (px, py), drawn in dots:
        fill = f"var(--{hue})" if hue == "bwd" and drawn else "var(--bg)"
        stroke = "var(--bg)" if hue == "bwd" and drawn else f"var(--{hue})"
        yield f'<circle cx="{px:.1f}" cy="{py:.1f}" r="5" style="fill:{fill};stroke:{stroke};stroke-width:2"/>'
    lost = [place for place, (_point, drawn) in enumerate(dots) if not drawn]
    if lost:
        px, py = dots[lost[-1]][0]
        gone = values[lost[-1]]
        label = "0" if gone <= _LEAST else "> 1.8·10³⁰⁸"
        yield text(
            px,
            py - 10 if gone <= _LEAST else py + 22,
            numerals.pointed(label),
            LABEL,
            "middle",
            f"var(--{hue}-t)",
            True,
            HALO,
        )


LABEL = 15


def _names(lines, axis: _Axis, names: tuple[str, str], left: float, two: bool) -> Iterator[str]:
    """Each line's name beside its end at layer 1, where the lines are farthest apart."""
    size = symbol("∂L", size=16) + "/" + symbol("∂z", size=16)
    label = {
        "bwd": size,
        "p2": html.escape(names[1]),
        "slope": html.escape(_("slopes alone")),
        "pos": html.escape(_("with weights")),
    }
    if two:
        label["bwd"] = html.escape(names[0])
    found = [(axis.y(values[0]), hue) for values, hue in lines if not math.isnan(values[0])]
    found.sort()
    placed: list[float] = []
    for y, _hue in found:
        placed.append(max(y, placed[-1] + 19) if placed else max(y, axis.top + 6))
    over = placed[-1] - (axis.bottom - 4) if placed else 0
    if over > 0:
        placed = [y - over for y in placed]
    for y, (_y, hue) in zip(placed, found, strict=True):
        yield text(left - 8, y + 5, label[hue], LABEL, "end", f"var(--{hue}-t)", True, HALO)
