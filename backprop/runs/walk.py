"""The walk through an iteration: every number in the order in which it is computed, one stop each.

A place in the walk is one whole number: 0 before anything is computed, then the stop reached. Both grains use the same
numbers; walking by layer only stops at the last number of each quantity of a layer. With several samples the walk shows
the picked sample's numbers (the others are computed with them), and the sums and means over all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from backprop.engine.steps import Cell, Step, Trace

GRAINS = ("number", "layer")


@dataclass(frozen=True)
class Walk:
    """The stops of a trace for a picked sample (from 1)."""

    trace: Trace
    sample: int = 1

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """cells[k - 1] is the number computed at stop k."""
        return tuple(cell for step in self.trace for cell in self.trace.cells(step) if self._shown(cell))

    def _shown(self, cell: Cell) -> bool:
        if cell.quantity == "loss" and self.trace.samples == 1:
            return cell.sample is None
        return cell.sample in (None, self.sample)

    @cached_property
    def _stop_of(self) -> dict[Cell, int]:
        return {cell: stop for stop, cell in enumerate(self.cells, 1)}

    def __len__(self) -> int:
        return len(self.cells)

    def clamped(self, stop: int) -> int:
        return min(max(0, stop), len(self))

    def cell(self, stop: int) -> Cell | None:
        """The number computed at a stop; None at the start."""
        return self.cells[stop - 1] if 0 < stop <= len(self) else None

    def step(self, stop: int) -> Step | None:
        """The quantity of a layer to which a stop belongs."""
        cell = self.cell(stop)
        return self.trace[cell.quantity, cell.layer] if cell else None

    def phase(self, stop: int) -> str:
        step = self.step(stop)
        return step.phase if step else "given"

    def stop_of(self, cell: Cell) -> int | None:
        """The stop at which a cell is computed (for another sample's cell: with the picked sample's); None for a given one."""
        found = self._stop_of.get(cell)
        if found is None and cell.sample is not None:
            found = self._stop_of.get(cell._replace(sample=self.sample)) or self._stop_of.get(
                cell._replace(sample=None)
            )
        return found

    def known(self, cell: Cell, stop: int) -> bool:
        """Has the walk computed this cell by this stop? What is given is always known."""
        at = self.stop_of(cell)
        return at is None or at <= stop

    # --- moves, as pure functions of the place

    def last_of_step(self, stop: int) -> int:
        """The last stop of the quantity to which a stop belongs: where walking by layer stands."""
        step = self.step(stop)
        while step is not None and stop < len(self) and self.step(stop + 1) is step:
            stop += 1
        return stop

    def settled(self, stop: int, grain: str) -> int:
        """The stop where a grain can stand, at or after the given one."""
        return self.last_of_step(self.clamped(stop)) if grain == "layer" else self.clamped(stop)

    def forward(self, stop: int, grain: str) -> int | None:
        """The next stop; None when the iteration is finished."""
        return None if stop >= len(self) else self.settled(stop + 1, grain)

    def back(self, stop: int, grain: str) -> int | None:
        """The stop before; None at the start."""
        if stop <= 0:
            return None
        if grain == "number":
            return stop - 1
        step = self.step(stop)
        while stop > 0 and self.step(stop) is step:
            stop -= 1
        return stop

    def stops(self, grain: str) -> tuple[int, ...]:
        """Every stop at which a grain can stand, the start included."""
        every = range(1, len(self) + 1)
        return (0, *(every if grain == "number" else dict.fromkeys(self.last_of_step(stop) for stop in every)))

    @cached_property
    def phases(self) -> list[tuple[str, int, int]]:
        """(phase, first stop, last stop) of every phase of the iteration."""
        found: list[tuple[str, int, int]] = []
        for stop in range(1, len(self) + 1):
            phase = self.phase(stop)
            if found and found[-1][0] == phase:
                found[-1] = (phase, found[-1][1], stop)
            else:
                found.append((phase, stop, stop))
        return found

    def next_phase(self, stop: int, grain: str) -> int | None:
        """The first stop of the next phase; in the last one, its end; None when finished."""
        for _phase, first, _last in self.phases:
            if first > stop:
                return self.settled(first, grain)
        return len(self) if stop < len(self) else None

    def previous_phase(self, stop: int, grain: str) -> int | None:
        """The first stop of this phase, or of the one before when already there; 0 from the very first."""
        firsts = [self.settled(first, grain) for _phase, first, _last in self.phases]
        earlier = [first for first in firsts if first < stop]
        return earlier[-1] if earlier else (0 if stop > 0 else None)


@lru_cache(maxsize=256)
def walk(trace: Trace, sample: int) -> Walk:
    """The walk of a trace, kept: every part of a page asks for it."""
    return Walk(trace, sample)
