"""The page as one element: tabs, and what the open tab shows."""

from __future__ import annotations

from typing import Any

import streamlit as st

from backprop.ui import elements, panels, state
from backprop.ui.fields.comparing import SHELVES
from backprop.ui.functions import tabs, use


@st.fragment
def functions() -> None:
    """Tabs and the open tab: one element, which also hears keys, clicks and drags."""
    if st.session_state.pop("whole", False):
        st.rerun()
    here, narrow = state.place(), state.narrow()
    shown = tabs.parts(here, narrow, st.session_state.notice)
    data = {**panels.carried(here, shown, narrow, {}), "tab": "shelf", "tabs": SHELVES}
    answer = elements.functions(key="functions", data=data, on_go_change=_went, on_narrow_change=_turned)
    if _heard(answer.get("go")):  # a session that was just born has no callbacks yet
        st.rerun()


def _heard(message: Any) -> bool:
    """Take a message, once; what is to be used in the lesson is put in force, and the sidebar follows."""
    if not state.heard("go", message):
        return False
    say = message.get("say")
    if isinstance(say, str) and say.startswith(use.SAID):
        state.attempt(lambda: use.made(state.place(), say) or state.place().lesson)
        st.session_state.whole = True
    return True


def _went() -> None:
    _heard(st.session_state.functions.go)


def _turned() -> None:
    state.set_narrow(bool(st.session_state.functions.narrow))
