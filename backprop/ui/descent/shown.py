"""What the tab "The whole run" shows of a run: which iterations, and every number there that it draws and writes."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from backprop.engine.network import Parameters
from backprop.engine.steps import Cell
from backprop.runs import series
from backprop.runs.history import history
from backprop.runs.pair import chosen
from backprop.ui.descent.progress import Progress
from backprop.ui.place import Place

Array = np.ndarray

FEW = 9
"""So many curves have a name each; of more, the one that is looked at."""
ROWS = 10
"""Iterations in the table beside the present one."""


class Shown:
    """What is drawn of a run: the iterations up to where it ends, or leaves float64, and the numbers there.

    at: the iteration whose numbers stand at the curves, the present one unless it lies beyond the end · here: is it the present one ·
    looked: the weight or bias that the other tabs look at · layer: whose numbers are shown
    """

    def __init__(self, place: Place, ran: Progress) -> None:
        self.place, self.lesson = place, place.lesson
        self.digits, self.notation = place.digits, place.notation
        self.end = max(0, ran.known if ran.lost is None else ran.lost)
        self.here = place.iteration <= self.end
        self.at = min(place.iteration, self.end)
        pair = chosen(place.lesson, place.along, place.across)
        self.looked = pair[0] if pair else Cell("W", 1, None, 1, 1)
        self.layer = min(place.level or self.looked.layer or 1, self.lesson.network.depth)
        goal = ran.wanted if ran.pending else self.end
        self.rows = telling(self.end, self.at)
        most = series.MOST if len(self.cells) <= FEW else series.MOST // 2
        drawn = {k for k in series.sampled(goal, most) if k <= self.end}
        self.iterations = tuple(sorted(drawn | set(self.rows)))

    @cached_property
    def parameters(self) -> Parameters:
        return series.stacked(self.lesson, self.iterations)

    @cached_property
    def norms(self) -> Array:
        """(L, P)"""
        return series.norms(self.lesson, self.parameters)

    @cached_property
    def losses(self) -> Array:
        return history(self.lesson).losses(self.end)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The weights and biases of the layer that is shown."""
        return series.numbers(self.lesson, self.layer)

    @cached_property
    def numbers(self) -> Array:
        """Theirs, (P, count)."""
        return series.columns(self.parameters, self.layer)

    def place_of(self, iteration: int) -> int:
        return self.iterations.index(iteration)

    @cached_property
    def marked(self) -> Cell:
        """The number whose curve stands out among many: the one looked at, else the one that has gone farthest."""
        if self.looked in self.cells:
            return self.looked
        with np.errstate(all="ignore"):
            gone = np.abs(self.numbers - self.numbers[0])
        return self.cells[int(np.where(np.isfinite(gone), gone, 0.0).max(axis=0).argmax())]


def telling(last: int, here: int) -> tuple[int, ...]:
    """The iterations of the table: 0, 1, 2, 5, 10 … and the last; where those are too many, fewer in between; and the present one."""
    steps = [digit * 10**power for power in range(5) for digit in (1, 2, 5)]
    found = {0, last, *(k for k in steps if k < last)}
    if len(found) > ROWS:
        found -= {2 * 10**power for power in range(1, 5)} - {last}
    return tuple(sorted(found | {here}))
