"""An own loss on the tab "Your own": the term and its slope over the output, the target and the point dragged, and what is to be known of it."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from backprop.engine.examined import examined
from backprop.engine.findings import Examined
from backprop.engine.losses import Loss
from backprop.explain import numerals, symbols, tabled
from backprop.explain.conventions import Convention
from backprop.figures.axes import Box
from backprop.figures.marks import symbol
from backprop.figures.plots import Curve, Dot, Plot, grip, grip_svg, heights, margin, point_svg, still_svg, target_svg
from backprop.language import _
from backprop.runs import sampled
from backprop.ui.fields.comparing import WIDEST
from backprop.ui.functions import told
from backprop.ui.functions.activations import PHONE, WIDE, slide_html, tex_html
from backprop.ui.functions.rows import named
from backprop.ui.place import Place

REACH = WIDEST


def drawn(here: Place, row: Loss, narrow: bool) -> dict[str, str]:
    """The strings of the tab's parts but for the field and the buttons."""
    size = PHONE if narrow else WIDE
    notation = here.notation
    plots = _plots(row, here.goal, REACH, size, notation, numerals.writing())
    a, t = (symbols.unicode(each) for each in (notation.act, notation.target))
    term, slope = value_at(row, here.mark, here.goal)
    said = _("{name} over the output and, below it, its slope").format(name=named(row, 60))
    return {
        "plot": _still(plots, size, said),
        "point": point_svg(plots, here.mark, [Dot(0, term, "loss", slope), Dot(1, slope, "loss")], *size)
        + target_svg(plots, here.goal, symbol(t, size=17), *size),
        "grip": grip_svg(plots, "mark", *size, grip(plots[1].box, "goal", plots[1].box.bottom + 4, 40)),
        "slide": slide_html("mark", a, -REACH, REACH, plots[0].box)
        + slide_html("goal", t, -REACH, REACH, plots[0].box),
        "rules": _rules(here, row),
        "say": _numbers(here, term, slope) + _said(here, row),
    }


def value_at(row: Loss, a: float, t: float) -> tuple[float, float]:
    """(term, slope)"""
    found = sampled.of_loss(row, np.array([a]), t)
    return float(found.value[0]), float(found.slope[0])


@lru_cache(maxsize=256)
def _facts(row: Loss, t: float, reach: float) -> Examined:
    return examined(row, -reach, reach, t)


@lru_cache(maxsize=64)
def _plots(
    row: Loss, t: float, reach: float, size: tuple[int, int], notation: Convention, writing: object
) -> tuple[Plot, Plot]:
    width, height = size
    found, facts = sampled.loss_curve(row, t, 1, -reach, reach), _facts(row, t, reach)
    (low, high), (low2, high2) = heights([found.value]), heights([found.slope])
    left, right, middle = max(margin(low, high), margin(low2, high2)), width - 30.0, height * 0.5
    names = [symbol(symbols.unicode(each), size=17) for each in (notation.term, notation.act)]
    slope = f"{symbol('∂' + symbols.unicode(notation.term), size=17)}/{symbol('∂' + symbols.unicode(notation.act), size=17)}"
    return (
        Plot(
            Box(left, right, 24, middle - 18, -reach, reach, low, high),
            (Curve(found.x, found.value, "loss"),),
            names[0],
            numbered=False,
            gaps=told.gaps([facts]),
        ),
        Plot(
            Box(left, right, middle + 22, height - 50, -reach, reach, low2, high2),
            (Curve(found.x, found.slope, "loss"),),
            slope,
            names[1],
            gaps=told.gaps([facts], True),
        ),
    )


@lru_cache(maxsize=64)
def _still(plots: tuple[Plot, ...], size: tuple[int, int], said: str) -> str:
    return still_svg(plots, *size, said)


# --- what is told


def _rules(here: Place, row: Loss) -> str:
    rules = tabled.of_loss(row, sampled.loss_derived(row), here.notation)
    return (
        tex_html(rules.formula.tex("mediumorchid"))
        + f"<h4>{html.escape(_('its slope, as SymPy differentiates it'))}</h4>"
        + tex_html(rules.derived.tex("mediumorchid"))
    )


def _numbers(here: Place, term: float, slope: float) -> str:
    notation, digits = here.notation, here.digits
    a, t, l = (f"<i>{symbols.unicode(each)}</i>" for each in (notation.act, notation.target, notation.term))
    by = f"<i>∂{symbols.unicode(notation.term)}</i>/<i>∂{symbols.unicode(notation.act)}</i>"
    given = (
        f"{a} = {numerals.plain(here.mark, digits, given=True)}, {t} = {numerals.plain(here.goal, digits, given=True)}"
    )
    lines = "".join(
        f'<tr class="loss"><th>{name}</th><td title="{html.escape(numerals.all_digits(value))}">{numerals.plain(value, digits)}</td></tr>'
        for name, value in ((l, term), (by, slope))
    )
    return f'<table class="fx-num"><tr><th class="given" colspan="2">{given}</th></tr>{lines}</table>'


def _said(here: Place, row: Loss) -> str:
    """Where it is least, what is irregular for this target, and whether the slope is right."""
    found = _facts(row, here.goal, REACH)
    a = f"<i>{symbols.unicode(here.notation.act)}</i>"
    said = [*_least(found, row, a, here.goal), *told.irregular(found, a), told.checked(found)]
    return f'<div class="fx-told">{"".join(f"<p>{each}</p>" for each in said)}</div>'


def _least(found: Examined, row: Loss, a: str, t: float) -> Iterator[str]:
    """Where the output will settle."""
    if math.isnan(found.lowest):
        yield _("For this target it has no value anywhere on the plot.")
        return
    curve = sampled.loss_curve(row, t, 1, found.low, found.high)
    flat = curve.x[curve.value <= found.lowest + 1e-12 * max(1.0, abs(found.lowest))]
    if len(flat) == len(curve.x):
        yield _("For this target it is the same everywhere: no output is pushed anywhere.")
    elif len(flat) > 2:
        yield _("It is least from {a} = {low} to {high}: there nothing is pushed any more.").format(
            a=a, low=told.few(_snapped(found, flat[0])), high=told.few(_snapped(found, flat[-1]))
        )
    elif math.isinf(found.lowest) or found.lowest_at in (found.low, found.high):
        yield _("On the plot it is least near {a} = {at}: it pushes the output there, and maybe farther.").format(
            a=a, at=told.few(found.lowest_at)
        )
    elif abs(found.lowest_at - t) <= 1e-3 * (found.high - found.low):
        yield _("It is least where the output is the target, as a loss should be.")
    else:
        yield _("It is least at {a} = {at}, which is not the target: there the output will settle.").format(
            a=a, at=told.few(found.lowest_at)
        )


def _snapped(found: Examined, at: float) -> float:
    """A place of the grid, or the kink beside it."""
    step = 1.5 * (found.high - found.low) / (sampled.POINTS - 1)
    return min((kink.at for kink in found.kinks if abs(kink.at - at) < step), default=float(at))
