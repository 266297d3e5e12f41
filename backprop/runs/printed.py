"""Printed in an article, computed here: do they agree?

A printed number agrees if the computed one, rounded to as many digits, is it. Nothing else counts as agreement: what is
known of a difference stands in the claim's verdict, and tests hold every verdict to the comparison made here.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from math import isfinite, prod

from backprop.lessons.examples import example
from backprop.lessons.printed import Chapter, Claim, chapters
from backprop.runs.history import trace

_WIDE = Context(prec=800)  # every float64 with all its digits


@dataclass(frozen=True)
class Compared:
    """A claim beside the number that it claims to be, as float64, and whether they agree."""

    claim: Claim
    value: float

    @property
    def agrees(self) -> bool:
        return isfinite(self.value) and nearest(self.value, self.claim.printed) == Decimal(self.claim.printed)


def nearest(value: float, printed: str) -> Decimal:
    """A finite number rounded to the place where a printed one ends, a half away from zero as at school.

    >>> str(nearest(0.35891648, "0.3595")), str(nearest(1234.5, "1.2e3"))
    ('0.3589', '1.2E+3')
    """
    last = Decimal(1).scaleb(int(Decimal(printed).as_tuple().exponent))
    return Decimal(value).quantize(last, ROUND_HALF_UP, _WIDE)


def computed(name: str, claim: Claim) -> float:
    """The number of an example that a claim is about: from its traces, or recorded where this app has no such network."""
    if claim.recorded is not None:
        return float(claim.recorded)
    lesson = example(name)
    return prod(trace(lesson, claim.iteration).at(cell) for cell in claim.cells)


@cache
def compared(name: str) -> tuple[tuple[Chapter, tuple[Compared, ...]], ...]:
    """Every number printed about an example beside the computed one, by source. Raises ValueError naming the allowed ones."""
    return tuple(
        (chapter, tuple(Compared(claim, computed(name, claim)) for claim in chapter.claims))
        for chapter in chapters(name)
    )
