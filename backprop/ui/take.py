"""The iteration to take home: every format of the one table, and a CSV of several iterations."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from backprop.explain.readings import Style
from backprop.export.formats import FORMATS, Format
from backprop.figures.palette import THEMES
from backprop.language import _
from backprop.runs.history import MAX_ITERATIONS, trace
from backprop.ui import state
from backprop.ui.explanation import COLOURS
from backprop.ui.place import Place

MOST = 100
"""Iterations in one file of the page; the command line allows more."""


def take() -> None:
    """A button per format, then the range."""
    here, then = state.place(), state.held()
    st.markdown(_("Iteration {iteration} of this lesson, every number of it.").format(iteration=here.iteration))
    columns = st.columns(3)
    for place, format_ in enumerate(FORMATS.values()):
        with columns[place % 3]:
            _button(format_, here, then)
    _several(here)


def style(place: Place) -> Style:
    """Digits, symbols and colours as the visitor has chosen them; on paper the light theme's."""
    light = THEMES["light"]
    colours = {kind: light[variable.removeprefix("var(--").removesuffix(")")] for kind, variable in COLOURS.items()}
    return Style(colours, place.digits, place.notation)


def _button(format_: Format, here: Place, then: Callable[[], Place]) -> None:
    def make() -> bytes:
        return format_.make(then().trace, then().title, style(then()))

    st.download_button(
        _(format_.title), make, f"{here.origin}-{here.iteration}{format_.suffix}", format_.mime, key=f"take-{format_.name}", on_click="ignore", icon=":material/download:", width="stretch",
    )  # fmt: skip


def _several(here: Place) -> None:
    """Iterations a to b in one table."""
    st.subheader(_("Several iterations"))
    first, last, button = st.columns([1, 1, 2], vertical_alignment="bottom")
    with first:
        a = st.number_input(
            _("from iteration"), 0, MAX_ITERATIONS, min(here.iteration, MAX_ITERATIONS), key="take-from"
        )
    with last:
        b = st.number_input(
            _("to iteration"), 0, MAX_ITERATIONS, min(here.iteration + 9, MAX_ITERATIONS), key="take-to"
        )
    if not a <= b < a + MOST:
        st.error(
            _("From {first} to {last} came; allowed are 1 to {limit} iterations, the first one first.").format(
                first=a, last=b, limit=MOST
            )
        )
        return
    then = state.held()
    row = FORMATS["csv"]
    assert row.several is not None
    several = row.several
    with button:
        st.download_button(
            _(row.title), lambda: several([trace(then().lesson, k) for k in range(a, b + 1)]), f"{here.origin}-{a}-{b}{row.suffix}", row.mime, key="take-several", on_click="ignore", icon=":material/download:",
        )  # fmt: skip
