"""Marking: each answer on a sheet is right, right from an earlier wrong one, one of the known slips, or not yet right.

A number is right if it is within half a unit of the last digit asked for, or within what rounding can do at those numbers on the
way that nobody wrote down. A wrong number is marked once: what follows is held against what follows from it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from backprop.engine.formula import FormulaError
from backprop.engine.steps import Cell
from backprop.explain.terms import Product, Sum
from backprop.practice.reckoning import AFTER, Number, Reckoning, half_unit, rule
from backprop.practice.recognition import Found, near, recognised
from backprop.practice.sheet import Sheet
from backprop.practice.typed import Typed, typed

VERDICTS = ("open", "right", "carried", "short", "slip", "wrong", "unread")
"""No answer yet · right · right from an earlier wrong answer · right as far as its digits go · a known slip · not yet · no number."""


@dataclass(frozen=True)
class Verdict:
    """What is said of an answer.

    kind      of VERDICTS
    answer    the number that was read from the text; nan where there is none
    expected  what it should be: of "carried" and after it what follows from the answers before, else the right number
    found     the slips that fit; of a right answer with more digits than asked those that its further digits betray
    because   the answers before it that are not right themselves, nearest ones
    told      of "unread": the sentence that says why
    """

    kind: str
    answer: float = math.nan
    expected: float = math.nan
    found: tuple[Found, ...] = ()
    because: tuple[Cell, ...] = ()
    told: str = ""


@lru_cache(maxsize=256)
def marked(sheet: Sheet, answers: tuple[tuple[str, str], ...]) -> dict[Cell, Verdict]:
    """The verdict of every blank. answers: (address of the cell, text as it was typed); others than blanks are passed over."""
    read, told = answered(sheet, answers)
    marking = _Marking(sheet, read)
    for cell in sheet.cells:
        if cell in read:
            marking.found[cell] = marking.verdict(cell, read[cell])
        elif cell in sheet.blank:
            kind = "unread" if cell in told else "open"
            expected = marking.own.value(cell).value
            marking.found[cell] = Verdict(kind, expected=expected, told=told.get(cell, ""))
    return marking.found


def answered(sheet: Sheet, answers: tuple[tuple[str, str], ...]) -> tuple[dict[Cell, Typed], dict[Cell, str]]:
    """The numbers that stand in the blanks, and of what is no number the sentence that says why."""
    read: dict[Cell, Typed] = {}
    told: dict[Cell, str] = {}
    for address, text in answers:
        cell = sheet.at.get(address)
        if cell in sheet.blank:
            try:
                read[cell] = typed(text)
            except FormulaError as error:
                told[cell] = str(error)
    return read, told


class _Marking:
    """One pass over a sheet.

    own    what follows from the answers
    exact  the right numbers; what was answered counts as written down, so that rounding is allowed for only where nobody wrote
    """

    def __init__(self, sheet: Sheet, read: Mapping[Cell, Typed]) -> None:
        self.sheet = sheet
        self.own = Reckoning(sheet.trace, sheet.digits, {cell: each.value for cell, each in read.items()}, sheet.blank)
        self.exact = Reckoning(sheet.trace, sheet.digits, blank=sheet.blank - read.keys())
        self.found: dict[Cell, Verdict] = {}

    def verdict(self, cell: Cell, answer: Typed) -> Verdict:
        sheet, true = self.sheet, self.exact.computed(cell)
        if self.right(cell, answer.value, true):
            return Verdict("right", answer.value, true.value, self.betrayed(cell, answer))
        because = self.not_right(cell)
        follows = self.own.computed(cell)
        expected = follows.value if because else true.value
        if near(answer.value, follows, sheet.digits):
            return Verdict("carried" if because else "right", answer.value, expected, (), because)
        if any(answer.cut_from(value, sheet.digits) for value in (true.value, follows.value)):
            return Verdict("short", answer.value, expected, (), because)
        slips = tuple(recognised(sheet, cell, answer.value, self.own))
        return Verdict("slip" if slips else "wrong", answer.value, follows.value, slips, because)

    def right(self, cell: Cell, answer: float, true: Number) -> bool:
        noise = _noise(self.sheet, cell)
        if abs(true.value) <= noise:  # a sum that cancels: what is left is the computer's own rounding
            return abs(answer) <= max(noise, half_unit(noise, self.sheet.digits))
        return near(answer, true, self.sheet.digits)

    def not_right(self, cell: Cell) -> tuple[Cell, ...]:
        """The nearest answers before a number that are not right themselves, through blanks without an answer."""
        nearest: dict[Cell, None] = {}
        seen, waiting = {cell}, [cell]
        while waiting:
            for before in self.sheet.before(waiting.pop(0)):
                verdict = self.found.get(before)
                if verdict is None or before in seen:
                    continue
                seen.add(before)
                if verdict.kind == "open":
                    waiting.append(before)
                elif verdict.kind not in ("right", "unread"):
                    nearest[before] = None
        return tuple(nearest)

    def betrayed(self, cell: Cell, answer: Typed) -> tuple[Found, ...]:
        """Of a right answer that was given with more digits than asked for: the slips that its further digits betray."""
        if answer.decimals <= self.sheet.digits + 1:
            return ()
        finer = Sheet(
            self.sheet.lesson, self.sheet.iteration, self.sheet.sample, min(answer.decimals, 12), self.sheet.blank
        )
        own = Reckoning(finer.trace, finer.digits, self.own.answers, finer.blank)
        if abs(answer.value - own.computed(cell).value) <= 1.5 * 10.0**-answer.decimals:
            return ()
        return tuple(recognised(finer, cell, answer.value, own))


def _noise(sheet: Sheet, cell: Cell) -> float:
    """A sum whose terms cancel is 0 but for the rounding of float64: below this. Of what is no sum every digit counts."""
    if cell.quantity == AFTER:
        return 0.0
    node = rule(sheet.trace, cell)
    sums = node.factors if isinstance(node, Product) else (node,)
    terms = [
        sheet.exact.read(term).value
        for each in sums
        if isinstance(each, Sum) and len(each.terms) > 1
        for term in each.terms
    ]
    return 1e-15 * max(map(abs, terms), default=0.0)
