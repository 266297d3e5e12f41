"""What lies on the desk: the sheet of a place, its parts, what has been answered, and the iteration with the answers in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from backprop.engine.steps import Cell, Trace
from backprop.lessons.lesson import Lesson
from backprop.practice import blanks
from backprop.practice.blanks import Part
from backprop.practice.marking import Verdict, answered, marked
from backprop.practice.reckoning import AFTER, Reckoning, after
from backprop.practice.sheet import Sheet
from backprop.runs.history import trace
from backprop.runs.walk import walk
from backprop.ui.explanation import style
from backprop.ui.place import Place

DONE = ("right", "carried")
WIDE, TALL = 968, 276
"""px: the network above the sheet, on a projector."""


@dataclass(frozen=True)
class Desk:
    """sheet · parts: what is worked out together · part: the one that is open · answers: what was typed, by cell"""

    sheet: Sheet
    parts: tuple[Part, ...]
    part: Part
    answers: dict[Cell, str]
    typed: tuple[tuple[str, str], ...]

    @cached_property
    def verdicts(self) -> dict[Cell, Verdict]:
        return marked(self.sheet, self.typed)

    @cached_property
    def own(self) -> Trace:
        """The iteration with the answers in it."""
        return _own(self.sheet, self.typed)

    def without(self, cell: Cell) -> Trace:
        """The same, with what follows from the answers before it in place of a blank's own answer: for the lines that tell how it goes."""
        return _own(self.sheet, tuple(pair for pair in self.typed if pair[0] != cell.address))

    @cached_property
    def still(self) -> list[Cell]:
        """The blanks without an answer."""
        return [
            cell
            for cell, verdict in self.verdicts.items()
            if verdict.kind in ("open", "unread") and cell.quantity != AFTER
        ]

    def kind(self, cell: Cell) -> str:
        """The verdict's kind; "given" where the number stands on the sheet."""
        return self.verdicts[cell].kind if cell in self.sheet.blank else "given"

    def done(self, part: Part) -> tuple[int, int]:
        """(right ones, all) of the blanks of a part."""
        blank = [cell for cell in part.cells if cell in self.sheet.blank]
        return sum(self.kind(cell) in DONE for cell in blank), len(blank)


@lru_cache(maxsize=256)
def _own(sheet: Sheet, typed: tuple[tuple[str, str], ...]) -> Trace:
    read, _told = answered(sheet, typed)
    numbers = {cell: each.value for cell, each in read.items()}
    return Reckoning(sheet.trace, sheet.digits, numbers, sheet.blank).written()


def desk(here: Place) -> Desk:
    """The desk at a place of the page."""
    sheet, parts = _sheet(
        here.lesson, here.iteration, here.sample, here.digits, here.dial, here.blank, here.comma, here.fractions
    )
    part = next((each for each in parts if each.name == here.part), parts[0])
    answers = {sheet.at[address]: text for address, text in here.answers if address in sheet.at}
    return Desk(sheet, parts, part, answers, here.answers)


@lru_cache(maxsize=256)
def _sheet(
    lesson: Lesson, iteration: int, sample: int, digits: int, dial: int, tokens: str, *_written: bool
) -> tuple[Sheet, tuple[Part, ...]]:
    at = trace(lesson, iteration)
    last = after(at)
    parts = blanks.parts((*walk(at, sample).cells, last))
    names = tokens.split("~") if tokens else []
    chosen = {cell for part in parts for cell in (blanks.named(part, names) if names else blanks.dialled(part, dial))}
    plain = style(Place(lesson=lesson, digits=digits), "forward")
    blank = blanks.covered(at, plain, sample, chosen - {last}) | (chosen & {last})
    return Sheet(lesson, iteration, sample, digits, frozenset(blank)), parts


def told(cell: Cell) -> bool:
    """Has a number a line of its own, with a rule? The loss after the update has none."""
    return cell.quantity != AFTER
