"""The fields of the page "Follow one weight"."""

from __future__ import annotations

from dataclasses import dataclass

from backprop.engine.steps import Cell
from backprop.explain import numerals
from backprop.language import _
from backprop.runs.nudge import FINEST
from backprop.ui.fields.reading import Field, among, cell, dialled, number, whole

TABS = ("paths", "chain", "matrix", "graph", "change", "slopes")
READINGS = ("partials", "factors", "numbers", "expanded")
"""The forms in which the chain can stand."""
FARTHEST = 1e6
"""A number is nudged by at most this."""


@dataclass(frozen=True)
class Followed:
    """followed: the number followed, None for the one that suggests itself · tab: the open one · path: the row that is lit, 0 for none ·
    reading: in which form the chain stands there · epsilon: the finite difference moves by 10^−epsilon ·
    nudge: by how much the number is changed · op: where in the graph of operations, 0 for all of it
    """

    followed: Cell | None = None
    tab: str = "paths"
    path: int = 0
    reading: str = "factors"
    epsilon: int = 5
    nudge: float = 0.5
    op: int = 0


FOLLOWED = {
    "followed": Field(
        "follow",
        cell,
        lambda place: _("the address of a weight, bias, input, activation or pre-activation, such as W.1..1.1"),
    ),
    "tab": Field("tab", *among(TABS)),
    "path": Field("path", whole, lambda place: _("0 to {last}").format(last=len(place.ledger.paths))),
    "reading": Field("read", *among(READINGS)),
    "epsilon": dialled("eps", 1, FINEST),
    "nudge": Field(
        "h",
        number(-FARTHEST, FARTHEST),
        lambda place: _("numbers from −{most} to {most}").format(most=numerals.count(int(FARTHEST))),
    ),
    "op": Field("op", whole, lambda place: _("the number of an operation")),
}
