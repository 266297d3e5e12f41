"""Buttons that put an activation or a loss in force in the present lesson, and what they do."""

from __future__ import annotations

import html

from backprop.engine.activations import Activation
from backprop.engine.losses import Loss
from backprop.language import _
from backprop.lessons import changes
from backprop.lessons.lesson import Lesson
from backprop.ui.functions.rows import activation_row, loss_row
from backprop.ui.place import Place

SAID = "use:"
"""What a button says: use:loss, or use: and a layer's number, or use:hidden."""


def shown(here: Place) -> Activation | Loss | str:
    """What the open tab shows, or one sentence."""
    if here.shelf == "losses":
        return loss_row(here.price)
    if here.shelf == "own":
        return loss_row(here.cost) if here.craft == "loss" else activation_row(here, here.mine)
    return activation_row(here, here.fn)


def made(here: Place, say: str) -> Lesson | None:
    """The lesson with what is shown put in force, as a button says; None for what no button says. Raises LessonError."""
    row, where = shown(here), say.removeprefix(SAID)
    depth = here.lesson.network.depth
    if isinstance(row, Loss) and where == "loss":
        return changes.rebuilt(here.lesson, {"loss": row.spec})
    if isinstance(row, Activation) and (where == "hidden" or where in map(str, range(1, depth + 1))):
        layers = range(1, depth) if where == "hidden" else [int(where)]
        specs = [here.lesson.spec(each) for each in here.lesson.activations]
        for layer in layers:
            specs[layer - 1] = row.spec
        return changes.rebuilt(here.lesson, {"activations": tuple(specs)})
    return None


def activation_html(here: Place, row: Activation, notice: str) -> str:
    """A button for each layer where it may stand, and one for all hidden layers; where it stands already is shown."""
    network = here.lesson.network
    depth = network.depth
    there = [each.spec == row.spec for each in network.activations]
    buttons = [
        _button(f"{SAID}{layer}", _("layer {layer}").format(layer=layer), there[layer - 1])
        for layer in range(1, depth + 1)
        if not row.vector or layer == depth
    ]
    if depth > 2 and not row.vector:
        buttons.append(_button(f"{SAID}hidden", _("all hidden layers"), all(there[:-1])))
    return _frame("".join(buttons), notice)


def loss_html(here: Place, row: Loss, notice: str) -> str:
    """A button that makes it the lesson's loss."""
    return _frame(_button(f"{SAID}loss", _("as its loss"), here.lesson.network.loss.spec == row.spec), notice)


def _button(say: str, name: str, there: bool) -> str:
    mark = "✓ " if there else ""
    return f'<button type="button" class="bt{" on" if there else ""}" aria-pressed="{str(there).lower()}"{" disabled" if there else ""} data-say="{say}">{mark}{html.escape(name)}</button>'


def _frame(buttons: str, notice: str) -> str:
    """notice: why the last one could not be put in force."""
    said = f'<p class="fx-no" role="alert">{html.escape(notice)}</p>' if notice else ""
    there = _("Where there is a tick it is in force, on every page of the lesson.") if "disabled" in buttons else ""
    return f'<div class="fx-use"><span>{html.escape(_("Use it in the lesson:"))}</span>{buttons}</div>{said}<p class="fx-same">{html.escape(there)}</p>'
