"""The fields of the page "Descent"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backprop.engine.steps import Cell
from backprop.explain import numerals
from backprop.language import _
from backprop.lessons.faults import MAX_LAYERS
from backprop.runs import starts
from backprop.ui.fields.reading import Field, among, cell, dialled, number, switch

PANES = ("run", "surface", "start", "table")
"""The tabs."""
MOST = 10_000
"""Iterations of a run that the page shows."""
LONGEST = 200
"""Characters of the learning rates as typed."""
LARGEST = 1e6
"""Of a threshold of the stop rule."""
OWN = "own"
"""The lesson's own start, beside those of the table."""
SCHEMES = (OWN, *starts.STARTS)


@dataclass(frozen=True)
class Descended:
    """pane: the open tab · span: iterations that are shown · log: is the loss on a logarithmic axis ·
    rates: the learning rates beside the lesson's own, as typed, "" for those that suggest themselves ·
    along, across: the two weights (or biases) whose loss is looked at, None for the ones that suggest themselves ·
    only: do these two alone learn · scheme: the start that is looked at closely, draw: its seed · again: how often the run was repeated ·
    below, still: the run stops where its loss, or the change of it, is smaller; 0 for never ·
    level: the layer whose weights and biases are shown over the run, 0 for that of `along`
    """

    pane: str = "run"
    span: int = 200
    log: bool = False
    rates: str = ""
    along: Cell | None = None
    across: Cell | None = None
    only: bool = False
    scheme: str = "zeros"
    draw: int = 1
    again: int = 0
    below: float = 0.0
    still: float = 0.0
    level: int = 0


def _text(value: Any) -> str:
    """Read where it is used; here only bounded."""
    if isinstance(value, str) and len(value) <= LONGEST:
        return value
    raise ValueError


def _parameter(value: Any) -> Cell | None:
    found = cell(value)
    if found is not None and found.quantity not in ("W", "b"):
        raise ValueError
    return found


def _address(place: Any) -> str:
    return _("the address of a weight or a bias, such as W.2..1.1")


def _threshold(parameter: str) -> Field:
    return Field(
        parameter,
        number(0.0, LARGEST),
        lambda place: _("numbers from 0 to {most}").format(most=numerals.count(int(LARGEST))),
    )


DESCENDED = {
    "pane": Field("view", *among(PANES)),
    "span": dialled("n", 1, MOST),
    "log": Field("log", switch),
    "rates": Field("rates", _text, lambda place: _("numbers with commas between them, such as 0.1, 5")),
    "along": Field("along", _parameter, _address),
    "across": Field("across", _parameter, _address),
    "only": Field("only", switch),
    "scheme": Field("init", *among(SCHEMES)),
    "draw": dialled("draw", 0, 999_999),
    "again": Field("", dialled("", 0, 999_999).read, bounds=(0, 999_999)),
    "below": _threshold("below"),
    "still": _threshold("still"),
    "level": dialled("layer", 0, MAX_LAYERS),
}
