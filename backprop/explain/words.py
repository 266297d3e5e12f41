"""What a number means: the question a step answers, and one plain sentence with it.

Sentences are whole messages. Words that name a factor stand between marks of the factor's kind, <error>…</error>, so
that they take the colour which the factor has in the network and in the equation; translators keep the marks.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols
from backprop.explain.conventions import DEFAULT, Convention
from backprop.explain.derivation import Explanation
from backprop.language import _, later

_MARK = re.compile(r"<(in|weight|error|slope|delta|loss|update|mute)>(.*?)</\1>", re.S)

PHASE_NAMES = {
    "given": later("Given"),
    "forward": later("Forward"),
    "loss": later("Loss"),
    "backward": later("Backward"),
    "update": later("Update"),
}


def to_html(marked: str, colours: Mapping[str, str]) -> str:
    """A marked sentence as HTML: words of a kind in its colour, by-the-way words in <em>."""
    return _MARK.sub(
        lambda m: f"<em>{m[2]}</em>" if m[1] == "mute" else f'<b style="color:{colours[m[1]]}">{m[2]}</b>', marked
    )


def to_text(marked: str) -> str:
    """A marked sentence without its marks and tags."""
    return html.unescape(re.sub(r"<[^>]+>", "", marked))


def layer_name(trace: Trace, layer: int) -> str:
    """layer 1 · sigmoid"""
    return _("layer {layer} · {activation}").format(layer=layer, activation=activation_title(trace, layer))


def activation_title(trace: Trace, layer: int) -> str:
    row = trace.network.activations[layer - 1]
    return html.escape(_(row.title)) if row.name != "formula" else _("typed activation")


def loss_title(trace: Trace) -> str:
    row = trace.network.loss
    return html.escape(_(row.title)) if row.name != "formula" else _("typed loss")


QUESTIONS: dict[str, str] = {
    "z": later("What does unit {unit} of layer {layer} add up?"),
    "a": later("What does unit {unit} of layer {layer} send on?"),
    "loss_term": later("How far is output {unit} from its target?"),
    "loss": later("How wrong is the network?"),
    "dL_da": later("How much does the loss change when {symbol} grows a little?"),
    "da_dz": later("How steep is the {activation} at {at}?"),
    "dL_dz": later("How much does the loss change when {symbol} grows a little?"),
    "dL_dW": later("How much does the loss change when {symbol} grows a little?"),
    "dL_db": later("How much does the loss change when {symbol} grows a little?"),
    "dL_dx": later("How much does the loss change when {symbol} grows a little?"),
    "W_new": later("Where does {symbol} go from here?"),
    "b_new": later("Where does {symbol} go from here?"),
}


def question(trace: Trace, cell: Cell, convention: Convention = DEFAULT) -> str:
    """The question that a step's number answers, as HTML."""
    convention = convention.of(trace)
    places = {"unit": cell.unit, "layer": cell.layer, "symbol": "", "activation": "", "at": ""}
    if cell.quantity == "da_dz":
        z = cell._replace(quantity="z", unit=cell.from_unit or cell.unit, from_unit=None)
        places.update(activation=activation_title(trace, cell.layer or 1), at=symbols.html(z, convention))
    elif cell.quantity.startswith("dL_"):
        places["symbol"] = symbols.html(symbols.of(cell), convention)
    elif cell.quantity.endswith("_new"):
        places["symbol"] = symbols.html(cell._replace(quantity=cell.quantity[0]), convention)
    return _(QUESTIONS[cell.quantity]).format(**places)


def sentence(explanation: Explanation, trace: Trace, convention: Convention = DEFAULT, hidden: bool = False) -> str:
    """What the number is made of and what it says, as marked text. hidden: without what would give the number away."""
    cell, convention = explanation.cell, convention.of(trace)
    first = _meaning(explanation, trace, convention)
    notes = [_(NOTES[note]) for note in explanation.notes if note in NOTES]
    if convention.share > 1 and cell.quantity in ("dL_da", "dL_dz", "dL_dx"):
        notes.append(_left_out(cell, convention))
    if not notes and not hidden and cell.quantity in ("dL_dW", "dL_db"):
        notes = [_effect(explanation, convention)]
    return " ".join([first, *(f"<mute>{note}</mute>" for note in notes)])


