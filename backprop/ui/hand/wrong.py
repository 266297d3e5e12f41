"""The tab "Do it wrong": two runs side by side, one of them with a slip switched on."""

from __future__ import annotations

import html
import json
import math
from dataclasses import replace
from itertools import groupby

from backprop.engine.steps import Cell, Step, Trace
from backprop.explain import numerals, symbols, words
from backprop.explain.lines import Line, line, line_by
from backprop.explain.readings import Style
from backprop.explain.terms import true_value
from backprop.figures.network import network_svg
from backprop.figures.palette import PHASES
from backprop.figures.scene import scene
from backprop.figures.two_losses import two_losses_svg
from backprop.language import _, plural
from backprop.practice.slips import IN_A_RUN, SLIPS, mistakes
from backprop.practice.wrong import (
    Difference,
    first_difference,
    offered,
    spread,
    trace_wrong,
    wrong_beside_right,
)
from backprop.practice.wrong_ways import WRONG
from backprop.runs.history import trace
from backprop.runs.walk import walk
from backprop.ui.explanation import style
from backprop.ui.hand.long_run import long_run_html
from backprop.ui.place import Place

STEPS = (5, 20, 50, 200, 1000)
"""Iterations of the curves: a run is looked at over decades, and a click is aimed better than a slider."""
WIDE, TALL, GAP, LOW = 472, 216, 24, 150
PHONE = 358
DEEPEST = 3
"""Of more layers there is no picture beside the curves."""


def parts(here: Place, narrow: bool) -> dict[str, str]:
    """The strings of the tab: "ask" (the question), "tools" (which slip), "main" (the first wrong number, and both runs)."""
    name = chosen(here)
    if not name:
        asked = html.escape(_("What would a slip change here?"))
        told = html.escape(
            _("Nothing: in this lesson every gradient is 0, so a wrong update is as good as the right one.")
        )
        return {"ask": f'<div class="q"><span>{asked}</span></div>', "main": f'<p class="wr-none">{told}</p>'}
    found = first_difference(here.lesson, name)
    assert found is not None  # only what differs is offered
    return {"ask": _question(here, found), "tools": _choice(here), "main": _main(here, name, found, narrow)}


def chosen(here: Place) -> str:
    """The slip that is switched on: the place's, where it is offered, else the first that is; "" where none is."""
    names = offered(here.lesson)
    return here.slip if here.slip in names else next(iter(names), "")


def _choice(here: Place) -> str:
    options = "".join(
        f'<option value="{name}">{_told(here, WRONG[name].title, plain=True)}</option>' for name in offered(here.lesson)
    )
    label = html.escape(_("Which slip is switched on"))
    return f'<select data-field="slip" aria-label="{label}" title="{label}">{options}</select>'


def _told(here: Place, message: str, plain: bool = False) -> str:
    """A message of WRONG as HTML, the quantities that it names written by the convention; plain: without tags, for a list."""
    alone = here.notation.on(here.notation.sizes, 1)
    slope = symbols.slope_letter("", alone)
    named = {
        quantity: symbols.text(Cell(quantity), alone) if plain else symbols.html(Cell(quantity), alone, layer=False)
        for quantity in ("a", "z", "dL_da", "dL_dz")
    }
    return html.escape(_(message)).format(slope=slope if plain else f"<i>{slope}</i>", **named)


def _question(here: Place, found: Difference) -> str:
    asked = html.escape(_("Which number is the first to go wrong, and where does it lead?"))
    return f'<div class="q"><span>{asked}</span><b>{_where(here, found)}</b></div>'


def _where(here: Place, found: Difference) -> str:
    """∂L/∂a of layer 2, iteration 0: what is looked at."""
    cell = found.cell
    symbol = _symbol(here, cell)
    if here.trace.samples > 1 and cell.sample is not None:
        return _("{symbol} in iteration {iteration}, sample {sample}").format(
            symbol=symbol, iteration=found.iteration, sample=cell.sample
        )
    return _("{symbol} in iteration {iteration}").format(symbol=symbol, iteration=found.iteration)


def _symbol(here: Place, cell: Cell) -> str:
    name = symbols.delta_html if cell.quantity == "dL_dz" else symbols.html
    return name(cell, here.notation)


def _main(here: Place, name: str, found: Difference, narrow: bool) -> str:
    losses = wrong_beside_right(here.lesson, name, here.upto)
    drawn = _network(here, name, found, narrow)
    size = (PHONE, TALL) if narrow else (WIDE, TALL) if drawn else (2 * WIDE + GAP, LOW)
    curves = two_losses_svg(*losses, *size)
    return (
        f'<div class="wr{" wr-narrow" if narrow else ""}">{_numbers(here, name, found)}{drawn}'
        f'<div class="wr-runs{"" if drawn else " wr-all"}">{_iterations(here)}{curves}</div>'
        f'<p class="wr-end">{long_run_html(*losses, here.digits, WRONG[name].scaled)}</p>{_spread(here, name, found)}</div>'
    )


# --- the first number that differs


def digits_apart(found: Difference, digits: int) -> int:
    """The fewest digits from `digits` up with which the two numbers do not look the same; 12 at most."""
    for more in range(digits, 12):
        if numerals.plain(found.right, more) != numerals.plain(found.wrong, more):
            return more
    return 12


