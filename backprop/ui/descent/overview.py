"""The tab "The descent": the loss over the iterations at several learning rates, along one weight, and over two."""

from __future__ import annotations

import html
import json
import math

import numpy as np

from backprop.engine.steps import Trace
from backprop.explain import numerals, symbols
from backprop.explain.readings import digits_for_parts
from backprop.figures.contours import map_svg
from backprop.figures.lines import lines_svg
from backprop.figures.slice import Slice, slice_svg
from backprop.figures.strands import Series
from backprop.language import _, plural
from backprop.runs.landscape import along
from backprop.runs.nudge import descent
from backprop.ui.descent import rates
from backprop.ui.descent.look import Look
from backprop.ui.descent.look import look as looked
from backprop.ui.descent.progress import SLICE as SECONDS
from backprop.ui.descent.progress import Progress
from backprop.ui.place import Place

CURVES, SLICE, MAP = (556, 250), (556, 212), (392, 332)
PHONE = 358


def parts(here: Place, ran: Progress, narrow: bool) -> dict[str, str]:
    """The strings of the tab's parts."""
    look = looked(here, ran)
    ran_at = rates.rates(here, ran.known, look.only, SECONDS)
    return {
        "ask": _question(here, ran_at),
        "curves": _curves(here, ran_at, look, narrow),
        "slice": _slice(here, look, narrow),
        "map": _map(here, look, narrow),
        "say": _say(here, ran_at, look),
    }


def pending(here: Place, ran: Progress) -> bool:
    """Are there runs at other rates that are not as far as the lesson's own?"""
    return rates.pending(here, ran.known, looked(here, ran).only)


# --- the question, and the rates to choose from


def _question(here: Place, ran_at: list[rates.Rate]) -> str:
    own = ran_at[0]
    start, end = float(own.losses[0]), float(own.losses[-1])
    last = len(own.losses) - 1
    if math.isfinite(end):
        told = plural(
            "After {count} iteration the loss is {end}, from {start}.",
            "After {count} iterations the loss is {end}, from {start}.",
            last,
        ).format(
            count=numerals.count(last),
            start=numerals.plain(start, here.digits),
            end=f"<b>{numerals.plain(end, here.digits)}</b>",
        )
    else:
        told = html.escape(_("The loss leaves the range of numbers."))
    return f'<div class="q"><span>{html.escape(_("What does the learning rate do?"))} <em>{told}</em></span></div>'


def _chip(here: Place, each: rates.Rate, on: bool) -> str:
    value = json.dumps({"learning_rate": each.rate})
    return (
        f"<button type='button' class='{'on' if on else ''}' aria-pressed='{str(on).lower()}' data-edit='{value}'>"
        f'<span class="key" style="background:var(--{each.hue})"></span>{numerals.short(each.rate)}</button>'
    )


# --- the loss over the iterations


def _curves(here: Place, ran_at: list[rates.Rate], look: Look, narrow: bool) -> str:
    width, height = (PHONE, 220) if narrow else CURVES
    start = float(ran_at[0].losses[0])
    series = [
        Series(
            rates.named(here, each.rate),
            np.arange(len(each.losses)),
            each.losses,
            each.hue,
            3.2 if k == 0 else 2.2,
            bold=k == 0,
        )
        for k, each in enumerate(ran_at)
    ]
    steady = [
        float(each.losses.max()) for each in ran_at if np.isfinite(each.losses).all() and each.losses.max() <= 3 * start
    ]
    top = max([start, *steady]) * 1.25 if math.isfinite(start) and start > 0 else None
    plot = lines_svg(series, width, height, _("Loss over iterations"), here.log, look.iteration, "iteration", top)
    scale = _switch("log", _("logarithmic"))
    chips = "".join(_chip(here, each, k == 0) for k, each in sorted(enumerate(ran_at), key=lambda pair: pair[1].rate))
    return f'<div class="h5"><b>{html.escape(_("Loss over iterations"))}</b><span class="rates"><i>{symbols.unicode(here.notation.rate)}</i><span class="seg">{chips}</span></span>{scale}</div>{plot}'


def _compare(here: Place) -> str:
    """Which learning rates stand beside the lesson's own."""
    hint = html.escape(_("Learning rates with commas between them; empty for those that suggest themselves"))
    name = html.escape(_("compare {rate}")).format(rate=f"<i>{symbols.unicode(here.notation.rate)}</i>")
    return f'<label class="compare" title="{hint}"><span>{name}</span><input type="text" data-field="rates" placeholder="{html.escape(_said(here))}" aria-label="{hint}"></label>'


def _said(here: Place) -> str:
    return ("; " if here.comma else ", ").join(numerals.short(rate) for rate in rates.beside(here)[0])


def _switch(field: str, label: str) -> str:
    return f'<label class="check"><input type="checkbox" data-field="{field}"> {html.escape(label)}</label>'


# --- one weight


