"""The fields of the page "By hand"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backprop.engine.steps import Cell
from backprop.practice.reckoning import blank_at
from backprop.ui.fields.reading import Field, among, dialled, short, text_allowed

TASKS = ("sheet", "rounding", "wrong", "marks")
"""The tabs."""
MOST_ANSWERS = 2_000
"""Numbers on one sheet, all samples and layers; an answer has at most LONGEST characters."""
LONGEST = 200


@dataclass(frozen=True)
class Practised:
    """task: the open tab · part: which part of the sheet, such as backward.2, "" for the first · dial: how much is blank, 0 to 4 ·
    blank: phases and steps that are left blank instead, between ~, such as backward~a.1 · focus: the blank at hand ·
    answers: what stands in the blanks, as typed, never in a link · hints: how far help has gone, by blank · places: decimals that the
    rounding twin keeps, after: the iteration it shows · slip: the one that "Do it wrong" switches on, upto: iterations of its curves
    """

    task: str = "sheet"
    part: str = ""
    dial: int = 2
    blank: str = ""
    focus: Cell | None = None
    answers: tuple[tuple[str, str], ...] = ()
    hints: tuple[tuple[str, int], ...] = ()
    places: int = 4
    after: int = 0
    slip: str = ""
    upto: int = 50


def _blank(value: Any) -> Cell | None:
    found = blank_at(value) if isinstance(value, str) and value and len(value) <= 40 else None
    if not isinstance(value, str) or (value and found is None):
        raise ValueError
    return found


def _answers(value: Any) -> tuple[tuple[str, str], ...]:
    """What stands in the blanks: {address of the cell: the text as it was typed}. An empty text is no answer."""
    if not isinstance(value, (dict, tuple)) or len(value) > MOST_ANSWERS:
        raise ValueError
    pairs = tuple(value.items()) if isinstance(value, dict) else value
    for address, text in pairs:
        if not isinstance(address, str) or not isinstance(text, str) or len(address) > 40 or len(text) > LONGEST:
            raise ValueError
    return tuple((address, text) for address, text in pairs if text.strip())


def _hints(value: Any) -> tuple[tuple[str, int], ...]:
    """How far help has gone: {address of the cell: level}."""
    if not isinstance(value, (dict, tuple)) or len(value) > MOST_ANSWERS:
        raise ValueError
    pairs = tuple(value.items()) if isinstance(value, dict) else value
    if not all(isinstance(address, str) and len(address) <= 40 and level in (1, 2, 3, 4) for address, level in pairs):
        raise ValueError
    return pairs


PRACTISED = {
    "task": Field("task", *among(TASKS)),
    "part": Field("part", short, text_allowed),
    "dial": dialled("dial", 0, 4),
    "blank": Field("blank", short, text_allowed),
    "focus": Field("", _blank),
    "answers": Field("", _answers),
    "hints": Field("", _hints),
    "places": dialled("round", 1, 8),
    "after": dialled("after", 0, 100),
    "slip": Field("slip", short, text_allowed),
    "upto": dialled("upto", 1, 1_000),
}

TYPED = ("answers", "hints")
"""What only this page carries along."""
