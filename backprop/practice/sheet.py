"""A sheet: an iteration of a lesson of which some numbers are blank."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from backprop.engine.steps import Cell, Trace
from backprop.explain.lines import reads
from backprop.lessons.lesson import Lesson
from backprop.practice.blanks import on_sheet
from backprop.practice.reckoning import AFTER, Reckoning, after
from backprop.runs.history import trace
from backprop.runs.walk import walk


@dataclass(frozen=True)
class Sheet:
    """An iteration of a lesson with blanks: sample, the one whose numbers are on it, None for all; digits that are asked for;
    blank, the cells."""

    lesson: Lesson
    iteration: int
    sample: int | None
    digits: int
    blank: frozenset[Cell]

    @cached_property
    def trace(self) -> Trace:
        return trace(self.lesson, self.iteration)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Every number of the sheet in the order in which it is computed; the last is the loss after the update."""
        if self.sample is not None:
            return (*walk(self.trace, self.sample).cells, after(self.trace))
        every = (cell for step in self.trace.steps for cell in self.trace.cells(step))
        return (*(cell for cell in every if on_sheet(self.trace, cell, None)), after(self.trace))

    @cached_property
    def at(self) -> dict[str, Cell]:
        """The cells by address."""
        return {cell.address: cell for cell in self.cells}

    @cached_property
    def exact(self) -> Reckoning:
        """The right numbers, and how far rounding all numbers on the way may move them."""
        return _exact(self.trace, self.digits)

    def true(self, cell: Cell) -> float:
        """The right number."""
        return self.exact.value(cell).value if cell.quantity == AFTER else self.trace.at(cell)

    def before(self, cell: Cell) -> tuple[Cell, ...]:
        """The computed numbers that a number is made of."""
        if cell.quantity == AFTER:
            return tuple(each for step in self.trace.steps if step.phase == "update" for each in self.trace.cells(step))
        return _before(self.trace, cell)


@lru_cache(maxsize=16_384)
def _before(trace: Trace, cell: Cell) -> tuple[Cell, ...]:
    return tuple(each for each in dict.fromkeys(reads(trace, cell)) if trace[each.quantity, each.layer].number)


@lru_cache(maxsize=64)
def _exact(trace: Trace, digits: int) -> Reckoning:
    return Reckoning(trace, digits)
