"""The tab "Your own": a formula for an activation or a loss, read, differentiated, drawn, checked, and put to use in the lesson."""

from __future__ import annotations

import html
import json

from backprop.engine.activations import Activation
from backprop.explain import symbols, tabled
from backprop.language import _, later
from backprop.runs import sampled
from backprop.ui.functions import activations, own_loss, told, use
from backprop.ui.functions.rows import activation_row, loss_row
from backprop.ui.place import Place

STARTS = {
    "activation": {
        "mish": "z*tanh(ln(1+exp(z)))",
        "swish": "z*sigmoid(z)",
        "hard tanh": "max(-1,min(1,z))",
        "|z|": "abs(z)",
        "sin z": "sin(z)",
        "bell": "exp(-z^2)",
        "ln z": "ln(z)",
    },
    "loss": {
        "fourth power": "(a-t)^4",
        "|a − t|": "abs(a-t)",
        "ln cosh": "ln(cosh(a-t))",
        "hinge": "max(0,1-a*t)",
    },
}
"""Formulas to begin with, by the name on their button."""
CRAFTS = {"activation": later("an activation"), "loss": later("a loss")}


def parts(here: Place, narrow: bool, notice: str) -> dict[str, str]:
    """The strings of the tab."""
    activation = here.craft == "activation"
    row = activation_row(here, here.mine) if activation else loss_row(here.cost)
    shown = {"tools": _craft(here), "pick": _typing(here), "ask": _question(here)}
    if isinstance(row, str):
        return {**shown, "main": activations.refused_html(row)}
    if isinstance(row, Activation):
        pair = (row, None)
        return {
            **shown,
            **activations.drawn(here, pair, narrow),
            "rules": _rules(here, row),
            "use": use.activation_html(here, row, notice),
        }
    return {**shown, **own_loss.drawn(here, row, narrow), "use": use.loss_html(here, row, notice)}


def _question(here: Place) -> str:
    asked = _("Which activation would you try?") if here.craft == "activation" else _("Which loss would you try?")
    return f'<div class="q"><span>{html.escape(asked)}</span></div>'


def _craft(here: Place) -> str:
    """Activation or loss?"""
    buttons = "".join(
        f"<button type='button' class='{'on' if each == here.craft else ''}' aria-pressed='{str(each == here.craft).lower()}' data-set='{json.dumps({'craft': each})}'>{html.escape(_(name))}</button>"
        for each, name in CRAFTS.items()
    )
    return f'<div class="seg">{buttons}</div>'


def _typing(here: Place) -> str:
    """The field, and formulas to begin with."""
    notation = here.notation
    field, now = ("mine", here.mine) if here.craft == "activation" else ("cost", here.cost)
    if field == "mine":
        name = f"<i>{notation.function}</i>(<i>z</i>)"
        label = _("a formula in z")
    else:
        name = f"<i>{symbols.unicode(notation.term)}</i>(<i>a</i>, <i>t</i>)"
        label = _("a formula in a and t")
    buttons = "".join(
        f'<button type="button" class="bt{" on" if text == now else ""}" data-set="{html.escape(json.dumps({field: text}), quote=True)}">{html.escape(title)}</button>'
        for title, text in STARTS[here.craft].items()
    )
    said = html.escape(label, quote=True)
    return f'<label class="fx-type"><span>{name} =</span><input type="text" data-field="{field}" maxlength="300" spellcheck="false" autocomplete="off" autocapitalize="off" aria-label="{said}" placeholder="{said}"></label><div class="fx-starts">{buttons}</div>'


def _rules(here: Place, row: Activation) -> str:
    """What was read, and its derivative."""
    rules = tabled.of_activation(row, sampled.derived(row), here.notation)
    found = told.facts(row)
    return (
        activations.tex_html(rules.formula.tex("steelblue"))
        + activations.slope_html(_("its slope, as SymPy differentiates it"), rules.derived)
        + f"<p class='fx-same'>{told.checked(found)}</p>"
    )
