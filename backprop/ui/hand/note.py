"""The note beside the sheet: what is said of the answer at hand, the two lines beside each other, and help."""

from __future__ import annotations

import html
import json

from backprop.explain import numerals, symbols
from backprop.explain.lines import reads
from backprop.figures.plan import plan
from backprop.language import _
from backprop.practice import feedback
from backprop.ui.explanation import style
from backprop.ui.hand.desk import DONE, TALL, WIDE, Desk, told
from backprop.ui.place import Place

COMMANDS = {r"\answer": r"\mathbf", r"\blank": r"\boxed{\phantom{00}}", r"\fillin": r"\boxed{\phantom{00}}"}
"""What a sheet of paper has commands for: results, and blanks."""


def note_html(here: Place, on: Desk) -> str:
    """Of the blank at hand: the verdict with its lines, then the hints asked for and the next one."""
    cell = here.focus
    if cell is None or cell not in on.part.cells or cell not in on.sheet.blank:
        return f"<div class='note'><p class='pale'>{_rule(here)}</p></div>"
    verdict = on.verdicts[cell]
    name = symbols.html(cell, here.notation)
    if verdict.kind == "open":
        head = f"<h4>{name}</h4>{_weights(here, on)}"
    else:
        words = feedback.said(on.sheet, cell, verdict, on.answers[cell], here.notation)
        sentences = "".join(f"<p>{each}</p>" for each in words.sentences)
        beside = _beside(here, on)
        breaks = f"<p class='rule'>{html.escape(words.breaks)}</p>" if words.breaks and not beside else ""
        head = f"<h4 class='{verdict.kind}'>{words.title}</h4>{sentences}{breaks}{beside}"
    return f"<div class='note' aria-live='polite'>{head}{_hints(here, on)}</div>"


def _weights(here: Place, on: Desk) -> str:
    """The weights and biases that a number is made of, where the network is too large to show them."""
    cell = here.focus
    assert cell
    if not told(cell) or plan(on.sheet.trace.network.sizes, WIDE, TALL).level.name != "C":
        return ""
    read = [each for each in reads(on.sheet.trace, cell) if each.quantity in ("W", "b")]
    shown = ", ".join(
        f"{symbols.html(each, here.notation)} = {numerals.plain(on.sheet.trace.at(each), here.digits, given=True)}"
        for each in read
    )
    return f"<p class='pale'>{shown}</p>" if shown else ""


def _beside(here: Place, on: Desk) -> str:
    """The line as it was done and the line as it goes."""
    cell = here.focus
    assert cell
    lines = feedback.beside(
        on.sheet, cell, on.verdicts[cell], on.without(cell), style(here, "backward").of(on.sheet.trace), on.still
    )
    if not lines:
        return ""
    right, wrong = (
        _tex(f"{lines[0].rule} {lines[0].numbers}"),
        _tex(f"{lines[1].rule} {lines[1].numbers} {lines[1].value}"),
    )
    return f"<div class='two'><div class='mine'><small>{_('What you did')}</small>{wrong}</div><div><small>{_('How it goes')}</small>{right}</div></div>"


def _tex(text: str) -> str:
    """A line as KaTeX sets it in the narrow column."""
    plain = text
    for command, written in COMMANDS.items():
        plain = plain.replace(command, written)
    return f"<span data-inline data-tex='{html.escape(plain, quote=True)}'></span>"


def _hints(here: Place, on: Desk) -> str:
    """The steps of help that were asked for, and a button for the next one."""
    cell = here.focus
    assert cell
    level = dict(here.hints).get(cell.address, 0)
    steps = feedback.hints(on.sheet, cell, on.without(cell), style(here, "backward").of(on.sheet.trace), on.still)
    lines = "".join(f"<div class='hint'><small>{words}</small>{_tex(tex)}</div>" for words, tex in steps[:level])
    if on.verdicts[cell].kind in DONE or level >= len(steps):
        return lines
    more = json.dumps({"hints": {**dict(here.hints), cell.address: level + 1}})
    label = _("Help: {step}").format(step=steps[level][0])
    return f"{lines}<button type='button' class='bt' data-set='{html.escape(more, quote=True)}' title='{html.escape(_('Key ?'), quote=True)}'>{label}</button>"


def _rule(here: Place) -> str:
    """When a number is right."""
    return _(
        "A number is right to the {digits} digits asked for, or if it follows from numbers rounded to {digits} decimals on the way. You may type a calculation, such as {example}."
    ).format(digits=here.digits, example=numerals.pointed("0.35*0.62"))
