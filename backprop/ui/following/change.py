"""The tab "Change it": the followed number is nudged; what its gradient predicts for the loss stands beside what the loss does."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterable

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols
from backprop.explain.conventions import Convention
from backprop.explain.readings import digits_for_parts
from backprop.figures.tangent import tangent_svg
from backprop.language import _, later
from backprop.runs.nudge import Nudge, descent, nudged

STEPS = (-1.0, -0.1, -0.01, 0.01, 0.1, 1.0)
WIDE, PHONE = (520, 270), (358, 230)
_LEAST, _MOST = 0.1, 1000.0
"""%: differences smaller and larger than these are told by these."""
_FAR = 50
"""%: a prediction that misses by more says little."""
_DROWNED = 1e-12
"""A change below this share of the loss has fewer than three digits left when two losses are subtracted."""


def change_html(
    trace: Trace,
    cell: Cell,
    gradient_cell: Cell,
    nudge: float,
    digits: int,
    convention: Convention,
    narrow: bool = False,
) -> str:
    """The plot with the slider, and in large figures the predicted and the true change of the loss.

    cell: the followed number, of W, b, x, a or z; gradient_cell: its gradient in the trace; nudge: h.
    Raises KeyError for a cell that is not there.
    """
    convention = convention.of(trace)
    gradient = trace.at(gradient_cell)
    nudge = float(nudge)
    moved = nudged(trace, cell, gradient, nudge)
    picture = tangent_svg(trace, cell, gradient, nudge, digits, convention, *(PHONE if narrow else WIDE))
    figures = _figures(trace, cell, gradient_cell, moved, digits, convention)
    told = _told(trace, cell, moved, digits, convention)
    return (
        f'<div class="fw-change{" fw-narrow" if narrow else ""}"><div class="fw-plot">{picture}</div><div class="fw-beside">'
        f"{_controls(trace, cell, nudge, digits, convention)}{figures}<p>{told}</p></div></div>"
    )


# --- what the hand holds


def _controls(trace: Trace, cell: Cell, nudge: float, digits: int, convention: Convention) -> str:
    label = html.escape(_("The nudge h"), quote=True)
    shown = numerals.plain(nudge, digits, given=True, sign=nudge != 0)
    buttons = "".join(_button(each, numerals.pointed(_short(each)), nudge) for each in STEPS)
    return (
        f'<div class="fw-nudge"><span><i>h</i> = <b>{shown}</b></span>\n'
        f'<input type="range" data-field="nudge" min="-2" max="2" step="0.01" aria-label="{label}">\n</div>'
        f'<div class="fw-set">{buttons}{_descent_button(trace, cell, nudge, digits, convention)}</div>'
    )


def _short(step: float) -> str:
    return f"{step:+g}".replace("-", numerals.MINUS)


def _button(value: float, label: str, now: float, title: str = "") -> str:
    chosen = math.isclose(value, now, rel_tol=1e-9)
    sent = html.escape(json.dumps({"nudge": value}), quote=True)
    return f'<button type="button" class="bt{" on" if chosen else ""}" aria-pressed="{"true" if chosen else "false"}" title="{title}" data-set="{sent}">{label}</button>'


def _descent_button(trace: Trace, cell: Cell, nudge: float, digits: int, convention: Convention) -> str:
    step = descent(trace, cell)
    if step is None or not math.isfinite(step):
        return ""
    label = _("−{rate} · gradient").format(rate=symbols.unicode(convention.rate))
    return _button(step, label, nudge, html.escape(_("The step that descent takes"), quote=True))


# --- the figures


def percent(moved: Nudge) -> float:
    """By how much the prediction misses the true change, in % of it; inf or nan where the true change is 0."""
    return _percent((moved.predicted, moved.true))


def drowned(moved: Nudge) -> bool:
    """Is the change of the loss so small beside the loss that rounding leaves too few digits of it to compare?"""
    return 0 < abs(moved.true) < _DROWNED * abs(moved.before) or (moved.true == 0 and moved.predicted != 0)


def _percent(changes: Iterable[float]) -> float:
    predicted, true = changes
    if true == 0:
        return 0.0 if predicted == 0 else math.inf
    return abs(predicted - true) / abs(true) * 100


def _difference(changes: Iterable[float]) -> float:
    after, before = changes
    return after - before


def _figures(trace: Trace, cell: Cell, gradient_cell: Cell, moved: Nudge, digits: int, convention: Convention) -> str:
    """Predicted, true and their difference: each number with as many digits as the next one needs to follow from it."""
    name, gradient = symbols.html(cell, convention), symbols.html(gradient_cell, convention)
    loss = symbols.html(Cell("loss", trace.network.depth), convention)
    off = percent(moved)
    told, more = _off(off), digits
    if drowned(moved):
        told = _("too small to tell")
    elif _LEAST <= off <= _MOST:
        more = digits_for_parts((moved.predicted, moved.true), digits, _percent, _decimals(off))
    rows = (
        ("delta", _("The gradient predicts"), f"{gradient} × <i>h</i>", _product(moved, more), moved.predicted),
        (
            "loss",
            _("The loss changes by"),
            f"{loss}({name} + <i>h</i>) − {loss}({name})",
            _subtraction(moved, more),
            moved.true,
        ),
    )
    out = "".join(
        f'<div class="fw-row fw-{kind}"><span>{title}</span><b title="{numerals.all_digits(value)}">{_sign(value, more)} {numerals.plain(value, more, sign=value != 0)}</b><small>{rule}{numbers}</small></div>'
        for kind, title, rule, numbers, value in rows
    )
    return f'{out}<div class="fw-row fw-off"><span>{_("The prediction misses by")}</span><b>{told}</b></div>'


def _decimals(off: float) -> int:
    return 2 if off < 1 else 1


def _off(off: float) -> str:
    if math.isnan(off):
        return numerals.plain(off)
    if off == 0:
        return "0 %"
    if off < _LEAST:
        return html.escape(_("less than {percent} %").format(percent=numerals.pointed("0.1")))
    if off > _MOST:
        return html.escape(_("more than {percent} %").format(percent=1000))
    return f"{numerals.plain(off, _decimals(off))} %"


def _sign(value: float, digits: int) -> str:
    return "=" if numerals.rounded(value, digits) == value else "≈"


def _product(moved: Nudge, digits: int) -> str:
    """= 0.0822 × 0.10, with as many digits as give the product shown."""
    as_typed = numerals.typed(moved.by) is not None
    shown = (moved.gradient,) if as_typed else (moved.gradient, moved.by)

    def product(numbers: Iterable[float]) -> float:
        return math.prod((*numbers, moved.by) if as_typed else numbers)

    return _joined("×", (moved.gradient, moved.by), shown, digits, product)


def _subtraction(moved: Nudge, digits: int) -> str:
    """= 0.3066 − 0.2984, likewise."""
    both = (moved.after, moved.before)
    return _joined(numerals.MINUS, both, both, digits, _difference)


def _joined(between: str, numbers: tuple[float, float], rounded: tuple[float, ...], digits: int, join) -> str:
    """Two numbers with their sign between; nothing where even twelve digits do not give the answer shown."""
    more = digits_for_parts(rounded, digits, join)
    came = join(numerals.rounded(value, more) for value in rounded)
    if numerals.decimals(came, digits) != numerals.decimals(join(rounded), digits):
        return ""
    first, second = (numerals.plain(value, more, given=len(rounded) == 1 and value is numbers[1]) for value in numbers)
    exact = all(numerals.rounded(value, more) == value for value in rounded)
    second = f"({second})" if second.startswith(numerals.MINUS) else second
    return f" {'=' if exact else '≈'} {first} {between} {second}"


# --- in words

SAID: dict[tuple[bool, bool], str] = {
    # (is the number raised, does the loss rise)
    (True, True): later("Raise {name} by {step}, and the loss rises by about {change}."),
    (True, False): later("Raise {name} by {step}, and the loss falls by about {change}."),
    (False, True): later("Lower {name} by {step}, and the loss rises by about {change}."),
    (False, False): later("Lower {name} by {step}, and the loss falls by about {change}."),
}


def _told(trace: Trace, cell: Cell, moved: Nudge, digits: int, convention: Convention) -> str:
    """Sign and size in words, and what is to be noticed."""
    if not all(map(math.isfinite, moved)):
        return _("Here the numbers have left the range that a computer keeps.")
    if moved.by == 0:
        return _("Move the slider, or press a button: with {h} = 0 nothing changes.").format(h="<i>h</i>")
    step = descent(trace, cell)
    name = symbols.html(cell, convention)
    first = _first(name, moved, digits)
    if step is not None and math.isclose(step, moved.by, rel_tol=1e-9):
        then = _("This is the step that descent takes: {h} is minus the learning rate times the gradient.").format(
            h="<i>h</i>"
        )
    elif drowned(moved):
        then = _("That is so little that rounding hides it: the two losses differ in their last digits at most.")
    elif percent(moved) > _FAR and moved.predicted != 0:
        then = _("The gradient holds only nearby: this nudge is too large for a straight line.")
    elif percent(moved) < _LEAST:  # so near that a smaller nudge need not be nearer
        return first
    else:
        then = _("Nearer to 0 the prediction gets better and better.")
    return f"{first} {then}"


def _first(name: str, moved: Nudge, digits: int) -> str:
    size = numerals.plain(abs(moved.by), digits, given=True)
    if moved.predicted == 0 and moved.true == 0:
        return _("The gradient is 0 and the curve is level: {name} can move, and the loss stays where it is.").format(
            name=name
        )
    if moved.predicted == 0:
        return _("The gradient is 0, so the tangent is level; only a nudge that is not small changes the loss.")
    if moved.predicted * moved.true < 0 < moved.true and not drowned(moved):
        return _("The gradient says that the loss falls, but it rises.")
    if moved.predicted * moved.true < 0 and not drowned(moved):
        return _("The gradient says that the loss rises, but it falls.")
    change = moved.predicted if drowned(moved) else moved.true
    message = _(SAID[moved.by > 0, change > 0])
    return message.format(name=name, step=size, change=numerals.plain(abs(change), digits))
