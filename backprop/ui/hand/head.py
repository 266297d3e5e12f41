"""What stands above the sheet: how much is blank, what is asked, and the rail of the parts."""

from __future__ import annotations

import html
import json

from backprop.engine.steps import Cell
from backprop.explain import symbols
from backprop.explain.conventions import Convention
from backprop.explain.words import PHASE_NAMES
from backprop.figures.palette import PHASES
from backprop.language import _, later
from backprop.practice.blanks import BLANKABLE, DIAL
from backprop.ui.hand.desk import Desk
from backprop.ui.place import Place

MOST_PARTS = 12
"""With more parts than this the rail stands below the question."""
QUESTIONS = {
    "forward": later("Fill in the forward pass of layer {layer}"),
    "loss": later("Fill in the loss"),
    "backward": later("Fill in the backward pass of layer {layer}"),
    "inputs": later("Fill in what reaches the inputs"),
    "update": later("Fill in the update of layer {layer}"),
    "after": later("What is the loss after the update?"),
}


def dial(here: Place) -> str:
    """Five stops from the worked example to the blank sheet."""
    stops = "".join(
        f"<button type='button' role='radio' aria-checked='{str(stop == here.dial and not here.blank).lower()}' class='{'on' if stop == here.dial and not here.blank else ''}' data-set='{json.dumps({'dial': stop, 'blank': ''})}' aria-label='{html.escape(_('Stop {stop} of {last}').format(stop=stop, last=DIAL), quote=True)}'></button>"
        for stop in range(DIAL + 1)
    )
    return f"<div class='dial' role='radiogroup' aria-label='{html.escape(_('How much is blank'), quote=True)}'><span>{_('worked example')}</span><span class='stops'>{stops}</span><span>{_('blank sheet')}</span></div>"


def choice(here: Place, on: Desk) -> str:
    """Which phase is blank, where it is not the dial that says it; a click on a number's name gives its step or takes it away."""
    options = {
        "": _("by the dial"),
        **{phase: _("only: {phase}").format(phase=_(PHASE_NAMES[phase])) for phase in BLANKABLE},
    }
    if here.blank and here.blank not in options:
        options[here.blank] = _("chosen steps")
    shown = "".join(
        f"<option value='{html.escape(value, quote=True)}'>{html.escape(words)}</option>"
        for value, words in options.items()
    )
    label = html.escape(_("What is blank"), quote=True)
    return f"<select data-field='blank' aria-label='{label}' title='{label}'>{shown}</select>"


def toggled(on: Desk, cell: Cell) -> str:
    """The list of blank phases and steps with the step of a cell changed."""
    steps: dict[str, dict[str, bool]] = {}
    for part in on.parts:
        for each in part.cells:
            steps.setdefault(part.phase, {})[f"{each.quantity}.{each.layer}"] = each in on.sheet.blank
    phase = next(part.phase for part in on.parts if cell in part.cells)
    step = f"{cell.quantity}.{cell.layer}"
    steps[phase][step] = not steps[phase][step]
    tokens = []
    for name, found in steps.items():
        tokens += [name] if all(found.values()) else [one for one, blank in found.items() if blank]
    return "~".join(tokens) or "none"


def question(on: Desk, here: Place) -> str:
    """What is to be filled in, and the rail of the parts."""
    part = on.part
    key = "inputs" if part.phase == "backward" and part.layer == 0 else part.phase
    asked = _(QUESTIONS[key]).format(layer=part.layer)
    at = _("iteration {iteration}").format(iteration=here.iteration) if here.iteration else ""
    many = " many" if len(on.parts) > MOST_PARTS else ""
    return f'<div class="q{many}"><span>{asked} <em>{at}</em></span>{_rail(on, here.notation)}</div>'


def _rail(on: Desk, notation: Convention) -> str:
    """Every part of the sheet, with what is still open in it."""
    groups: dict[str, list[str]] = {}
    for part in on.parts:
        right, count = on.done(part)
        state = "on" if part is on.part else ""
        full = "full" if count and right == count else "" if count else "worked"
        title = _("{right} of {count} blanks right").format(right=right, count=count) if count else _("all given")
        label = {"loss": symbols.unicode(notation.loss), "after": f"{symbols.unicode(notation.loss)}′"}.get(
            part.phase, str(part.layer) if part.layer else "x"
        )
        groups.setdefault(part.phase, []).append(
            f"<button type='button' class='{state} {full} {PHASES.get(part.phase, 'loss')}' data-set='{json.dumps({'part': part.name, 'focus': ''})}' aria-current='{str(part is on.part).lower()}' title='{html.escape(title, quote=True)}'>{label}</button>"
        )
    names = {**PHASE_NAMES, "after": later("Then")}
    return (
        "<span class='parts'>"
        + "".join(
            f"<span class='group'><small>{_(names[phase])}</small>{''.join(buttons)}</span>"
            for phase, buttons in groups.items()
        )
        + "</span>"
    )
