"""The learning rates that are compared: which, their curves' colours, and what becomes of each in words."""

from __future__ import annotations

import html
import math
import re
from typing import NamedTuple

import numpy as np

from backprop.engine.formula import FormulaError
from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols
from backprop.language import _, later
from backprop.lessons.examples import example
from backprop.practice.typed import number
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
DEEP = 1e100
"""A loss below minus this has nothing to stop it."""


class Rate(NamedTuple):
    """A learning rate, the hue of its curve, and its losses at the start and after each update."""

    rate: float
    hue: str
    losses: Array


_POWER = re.compile(r"^10(?=[⁻⁰¹²³⁴⁵⁶⁷⁸⁹])")
"""A power of ten as the chips write it: 10⁶."""


def typed(text: str, comma: bool = False) -> tuple[tuple[float, ...], str]:
    """(the rates of a text such as "0.1, 5", one sentence where it cannot be read).

    comma: numbers have a decimal comma; then a semicolon stands between them, or a comma and a space.
    """
    found = []
    for part in filter(None, (each.strip() for each in re.split(r";|,(?=\s|$)" if comma else "[;,]", text))):
        try:
            rate = number(_POWER.sub("1·10", part.replace(",", ".") if comma else part))
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
        rates = tuple(dict.fromkeys((*suggested(here.lesson, first), first)))
    return rates, wrong


def rates(here: Place, last: int, only: tuple[Cell, ...] = (), seconds: float = math.inf) -> list[Rate]:
    """The lesson's own rate first, then the ones beside it, over the iterations 0 … last; these as far as the seconds let them come."""
    own = Rate(here.lesson.learning_rate, CHOSEN, history(here.lesson, only).losses(last))
    some, _wrong = beside(here)
    losses = compared(here.lesson, some, only).reach(last, seconds).losses(last)
    others = [Rate(rate, hue, row) for rate, hue, row in zip(some, HUES, losses, strict=False)]
    return [own, *(each for each in others if each.rate != own.rate)]


def pending(here: Place, last: int, only: tuple[Cell, ...] = ()) -> bool:
    """Are the runs beside the lesson's own not there yet up to iteration `last`?"""
    return compared(here.lesson, beside(here)[0], only).known(last) < last


# --- in words

LOST = later(
    "{rate}: at iteration {iteration} {what} becomes too large for a computer. Each step overshoots, lands higher on the other side, and the next one is longer still."
)
LEAP = later(
    "{rate}: at iteration {iteration} {what} becomes too large for a computer. The step before it overshoots by far."
)
ENDLESS = later(
    "{rate}: at iteration {iteration} {what} becomes too large for a computer. This loss has no smallest value, and descent follows it down without end."
)
BEGUN = later("{rate}: at iteration {iteration} already, before any step, {what} is too large for a computer.")
VOID = later("{rate}: at iteration {iteration} {what} is not defined: its formula has no value there.")
STUCK = later(
    "{rate}: the steps have led to where every unit of a layer stands on a level piece of its activation. Hardly any error comes through, and the loss stays at {loss}."
)
DULL = later(
    "{rate}: from the start every unit of a layer stands on a level piece of its activation. Hardly any error comes through, and the loss stays at {loss}."
)
SWINGS = later("{rate}: the steps are longer than the valley is wide, and the loss jumps from one side to the other.")
RISES = later("{rate}: each step overshoots, and the loss rises.")
NOTHING = later("{rate}: a step of 0 leads nowhere.")
RISEN = later("{rate}: some steps overshoot, and the loss ends higher than it began, at {loss}.")
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
        trace = state(lesson, gone, only)
        cell = first_lost(trace) or Cell("loss", here.lesson.network.depth)
        what = symbols.html(cell, here.notation)
        message = _why_lost(losses, gone, cell, trace)
        return html.escape(_(message)).format(rate=name, iteration=numerals.count(gone), what=what), True
    if each.rate == 0:
        message = NOTHING
    elif does == "swings":
        message, fails = SWINGS, True
    elif does == "rises":
        message, fails = RISES, True
    elif does == "still" and losses[-1] > HIGH * losses[0] and _saturated(here, each.rate, last, only):
        message, fails = DULL if _saturated(here, each.rate, 0, only) else STUCK, True
    elif losses[-1] > losses[0] * (1 + 1e-9):
        message, fails = RISEN, True
    elif does == "still":
        message = STILL
    else:
        message = SLOW
    return html.escape(_(message)).format(rate=name, loss=loss, count=numerals.count(last)), fails


def _why_lost(losses: Array, gone: int, cell: Cell, trace: Trace) -> str:
    """Which message is true of a loss that is lost at iteration `gone`, where `cell` is the first number beyond float64."""
    if cell.quantity in ("a", "loss") and math.isnan(trace.at(cell)):
        return VOID
    if gone == 0:
        return BEGUN
    before = losses[max(0, gone - 3) : gone]
    if losses[gone] == -math.inf or before[-1] < -DEEP:
        return ENDLESS
    return LOST if len(before) > 1 and (np.diff(before / np.abs(before).max()) > 0).all() else LEAP


def _saturated(here: Place, rate: float, iteration: int, only: tuple[Cell, ...]) -> bool:
    """Is every unit of a layer, for every sample, where its activation is almost level?

    Through an output layer whose slope cancels against the loss's, as a sigmoid's with cross-entropy, the error comes all the same.
    """
    trace = state(here.lesson.changed(learning_rate=rate), iteration, only)
    layers = range(1, trace.network.depth + (not trace.network.fused))
    return any(float(np.abs(trace["da_dz", l].value).max()) < LEVEL for l in layers)


def named(here: Place, rate: float) -> str:
    """η = 0.5"""
    return f"{symbols.unicode(here.notation.rate)} = {numerals.short(rate)}"
