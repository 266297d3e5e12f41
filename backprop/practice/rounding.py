"""An iteration as a class computes it: every number from the rounded numbers before it, kept to so many decimals; and in fractions.

A twin goes on with its own numbers from iteration to iteration. What is kept are decimals, not significant digits, as on
paper: 4.386·10⁻⁴ is 0.0004 with four of them, and so gradients suffer most. A step is a number of the trace, computed by the
rule that explains it (explain.lines.stepwise); within its rule nothing is rounded, as on a calculator. A given number is
copied as it is typed, however many decimals it has; only one with more than COPIED digits, such as a drawn weight, is rounded
like the computed ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

from backprop.engine.steps import Cell, Trace
from backprop.language import _
from backprop.lessons.lesson import Lesson
from backprop.practice.arithmetic import WIDE, Breakdown, Formula, Number, Products, as_typed, halves
from backprop.practice.rules import programme
from backprop.runs.history import history, trace

MOST = 100
"""Iterations a twin goes at most."""
BUDGET = 60_000
"""Numbers that a twin may put into rules, over all its iterations: more iterations for a small network than for a large one."""
COPIED = 6
"""Digits of a given number that a class copies as they are printed."""
DIGITS = 60
"""A fraction with more digits than this above or below its line is no longer written."""
PLACES = (1, 30)


class Broken(NamedTuple):
    """Where a twin could not go on: the number it could not compute, and why; see arithmetic.Breakdown."""

    iteration: int
    cell: Cell
    why: str


class Parting(NamedTuple):
    """The first number at which half up and half even differ: a true tie, `value`, between the two."""

    iteration: int
    cell: Cell
    value: Fraction
    up: Decimal
    even: Decimal


@dataclass(frozen=True)
class Twin:
    """One way to compute by hand.

    numbers  of the iteration asked for, as far as the twin came; what is given included
    losses   of iterations 0, 1, …, as far as the twin came
    broken   where it could not go on
    still    the first iteration of those asked for whose update moves no parameter: from there on nothing changes
    """

    numbers: Mapping[Cell, Number]
    losses: tuple[Number, ...]
    broken: Broken | None = None
    still: int | None = None


@dataclass(frozen=True, eq=False)
class Twins:
    """The iteration `trace` with all digits, and the same by hand: half up, half even, and in fractions as far as they go.

    losses   with all digits, of iterations 0 … upto
    parted   the first parting of half up and half even within these, if any
    resting  parameters that half up leaves where they are although the full step is not 0, with the first iteration since
             which they have not moved
    moving   how many parameters this iteration moves with all digits
    """

    trace: Trace
    places: int
    losses: tuple[float, ...]
    up: Twin
    even: Twin
    exact: Twin
    parted: Parting | None
    resting: Mapping[Cell, int]
    moving: int


def reach(lesson: Lesson) -> int:
    """The last iteration to which the twins of a lesson go: MOST, or less where BUDGET is used up before."""
    return min(MOST, max(1, BUDGET // programme(lesson).work))


class _Course:
    """A twin's iterations, one after another. half: 0 for half up, 1 for half even, None for fractions."""

    def __init__(self, lesson: Lesson, places: int, half: int | None) -> None:
        self.programme, self.places, self.half = programme(lesson), places, half
        self.given: list[list[Number]] = []
        self.losses: list[Number] = []
        self.broken: Broken | None = None
        self.still: int | None = None
        self.parted: Parting | None = None
        self._latest: tuple[int, list[Number]] | None = None
        start = trace(lesson)
        self._start = [start.at(cell) for cell in self.programme.cells[1 : self.programme.given] if cell]
        self._loss = self.programme.places[Cell("loss", lesson.network.depth)]

    def reach(self, iterations: int, like: _Course | None = None) -> _Course:
        """Go on until iteration `iterations` is computed, or the twin breaks down. like: a twin that is the same until it parts."""
        if not self.given:
            self.given.append([Decimal(1) if self.half is not None else Fraction(1), *map(self._copied, self._start)])
        while len(self.losses) <= iterations and not self.broken:
            here = len(self.losses)
            if like and (not like.parted or here < like.parted.iteration) and len(like.given) > here + 1:
                self.losses.append(like.losses[here])
                self.given.append(like.given[here + 1])
            elif self.still is not None:
                self.losses.append(self.losses[-1])
                self.given.append(self.given[-1])
            else:
                self._go(here)
            if self.still is None and not self.broken and self.given[-1] == self.given[-2]:
                self.still = here
        return self

    def _go(self, here: int) -> None:
        numbers = self.numbers(here)
        if len(numbers) > self._loss:
            self.losses.append(numbers[self._loss])
        if self.broken:
            return
        after = list(self.given[here])
        for old, new in self.programme.after:
            after[old] = numbers[new]
        self.given.append(after)

    def numbers(self, iteration: int) -> list[Number]:
        """The numbers of an iteration that was reached, in the order of the programme, as far as they go."""
        if iteration >= len(self.given):
            return []
        if not self._latest or self._latest[0] != iteration:
            self._latest = iteration, self._computed(iteration)
        return self._latest[1]

    def _computed(self, iteration: int) -> list[Number]:
        numbers = list(self.given[iteration])
        programme = self.programme
        other: dict[int, Products | Formula] = {}
        with localcontext(WIDE):
            for rule in programme.rules:
                place = len(numbers)
                cell = programme.cells[place]
                assert cell
                if cell.quantity == "loss_term" and (cell.sample, cell.unit) == (1, 1):
                    other = programme.saturated(numbers)
                try:
                    numbers.append(self._kept(other.get(place, rule), numbers, Broken(iteration, cell, "")))
                except Breakdown as found:
                    self.broken = Broken(iteration, cell, found.why)
                    break
        return numbers

    def _kept(self, rule: Products | Formula, numbers: list[Number], where: Broken) -> Number:
        """What a rule comes to, as this twin writes it down. Raises Breakdown."""
        value: Number
        if isinstance(rule, Formula):
            value = rule.value(numbers, exact=self.half is None)
        else:
            value = rule.total(numbers)
            if rule.divisor != 1:
                value = Fraction(value) / rule.divisor
        if self.half is None:
            assert isinstance(value, Fraction)
            if max(abs(value.numerator), value.denominator) >= 10**DIGITS:
                raise Breakdown("digits")
            return value
        both = halves(value, self.places)
        if both[0] != both[1] and self.parted is None:
            self.parted = Parting(where.iteration, where.cell, Fraction(value), *both)
        return both[self.half]

    def _copied(self, value: float) -> Number:
        """A given number as a class copies it."""
        if self.half is None:
            return as_typed(value)
        printed = Decimal(repr(value))
        if len(printed.normalize().as_tuple().digits) <= COPIED:
            return printed
        return halves(printed, self.places)[self.half]

    def twin(self, iteration: int, upto: int) -> Twin:
        numbers = self.numbers(iteration)
        found = {cell: number for cell, number in zip(self.programme.cells, numbers, strict=False) if cell}
        broken = self.broken if self.broken and self.broken.iteration <= upto else None
        still = self.still if self.still is not None and self.still <= upto else None
        return Twin(found, tuple(self.losses[: upto + 1]), broken, still)


