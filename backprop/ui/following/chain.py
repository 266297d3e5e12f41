"""The tab "The chain": the chain rule over all paths, in one of four readings."""

from __future__ import annotations

import html
import json

from backprop.explain.chain import chain, together
from backprop.language import _, later
from backprop.ui.explanation import style
from backprop.ui.fields.following import READINGS
from backprop.ui.place import Place

TITLES = {
    "partials": later("Derivatives"),
    "factors": later("Factors"),
    "numbers": later("Numbers"),
    "expanded": later("Written out in full"),
}
assert set(TITLES) == set(READINGS)

SENTENCES = {
    "partials": later("Along a path the local derivatives are multiplied; over the paths the products are added."),
    "factors": later(
        "Each derivative, once it is worked out: a slope of the loss, slopes of activations, weights, and what came in."
    ),
    "numbers": later("The same with the numbers of this network put in."),
}


def chain_html(here: Place, expanded: str, narrow: bool = False) -> str:
    """The reading that is chosen. expanded: the content of the fourth."""
    return (
        f'<div class="ch">{_readings(here)}{expanded if here.reading == "expanded" else _written(here, narrow)}</div>'
    )


def _readings(here: Place) -> str:
    buttons = "".join(
        f"<button type='button' role='radio' aria-checked='{str(each == here.reading).lower()}' class='{'on' if each == here.reading else ''}' data-set='{json.dumps({'reading': each})}'>{html.escape(_(TITLES[each]))}</button>"
        for each in READINGS
    )
    return (
        f'<div class="seg" role="radiogroup" aria-label="{html.escape(_("How the chain is written"))}">{buttons}</div>'
    )


def _written(here: Place, narrow: bool) -> str:
    look = style(here, "backward")
    table = chain(here.trace, here.ledger, here.reading, look, narrow)
    first = together(here.trace, here.ledger, here.reading, look)
    say = f"<p>{html.escape(_(SENTENCES[here.reading]))}</p>"
    if first:
        say += f'<p>{html.escape(_("The backward pass takes the sum first, so nothing is multiplied twice:"))}</p><div class="ch-tex" data-tex="{html.escape(first)}"></div>'
    return f'<div class="ch-tex" data-tex="{html.escape(table)}"></div>{say}'
