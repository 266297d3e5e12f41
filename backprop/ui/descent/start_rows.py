"""A row for each start: its first activations, its first gradients layer by layer, and the loss that its run ends with."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Mapping

import numpy as np

from backprop.engine.steps import Cell
from backprop.explain import numerals, symbols
from backprop.figures.axes import round_step, tick
from backprop.figures.strips import reach, strip_svg
from backprop.language import _, plural
from backprop.runs.fate import lost
from backprop.runs.starts import First
from backprop.ui.place import Place

ACROSS, ACROSS_PHONE = 335, 350
"""px of a start's activations."""
TALL = 22
_DECADES = 12
"""Powers of ten below the largest gradient that a bar shows."""


def rows_html(
    here: Place,
    firsts: Mapping[str, First],
    losses: Mapping[str, np.ndarray],
    names: Mapping[str, tuple[str, str]],
    narrow: bool,
) -> str:
    """The table. names: of each start its title and hue."""
    depth = here.lesson.network.depth
    wide = ((ACROSS_PHONE if narrow else ACROSS) + 8) / depth - 8
    reaches = [reach([first.a[l] for first in firsts.values()]) for l in range(depth)]
    decades = _decades([size for first in firsts.values() for size in first.sizes])
    rows = "".join(
        _row(here, name, firsts[name], losses[name], *names[name], reaches, decades, wide) for name in firsts
    )
    return f'<div class="st-rows{" st-many" if depth > 4 else ""}">{_heading(here, reaches, decades)}{rows}</div>'


def _decades(sizes: list[float]) -> tuple[int, int]:
    """The powers of ten between which the bars of the gradients run."""
    seen = [math.log10(size) for size in sizes if size > 0 and math.isfinite(size)]
    if not seen:
        return -1, 0
    high = math.ceil(max(seen))
    return max(min(math.floor(min(seen)), high - 1), high - _DECADES), high


def _heading(here: Place, reaches: list[tuple[float, float] | None], decades: tuple[int, int]) -> str:
    depth = here.lesson.network.depth
    act, slope = (symbols.html(Cell(quantity, 1), here.notation, layer=False) for quantity in ("a", "dL_dW"))
    bars = " … ".join(numerals.ten_to(power) if power else "1" for power in decades)
    ranges = "".join(_layer(l, depth, _range(each)) for l, each in enumerate(reaches, 1))
    sizes = "".join(_layer(l, depth, bars) for l in range(1, depth + 1))
    return (
        f'<div class="st-row st-top"><span class="nm">{_("Start")}</span>'
        f'<span class="acts" {_columns(here)}><b>{_("First activations {symbol}").format(symbol=act)}</b>{ranges}</span>'
        f'<span class="grads" {_columns(here)}><b>{_("First gradients {symbol}, root mean square").format(symbol=slope)}</b>{sizes}</span>'
        f'<span class="end">{_end_title(here.span)}</span></div>'
    )


def _layer(layer: int, depth: int, ends: str) -> str:
    """A layer's heading with the ends of its axis, as far as there is room."""
    name = _("layer {layer}").format(layer=layer)
    if depth < 3:
        return f"<span>{name}<em>{ends}</em></span>"
    if depth == 3:
        return f'<span title="{name}">{layer}:<em>{ends}</em></span>'
    return f'<span title="{ends}">{name}</span>'


def _columns(here: Place) -> str:
    """A column for each layer."""
    return f'style="grid-template-columns:repeat({here.lesson.network.depth},1fr)"'


def _end_title(span: int) -> str:
    return plural("Loss after<br>{count} update", "Loss after<br>{count} updates", span).format(
        count=numerals.count(span)
    )


def _range(each: tuple[float, float] | None) -> str:
    if each is None:
        return ""
    return " … ".join(_short(value, each[1] - each[0]) for value in each)


def _short(value: float, span: float) -> str:
    """An end of an axis, with two digits of the axis's length."""
    if not (math.isfinite(span) and span > 0):
        return numerals.plain(value, 2)
    return tick(value, round_step(span, 40))


def _row(
    here: Place,
    name: str,
    first: First,
    losses: np.ndarray,
    title: str,
    hue: str,
    reaches: list[tuple[float, float] | None],
    decades: tuple[int, int],
    wide: float,
) -> str:
    chosen = name == here.scheme
    wish = html.escape(json.dumps({"scheme": name, "again": 0}), quote=True)
    acts = "".join(
        "<span>–</span>" if each is None else f"<span>{strip_svg(a, *each, wide, TALL, 'fwd', _strip(a, l))}</span>"
        for l, (a, each) in enumerate(zip(first.a, reaches, strict=True), 1)
    )
    grads = "".join(f"<span>{_size(size, decades)}</span>" for size in first.sizes)
    return (
        f'<div class="st-row{" on" if chosen else ""}" data-set="{wish}"><span class="nm"><button type="button" aria-pressed="{str(chosen).lower()}" data-set="{wish}">'
        f'<i style="background:var(--{hue})"></i>{html.escape(title)}</button></span><span class="acts" {_columns(here)}>{acts}</span><span class="grads" {_columns(here)}>{grads}</span>'
        f'<span class="end">{_end(here, losses)}</span></div>'
    )


def _strip(a: np.ndarray, layer: int) -> str:
    low, high = (numerals.plain(float(value), 3) for value in (a.min(), a.max()))
    return _("Activations of layer {layer}: from {low} to {high}").format(layer=layer, low=low, high=high)


def _size(size: float, decades: tuple[int, int]) -> str:
    if size == 0:
        return '<b class="zero">0</b>'
    low, high = decades
    share = (math.log10(size) - low) / (high - low) if math.isfinite(size) else 1.0
    return f'<b title="{html.escape(numerals.all_digits(size))}">{html.escape(numerals.plain(size, 2))}</b><i style="width:{100 * min(max(share, 0.01), 1.0):.0f}%"></i>'


def _end(here: Place, losses: np.ndarray) -> str:
    gone = lost(losses)
    if gone is not None:
        return f'<b class="gone">{_("✕ at iteration {iteration}").format(iteration=numerals.count(gone))}</b>'
    if len(losses) <= here.span:
        return "…"
    last, shown = float(losses[-1]), numerals.plain(float(losses[-1]), here.digits)
    if last > losses[0]:
        return f'<b class="gone" title="{html.escape(_("The loss has risen"))}">↑ {shown}</b>'
    return f'<b title="{numerals.all_digits(last)}">{shown}</b>'
