"""One start looked at closely: the weights of its hidden units, a row each, which of them are equal and why; and the same run again."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping

from backprop.engine.network import Parameters
from backprop.explain import numerals, symbols
from backprop.figures.twins import Block, squares, twins_svg
from backprop.language import _, plural
from backprop.runs.starts import STARTS
from backprop.runs.twins import Still, Twins, numbers
from backprop.ui.descent import start_told
from backprop.ui.descent.repeating import Same
from backprop.ui.fields.descending import OWN
from backprop.ui.place import Place

WIDE, TALL, PHONE = 536, 158, 358
ANSWER = 44
"""px that the sentence about the run computed once more takes."""


def close_html(
    here: Place,
    title: str,
    iteration: int,
    now: Parameters,
    found: tuple[Twins, ...],
    stills: Mapping[int, Still],
    lost: int | None,
    again: Same | None,
    repeating: bool,
    narrow: bool,
) -> str:
    """The picture, the sentences and the buttons. now: the parameters at `iteration`; stills: of iterations, the start among them."""
    heading = _("{start} at iteration {iteration}").format(
        start=f"<strong>{html.escape(title)}</strong>", iteration=numerals.count(iteration)
    )
    blocks = [_block(here, now, each) for each in found]
    width, height = (PHONE, None) if narrow else (WIDE, TALL - (ANSWER if repeating else 0))
    picture = twins_svg(blocks, width, height, _("The weights of the hidden units, a row for each"))
    said = html.escape(
        _("The area of a square is the size of the number; filled ones are positive, hollow ones negative.")
    )
    key = f'<em title="{said}">■ + □ {numerals.MINUS}</em>' if squares(blocks, width, height) else ""
    paragraphs = "".join(f"<p>{each}</p>" for each in _told(here, iteration, found, stills, lost))
    return (
        f'<div class="st-close"><div class="h5"><b>{heading}{key}</b>{_buttons(here)}</div>{_repeated(here, again, repeating)}'
        f"{picture}{paragraphs}</div>"
    )


def _told(
    here: Place, iteration: int, found: tuple[Twins, ...], stills: Mapping[int, Still], lost: int | None
) -> list[str]:
    """The sentences, the most important first."""
    network = here.lesson.network
    now, first = stills[iteration], stills[0]
    told = [start_told.lost_told(lost)] if lost is not None else []
    told += start_told.units_told(found, len(now.causes) < network.depth)
    if lost is None:
        bare = not (here.lesson.update_biases and any(network.biased))
        told += start_told.still_told(now, network.depth, iteration, bare)
        if first.causes != now.causes:
            told += start_told.still_told(first, network.depth, 0, bare)
    if here.scheme not in (OWN, "zeros"):
        told.append(f"<em>{start_told.rule_told(here.scheme)}</em>")
    return told


def _block(here: Place, now: Parameters, each: Twins) -> Block:
    title, bias = _("layer {layer}").format(layer=each.layer), symbols.unicode(here.notation.bias)
    shown = numbers(here.lesson.network, now, each.layer)
    if each.state == "nearly":
        return Block(title, shown, each.began, _("≈ equal"), "slope", bias)
    return Block(title, shown, each.now, _("= equal"), "p1", bias)


def _buttons(here: Place) -> str:
    again = html.escape(json.dumps({"again": here.again + 1}), quote=True)
    take = f'<button type="button" class="bt" data-say="take_start">{_("Take this start")}</button>'
    return (
        f'<span class="st-do">{take if here.scheme != OWN else ""}'
        f'<button type="button" class="bt" data-set="{again}">{_("The identical run again")}</button></span>'
    )


def _repeated(here: Place, again: Same | None, repeating: bool) -> str:
    if not repeating:
        return ""
    if again is None:
        return f'<p class="st-same">{_("Computing it once more …")}</p>'
    counts = {
        "seed": here.draw,
        "losses": numerals.count(again.losses),
        "numbers": numerals.count(again.numbers),
        "same": numerals.count(again.same_losses + again.same_numbers),
        "all": numerals.count(again.losses + again.numbers),
    }
    drawn = here.scheme != OWN and STARTS[here.scheme].scheme != "zeros"
    if not again.all:
        message = _("Computed once more: {same} of {all} numbers are the same, bit for bit.")
    elif drawn:
        message = plural(
            "Computed once more from seed {seed}: all {losses} losses and the network's one number are the same, bit for bit.",
            "Computed once more from seed {seed}: all {losses} losses and all {numbers} numbers of the network are the same, bit for bit.",
            again.numbers,
        )
    else:
        message = plural(
            "Computed once more from the start: all {losses} losses and the network's one number are the same, bit for bit.",
            "Computed once more from the start: all {losses} losses and all {numbers} numbers of the network are the same, bit for bit.",
            again.numbers,
        )
    return f'<p class="st-same">{message.format(**counts)}</p>'
