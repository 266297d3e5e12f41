"""How far the twins of a hand calculation have drifted from all digits: number by number, and what is most telling of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from backprop.engine.steps import Cell
from backprop.explain.alike import DIGITS, agreeing
from backprop.practice.arithmetic import Number, halves
from backprop.practice.rounding import Parting, Twins
from backprop.runs.walk import walk

MANY = 150
"""Rows of a table; where an iteration has more numbers it holds one number of each quantity of a layer, the worst."""


def relative(kept: Number, full: float | Fraction) -> float:
    """(kept − full) / |full|: −1 where nothing is left of it; inf beside a true 0; nan where the full number is not finite.

    What only float64's own rounding makes of it (alike.DIGITS) is 0.
    """
    if not math.isfinite(full):
        return math.nan
    apart = Fraction(kept) - Fraction(full)
    if not apart or 2 * 10**DIGITS * abs(apart) <= abs(Fraction(full)):
        return 0.0
    if not full:
        return math.copysign(math.inf, apart)
    try:
        return float(apart / abs(Fraction(full)))
    except OverflowError:
        return math.copysign(math.inf, apart)


@dataclass(frozen=True)
class Row:
    """A number of the iteration in every way of computing it; None where a twin did not come that far.

    drift  of half up, relative to all digits; nan where there is none
    right  the full number rounded once, at the end, half up and half even; None where it is not finite
    of     how many numbers the row stands for, of which it is the worst
    """

    cell: Cell
    full: float
    up: Decimal | None
    even: Decimal | None
    exact: Fraction | None
    drift: float
    right: tuple[Decimal, Decimal] | None
    of: int = 1


@lru_cache(maxsize=64)
def table(twins: Twins, sample: int, many: int = MANY) -> tuple[Row, ...]:
    """The computed numbers of the iteration in walk order, of the picked sample and of the sums over all; at most about `many`."""
    rows = [_row(twins, cell) for cell in walk(twins.trace, sample).cells]
    if len(rows) <= many:
        return tuple(rows)
    groups: dict[tuple[str, int | None, bool], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.cell.quantity, row.cell.layer, row.cell.sample is None), []).append(row)
    found = []
    for group in groups.values():
        top = worst(group) or group[0]
        found.append(Row(top.cell, top.full, top.up, top.even, top.exact, top.drift, top.right, len(group)))
    return tuple(found)


def _row(twins: Twins, cell: Cell) -> Row:
    full = twins.trace.at(cell)
    up, even, exact = (twin.numbers.get(cell) for twin in (twins.up, twins.even, twins.exact))
    best = exact if isinstance(exact, Fraction) else full
    drift = math.nan if up is None else relative(up, best)
    return Row(cell, full, up, even, exact, drift, _once(best, twins.places))  # type: ignore[arg-type]


def _once(full: float | Fraction, places: int) -> tuple[Decimal, Decimal] | None:
    """A number rounded once, from as many digits as rounding leaves of a long calculation in float64."""
    if isinstance(full, Fraction):
        return halves(full, places)
    return halves(Decimal(f"{full:.{DIGITS - 1}e}"), places) if math.isfinite(full) else None


def worst(rows: Sequence[Row]) -> Row | None:
    """The row with the largest drift, the first of several; None where nothing has drifted."""
    drifted = [row for row in rows if abs(row.drift) > 0]
    return max(drifted, key=lambda row: abs(row.drift), default=None)


def kept(rows: Sequence[Row]) -> tuple[int, int]:
    """(how many rows half up has right to the last decimal, how many it has rounded to 0 that are not 0)."""
    right = sum(row.up is not None and row.right is not None and row.up == row.right[0] for row in rows)
    gone = sum(row.up is not None and not row.up and row.full != 0 for row in rows)
    return right, gone


def parting(rows: Sequence[Row]) -> Row | None:
    """The first row of the iteration at which half up and half even differ."""
    return next((row for row in rows if row.up != row.even), None)


def parted_here(twins: Twins) -> Parting | None:
    """The tie at which they parted, where that was in this iteration or before."""
    found = twins.parted
    return found if found and found.iteration <= twins.trace.iteration else None


@dataclass(frozen=True)
class Loss:
    """The loss of the iteration: with all digits and as half up has it; how many of its digits agree, and the relative drift."""

    full: float
    kept: Decimal
    digits: int
    drift: float
    right: bool


def loss(twins: Twins) -> Loss | None:
    """What has become of the loss; None where half up did not come to it, or the full one is not finite."""
    iteration = twins.trace.iteration
    full = twins.losses[iteration]
    if len(twins.up.losses) <= iteration or not math.isfinite(full):
        return None
    came = twins.up.losses[iteration]
    assert isinstance(came, Decimal)
    once = _once(full, twins.places)
    right = once is not None and came == once[0]
    return Loss(full, came, agreeing(float(came), full), relative(came, full), right)


@lru_cache(maxsize=64)
def apart(twins: Twins) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """|loss of a twin − loss with all digits| by iteration, of half up and half even, as far as both are finite numbers."""

    def of(losses: Sequence[Number]) -> tuple[float, ...]:
        found = []
        for came, full in zip(losses, twins.losses, strict=False):
            if not math.isfinite(full):
                break
            found.append(abs(float(Fraction(came) - Fraction(full))))
        return tuple(found)

    return of(twins.up.losses), of(twins.even.losses)
