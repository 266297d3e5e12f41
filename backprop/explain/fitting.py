"""A long expression's tree as TeX, broken into lines that fit: between terms, between factors, then inside brackets and fractions."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from backprop.explain.longhand import THIN, Call, Cases, Over, Times, Total, Written

# --- the tree on one line, measured

LINE = 1.35
"""em that a line is high."""


@dataclass(frozen=True)
class _Box:
    """A part of the tree with its letters filled in: its TeX, how wide and high that is in em, and the parts inside it."""

    tree: Written
    text: str
    width: float
    height: float = LINE
    inside: tuple[_Box, ...] = ()

    @property
    def tall(self) -> bool:
        return self.height > 1.2 * LINE


def _box(tree: Written, put: Callable[[str], str], known: dict[int, _Box]) -> _Box:
    """known: the boxes of the tree's objects, each made once."""
    if id(tree) not in known:
        known[id(tree)] = _made(tree, put, known)
    return known[id(tree)]


def _made(tree: Written, put: Callable[[str], str], known: dict[int, _Box]) -> _Box:
    match tree:
        case Total():
            parts = tuple(_box(term, put, known) for _sign, term in tree.terms)
        case Times():
            parts = tuple(_bracketed(_box(factor, put, known)) for factor in tree.factors)
        case Over():
            parts = _box(tree.top, put, known), _box(tree.bottom, put, known)
        case Call():
            parts = (_box(tree.inside, put, known),)
        case Cases():
            parts = tuple(_box(value, put, known) for value, _condition in tree.rows)
            tree = Cases(tuple((value, put(condition)) for value, condition in tree.rows))
        case _:
            text = put(tree)
            return _Box(tree, text, wide(text))
    return _joined(tree, parts)


def _bracketed(box: _Box) -> _Box:
    return _joined(Call("", box.tree), (box,)) if isinstance(box.tree, Total) else box


def _joined(tree: Written, parts: tuple[_Box, ...]) -> _Box:
    """A box from its parts, however many lines each of them has."""
    widths, height = [part.width for part in parts], max(part.height for part in parts)
    match tree:
        case Total():
            text = "".join(_with_sign(place, tree.terms[place][0], part.text) for place, part in enumerate(parts))
            signs = 1.22 * (len(parts) - 1) + (0.78 if tree.terms[0][0] == "-" else 0.0)
            return _Box(tree, text, sum(widths) + signs, height, parts)
        case Times():
            text, width = parts[0].text, sum(widths)
            for before, part in pairwise(parts):
                sign, gap = _between(before, part)
                text, width = f"{text}{sign}{part.text}", width + gap
            return _Box(tree, text, width, height, parts)
        case Over():
            text = rf"\dfrac{{{parts[0].text}}}{{{parts[1].text}}}"
            return _Box(tree, text, max(widths) + 0.25, sum(part.height for part in parts) + 0.3, parts)
        case Call():
            return _called(tree, parts[0])
        case Cases():
            rows = [f"{part.text} & {condition}" for part, (_v, condition) in zip(parts, tree.rows, strict=True)]
            text = rf"\begin{{cases}} {_BREAK.join(rows)} \end{{cases}}"
            conditions = max(wide(condition) for _value, condition in tree.rows)
            return _Box(tree, text, max(widths) + conditions + 2.2, 1.1 * sum(part.height for part in parts), parts)
    raise TypeError(tree)


def _with_sign(place: int, sign: str, text: str, first: bool = False) -> str:
    """A term with its sign; first: on a line of its own, where the sign is to stay one between two terms."""
    if place == 0:
        return text if sign == "+" else f"-{text}"
    return f"{{}}{sign} {text}" if first else f" {sign} {text}"


def _between(before: _Box, after: _Box) -> tuple[str, float]:
    """What stands between two factors."""
    if any(isinstance(box.tree, (Over, Cases)) or (isinstance(box.tree, Call) and not box.tree.name) for box in (before, after)):  # fmt: skip
        return r" \cdot ", 0.72
    return THIN, 0.17


