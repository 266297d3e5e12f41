"""What stands above the tabs: the question with the number of paths, the choice of the number, and the row of tabs."""

from __future__ import annotations

import html

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols
from backprop.explain.conventions import Convention
from backprop.language import _, later, plural
from backprop.ui.fields.following import TABS
from backprop.ui.place import Place

QUESTIONS = {
    "W": later("By which paths does this weight reach the loss?"),
    "b": later("By which paths does this bias reach the loss?"),
    "x": later("By which paths does this input reach the loss?"),
    "z": later("By which paths does this pre-activation reach the loss?"),
    "a": later("By which paths does this activation reach the loss?"),
}

TITLES = {
    "paths": later("Paths"),
    "chain": later("The chain"),
    "matrix": later("As matrices"),
    "graph": later("Every operation"),
    "change": later("Change it"),
    "slopes": later("Error × slope"),
}
assert set(TITLES) == set(TABS)


def question_html(here: Place) -> str:
    count = here.ledger.count
    by = plural("By one.", "By {count}.", count).format(count=numerals.count(count))
    at = _("Iteration {iteration}").format(iteration=here.iteration) if here.iteration else ""
    return f'<div class="q"><span>{_(QUESTIONS[here.follows.quantity])} <em>{by}</em></span><small>{at}</small></div>'


def numbers(trace: Trace, sample: int) -> list[tuple[int, list[Cell]]]:
    """(layer, its weights and biases), layer by layer, and at the end (0, the inputs): what the arrow keys go through."""
    groups = []
    for layer in range(1, trace.network.depth + 1):
        steps = [trace["W", layer], *([trace["b", layer]] if ("b", layer) in trace else [])]
        groups.append((layer, [cell for step in steps for cell in trace.cells(step)]))
    inputs = [cell for cell in trace.cells(trace["x", 0]) if cell.sample == sample]
    return [*groups, (0, inputs)]


def choice_html(here: Place, groups: list[tuple[int, list[Cell]]]) -> str:
    """A list of every weight, bias and input; what else is followed stands on top of it."""
    convention, follows = here.notation, here.follows
    known = [cell for _layer, cells in groups for cell in cells]
    options = "" if follows in known else _option(follows, convention)
    for layer, cells in groups:
        title = html.escape(_("layer {layer}").format(layer=layer) if layer else _("inputs"))
        options += f'<optgroup label="{title}">{"".join(_option(cell, convention) for cell in cells)}</optgroup>'
    label = html.escape(_("Which number to follow"))
    return f'<select data-field="followed" aria-label="{label}" title="{label}">{options}</select>'


def _option(cell: Cell, convention: Convention) -> str:
    name = html.escape(symbols.text(cell, convention))
    told = html.escape(_("{name} of layer {layer}")).format(name=name, layer=cell.layer) if cell.layer else name
    return f'<option value="{cell.address}">{told}</option>'
