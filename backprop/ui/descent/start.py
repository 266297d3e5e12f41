"""The tab "The start": the same network from other starting weights, what becomes of each, and one of them looked at closely."""

from __future__ import annotations

import html
import json

import numpy as np

from backprop.engine.network import Parameters
from backprop.figures.lines import Series, lines_svg
from backprop.language import _
from backprop.runs import starts
from backprop.runs.history import Run, history
from backprop.runs.starts import STARTS, First
from backprop.runs.twins import still, twins
from backprop.ui.descent import start_close, start_rows
from backprop.ui.descent.progress import SLICE, Progress
from backprop.ui.descent.repeating import repeat, same
from backprop.ui.fields.descending import OWN, SCHEMES
from backprop.ui.place import Place

HUES = {"own": "pos", "zeros": "p2", "normal": "slope", "normal10": "upd", "xavier": "p1", "he": "fwd"}
assert tuple(HUES) == SCHEMES
PLOT, PLOT_PHONE = (404, 286), (358, 240)


class Compared:
    """What the tab reads at a place: each start's losses so far, and the parameters of any iteration."""

    def __init__(self, here: Place) -> None:
        self.here, self.lesson = here, here.lesson
        self.own, self.others = history(here.lesson), starts.started(here.lesson, here.draw)
        self.many = self.others.parameters(0)

    def known(self) -> int:
        """The last iteration of which every start's loss is there; −1 for none."""
        return min(self.own.known(self.here.span), self.others.known(self.here.span))

    def losses(self, name: str) -> np.ndarray:
        """(known + 1,)"""
        known = self.known()
        if known < 0:
            return np.array([])
        found = self.own.losses(known) if name == OWN else self.others.losses(known)[:, self._place(name)]
        return np.ascontiguousarray(found)

    def parameters(self, name: str, iteration: int) -> Parameters:
        if name == OWN:
            return self.own.parameters(iteration)
        return starts.picked(self.others.parameters(iteration), self._place(name))

    def firsts(self) -> dict[str, First]:
        own = starts.firsts(self.lesson, starts.stacked([self.lesson.parameters]))
        return dict(zip(SCHEMES, own + starts.firsts(self.lesson, self.many), strict=True))

    def anew(self, name: str) -> Run:
        """The run of one start from the beginning, of which nothing is computed yet."""
        return Run(self.lesson) if name == OWN else starts.fresh(self.lesson, self.here.draw, (name,))

    @staticmethod
    def _place(name: str) -> int:
        return tuple(STARTS).index(name)


def compared(here: Place) -> Compared:
    return Compared(here)


def title(name: str) -> str:
    return _("this lesson's") if name == OWN else _(STARTS[name].title)


def _repeated(all_: Compared) -> tuple[Run | None, bool]:
    """(the run that was asked for again, is it complete)."""
    here = all_.here
    of = (here.lesson, here.scheme, here.draw, here.span)
    run = repeat(here.again, of, all_.anew(here.scheme))
    return run, run is not None and run.known(here.span) >= here.span


def pending(here: Place) -> bool:
    """Is there something of this tab left to compute?"""
    all_ = Compared(here)
    run, complete = _repeated(all_)
    return all_.known() < here.span or (run is not None and not complete)


def parts(here: Place, ran: Progress, narrow: bool) -> dict[str, str]:
    """The strings of the tab's parts. The lesson's own run is computed first, then the others, then the one that is repeated."""
    all_ = Compared(here)
    if not ran.pending:
        all_.others.reach(here.span, SLICE)
    run, _complete = _repeated(all_)
    if run is not None and all_.known() >= here.span:
        run.reach(here.span, SLICE)
    firsts, known = all_.firsts(), all_.known()
    losses = {name: all_.losses(name) for name in SCHEMES}
    table = start_rows.rows_html(here, firsts, losses, {name: (title(name), HUES[name]) for name in SCHEMES}, narrow)
    plot = _plot(here, losses, known, narrow)
    return {
        "main": f'<div class="st">{_head(here)}{table}<div class="st-low">{plot}{_close(all_, losses[here.scheme], narrow)}</div></div>'
    }


def _head(here: Place) -> str:
    more = html.escape(json.dumps({"draw": (here.draw + 1) % 1_000_000, "again": 0}), quote=True)
    return (
        f'<div class="st-head"><h2 class="q">{_("Does it matter where the weights start?")}</h2>'
        f'<label>{_("Seed of the drawn ones")} <input type="number" data-field="draw" min="0" max="999999" step="1" value="{here.draw}"></label>'
        f'<button type="button" class="bt" data-set="{more}">{_("Another draw")}</button></div>'
    )


def _plot(here: Place, losses: dict[str, np.ndarray], known: int, narrow: bool) -> str:
    series = [
        Series(
            html.escape(title(name)),
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
    picture = lines_svg(series, *(PLOT_PHONE if narrow else PLOT), label, here.log, at, "iteration") if series else ""
    switch = f'<label><input type="checkbox" data-field="log"{" checked" if here.log else ""}> {_("in powers of ten")}</label>'
    return f'<div class="st-plot"><div class="h5"><b>{_("Loss over the iterations")}</b>{switch}</div>{picture}</div>'


def _close(all_: Compared, losses: np.ndarray, narrow: bool) -> str:
    """One start looked at closely, at the present iteration or the last one that there is."""
    here = all_.here
    lost = starts.lost(losses)
    last = max(0, len(losses) - 1 if lost is None else lost - 1)
    iteration = min(here.iteration, last)
    start, now = all_.parameters(here.scheme, 0), all_.parameters(here.scheme, iteration)
    network, X, T = here.lesson.network, here.lesson.X, here.lesson.T
    stills = {k: still(network, p, X, T, here.lesson.update_biases) for k, p in ((0, start), (iteration, now))}
    run, complete = _repeated(all_)
    told = None
    if run is not None and complete:
        one = run.parameters(here.span)
        again = run.losses(here.span)
        if here.scheme != OWN:
            one, again = starts.picked(one, 0), again[:, 0]
        told = same((losses, all_.parameters(here.scheme, here.span)), (again, one))
    return start_close.close_html(
        here,
        title(here.scheme),
        iteration,
        now,
        twins(network, start, now),
        stills,
        lost,
        told,
        run is not None,
        narrow,
    )
