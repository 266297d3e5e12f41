"""Paths drawn over the network: from edge to edge, side by side where two share one, with arrow heads towards the loss."""

from __future__ import annotations

import math

from backprop.figures.canvas import Canvas
from backprop.figures.marks import Point, arrow, line, line_of
from backprop.figures.scene import Route


class Routes(Canvas):
    def _routes(self) -> None:
        for route in self.scene.routes:
            self.under.append(
                f'<g data-path="{route.number}" class="route{"" if route.shown else " waits"}">{self._route(route)}</g>'
            )

    def _route(self, route: Route) -> str:
        wide, colour = 4.0 if self.level != "C" else 3.4, line_of(route.hue)
        out, last = "", None
        for layer, unit, sender, beside in route.edges:
            p, q = self.link(unit) if sender is None else self.ends(layer, unit, sender)
            if sender is None and last not in (None, unit):  # a softmax sends it on to another output
                out += line(self.link(last)[0], p, colour, wide)
            p, q = _moved(p, q, beside * wide)
            pill = self.pill_at(layer)
            middle = 0.55 if sender is None else pill - 0.25 if pill > 0.5 else pill + 0.3
            out += line(p, q, colour, wide) + arrow(p, q, middle, colour, 8)
            last = unit
        return out


def _moved(p: Point, q: Point, by: float) -> tuple[Point, Point]:
    """The same edge so far to its right-hand side."""
    if not by:
        return p, q
    length = math.hypot(q[0] - p[0], q[1] - p[1]) or 1.0
    dx, dy = -(q[1] - p[1]) / length * by, (q[0] - p[0]) / length * by
    return (p[0] + dx, p[1] + dy), (q[0] + dx, q[1] + dy)
