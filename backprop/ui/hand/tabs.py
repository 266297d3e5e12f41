"""What each tab shows: the table of contents of the page."""

from __future__ import annotations

import html
import json

from backprop.language import _, later
from backprop.ui.fields.by_hand import TASKS
from backprop.ui.hand import marks, rounding, sheet, wrong
from backprop.ui.place import Place

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
    return {**bare, "tabs": tabs_html(here), **made[here.task](here, narrow)}


def carried(here: Place) -> dict[str, object]:
    """What hand.js is told beside the strings."""
    return sheet.carried(here) if here.task == "sheet" else {}


def chosen(here: Place) -> dict[str, object]:
    """What a tab has chosen where the place leaves it open."""
    return {"slip": wrong.chosen(here)} if here.task == "wrong" else {}


def tabs_html(here: Place) -> str:
    """One is open at a time."""
    buttons = "".join(
        f"<button type='button' role='tab' aria-selected='{str(task == here.task).lower()}' class='{'on' if task == here.task else ''}' data-set='{json.dumps({'task': task})}'>{html.escape(_(TITLES[task]))}</button>"
        for task in TASKS
    )
    return f'<div class="tabs" role="tablist">{buttons}</div>'
