"""The tab "The start": the same network from other starting weights, what becomes of each, and one of them looked at closely."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator

import numpy as np

from backprop.explain import numerals
from backprop.figures.lines import lines_svg
from backprop.figures.strands import Series
from backprop.language import _
from backprop.lessons.lesson import Lesson
from backprop.runs import starts
from backprop.runs.abreast import Abreast
from backprop.runs.fate import lost
from backprop.runs.history import Run, history
from backprop.runs.starts import STARTS, First
from backprop.runs.twins import still, twins
from backprop.ui.descent import start_close, start_rows
from backprop.ui.descent.progress import SLICE, Progress
from backprop.ui.descent.repeating import Same, repeat, same
from backprop.ui.fields.descending import OWN, SCHEMES
from backprop.ui.place import Place

HUES = {"own": "pos", "zeros": "p2", "normal": "slope", "normal10": "upd", "xavier": "p1", "he": "fwd"}
assert tuple(HUES) == SCHEMES
PLOT, PLOT_PHONE = (404, 286), (358, 240)
RISEN, HIGHEST = 20.0, 2.0
"""A loss that rises so many times above the first ones leaves the plot, which then shows so many times these."""


class Compared:
    """What the tab reads at a place: the losses of each start as far as they are known, and the run of the chosen one for itself."""

    def __init__(self, here: Place) -> None:
        self.here = here
        self.own, self.others = history(here.lesson), starts.started(here.lesson, here.draw)
        self.lessons = {name: _lesson(here, name) for name in SCHEMES}
        self.chosen = history(self.lessons[here.scheme])
        of = (self.lessons[here.scheme], here.span)
        self.again = repeat(here.again, of, Run(self.lessons[here.scheme]))
        self.last = min(here.iteration, here.span)

    def _orders(self) -> Iterator[tuple[Run | Abreast, int]]:
        """What is to be computed and how far, in this order."""
        span = self.here.span
        yield from ((self.own, span), (self.others, span), (self.chosen, span if self.again else self.last))
        if self.again:
            yield self.again, span

    def compute(self, seconds: float) -> None:
        """A slice more of the first thing that is not complete yet."""
        for run, far in self._orders():
            if run.known(far) < far:
                run.reach(far, seconds)
                return

    @property
    def pending(self) -> bool:
        return any(run.known(far) < far for run, far in self._orders())

    @property
    def known(self) -> int:
        """The last iteration of which every start's loss is there; −1 for none."""
        return min(self.own.known(self.here.span), self.others.known(self.here.span))

    def losses(self) -> dict[str, np.ndarray]:
        """Of each start (known + 1,)."""
        if self.known < 0:
            return {name: np.array([]) for name in SCHEMES}
        return dict(zip(SCHEMES, (self.own.losses(self.known), *self.others.losses(self.known)), strict=True))

    def firsts(self) -> dict[str, First]:
        found = starts.firsts(self.here.lesson, [each.parameters for each in self.lessons.values()])
        return dict(zip(SCHEMES, found, strict=True))

    def compared(self) -> Same | None:
        """The chosen run held against the one that was computed once more, when both are complete."""
        span = self.here.span
        if self.again is None or self.pending:
            return None
        return same(*((run.losses(span), run.parameters(span)) for run in (self.chosen, self.again)))


def _lesson(here: Place, name: str) -> Lesson:
    return here.lesson if name == OWN else starts.taken(here.lesson, name, here.draw)


def title(name: str) -> str:
    return _("this lesson's") if name == OWN else numerals.pointed(_(STARTS[name].title))


def pending(here: Place) -> bool:
    """Is there something of this tab left to compute?"""
    return Compared(here).pending


def parts(here: Place, ran: Progress, narrow: bool) -> dict[str, str]:
    """The strings of the tab's parts. What the closer look needs is computed first, then the lesson's own run, then the others."""
    seen = Compared(here)
    seen.chosen.reach(seen.last, SLICE)
    if not ran.pending:
        seen.compute(SLICE)
    firsts, losses = seen.firsts(), seen.losses()
    table = start_rows.rows_html(here, firsts, losses, {name: (title(name), HUES[name]) for name in SCHEMES}, narrow)
    plot = _plot(here, losses, seen.known, narrow)
    return {
        "main": f'<div class="st">{_head(here)}{table}<div class="st-low">{plot}{_close(seen, losses[here.scheme], narrow)}</div></div>'
    }


def _head(here: Place) -> str:
    more = html.escape(json.dumps({"draw": (here.draw + 1) % 1_000_000, "again": 0}), quote=True)
    return (
        f'<div class="st-head"><h2 class="q">{_("Does it matter where the weights start?")}</h2>'
        f'<label>{_("Seed of the drawn ones")} <input type="number" data-field="draw" min="0" max="999999" step="1" value="{here.draw}"></label>'
        f'<button type="button" class="bt" data-set="{more}">{_("Another draw")}</button></div>'
    )


def _plot(here: Place, losses: dict[str, np.ndarray], known: int, narrow: bool) -> str:
    def called(name: str, y: np.ndarray) -> str:
        """The names of curves that are lost early would lie on each other."""
        return "" if name != here.scheme and lost(y) is not None else html.escape(title(name))

    series = [
        Series(
            called(name, y),
            np.arange(len(y), dtype=float),
            y,
            HUES[name],
            3.2 if name == here.scheme else 1.8,
            bold=name == here.scheme,
        )
        for name, y in losses.items()
        if len(y)
    ]
    label = _("Loss over the iterations, a curve for each start")
    at = min(here.iteration, known) if known >= 0 else None
    tops = [float(y[0]) for y in losses.values() if len(y) and np.isfinite(y[0])]
    top = HIGHEST * max(tops) if tops and any(_risen(y, max(tops)) for y in losses.values()) else None
    size = PLOT_PHONE if narrow else PLOT
    picture = lines_svg(series, *size, label, here.log, at, "iteration", None if here.log else top) if series else ""
    switch = (
        f'<label><input type="checkbox" data-field="log"{" checked" if here.log else ""}> {_("logarithmic")}</label>'
    )
    return f'<div class="st-plot"><div class="h5"><b>{_("Loss over iterations")}</b>{switch}</div>{picture}</div>'


def _risen(y: np.ndarray, first: float) -> bool:
    seen = y[np.isfinite(y)]
    return bool(len(seen)) and bool(seen.max() > RISEN * first)


def _close(seen: Compared, losses: np.ndarray, narrow: bool) -> str:
    """One start looked at closely, at the present iteration or the last one that there is."""
    here, gone = seen.here, lost(losses)
    iteration = max(0, min(seen.last, seen.chosen.known(seen.last), seen.last if gone is None else gone - 1))
    start, now = (seen.chosen.parameters(k) for k in (0, iteration))
    network, X, T = here.lesson.network, here.lesson.X, here.lesson.T
    stills = {k: still(network, p, X, T, here.lesson.update_biases) for k, p in ((0, start), (iteration, now))}
    found = twins(network, start, now)
    return start_close.close_html(
        here,
        title(here.scheme),
        int(iteration),
        now,
        found,
        stills,
        gone,
        seen.compared(),
        seen.again is not None,
        narrow,
    )