class _Courses:
    """The three twins of a lesson with so many decimals; they grow as far as somebody has asked."""

    def __init__(self, lesson: Lesson, places: int) -> None:
        self.lesson, self.places, self.lock = lesson, places, Lock()
        self.up, self.even = _Course(lesson, places, 0), _Course(lesson, places, 1)

    def twins(self, iteration: int, upto: int) -> Twins:
        with self.lock:
            up = self.up.reach(upto)
            even = self.even.reach(upto, up)
            half_up, half_even = up.twin(iteration, upto), even.twin(iteration, upto)
            parted = up.parted if up.parted and up.parted.iteration <= upto else None
            resting, moving = self._resting(iteration)
        losses = tuple(history(self.lesson).losses(upto).tolist())
        exact = _fractions(self.lesson, iteration, upto)
        here = trace(self.lesson, iteration)
        return Twins(here, self.places, losses, half_up, half_even, exact, parted, resting, moving)

    def _resting(self, iteration: int) -> tuple[dict[Cell, int], int]:
        found, given, moving = trace(self.lesson, iteration), self.up.given, 0
        resting: dict[Cell, int] = {}
        for place, _new in self.up.programme.after:
            cell = self.up.programme.cells[place]
            assert cell
            gradient = found.at(cell._replace(quantity=f"dL_d{cell.quantity}"))
            if not gradient * self.lesson.learning_rate:
                continue
            moving += 1
            since = iteration + 1
            while 0 < since < len(given) and given[since - 1][place] == given[since][place]:
                since -= 1
            if since <= iteration:
                resting[cell] = since
        return resting, moving


@lru_cache(maxsize=64)
def _courses(lesson: Lesson, places: int) -> _Courses:
    return _Courses(lesson, places)


@lru_cache(maxsize=32)
def _exact(lesson: Lesson) -> tuple[_Course, Lock]:
    return _Course(lesson, 0, None), Lock()


@lru_cache(maxsize=256)
def _fractions(lesson: Lesson, iteration: int, upto: int) -> Twin:
    course, lock = _exact(lesson)
    with lock:
        return course.reach(upto).twin(iteration, upto)


@lru_cache(maxsize=256)
def twins(lesson: Lesson, iteration: int, places: int, upto: int | None = None) -> Twins:
    """Iteration `iteration` of a lesson with all digits and by hand with so many decimals; the losses up to `upto`, or up to it.

    Raises ValueError for an iteration beyond reach(lesson), and for places outside PLACES.
    """
    upto = iteration if upto is None else upto
    if not 0 <= iteration <= upto <= (most := reach(lesson)):
        raise ValueError(
            _("Iteration {came} is out of reach; allowed are 0 to {limit}.").format(
                came=upto if 0 <= iteration <= upto else iteration, limit=most
            )
        )
    if not PLACES[0] <= places <= PLACES[1]:
        raise ValueError(
            _("{came} decimals cannot be kept; allowed are {least} to {most}.").format(
                came=places, least=PLACES[0], most=PLACES[1]
            )
        )
    return _courses(lesson, places).twins(iteration, upto)
