"""What every part of the drawing needs: the trace read through the scene, where edges run, and the gradient numbers."""

from __future__ import annotations

import math

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols
from backprop.explain.conventions import Convention
from backprop.figures.marks import HAT, Point, line_of, partial, rect, symbol, text, text_of, wash_of, width_of
from backprop.figures.palette import PHASES
from backprop.figures.plan import Wide
from backprop.figures.scene import Scene

READABLE = 13
"""px: before a number gets smaller than this it loses digits."""


class Canvas:
    """A drawing in the making: what lies under (edges) and over (everything else), as SVG strings."""

    def __init__(
        self, trace: Trace, scene: Scene, places: Wide, sample: int, digits: int, convention: Convention
    ) -> None:
        self.trace, self.scene, self.plan, self.sample, self.digits, self.convention = (
            trace,
            scene,
            places,
            sample,
            digits,
            convention.of(trace),
        )
        self.sizes, self.depth, self.level = places.sizes, places.depth, places.level.name
        self.hue = PHASES[scene.phase]
        self.under: list[str] = []
        self.over: list[str] = []
        self.shown: dict[int, list[tuple[int, int]]] = {}
        weights = [abs(trace["W", l].value).max() for l in range(1, self.depth + 1)]
        self.heaviest = max((w for w in weights if math.isfinite(w)), default=1.0) or 1.0
        looked = {(c.layer or 0, u) for c in (*scene.lit, *scene.made) for u in self._units_of(c)}
        crowded = self.level == "C" and places.upright and places.pitch < 72
        self.opened = {each for each in looked if not crowded or sum(layer == each[0] for layer, _unit in looked) == 1}
        """Units of level C that open into a capsule; where that would cover their neighbours only a single one does."""

    # --- reading the scene

    def _units_of(self, cell: Cell) -> list[int]:
        """Which units open because of a cell (level C)."""
        if cell.quantity in ("x", "z", "a", "da_dz", "dL_da", "dL_dz", "dL_dx") and cell.unit:
            return [cell.unit]
        return []

    def cell(self, quantity: str, layer: int, unit: int | None = None, from_unit: int | None = None) -> Cell:
        return Cell(
            quantity,
            layer,
            self.sample if from_unit is None and unit is not None and quantity not in ("b", "dL_db", "b_new") else None,
            unit,
            from_unit,
        )

    def value(self, cell: Cell, sign: bool = False, digits: int | None = None) -> str:
        """The number at a cell as it is shown now; digits: fewer than the display has, where there is no room for them."""
        if not self.scene.known(cell):
            return "–"
        if self.covered(cell):
            return "?"
        given = cell.quantity in numerals.GIVEN and digits is None
        return numerals.plain(self.trace.at(cell), digits or self.digits, given=given, sign=sign)

    def _fitted(self, cell: Cell, at: Point, room: float, size: float, fill: str | None, bold: bool, more: str) -> str:
        """A number in its room: a little smaller where it must, then with fewer digits; the column beside has them all."""
        number = self.value(cell)
        for digits in range(self.digits - 1, 1, -1):
            if width_of(number, READABLE) <= room:
                break
            number = self.value(cell, digits=digits)
        fits = min(size, size * room / width_of(number, size))
        return text(*at, number, max(12.0, fits), fill=fill, bold=bold, more=more)

    def kind(self, cell: Cell) -> str | None:
        return self.scene.lit.get(cell)

    def covered(self, cell: Cell) -> bool:
        """Is a cell made now, and still to be found out?"""
        return self.scene.hidden and cell in self.scene.made

    def made(self, cell: Cell) -> bool:
        return cell in self.scene.made

    def ink(self, cell: Cell) -> str | None:
        """Text colour of a number: its kind's when lit, the phase's when made, pale when not known."""
        if self.made(cell):
            return text_of(self.hue)
        kind = self.kind(cell)
        if kind:
            return text_of(kind)
        return None if self.scene.known(cell) else "var(--ink2)"

    def ends(self, layer: int, unit: int, sender: int) -> tuple[Point, Point]:
        return (
            self.plan.leaves(layer - 1, sender, self.level != "C" or (layer - 1, sender) in self.opened),
            self.plan.arrives(layer, unit, self.level != "C" or (layer, unit) in self.opened),
        )

    def link(self, unit: int) -> tuple[Point, Point]:
        return self.plan.leaves(
            self.depth, unit, self.level != "C" or (self.depth, unit) in self.opened
        ), self.plan.loss_entry(unit)

    def _select(self, quantity: str, layer: int, unit: int | None = None, from_unit: int | None = None) -> str:
        return f'data-sel="{self.cell(quantity, layer, unit, from_unit).address}"'

    def pill_at(self, layer: int) -> float:
        """Where on the edges of a gap the weights stand."""
        return self.plan.pill_place(layer, *self._pill_size()) or 0.66

    def _pill_size(self) -> tuple[float, float]:
        return (54, 20) if self.level != "A" else (52, 24) if self.plan.upright else (58, 24)

    # --- names, as the convention has them; inside the network the column's heading tells the layer

    def _name(self, cell: Cell, size: float) -> str:
        """The symbol of a number that is no gradient."""
        name = symbols.named(cell, self.convention)
        return symbol(_letter(name.letter), name.below, size)

    def _gradient(self, cell: Cell, size: float, short: bool = True) -> str:
        """The symbol of a gradient: ∂L/∂a₁; for ∂L/∂z short δ₁, where the convention has it; dZ₁/4."""
        name, convention = symbols.named(symbols.of(cell), self.convention), self.convention
        if convention.differentials:
            over = f"/{convention.share}" if convention.share > 1 and cell.quantity not in ("dL_dW", "dL_db") else ""
            return symbol("d" + _letter(name.letter), name.below, size) + (
                f'<tspan style="font-family:KaTeX_Main;font-size:{size:g}px">{over}</tspan>' if over else ""
            )
        if short and cell.quantity == "dL_dz" and convention.delta:
            return symbol(_letter(convention.delta), name.below, size + 2)
        letter = _letter(name.letter)
        word = self.plan.upright and len(letter) > 1 and letter.isalpha()
        return partial(letter, "" if word else name.below, size, _letter(convention.loss))  # the unit stands above it

    def _gradient_room(self, cell: Cell) -> float:
        """About how wide the symbol of a gradient is, with the space after it, in px."""
        short = cell.quantity == "dL_dz" and self.convention.delta and not self.convention.differentials
        return 26.0 if short else 10 + 6.4 * len(symbols.text(cell, self.convention))

    def _slope_name(self, layer: int, size: float) -> str:
        return symbol(symbols.slope_letter(self.trace.network.activations[layer - 1].name, self.convention), size=size)

    def _gradient_number(self, cell: Cell, x: float, base: float, label: str, room: float) -> None:
        """A number of the gradient row with its name beneath."""
        kind, made = self.kind(cell), self.made(cell)
        known = self.scene.known(cell)
        colour = text_of(kind) if kind else text_of("bwd") if known else "var(--ink2)"
        if kind or made:
            self.over.append(
                rect(
                    x - room / 2 + 1,
                    base - 15,
                    room - 2,
                    20,
                    6,
                    wash_of(kind or self.hue),
                    line_of(self.hue) if made else "none",
                    2.5,
                    'class="ring"' if made else "",
                )
            )
        pick = f'class="pick" data-sel="{cell.address}"'
        self.over.append(self._fitted(cell, (x, base), room - 6, 15.5, colour, bool(kind) or made, pick))
        if label:
            self.over.append(text(x, base + 18, label, 14, fill=colour, more=pick if known else 'opacity=".8"'))


def _letter(tex: str) -> str:
    """A convention's letter for the drawing, its hat apart."""
    return symbols.unicode(tex).replace("Ŷ", "Y" + HAT)
