"""What becomes of a run with a slip: its loss beside the right one, in words, and honest where the wrong way gets there too."""

from __future__ import annotations

import html

import numpy as np

from backprop.explain import numerals
from backprop.language import _, later
from backprop.runs.fate import lost, trend

Array = np.ndarray

FALLS_FASTER = later(
    "With the slip the loss falls too, and here even further. That is luck: a loss that falls does not prove that the gradient is right."
)
FALLS_SLOWER = later(
    "With the slip the loss falls too, though not as far. A loss that falls does not prove that the gradient is right."
)
FALLS_SCALED = later(
    "With the slip the loss falls too: every step goes the right way and only its length is wrong, as with another learning rate."
)
RISES = later("With the slip the loss rises.")
RISEN = later("With the slip the loss has risen, and stays up.")
STILL_ABOVE = later("With the slip the loss stands still, above where it should be.")
STILL_BELOW = later(
    "With the slip the loss has fallen, and stands still lower than it should be. That is luck, not a better gradient."
)
ARRIVED = later("Both runs have arrived: with the slip the loss is as good as 0 as well.")
SWINGS = later("With the slip the loss jumps up and down.")
SAME = later("To the digits shown both runs are the same: this slip changes no number that the update uses.")
CLOSE = later(
    "The two losses differ by less than one part in a hundred. A slip like this shows in a single number, not in the curve."
)

_CLOSE = 0.01
_ARRIVED = 1e-9


def long_run_html(right: Array, wrong: Array, digits: int, scaled: bool = False) -> str:
    """Both final losses and what to think of them, as HTML. right, wrong: the losses (n + 1,); scaled: see Wrong."""
    count = numerals.count(len(right) - 1)
    ends = float(right[-1]), float(wrong[-1])
    gone, due = lost(wrong), lost(right)
    if gone is not None and due is not None:
        return html.escape(
            _("At iteration {iteration} the loss has left the range of numbers, but without the slip it does so too.")
        ).format(iteration=f"<b>{gone}</b>")
    if gone is not None:
        return html.escape(
            _(
                "With the slip, at iteration {iteration} the loss has left the range of numbers. After {count} iterations it should be {right}."
            )
        ).format(iteration=f"<b>{gone}</b>", count=count, right=_right(ends[0], digits))
    if due is not None:
        return html.escape(
            _(
                "Here the right way leaves the range of numbers, at iteration {iteration}: the steps are too large. With the slip the loss after {count} iterations is {wrong}, which is luck."
            )
        ).format(iteration=f"<b>{due}</b>", count=count, wrong=_wrong(ends[1], digits))
    more = next((d for d in range(digits, 12) if numerals.plain(ends[0], d) != numerals.plain(ends[1], d)), digits)
    first = html.escape(_("After {count} iterations the loss is {wrong} and should be {right}.")).format(
        count=count, right=_right(ends[0], more), wrong=_wrong(ends[1], more)
    )
    return f"{first} {html.escape(_(verdict(right, wrong, scaled)))}"


def _right(value: float, digits: int) -> str:
    return f'<b class="wr-r">{numerals.plain(value, digits)}</b>'


def _wrong(value: float, digits: int) -> str:
    return f'<b class="wr-w">{numerals.plain(value, digits)}</b>'


def verdict(right: Array, wrong: Array, scaled: bool = False) -> str:
    """The message for two runs whose losses are numbers throughout."""
    mine, theirs, start = float(right[-1]), float(wrong[-1]), float(right[0])
    if np.array_equal(right, wrong):
        return SAME
    if max(mine, theirs) <= _ARRIVED * start:
        return ARRIVED
    does = trend(wrong)
    if does == "swings":
        return SWINGS
    if abs(theirs - mine) <= _CLOSE * max(abs(theirs), abs(mine)):
        return CLOSE
    if does == "rises":
        return RISES
    if theirs > start:
        return RISEN
    if does == "still" and theirs > _ARRIVED * start:
        return STILL_ABOVE if theirs > mine else STILL_BELOW
    if scaled:
        return FALLS_SCALED
    return FALLS_SLOWER if theirs > mine else FALLS_FASTER
