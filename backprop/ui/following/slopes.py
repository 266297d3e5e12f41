"""The tab "Error × slope": what every unit on the way to the loss lets through, and which of them are off or saturated."""

from __future__ import annotations

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols, words
from backprop.explain.conventions import Convention
from backprop.explain.obstacles import Gate, consequence, gates, multiplied, sentence
from backprop.explain.zeros import why_zero, zero_number
from backprop.figures.bars import bars_svg
from backprop.figures.palette import TEXT_COLOURS
from backprop.language import _, plural

WIDE, PHONE = (968, 216), (358, 0)
TOLD = 4
"""So many units have a sentence of their own; the rest is counted."""
_WORST = ("lost", "off", "flat")


def slopes_html(
    trace: Trace, cell: Cell, sample: int, digits: int, convention: Convention, narrow: bool = False
) -> str:
    """The bars of all units between the followed number and the loss, and beneath what is to be said of them.

    cell: of W, b, x, a or z; sample: the picked one. Raises KeyError for a cell that is not in the trace.
    """
    convention = convention.of(trace)
    told = _told(trace, cell, sample, digits, convention)
    picture = ""
    if gates(trace, cell, sample):
        picture = _legend(convention) + bars_svg(
            trace, cell, sample, digits, convention, *(PHONE if narrow else WIDE), narrow=narrow
        )
    items = "".join(f"<li>{each}</li>" for each in told)
    return (
        f'<div class="fw-slopes{" fw-narrow" if narrow else ""}">{picture}'
        f'<ul class="{"fw-two" if len(told) > 2 else ""}">{items}</ul></div>'
    )


def _legend(convention: Convention) -> str:
    """What the bars are."""
    parts = (
        ("error", _("<error>error</error> that comes back (full: the largest here)")),
        ("slope", _("<slope>slope</slope> of the unit (full: the steepest its activation has)")),
        (
            "delta",
            _("<delta>{delta}</delta>, their product: what gets through").format(delta=symbols.errors(convention)),
        ),
    )
    return (
        '<div class="fw-legend">'
        + "".join(f'<span class="fw-key-{kind}">{words.to_html(text, TEXT_COLOURS)}</span>' for kind, text in parts)
        + "</div>"
    )


def _told(trace: Trace, cell: Cell, sample: int, digits: int, convention: Convention) -> list[str]:
    """The sentences, as HTML: a gradient of 0 and its reason, the units that are off or flat, or that all are open."""
    gradient_cell = symbols.gradient_of(cell)
    assert gradient_cell
    found = gates(trace, cell, sample)
    out = [
        why_zero(trace, cell, gradient_cell, sample, convention),
        zero_number(trace, cell, trace.at(gradient_cell), sample, digits, convention),
        *_closed(trace, found, digits, convention),
    ]
    if not found:
        out.append(_("Between this number and the loss there is no unit: nothing can be in the way."))
    elif all(each.state == "open" for each in found):
        out.append(_open(found))
    if trace.network.activations[-1].vector and found:
        message = _("In the softmax layer every error counts for every unit: there {delta} is not this product alone.")
        out.append(message.format(delta=symbols.errors(convention)))
    return [each for each in out if each]


def _closed(trace: Trace, found: tuple[Gate, ...], digits: int, convention: Convention) -> list[str]:
    """A sentence for each of the first units that are not open, the worst first; what follows from it is said once."""
    closed = sorted((each for each in found if each.state != "open"), key=lambda each: _WORST.index(each.state))
    said: set[str] = set()
    out = []
    for each in closed[:TOLD]:
        then = consequence(each, trace, convention)
        out.append(sentence(each, trace, digits, convention) + (f" {then}" if then and then not in said else ""))
        said.add(then)
    more = len(closed) - TOLD
    if more > 0:
        out.append(
            plural("And {count} more unit like these.", "And {count} more units like these.", more).format(count=more)
        )
    return out


def _open(found: tuple[Gate, ...]) -> str:
    small = multiplied(found)
    if small is None:
        return _("Every unit on the way is open: its slope is at least a hundredth of the steepest.")
    layers, power = small
    return _(
        "Every unit on the way is open; but the slopes of {layers} layers are multiplied, and together they let through less than {share}."
    ).format(layers=layers, share=numerals.ten_to(-power))
