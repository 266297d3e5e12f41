"""The tab "The whole run": every weight and bias and the size of the gradients over the iterations, in pictures, as a table and as a file."""

from __future__ import annotations

import html
import json
import math

import numpy as np
import streamlit as st

from backprop.engine.steps import Cell
from backprop.explain import numerals, symbols
from backprop.explain.conventions import Convention
from backprop.export.run_table import to_csv
from backprop.figures import marks
from backprop.figures.lines import lines_svg
from backprop.figures.strands import Series
from backprop.language import _, plural
from backprop.ui import state
from backprop.ui.descent import progress
from backprop.ui.descent.progress import Progress
from backprop.ui.descent.shown import FEW, Shown
from backprop.ui.fields.descending import LARGEST, MOST
from backprop.ui.place import Place

WIDE, TALL = (560, 384), 184
"""px of the two plots side by side."""
PHONE, LOW = 358, 210
ROOM = 968
SIZE = 15
"""px of the table's numbers."""


def parts(here: Place, ran: Progress, narrow: bool) -> dict[str, str]:
    """The strings of the tab's parts."""
    shown = Shown(here, ran)
    told = progress.bar_html(ran) or f"<p role='status'>{html.escape(progress.told(here, ran))}</p>"
    wide, side = (PHONE, PHONE) if narrow else WIDE
    tall = LOW if narrow else TALL
    return {
        "main": f'<div class="dt">{_rule()}<div class="dt-told">{told}</div>'
        f'<div class="dt-plots"><figure>{_caption(shown)}{_numbers(shown, wide, tall)}</figure>'
        f"<figure>{_sizes_caption(shown)}{_sizes(shown, side, tall)}{_zeros(shown)}</figure></div>"
        f'<div class="dt-scroll">{_table(shown, PHONE if narrow else ROOM)}</div></div>'
    }


def file(place: Place) -> bytes:
    """The run of a place as CSV, computed to its end."""
    while (ran := progress.progress(place)).pending:
        pass
    return to_csv(place.lesson, ran.known).encode()


def download() -> None:
    """The run to take home; the file is made when it is asked for."""
    here = state.held()
    st.download_button(
        _("The run as CSV"),
        lambda: file(here()),
        f"{state.place().origin}-run.csv",
        "text/csv",
        key="run_csv",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
        help=_("Every iteration: the loss, its change, the size of the gradients, every weight and bias"),
    )


# --- the rule


def _rule() -> str:
    """How far the run goes, and what stops it sooner. The numbers are put in by the element (assets/explore.js)."""
    never = html.escape(_("0: never"), quote=True)
    limits = f'min="0" max="{LARGEST:.0f}" step="any" title="{never}"'
    return (
        '<div class="dt-rule">'
        f'<label>{_("Iterations")} <input type="number" data-field="span" min="1" max="{MOST}" step="1"></label>'
        f'<input type="range" data-field="span" data-log data-whole min="0" max="{len(str(MOST)) - 1}" step="0.01" aria-label="{html.escape(_("Iterations"), quote=True)}">'
        f'<label>{_("Stop when the loss is below")} <input type="number" data-field="below" {limits}></label>'
        f'<label>{_("or changes by less than")} <input type="number" data-field="still" {limits}></label>'
        f'<span class="never">{never}</span>'
        "</div>"
    )


# --- the pictures


def _caption(shown: Shown) -> str:
    depth = shown.lesson.network.depth
    title = html.escape(_title(shown))
    buttons = "".join(
        f"<button type='button' class='{'on' if layer == shown.layer else ''}' aria-pressed='{str(layer == shown.layer).lower()}' "
        f"aria-label='{html.escape(_('Layer {layer}').format(layer=layer), quote=True)}' data-set='{json.dumps({'level': layer})}'>{layer}</button>"
        for layer in range(1, depth + 1)
    )
    chooser = f'<span class="seg">{buttons}</span>' if depth > 1 else ""
    return f'<figcaption class="h5"><b>{title}</b>{chooser}{_moment(shown)}</figcaption>'


def _title(shown: Shown) -> str:
    if shown.lesson.network.bias_shape(shown.layer) is None:
        return _("Weights of layer {layer}").format(layer=shown.layer)
    return _("Weights and biases of layer {layer}").format(layer=shown.layer)


def _moment(shown: Shown) -> str:
    """Of which iteration the numbers beside the names are; it stands above them."""
    return f"<span>{_('numbers at iteration {iteration}').format(iteration=numerals.count(shown.at))}</span>"


def _sizes_caption(shown: Shown) -> str:
    title = _("Size of the gradients, {size}").format(size=_size(shown.notation))
    return f'<figcaption class="h5"><b>{title}</b>{_moment(shown)}</figcaption>'


