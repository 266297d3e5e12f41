"""Lesson: set up any network, check an article's numbers, save it, share it, take it elsewhere."""

import streamlit as st

from backprop.language import _
from backprop.ui import editor, grids, share, state
from backprop.ui.panels import preview
from backprop.ui.printed import printed_html
from backprop.ui.sidebar import chooser, undo
from backprop.ui.take import take

with st.sidebar:
    chooser()
    undo()
preview()
set_up, sharing, taking, articles = st.tabs(
    [_("Set up"), _("Save and share"), _("Take it elsewhere"), _("The article's numbers")],
    key="lesson-tabs",
    on_change="rerun",
)
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
if taking.open:
    with taking:
        take()
if articles.open:
    with articles:
        here = state.place()
        st.html(printed_html(here.origin, here.notation, here.digits))