def _called(call: Call, inside: _Box) -> _Box:
    if call.name == r"\sqrt":
        return _Box(call, rf"\sqrt{{{inside.text}}}", inside.width + 0.9, inside.height + 0.2, (inside,))
    power = f"^{{{call.power}}}" if call.power else ""
    high = inside.tall or call.name == "|"
    opening, closing = ("|", "|") if call.name == "|" else ("(", ")")
    text = rf"\left{opening}{inside.text}\right{closing}" if high else f"{opening}{inside.text}{closing}"
    name = "" if call.name == "|" else call.name
    text = f"{name}{power}{text}" if name else f"{text}{power}"
    width = inside.width + (1.3 if high else 0.8) + wide(f"{name}{power}")
    return _Box(call, text, width, inside.height + (0.2 if high else 0.0), (inside,))


# --- lines that fit

_GAP = r" \\[6pt] "
_BREAK = r" \\ "
_INDENT = r"\kern1.33em "
GAP = 0.45
HIGH = 36.0
"""em: the height from which on a formula is rather too wide."""
LEAST = 12.0
"""em: what is narrower is never broken."""
WIDER = (1.0, 1.3, 1.7, 2.2, 3.0, 4.0, 6.0, math.inf)
NEARLY_EMPTY = 0.25
"""The part of a line that may be taken before something that is too wide for a line anyway."""


def laid_out(tree: Written, put: Callable[[str], str], room: float, left: str = "") -> str:
    """The tree as TeX for KaTeX; put fills in the letters of a printed part. left: what it is equal to; where the room is small, it stands above.

    A term of the outermost sum begins a new line. Lines are at most `room` em wide where that can be; where the whole would be
    higher than HIGH they are wider, and in the end every term stands on one line.
    """
    box = _box(tree, put, {})
    above = wide(left) > room / 4
    beside = 1.5 if above else wide(left) + 1.33
    for wider in WIDER:
        rows = _terms(box, room * wider - beside) if isinstance(tree, Total) else _rows(box, room * wider - beside)
        if sum(row.height + GAP for row in rows) <= HIGH:
            break
    first, others = (rf"& {left} =", rows) if above else (rf"{left} & = {rows[0].text}", rows[1:])
    texts = [first, *(f"& {_INDENT}{row.text}" for row in others)]
    return rf"\begin{{aligned}} {_GAP.join(texts)} \end{{aligned}}"


def length(tree: Written, put: Callable[[str], str]) -> int:
    """How many characters of TeX the tree has, on one line."""
    return len(_box(tree, put, {}).text)


class _Row(NamedTuple):
    """A line: its TeX, its width and height in em."""

    text: str
    width: float
    height: float


def _stacked(rows: list[_Row]) -> str:
    return rf"\begin{{aligned}} {_GAP.join(f'& {row.text}' for row in rows)} \end{{aligned}}"


def _rows(box: _Box, room: float) -> list[_Row]:
    """As few lines as fit."""
    match box.tree:
        case _ if box.width <= room:
            return [_Row(box.text, box.width, box.height)]
        case Total(terms):
            return _packed(box, room, lambda place, first: _with_sign(place, terms[place][0], "", first), 1.22)
        case Times():
            return _packed(box, room, lambda place, first: _times(box, place, first), 0.72)
    narrowed = _narrowed(box, room)
    return [_Row(narrowed.text, narrowed.width, narrowed.height)]


def _times(box: _Box, place: int, first: bool) -> str:
    """What stands before a factor."""
    if first:
        return r"{}\cdot " if place else ""
    return _between(box.inside[place - 1], box.inside[place])[0]


def _terms(box: _Box, room: float) -> list[_Row]:
    """The outermost sum: a term a line, or more."""
    assert isinstance(box.tree, Total)
    rows: list[_Row] = []
    for place, ((sign, _term), part) in enumerate(zip(box.tree.terms, box.inside, strict=True)):
        first, *more = _rows(part, room - 1.5)
        rows.append(first._replace(text=_with_sign(place, sign, first.text, True)))
        rows += [each._replace(text=_INDENT + each.text) for each in more]
    return rows


def _packed(box: _Box, room: float, before: Callable[[int, bool], str], gap: float) -> list[_Row]:
    """Terms or factors, as many a line as fit. before: the sign before one, which is `gap` wide; is it the first of its line?"""
    rows: list[_Row] = []
    for place, part in enumerate(box.inside):
        used = rows[-1].width if rows else 0.0
        nearly_empty = used <= NEARLY_EMPTY * room and (part.width > room or used <= NEARLY_EMPTY * room / 2)
        joins = bool(rows) and (nearly_empty or used + gap + part.width <= room)
        fitted = _narrowed(part, room - gap - (used if joins else 0.0))
        text = before(place, not joins) + fitted.text
        if joins:
            last = rows.pop()
            rows.append(_Row(last.text + text, used + gap + fitted.width, max(last.height, fitted.height)))
        else:
            rows.append(_Row(text, gap + fitted.width, fitted.height))
    return rows


