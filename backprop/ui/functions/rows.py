"""Which activations and losses the page shows: those of the tables, the lesson's own typed ones, and what the visitor has typed."""

from __future__ import annotations

import html

from backprop.engine import activations, losses
from backprop.engine.activations import ACTIVATIONS, Activation
from backprop.engine.losses import LOSSES, Loss
from backprop.language import _
from backprop.lessons.faults import short
from backprop.ui.place import Place

NAMED = 18
"""Characters of a formula that stand for it in a plot."""


def activation_rows(here: Place) -> dict[str, Activation]:
    """Each by its name or its formula, leaky ReLU with the lesson's slope, then the typed ones."""
    lesson = here.lesson
    found = {name: activations.activation(name, lesson.leaky_slope) for name in ACTIVATIONS}
    for row in lesson.network.activations:
        found.setdefault(_key(row), row)
    for spec in (here.mine, here.fn, here.versus):
        own = activation_row(here, spec) if spec else ""
        if isinstance(own, Activation):
            found.setdefault(spec, own)
    return found


def _key(row: Activation | Loss) -> str:
    return row.spec if isinstance(row.spec, str) else row.spec["formula"]


def activation_row(here: Place, spec: str) -> Activation | str:
    """The activation of a name or a formula; one sentence where it is none."""
    try:
        if spec in ACTIVATIONS:
            return activations.activation(spec, here.lesson.leaky_slope)
        return activations.typed(spec)
    except ValueError as error:
        return str(error)


def loss_rows(here: Place) -> dict[str, Loss]:
    """Likewise the losses."""
    found = dict(LOSSES)
    used = here.lesson.network.loss
    found.setdefault(_key(used), used)
    for spec in (here.cost, here.price, here.other):
        own = loss_row(spec) if spec else ""
        if isinstance(own, Loss):
            found.setdefault(spec, own)
    return found


def loss_row(spec: str) -> Loss | str:
    """The loss of a name or a formula; one sentence where it is none."""
    try:
        return LOSSES[spec] if spec in LOSSES else losses.typed(spec)
    except ValueError as error:
        return str(error)


def title(row: Activation | Loss) -> str:
    """What a row is called: its title, or its formula, cut where it is long; HTML."""
    return html.escape(named(row, 32))


def named(row: Activation | Loss, most: int = NAMED) -> str:
    """The same as plain text of at most so many characters."""
    text = _(row.title) if row.name in ACTIVATIONS or row.name in LOSSES else short(row.title)
    return text if len(text) <= most else text[: most - 1] + "…"
