"""The edges with their weights, the biases, the signals that run along them, and the tags of what is made there."""

from __future__ import annotations

import math

from backprop.engine.steps import Cell
from backprop.explain import numerals
from backprop.figures.canvas import Canvas
from backprop.figures.marks import (
    Point,
    arrow,
    between,
    line,
    line_of,
    rect,
    text,
    text_of,
    wash_of,
    width_of,
)
from backprop.figures.scene import Flow


class Edges(Canvas):
    def _edges(self) -> None:
        many = max(self.sizes) > 4
        opacity, thick = (0.28 if many else 0.38 if self.level == "A" else 0.5), 1.6 if self.level == "C" else 2.2
        for layer in range(1, self.depth + 1):
            W = self.trace["W", layer].value
            for unit in range(1, self.sizes[layer] + 1):
                for sender in range(1, self.sizes[layer - 1] + 1):
                    w = W[unit - 1, sender - 1]
                    p, q = self.ends(layer, unit, sender)
                    size = min(1.0, abs(w) / self.heaviest) if math.isfinite(w) else 1.0
                    pick = self._select("W", layer, unit, sender)
                    self.under.append(
                        line(
                            p,
                            q,
                            "var(--neg)" if w < 0 else "var(--pos)",
                            1 + thick * size,
                            f'opacity="{opacity}" {pick if many else ""}',
                        )
                    )
                    if not many:  # a wider invisible line is easier to hit
                        self.under.append(line(p, q, "transparent", 12, f'class="pick" {pick}'))
        for unit in range(1, self.sizes[-1] + 1):
            self.under.append(line(*self.link(unit), "var(--edge)", 1.6))
        for flow in self.scene.flows:
            self._flow(flow)

    def _flow(self, flow: Flow) -> None:
        p, q = self.link(flow.unit) if flow.from_unit is None else self.ends(flow.layer, flow.unit, flow.from_unit)
        middle = between(p, q, self.pill_at(flow.layer)) if flow.from_unit is not None else q
        if flow.reach == "sender":
            q = middle
        elif flow.reach == "receiver":
            p = middle
        if flow.back:
            p, q = q, p
        colour = line_of(flow.kind)
        self.under.append(
            line(p, q, colour, 4 if self.level != "C" else 3.4)
            + line(p, q, "var(--bg)", 1.8, 'class="flow" stroke-dasharray="3 13" opacity=".8"')
        )
        self.under.append(
            arrow(
                p,
                q,
                {
                    "whole": 0.5 if flow.from_unit is None else 0.68 if flow.back else 0.36,
                    "sender": 0.4,
                    "receiver": 0.25,
                }[flow.reach],
                colour,
                8 if flow.reach != "receiver" else 6,
            )
        )

    def _weights(self) -> None:
        for layer in range(1, self.depth + 1):
            everywhere = self.level != "C" and self.plan.pill_place(layer, *self._pill_size()) is not None
            pairs = [(i, j) for i in range(1, self.sizes[layer] + 1) for j in range(1, self.sizes[layer - 1] + 1)]
            looked = [pair for pair in pairs if self._looked_at(layer, *pair)]
            made = [pair for pair in looked if self._made_here(layer, *pair)]
            shown = (
                pairs
                if everywhere
                else looked
                if self._apart(layer, looked)
                else made
                if self._apart(layer, made)
                else []
            )
            self.shown[layer] = shown
            for pair in sorted(shown, key=looked.__contains__):
                self._pill(layer, *pair, lit=pair in looked)

    def _looked_at(self, layer: int, unit: int, sender: int) -> bool:
        return self.kind(self.cell("W", layer, unit, sender)) is not None or self._made_here(layer, unit, sender)

    def _made_here(self, layer: int, unit: int, sender: int) -> bool:
        return self.made(self.cell("dL_dW", layer, unit, sender)) or self.made(self.cell("W_new", layer, unit, sender))

    def _apart(self, layer: int, pairs: list[tuple[int, int]]) -> bool:
        u = self.pill_at(layer)
        spots = [between(*self.ends(layer, *pair), u) for pair in pairs]
        return all(abs(a[0] - b[0]) > 60 or abs(a[1] - b[1]) >= 23 for n, a in enumerate(spots) for b in spots[n + 1 :])

    def _pill(self, layer: int, unit: int, sender: int, lit: bool) -> None:
        old, new = self.cell("W", layer, unit, sender), self.cell("W_new", layer, unit, sender)
        updated = self.scene.known(new) and not self.made(new)
        gradient = self.cell("dL_dW", layer, unit, sender)
        several = (
            sum(c.quantity == self.scene.made[0].quantity for c in self.scene.made) > 1 if self.scene.made else False
        )
        swapped = next((c for c in (gradient, new) if self.made(c)), None) if several else None
        cell = swapped or (new if updated else old)
        at = between(*self.ends(layer, unit, sender), self.pill_at(layer))
        number = self.value(cell, sign=swapped is None)
        for digits in (4, 3, 2):
            if self.level != "A" and len(number) > 8:
                number = numerals.plain(self.trace.at(cell), digits, sign=True)
        hue = self.hue if swapped else "upd" if updated else "neg" if self.trace.at(cell) < 0 else "pos"
        size, tall = (16, 24) if self.level == "A" else (15, 22)
        made, kind = self._made_here(layer, unit, sender), self.kind(old)
        more = f'class="pick{" ring" if made else ""}" {self._select("W", layer, unit, sender)}'
        if lit:
            wide = max(self._pill_size()[0], width_of(number, size) + 14)
            stroke = line_of(self.hue) if made else line_of(kind or "weight")
            self.over.append(
                rect(
                    at[0] - wide / 2,
                    at[1] - tall / 2,
                    wide,
                    tall,
                    tall / 2,
                    wash_of(hue),
                    stroke,
                    2.5 if made else 1.6,
                    more,
                )
            )
        else:
            wide = width_of(number, size) + 10
            self.over.append(rect(at[0] - wide / 2, at[1] - 9, wide, 18, 4, "var(--bg)", more=more))
        self.over.append(
            text(at[0], at[1] + 5.5, number, size, fill=text_of(hue), bold=lit, more='pointer-events="none"')
        )
        if made and not several:
            self._tag(next(c for c in (gradient, new) if self.made(c)), at, layer)

    def _tag(self, cell: Cell, at: Point, layer: int) -> None:
        """The number just made, beside the place that it belongs to."""
        number = self.value(cell)
        if cell.quantity.endswith("_new"):
            name, wide = "→", 18.0
        else:
            name = self._gradient(cell, 16)
            wide = 58.0
        if self.plan.upright or self.level == "C" or wide + width_of(number, 16) + 24 > self.plan.gap:
            name, wide = "", 0.0
        wide += width_of(number, 16) + 20
        x, y = self._free(layer, at, wide)
        hue = self.hue
        self.over.append(rect(x, y, wide, 27, 8, wash_of(hue), line_of(hue), 2.5, 'class="ring"'))
        self.over.append(
            text(
                x + wide / 2,
                y + 19,
                f'{name}<tspan dx="7" style="font-weight:600">{number}</tspan>' if name else number,
                16,
                fill=text_of(hue),
                bold=not name,
            )
        )

    def _free(self, layer: int, at: Point, wide: float) -> Point:
        """Where a tag of that width can stand beside a pill without covering another weight: the first free place."""
        u = self.pill_at(layer)
        others = [between(*self.ends(layer, *pair), u) for pair in self.shown[layer]]
        right = (
            self.plan.width
            if self.plan.upright
            else self.plan.band(layer)[0] + (self.plan.level.unit if self.level == "C" else 0)
        )
        left = (
            0.0
            if self.plan.upright or self.level == "C"
            else self.plan.band(layer - 1)[0] + self.plan.band(layer - 1)[1]
        )
        offsets = [
            (-wide / 2 - 28, -48.0),
            (-wide / 2 - 28, 20.0),
            (-wide - 36, -13.0),
            (36.0, -13.0),
            (-wide - 20, -46.0),
            (-wide - 20, 20.0),
            (20.0, -46.0),
            (20.0, 20.0),
        ]
        if at[1] >= self.plan.middle and not self.plan.upright:
            offsets[0], offsets[1] = offsets[1], offsets[0]
        best, least = (0.0, 0.0), math.inf
        for rank, (dx, dy) in enumerate(offsets):
            x = min(max(at[0] + dx, left + 2), right - wide - 2)
            y = min(max(at[1] + dy, 20.0 if not self.plan.upright else 0.0), self.plan.height - 28)
            covered = sum(
                abs(x + wide / 2 - px) < wide / 2 + 29 and abs(y + 13.5 - py) < 13.5 + 12 for px, py in others
            )
            if covered * 10 + rank < least:
                best, least = (x, y), covered * 10 + rank
        return best

    def _bias(self, layer: int, unit: int) -> None:
        """The bias above its unit, inside the unit's own band; with a tag when its gradient or update is made."""
        tied = self.trace.network.shared_bias
        old = Cell("b", layer, unit=None if tied else unit)
        if ("b", layer) not in self.trace:
            return
        gradient, new = old._replace(quantity="dL_db"), old._replace(quantity="b_new")
        made = self.made(gradient) or self.made(new)
        kind = self.kind(old) if not tied or made or any(cell.unit == unit for cell in self.scene.made) else None
        if self.level != "A" and not (kind or made):
            return
        updated = ("b_new", layer) in self.trace and self.scene.known(new) and not self.made(new)
        cell = new if updated else old
        x, y = self.plan.at(layer, unit)
        hue = "upd" if updated else "neg" if self.trace.at(cell) < 0 else "pos"
        number = self.value(cell, sign=True)
        if self.plan.upright and self.level == "A":
            x += -54 if x < self.plan.width / 2 else 54
        elif self.level == "A":
            x -= 60
        half = {"A": 27, "B": 17, "C": min(self.plan.radius, 15)}[self.level]
        base = y - half - 12
        if self.level != "A":
            base = y - half - 6
        wide = 26 + width_of(number, 15) + 14
        if self.plan.upright:
            x = min(max(x, wide / 2 + 2), self.plan.width - wide / 2 - 2)
        pick = f'class="pick{" ring" if made else ""}" data-sel="{old.address}"'
        if self.level == "A":
            self.over.append(line((x, y - 33), (x, y - 26), "var(--edge)", 1.6))
        fill = wash_of(hue) if kind or made else "transparent"
        self.over.append(
            rect(
                x - wide / 2,
                base - 16,
                wide,
                22,
                11,
                fill if self.level == "A" or not (kind or made) else wash_of(hue),
                line_of(self.hue) if made else line_of(kind) if kind else "none",
                2.5 if made else 1.6,
                pick,
            )
        )
        self.over.append(
            text(
                x,
                base,
                self._name(old, 15) + f'<tspan dx="6">{number}</tspan>',
                15,
                fill=text_of(hue),
                bold=bool(kind) or made,
                more='pointer-events="none"',
            )
        )
        if made and (unit == 1 or not tied):
            self._bias_tag(
                gradient if self.made(gradient) else new, layer, (x - wide / 2 - 6, x + wide / 2 + 6), base - 18
            )

    def _bias_tag(self, cell: Cell, layer: int, beside: tuple[float, float], y: float) -> None:
        """The number just made, right of its bias; left of it where weights of the next layer stand in the way."""
        number = self.value(cell)
        name = "→" if cell.quantity == "b_new" else self._gradient(cell, 15)
        wide = (18 if cell.quantity == "b_new" else 52) + width_of(number, 16) + 22
        x = min(beside[1], self.plan.width - wide - 2)
        ahead = [
            between(*self.ends(layer + 1, *pair), self.pill_at(layer + 1)) for pair in self.shown.get(layer + 1, ())
        ]
        if any(abs(x + wide / 2 - px) < wide / 2 + 29 and abs(y + 11.5 - py) < 25 for px, py in ahead):
            x = max(2.0, beside[0] - wide)
        self.over.append(rect(x, y - 1, wide, 25, 8, wash_of(self.hue), line_of(self.hue), 2.5, 'class="ring"'))
        self.over.append(
            text(
                x + wide / 2,
                y + 17,
                f'{name}<tspan dx="7" style="font-weight:600">{number}</tspan>',
                16,
                fill=text_of(self.hue),
            )
        )
