"""The tab "Rounding": the iteration as a class computes it, next to all digits."""

from __future__ import annotations

from backprop.ui.place import Place


def parts(here: Place, narrow: bool) -> dict[str, str]:
    """The strings of the tab: "ask" (the question), "tools" (its controls), "main" (its contents)."""
    return {"ask": "", "main": ""}