NOTES: dict[str, str] = {
    "kink": later("Exactly at the kink there is no derivative; by convention the slope of the left side is used."),
    "fused": later(
        "Loss and activation are differentiated in one go; their product is exact even where the output saturates."
    ),
    "saturated": later(
        "The output has saturated, so this is computed from its pre-activation, where no digit is lost."
    ),
    "shared": later("The layer has one bias, so what reaches it is the sum over its units."),
}


def _left_out(cell: Cell, convention: Convention) -> str:
    """Of a convention whose dZ and dA are without the 1/m of the mean: how they are to be had from the number."""
    own = convention.on(convention.sizes, 1)
    return _("{name} itself leaves out the 1/{samples} of the mean: it is {samples} times this number.").format(
        name=symbols.html(cell, own), samples=convention.share
    )


def _effect(explanation: Explanation, convention: Convention) -> str:
    """Raise it by 0.01 and the loss …"""
    value, symbol = explanation.value, symbols.html(symbols.of(explanation.cell), convention, layer=False)
    if not math.isfinite(value):
        return _("The gradient has left the range of the numbers a computer keeps.")
    size, step = abs(value) * 0.01, numerals.pointed("0.01")
    change = numerals.pointed(f"{size:.4f}") if size >= 0.0001 else numerals.plain(size, 2)
    if value == 0:
        return _("Raise {symbol} a little and the loss stays where it is.").format(symbol=symbol)
    if value > 0:
        return _("Raise {symbol} by {step} and the loss rises by about {change}.").format(
            symbol=symbol, step=step, change=change
        )
    return _("Raise {symbol} by {step} and the loss falls by about {change}.").format(
        symbol=symbol, step=step, change=change
    )


def _meaning(explanation: Explanation, trace: Trace, convention: Convention) -> str:
    cell, network = explanation.cell, trace.network
    layer, unit = cell.layer or 0, cell.unit
    depth = network.depth
    places = {
        "layer": layer,
        "next": layer + 1,
        "unit": unit,
        "sender": cell.from_unit,
        "activation": activation_title(trace, layer) if layer else "",
        "loss": loss_title(trace),
        "samples": trace.samples,
        "delta": symbols.errors(convention),
        "sample": explanation.sample,
    }
    return _(_message(explanation, trace, layer, depth)).format(**places)


