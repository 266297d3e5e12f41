"""How far the run of a lesson is computed: a long one is computed in slices, one at each look of the page, which stays awake meanwhile."""

from __future__ import annotations

import html
import json
import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from backprop.engine.steps import Cell
from backprop.explain import numerals
from backprop.language import _, plural
from backprop.lessons.lesson import Lesson
from backprop.runs import stopping
from backprop.runs.history import history
from backprop.runs.pair import chosen
from backprop.runs.stopping import Stop
from backprop.ui.place import Place

ONLY = ("run", "surface")
"""The tabs on which two parameters alone may learn."""
SLICE = 0.08
"""Seconds of computing at each look."""
LOOK = 0.16
"""Seconds from one look to the next, drawing and the way to the browser and back included."""


class Progress(NamedTuple):
    """known: the last iteration whose loss is there · wanted: where the run is to end, sooner where a rule stops it ·
    stop: that rule · lost: the iteration from which on the known losses have left float64 · left: seconds until it is done, about
    """

    known: int
    wanted: int
    stop: Stop | None = None
    lost: int | None = None
    left: float = 0.0

    @property
    def pending(self) -> bool:
        return self.known < self.wanted


def learning(here: Place) -> tuple[Cell, ...]:
    """The parameters that learn in the run that the open tab shows, () for all."""
    asked = here.only and here.pane in ONLY
    return (asked and chosen(here.lesson, here.along, here.across)) or ()


def progress(here: Place, lesson: Lesson | None = None, seconds: float = SLICE) -> Progress:
    """Compute a slice more of the run of the place's lesson (or another one), unless the place's rule has stopped it already."""
    lesson, only = lesson or here.lesson, learning(here)
    run = history(lesson, only)
    stop, lost = _ended(lesson, only, run.known(here.span), here.below, here.still)
    if stop is None and run.known(here.span) < here.span:
        run.reach(here.span, seconds)
        stop, lost = _ended(lesson, only, run.known(here.span), here.below, here.still)
    if stop is not None:
        return Progress(stop.iteration, stop.iteration, stop)
    known = run.known(here.span)
    left = (here.span - known) * run.seconds / (known + 1) * LOOK / SLICE
    return Progress(known, here.span, None, lost, left)


@lru_cache(maxsize=512)
def _ended(
    lesson: Lesson, only: tuple[Cell, ...], known: int, below: float, still: float
) -> tuple[Stop | None, int | None]:
    """Which rule stops the first `known` iterations of a lesson, and from where on their losses are lost."""
    if known < 0:
        return None, None
    losses = history(lesson, only).losses(known)
    return stopping.stop(losses, below, still), stopping.lost_from(losses)


def bar_html(ran: Progress) -> str:
    """While a run is computed: how far it is, about how long it will take, and a button that is content with what is there. Else nothing."""
    if not ran.pending:
        return ""
    seconds = math.ceil(ran.left)
    told = plural(
        "{known} of {wanted} iterations, about {seconds} s left",
        "{known} of {wanted} iterations, about {seconds} s left",
        seconds,
    ).format(known=numerals.count(ran.known), wanted=numerals.count(ran.wanted), seconds=numerals.count(seconds))
    content = html.escape(json.dumps({"span": max(1, ran.known)}), quote=True)
    hint = html.escape(_("Stop here and keep the iterations that are done"), quote=True)
    return (
        f'<div class="going"><progress max="{ran.wanted}" value="{ran.known}" aria-label="{html.escape(told, quote=True)}"></progress>'
        f"<span>{html.escape(told)}</span>"
        # Safari lets a button take the focus by a click only so, and what holds the focus outlives the next drawing
        f'<button type="button" class="bt" tabindex="0" data-set="{content}" title="{hint}">{_("Cancel")}</button></div>'
    )


def told(here: Place, ran: Progress) -> str:
    """How the run ended, in one sentence; of one that is still computed nothing."""
    if ran.pending:
        return ""
    if ran.stop is not None:
        return _stopped(here, ran.stop)
    if ran.lost is not None:
        return _("The loss left the range of numbers at iteration {iteration}.").format(
            iteration=numerals.count(ran.lost)
        )
    losses = history(here.lesson).losses(ran.known)
    with np.errstate(all="ignore"):
        change = float(losses[-1] - losses[-2])
    message = (
        plural(
            "The one iteration is done; the loss fell by {amount} in it.",
            "All {count} iterations are done, and the loss still falls by {amount} in the last one.",
            ran.known,
        )
        if change < 0
        else plural(
            "The one iteration is done; the loss rose by {amount} in it.",
            "All {count} iterations are done, and the loss rose by {amount} in the last one.",
            ran.known,
        )
        if change > 0
        else plural(
            "The one iteration is done; the loss did not change in it.",
            "All {count} iterations are done; the last one did not change the loss.",
            ran.known,
        )
    )
    return message.format(count=numerals.count(ran.known), amount=numerals.plain(abs(change), here.digits))


def _stopped(here: Place, stop: Stop) -> str:
    count, limit = stop.iteration, numerals.plain(getattr(here, stop.rule), 2, given=True)
    if stop.rule == "below":
        if count == 0:
            return _("The loss is below {limit} from the start.").format(limit=limit)
        message = plural(
            "Stopped after {count} iteration: the loss is below {limit}.",
            "Stopped after {count} iterations: the loss is below {limit}.",
            count,
        )
    else:
        message = plural(
            "Stopped after {count} iteration: it changed the loss by less than {limit}.",
            "Stopped after {count} iterations: the last one changed the loss by less than {limit}.",
            count,
        )
    return message.format(count=numerals.count(count), limit=limit)
