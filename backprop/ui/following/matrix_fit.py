"""What of a layer's matrices is shown: with how many digits, and which rows and columns where there are too many.

Rows are left out in the same way in all matrices, columns where a line of matrices is too wide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals
from backprop.explain.conventions import Convention
from backprop.explain.matrices import Acting, blocks, digits_for_lines, lines
from backprop.explain.vectors import MAX_ROWS, Block, name_html
from backprop.figures.marks import width_of

WIDE, NARROW = 968, 358
"""px of the page, and of a phone."""
BETWEEN = 28
"""px between the single numbers and the matrices."""

Places = tuple[int | None, ...]


@dataclass(frozen=True)
class Fit:
    """How the matrices of a layer are shown.

    digits        decimals of the results
    put           per line decimals of the factors, with which they give the results as shown; the same for W and Wᵀ
    size          px of the numbers
    down          which numbers stand below each other, per axis: "out" (units of the layer), "in" (units before it),
                  "sample"; None for dots
    across        per line the same for those that stand beside each other
    width         px of the widest line of matrices
    """

    digits: int
    put: tuple[int, ...]
    size: float
    down: dict[str, Places]
    across: tuple[dict[str, Places], ...]
    width: float = 0.0

    def decimals(self, line: int, made: bool) -> int:
        return self.digits if made else self.put[line]

    def kept(self, line: int, block: Block, layer: int) -> tuple[Places, Places]:
        """The rows and the columns of a matrix that are shown."""
        down, across = directions(block, layer)
        return self.down[down] if down else (1,), self.across[line][across] if across else (1,)


def axes(cell: Cell, layer: int) -> dict[str, int]:
    """Where a cell of a layer's matrices stands: the number of its unit in the layer, of its unit before it, of its sample."""
    if cell.from_unit is not None:
        return {"out": cell.unit or 0, "in": cell.from_unit}
    found = {} if cell.unit is None else {"in" if (cell.layer or 0) < layer else "out": cell.unit}
    return found if cell.sample is None else found | {"sample": cell.sample}


def directions(block: Block, layer: int) -> tuple[str, str]:
    """(along which axis a matrix goes down, along which it goes across); empty where it has one row or column."""

    def differ(one: Cell, other: Cell) -> str:
        first, second = axes(one, layer), axes(other, layer)
        # a tied bias is the same everywhere, beside every unit
        return next((axis for axis in first if first[axis] != second[axis]), "out")

    rows, columns = block.shape
    down = differ(block.cells[0][0], block.cells[1][0]) if rows > 1 else ""
    return down, differ(block.cells[0][0], block.cells[0][1]) if columns > 1 else ""


def folded(count: int, chosen: int, limit: int) -> Places:
    """The numbers 1…count; of more than `limit` the chosen one on at most three places, with None where some are left out."""
    if count <= limit:
        return tuple(range(1, count + 1))
    if chosen == 1:
        return (1, None, count)[:limit]
    if chosen == count:
        return (1, None, count)[-limit:]
    if limit > 2 and chosen in (2, count - 1):
        return (1, 2, None) if chosen == 2 else (None, chosen, count)
    return (None, chosen, None)


def number(trace: Trace, cell: Cell, digits: int) -> str:
    return numerals.plain(trace.at(cell), digits, given=cell.quantity in numerals.GIVEN)


# --- widths


_SMALL = re.compile(r"<(sup|sub)>(.*?)</\1>")
_TAGS = re.compile(r"<[^>]*>")
_BROAD = re.compile("[WwmLEJ∂ΔZAX]")
PAD, BRACKETS, SIGN, DOTS = (10, 8), (18, 16), (26, 18), (24, 22)
"""px, on a wide page and on a phone: beside a number, of a matrix's brackets and frame, of a sign between two matrices, of a column
of dots."""


def width_html(text: str, size: float) -> float:
    """About the px that a line of symbols takes."""
    small = sum(len(_TAGS.sub("", found[2])) for found in _SMALL.finditer(text))
    rest = _TAGS.sub("", _SMALL.sub("", text))
    return small * 6.6 + (len(rest) * 0.53 + len(_BROAD.findall(rest)) * 0.22) * size


