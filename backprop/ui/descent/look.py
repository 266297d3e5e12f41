"""Where a visitor looks at the run: the iteration, the two weights, and the loss around them."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backprop.engine.steps import Cell, Trace
from backprop.explain import symbols
from backprop.figures.chooser import chooser_svg
from backprop.figures.contours import Map, frame
from backprop.figures.marks import layered
from backprop.language import _
from backprop.runs import pair as pairs
from backprop.runs.history import history
from backprop.runs.nudge import descent
from backprop.ui.descent.progress import Progress, learning
from backprop.ui.place import Place

FAR = 20.0
"""Times the first loss: what lies farther up is not in sight."""
HUES = ("p1", "p2")
"""Of the weight along and of the weight across."""


@dataclass(frozen=True)
class Look:
    """here: the place · last: the last iteration that is known · pair: the two parameters, None where there are not two."""

    here: Place
    last: int
    pair: tuple[Cell, Cell] | None

    @property
    def only(self) -> tuple[Cell, ...]:
        """The parameters that learn, () for all."""
        return learning(self.here)

    @property
    def iteration(self) -> int:
        return min(self.here.iteration, max(self.last, 0))

    @cached_property
    def trace(self) -> Trace:
        return pairs.state(self.here.lesson, self.iteration, self.only)

    @property
    def stride(self) -> int:
        return pairs.stride(self.last)

    @cached_property
    def way(self) -> np.ndarray:
        """Both numbers at every stride of the run, (n, 2)."""
        assert self.pair is not None
        return pairs.way(self.here.lesson, self.pair, max(self.last, 0), self.only)

    @property
    def spot(self) -> tuple[float, float]:
        """Both numbers now."""
        assert self.pair is not None
        return self.trace.at(self.pair[0]), self.trace.at(self.pair[1])

    @property
    def step(self) -> tuple[float, float] | None:
        """By how much the update moves each of them; one that is not updated stays."""
        assert self.pair is not None
        moves = [descent(self.trace, cell) or 0.0 for cell in self.pair]
        return (moves[0], moves[1]) if np.isfinite(moves).all() else None

    @property
    def fixed(self) -> tuple[Cell, ...]:
        """Those of the two that the update leaves as they are, such as the biases of some lessons."""
        return tuple(cell for cell in self.pair or () if descent(self.trace, cell) is None)

    @property
    def slopes(self) -> tuple[float, float]:
        """Of the loss along each of them."""
        assert self.pair is not None
        one, other = (self.trace.at(cell._replace(quantity=f"dL_d{cell.quantity}")) for cell in self.pair)
        return one, other

    @property
    def others_move(self) -> bool:
        """Does the update move a parameter beside the two?"""
        assert self.pair is not None
        others = (cell for cell in pairs.learnable(self.here.lesson) if cell not in self.pair)
        return not self.here.only and any(descent(self.trace, cell) for cell in others)

    @cached_property
    def frame(self) -> tuple[float, float, float, float]:
        """What the map shows: the way, as far as the loss stays near what it was."""
        assert self.pair is not None
        losses = history(self.here.lesson, self.only).losses(max(self.last, 0))[:: self.stride]
        with np.errstate(all="ignore"):
            far = np.flatnonzero(~(losses <= FAR * losses[0]))
        return frame(self.way[: max(1, far[0]) if len(far) else None], self.spot)

    def map(self) -> Map:
        """The loss around the way, everything else as it is now."""
        assert self.pair is not None
        u, v, loss = pairs.around(self.trace, self.pair, self.frame)
        dots = self.way
        at = self.iteration / self.stride
        if at != int(at):  # the dot of now lies between two others
            dots = np.insert(dots, int(at) + 1, self.spot, axis=0)
            at += 1
        return Map(u, v, loss, dots, int(at), self.trace.loss, self.step, not self.fixed)

    # --- names

    def name(self, cell: Cell) -> str:
        """The symbol of a parameter, as SVG text."""
        name = symbols.named(cell, self.here.notation.of(self.trace))
        one_layer = self.pair is not None and self.pair[0].layer == self.pair[1].layer
        return layered(symbols.unicode(name.letter), "" if one_layer else name.above, name.below, 17)

    def told(self, cell: Cell) -> str:
        """The same as plain text, with the layer."""
        return _("{name} of layer {layer}").format(name=symbols.text(cell, self.here.notation), layer=cell.layer)

    @property
    def alone(self) -> bool:
        """Are the two all that the network has?"""
        return len(pairs.learnable(self.here.lesson)) == 2

    def title(self) -> str:
        assert self.pair is not None
        one, other = self.pair
        if self.alone:
            return _("The only two parameters of this network")
        if one.layer != other.layer:
            return _("Layers {one} and {other}, the other weights held").format(one=one.layer, other=other.layer)
        if "b" in (one.quantity, other.quantity):
            return _("Two parameters of layer {layer}, the others held").format(layer=one.layer)
        return _("Two weights of layer {layer}, the others held").format(layer=one.layer)

    def chooser(self, more: str = "", width: float = 150, height: float = 92) -> str:
        """The two by click on a small network (px), or from two lists; below the lists stands whatever else is chosen there."""
        if self.pair is None:
            return ""
        lesson, now = self.here.lesson, self.pair
        every = pairs.learnable(lesson)
        titles = {cell: self.told(cell) for cell in every}
        wishes = {cell: _wish(cell, now) for cell in every}
        picture = chooser_svg(
            lesson.network, dict(zip(now, HUES, strict=True)), wishes, titles, _("Click on two weights")
        )
        lists = "".join(
            f'<label><span style="color:var(--{hue}-t)">{word}</span><select data-field="{field}" aria-label="{html.escape(label)}">{_options(titles)}</select></label>'
            for hue, field, word, label in (
                (HUES[0], "along", "↔", _("The weight along the map")),
                (HUES[1], "across", "↕", _("The weight up the map")),
            )
        )
        return f'<div class="choose"><div class="lists">{lists}{more}</div>{picture}</div>'


def _options(titles: dict[Cell, str]) -> str:
    return "".join(f'<option value="{cell.address}">{html.escape(title)}</option>' for cell, title in titles.items())


def _wish(cell: Cell, now: tuple[Cell, Cell]) -> dict[str, str]:
    """The one that was chosen last stays, turned to the horizontal axis; a click on one of the two turns them."""
    kept = now[0] if cell == now[1] else now[1]
    return {"along": kept.address, "across": cell.address}


def look(here: Place, ran: Progress) -> Look:
    """Where the visitor looks."""
    return Look(here, ran.known, pairs.chosen(here.lesson, here.along, here.across))
