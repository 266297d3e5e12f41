"""Lesson: set up any network, check an article's numbers, save it, share it, take it elsewhere."""

import streamlit as st

from backprop.language import _
from backprop.ui import editor, grids, share
from backprop.ui.panels import preview
from backprop.ui.sidebar import chooser

with st.sidebar:
    chooser()
preview()
SET_UP, SHARE = _("Set up"), _("Save and share")
set_up, sharing = st.tabs([SET_UP, SHARE], key="lesson-tabs", on_change="rerun")
if set_up.open:
    with set_up:
        editor.fields()
        st.subheader(_("Samples"))
        grids.samples()
        st.subheader(_("Starting weights and biases"))
        grids.parameters()
if sharing.open:
    with sharing:
        link, file = st.columns([3, 2], gap="large")
        with link:
            st.subheader(_("The link"))
            share.link()
        with file:
            st.subheader(_("The file"))
            share.save()
            share.load()
