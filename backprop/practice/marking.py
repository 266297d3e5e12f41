"""Marking: each answer on a sheet is right, right from an earlier wrong one, one of the known slips, or not yet right.

A number is right if it is within half a unit of the last digit asked for, or within what rounding every number on the way can
do. A wrong number is marked once: what follows is held against what follows from it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from backprop.engine.formula import MAX_LENGTH, FormulaError, parse_number
from backprop.engine.steps import Cell, Trace
from backprop.explain.lines import reads
from backprop.explain.terms import Node
from backprop.lessons.lesson import Lesson
from backprop.practice.blanks import on_sheet
from backprop.practice.reckoning import AFTER, Reckoning, Rewrite, after, half_unit
from backprop.practice.slips import SLIPS, Mistake, Slip, mistakes
from backprop.runs.history import trace
from backprop.runs.walk import walk

VERDICTS = ("open", "right", "carried", "short", "slip", "wrong", "unread")
"""No answer yet · right · right from an earlier wrong answer · right as far as its digits go · a known slip · not yet · no number."""

MOST_ON_THE_WAY = 300
"""A slip made all along the way is looked for where the way has at most so many numbers."""


class Found(NamedTuple):
    """A slip that gives somebody's number. along: it was made at numbers before this one too"""

    slip: Slip
    mistake: Mistake
    along: bool = False


@dataclass(frozen=True)
class Verdict:
    """What is said of an answer.

    kind      of VERDICTS
    answer    the number that was read from the text; nan where there is none
    expected  what it should be: of "carried" and after it what follows from the answers before, else the right number
    found     the slips that fit; of an answer with more digits than asked also where it is right to those
    because   the answers before it that are not right themselves, nearest ones
    told      of "unread": the sentence that says why
    """

    kind: str
    answer: float = math.nan
    expected: float = math.nan
    found: tuple[Found, ...] = ()
    because: tuple[Cell, ...] = ()
    told: str = ""


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
        return tuple(each for each in reads(self.trace, cell) if self.trace[each.quantity, each.layer].number)


@lru_cache(maxsize=64)
def _exact(trace: Trace, digits: int) -> Reckoning:
    return Reckoning(trace, digits)


def number(text: str) -> float:
    """What somebody typed as a number: 0.1868, 0,1868, −2.3·10⁻⁴, 0.7414*0.1868. Raises FormulaError."""
    if len(text) > MAX_LENGTH:
        return parse_number(text)  # which says how long it may be
    plain = text.strip().translate(_SIGNS)
    if "." not in plain and not _SEVERAL.search(plain):  # decimal commas; in max(1,2) a comma separates arguments
        plain = _COMMA.sub(".", plain)
    return parse_number(_POWER.sub(lambda power: f"10^({power[1].translate(_SUPERSCRIPT)})", plain))


_SIGNS = str.maketrans(
    {"−": "-", "·": "*", "×": "*", "÷": "/", "：": ":", "，": ",", "．": ".", "（": "(", "）": ")", "\u00a0": " "}
)
_SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_SEVERAL, _COMMA = re.compile("max|min"), re.compile(r"(?<=\d),(?=\d)|,(?=\d)")
_POWER = re.compile("10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4})")


@lru_cache(maxsize=256)
def marked(sheet: Sheet, answers: tuple[tuple[str, str], ...]) -> dict[Cell, Verdict]:
    """The verdict of every blank. answers: (address of the cell, text as it was typed); others than blanks are passed over."""
    texts = {sheet.at[address]: text for address, text in answers if address in sheet.at}
    texts = {cell: text for cell, text in texts.items() if cell in sheet.blank}
    found: dict[Cell, Verdict] = {}
    read: dict[Cell, float] = {}
    told: dict[Cell, str] = {}
    for cell, text in texts.items():
        try:
            read[cell] = number(text)
        except FormulaError as error:
            told[cell] = str(error)
    own = Reckoning(sheet.trace, sheet.digits, read, sheet.blank)
    for cell in sheet.cells:
        if cell in read:
            found[cell] = _verdict(sheet, cell, read[cell], texts[cell], own, found)
        elif cell in sheet.blank:
            kind = "unread" if cell in told else "open"
            found[cell] = Verdict(kind, expected=own.value(cell).value, told=told.get(cell, ""))
    return found


def _verdict(
    sheet: Sheet, cell: Cell, answer: float, text: str, own: Reckoning, found: Mapping[Cell, Verdict]
) -> Verdict:
    true = sheet.true(cell)
    if _near(answer, true, sheet.exact.computed(cell).radius, sheet.digits, _noise(sheet, cell)):
        return Verdict("right", answer, true, _telling(sheet, cell, answer, text, own))
    because = tuple(dict.fromkeys(_not_right(sheet, cell, found)))
    follows = own.computed(cell)
    if _near(answer, follows.value, follows.radius, sheet.digits, 0.0):
        return Verdict("carried" if because else "right", answer, follows.value if because else true, (), because)
    if _cut(text, answer, true, sheet.digits) or _cut(text, answer, follows.value, sheet.digits):
        return Verdict("short", answer, follows.value if because else true, (), because)
    slips = tuple(_slips(sheet, cell, answer, own))
    return Verdict("slip" if slips else "wrong", answer, follows.value, slips, because)


