"""The tab "Activations": a function and its slope, one above the other, with a point that is dragged; any two beside each other."""

from __future__ import annotations

import html
from functools import lru_cache

import numpy as np

from backprop.engine.activations import Activation
from backprop.explain import numerals, symbols, tabled
from backprop.explain.measure import visible
from backprop.figures.axes import Box
from backprop.figures.marks import symbol
from backprop.figures.plots import Curve, Dot, Plot, grip_svg, heights, margin, point_svg, still_svg
from backprop.language import _
from backprop.runs import sampled
from backprop.ui.fields.comparing import FARTHEST
from backprop.ui.functions import told, use
from backprop.ui.functions.rows import activation_row, activation_rows, named, title
from backprop.ui.functions.shelf import beside_html, shelf_html
from backprop.ui.place import Place

WIDE, PHONE = (560, 452), (358, 340)
LONG = 34
"""From so many characters on a formula is set smaller."""
REACH = FARTHEST


def parts(here: Place, narrow: bool, notice: str) -> dict[str, str]:
    """The strings of the tab."""
    rows = activation_rows(here)
    row, other = activation_row(here, here.fn), activation_row(here, here.versus) if here.versus else None
    bare = {
        "tools": beside_html("versus", rows, here.fn),
        "pick": shelf_html("fn", rows, here.fn, here.versus),
    }
    if isinstance(row, str):
        return {**bare, "ask": refused_html(row)}
    refusal = refused_html(other) if isinstance(other, str) else ""
    pair = (row, other) if isinstance(other, Activation) and other is not row else (row, None)
    return {
        **bare,
        "ask": _question(here, pair),
        **drawn(here, pair, narrow),
        "rules": refusal + rules_html(here, pair),
        "use": use.activation_html(here, row, notice),
    }


def refused_html(sentence: str) -> str:
    return f'<p class="fx-no" role="alert">{html.escape(sentence)}</p>'


def drawn(here: Place, pair: tuple[Activation, Activation | None], narrow: bool) -> dict[str, str]:
    """plot, point, grip and slide; and the numbers at the point."""
    size, reach = PHONE if narrow else WIDE, REACH
    plots = plots_of(pair, reach, size, here.notation.pre, here.notation.function, numerals.writing())
    return {
        "plot": _still(pair, reach, size, here.notation.pre, here.notation.function, numerals.writing()),
        "point": point_svg(plots, here.at, dots_of(pair, here.at), *size),
        "grip": grip_svg(plots, "at", *size),
        "slide": slide_html("at", symbols.unicode(here.notation.pre), -reach, reach, plots[0].box),
        "say": numbers_html(here, pair) + told.activation(pair, here.notation),
    }


@lru_cache(maxsize=128)
def plots_of(
    pair: tuple[Activation, Activation | None],
    reach: float,
    size: tuple[int, int],
    pre: str,
    function: str,
    writing: object,
) -> tuple[Plot, Plot]:
    """f above, f′ below, on the same z. writing: how numbers are written, for the cache."""
    width, height = size
    row, other = pair
    above, below = curves_of(pair, reach)
    low, high = heights([curve.y for curve in above])
    low2, high2 = heights([curve.y for curve in below], (0.0,))
    left = max(margin(low, high), margin(low2, high2))
    right = width - (96.0 if len(above) > 1 else 14.0)
    middle, z = height * 0.52, symbols.unicode(pre)
    letter = symbol(function, size=17) + f"({symbol(z, size=17)})"
    prime = symbol(function + "′", size=17) + f"({symbol(z, size=17)})"
    found = [told.facts(each) for each in pair if each is not None]
    shaded = told.quiet(row, reach) if other is None else ()
    return (
        Plot(
            Box(left, right, 24, middle - 14, -reach, reach, low, high),
            above,
            letter,
            "",
            shaded,
            "",
            False,
            told.gaps(found),
        ),
        Plot(
            Box(left, right, middle + 26, height - 42, -reach, reach, low2, high2),
            below,
            prime,
            symbol(z, size=17),
            shaded,
            _("saturated"),
            True,
            told.gaps(found, True),
        ),
    )


def curves_of(pair: tuple[Activation, Activation | None], reach: float) -> tuple[tuple[Curve, ...], tuple[Curve, ...]]:
    """(values, slopes) of both; of softmax alone, both of its outputs."""
    row, other = pair
    shown = [(row, 0, False, named(row, 12) if other else "")]
    if other is not None:
        shown.append((other, 0, True, named(other, 12)))
    elif row.vector:
        shown = [
            (row, 0, False, _("output {number}").format(number=1)),
            (row, 1, True, _("output {number}").format(number=2)),
        ]
    found = [(sampled.activation_curve(each, reach, output), dashed, name) for each, output, dashed, name in shown]
    return (
        tuple(Curve(each.x, each.value, "fwd", name, dashed) for each, dashed, name in found),
        tuple(Curve(each.x, each.slope, "slope", name, dashed) for each, dashed, name in found),
    )


@lru_cache(maxsize=128)
def _still(pair, reach: float, size: tuple[int, int], pre: str, function: str, writing: object) -> str:
    row, other = pair
    if other is None:
        said = _("{name} and, below it, its slope").format(name=named(row, 60))
    else:
        said = _("{name} and {other}, and below them their slopes").format(name=named(row, 60), other=named(other, 60))
    return still_svg(plots_of(pair, reach, size, pre, function, writing), *size, said)


