"""The network as an SVG: a pure function of a trace and a scene.

A neuron is drawn as its own equation: z | curve | a, and beneath it, read from right to left as the signal runs,
δ = slope · ∂L/∂a. A weight stands where what came in meets what comes back. What is not computed yet is "–".
Everything that can be selected carries data-sel with its cell's address.
"""

from __future__ import annotations

import html

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals
from backprop.explain.conventions import DEFAULT, Convention
from backprop.explain.words import layer_name, loss_title
from backprop.figures.edges import Edges
from backprop.figures.marks import HALO, Point, line_of, rect, text, text_of, wash_of, width_of
from backprop.figures.plan import plan
from backprop.figures.routes import Routes
from backprop.figures.scene import Scene
from backprop.figures.units import Units
from backprop.language import _


def network_svg(
    trace: Trace,
    scene: Scene,
    width: float,
    height: float | None,
    sample: int = 1,
    digits: int = numerals.DIGITS,
    convention: Convention = DEFAULT,
) -> str:
    """The drawing. width, height in px; without a height it is upright and as tall as it needs. sample: whose numbers are shown."""
    drawn = _Drawing(trace, scene, plan(trace.network.sizes, width, height), sample, digits, convention).svg()
    return drawn.replace('"', "'")  # inside JSON every double quote would cost a backslash


class _Drawing(Units, Edges, Routes):
    def svg(self) -> str:
        if not self.plan.upright:
            self._headings()
        self._edges()
        self._routes()
        for unit in range(1, self.sizes[0] + 1):
            self._input(unit)
        for layer in range(1, self.depth + 1):
            for unit in range(1, self.sizes[layer] + 1):
                {"A": self._full_unit, "B": self._short_unit, "C": self._dense_unit}[self.level](layer, unit)
        self._weights()
        for layer in range(1, self.depth + 1):
            for unit in range(1, self.sizes[layer] + 1):
                self._bias(layer, unit)
        self._targets()
        self._loss()
        label = html.escape(_("The network, with the numbers computed so far"))
        lines = "\n".join(
            (*self.under, *self.over)
        )  # one shape or a few a line: the page redraws the lines that change
        return f'<svg viewBox="0 0 {self.plan.width:g} {self.plan.height:g}" width="{self.plan.width:g}" height="{self.plan.height:g}" role="img" aria-label="{label}">\n{lines}\n</svg>'

    def _headings(self) -> None:
        narrow = self.plan.band(1)[1] + self.plan.gap < 150
        for layer in range(self.depth + 1):
            name = (
                _("inputs")
                if layer == 0
                else _("layer {layer}").format(layer=layer)
                if narrow
                else layer_name(self.trace, layer)
            )
            self.under.append(text(*self.plan.heading(layer), name, 14, fill="var(--ink2)"))
        title = loss_title(self.trace)
        self.under.append(text(self.plan.width, 13, title, 14, "end", "var(--ink2)"))

    # --- targets and loss

    def _targets(self) -> None:
        count = self.sizes[-1]
        for unit in range(1, count + 1):
            target, term = self.cell("t", self.depth, unit), self.cell("loss_term", self.depth, unit)
            p = self.link(unit)[0]
            kind = self.kind(target)
            upper = unit <= (count + 1) / 2 if count > 1 else True
            if self.plan.upright:
                left = self.plan.at(self.depth, unit)[0] < self.plan.width / 2 or count == 1
                x, anchor = (4.0, "start") if left else (self.plan.width - 4.0, "end")
                y = self.plan.middle - 18 + (unit - 1) // 2 * 40 if count > 2 else self.plan.middle - 6
                if count > 4:
                    continue
            elif count > 4 or self.level == "C":
                x, y, anchor = p[0] + 8, p[1] - 9, "start"
            else:
                x, anchor = p[0] + 10, "start"
                y = p[1] - 20 if upper else p[1] + 24
            colour = text_of(kind) if kind else "var(--ink2)"
            number = self.value(target)
            words = (
                self._name(target, 15)
                if count > 4 or self.level == "C"
                else f"<tspan>{html.escape(_('target'))} </tspan>" + self._name(target, 15)
            )
            self.over.append(
                text(
                    x,
                    y,
                    f'{words}<tspan dx="5">{number}</tspan>',
                    15 if count <= 4 else 14,
                    anchor,
                    colour,
                    bool(kind),
                    f'class="pick" {HALO} data-sel="{target.address}"',
                )
            )
            if self.scene.known(term) and ((self.level != "C" and count <= 4) or self.plan.upright or self.made(term)):
                self._term(term, unit, (x, y), anchor, upper)

    def _term(self, term: Cell, unit: int, at: Point, anchor: str, upper: bool) -> None:
        """An output's part of the loss, beyond its target."""
        kind, made = self.kind(term), self.made(term)
        x, y = at[0], at[1] + (20 if not upper or self.plan.upright else -20)
        number = self.value(term)
        wide = width_of(number, 15) + 24
        if kind or made:
            start = x - 5 if anchor == "start" else x - wide - 1
            self.over.append(
                rect(
                    start,
                    y - 15,
                    wide + 6,
                    21,
                    6,
                    wash_of("loss"),
                    line_of("loss") if made else "none",
                    2.5,
                    'class="ring"' if made else "",
                )
            )
        self.over.append(
            text(
                x,
                y,
                self._name(term, 15) + f'<tspan dx="6">{number}</tspan>',
                15,
                anchor,
                text_of("loss"),
                bool(kind) or made,
                f'class="pick" {HALO} data-sel="{term.address}"',
            )
        )

    def _loss(self) -> None:
        mean = Cell("loss", self.depth)
        own = mean if self.trace.samples == 1 else mean._replace(sample=self.sample)
        shown = own if self.trace.samples > 1 and self.made(own) else mean
        x, y = self.plan.loss_centre()
        wide = self.plan.level.loss
        known, made = self.scene.known(shown), self.made(shown)
        looked = made or self.kind(shown)
        self.over.append(
            rect(
                x - wide / 2,
                y - 34,
                wide,
                68,
                14,
                wash_of("loss") if looked else "var(--bg)",
                line_of("loss") if known else "var(--edge)",
                3 if made else 2 if known else 1.4,
                f'class="pick{" ring" if made else ""}" data-sel="{shown.address}"',
            )
        )
        colour = text_of("loss") if known else "var(--ink2)"
        name = self._name(shown if self.trace.samples > 1 else mean, 19)
        self.over.append(text(x, y - 9, name, 19, fill=colour, more='pointer-events="none"'))
        self.over.append(self._fitted(shown, (x, y + 18), wide - 10, 20, colour, known, 'pointer-events="none"'))