def _numbers(here: Place, name: str, found: Difference) -> str:
    """Two cards: the rule with its numbers, and what is done instead."""
    cell = found.cell
    right = trace(here.lesson, found.iteration)
    digits = digits_apart(found, here.digits)
    look = replace(style(here, right[cell.quantity, cell.layer].phase), digits=digits)
    written = line(right, cell, look)
    instead = _instead(name, right, found, look)
    wrong_line = "" if instead is None else f'<div class="wr-tex" data-tex="{_aligned(instead)}"></div>'
    return (
        f'<div class="wr-card"><h4>{html.escape(_("As it should be"))}</h4><div class="wr-tex" data-tex="{_aligned(written)}"></div>{_number(here, cell, found.right, digits)}</div>'
        f'<div class="wr-card wr-bad"><h4>{html.escape(_("With the slip"))}</h4><p>{_told(here, WRONG[name].sentence)}</p>{wrong_line}{_number(here, cell, found.wrong, digits)}</div>'
    )


def _aligned(written: Line) -> str:
    """The rule, and beneath it the numbers, as TeX for an attribute."""
    rows = " \\\\ ".join(filter(None, (f"{written.symbol} &{written.rule}", written.numbers and f"&{written.numbers}")))
    return html.escape(rf"\begin{{aligned}} {rows} \end{{aligned}}", quote=True)


def _instead(name: str, right: Trace, found: Difference, look: Style) -> Line | None:
    """The line by which the first wrong number comes about, where the slip is one of single numbers."""
    slip, way = IN_A_RUN.get(name, ("", ""))
    made = [each.node for each in mistakes(SLIPS[slip], right, found.cell) if each.way == way] if slip else []
    if not made or not math.isclose(true_value(made[0], right), found.wrong, rel_tol=1e-9):
        return None
    return line_by(right, found.cell, made[0], look)


def _number(here: Place, cell: Cell, value: float, digits: int) -> str:
    sign = "" if not math.isfinite(value) else "=" if numerals.rounded(value, digits) == value else "≈"
    return f'<div class="wr-number">{_symbol(here, cell)} {sign} <b title="{numerals.all_digits(value)}">{numerals.plain(value, digits)}</b></div>'


def _network(here: Place, name: str, found: Difference, narrow: bool) -> str:
    """The iteration with the slip as far as its first wrong number, which is ringed; "" where there is no room for it."""
    wrong = trace_wrong(here.lesson, name, found.iteration)
    if not narrow and wrong.network.depth > DEEPEST:
        return ""
    sample = found.cell.sample or here.sample
    way = walk(wrong, sample)
    stop = way.stop_of(found.cell) or 0
    drawn = scene(wrong, (found.cell,), sample, lambda cell: way.known(cell, stop))
    drawn = replace(drawn, lit={}, flows=())  # what the number should have been made of is not what it is made of
    width, height = (PHONE, None) if narrow else (WIDE, TALL)
    svg = network_svg(wrong, drawn, width, height, sample, digits_apart(found, here.digits), here.notation)
    ringed = f'.wr-net rect[data-sel="{found.cell.address}"]{{stroke:var(--neg)!important}}'
    told = html.escape(_("With the slip, up to the first number that differs"))
    return f'<div class="wr-net"><style>{ringed}</style><small>{told}</small>{svg}</div>'


# --- how far it spreads


def _spread(here: Place, name: str, found: Difference) -> str:
    """A chip per step of the iteration, those with a wrong number marked, and how many are wrong one iteration later."""
    steps = spread(here.lesson, name, found.iteration)
    blocks = "".join(
        _block(here, phase, layer, list(each))
        for (phase, layer), each in groupby(steps, key=lambda pair: (pair[0].phase, pair[0].layer))
    )
    next_one = spread(here.lesson, name, found.iteration + 1)
    count, every = sum(differ for _step, differ in next_one), sum(step.value.size for step, _differ in next_one)
    title = html.escape(_("Iteration {iteration}: what differs").format(iteration=found.iteration))
    later_on = plural(
        "One iteration later, {count} number of {every} differs.",
        "One iteration later, {count} numbers of {every} differ.",
        count,
    ).format(count=numerals.count(count), every=numerals.count(every))
    return f'<div class="wr-spread"><h4>{title}<small>{html.escape(later_on)}</small></h4><div class="wr-blocks">{blocks}</div></div>'


def _block(here: Place, phase: str, layer: int | None, steps: list[tuple[Step, int]]) -> str:
    if phase == "loss":
        named = _(words.PHASE_NAMES[phase])
    elif layer:
        named = _("{phase} {layer}").format(phase=_(words.PHASE_NAMES[phase]), layer=layer)
    else:
        named = _("inputs")
    chips = "".join(_chip(here, step, differ) for step, differ in steps)
    return f'<div class="wr-block" style="--hue:var(--{PHASES[phase]}-t)"><small>{html.escape(named)}</small><span>{chips}</span></div>'


def _chip(here: Place, step: Step, differ: int) -> str:
    count = step.value.size
    if step.quantity == "da_dz":
        row = here.lesson.network.activations[(step.layer or 1) - 1]
        symbol = f"<i>{symbols.slope_letter(row.name, here.notation)}</i>"
    else:
        name = symbols.delta_html if step.quantity == "dL_dz" else symbols.html
        symbol = name(Cell(step.quantity, step.layer), here.notation, layer=False)
    told = html.escape(
        plural("{differ} of {count} number differs", "{differ} of {count} numbers differ", count).format(
            differ=differ, count=count
        ),
        quote=True,
    )
    return f'<span class="wr-chip{" wr-off" if differ else ""}" title="{told}">{"≠ " if differ else ""}{symbol}</span>'


# --- the two runs


def _iterations(here: Place) -> str:
    buttons = "".join(
        f"<button type='button' role='radio' aria-checked='{str(each == here.upto).lower()}' class='{'on' if each == here.upto else ''}' data-set='{json.dumps({'upto': each})}'>{numerals.count(each)}</button>"
        for each in STEPS
    )
    label = html.escape(_("Iterations"))
    return f'<div class="wr-upto"><span>{label}</span><div class="seg" role="radiogroup" aria-label="{label}">{buttons}</div></div>'
