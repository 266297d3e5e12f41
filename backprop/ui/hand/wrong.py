"""The tab "Do it wrong": two runs side by side, one of them with a slip switched on."""

from __future__ import annotations

from backprop.ui.place import Place


def parts(here: Place, narrow: bool) -> dict[str, str]:
    """The strings of the tab: "ask" (the question), "tools" (its controls), "main" (its contents)."""
    return {"ask": "", "main": ""}
