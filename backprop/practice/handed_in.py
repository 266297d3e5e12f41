"""A sheet that was filled in and handed in: whose numbers it has, and what was written into its blanks."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols
from backprop.language import _
from backprop.lessons import changes
from backprop.lessons.lesson import Lesson, LessonError
from backprop.practice.blanks import on_sheet
from backprop.practice.marking import Verdict, marked
from backprop.practice.sheet import Sheet
from backprop.runs.history import trace


class HandedInError(ValueError):
    """The sheet does not belong to the lesson; the message is one sentence for the person who handed it in."""


@dataclass(frozen=True)
class HandedIn:
    """sheet: with the numbers of the file, all samples on it · answers: (address, text) of what was written into the blanks ·
    other: the file has other given numbers than the lesson that is open"""

    sheet: Sheet
    answers: tuple[tuple[str, str], ...]
    other: bool

    @property
    def verdicts(self) -> dict[Cell, Verdict]:
        """The verdict of every number that was left to be filled in."""
        return marked(self.sheet, self.answers)

    def summary(self) -> dict[str, Counter[str]]:
        """How many of each verdict, by phase."""
        found: dict[str, Counter[str]] = {}
        for cell, verdict in self.verdicts.items():
            phase = self.sheet.trace[cell.quantity, cell.layer].phase
            found.setdefault(phase, Counter())[verdict.kind] += 1
        return found


def handed_in(
    lesson: Lesson,
    digits: int,
    values: Mapping[tuple[int, Cell], str],
    left: Collection[tuple[int, Cell]] | None = None,
) -> HandedIn:
    """The sheet of a file. values: what stands in it, by iteration and cell, as export.filled reads it; digits asked for.

    left: the numbers that were left blank. Where the file does not say it, that is every quantity of a layer of which not all
    numbers stand there with every digit, as they are printed. Raises HandedInError for a file of several iterations, of one out
    of reach, or of another network than the lesson's.
    """
    iterations = sorted({iteration for iteration, _cell in values})
    if len(iterations) != 1:
        raise HandedInError(
            _("The file holds {count} iterations; hand in one at a time.").format(count=len(iterations))
        )
    iteration = iterations[0]
    if iteration > MOST_ITERATIONS:
        raise HandedInError(
            _("The sheet is of iteration {came}; at most {limit} can be marked.").format(
                came=iteration, limit=MOST_ITERATIONS
            )
        )
    texts = {cell: text for (_iteration, cell), text in values.items()}
    given = {cell: _number(cell, text) for cell, text in texts.items() if _is_given(cell)}
    here = trace(lesson, iteration)
    _same_network(here, texts, given)
    other = not all(_same(here.at(cell), value) for cell, value in given.items())
    if other:
        try:
            lesson, iteration = changes.with_numbers(lesson, given), 0
        except LessonError as error:
            raise HandedInError(error.faults[0]) from None
        here = trace(lesson, iteration)
    computed = [
        cell
        for step in here.steps
        for cell in here.cells(step)
        if on_sheet(here, cell, None) and math.isfinite(here.at(cell))
    ]
    if left is None:
        steps = {cell[:2] for cell in computed if not _printed(texts.get(cell, ""), here.at(cell))}
        blank = {cell for cell in computed if cell[:2] in steps}
    else:
        marked_blank = {cell for _iteration, cell in left}
        blank = {cell for cell in computed if cell in marked_blank or cell not in texts}  # a line that is gone is open
    answers = tuple((cell.address, texts[cell]) for cell in computed if cell in blank and cell in texts)
    return HandedIn(Sheet(lesson, iteration, None, digits, frozenset(blank)), answers, other)


MOST_ITERATIONS = 10_000
"""A sheet of a later iteration would take seconds to compute."""


def _same(one: float, other: float) -> bool:
    """The same number, as far as a spreadsheet program keeps its digits."""
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-300)


def _printed(text: str, value: float) -> bool:
    """Does a number stand there as it was printed?"""
    return bool(_DIGITS.fullmatch(text)) and _same(float(text.replace(",", ".")), value)


_DIGITS = re.compile(r"-?\d{1,310}(?:[.,]\d{1,330})?(?:[eE][+-]?\d{1,3})?", re.ASCII)


def _is_given(cell: Cell) -> bool:
    return cell.quantity in (*numerals.GIVEN, "t")


def _number(cell: Cell, text: str) -> float:
    """A given number of the file; a spreadsheet may have written its point as a comma."""
    plain = text.replace(numerals.MINUS, "-").replace(",", ".")
    value = float(plain) if _DIGITS.fullmatch(plain) else math.nan
    if not math.isfinite(value):
        raise HandedInError(
            _("{symbol} is given, and “{came}” is no number; leave the given numbers as they are.").format(
                symbol=symbols.ascii(cell, 2), came=text[:40]
            )
        )
    return value


def _same_network(here: Trace, texts: Mapping[Cell, str], given: Mapping[Cell, float]) -> None:
    known = {cell for step in (*here.given, *here.steps) for cell in here.cells(step)}
    strange = next((cell for cell in texts if cell not in known), None)
    if strange is not None:
        raise HandedInError(
            _(
                "The sheet has {symbol}, which the lesson that is open here has not: open the sheet's own lesson first."
            ).format(symbol=symbols.ascii(strange, 2))
        )
    missing = next((cell for step in here.given for cell in here.cells(step) if cell not in given), None)
    if missing is not None:
        raise HandedInError(
            _(
                "The sheet has no {symbol}, which the lesson that is open here has: open the sheet's own lesson first."
            ).format(symbol=symbols.ascii(missing, here.samples))
        )