def dots_of(pair: tuple[Activation, Activation | None], at: float) -> list[Dot]:
    row, other = pair
    found = [(value_at(row, at), False)]
    if other is not None:
        found.append((value_at(other, at), True))
    elif row.vector:
        found.append((value_at(row, at, 1), True))
    dots = []
    for (value, slope), hollow in found:
        dots += [Dot(0, value, "fwd", slope, hollow), Dot(1, slope, "slope", None, hollow)]
    return dots


def value_at(row: Activation, at: float, output: int = 0) -> tuple[float, float]:
    """(f(z), f′(z))"""
    found = sampled.of_activation(row, np.array([at]), output)
    return float(found.value[0]), float(found.slope[0])


def slide_html(field: str, name: str, low: float, high: float, box: Box | None = None) -> str:
    """A slider for the keyboard and the thumb; it says nothing that changes, so that it stays under the hand. box: the plot below which it lies."""
    label = html.escape(name)
    where = f' style="margin-left:{box.left - 38:.0f}px;width:{box.right - box.left + 46:.0f}px"' if box else ""
    return f'<label class="fx-slide"{where}><i>{label}</i><input type="range" data-field="{field}" min="{low:g}" max="{high:g}" step="{(high - low) / 320:g}" aria-label="{label}"></label>'


# --- what is told


def _question(here: Place, pair: tuple[Activation, Activation | None]) -> str:
    row, other = pair
    if other is not None:
        asked = _("Which lets more of an error through: {name} or {other}?").format(name=title(row), other=title(other))
    else:
        asked = _("What does {name} do to an error on its way back?").format(name=title(row))
    slopes = [value_at(row, here.at)[1], value_at(other or row, here.at, 1 if other is None and row.vector else 0)[1]]
    answer = told.answer(
        pair,
        f"<i>{symbols.unicode(here.notation.pre)}</i>",
        numerals.plain(here.at, here.digits, given=True),
        [numerals.plain(each, here.digits) for each in slopes],
    )
    return f'<div class="q"><span>{asked}</span><small>{answer}</small></div>'


def numbers_html(here: Place, pair: tuple[Activation, Activation | None]) -> str:
    """z, f(z) and f′(z), a column for each function."""
    row, other = pair
    z, f, digits = symbols.unicode(here.notation.pre), here.notation.function, here.digits
    columns = [("", value_at(row, here.at))]
    if other is not None:
        columns = [(title(row), value_at(row, here.at)), (title(other), value_at(other, here.at))]
    elif row.vector:
        columns = [(html.escape(_("output {number}").format(number=k + 1)), value_at(row, here.at, k)) for k in (0, 1)]
    head = "".join(f"<th>{name}</th>" for name, _values in columns) if len(columns) > 1 else ""
    lines = [
        f'<tr class="z"><th><i>{z}</i></th><td colspan="{len(columns)}">{numerals.plain(here.at, digits, given=True)}</td></tr>'
    ]
    for k, (name, kind) in enumerate(((f"<i>{f}</i>(<i>{z}</i>)", "fwd"), (f"<i>{f}′</i>(<i>{z}</i>)", "slope"))):
        cells = "".join(
            f'<td title="{html.escape(numerals.all_digits(values[k]))}">{numerals.plain(values[k], digits)}</td>'
            for _name, values in columns
        )
        lines.append(f'<tr class="{kind}"><th>{name}</th>{cells}</tr>')
    return f'<table class="fx-num">{f"<tr><th></th>{head}</tr>" if head else ""}{"".join(lines)}</table>'


def rules_html(here: Place, pair: tuple[Activation, Activation | None]) -> str:
    """Formula, SymPy's derivative and the textbook's slope; of two functions the first and the last."""
    _row, other = pair
    out = []
    for each in filter(None, pair):
        rules = tabled.of_activation(each, sampled.derived(each), here.notation)
        if other is not None:
            out.append(
                f"<h4>{title(each)}</h4>{tex_html(rules.formula.tex('steelblue'))}{tex_html(rules.slope.tex('goldenrod'))}"
            )
        else:
            out += [tex_html(rules.formula.tex("steelblue")), constants_html(each)]
            if rules.derived == rules.slope:
                out.append(slope_html(_("its slope, as SymPy and textbooks write it"), rules.slope))
            else:
                out.append(slope_html(_("its slope, as SymPy differentiates it"), rules.derived))
                out.append(slope_html(_("as textbooks write it"), rules.slope))
            out.append(f"<p class='fx-same'>{told.same(sampled.apart(each))}</p>")
    return "".join(out)


def slope_html(caption: str, rule: tabled.Rule) -> str:
    return f"<h4>{html.escape(caption)}</h4>{tex_html(rule.tex('goldenrod'))}"


def tex_html(tex: str) -> str:
    """A line of its own, smaller where it is long."""
    size = " long" if visible(tex) > LONG else ""
    return f'<div class="fx-tex{size}" data-tex="{html.escape(tex, quote=True)}"></div>'


def constants_html(row: Activation) -> str:
    """α = 0.01, as in the lesson."""
    letters = ((symbols.unicode(rf"\{name}"), number) for name, number in row.constants.items())
    return "".join(
        f'<p class="fx-same"><i>{name}</i> = {numerals.plain(number, given=True)}</p>' for name, number in letters
    )
