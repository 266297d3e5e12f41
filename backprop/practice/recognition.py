"""Which slip gives somebody's number: each is made, here or all along the way, from the answers before, and compared."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from backprop.engine.steps import Cell, Trace
from backprop.explain.terms import Node
from backprop.practice.reckoning import AFTER, Number, Reckoning, Rewrite, half_unit
from backprop.practice.rewrites import Mistake
from backprop.practice.sheet import Sheet
from backprop.practice.slips import SLIPS, Slip, mistakes

MOST_ON_THE_WAY = 300
"""A slip made all along the way is looked for where the way has at most so many numbers."""

MOST_SPREAD = 0.3
"""Rounding is allowed for up to this part of a number: beyond it no digit of it is left."""


class Found(NamedTuple):
    """A slip that gives somebody's number. along: it was made at numbers before this one too"""

    slip: Slip
    mistake: Mistake
    along: bool = False


def near(answer: float, made: Number, digits: int) -> bool:
    """Is an answer a number, to the digits asked for and what rounding may do? A minus is never right for a plus, nor 0 for either."""
    value, radius = made
    if not math.isfinite(value):
        return False
    reach = min(radius, MOST_SPREAD * abs(value)) + half_unit(value, digits)
    return _same_sign(answer, value) and abs(answer - value) <= reach * (1 + 1e-9)


def _same_sign(one: float, other: float) -> bool:
    return (one > 0) - (one < 0) == (other > 0) - (other < 0)


def recognised(sheet: Sheet, cell: Cell, answer: float, own: Reckoning) -> list[Found]:
    """The slips whose number an answer is: those made here; where there are none, those made all along the way; then the last ones."""
    return (
        list(_made_here(sheet, cell, answer, own))
        or list(_made_along(sheet, cell, answer, own))
        or list(_last(sheet, cell, answer, own))
    )


def _fits(sheet: Sheet, answer: float, made: Number, right: float) -> bool:
    """Is an answer the number of a slip, and nearer to it than to the right one, from which it can be told apart?

    A slip that comes to 0 is no guess that can be made: who knows nothing types 0, too.
    """
    half, apart = half_unit(made.value, sheet.digits), abs(made.value - right)
    if not math.isfinite(made.value) or made.value == 0.0 or apart <= half_unit(right, sheet.digits):
        return False
    return _same_sign(answer, made.value) and abs(answer - made.value) <= max(
        half, min(half + made.radius, apart / 4)
    ) * (1 + 1e-9)


def _made_here(sheet: Sheet, cell: Cell, answer: float, own: Reckoning) -> Iterator[Found]:
    right = own.computed(cell).value
    for slip in SLIPS.values():
        for mistake in () if slip.last else mistakes(slip, sheet.trace, cell):
            said_zero = slip.zero and answer == 0.0 and abs(right) > half_unit(right, sheet.digits)
            if said_zero or _fits(sheet, answer, own.computed(cell, mistake.node), right):
                yield Found(slip, mistake)
                break


def _made_along(sheet: Sheet, cell: Cell, answer: float, own: Reckoning) -> Iterator[Found]:
    """A slip made at every number on the way that has no answer yet, in the same way each time."""
    way = _on_the_way(sheet, cell, own)
    if not way or len(way) > MOST_ON_THE_WAY:
        return
    right = own.computed(cell).value
    for slip in SLIPS.values():
        if slip.last:
            continue
        kinds = {each.way: each for before in way for each in mistakes(slip, sheet.trace, before) if each.source}
        for kind, example in kinds.items():
            made = Reckoning(sheet.trace, sheet.digits, own.answers, sheet.blank, all_along(slip, kind)).computed(cell)
            if _fits(sheet, answer, made, right):
                yield Found(slip, example, along=True)
                break


def _last(sheet: Sheet, cell: Cell, answer: float, own: Reckoning) -> Iterator[Found]:
    """The right number of another place; only where there is one such place, and not of a blank that is still open."""
    for slip in SLIPS.values():
        if slip.last and cell.quantity != AFTER:
            true = sheet.true(cell)
            fits = [
                each
                for each in mistakes(slip, sheet.trace, cell)
                if each.other
                and _written(own, each.other)
                and _fits(sheet, answer, Number(sheet.true(each.other)), true)
            ]
            if len(fits) == 1:
                yield Found(slip, fits[0])


def _written(own: Reckoning, cell: Cell) -> bool:
    """Does a number stand on the sheet, printed or as an answer?"""
    return cell in own.answers or (own.blank is not None and cell not in own.blank)


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
