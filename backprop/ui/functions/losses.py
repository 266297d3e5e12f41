"""The tab "Losses": a term of the loss, its slope, and what of it reaches z through the output's own slope; any two beside each other."""

from __future__ import annotations

import html
from functools import lru_cache

import numpy as np

from backprop.engine.losses import Loss
from backprop.explain import numerals, symbols, tabled
from backprop.figures.axes import Box
from backprop.figures.marks import symbol
from backprop.figures.plots import Curve, Dot, Plot, grip, grip_svg, heights, margin, point_svg, still_svg, target_svg
from backprop.language import _
from backprop.runs import sampled
from backprop.ui.functions import told, told_losses, use
from backprop.ui.functions.activations import refused_html, slide_html, tex_html
from backprop.ui.functions.rows import loss_row, loss_rows, named, title
from backprop.ui.functions.shelf import beside_html, shelf_html
from backprop.ui.place import Place

WIDE, PHONE = (968, 240), (358, 640)
_FLAG = 20
"""px below the axis numbers in which the target's flag stands and is dragged."""


def parts(here: Place, narrow: bool, notice: str) -> dict[str, str]:
    """The strings of the tab."""
    rows = loss_rows(here)
    row, other = loss_row(here.price), loss_row(here.other) if here.other else None
    bare = {"tools": beside_html("other", rows, here.price), "pick": shelf_html("price", rows, here.price, here.other)}
    if isinstance(row, str):
        return {**bare, "ask": refused_html(row)}
    refusal = refused_html(other) if isinstance(other, str) else ""
    pair = (row, other) if isinstance(other, Loss) and other is not row else (row, None)
    size, outputs = PHONE if narrow else WIDE, here.lesson.layers[-1]
    plots = _plots(here, pair, outputs, narrow)
    flags = "".join(grip(plot.box, "aim", plot.box.bottom + 4, 40) for plot in plots)
    a, t = (symbols.unicode(each) for each in (here.notation.act, here.notation.target))
    return {
        **bare,
        "ask": _question(pair),
        "plot": _still(pair, plots, size),
        "point": point_svg(plots, here.out, _dots(pair, here.out, here.aim, outputs), *size)
        + target_svg(plots, here.aim, symbol(t, size=17), *size),
        "grip": grip_svg(plots, "out", *size, flags),
        "slide": slide_html("out", a, 0.0, 1.0) + slide_html("aim", t, 0.0, 1.0),
        "rules": refusal + _rules(here, pair, outputs),
        "say": _numbers(here, pair, outputs) + _said(here, pair, outputs),
        "use": use.loss_html(here, row, notice),
    }


def _plots(here: Place, pair: tuple[Loss, Loss | None], outputs: int, narrow: bool) -> tuple[Plot, Plot, Plot]:
    return plots_of(pair, here.aim, outputs, narrow, here.notation, numerals.writing())


@lru_cache(maxsize=128)
def plots_of(pair: tuple[Loss, Loss | None], t: float, outputs: int, narrow: bool, notation, writing: object):
    """The term, its slope by a and by z, over the same a. The y axes are those of every target, so that they stand still while one is dragged."""
    width, height = PHONE if narrow else WIDE
    titles = (
        symbol(symbols.unicode(notation.term), size=18),
        _over(notation.term, notation.act),
        _over(notation.loss, notation.pre) + " " + html.escape(told_losses.over(pair)),
    )
    drawn, found = [], [sampled.loss_curve(row, t, outputs) for row in pair if row is not None]
    for k, (series, hue) in enumerate(zip(("value", "slope", "through"), ("loss", "loss", "bwd"), strict=True)):
        curves = tuple(Curve(each.x, getattr(each, series), hue, "", bool(place)) for place, each in enumerate(found))
        low, high = _height(pair, series, outputs)
        left = margin(low, high)
        if narrow:
            tall = height / 3
            box = Box(left, width - 28, k * tall + 26, (k + 1) * tall - 44, 0.0, 1.0, low, high)
        else:
            third = width / 3
            box = Box(k * third + left, (k + 1) * third - 22, 28, height - 44, 0.0, 1.0, low, high)
        drawn.append(Plot(box, curves, titles[k], symbol(symbols.unicode(notation.act), size=17)))
    return tuple(drawn)


def _over(above: str, below: str) -> str:
    return f"{symbol('∂' + symbols.unicode(above), size=17)}/{symbol('∂' + symbols.unicode(below), size=17)}"


