"""The units: inputs, and neurons at three levels of detail."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from backprop.engine.activations import Activation
from backprop.engine.steps import Cell
from backprop.explain import numerals
from backprop.figures.canvas import Canvas
from backprop.figures.marks import Point, line, line_of, rect, symbol, text, text_of, wash_of, width_of


class Units(Canvas):
    def _input(self, unit: int) -> None:
        cell, gradient = self.cell("x", 0, unit), self.cell("dL_dx", 0, unit)
        kind = self.kind(cell)
        x, y = self.plan.at(0, unit)
        pick = f'class="pick" data-sel="{cell.address}"'
        if self.level == "C" and (0, unit) not in self.opened:
            self.over.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{self.plan.radius:.1f}" style="fill:var(--bg);stroke:var(--edge);stroke-width:1.3" {pick}/>'
            )
            self.over.append(
                text(x, y + 5, self._short(cell), 14 if self.plan.radius > 13 else 12, more='pointer-events="none"')
            )
            return
        tall = {"A": 54, "B": 34, "C": 2 * min(self.plan.radius, 15)}[self.level]
        wide = self.plan.level.input
        shown = gradient if self.made(gradient) and self.level == "C" else cell
        fill = wash_of(self.hue) if shown is gradient else wash_of(kind) if kind else "var(--bg)"
        stroke = line_of(self.hue) if shown is gradient else line_of(kind) if kind else "var(--edge)"
        self.over.append(
            rect(
                x - wide / 2,
                y - tall / 2,
                wide,
                tall,
                tall / 2,
                fill,
                stroke,
                2 if kind or shown is gradient else 1.4,
                pick,
            )
        )
        if self.level == "A":
            self.over.append(
                text(x, y - 6, self._name(cell, 17), 17, fill=self.ink(cell), more='pointer-events="none"')
            )
        self.over.append(
            self._fitted(
                shown,
                (x, y + (15 if self.level == "A" else 5.5)),
                wide - 12,
                17 if self.level == "A" else 15.5,
                self.ink(shown),
                bool(kind),
                'pointer-events="none"',
            )
        )
        if self.level != "C" and self.scene.known(gradient):
            named = self.level == "A" and self.sizes[0] <= 2  # beneath more inputs there is room for the number alone
            label = self._gradient(gradient, 14) if named else ""
            self._gradient_number(gradient, x, y + tall / 2 + (19 if named else 16), label, 60)

    def _full_unit(self, layer: int, unit: int) -> None:
        """Level A: the capsule z | curve | a with the gradient row beneath."""
        x, y = self.plan.at(layer, unit)
        wide = self.plan.level.unit
        left, side = x - wide / 2, 68 if wide > 180 else 60
        z, a, slope = self.cell("z", layer, unit), self.cell("a", layer, unit), self.cell("da_dz", layer, unit)
        jacobian = self.trace.network.activations[layer - 1].vector
        if jacobian:
            slope = slope._replace(from_unit=unit)
        clip = f"c{layer}-{unit}-{'u' if self.plan.upright else 'w'}"
        if self.plan.upright:
            self.over.append(
                f'<path d="M{left} {y} V{y + 58} a14 14 0 0 0 14 14 H{left + wide - 14} a14 14 0 0 0 14 -14 V{y}" style="fill:var(--bg);stroke:var(--edge);stroke-width:1.2"/>'
            )
        self.over.append(
            f'<clipPath id="{clip}">{rect(left, y - 27, wide, 54, 27, "#000")}</clipPath>{rect(left, y - 27, wide, 54, 27, "var(--bg)")}'
        )
        for cell, start, span in (
            (z, left, side),
            (a, left + wide - side, side),
            (slope, left + side + 1, wide - 2 * side - 2),
        ):
            kind = self.kind(cell) or (self.hue if self.made(cell) else None)
            if kind:
                self.over.append(rect(start, y - 27, span, 54, 0, wash_of(kind), more=f'clip-path="url(#{clip})"'))
        self.over.append(rect(left, y - 27, wide, 54, 27, "none", "var(--edge)", 1.4))
        for cell, centre in ((z, left + side / 2 + 4), (a, left + wide - side / 2 - 4)):
            pick = f'class="pick" data-sel="{cell.address}"'
            bold = self.kind(cell) is not None or self.made(cell)
            self.over.append(text(centre, y - 7, self._name(cell, 17), 17, fill=self.ink(cell), more=pick))
            self.over.append(self._fitted(cell, (centre, y + 15), side - 12, 17, self.ink(cell), bold, pick))
        self._curve(layer, unit, (x, y), slope)
        self._half_ring(z, left, y, side, 1)
        self._half_ring(a, left + wide, y, side, -1)
        row = y + 27 + 20
        rooms = (58, 56, 62) if wide > 180 else (56, 54, 60)
        third = left + wide - rooms[2] / 2 + (2 if wide > 180 else 0)
        first = left + rooms[0] / 2 - (2 if wide > 180 else 0)
        delta, arriving = self.cell("dL_dz", layer, unit), self.cell("dL_da", layer, unit)
        self._gradient_number(delta, first, row, self._gradient(delta, 14), rooms[0])
        self._gradient_number(slope, x - 1, row, self._slope_name(layer, 15), rooms[1])
        self._gradient_number(arriving, third, row, self._gradient(arriving, 14), rooms[2])
        if self.scene.known(self.cell("dL_dz", layer, unit)) and wide > 180 and not jacobian:
            self.over.append(
                text((first + x - 1) / 2, row, self._equals(delta, slope, arriving), 14, fill="var(--ink2)")
                + text((third + x - 1) / 2, row, "·", 16, fill="var(--ink2)")
            )

    def _equals(self, delta: Cell, slope: Cell, arriving: Cell) -> str:
        """= between δ and its factors; ≠ where somebody's own numbers do not go together."""
        if "wrong" not in (self.kind(delta), self.kind(slope), self.kind(arriving)):
            return "="
        product = self.trace.at(slope) * self.trace.at(arriving)
        return "=" if math.isclose(product, self.trace.at(delta), rel_tol=0.01) else "≠"

    def _half_ring(self, cell: Cell, end: float, y: float, side: float, turn: int) -> None:
        """The ring of a new z (turn 1, at the left end) or a (turn −1, at the right end)."""
        if self.made(cell):
            sweep = 0 if turn > 0 else 1
            d = f"M{end + turn * side} {y - 27} H{end + turn * 27} A27 27 0 0 {sweep} {end + turn * 27} {y + 27} H{end + turn * side} Z"
            self.over.append(
                f'<path d="{d}" class="ring" style="fill:none;stroke:{line_of(self.hue)};stroke-width:3;stroke-linejoin:round"/>'
            )

    def _curve(self, layer: int, unit: int, at: Point, slope: Cell) -> None:
        """The activation with the unit's own point; its tangent when the slope is looked at. For softmax, the shares."""
        activation = self.trace.network.activations[layer - 1]
        z, a = self.cell("z", layer, unit), self.cell("a", layer, unit)
        looked = self.kind(slope) is not None or self.made(slope)
        colour = line_of("slope") if looked else "var(--edge)"
        x, y = at

        def reached(cell: Cell) -> bool:
            return self.scene.known(cell) and not self.covered(cell)

        if activation.vector:
            count = self.sizes[layer]
            for k in range(1, count + 1):
                each = self.cell("a", layer, k)
                share = self.trace.at(each) if reached(each) and reached(a) else 0.0
                step = 40 / count
                self.over.append(
                    rect(
                        x - 20 + (k - 1) * step + 1,
                        y + 16 - 32 * share,
                        step - 2,
                        max(1.0, 32 * share),
                        1,
                        ("var(--ink2)" if k == unit else "var(--line)") if not looked else colour,
                    )
                )
            return
        known = self.scene.known(a)
        at_z = self.trace.at(z) if known else 0.0
        half = max(4.0, abs(at_z) * 1.25) if math.isfinite(at_z) else 4.0
        path, low, high = _sampled(activation, round(half, 3))
        scale_x, scale_y = 21 / half, 32 / ((high - low) or 1.0)
        self.over.append(
            f'<polyline points="{path}" transform="translate({x:.1f} {y:.1f})" style="fill:none;stroke:{colour};stroke-width:{2.2 if looked else 1.8}" class="pick" data-sel="{slope.address}"/>'
        )
        value = self.trace.at(a)
        if reached(a) and math.isfinite(value) and math.isfinite(at_z):
            px, py = x + at_z * scale_x, y + 16 - (value - low) * scale_y
            if looked and reached(slope):
                rise = self.trace.at(slope) * scale_y / scale_x
                reach = 15 / math.hypot(1, rise)
                self.over.append(
                    line((px - reach, py + reach * rise), (px + reach, py - reach * rise), text_of("slope"), 2.6)
                )
            self.over.append(
                f'<circle cx="{px:.1f}" cy="{py:.1f}" r="{3.4 if looked else 2.6}" style="fill:{text_of("slope") if looked else "var(--ink2)"}"/>'
            )

    def _short_unit(self, layer: int, unit: int) -> None:
        """Level B: z | a, the slope as the divider, δ beneath."""
        x, y = self.plan.at(layer, unit)
        wide = self.plan.level.unit
        left = x - wide / 2
        z, a, slope, delta, arriving = (self.cell(q, layer, unit) for q in ("z", "a", "da_dz", "dL_dz", "dL_da"))
        if self.trace.network.activations[layer - 1].vector:
            slope = slope._replace(from_unit=unit)
        clip = f"b{layer}-{unit}"
        self.over.append(
            f'<clipPath id="{clip}">{rect(left, y - 17, wide, 34, 17, "#000")}</clipPath>{rect(left, y - 17, wide, 34, 17, "var(--bg)")}'
        )
        for cell, start in ((z, left), (a, x)):
            kind = self.kind(cell) or (self.hue if self.made(cell) else None)
            if kind:
                self.over.append(rect(start, y - 17, wide / 2, 34, 0, wash_of(kind), more=f'clip-path="url(#{clip})"'))
        self.over.append(rect(left, y - 17, wide, 34, 17, "none", "var(--edge)", 1.4))
        for cell, centre in ((z, left + 35), (a, x + wide / 2 - 35)):
            bold = self.kind(cell) is not None or self.made(cell)
            self.over.append(
                self._fitted(
                    cell,
                    (centre, y + 5.5),
                    56,
                    15.5,
                    self.ink(cell),
                    bold,
                    f'class="pick" data-sel="{cell.address}"',
                )
            )
        looked = self.kind(slope) or self.made(slope)
        self.over.append(
            line((x, y - 17), (x, y + 17), line_of("slope") if looked else "var(--hair)", 3.5 if looked else 1.4)
        )
        for cell, start in ((z, left), (a, x + wide / 2)):
            if self.made(cell):
                turn = 1 if cell is z else -1
                d = f"M{x} {y - 17} H{start + turn * 17} A17 17 0 0 {0 if turn > 0 else 1} {start + turn * 17} {y + 17} H{x} Z"
                self.over.append(
                    f'<path d="{d}" class="ring" style="fill:none;stroke:{line_of(self.hue)};stroke-width:3;stroke-linejoin:round"/>'
                )
        shown, name = delta, self._gradient(delta, 13)
        for cell, label in ((slope, self._slope_name(layer, 15)), (arriving, self._gradient(arriving, 14))):
            if self.made(cell) or (self.kind(cell) and not self.kind(delta) and not self.made(delta)):
                shown, name = cell, label
        for cell in self.scene.made:
            if cell.quantity == "da_dz" and cell.layer == layer and cell.unit == unit and cell.from_unit:
                shown, name = (
                    cell,
                    symbol("∂", size=14)
                    + self._name(a, 14)
                    + "/"
                    + symbol("∂", size=14)
                    + self._name(z._replace(unit=cell.from_unit), 14),
                )
        kind, made = self.kind(shown), self.made(shown)
        number = self.value(shown)
        colour = (
            text_of(kind)
            if kind
            else text_of(self.hue)
            if made
            else text_of("bwd")
            if self.scene.known(shown)
            else "var(--ink2)"
        )
        jacobian = shown.quantity == "da_dz" and shown.from_unit
        room = 60.0 if jacobian else 26.0 if shown is slope else self._gradient_room(shown)
        half = (width_of(number, 15) + room) / 2
        if kind or made:
            self.over.append(
                rect(
                    x - half - 4,
                    y + 20,
                    2 * half + 8,
                    20,
                    6,
                    wash_of(kind or self.hue),
                    line_of(self.hue) if made else "none",
                    2.5,
                    'class="ring"' if made else "",
                )
            )
        self.over.append(
            text(
                x,
                y + 35,
                f'{name}<tspan dx="6">{number}</tspan>',
                15,
                fill=colour,
                bold=bool(kind) or made,
                more=f'class="pick" data-sel="{shown.address}"',
            )
        )

    def _dense_unit(self, layer: int, unit: int) -> None:
        """Level C: a circle with two decimals; a unit that the step looks at opens into a capsule with all digits."""
        x, y = self.plan.at(layer, unit)
        r = self.plan.radius
        a, delta = self.cell("a", layer, unit), self.cell("dL_dz", layer, unit)
        looked = [self.cell(q, layer, unit) for q in ("dL_dz", "dL_da", "da_dz", "z", "a")]
        if self.trace.network.activations[layer - 1].vector:
            looked[2] = looked[2]._replace(from_unit=unit)
            looked += [c for c in self.scene.made if c.quantity == "da_dz" and c.layer == layer and c.unit == unit]
        active = (
            [c for c in looked if self.made(c)]
            or [c for c in looked if self.kind(c) and c.quantity != "da_dz"]
            or [c for c in looked if self.kind(c)]
        )
        pick = f'class="pick" data-sel="{(active[0] if active else a).address}"'
        back = self.scene.known(delta)
        if not active:
            self.under.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" style="fill:var(--bg);stroke:{line_of("bwd") if back else "var(--edge)"};stroke-width:{1.8 if back else 1.3}" {pick}/>'
            )
            self.under.append(
                text(x, y + 5, self._short(a), 14 if r > 13 else 12, fill=self.ink(a), more='pointer-events="none"')
            )
            return
        cell = active[0]
        made = self.made(cell)
        hue = self.hue if made else self.kind(cell) or "plain"
        gold = any(self.kind(c) and c.quantity == "da_dz" for c in looked) and not made
        stroke, thick = line_of("slope") if gold else line_of(hue), 2.8 if made else 2.2
        if (layer, unit) not in self.opened:
            self.over.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" style="fill:{wash_of(hue)};stroke:{stroke};stroke-width:{thick}" {pick}/>'
            )
            self.over.append(
                text(
                    x,
                    y + 5,
                    self._short(cell),
                    14 if r > 13 else 12,
                    fill=text_of(hue),
                    bold=True,
                    more='pointer-events="none"',
                )
            )
            return
        half, tall = self.plan.level.unit / 2, min(r, 15)
        x = min(max(x, half + 2), self.plan.width - half - 2)
        self.over.append(rect(x - half, y - tall, 2 * half, 2 * tall, tall, wash_of(hue), stroke, thick, pick))
        self.over.append(self._fitted(cell, (x, y + 5), 2 * half - 12, 15, text_of(hue), True, 'pointer-events="none"'))

    def _short(self, cell: Cell) -> str:
        """A number for a small circle: two decimals, without the leading zero where it is very small."""
        if not self.scene.known(cell):
            return "–"
        if self.covered(cell):
            return "?"
        value = self.trace.at(cell)
        if not math.isfinite(value) or abs(value) >= 99.5:
            return "∞" if abs(value) == math.inf else "…" if math.isnan(value) else "≫"
        number = f"{value:.{2 if abs(value) < 9.95 else 1}f}".replace("-", numerals.MINUS)
        return numerals.pointed(number.replace("0.", ".", 1) if self.plan.radius < 16 or value < 0 else number)


@lru_cache(maxsize=512)
def _sampled(activation: Activation, half: float) -> tuple[str, float, float]:
    """An activation's curve from −half to half as the points of a line 42 wide and 32 high, with its lowest and highest value."""
    z = np.linspace(-half, half, 41)
    with np.errstate(all="ignore"):
        a = activation.value(z)
    points = [(float(u), float(v)) for u, v in zip(z, a, strict=True) if math.isfinite(v)]
    values = [v for _u, v in points] or [0.0]
    low, high = min(values), max(values)
    scale = 32 / ((high - low) or 1.0)
    return " ".join(f"{u * 21 / half:.1f},{16 - (v - low) * scale:.1f}" for u, v in points), low, high
