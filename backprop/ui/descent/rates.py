"""The learning rates that are compared: which, their curves' colours, and what becomes of each in words."""

from __future__ import annotations

import html
import re
from typing import NamedTuple

import numpy as np

from backprop.engine.formula import FormulaError, parse_number
from backprop.engine.steps import Cell
from backprop.explain import numerals, symbols
from backprop.language import _, later
from backprop.lessons.examples import example
from backprop.runs.fate import first_lost, lost, trend
from backprop.runs.history import history
from backprop.runs.pair import state
from backprop.runs.rates import compared, suggested
from backprop.ui.place import Place

Array = np.ndarray

MOST, FASTEST = 4, 1e6
"""Rates beside the lesson's own, and the largest."""
HUES = ("pos", "loss", "neg", "p2")
CHOSEN = "p1"


HIGH, LEVEL = 0.25, 0.01
"""A loss that has not fallen below this share of the first one, with no slope larger than this, is stuck."""


class Rate(NamedTuple):
    """A learning rate, the hue of its curve, and its losses at the start and after each update."""

    rate: float
    hue: str
    losses: Array


def typed(text: str, comma: bool = False) -> tuple[tuple[float, ...], str]:
    """(the rates of a text such as "0.1, 5", one sentence where it cannot be read).

    comma: numbers have a decimal comma; then a semicolon stands between them, or a comma and a space.
    """
    found = []
    for part in filter(None, (each.strip() for each in re.split(r";|,(?=\s|$)" if comma else "[;,]", text))):
        try:
            rate = parse_number(part.replace(",", ".") if comma else part)
        except FormulaError:
            return (), _("“{came}” is not a learning rate; allowed are numbers from 0 to {most}.").format(
                came=part, most=numerals.count(int(FASTEST))
            )
        if not 0 <= rate <= FASTEST:
            return (), _("The learning rate {came} is out of bounds; allowed are 0 to {most}.").format(
                came=part, most=numerals.count(int(FASTEST))
            )
        found.append(rate)
    if len(found) > MOST:
        return (), _("{came} learning rates were named; at most {most} are compared.").format(
            came=len(found), most=MOST
        )
    return tuple(dict.fromkeys(found)), ""


def beside(here: Place) -> tuple[tuple[float, ...], str]:
    """(the rates beside the lesson's own, what is wrong with those that were typed)."""
    rates, wrong = typed(here.rates, here.comma)
    if not rates:
        # The example's own stays in sight when another is chosen; last, so that the hues of the others stay.
        first = example(here.origin).learning_rate
        rates = tuple(dict.fromkeys((*suggested(here.lesson.changed(learning_rate=0.0), first), first)))
    return rates, wrong


def rates(here: Place, last: int, only: tuple[Cell, ...] = ()) -> list[Rate]:
    """The lesson's own rate first, then the ones beside it, over the iterations 0 … last."""
    own = Rate(here.lesson.learning_rate, CHOSEN, history(here.lesson, only).losses(last))
    some, _wrong = beside(here)
    losses = compared(here.lesson, some, only).reach(last).losses(last)
    others = [Rate(rate, hue, row) for rate, hue, row in zip(some, HUES, losses, strict=False)]
    return [own, *(each for each in others if each.rate != own.rate)]


# --- in words

LOST = later(
    "{rate}: at iteration {iteration} {what} becomes too large for a computer. Each step overshoots, lands higher on the other side, and the next one is longer still."
)
STUCK = later(
    "{rate}: a step goes so far that every unit of a layer stands where its activation is level. No error comes through, and the loss stays at {loss}."
)
SWINGS = later("{rate}: the steps are longer than the valley is wide, and the loss jumps from one side to the other.")
RISES = later("{rate}: each step overshoots, and the loss rises.")
NOTHING = later("{rate}: a step of 0 leads nowhere.")
RISEN = later("{rate}: the first steps overshoot, and the loss ends higher than it began, at {loss}.")
STILL = later("{rate}: the loss stands still at {loss}.")
SLOW = later("{rate}: the loss still falls, to {loss} after {count} iterations.")


def told(here: Place, each: Rate, only: tuple[Cell, ...] = ()) -> tuple[str, bool]:
    """(what becomes of a rate, as HTML; does it fail)."""
    losses, last = each.losses, len(each.losses) - 1
    name = f'<b style="color:var(--{each.hue}-t)">{named(here, each.rate)}</b>'
    loss = numerals.plain(float(losses[-1]), here.digits)
    gone, does, fails = lost(losses), trend(losses) if len(losses) > 1 else "falls", False
    if gone is not None:
        lesson = here.lesson.changed(learning_rate=each.rate)
        cell = first_lost(state(lesson, gone, only)) or Cell("loss", here.lesson.network.depth)
        what = symbols.html(cell, here.notation)
        return html.escape(_(LOST)).format(rate=name, iteration=gone, what=what), True
    if each.rate == 0:
        message = NOTHING
    elif does == "swings":
        message, fails = SWINGS, True
    elif does == "rises":
        message, fails = RISES, True
    elif losses[-1] > HIGH * losses[0] and _saturated(here, each.rate, last, only):
        message, fails = STUCK, True
    elif losses[-1] > losses[0] * (1 + 1e-9):
        message, fails = RISEN, True
    elif does == "still":
        message = STILL
    else:
        message = SLOW
    return html.escape(_(message)).format(rate=name, loss=loss, count=numerals.count(last)), fails


def _saturated(here: Place, rate: float, iteration: int, only: tuple[Cell, ...]) -> bool:
    """Is every unit of a layer, for every sample, where its activation is almost level?"""
    trace = state(here.lesson.changed(learning_rate=rate), iteration, only)
    depth = range(1, trace.network.depth + 1)
    return any(float(np.abs(trace["da_dz", l].value).max()) < LEVEL for l in depth)


def named(here: Place, rate: float) -> str:
    """η = 0.5"""
    return f"{symbols.unicode(here.notation.rate)} = {numerals.short(rate)}"
