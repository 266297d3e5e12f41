"""What each tab shows: the table of contents of the page."""

from __future__ import annotations

from backprop.language import later
from backprop.ui.descent import overview, start, surface, table
from backprop.ui.descent.progress import Progress, bar_html
from backprop.ui.descent.tools import rate_html, tools_html
from backprop.ui.fields.descending import PANES
from backprop.ui.place import Place
from backprop.ui.tablist import tabs_html

TITLES = {
    "run": later("The descent"),
    "surface": later("The surface"),
    "start": later("The start"),
    "table": later("The whole run"),
}
assert tuple(TITLES) == PANES


def parts(here: Place, ran: Progress, narrow: bool) -> dict[str, str]:
    """The strings of every part of the element (assets/descent.html) at a place."""
    going = "" if here.pane == "table" else bar_html(ran)  # there it stands with the rule that stops the run
    bare = {
        "going": going,
        "tools": tools_html(here, ran),
        "rate": rate_html(here),
        "ask": "",
        "curves": "",
        "slice": "",
        "map": "",
        "say": "",
        "main": "",
    }
    made = {"run": overview.parts, "surface": surface.parts, "start": start.parts, "table": table.parts}
    return {**bare, "tabs": tabs_html("pane", TITLES, here.pane), **made[here.pane](here, ran, narrow)}


def pending(here: Place, ran: Progress) -> bool:
    """Has the open tab something of its own left to compute, beside the lesson's run?"""
    if here.pane == "run":
        return overview.pending(here, ran)
    return here.pane == "start" and start.pending(here)
