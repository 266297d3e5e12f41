"""The tab "Fill in": the sheet with its blanks, and what is said of each answer."""

from __future__ import annotations

from backprop.ui.place import Place


def parts(here: Place, narrow: bool) -> dict[str, str]:
    """The strings of the tab: question, dial and rail, network, rows, and the note beside them."""
    return {"ask": "", "main": ""}
