"""The fourth reading of the chain: the derivative of the whole loss as one formula, as far as SymPy has it ready, and its number."""

from __future__ import annotations

import html
import math

from backprop.explain.expanded import Expanded, TooLong
from backprop.language import _, plural
from backprop.ui.expanding import Pending, Refused, ask
from backprop.ui.place import Place

ROOM, PHONE_ROOM = 51.0, 18.0
"""em: the width of a line of the formula."""

Answer = Expanded | Pending | Refused


def answer(here: Place) -> Answer:
    """What SymPy has for the number that is followed; asks for it where there is nothing yet, and never waits."""
    return ask(here.trace.network, here.follows)


def number(here: Place, given: Answer) -> tuple[float | None, str]:
    """(SymPy's number, or None; then the sentence that stands in its place)."""
    if not isinstance(given, Expanded):
        return None, sentence(given)
    value = given.value(here.trace, here.follows)
    if math.isnan(value):
        return None, _(
            "These numbers are too far out for SymPy's formula: it subtracts what is too large to be told apart."
        )
    return value, ""


def sentence(given: Pending | Refused) -> str:
    """That it is on its way, or why there will be none."""
    if isinstance(given, Refused):
        return given.sentence
    return _("SymPy is differentiating the whole loss: {done} of {of} numbers of this network are done.").format(
        done=given.done, of=given.of
    )


def written_out_html(here: Place, given: Answer, narrow: bool) -> str:
    """The formula; or a bar of progress, or why there is none."""
    if isinstance(given, Pending):
        bar = f'<progress max="{max(1, given.of)}" value="{given.done}"></progress>'
        return f'<div class="wo-wait"><p>{html.escape(sentence(given))}</p>{bar}</div>'
    if isinstance(given, Refused):
        return f"<p>{html.escape(given.sentence)}</p>"
    sample = here.ledger.sample if here.trace.samples > 1 else None
    try:
        tex = given.tex(here.notation, sample, PHONE_ROOM if narrow else ROOM)
    except TooLong as too_long:
        return f"<p>{html.escape(str(too_long))}</p>"
    told = plural(
        "The whole loss written as one formula of inputs, weights, biases and targets, and differentiated by SymPy: {count} operation, of which {distinct} differ.",
        "The whole loss written as one formula of inputs, weights, biases and targets, and differentiated by SymPy: {count} operations, of which only {distinct} differ. Backpropagation computes each of these once.",
        given.operations,
    ).format(count=given.operations, distinct=given.distinct)
    return f'<p>{html.escape(told)}</p><div class="ch-tex wo-tex" data-tex="{html.escape(tex)}"></div>'
