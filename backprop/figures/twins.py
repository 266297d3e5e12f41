"""The units of the hidden layers, a row each: their weights as numbers, or as squares where there are many; equal rows are joined.

A square's side grows with the number, up to the largest of its layer; a negative one is hollow.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from backprop.explain import numerals
from backprop.figures.marks import line, rect, text, width_of
from backprop.language import _
from backprop.runs.twins import Groups, Numbers

SIZE = 14
_HEAD, _LABEL, _BETWEEN, _GAP = 22, 20, 9, 26
_FIGURE, _LEAST_ROW, _ROW, _SQUARE = 66, 17, 22, 22
DIGITS = 3


@dataclass(frozen=True)
class Block:
    """A hidden layer. title: its heading, as SVG text · groups: units, from 1, that are joined, and the word at the joint · hue: of the joint"""

    title: str
    numbers: Numbers
    groups: Groups
    word: str
    hue: str

    @property
    def units(self) -> int:
        return len(self.numbers.incoming)

    @property
    def across(self) -> int:
        return self.numbers.rows.shape[1]

    @property
    def room(self) -> float:
        """px beside the rows for the joints and their word."""
        return 12 * len(self.groups) + width_of(self.word, SIZE) + 12 if self.groups else 0


def twins_svg(blocks: Sequence[Block], width: float, height: float | None, title: str) -> str:
    """The drawing, at most `height` high (as high as it needs for None). title: told to who cannot see it."""
    if not blocks:
        return ""
    columns, figures, row, cell = _plan(blocks, width, height)
    column = (width - _GAP * (columns - 1)) / columns
    out, tops = [], [0.0] * columns
    for place, block in enumerate(blocks):
        at = place % columns
        out.append(_block(block, at * (column + _GAP), tops[at], row, cell, figures))
        tops[at] += _HEAD + row * block.units + 8
    tall = max(tops)
    return f'<svg class="twins" viewBox="0 0 {width:g} {tall:g}" width="{width:g}" height="{tall:g}" role="img" aria-label="{html.escape(title)}">{"".join(out)}</svg>'


def _plan(blocks: Sequence[Block], width: float, height: float | None) -> tuple[int, bool, float, float]:
    """(columns of layers, are the numbers written, height of a row, width of a number): written if there is room, else as large as it goes."""
    best: tuple[float, int, float, float] = (0.0, 1, 8.0, 8.0)
    for columns in range(1, len(blocks) + 1):
        lines = ceil(len(blocks) / columns)
        rows = max(sum(block.units for block in blocks[k::columns]) for k in range(columns))
        row = _ROW if height is None else min(float(_ROW), (height - lines * (_HEAD + 8)) / rows)
        column = (width - _GAP * (columns - 1)) / columns
        cell = min((column - _LABEL - 2 * _BETWEEN - block.room) / block.across for block in blocks)
        if cell >= _FIGURE and row >= _LEAST_ROW:
            return columns, True, row, min(cell, 84.0)
        if min(row, cell) > best[0]:
            best = (min(row, cell), columns, row, min(cell, float(_SQUARE)))
    _size, columns, row, cell = best
    return columns, False, max(row, 6.0), cell


def _block(block: Block, x: float, y: float, row: float, cell: float, figures: bool) -> str:
    parts = [part for part in block.numbers if part.shape[1]]
    names = [_("in"), *([_("b")] if block.numbers.bias.shape[1] else []), _("out")]
    out = [text(x, y + 14, block.title, SIZE, "start", "var(--ink2)", bold=True)]
    wide = width_of(block.title, SIZE) + 18
    finite = np.abs(block.numbers.rows)[np.isfinite(block.numbers.rows)]
    largest = float(finite.max(initial=0.0)) or 1.0
    left = x + _LABEL
    for part, name in zip(parts, names, strict=True):
        right = left + cell * part.shape[1]
        middle = (left + right) / 2 if not figures else right - 8
        if middle - width_of(name, SIZE) > x + wide:
            out.append(text(middle, y + 14, name, SIZE, "end" if figures else "middle", "var(--ink2)"))
        for unit, numbers in enumerate(part):
            for k, value in enumerate(numbers):
                place = left + cell * k, y + _HEAD + row * unit
                out.append((_figure if figures else _square)(float(value), *place, cell, row, largest))
        left = right + _BETWEEN
    for unit in range(1, block.units + 1):
        out.append(text(x + 4, _middle(y, unit, row) + 5, str(unit), SIZE, "start", "var(--ink2)") if row >= 14 else "")
    for k, group in enumerate(block.groups):
        out.append(_joint(block, group, left + 12 * k, y, row))
    if block.groups:
        first = block.groups[0]
        middle = (_middle(y, first[0], row) + _middle(y, first[-1], row)) / 2
        out.append(text(left + 12 * len(block.groups) + 4, middle + 5, block.word, SIZE, "start", f"var(--{block.hue}-t)", bold=True))  # fmt: skip
    return "".join(out)


def _middle(y: float, unit: int, row: float) -> float:
    return y + _HEAD + row * (unit - 0.5)


def _joint(block: Block, group: tuple[int, ...], x: float, y: float, row: float) -> str:
    """A bracket with an arm at each of its rows."""
    stroke, places = f"var(--{block.hue})", [_middle(y, unit, row) for unit in group]
    arms = "".join(line((x, place), (x + 7, place), stroke, 2) for place in places)
    return line((x + 7, places[0]), (x + 7, places[-1]), stroke, 2) + arms


def _figure(value: float, x: float, y: float, cell: float, row: float, largest: float) -> str:
    shown = "0" if value == 0 else numerals.plain(value, DIGITS)
    hue = "var(--neg-t)" if value < 0 else "var(--ink)"
    return f"<g><title>{numerals.all_digits(value)}</title>{text(x + cell - 8, y + row / 2 + 5, shown, SIZE, 'end', hue)}</g>"


def _square(value: float, x: float, y: float, cell: float, row: float, largest: float) -> str:
    room = min(cell, row) - 3
    side = max(1.6, room * sqrt(min(1.0, abs(value) / largest))) if np.isfinite(value) else room
    middle = x + cell / 2, y + row / 2
    if value == 0:
        shape = f'<circle cx="{middle[0]:.1f}" cy="{middle[1]:.1f}" r="1.3" style="fill:var(--ink2)"/>'
    else:
        fill, stroke = ("none", "var(--neg)") if value < 0 else ("var(--pos)", "var(--pos)")
        inner = max(1.0, side - 1.6)
        shape = rect(middle[0] - inner / 2, middle[1] - inner / 2, inner, inner, 1.5, fill, stroke, 1.6)
    return f"<g><title>{numerals.all_digits(value)}</title>{shape}</g>"
