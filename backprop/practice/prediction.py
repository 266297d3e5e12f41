"""Predict first: the question that suits a number before it is uncovered, and its answer.

Which question is asked follows from the cell's place in its step, so everybody sees the same one and a walk has some of each:
the sign, the side of ½, which way a parameter goes, which of two numbers is larger. Three options always, whatever the answer:
what is offered gives nothing away. Why the answer is what it is: reasons.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from backprop.engine.steps import Cell, Trace
from backprop.explain import symbols
from backprop.explain.conventions import DEFAULT, Convention
from backprop.language import _, later

OPTIONS: dict[str, tuple[str, str, str]] = {
    "sign": ("positive", "negative", "zero"),
    "half": ("above", "below", "half"),
    "way": ("up", "down", "stays"),
    "larger": ("new", "known", "equal"),
}
"""What may be guessed, by the kind of question."""

APART = 1e-3
"""Two sizes are compared if they differ by more than this part of the larger one, or not at all: a nearer race is no question."""

SIGNED = ("z", "dL_da", "dL_dz", "dL_dW", "dL_db", "dL_dx")
ALWAYS_POSITIVE = {"a": ("softplus",), "da_dz": ("sigmoid", "tanh", "softplus", "elu")}
"""Activations whose value or slope has no sign to ask for."""
STEPPED = ("relu", "leaky_relu")
"""Activations with two slopes only: there is nothing to compare."""


@dataclass(frozen=True)
class Question:
    """kind: a key of OPTIONS · cell: the number that is asked for · answer: one of the options ·
    known: of "larger", the number it is compared with, which has been computed before"""

    kind: str
    cell: Cell
    answer: str
    known: Cell | None = None

    @property
    def options(self) -> tuple[str, str, str]:
        return OPTIONS[self.kind]


def question(trace: Trace, cell: Cell, alone: bool = False) -> Question | None:
    """What to predict of a cell; None where there is nothing sensible, or the number has no value.

    alone: no other number of its step is known yet (a whole layer is made at once), so there is none to compare it with
    """
    if cell.quantity not in KINDS or math.isnan(trace.at(cell)):
        return None
    kind = KINDS[cell.quantity] if cell.quantity not in ("a", "da_dz") else _of_activation(trace, cell)
    known = None if alone else _before(trace, cell)
    if known is not None and (kind is None or _place(trace, cell) % 2) and _comparable(trace, cell, known):
        return Question("larger", cell, _larger(trace, cell, known), known)
    if kind is None:
        return None
    answer = _ANSWERS[kind](trace, cell)
    return Question(kind, cell, answer) if answer else None


KINDS: dict[str, str | None] = {
    **dict.fromkeys(SIGNED, "sign"),
    "a": None,
    "da_dz": None,
    "loss_term": None,
    "W_new": "way",
    "b_new": "way",
}
"""The kind of question of each quantity where nothing is compared; None: only comparisons, or it depends on the activation."""


def _of_activation(trace: Trace, cell: Cell) -> str | None:
    row = trace.network.activations[(cell.layer or 1) - 1]
    if row.vector or row.name == "linear" or row.name in ALWAYS_POSITIVE[cell.quantity]:
        return None
    return "half" if row.name == "sigmoid" else "sign"


# --- two numbers


def _before(trace: Trace, cell: Cell) -> Cell | None:
    """The number of the same step that a cell is compared with: known already, and alike in all but one index."""
    if cell.quantity.endswith("_new") or cell.unit is None:
        return None
    if cell.quantity in ("a", "da_dz"):
        name = trace.network.activations[(cell.layer or 1) - 1].name
        if name == "linear" or (cell.quantity == "da_dz" and name in STEPPED):
            return None
    if cell.from_unit is not None and cell.from_unit > 1:
        return cell._replace(from_unit=cell.from_unit - 1)
    return cell._replace(unit=cell.unit - 1) if cell.unit > 1 else None


def _place(trace: Trace, cell: Cell) -> int:
    """Where in its step a cell stands, from 0, among those of its sample."""
    senders = trace[cell.quantity, cell.layer].value.shape[-1] if cell.from_unit else 1
    return ((cell.unit or 1) - 1) * senders + (cell.from_unit or 1) - 1


def _comparable(trace: Trace, cell: Cell, known: Cell) -> bool:
    one, other = abs(trace.at(cell)), abs(trace.at(known))
    return math.isfinite(one) and math.isfinite(other) and (one == other or abs(one - other) > APART * max(one, other))


def _larger(trace: Trace, cell: Cell, known: Cell) -> str:
    one, other = abs(trace.at(cell)), abs(trace.at(known))
    return "new" if one > other else "known" if one < other else "equal"


# --- one number


def _sign(trace: Trace, cell: Cell) -> str:
    value = trace.at(cell)
    return "positive" if value > 0 else "negative" if value < 0 else "zero"


def _half(trace: Trace, cell: Cell) -> str:
    value = trace.at(cell)
    return "above" if value > 0.5 else "below" if value < 0.5 else "half"


def _way(trace: Trace, cell: Cell) -> str:
    old, new = trace.at(cell._replace(quantity=cell.quantity[0])), trace.at(cell)
    return "up" if new > old else "down" if new < old else "stays"


_ANSWERS = {"sign": _sign, "half": _half, "way": _way}


# --- in words

ASKED = {
    "sign": later("Which sign does {name} have?"),
    "half": later("On which side of {half} is {name}?"),
    "way": later("Which way does {name} go?"),
    "larger": later("Which is larger in size?"),
}
WORDS = {
    "positive": later("positive"),
    "negative": later("negative"),
    "zero": later("exactly 0"),
    "above": later("above"),
    "below": later("below"),
    "half": later("exactly there"),
    "up": later("up"),
    "down": later("down"),
    "stays": later("it stays"),
    "new": later("{name}"),
    "known": later("{known} = {value}"),
    "equal": later("equal"),
}
"""How an option is called; of a comparison the symbols stand for the two numbers."""


def in_words(asked: Question, half: str, convention: Convention = DEFAULT) -> str:
    """The question as HTML. half: how ½ is written"""
    cell = asked.cell
    subject = cell._replace(quantity=cell.quantity[0]) if cell.quantity.endswith("_new") else cell
    return _(ASKED[asked.kind]).format(name=symbols.html(subject, convention), half=half)


def option_in_words(asked: Question, option: str, known_value: str, convention: Convention = DEFAULT) -> str:
    """An option as HTML. known_value: the number that is compared with, as it is written"""
    known = symbols.html(asked.known, convention, layer=False) if asked.known else ""
    name = symbols.html(asked.cell, convention, layer=False)
    return _(WORDS[option]).format(name=name, known=known, value=known_value)
