"""The fields of a Place: the parameter of each in a link, and what reads and writes its value."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from backprop.engine.steps import Cell, cell_at
from backprop.explain.conventions import CONVENTIONS
from backprop.explain.numerals import full
from backprop.practice.reckoning import blank_at
from backprop.runs.walk import GRAINS

TABS = ("paths", "chain", "matrix", "graph", "change", "slopes")
"""The tabs of "Follow one weight"."""
READINGS = ("partials", "factors", "numbers", "expanded")
"""The forms in which its chain can stand."""
TASKS = ("sheet", "rounding", "wrong", "marks")
"""The tabs of "By hand"."""
MOST_ANSWERS = 2_000
"""Numbers on one sheet, all samples and layers; an answer has at most LONGEST characters."""
LONGEST = 200


def said(value: Any) -> str:
    """A field's value in a link."""
    if isinstance(value, Cell):
        return value.address
    if isinstance(value, float):
        return full(value).removesuffix(".0")
    return str(int(value) if isinstance(value, bool) else value)


def _whole(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 9:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError


def _switch(value: Any) -> bool:
    if value in ("0", "1"):
        return value == "1"
    if isinstance(value, bool):
        return value
    raise ValueError


def _one_of(allowed: Container[str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if isinstance(value, str) and value in allowed:
            return value
        raise ValueError

    return read


def _cell(value: Any) -> Cell | None:
    cell = cell_at(value) if isinstance(value, str) and value else None
    if isinstance(value, str) and value and cell is None:
        raise ValueError
    return cell


def _blank(value: Any) -> Cell | None:
    cell = blank_at(value) if isinstance(value, str) and value and len(value) <= 40 else None
    if not isinstance(value, str) or (value and cell is None):
        raise ValueError
    return cell


def _number(value: Any) -> float:
    if isinstance(value, str) and value.isascii() and "_" not in value and len(value) <= 30:
        value = float(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= FARTHEST:
        return float(value)
    raise ValueError


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


def _short(value: Any) -> str:
    if isinstance(value, str) and len(value) <= 600 and value.isascii():
        return value
    raise ValueError


FARTHEST = 1e6
"""A number is nudged by at most this."""

FIELDS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "iteration": ("it", _whole),
    "stop": ("step", _whole),
    "grain": ("grain", _one_of(GRAINS)),
    "sample": ("sample", _whole),
    "hide": ("hide", _switch),
    "revealed": ("", _switch),
    "digits": ("digits", _whole),
    "convention": ("conv", _one_of(CONVENTIONS)),
    "comma": ("comma", _switch),
    "fractions": ("frac", _switch),
    "selected": ("sel", _cell),
    "followed": ("follow", _cell),
    "tab": ("tab", _one_of(TABS)),
    "path": ("path", _whole),
    "reading": ("read", _one_of(READINGS)),
    "epsilon": ("eps", _whole),
    "nudge": ("h", _number),
    "op": ("op", _whole),
    "task": ("task", _one_of(TASKS)),
    "part": ("part", _short),
    "dial": ("dial", _whole),
    "blank": ("blank", _short),
    "focus": ("", _blank),
    "answers": ("", _answers),
    "hints": ("", _hints),
    "places": ("round", _whole),
    "after": ("after", _whole),
    "slip": ("slip", _short),
    "upto": ("upto", _whole),
    "predict": ("predict", _switch),
    "guess": ("", _short),
}
"""Per field of a Place: its parameter in a link ("" for what a link does not say), and what reads a value; ValueError for nonsense."""

TYPED = ("answers", "hints")
"""What only the page "By hand" carries along."""

BOUNDS: dict[str, tuple[int, int]] = {"dial": (0, 4), "places": (1, 8), "after": (0, 100), "upto": (1, 1_000)}
"""The least and the most of what a visitor may dial on the page "By hand"."""
