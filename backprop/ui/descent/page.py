"""The page as one element: tabs, the controls of the run, and what the open tab shows."""

from __future__ import annotations

import streamlit as st

from backprop.ui import elements, panels, state
from backprop.ui.descent import surface, table, tabs
from backprop.ui.descent.look import look
from backprop.ui.descent.progress import Progress, progress
from backprop.ui.fields.descending import PANES
from backprop.ui.place import Place


@st.fragment
def descent() -> None:
    """Tabs, controls and the open tab: one element, which also hears keys, clicks and drags."""
    if st.session_state.pop("whole", False):
        st.rerun()
    here, narrow = state.place(), state.narrow()
    ran = progress(here)
    data = {
        **panels.carried(here, tabs.parts(here, ran, narrow), narrow, {}),
        "tab": "pane",
        "tabs": PANES,
        "known": ran.known,
        "pending": ran.pending or tabs.pending(here, ran),
        "rate": here.lesson.learning_rate,
        "stands": stands(here, ran),
    }
    answer = elements.descent(key="descent", data=data, on_go_change=_went, on_narrow_change=_turned)
    if here.pane == "surface":
        surface.in_space(here, ran)
    if state.heard("go", answer.get("go")):  # a session that was just born has no callbacks yet
        st.rerun()
    if state.place().pane == "table":
        table.download()


def stands(here: Place, ran: Progress) -> dict[str, object]:
    """What the fields show where the place leaves it open, or asks for more than there is."""
    pair = look(here, ran).pair
    now: dict[str, object] = {"iteration": min(here.iteration, max(ran.known, 0))}
    return now if pair is None else {**now, "along": pair[0].address, "across": pair[1].address}


def _went() -> None:
    state.heard("go", st.session_state.descent.go)


def _turned() -> None:
    state.set_narrow(bool(st.session_state.descent.narrow))
