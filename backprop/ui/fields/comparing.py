"""The fields of the page "Functions"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backprop.engine.formula import MAX_LENGTH
from backprop.engine.network import SCHEMES
from backprop.language import _
from backprop.ui.fields.reading import Field, among, dialled, number, switch

SHELVES = ("activations", "losses", "depth", "own")
"""The tabs."""
FARTHEST = 1e3
"""A point of a curve is dragged at most so far out."""


@dataclass(frozen=True)
class Compared:
    """shelf: the open tab · fn, versus: the activations that are compared, names of ACTIVATIONS or typed formulas, "" for none ·
    price, other: the losses likewise · at: the point z on the curves, out: the output a, aim: the target t ·
    deep: layers, wide: units of each, and drawn: the seed of the net through which a gradient goes; spread: how its weights begin ·
    mine, cost: the formulas typed for an own activation and an own loss · logged: heights on a logarithmic axis
    """

    shelf: str = "activations"
    fn: str = "sigmoid"
    versus: str = ""
    price: str = "half_squared_error"
    other: str = ""
    at: float = 0.5
    out: float = 0.75
    aim: float = 0.01
    deep: int = 10
    wide: int = 8
    drawn: int = 1
    spread: str = "xavier"
    mine: str = ""
    cost: str = ""
    logged: bool = True


def _typed(value: Any) -> str:
    """A name or a formula, read where it is used; here only bounded."""
    if isinstance(value, str) and len(value) <= 2 * MAX_LENGTH:
        return value
    raise ValueError


def _formula(place: Any) -> str:
    return _("a name of the tables or a formula")


def _far(parameter: str) -> Field:
    return Field(
        parameter,
        number(-FARTHEST, FARTHEST),
        lambda place: _("numbers from −{most} to {most}").format(most=int(FARTHEST)),
    )


COMPARED = {
    "shelf": Field("shelf", *among(SHELVES)),
    "fn": Field("fn", _typed, _formula),
    "versus": Field("versus", _typed, _formula),
    "price": Field("loss", _typed, _formula),
    "other": Field("other", _typed, _formula),
    "at": _far("at"),
    "out": _far("out"),
    "aim": _far("aim"),
    "deep": dialled("deep", 2, 20),
    "wide": dialled("wide", 1, 64),
    "drawn": dialled("drawn", 0, 999_999),
    "spread": Field("spread", *among(tuple(SCHEMES))),
    "mine": Field("mine", _typed, _formula),
    "cost": Field("cost", _typed, _formula),
    "logged": Field("logged", switch),
}