def _not_right(sheet: Sheet, cell: Cell, found: Mapping[Cell, Verdict]) -> Iterator[Cell]:
    """The nearest answers before a number that are not right themselves, through blanks without an answer."""
    for before in sheet.before(cell):
        verdict = found.get(before)
        if verdict is None:
            continue
        if verdict.kind == "open":
            yield from _not_right(sheet, before, found)
        elif verdict.kind not in ("right", "unread"):
            yield before


def _near(answer: float, value: float, radius: float, digits: int, noise: float) -> bool:
    """Is an answer a number, to the digits asked for and what rounding may do? 0 is right only for 0, a minus never for a plus."""
    if not math.isfinite(value):
        return False
    if abs(value) <= noise:  # a sum that cancels: what is left is the computer's own rounding
        return abs(answer) <= max(noise, half_unit(noise, digits))
    reach = radius + half_unit(value, digits)
    return answer != 0 and (answer > 0) == (value > 0) and abs(answer - value) <= reach * (1 + 1e-9)


def _noise(sheet: Sheet, cell: Cell) -> float:
    """So small a number is 0 but for the rounding of float64."""
    if cell.quantity == AFTER:
        return 0.0
    scale = max((abs(sheet.trace.at(each)) for each in reads(sheet.trace, cell)), default=0.0)
    return 1e-15 * scale


def _cut(text: str, answer: float, value: float, digits: int) -> bool:
    """Is a plain number right as far as its digits go, of which at least one is not 0, and only has too few? It may have been rounded twice."""
    plain = _PLAIN.fullmatch(text.strip())
    if not plain or not plain[1].strip("0.,") or not math.isfinite(value):
        return False
    return abs(answer - value) <= (0.5 * 10.0 ** -len(plain[2]) + half_unit(value, digits)) * (1 + 1e-9)


_PLAIN = re.compile(r"[+\-−]?(\d{0,6}[.,](\d{2,15}))", re.ASCII)


# --- slips


def _slips(sheet: Sheet, cell: Cell, answer: float, own: Reckoning) -> Iterator[Found]:
    """The slips whose number an answer is: those made here; where there are none, those made all along the way; then the last ones."""
    here = list(_made_here(sheet, cell, answer, own, last=False))
    if not here:
        here = list(_made_along(sheet, cell, answer, own))
    yield from here or _made_here(sheet, cell, answer, own, last=True)


def _fits(sheet: Sheet, answer: float, made: tuple[float, float], right: tuple[float, float]) -> bool:
    """Is an answer the number of a slip, and that number another than the right one?"""
    value, radius = made
    if not math.isfinite(value) or abs(value - right[0]) <= half_unit(right[0], sheet.digits):
        return False
    if value == 0.0:
        return answer == 0.0
    return _near(answer, value, radius, sheet.digits, 0.0)


def _made_here(sheet: Sheet, cell: Cell, answer: float, own: Reckoning, last: bool) -> Iterator[Found]:
    if cell.quantity == AFTER:
        return
    right = own.computed(cell)
    for slip in SLIPS.values():
        if slip.last != last:
            continue
        for mistake in mistakes(slip, sheet.trace, cell):
            if _fits(sheet, answer, own.computed(cell, mistake.node), right):
                yield Found(slip, mistake)
                break


def _made_along(sheet: Sheet, cell: Cell, answer: float, own: Reckoning) -> Iterator[Found]:
    """A slip made at every number on the way that has no answer yet, in the same way each time."""
    way = _on_the_way(sheet, cell, own)
    if not way or len(way) > MOST_ON_THE_WAY:
        return
    right = own.computed(cell)
    for slip in SLIPS.values():
        if slip.last:
            continue
        kinds = {each.way: each for before in way for each in mistakes(slip, sheet.trace, before) if each.source}
        for kind, example in kinds.items():
            made = Reckoning(sheet.trace, sheet.digits, own.answers, sheet.blank, all_along(slip, kind)).computed(cell)
            if _fits(sheet, answer, made, right):
                yield Found(slip, example, along=True)
                break


def all_along(slip: Slip, way: str = "") -> Rewrite:
    """The slip made wherever it can be, in one way."""

    def rewrite(trace: Trace, cell: Cell) -> Node | None:
        made = (each.node for each in mistakes(slip, trace, cell) if each.way == way and each.source)
        return next(made, None)

    return rewrite


def _on_the_way(sheet: Sheet, cell: Cell, own: Reckoning) -> list[Cell]:
    """The blanks without an answer that a number is made of, nearest first."""
    found: dict[Cell, None] = {}
    waiting = [cell]
    while waiting and len(found) <= MOST_ON_THE_WAY:
        for before in sheet.before(waiting.pop()):
            if before in sheet.blank and before not in own.answers and before not in found:
                found[before] = None
                waiting.append(before)
    return list(found)


def _telling(sheet: Sheet, cell: Cell, answer: float, text: str, own: Reckoning) -> tuple[Found, ...]:
    """Of a right answer that was given with more digits than asked for: the slips that its further digits betray."""
    plain = _PLAIN.fullmatch(text.strip())
    decimals = len(plain[2]) if plain else 0
    if decimals <= sheet.digits + 1:
        return ()
    finer = Sheet(sheet.lesson, sheet.iteration, sheet.sample, min(decimals, 12), sheet.blank)
    exact = Reckoning(finer.trace, finer.digits, own.answers, finer.blank)
    follows = exact.computed(cell)
    if abs(answer - follows.value) <= 1.5 * 10.0**-decimals:
        return ()
    return tuple(_slips(finer, cell, answer, exact))