def _size(convention: Convention, layer: int | None = None) -> str:
    """‖∂L/∂W‖ of a layer in HTML."""
    around = "" if layer is None else f"<sup>{convention.layer[:1]}{layer}{convention.layer[1:]}</sup>"
    if convention.differentials:
        return f"‖<i>dW</i>{around}‖"
    return f"‖<i>∂{symbols.unicode(convention.loss)}</i>/<i>∂W</i>{around}‖"


def _numbers(shown: Shown, width: float, height: float) -> str:
    """The weights and biases of a layer."""
    few = len(shown.cells) <= FEW
    at, x = shown.place_of(shown.at), np.array(shown.iterations)
    curves = []
    for k, cell in enumerate(shown.cells):
        looked = cell == shown.looked
        marked = looked or (not few and cell == shown.marked)
        value = numerals.plain(float(shown.numbers[at, k]), shown.digits, given=shown.at == 0)
        label = f"{_symbol(cell, shown.notation)} {value}"
        hue = "p1" if marked else "pos" if few else "edge"
        curves.append(
            Series(
                label if few or marked else "",
                x,
                shown.numbers[:, k],
                hue,
                width=3 if looked else 2.2 if few or marked else 1.3,
                dash="6 4" if cell.quantity == "b" else "",
                bold=marked,
                key=cell.address,
                tip=label,
                beside=value if looked else "",
            )
        )
    return lines_svg(curves, width, height, _title(shown), here=shown.at if shown.here else None, drag="iteration")


def _symbol(cell: Cell, convention: Convention) -> str:
    name = symbols.named(cell, convention)
    return marks.symbol(symbols.unicode(name.letter), name.below)


def _sizes(shown: Shown, width: float, height: float) -> str:
    """How large the gradient of each layer's weights is."""
    at, x = shown.place_of(shown.at), np.array(shown.iterations)
    curves = [
        Series(
            html.escape(
                _("layer {layer}: {value}").format(
                    layer=layer, value=numerals.plain(float(row[at]), min(shown.digits, 4))
                )
            ),
            x,
            row,
            "bwd",
            width=3 if layer == shown.layer else 2,
            bold=layer == shown.layer,
        )
        for layer, row in enumerate(shown.norms, 1)
    ]
    title = _("The size of the gradients of each layer over the iterations, on a logarithmic axis")
    here = shown.at if shown.here else None
    return lines_svg(curves, width, height, title, log=True, here=here, drag="iteration", decades=math.inf)


def _zeros(shown: Shown) -> str:
    """What a logarithmic axis cannot show."""
    gone = [str(layer) for layer, row in enumerate(shown.norms, 1) if (row == 0).any()]
    if not gone:
        return ""
    message = plural(
        "Layer {layers} has gradients of size 0; a logarithmic axis has no place for them.",
        "Layers {layers} have gradients of size 0; a logarithmic axis has no place for them.",
        len(gone),
    )
    return f'<p class="dt-note">{message.format(layers=", ".join(gone))}</p>'


# --- the table


def _table(shown: Shown, room: float) -> str:
    layers = range(1, shown.lesson.network.depth + 1)
    heads = [_("iteration"), _("loss"), _("change"), *(_size(shown.notation, layer) for layer in layers)]
    columns = [
        [numerals.count(k) for k in shown.rows],
        [_number(shown, float(shown.losses[k])) for k in shown.rows],
        [_change(shown, k) for k in shown.rows],
    ]
    at = [shown.place_of(k) for k in shown.rows]
    columns += [[_number(shown, float(row[k])) for k in at] for row in shown.norms]
    more = [[_number(shown, float(value)) for value in shown.numbers[at, k]] for k in range(len(shown.cells))]
    if sum(map(_wide, columns + more)) <= room:
        columns += more
        heads += [symbols.html(cell, shown.notation) for cell in shown.cells]
    head = "".join(f"<th scope='col'>{each}</th>" for each in heads)
    rows = "".join(
        f"<tr class='{'on' if k == shown.place.iteration else ''}' data-set='{json.dumps({'iteration': k})}'>"
        + "".join(f"<td>{html.escape(column[row])}</td>" for column in columns)
        + "</tr>"
        for row, k in enumerate(shown.rows)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _wide(column: list[str]) -> float:
    return max(64.0, 22 + max(marks.width_of(each, SIZE) for each in column))


def _number(shown: Shown, value: float) -> str:
    return numerals.plain(value, shown.digits)


def _change(shown: Shown, iteration: int) -> str:
    """What the update before it has made of the loss."""
    if iteration == 0:
        return "–"
    with np.errstate(all="ignore"):
        change = float(shown.losses[iteration] - shown.losses[iteration - 1])
    return numerals.plain(change, shown.digits, sign=change > 0)