def _width(trace: Trace, layer: int, line: int, matrices: Sequence[Block], made: int, look: Fit, narrow: bool) -> float:
    """px of a line of matrices with the signs between them. made: how many of them are results."""
    pad, brackets, sign, dots = (each[narrow] for each in (PAD, BRACKETS, SIGN, DOTS))
    total = float(sign * (len(matrices) - 1))
    for place, block in enumerate(matrices):
        rows, columns = look.kept(line, block, layer)
        digits, width = look.decimals(line, place < made), float(brackets)
        for column in columns:
            shown = [block.cells[row - 1][column - 1] for row in rows if row] if column else []
            width += max([width_of(number(trace, cell, digits), look.size) for cell in shown], default=dots - pad) + pad
        total += max(width, width_html(name_html(block.name), look.size + 1))
    return total


# --- what fits

_MOST = (((8, 16), (8, 2), (4, 2), (3, 2), (2, 2)), ((8, 16), (4, 16), (3, 16), (3, 2), (2, 2)))
"""How many units and samples stand beside each other at most, tried in this order: forward and backward, and of the gradient, whose
products are sums over the samples."""


@lru_cache(maxsize=256)
def fit(
    trace: Trace,
    acts: Acting,
    sample: int,
    digits: int,
    convention: Convention,
    narrow: bool,
    beside: float,
    output: Block | None,
    writing: numerals.Writing,
) -> Fit:
    """The first way that fits: with all digits, with fewer; with all digits and fewer columns, with fewer of both; or else the narrowest.

    beside  px that are needed beside the matrices, on a wide page
    output  what stands before the forward line, where an output's activation is followed
    """
    layer = acts.layer
    three = [list(blocks(line)) for line in lines(trace, layer, sample, convention)]
    if output:
        three[0].insert(0, output)
    limit = NARROW if narrow else WIDE - BETWEEN - beside
    down = places_of(trace, acts, sample, MAX_ROWS, MAX_ROWS)
    size = 14 if narrow else 16 if max(len(down[axis]) for axis in ("in", "out")) < 3 else 15
    foldings = [[places_of(trace, acts, sample, *most) for most in _MOST[line == 2]] for line in range(3)]
    wanted = _wanted(trace, layer, sample, convention, down)
    look = Fit(0, (), size, down, ())
    for tried in ([each[:1] for each in foldings], foldings):
        for fewer in range(digits, min(digits, 3) - 1, -1):
            asked = ((trace, layer, sample, convention, fewer, which, results, writing) for which, results in wanted)
            put = tuple(digits_for_lines(*each) for each in asked)
            chosen: list[dict[str, Places]] = []
            widths: list[float] = []
            for line, matrices in enumerate(three):
                made = 2 if output and not line else 1
                for across in tried[line]:
                    look = Fit(fewer, put, size, down, (across,) * 3)
                    width = _width(trace, layer, line, matrices, made, look, narrow)
                    if width <= limit:
                        break
                chosen.append(across)
                widths.append(width)
                if width > limit and tried is not foldings:
                    break
            look = replace(look, across=tuple(chosen), width=max(widths))
            if look.width <= limit:
                return look
    return look


def places_of(trace: Trace, acts: Acting, sample: int, units: int, samples: int) -> dict[str, Places]:
    """Of each axis the numbers that are shown, at most so many units and samples."""
    sizes, layer = trace.network.sizes, acts.layer
    return {
        "out": folded(sizes[layer], next(iter(acts.units), 1), units),
        "in": folded(sizes[layer - 1], next(iter(acts.senders), 1), units),
        "sample": folded(trace.samples, sample, samples),
    }


def _wanted(
    trace: Trace, layer: int, sample: int, convention: Convention, down: dict[str, Places]
) -> list[tuple[tuple[int, ...], frozenset[Cell]]]:
    """Per line: which lines have the digits of their factors in common, and which of their results these must give.

    The results are those on rows that are shown. Weights stand in two lines; unless they are short, both are asked.
    """
    typed = all(numerals.typed(float(weight)) for weight in trace["W", layer].value.flat)
    results = []
    for left, _rule in lines(trace, layer, sample, convention):
        axis = directions(left, layer)[0]
        rows = [left.cells[row - 1] for row in (down[axis] if axis else (1,)) if row]
        results.append({cell for row in rows for cell in row})
    together = [(line,) if typed or line == 2 else (0, 1) for line in range(3)]
    return [(which, frozenset().union(*(results[each] for each in which))) for which in together]
