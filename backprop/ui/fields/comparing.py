"""The fields of the page "Functions"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backprop.engine.formula import MAX_LENGTH
from backprop.engine.network import SCHEMES
from backprop.explain import numerals
from backprop.language import _
from backprop.ui.fields.reading import Field, among, dialled, number, switch

SHELVES = ("activations", "losses", "depth", "own")
"""The tabs."""
CRAFTS = ("activation", "loss")
"""What one may write oneself."""
MIGHT = 10.0
"""The weights of the deep net are at most so many times what their scheme draws, and at least the inverse."""
WIDEST = 3.0
"""A plot of an own loss reaches so far to both sides of 0."""
FARTHEST = 8.0
"""A plot of an activation reaches so far to both sides of 0."""


@dataclass(frozen=True)
class Compared:
    """shelf: the open tab · fn, versus: the activations that are compared, names of ACTIVATIONS or typed formulas, versus "" for none ·
    price, other: the losses likewise · at: the point z on the curves · out: the output a of a sigmoid, aim: its target t ·
    deep: layers, wide: units of each, and drawn: the seed of the net through which a gradient goes; spread: how its weights begin, might:
    how many times as large as that; logged: heights on a logarithmic axis ·
    craft: what is written on the tab "Your own"; mine, cost: the formulas of an own activation and an own loss; mark, goal: its a and t
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
    wide: int = 16
    drawn: int = 1
    spread: str = "xavier"
    might: float = 1.0
    logged: bool = True
    craft: str = "activation"
    mine: str = "z*tanh(ln(1+exp(z)))"
    cost: str = "(a-t)^4"
    mark: float = 1.0
    goal: float = 0.0


def _typed(value: Any) -> str:
    """A name or a formula, read where it is used; here only bounded."""
    if isinstance(value, str) and len(value) <= 2 * MAX_LENGTH:
        return value
    raise ValueError


def _formula(place: Any) -> str:
    return _("a name of the tables or a formula")


def _within(parameter: str, least: float, most: float) -> Field:
    return Field(
        parameter,
        number(least, most),
        lambda place: _("numbers from {least} to {most}").format(
            least=numerals.plain(least, 2, given=True), most=numerals.plain(most, 2, given=True)
        ),
    )


COMPARED = {
    "shelf": Field("shelf", *among(SHELVES)),
    "fn": Field("fn", _typed, _formula),
    "versus": Field("versus", _typed, _formula),
    "price": Field("loss", _typed, _formula),
    "other": Field("other", _typed, _formula),
    "at": _within("at", -FARTHEST, FARTHEST),
    "out": _within("out", 0.0, 1.0),
    "aim": _within("aim", 0.0, 1.0),
    "deep": dialled("deep", 2, 20),
    "wide": dialled("wide", 1, 64),
    "drawn": dialled("drawn", 0, 999_999),
    "spread": Field("spread", *among(tuple(SCHEMES))),
    "might": _within("might", 1 / MIGHT, MIGHT),
    "logged": Field("logged", switch),
    "craft": Field("craft", *among(CRAFTS)),
    "mine": Field("mine", _typed, _formula),
    "cost": Field("cost", _typed, _formula),
    "mark": _within("mark", -WIDEST, WIDEST),
    "goal": _within("goal", -WIDEST, WIDEST),
}