def _narrowed(box: _Box, room: float) -> _Box:
    """A box no wider than `room`, if breaking lines inside its brackets and fractions can make it so."""
    if box.width <= max(room, LEAST) or not box.inside:
        return box
    match box.tree:
        case Total() | Times():
            rows = _rows(box, room)
            text = rows[0].text if len(rows) == 1 else _stacked(rows)
            height = sum(row.height for row in rows) + GAP * (len(rows) - 1)
            return _Box(box.tree, text, max(row.width for row in rows), height, box.inside)
        case Over():
            return _joined(box.tree, tuple(_narrowed(part, room - 0.25) for part in box.inside))
    widest = max(part.width for part in box.inside)
    return _joined(box.tree, tuple(_narrowed(part, room - (box.width - widest) - 0.8) for part in box.inside))


# --- how wide a line is

_TOKEN = re.compile(r"\\kern[\d.]+em|\\[a-zA-Z]+|\\.|\S")
_WIDTHS = {
    "+": 1.22, "-": 1.22, "=": 1.33, ">": 1.33, "<": 1.33, r"\leq": 1.33, r"\geq": 1.33, r"\cdot": 0.72, r"\,": 0.17,
    "(": 0.39, ")": 0.39, "[": 0.28, "]": 0.28, "|": 0.28, ".": 0.28, ",": 0.45, r"\pi": 0.57, r"\partial": 0.57, r"\theta": 0.47,
    "w": 0.72, "W": 1.05, "X": 0.83, "Z": 0.72, "A": 0.75, "Y": 0.7, "t": 0.38, "n": 0.55, r"\exp": 1.67, r"\tanh": 2.2,
    r"\hat": 0.0, r"\mathrm": 0.0, r"\operatorname": 0.17, r"\text": 0.0,
}  # fmt: skip
_LETTER, _SCRIPT = 0.5, 0.7


class _Ruler:
    """Measures TeX from left to right, in em."""

    def __init__(self, text: str) -> None:
        self.tokens, self.at = _TOKEN.findall(text), 0

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def line(self, *until: str) -> float:
        width = 0.0
        while self.next and self.next not in until:
            width += self.one()
        return width

    def group(self) -> float:
        """A braced group, or the one token that stands without braces."""
        if self.next != "{":
            return self.one() if self.next else 0.0
        self.at += 1
        width = self.line("}")
        self.at += 1
        return width

    def one(self) -> float:
        token = self.next
        if token == "{":
            return self.group()
        self.at += 1
        if token in (r"\frac", r"\dfrac", r"\tfrac"):
            return (_SCRIPT if token == r"\tfrac" else 1.0) * max(self.group(), self.group()) + 0.25
        if token in ("^", "_"):
            width = self.group()
            while self.next in ("^", "_"):
                self.at += 1
                width = max(width, self.group())
            return _SCRIPT * width
        if token == r"\sqrt":
            return self.group() + 0.9
        if token == r"\begin":
            return self.table()
        if token in (r"\left", r"\right"):
            self.at += 1
            return 0.65
        if token.startswith(r"\kern"):
            return float(token[5:-2])
        if token in _WIDTHS:
            return _WIDTHS[token]
        return _LETTER * len(token.removeprefix("\\")) + (0.17 if token.startswith("\\") else 0.0)

    def table(self) -> float:
        """Cases or lines: each column as wide as its widest cell."""
        start = self.at
        self.group()
        apart = 1.0 if self.tokens[start + 1] == "c" else 0.0
        rows: list[list[float]] = [[]]
        while self.next and self.next != r"\end":
            rows[-1].append(self.line("&", r"\\", r"\end"))
            if self.next == r"\\":
                rows.append([])
            if self.next != r"\end":
                self.at += 1
        self.at += 1
        self.group()
        columns = [max(row[k] for row in rows if k < len(row)) for k in range(max(map(len, rows)))]
        return 0.2 + apart + sum(columns) + apart * (len(columns) - 1)


@lru_cache(maxsize=4096)
def wide(text: str) -> float:
    """About how wide a line of TeX is, in em of the text around it."""
    return _Ruler(text).line()