def _slice(here: Place, look: Look, narrow: bool) -> str:
    if look.pair is None:
        return ""
    width, height = (PHONE, 200) if narrow else SLICE
    cell, trace = look.pair[0], look.trace
    values = np.linspace(look.frame[0], look.frame[1], 161)
    step = descent(trace, cell)
    at, slope = trace.at(cell), trace.at(cell._replace(quantity=f"dL_d{cell.quantity}"))
    new = None if step is None else at + step
    loss_new = None if new is None else float(along(trace, cell, np.array([new]))[0])
    shown = Slice(values, along(trace, cell, values), at, trace.loss, slope, new, loss_new)
    told = html.escape(_("slope {slope}")).format(slope=numerals.plain(slope, here.digits))
    picture = slice_svg(
        shown, look.name(cell), told, _step(here, trace, slope, step), _("The loss as one weight moves"), width, height
    )
    iteration = html.escape(_("iteration {iteration}").format(iteration=numerals.count(look.iteration)))
    return f'<div class="h5"><b>{html.escape(_("One weight: the loss as it alone moves"))}</b><span>{iteration}</span></div>{picture}'


def _step(here: Place, trace: Trace, slope: float, step: float | None) -> str:
    """step −η · slope = −0.5 · 0.0445 = −0.0222, with as many digits of the slope as give the product shown."""
    if step is None:
        return html.escape(_("not updated in this lesson"))
    rate = float(trace["learning_rate", None].value)
    letter = symbols.unicode(here.notation.rate)
    if float(f"{rate:.5g}") == rate:
        named = numerals.short(rate)
        more = digits_for_parts((slope,), here.digits, lambda numbers: -rate * math.prod(numbers))
    else:
        more = digits_for_parts((rate, slope), here.digits, lambda numbers: -math.prod(numbers))
        named = numerals.plain(rate, more)
    shown = numerals.plain(slope, more)
    return html.escape(_("step −{rate} · slope = −{value} · {slope} = {step}")).format(
        rate=letter,
        value=named,
        slope=f"({shown})" if shown.startswith(numerals.MINUS) else shown,
        step=numerals.plain(step, here.digits),
    )


# --- two weights


def _map(here: Place, look: Look, narrow: bool) -> str:
    if look.pair is None:
        return f"<p>{html.escape(_('This network has a single parameter, so there is no surface over two.'))}</p>"
    width, height = (PHONE, PHONE - 20) if narrow else MAP
    shown = look.map()
    picture = map_svg(
        shown,
        look.name(look.pair[0]),
        look.name(look.pair[1]),
        _("The loss over two weights"),
        width,
        height,
        _("start"),
    )
    return f'<div class="h5"><b>{html.escape(look.title())}</b>{only_switch(look)}</div>{picture}'


def only_switch(look: Look) -> str:
    """Shall the two alone learn; where there are no others it would do nothing."""
    return "" if look.alone else _switch("only", _("only these two learn"))


# --- in words


def _say(here: Place, ran_at: list[rates.Rate], look: Look) -> str:
    told = [rates.told(here, each, look.only) for each in ran_at]
    lines = [message for message, fails in told if fails][:1]
    if look.pair is not None and (told_of := angle(here, look)):
        lines.insert(0, told_of)
    said = "".join(f"<p>{each}</p>" for each in lines)
    if wrong := rates.beside(here)[1]:  # above its field, where it is seen without scrolling
        said = f'<p class="trouble" role="alert">{html.escape(wrong)}</p>'
    return said + look.chooser(_compare(here))


def angle(here: Place, look: Look) -> str:
    """What the dots are, and that the step is at a right angle to the level line; "" where a number has left float64."""
    if not all(map(math.isfinite, (look.trace.loss, *look.spot))):
        return ""
    gap = look.stride
    first = html.escape(
        _("Each dot is one iteration.") if gap == 1 else _("Each dot is {count} iterations.").format(count=gap)
    )
    step = look.step
    if look.fixed:
        names = [f"<b>{html.escape(look.told(cell))}</b>" for cell in look.fixed]
        if len(names) == 1:
            stays = html.escape(
                _("{name} is not updated in this lesson, so the steps do not go the steepest way here.")
            ).format(name=names[0])
        else:
            stays = html.escape(_("Neither {one} nor {other} is updated in this lesson.")).format(
                one=names[0], other=names[1]
            )
        return f"{first} {stays}"
    if step is None or not any(step):
        return f"{first} {html.escape(_stays(look))}"
    right = html.escape(
        _("The next step, {length} long, follows the arrow at a right angle to the level line: the steepest way down.")
    ).format(length=f"<b>{numerals.plain(math.hypot(*step), here.digits)}</b>")
    then = html.escape(_("The others move too, and the map with them.")) if look.others_move else ""
    return f"{first} {right} {then}".rstrip()


def _stays(look: Look) -> str:
    """Why there is no step to be drawn."""
    if look.step is None:
        return _("The next step leaves the range of numbers.")
    if not look.here.lesson.learning_rate:
        return _("The learning rate is 0, so these two stay where they are.")
    if not any(look.slopes):
        return _("Here the slope is 0 both ways, so these two stay where they are.")
    return _("The next step is too small for a computer, so these two stay where they are.")
