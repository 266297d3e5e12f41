"""The fields of the page "One iteration", and of how numbers and symbols are written everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from backprop.engine.steps import Cell
from backprop.explain.conventions import CONVENTIONS
from backprop.explain.numerals import DIGITS
from backprop.language import _
from backprop.runs.history import MAX_ITERATIONS
from backprop.runs.walk import GRAINS
from backprop.ui.fields.reading import Field, among, cell, short, switch, whole


@dataclass(frozen=True)
class Walking:
    """iteration, stop: see runs.walk · grain: "number" or "layer" · sample: the picked one, from 1 · selected: a number clicked on ·
    hide, revealed: "Hide the answer" · digits, convention, comma, fractions: how numbers and symbols are written ·
    predict: each answer stays covered as with hide, and a question asks for it first · guess: what was guessed at this stop, which
    uncovers it
    """

    sample: int = 1
    iteration: int = 0
    convention: str = "za"
    digits: int = DIGITS
    comma: bool = False
    fractions: bool = False
    grain: str = "number"
    stop: int = 0
    hide: bool = False
    revealed: bool = False
    selected: Cell | None = None
    predict: bool = False
    guess: str = ""


WALKING = {
    "sample": Field("sample", whole, lambda place: _("1 to {last}").format(last=place.trace.samples)),
    "iteration": Field("it", whole, lambda place: _("0 to {last}").format(last=MAX_ITERATIONS)),
    "convention": Field("conv", *among(tuple(CONVENTIONS))),
    "digits": Field("digits", whole, lambda place: _("2 to 12"), (2, 12)),
    "comma": Field("comma", switch),
    "fractions": Field("frac", switch),
    "grain": Field("grain", *among(GRAINS)),
    "stop": Field("step", whole, lambda place: _("0 to {last}").format(last=len(place.walk))),
    "hide": Field("hide", switch),
    "revealed": Field("", switch),
    "selected": Field(
        "sel", cell, lambda place: _("the address of a number that is computed by this step, such as W.2..1.1")
    ),
    "predict": Field("predict", switch),
    "guess": Field("", short),
}
