"""One start looked at closely: the weights of its hidden units, a row each, which of them are equal and why; and the same run again."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping

from backprop.engine.network import Parameters
from backprop.explain import numerals
from backprop.figures.twins import Block, twins_svg
from backprop.language import _, plural
from backprop.runs.starts import STARTS
from backprop.runs.twins import Still, Twins, numbers
from backprop.ui.descent import start_told
from backprop.ui.descent.repeating import Same
from backprop.ui.fields.descending import OWN
from backprop.ui.place import Place

WIDE, TALL, PHONE = 536, 176, 358


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
    network = here.lesson.network
    heading = _("{start} at iteration {iteration}").format(
        start=f"<strong>{html.escape(title)}</strong>", iteration=numerals.count(iteration)
    )
    blocks = [_block(here, now, each) for each in found]
    width, height = (PHONE, None) if narrow else (WIDE, TALL)
    picture = twins_svg(blocks, width, height, _("The weights of the hidden units, a row for each"))
    bare = not (here.lesson.update_biases and any(network.biased))
    told = [start_told.lost_told(lost)] if lost is not None else []
    told += start_told.units_told(found)
    told += start_told.still_told(stills[iteration], network.depth, iteration, bare)
    if stills[0].causes != stills[iteration].causes:
        told += start_told.still_told(stills[0], network.depth, 0, bare)
    if here.scheme != OWN:
        told.append(f"<em>{start_told.rule_told(here.scheme)}</em>")
    paragraph = "".join(f"<p>{each}</p>" for each in told)
    return f'<div class="st-close"><div class="h5"><b>{heading}</b>{_buttons(here)}</div>{picture}{paragraph}{_repeated(here, again, repeating)}</div>'


def _block(here: Place, now: Parameters, each: Twins) -> Block:
    title = _("layer {layer}").format(layer=each.layer)
    shown = numbers(here.lesson.network, now, each.layer)
    if each.state == "nearly":
        return Block(title, shown, each.began, _("≈ equal"), "slope")
    return Block(title, shown, each.now, _("= equal"), "p1")


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
