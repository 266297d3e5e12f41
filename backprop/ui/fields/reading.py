"""A field of a Place: the parameter of it in a link, and what reads and writes its value."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any, NamedTuple

from backprop.engine.steps import Cell, cell_at
from backprop.explain.numerals import full
from backprop.language import _


class Field(NamedTuple):
    """parameter: its name in a link, "" for what a link does not say · read: what reads a value; ValueError for nonsense ·
    allowed: of a place, what the parameter may be, for a sentence · bounds: a number is held between the two
    """

    parameter: str
    read: Callable[[Any], Any]
    allowed: Callable[[Any], str] = lambda place: "0, 1"
    bounds: tuple[int, int] | None = None


def said(value: Any) -> str:
    """A field's value in a link."""
    if isinstance(value, Cell):
        return value.address
    if isinstance(value, float):
        return full(value).removesuffix(".0")
    return str(int(value) if isinstance(value, bool) else value)


def whole(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 9:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError


def switch(value: Any) -> bool:
    if value in ("0", "1"):
        return value == "1"
    if isinstance(value, bool):
        return value
    raise ValueError


def one_of(allowed: Container[str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if isinstance(value, str) and value in allowed:
            return value
        raise ValueError

    return read


def cell(value: Any) -> Cell | None:
    found = cell_at(value) if isinstance(value, str) and value else None
    if not isinstance(value, str) or (value and found is None):
        raise ValueError
    return found


def number(least: float, most: float) -> Callable[[Any], float]:
    """Reads a number from least to most."""

    def read(value: Any) -> float:
        if isinstance(value, str) and value.isascii() and "_" not in value and len(value) <= 30:
            value = float(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and least <= value <= most:
            return float(value)
        raise ValueError

    return read


def short(value: Any) -> str:
    if isinstance(value, str) and len(value) <= 600 and value.isascii():
        return value
    raise ValueError


# --- what may be chosen, for a sentence


def among(names: tuple[str, ...]) -> tuple[Callable[[Any], str], Callable[[Any], str]]:
    """What reads one of some names, and the sentence's list of them."""
    return one_of(names), lambda place: ", ".join(names)


def dialled(parameter: str, least: int, most: int) -> Field:
    """A whole number that a slider sets."""
    return Field(parameter, whole, lambda place: _("{first} to {last}").format(first=least, last=most), (least, most))


def text_allowed(place: Any) -> str:
    return _("at most 600 plain letters and signs")
