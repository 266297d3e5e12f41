"""Backprop, step by step: the page list and the theme, nothing else."""

import streamlit as st

from backprop.language import _
from backprop.ui import warm  # noqa: F401 - warms the server on its first import
from backprop.ui.elements import PAGE_STYLE

st.set_page_config(page_title=_("Backprop, step by step"), layout="wide", initial_sidebar_state=260)
st.html(PAGE_STYLE)
st.navigation([st.Page("pages/learn/one_iteration.py", title=_("One iteration"), default=True)], position="top").run()