@lru_cache(maxsize=128)
def _height(pair: tuple[Loss, Loss | None], series: str, outputs: int) -> tuple[float, float]:
    """From where to where an axis reaches, whatever the target: a logarithm that shoots up is cut off where it has left the others far below."""
    most = {"value": 5.0, "slope": 8.0, "through": 2.2}[series]
    values = [
        getattr(sampled.loss_curve(row, t, outputs), series) for row in pair if row is not None for t in (0.0, 1.0)
    ]
    low, high = heights([np.clip(each, -most, most) for each in values])
    return low, high


@lru_cache(maxsize=64)
def _still(pair: tuple[Loss, Loss | None], plots: tuple[Plot, ...], size: tuple[int, int]) -> str:
    said = _("{name}: a term of the loss, its slope by the output, and its slope by z, over the output").format(
        name=" / ".join(named(row, 60) for row in pair if row is not None)
    )
    return still_svg(plots, *size, said)


def values_at(row: Loss, a: float, t: float, outputs: int) -> tuple[float, float, float]:
    """(term, slope by a, slope by z)"""
    found = sampled.of_loss(row, np.array([a]), t, outputs)
    assert found.through is not None
    return float(found.value[0]), float(found.slope[0]), float(found.through[0])


def _dots(pair: tuple[Loss, Loss | None], a: float, t: float, outputs: int) -> list[Dot]:
    out = []
    for place, row in enumerate(pair):
        if row is not None:
            term, slope, through = values_at(row, a, t, outputs)
            hollow = bool(place)
            out += [
                Dot(0, term, "loss", slope, hollow),
                Dot(1, slope, "loss", None, hollow),
                Dot(2, through, "bwd", None, hollow),
            ]
    return out


# --- what is told


def _question(pair: tuple[Loss, Loss | None]) -> str:
    row, other = pair
    if other is not None:
        asked = _("Which says more loudly that an output is wrong: {name} or {other}?").format(
            name=title(row), other=title(other)
        )
    else:
        asked = _("What does {name} ask of an output?").format(name=title(row))
    return f'<div class="q"><span>{asked}</span></div>'


def _numbers(here: Place, pair: tuple[Loss, Loss | None], outputs: int) -> str:
    """The term and both slopes at the point, a column for each loss."""
    notation, digits = here.notation, here.digits
    a, t = (f"<i>{symbols.unicode(each)}</i>" for each in (notation.act, notation.target))
    given = (
        f"{a} = {numerals.plain(here.out, digits, given=True)}, {t} = {numerals.plain(here.aim, digits, given=True)}"
    )
    shown = [(row, values_at(row, here.out, here.aim, outputs)) for row in pair if row is not None]
    head = "".join(f"<th>{title(row)}</th>" for row, _values in shown) if len(shown) > 1 else "<th></th>"
    names = (
        ("loss", f"<i>{symbols.unicode(notation.term)}</i>"),
        ("loss", _fraction(notation.term, notation.act)),
        ("bwd", _fraction(notation.loss, notation.pre)),
    )
    lines = "".join(
        f'<tr class="{kind}"><th>{name}</th>'
        + "".join(
            f'<td title="{html.escape(numerals.all_digits(values[k]))}">{numerals.plain(values[k], digits)}</td>'
            for _row, values in shown
        )
        + "</tr>"
        for k, (kind, name) in enumerate(names)
    )
    return f'<table class="fx-num"><tr><th class="given">{given}</th>{head}</tr>{lines}</table>'


def _said(here: Place, pair: tuple[Loss, Loss | None], outputs: int) -> str:
    values = [values_at(row, here.out, here.aim, outputs) for row in pair if row is not None]
    return told_losses.sentences(pair, values, here.out, here.aim, here.digits, here.notation)


def _fraction(above: str, below: str) -> str:
    return f"<i>∂{symbols.unicode(above)}</i>/<i>∂{symbols.unicode(below)}</i>"


def _rules(here: Place, pair: tuple[Loss, Loss | None], outputs: int) -> str:
    """Of one loss the term, SymPy's derivative and the textbook's slope; of two the first and the last; ∂L/∂z where it is one formula."""
    out = []
    for row in filter(None, pair):
        rules = tabled.of_loss(row, sampled.loss_derived(row), here.notation)
        lines = [rules.formula.tex("mediumorchid"), rules.slope.tex("mediumorchid")]
        if pair[1] is None and rules.derived != rules.slope:
            lines.insert(1, rules.derived.tex("mediumorchid"))
        if rules.fused is not None:
            lines.append(rules.fused.tex("orangered"))
        out.append(f"<h4>{title(row)}</h4>" + "".join(tex_html(line) for line in lines))
        if pair[1] is None:
            out.append(f"<p class='fx-same'>{told.same(sampled.loss_apart(row))}</p>")
        if any(str(each) == "n" for each in row.term.free_symbols):
            out.append(f"<p class='fx-same'>{told.count(outputs)}</p>")
    return "".join(out)
