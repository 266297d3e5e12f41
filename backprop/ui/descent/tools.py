"""The controls of the run, the same over every tab: play, the iteration, how many there are, and the learning rate."""

from __future__ import annotations

import html
import math

from backprop.explain import numerals, symbols
from backprop.language import _
from backprop.ui.descent.progress import Progress
from backprop.ui.fields.descending import MOST
from backprop.ui.place import Place

SPANS = (50, 100, 200, 500, 1_000, 2_000, 5_000, MOST)
SLOWEST, FASTEST = -4, 4
"""Powers of ten between which the slider of the learning rate runs."""


def tools_html(here: Place, ran: Progress) -> str:
    """Play, the iteration with its slider, and of how many."""
    now = min(here.iteration, max(ran.known, 0))
    name = html.escape(_("Iteration"))
    play = html.escape(_("Play or pause: space"))
    options = "".join(f'<option value="{each}">{numerals.count(each)}</option>' for each in sorted({*SPANS, here.span}))
    many = html.escape(_("How many iterations"))
    return (
        '<div class="run-tools">'
        f'<button type="button" class="bt" data-do="play" aria-label="{play}" title="{play}"><span class="ms on">pause</span><span class="ms off">play_arrow</span></button>'
        f"<label>{name} <b>{numerals.count(now)}</b></label>"
        f'<input type="range" data-field="iteration" min="0" max="{max(ran.known, 1)}" step="1" aria-label="{name}">'
        f'<span class="of">{html.escape(_("of {count}")).format(count=f"""<select data-number data-field="span" aria-label="{many}" title="{many}">{options}</select>""")}</span>'
        "</div>"
    )


def rate_html(here: Place) -> str:
    """The learning rate on a slider of powers of ten."""
    rate = here.lesson.learning_rate
    letter = symbols.unicode(here.notation.rate)
    name = html.escape(_("Learning rate"))
    low = min(SLOWEST, math.floor(math.log10(rate))) if rate else SLOWEST
    high = max(FASTEST, math.ceil(math.log10(rate))) if rate else FASTEST
    return (
        f'<label class="rate"><i>{letter}</i> = <b>{numerals.short(rate)}</b>'
        f'<input type="range" data-rate min="{low}" max="{high}" step="0.02" aria-label="{name}" title="{name}"></label>'
    )
