"""Backprop, step by step: the page list and the theme, nothing else."""

import streamlit as st

from backprop.language import _
from backprop.ui import state, warm  # noqa: F401 - warm warms the server on its first import
from backprop.ui.elements import PAGE_STYLE

st.set_page_config(page_title=_("Backprop, step by step"), layout="wide", initial_sidebar_state=260)
st.html(PAGE_STYLE)
for sentence in state.told():
    st.toast(sentence, duration="infinite", icon=":material/link_off:")
st.navigation(
    {
        _("Learn"): [
            st.Page("pages/learn/one_iteration.py", title=_("One iteration"), default=True),
            st.Page("pages/learn/follow_one_weight.py", title=_("Follow one weight")),
            st.Page("pages/learn/by_hand.py", title=_("By hand")),
        ],
        _("Explore"): [
            st.Page("pages/explore/descent.py", title=_("Descent")),
            st.Page("pages/explore/functions.py", title=_("Functions")),
        ],
        _("Prepare"): [
            st.Page("pages/prepare/lesson.py", title=_("Lesson")),
            st.Page("pages/prepare/worksheet.py", title=_("Worksheet")),
        ],
    },
    position="top",
).run()
