"""What each tab shows: the table of contents of the page."""

from __future__ import annotations

from backprop.language import later
from backprop.ui.fields.comparing import SHELVES
from backprop.ui.functions import activations, depth, losses, own
from backprop.ui.place import Place
from backprop.ui.tablist import tabs_html

TITLES = {
    "activations": later("Activations"),
    "losses": later("Losses"),
    "depth": later("Through many layers"),
    "own": later("Your own"),
}
assert tuple(TITLES) == SHELVES
BARE = dict.fromkeys(("tools", "ask", "pick", "plot", "point", "grip", "slide", "rules", "say", "use", "main"), "")


def parts(here: Place, narrow: bool, notice: str) -> dict[str, str]:
    """The strings of every part of the element (assets/functions.html) at a place. notice: why the last change could not be made."""
    match here.shelf:
        case "activations":
            shown = activations.parts(here, narrow, notice)
        case "losses":
            shown = losses.parts(here, narrow, notice)
        case "depth":
            shown = depth.parts(here, narrow)
        case _:
            shown = own.parts(here, narrow, notice)
    return {**BARE, "tabs": tabs_html("shelf", TITLES, here.shelf), **shown}
