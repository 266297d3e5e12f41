"""What each tab shows: the table of contents of the page."""

from __future__ import annotations

from backprop.language import later
from backprop.ui.fields.comparing import SHELVES
from backprop.ui.place import Place
from backprop.ui.tablist import tabs_html

TITLES = {
    "activations": later("Activations"),
    "losses": later("Losses"),
    "depth": later("Through many layers"),
    "own": later("Your own"),
}
assert tuple(TITLES) == SHELVES


def parts(here: Place, narrow: bool) -> dict[str, str]:
    """The strings of every part of the element (assets/functions.html) at a place."""
    return {"tabs": tabs_html("shelf", TITLES, here.shelf), "tools": "", "main": "<svg></svg>"}
