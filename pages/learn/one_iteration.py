"""One iteration: what is computed next, from what, and what comes out?"""

import streamlit as st

from backprop.ui.panels import below, equation, stage, words
from backprop.ui.sidebar import sidebar

sidebar()
stage()
with st.container(key="low", gap=None):
    equation()
    words()
below()
