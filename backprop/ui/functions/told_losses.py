"""What a loss says of an output, in sentences: which way it pushes, and whether the push survives a saturated output."""

from __future__ import annotations

from backprop.engine.losses import Loss
from backprop.explain import numerals
from backprop.explain.conventions import Convention
from backprop.explain.symbols import unicode
from backprop.language import _, later
from backprop.ui.functions.rows import title
from backprop.ui.functions.told import few

Values = tuple[float, float, float]
"""(term, slope by a, slope by z)"""

OVER = {
    None: later("through a sigmoid"),
    "sigmoid": later("through a sigmoid"),
    "softmax": later("through a softmax over two"),
}
"""Through which output activation a slope by z is shown, by what the loss needs."""


def over(pair: tuple[Loss, Loss | None]) -> str:
    """The same of both, where it is the same."""
    found = {_(OVER[row.needs]) for row in pair if row is not None}
    return found.pop() if len(found) == 1 else _("through a sigmoid, a softmax")


def sentences(
    pair: tuple[Loss, Loss | None], values: list[Values], a: float, t: float, digits: int, notation: Convention
) -> str:
    """values: of each loss at the point."""
    row, other = pair
    if other is None:
        said = [_push(a, t), _through(row, a, digits, notation)]
    else:
        said = [_both((row, other), values, digits, notation)]
        said += [_through(each, a, digits, notation) for each in pair if each and each.fused is not None][:1]
    return f'<div class="fx-told">{"".join(f"<p>{each}</p>" for each in said)}</div>'


def _push(a: float, t: float) -> str:
    if a == t:
        return _("The output is what it should be.")
    apart = f"<b>{few(abs(a - t))}</b>"
    if a > t:
        return _("The output is too high by {apart}, so the loss pushes it down.").format(apart=apart)
    return _("The output is too low by {apart}, so the loss pushes it up.").format(apart=apart)


def _through(row: Loss, a: float, digits: int, notation: Convention) -> str:
    """What becomes of the push on its way through the output's own slope."""
    act, target, pre = (f"<i>{unicode(each)}</i>" for each in (notation.act, notation.target, notation.pre))
    slope = numerals.plain(a * (1 - a), digits)
    if row.needs == "softmax":
        return _(
            "With {name} the slopes of the softmax cancel: what reaches {z} is <span>{a} − {t}</span>. However saturated the outputs are, a wrong one is pushed back."
        ).format(name=title(row), a=act, t=target, z=pre)
    if row.fused is not None:
        return _(
            "With {name} the slope of the sigmoid, <span>{a}(1 − {a})</span> = {slope}, cancels: what reaches {z} is <span>{a} − {t}</span>. However saturated the output is, a wrong one is pushed back."
        ).format(name=title(row), a=act, t=target, z=pre, slope=f"<b class='slope'>{slope}</b>")
    return _(
        "On its way to {z} the push meets the slope of the sigmoid, <span>{a}(1 − {a})</span> = {slope}. Near 0 and 1 that is almost nothing: an output that is badly wrong there is hardly pushed back."
    ).format(a=act, z=pre, slope=f"<b class='slope'>{slope}</b>")


def _both(pair: tuple[Loss, Loss], values: list[Values], digits: int, notation: Convention) -> str:
    first, second = (abs(each[2]) for each in values)
    big, small = (0, 1) if first >= second else (1, 0)
    more = max(first, second), min(first, second)
    pre = f"<i>{unicode(notation.pre)}</i>"
    if more[1] == 0 or more[0] == more[1]:
        return _("To {z} come {first} and {second}.").format(
            z=pre, first=numerals.plain(values[0][2], digits), second=numerals.plain(values[1][2], digits)
        )
    return _("To {z}, {big} lets through {times} times as much as {small}: {more} instead of {less}.").format(
        big=f"<b>{title(pair[big])}</b>",
        small=title(pair[small]),
        times=f"<b>{few(more[0] / more[1])}</b>",
        z=pre,
        more=numerals.plain(values[big][2], digits),
        less=numerals.plain(values[small][2], digits),
    )
