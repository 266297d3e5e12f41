"""What the class reads below the network: the question, the equation as TeX, and the sentence.

Colours are written by the names of STAND_INS; base.css says what such a name is in the light and in the dark theme, so
that a change of theme needs no rerun.
"""

from __future__ import annotations

import html

from backprop.engine.steps import Cell
from backprop.explain import numerals, symbols, typeset, vectors, words
from backprop.explain.derivation import RULES, explain
from backprop.explain.readings import Style
from backprop.figures.palette import PHASES, TEXT_COLOURS
from backprop.language import _, later
from backprop.lessons.examples import EXAMPLES, example
from backprop.ui import guessing
from backprop.ui.place import Place

STAND_INS = {
    "in": "steelblue", "weight": "slategray", "error": "mediumorchid", "loss": "mediumorchid", "slope": "goldenrod", "delta": "orangered", "update": "seagreen",
    "wrong": "crimson", "plain": "black", "mute": "gray",
}  # fmt: skip
RESULTS = {
    "fwd": ("steelblue", "aliceblue"),
    "loss": ("mediumorchid", "lavender"),
    "bwd": ("orangered", "seashell"),
    "upd": ("seagreen", "honeydew"),
    "pos": ("slategray", "whitesmoke"),
}


def style(place: Place, phase: str) -> Style:
    """How equations are written at this place."""
    line, wash = RESULTS[PHASES[phase]]
    return Style({**STAND_INS, "result": line, "wash": wash}, place.digits, place.notation, place.covered)


def question_html(place: Place) -> str:
    """The question that is answered now, and beside it the rule in vector form."""
    cells = place.cells()
    if not cells:
        title = place.title
        if place.iteration:
            title = _("Iteration {iteration} begins, with the updated weights.").format(iteration=place.iteration)
        return f'<div class="q"><span>{html.escape(title)}</span></div>'
    cell = cells[-1]
    if cell.quantity not in RULES:
        return f'<div class="q"><span>{_given(place, cell)}</span></div>'
    if place.predict and (asked := guessing.asked(place)):
        return guessing.row_html(place, asked)
    step = place.trace[cell.quantity, cell.layer]
    if _whole_layer(place):
        return f'<div class="q"><span>{_(LAYER_QUESTIONS[cell.quantity]).format(layer=cell.layer)}</span></div>'
    aside = "" if cell.quantity == "loss" else vectors.rule_html(place.trace, step, place.sample, place.notation)
    return f'<div class="q"><span>{words.question(place.trace, cell, place.notation)}</span><small title="{html.escape(_("The same for the whole layer"))}">{aside}</small></div>'


LAYER_QUESTIONS = {
    "z": later("What do the units of layer {layer} add up?"),
    "a": later("What does layer {layer} send on?"),
    "loss_term": later("How far is each output from its target?"),
    "dL_da": later("How does the loss change with what layer {layer} sends?"),
    "da_dz": later("How steep is each curve of layer {layer}?"),
    "dL_dz": later("How does the loss change with each sum of layer {layer}?"),
    "dL_dW": later("How does the loss change with each weight of layer {layer}?"),
    "dL_db": later("How does the loss change with each bias of layer {layer}?"),
    "dL_dx": later("How does the loss change with each input?"),
    "W_new": later("Where do the weights of layer {layer} go from here?"),
    "b_new": later("Where do the biases of layer {layer} go from here?"),
}


def equation_tex(place: Place, narrow: bool = False) -> str:
    """The equation of what is made at this place; empty where there is none."""
    cells = place.cells()
    if not cells or cells[-1].quantity not in RULES:
        return ""
    cell = cells[-1]
    step = place.trace[cell.quantity, cell.layer]
    look = style(place, step.phase)
    if _whole_layer(place):
        return vectors.display(place.trace, step, place.sample, look)
    explanation = explain(place.trace, cell, place.sample)
    return typeset.narrow(explanation, place.trace, look) if narrow else typeset.display(explanation, place.trace, look)


def _whole_layer(place: Place) -> bool:
    """Is a whole layer's quantity made at once? The loss is one number in either grain."""
    cells = place.cells()
    return len(cells) > 1 and cells[-1].quantity != "loss"


def sentence_html(place: Place) -> str:
    """The sentence that goes with the equation; before the first step, where the network comes from and what must be told."""
    cells = place.cells()
    if not cells:
        return _start(place)
    if cells[-1].quantity not in RULES:
        return ""
    if place.guess and (asked := guessing.asked(place)):
        return guessing.verdict_html(place, asked)
    if _whole_layer(place):
        return f"<em>{_('The same rule for all units at once. Choose Number above to see each of them computed.')}</em>"
    return words.to_html(
        words.sentence(explain(place.trace, cells[-1], place.sample), place.trace, place.notation, place.covered),
        COLOURS,
    )


COLOURS = TEXT_COLOURS


def _given(place: Place, cell: Cell) -> str:
    """A number that is given, not computed: what it is, and where its gradient comes."""
    name, value = symbols.html(cell, place.notation), numerals.plain(place.trace.at(cell), place.digits, given=True)
    gradient = {"W": "dL_dW", "b": "dL_db", "x": "dL_dx"}.get(cell.quantity)
    stop = place.walk.stop_of(cell._replace(quantity=gradient)) if gradient else None
    if stop is None:
        return _("{name} is given: {value}.").format(name=name, value=value)
    return _("{name} is given: {value}. How the loss changes with it is computed in step {stop}.").format(
        name=name, value=value, stop=stop
    )


def _start(place: Place) -> str:
    """Before the first step: what this network is, where it comes from, and what must be known about its numbers."""
    parts = []
    row = EXAMPLES[place.origin]
    if not place.iteration and place.lesson == example(place.origin):
        parts += [_(text) for text in (row.source, row.note) if text]
    parts.append(_("Nothing is computed yet. Press → for the first number."))
    return "".join(f"<p>{html.escape(part)}</p>" for part in parts)