def _message(explanation: Explanation, trace: Trace, layer: int, depth: int) -> str:
    """Which sentence fits."""
    cell, network = explanation.cell, trace.network
    output = layer == depth
    match cell.quantity:
        case "z":
            if ("b", layer) not in trace:
                return later(
                    "Each <in>incoming number</in> times the <weight>weight</weight> of its edge; this network has no biases. <mute>The sum is not yet what the unit sends on: next it goes through the {activation}.</mute>"
                )
            return later(
                "Each <in>incoming number</in> times the <weight>weight</weight> of its edge, and the <weight>bias</weight> on top. <mute>This sum is not yet what the unit sends on: next it goes through the {activation}.</mute>"
            )
        case "a" if network.activations[layer - 1].vector:
            return later("The softmax turns all pre-activations of the layer into shares that add up to 1.")
        case "a" if network.activations[layer - 1].name == "linear":
            return later("A linear unit sends on just what it has added up.")
        case "a" if output:
            return later("The {activation} bends the sum; what comes out is the network's <in>answer {unit}</in>.")
        case "a":
            return later(
                "The {activation} bends the sum; what comes out is what <in>unit {unit} sends</in> to the next layer."
            )
        case "loss_term" if network.loss.name == "formula":
            return later("The loss of this one output, as its formula was typed: what training is to make smaller.")
        case "loss_term":
            return later("The {loss} of this one output; the closer to its target, the smaller.")
        case "loss" if cell.sample is None and trace.samples > 1:
            return later("The mean over all {samples} samples: the one number that training makes smaller.")
        case "loss":
            return later("The parts of all outputs added up: the one number that training makes smaller.")
        case "dL_da" if output:
            return later(
                "The <error>error at output {unit}</error>: the slope of the loss. <mute>From here everything flows back.</mute>"
            )
        case "dL_da":
            return later(
                "What comes back to unit {unit}: each <delta>{delta} of layer {next}</delta> times the <weight>weight</weight> through which unit {unit} reaches it, all added up."
            )
        case "da_dz" if cell.from_unit is not None and cell.from_unit != cell.unit:
            return later("When one pre-activation of a softmax grows, the other outputs shrink: the slope is negative.")
        case "da_dz":
            return later(
                "The <slope>slope of the {activation}</slope> at this unit's pre-activation; where the curve is flat, little gets through."
            )
        case "dL_dz" if "fused" in explanation.notes:
            return later("The <delta>{delta} of output {unit}</delta> is simply output minus target.")
        case "dL_dz" if network.activations[layer - 1].vector:
            return later(
                "Every output depends on this pre-activation, so the <error>errors</error> of all outputs come in, each times its <slope>slope</slope>."
            )
        case "dL_dz" if output:
            return later(
                "The <error>error at output {unit}</error> times the <slope>slope of its {activation}</slope>. <mute>This is {delta}: whatever enters the unit is multiplied with it.</mute>"
            )
        case "dL_dz":
            return later(
                "What <delta>came back to unit {unit}</delta> times the <slope>slope of its {activation}</slope>. <mute>This is {delta}: whatever enters the unit is multiplied with it.</mute>"
            )
        case "dL_dW" if (output and network.activations[-1].vector) or "fused" in explanation.notes:
            return later("The <delta>{delta} of output {unit}</delta>, times <in>what came in</in> along this edge.")
        case "dL_dW" if output and layer == 1:
            return later(
                "The <error>error at output {unit}</error>, times the <slope>slope of its {activation}</slope>, times the <in>input</in> on this edge."
            )
        case "dL_dW" if output:
            return later(
                "The <error>error at output {unit}</error>, times the <slope>slope of its {activation}</slope>, times <in>what hidden unit {sender} sent</in> along this edge."
            )
        case "dL_dW" if layer == 1:
            return later(
                "What comes back <delta>from layer {next}</delta> through its <weight>weights</weight>, times the <slope>slope of hidden unit {unit}</slope>, times the <in>input</in> on this edge."
            )
        case "dL_dW":
            return later(
                "What comes back <delta>from layer {next}</delta> through its <weight>weights</weight>, times the <slope>slope of hidden unit {unit}</slope>, times <in>what unit {sender} sent</in> along this edge."
            )
        case "dL_db" if cell.unit is None:
            return later(
                "The bias adds straight to every sum of its layer, so it gets the <delta>{delta} of every unit</delta>, each times <in>1</in>."
            )
        case "dL_db":
            return later(
                "A bias adds straight to the sum, so its own factor is <in>1</in> and its gradient is {delta} itself."
            )
        case "dL_dx":
            return later(
                "Each <delta>{delta} of layer 1</delta> times the <weight>weight</weight> on its way from this input, all added up. <mute>Inputs stay as they are; this tells which of them matters.</mute>"
            )
        case "W_new":
            return later(
                "The old <weight>weight</weight>, minus the <update>learning rate</update> times the <delta>gradient</delta>. <mute>All gradients were taken with the old weights.</mute>"
            )
        case _:
            return later(
                "The old <weight>bias</weight>, minus the <update>learning rate</update> times the <delta>gradient</delta>. <mute>All gradients were taken with the old parameters.</mute>"
            )
