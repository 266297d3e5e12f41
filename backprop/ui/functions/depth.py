"""The tab "Through many layers": how much of a gradient is left after each layer, and which factors took the rest."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator

from backprop.engine.activations import Activation
from backprop.engine.network import SCHEMES
from backprop.explain import numerals
from backprop.figures.fading import fading_svg
from backprop.language import _, later
from backprop.runs.depth import Passage, passage
from backprop.ui.fields.comparing import MIGHT
from backprop.ui.fields.table import BOUNDS
from backprop.ui.functions.activations import refused_html
from backprop.ui.functions.rows import activation_row, activation_rows, named, title
from backprop.ui.place import Place

WIDE, TALL, PHONE = (968, 318), (968, 370), (358, 320)

FADED = 0.02
"""A gradient has vanished when less than this is left of it, and exploded when it is as many times as large."""
APART = 0.1
"""From this difference on, a typical factor that is not the real one is spoken of."""
STARTS = {
    "normal": later("N(0, 1) · 0.01"),
    "uniform": later("uniform, ±0.5"),
    "xavier": later("Xavier"),
    "he": later("He"),
    "zeros": later("all zeros"),
}
assert STARTS.keys() == SCHEMES.keys()


def parts(here: Place, narrow: bool) -> dict[str, str]:
    """The strings of the tab."""
    row, other = activation_row(here, here.fn), activation_row(here, here.versus) if here.versus else None
    controls = _controls(here)
    refused = next((_refused(each) for each in (row, other) if each is not None and _refused(each)), "")
    if refused or not isinstance(row, Activation):
        return {"pick": controls, "ask": refused_html(refused)}
    pair = [each for each in (row, other) if isinstance(each, Activation)]
    found = [passage(each, here.deep, here.wide, here.spread, here.might, here.drawn) for each in pair]
    second = found[1] if len(found) > 1 else None
    names = (named(pair[0]), named(pair[1]) if second else "")
    picture = fading_svg(found[0], second, names, here.logged, *(PHONE if narrow else WIDE if second else TALL))
    said = "".join(
        f"<div>{f'<h4>{title(each)}</h4>' if second else ''}{sentences(gone, second is None)}</div>"
        for each, gone in zip(pair, found, strict=True)
    )
    return {
        "tools": f'<label class="fx-tool"><input type="checkbox" data-field="logged"><span>{html.escape(_("in powers of ten"))}</span></label>',
        "pick": controls,
        "ask": _question(here, found[0]),
        "main": f'<div class="fx-fade">{picture}</div><div class="fx-said{" two" if second else ""}">{said}</div>',
    }


def _refused(row: Activation | str | None) -> str:
    """Why this one cannot go through many layers."""
    if isinstance(row, str):
        return row
    if row is not None and row.vector:
        return _(
            "{name} stands in the last layer only, so it does not go through many. Choose another activation."
        ).format(name=named(row))
    return ""


# --- what is chosen


def _controls(here: Place) -> str:
    rows = {spec: row for spec, row in activation_rows(here).items() if not row.vector}
    functions = [(spec, named(row, 24)) for spec, row in rows.items()]
    beside = [("", _("nothing")), *((spec, name) for spec, name in functions if spec != here.fn)]
    starts = [(name, _(text)) for name, text in STARTS.items()]
    draw = html.escape(f'{{"drawn": {(here.drawn + 1) % 1_000_000}}}', quote=True)
    return (
        f'<div class="fx-dials">{_choice("fn", _("activation"), functions)}{_choice("versus", _("compare with"), beside)}{_choice("spread", _("weights"), starts)}'
        f'<button type="button" class="bt" data-set="{draw}">{html.escape(_("Draw again"))}</button></div>'
        f'<div class="fx-dials">{_dial("deep", _("layers"), str(here.deep), *BOUNDS["deep"])}{_dial("wide", _("units in each"), str(here.wide), *BOUNDS["wide"])}{_might(here)}</div>'
    )


def _choice(field: str, name: str, options: list[tuple[str, str]]) -> str:
    listed = "".join(
        f'<option value="{html.escape(value, quote=True)}">{html.escape(text)}</option>' for value, text in options
    )
    return (
        f'<label class="fx-tool"><span>{html.escape(name)}</span><select data-field="{field}">{listed}</select></label>'
    )


def _dial(field: str, name: str, shown: str, least: float, most: float, step: str = "1", more: str = "") -> str:
    label = html.escape(name)
    return f'<label class="fx-dial"><span>{label} <b>{shown}</b></span><input type="range" data-field="{field}" min="{least:g}" max="{most:g}" step="{step}" aria-label="{label}"{more}></label>'


def _might(here: Place) -> str:
    reach = math.log10(MIGHT)
    shown = f"× {numerals.plain(here.might, 2, given=True)}"
    return _dial("might", _("size of the weights"), shown, -reach, reach, "0.02", " data-log")


# --- what is told


def _question(here: Place, found: Passage) -> str:
    asked = _("How much of the gradient comes through {count} layers?").format(count=here.deep)
    return f'<div class="q"><span>{html.escape(asked)}</span><small>{_answer(found)}</small></div>'


def _answer(found: Passage) -> str:
    left = found.left
    if math.isnan(left):
        return ""
    return _("{share} of it").format(share=f"<b>{size(left)}</b>")


def size(value: float) -> str:
    """A size that may be very small or very large, with two digits."""
    if value == 0:
        return "0"
    if 0.01 <= value < 1000:
        return numerals.pointed(f"{value:.2g}")
    return numerals.plain(value, 2)


def three(value: float) -> str:
    """A factor, with three digits."""
    if value == 0 or not 0.001 <= value < 1000:
        return size(value)
    return numerals.pointed(f"{value:.3g}")


def sentences(found: Passage, alone: bool = True) -> str:
    """What happens, by which factor, and whether slopes and weights explain it."""
    return "".join(f"<p>{each}</p>" for each in _sentences(found, alone))


def _sentences(found: Passage, alone: bool) -> Iterator[str]:
    gradients, last, left = found.gradients, len(found.layers), found.left
    lost = [layer.number for layer in found.layers if not math.isfinite(layer.gradient)]
    if lost:
        yield _(
            "The gradient explodes: from layer {layer} back, the numbers have left the range that a computer keeps."
        ).format(layer=lost[-1])
        return
    if gradients[-1] == 0:
        yield _("Already at the output the slope is 0: nothing comes back at all, and no layer learns.")
        return
    dead = [layer.number for layer in found.layers if layer.gradient == 0]
    if dead:
        cause = found.layers[dead[-1] - 1]
        if cause.weights == 0:
            yield _(
                "The weights are 0, and 0 times anything is 0: from layer {layer} back the gradient is exactly 0. These layers never begin to learn."
            ).format(layer=dead[-1])
        elif cause.slope == 0:
            yield _(
                "In layer {layer} every unit has the slope 0: nothing gets past it, and no layer before it learns."
            ).format(layer=dead[-1])
        else:
            yield _("From layer {layer} back the gradient is so small that a computer takes it for 0.").format(
                layer=dead[-1]
            )
        return
    yield _("Each layer multiplies the gradient by about {factor}: after {count} of them {left} is left.").format(
        factor=f"<b>{three(found.factor)}</b>", count=last - 1, left=f"<b>{size(left)}</b>"
    )
    slope, weights = float(f"{found.slope:.3g}"), float(f"{found.weights:.3g}")  # as they are shown
    yield _(
        "A typical slope is {slope}, and the weights between two layers multiply by {weights}: {slope} × {weights} ≈ {both}."
    ).format(
        slope=f'<b class="slope">{three(slope)}</b>',
        weights=f'<b class="pos">{three(weights)}</b>',
        both=three(slope * weights),
    )
    if alone and abs(slope * weights / found.factor - 1) > APART:
        yield _(
            "That it is {factor} and not {both} comes from what typical sizes leave out: which units are active, and how the error lies to the weights."
        ).format(factor=three(found.factor), both=three(slope * weights))
    yield _verdict(found)


def _verdict(found: Passage) -> str:
    left = found.left
    if left < FADED and found.slope ** len(found.layers) < found.weights ** len(found.layers):
        return _("The gradient vanishes because of the slopes: the first layers hardly learn.")
    if left < FADED:
        return _("The gradient vanishes because the weights are so small: the first layers hardly learn.")
    if left > 1 / FADED:
        return _("The gradient explodes: a step that suits the last layers throws the first ones far off.")
    return _("The gradient keeps about its size: all layers can learn at the same pace.")
