"""The page as one element: the tabs, the question, the network, and the open tab."""

from __future__ import annotations

import streamlit as st

from backprop.language import _
from backprop.ui import elements, panels, state
from backprop.ui.fields.by_hand import TASKS
from backprop.ui.hand import marks, tabs


@st.fragment
def by_hand() -> None:
    """Tabs, question, network and what the open tab shows: one element, which also hears keys, clicks and what is typed."""
    if st.session_state.pop("whole", False):
        st.rerun()
    here, narrow = state.place(), state.narrow()
    shown = tabs.parts(here, narrow)
    if state.put_away() and not here.answers and here.task == "sheet":
        shown["main"] = (
            f"<p class='away'>{_('New numbers, new sheet. Undo brings your answers back.')}</p>{shown['main']}"
        )
    data = {**panels.carried(here, shown, narrow, {}), **tabs.carried(here), "tasks": TASKS}
    data["place"] |= here.typed() | tabs.chosen(here)
    answer = elements.hand(key="hand", data=data, on_go_change=_went, on_narrow_change=_turned)
    if state.heard("go", answer.get("go")):  # a session that was just born has no callbacks yet
        st.rerun()
    if state.place().task == "marks":
        marks.marks()


def _went() -> None:
    """Another lesson is told to the sidebar too."""
    before = state.place().lesson
    state.heard("go", st.session_state.hand.go)
    if state.place().lesson is not before:
        st.session_state.whole = True


def _turned() -> None:
    state.set_narrow(bool(st.session_state.hand.narrow))
