"""The right-hand column: the latest numbers with the CSV, the loss now and after the update, and the loss curve."""

from __future__ import annotations

import html
from functools import lru_cache

import numpy as np

from backprop.engine.steps import Cell
from backprop.explain import numerals, symbols
from backprop.figures.curves import loss_svg
from backprop.figures.palette import PHASES
from backprop.language import _
from backprop.lessons.lesson import Lesson
from backprop.runs.history import MAX_ITERATIONS, history
from backprop.ui.place import Place

ROWS = 4
SPAN = 100
"""The curve shows at least this many iterations."""


def latest(place: Place, rows: int = ROWS) -> list[Cell]:
    """The last few numbers computed so far; before the first ones, what is given."""
    done = list(place.walk.cells[: place.stop])
    if len(done) < rows:
        given = [
            cell
            for step in place.trace.given
            for cell in place.trace.cells(step)
            if cell.sample in (None, place.sample)
        ]
        done = given[-(rows - len(done)) :] + done if rows > len(done) else done
    return done[-rows:]


def numbers_html(place: Place) -> str:
    """The latest numbers, the one made now at the bottom."""
    made = set(place.cells())
    rows = []
    for cell in latest(place):
        phase = place.trace[cell.quantity, cell.layer].phase
        now = cell in made
        value = (
            "?"
            if now and place.covered
            else numerals.plain(place.trace.at(cell), place.digits, given=cell.quantity in numerals.GIVEN)
        )
        where = (
            _("layer {layer}").format(layer=cell.layer)
            if cell.quantity not in ("x", "t", "learning_rate", "loss", "loss_term", "dL_dx")
            else ""
        )
        if phase == "given":
            where = _("layer {layer}, given").format(layer=cell.layer) if where else _("given")
        pick = f'data-sel="{cell.address}" class="pick"' if phase != "given" else ""
        full = html.escape(numerals.all_digits(place.trace.at(cell))) if not (now and place.covered) else ""
        rows.append(
            f'<tr class="{PHASES[phase]}{" now" if now else ""}"><td {pick}>{html.escape(symbols.text(cell, place.notation))}</td><td class="d">{where}</td><td class="v" title="{full}">{value}</td></tr>'
        )
    count = _("{stop} of {count}").format(stop=place.stop, count=len(place.walk))
    return f'<div class="h5 first"><b>{_("Everything so far")}</b><span>{count}</span></div><table class="tb">{"".join(rows)}</table>'


def span(iteration: int) -> int:
    """How many iterations the curve shows."""
    return min(MAX_ITERATIONS, max(SPAN, iteration + max(1, iteration // 4)))


def losses(lesson: Lesson, iteration: int) -> np.ndarray:
    return history(lesson).losses(span(iteration))


def loss_html(place: Place, ghost: Lesson | None) -> str:
    """The loss now → after the update, large, and the curve with "you are here"."""
    return _loss_html(
        place.lesson,
        place.iteration,
        place.digits,
        None if ghost == place.lesson else ghost,
        symbols.unicode(place.notation.rate),
        place.covered and place.walk.phase(place.stop) == "loss",
        numerals.writing(),
        _("you are here"),
    )


@lru_cache(maxsize=256)
def _loss_html(
    lesson: Lesson,
    iteration: int,
    digits: int,
    ghost: Lesson | None,
    rate: str,
    hidden: bool,
    _writing: numerals.Writing,
    _language: str,
) -> str:
    """The same for every step of an iteration, so it is kept (a word in the language in force keeps languages apart).

    rate: the learning rate's letter; hidden: the loss is still to be found out
    """
    now_and_then = losses(lesson, iteration)
    now, after = (
        float(now_and_then[iteration]),
        float(now_and_then[iteration + 1]) if iteration + 1 < len(now_and_then) else float("nan"),
    )
    change = after - now
    pale = losses(ghost, iteration) if ghost is not None else None
    eta = numerals.plain(lesson.learning_rate, digits, given=True)
    direction = "down" if change < 0 else "up" if change > 0 else ""
    if hidden:
        readout = '<div class="readout"><b>?</b><i>→</i><b class="after">?</b></div>'
    else:
        readout = (
            f'<div class="readout"><b title="{numerals.all_digits(now)}">{numerals.plain(now, digits)}</b><i>→</i><b class="after" title="{numerals.all_digits(after)}">{numerals.plain(after, digits)}</b>'
            f'<span class="{direction}">{numerals.plain(change, digits, sign=True)}</span></div>'
        )
    return (
        f'<div class="h5"><b>{_("Loss: now → after the update")}</b><span>{rate} = {eta}</span></div>'
        f"{readout}"
        f"{loss_svg(now_and_then, iteration, height=108, ghost=pale)}"
    )
