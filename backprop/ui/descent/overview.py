"""The tab of this name."""

from __future__ import annotations

from backprop.ui.descent.progress import Progress
from backprop.ui.place import Place


def parts(here: Place, ran: Progress, narrow: bool) -> dict[str, str]:
    """The strings of the tab's parts."""
    return {"main": "<svg></svg>"}
