"""The strokes of a drawing: text, symbols, lines, rectangles, arrows, as SVG strings in the palette's CSS variables."""

from __future__ import annotations

import math
from functools import lru_cache

from backprop.figures.palette import HUES

Point = tuple[float, float]

HALO = 'paint-order="stroke" stroke="var(--bg)" stroke-width="4" stroke-linejoin="round"'
"""Keeps a text readable where a line runs behind it."""


def line_of(kind: str) -> str:
    """The stroke of a kind or hue."""
    return f"var(--{HUES.get(kind, kind)})"


def text_of(kind: str) -> str:
    return f"var(--{HUES.get(kind, kind)}-t)"


def wash_of(kind: str) -> str:
    return f"var(--{HUES.get(kind, kind)}-w)"


def text(
    x: float,
    y: float,
    content: str,
    size: float = 15,
    anchor: str = "middle",
    fill: str | None = None,
    bold: bool = False,
    more: str = "",
) -> str:
    style = f"font-size:{size:g}px;" + (f"fill:{fill};" if fill else "") + ("font-weight:600;" if bold else "")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" style="{style}" {more}>{content}</text>'


def symbol(name: str, sub: str = "", size: float = 16) -> str:
    """A mathematical letter with a lowered index, in KaTeX's own fonts, as in the equation below the picture."""
    if name.endswith(HAT):
        return _hatted(name[:-1], sub, size)
    upright = name in ("net", "out")
    style = f"font-family:{'KaTeX_Main' if upright else 'KaTeX_Math'};font-style:{'normal' if upright else 'italic'};font-size:{size * (0.8 if upright else 1):g}px"
    out = f'<tspan style="{style}">{name}</tspan>'
    if sub:
        out += f'<tspan dy="{size * 0.25:.1f}" dx="0.5" style="font-family:KaTeX_Main;font-style:normal;font-size:{max(12.0, size * 0.75):g}px">{sub}</tspan><tspan dy="{-size * 0.25:.1f}">&#8203;</tspan>'
    return out


def layered(name: str, above: str, below: str, size: float = 16) -> str:
    """A letter with its layer raised and its index lowered behind it."""
    if not above:
        return symbol(name, below, size)
    small = max(12.0, size * 0.75)
    raised = f'<tspan dy="{-size * 0.35:.1f}" dx="0.5" style="font-family:KaTeX_Main;font-size:{small:g}px">{above}</tspan><tspan dy="{size * 0.35:.1f}">&#8203;</tspan>'
    return symbol(name, below, size) + raised


HAT = "\u0302"


def _hatted(name: str, sub: str, size: float) -> str:
    """A letter with a hat of its own above it: KaTeX's fonts have no such letter."""
    rise, back = size * 0.24, size * 0.62
    hat = f'<tspan dx="{-back:.1f}" dy="{-rise:.1f}" style="font-family:KaTeX_Main;font-size:{size:g}px">ˆ</tspan><tspan dx="{back - size * 0.5:.1f}" dy="{rise:.1f}">&#8203;</tspan>'
    return symbol(name, "", size) + hat + (symbol("", sub, size) if sub else "")


def partial(name: str, sub: str, size: float = 15, above: str = "L") -> str:
    """∂L/∂name on one line."""
    return (
        symbol("∂" + above, size=size)
        + f'<tspan style="font-family:KaTeX_Main;font-size:{size:g}px">/</tspan>'
        + (symbol("∂", size=size) + symbol(name, sub, size) if len(name) > 1 else symbol("∂" + name, sub, size))
    )


def line(p: Point, q: Point, stroke: str, width: float, more: str = "") -> str:
    return f'<line x1="{p[0]:.1f}" y1="{p[1]:.1f}" x2="{q[0]:.1f}" y2="{q[1]:.1f}" style="stroke:{stroke};stroke-width:{width:.2f}" stroke-linecap="round" {more}/>'


def rect(
    x: float, y: float, w: float, h: float, r: float, fill: str, stroke: str = "none", width: float = 1, more: str = ""
) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="{r:g}" style="fill:{fill};stroke:{stroke};stroke-width:{width:g}" {more}/>'


def between(p: Point, q: Point, u: float) -> Point:
    return p[0] + (q[0] - p[0]) * u, p[1] + (q[1] - p[1]) * u


def arrow(p: Point, q: Point, u: float, fill: str, size: float = 8) -> str:
    """An arrow head on the way from p to q, its middle at the fraction u."""
    cx, cy = between(p, q, u)
    angle = math.atan2(q[1] - p[1], q[0] - p[0])
    c, s = math.cos(angle), math.sin(angle)
    corners = ((size, 0.0), (-size * 0.8, size * 0.85), (-size * 0.8, -size * 0.85))
    return (
        '<polygon points="'
        + " ".join(f"{cx + c * a - s * b:.1f},{cy + s * a + c * b:.1f}" for a, b in corners)
        + f'" style="fill:{fill}"/>'
    )


def width_of(content: str, size: float) -> float:
    """The width of a number in Source Sans with tabular figures."""
    return _ems(content) * size


@lru_cache(maxsize=4096)
def _ems(content: str) -> float:
    narrow = {".": 0.25, ",": 0.25, "/": 0.35, "·": 0.26, " ": 0.2}
    return sum(narrow.get(c, 0.34 if c in "⁻⁰¹²³⁴⁵⁶⁷⁸⁹" else 0.5) for c in content)
