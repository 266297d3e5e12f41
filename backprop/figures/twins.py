"""The units of the hidden layers, a row each: their weights as numbers, or as squares where there are many; equal rows are joined.

A square's area is the number's size beside the largest of its layer; a negative one is hollow.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import NamedTuple

import numpy as np

from backprop.explain import numerals
from backprop.figures.marks import line, rect, text, width_of
from backprop.language import _
from backprop.runs.twins import Groups, Numbers

SIZE = 14
_HEAD, _LABEL, _BETWEEN, _GAP = 22, 20, 9, 26
_LEAST_ROW, _ROW, _SQUARE = 17, 22, 22
_SMALL, _LEAST = 9.0, 5.0
"""px of a square from which on the word may stand beside the joint, and which it has at least, even where that makes the drawing higher."""
_WAYS = ((3, 66, True), (2, 58, True), (2, 56, False))
"""Ways to write numbers, the first that has room: (decimals, px of a number, does the word stand beside the joint or by the heading)."""


@dataclass(frozen=True)
class Block:
    """A hidden layer. title: its heading, as SVG text · groups: units, from 1, that are joined, and the word at the joint · hue: of the joint ·
    bias: the letter of a bias
    """

    title: str
    numbers: Numbers
    groups: Groups
    word: str
    hue: str
    bias: str = "b"

    @property
    def units(self) -> int:
        return len(self.numbers.incoming)

    @property
    def across(self) -> int:
        return self.numbers.rows.shape[1]

    def room(self, beside: bool) -> float:
        """px to the right of the rows for the joints, and beside them for their word."""
        joints = 12 * len(self.groups)
        return joints + width_of(self.word, SIZE) + 12 if beside and self.groups else joints


class Plan(NamedTuple):
    """columns of layers · digits: decimals of the numbers, 0 for squares · beside: the word stands beside the joint · row: px of a
    row's height, cell: of a number's width
    """

    columns: int
    digits: int
    beside: bool
    row: float
    cell: float


def twins_svg(blocks: Sequence[Block], width: float, height: float | None, title: str) -> str:
    """The drawing, at most `height` high (as high as it needs for None). title: told to who cannot see it."""
    if not blocks:
        return ""
    plan = _plan(blocks, width, height)
    column = (width - _GAP * (plan.columns - 1)) / plan.columns
    out, tops = [], [0.0] * plan.columns
    for place, block in enumerate(blocks):
        at = place % plan.columns
        out.append(_block(block, at * (column + _GAP), tops[at], plan))
        tops[at] += _HEAD + plan.row * block.units + 8
    tall = max(tops)
    return f'<svg class="twins" viewBox="0 0 {width:g} {tall:g}" width="{width:g}" height="{tall:g}" role="img" aria-label="{html.escape(title)}">{"".join(out)}</svg>'


def squares(blocks: Sequence[Block], width: float, height: float | None) -> bool:
    """Does the drawing of this size show squares in the place of numbers?"""
    return bool(blocks) and not _plan(blocks, width, height).digits


def _plan(blocks: Sequence[Block], width: float, height: float | None) -> Plan:
    """Numbers are written if there is room, else squares are drawn as large as it goes."""

    def sized(columns: int, beside: bool) -> tuple[float, float]:
        lines = ceil(len(blocks) / columns)
        rows = max(sum(block.units for block in blocks[k::columns]) for k in range(columns))
        row = _ROW if height is None else min(float(_ROW), (height - lines * (_HEAD + 8)) / rows)
        column = (width - _GAP * (columns - 1)) / columns
        return row, min((column - _LABEL - 3 * _BETWEEN - block.room(beside)) / block.across for block in blocks)

    counts = range(1, len(blocks) + 1)
    for digits, least, beside in _WAYS:
        for columns in counts:
            row, cell = sized(columns, beside)
            if cell >= least and row >= _LEAST_ROW:
                return Plan(columns, digits, beside, row, min(cell, 84.0))
    ways = [(n, beside) for n in counts for beside in (True, False) if sized(n, beside)[1] >= _LEAST]
    columns, beside = max(ways or [(1, False)], key=lambda way: min(sized(*way)))
    if min(sized(columns, True)) >= _SMALL:
        beside = True
    row, cell = sized(columns, beside)
    return Plan(columns, 0, beside, max(row, _LEAST), max(min(cell, float(_SQUARE)), _LEAST))


def _block(block: Block, x: float, y: float, plan: Plan) -> str:
    row, cell, figures = plan.row, plan.cell, plan.digits > 0
    parts = [part for part in block.numbers if part.shape[1]]
    names = [_("in"), *([block.bias] if block.numbers.bias.shape[1] else []), _("out")]
    out = [text(x, y + 14, block.title, SIZE, "start", "var(--ink2)", bold=True)]
    taken = x + width_of(block.title, SIZE) + 10
    joined, hue = block.groups, f"var(--{block.hue}-t)"
    if joined and not plan.beside:
        out.append(text(taken, y + 14, block.word, SIZE, "start", hue, bold=True))
        taken += width_of(block.word, SIZE) + 10
    finite = np.abs(block.numbers.rows)[np.isfinite(block.numbers.rows)]
    largest = float(finite.max(initial=0.0)) or 1.0
    left = x + _LABEL
    for part, name in zip(parts, names, strict=True):
        right = left + cell * part.shape[1]
        wide = width_of(name, SIZE)
        ends = (right - 8, right - 8) if figures else ((left + right + wide) / 2, right)
        end = next((end for end in ends if end - wide > taken), None)
        if end is not None:
            out.append(text(end, y + 14, name, SIZE, "end", "var(--ink2)"))
        for unit, numbers in enumerate(part):
            for k, value in enumerate(numbers):
                at = left + cell * k, y + _HEAD + row * unit
                drawn = _figure(float(value), *at, plan) if figures else _square(float(value), *at, plan, largest)
                out.append(f"<g><title>{html.escape(numerals.all_digits(float(value)))}</title>{drawn}</g>")
        left = right + _BETWEEN
    for unit in range(1, block.units + 1):
        out.append(text(x + 4, _middle(y, unit, row) + 5, str(unit), SIZE, "start", "var(--ink2)") if row >= 14 else "")
    out += [_joint(block, group, left + 12 * k, y, row) for k, group in enumerate(joined)]
    words: list[float] = []
    for group in joined if plan.beside else ():
        middle = (_middle(y, group[0], row) + _middle(y, group[-1], row)) / 2
        if all(abs(middle - other) >= SIZE for other in words):
            words.append(middle)
            out.append(text(left + 12 * len(joined) + 4, middle + 5, block.word, SIZE, "start", hue, bold=True))
    return "".join(out)


def _middle(y: float, unit: int, row: float) -> float:
    return y + _HEAD + row * (unit - 0.5)


def _joint(block: Block, group: tuple[int, ...], x: float, y: float, row: float) -> str:
    """A bracket with an arm at each of its rows."""
    stroke, places = f"var(--{block.hue})", [_middle(y, unit, row) for unit in group]
    arms = "".join(line((x, place), (x + 7, place), stroke, 2) for place in places)
    return line((x + 7, places[0]), (x + 7, places[-1]), stroke, 2) + arms


def _figure(value: float, x: float, y: float, plan: Plan) -> str:
    shown = "0" if value == 0 else html.escape(numerals.plain(value, plan.digits))
    hue = "var(--neg-t)" if value < 0 else "var(--ink)"
    return text(x + plan.cell - 8, y + plan.row / 2 + 5, shown, SIZE, "end", hue)


def _square(value: float, x: float, y: float, plan: Plan, largest: float) -> str:
    """Its side as the root of the number, so that its area is the number; a dot for 0."""
    middle, room = (x + plan.cell / 2, y + plan.row / 2), min(plan.cell, plan.row) - 3
    if value == 0:
        return f'<circle cx="{middle[0]:.1f}" cy="{middle[1]:.1f}" r="1.3" style="fill:var(--ink2)"/>'
    share = min(1.0, abs(value) / largest) if np.isfinite(value) else 1.0
    side = max(1.0, room * sqrt(share) - 1.6)
    fill, stroke = ("none", "var(--neg)") if value < 0 else ("var(--pos)", "var(--pos)")
    return rect(middle[0] - side / 2, middle[1] - side / 2, side, side, 1.5, fill, stroke, 1.6)
