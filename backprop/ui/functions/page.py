"""The page as one element: tabs, and what the open tab shows."""

from __future__ import annotations

import streamlit as st

from backprop.ui import elements, panels, state
from backprop.ui.fields.comparing import SHELVES
from backprop.ui.functions import tabs


@st.fragment
def functions() -> None:
    """Tabs and the open tab: one element, which also hears keys, clicks and drags."""
    if st.session_state.pop("whole", False):
        st.rerun()
    here, narrow = state.place(), state.narrow()
    data = {**panels.carried(here, tabs.parts(here, narrow), narrow, {}), "tab": "shelf", "tabs": SHELVES}
    answer = elements.functions(key="functions", data=data, on_go_change=_went, on_narrow_change=_turned)
    if state.heard("go", answer.get("go")):  # a session that was just born has no callbacks yet
        st.rerun()


def _went() -> None:
    state.heard("go", st.session_state.functions.go)


def _turned() -> None:
    state.set_narrow(bool(st.session_state.functions.narrow))
