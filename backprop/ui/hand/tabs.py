"""What each tab shows: the table of contents of the page."""

from __future__ import annotations

from backprop.language import later
from backprop.ui.fields.by_hand import TASKS
from backprop.ui.hand import marks, rounding, sheet, wrong
from backprop.ui.place import Place
from backprop.ui.tablist import tabs_html

TITLES = {
    "sheet": later("Fill in"),
    "rounding": later("Rounding"),
    "wrong": later("Do it wrong"),
    "marks": later("Hand in"),
}
assert set(TITLES) == set(TASKS)


def parts(here: Place, narrow: bool) -> dict[str, str]:
    """The strings of every part of the element (assets/hand.html) at a place."""
    bare = {"tools": "", "ask": "", "net": "<svg>\n</svg>", "main": "", "note": ""}
    made = {"sheet": sheet.parts, "rounding": rounding.parts, "wrong": wrong.parts, "marks": marks.parts}
    return {**bare, "tabs": tabs_html("task", TITLES, here.task), **made[here.task](here, narrow)}


def carried(here: Place) -> dict[str, object]:
    """What hand.js is told beside the strings."""
    return sheet.carried(here) if here.task == "sheet" else {}


def chosen(here: Place) -> dict[str, object]:
    """What a tab has chosen where the place leaves it open."""
    return {"slip": wrong.chosen(here)} if here.task == "wrong" else {}
