"""The tab "The surface": the loss over two weights, large, as a map and in space; the two are chosen by click."""

from __future__ import annotations

import html

import streamlit as st

from backprop.figures.contours import map_svg
from backprop.figures.palette import THEMES
from backprop.figures.surfaces import surface_figure
from backprop.language import _
from backprop.ui import state
from backprop.ui.descent.look import look
from backprop.ui.descent.overview import angle, only_switch
from backprop.ui.descent.progress import Progress
from backprop.ui.place import Place

MAP, PHONE = (424, 378), (358, 338)
CHOOSER = (150, 96)
HEIGHT, SMALL = 470, 292
"""px of the surface in space, on a projector and on a phone."""


def parts(here: Place, ran: Progress, narrow: bool) -> dict[str, str]:
    """The strings of the tab's parts."""
    seen = look(here, ran)
    question = html.escape(_("What does the loss look like over two weights?"))
    hint = html.escape(_("Drag the surface to turn it."))
    asked = f'<div class="q"><span>{question} <em>{hint}</em></span></div>'
    if seen.pair is None:
        return {
            "ask": asked,
            "main": f"<svg></svg><p>{html.escape(_('This network has a single parameter, so there is no surface over two.'))}</p>",
        }
    one, other = (seen.name(cell) for cell in seen.pair)
    width, height = PHONE if narrow else MAP
    picture = map_svg(seen.map(), one, other, _("The loss over two weights"), width, height, _("start"))
    head = f'<div class="h5"><b>{html.escape(seen.title())}</b>{only_switch(seen)}</div>'
    told = f"<p>{angle(here, seen)}</p>"
    return {"ask": asked, "main": f'<div class="flat">{head}{picture}{seen.chooser(told, *CHOOSER)}</div>'}


def in_space(here: Place, ran: Progress) -> None:
    """The surface in space, beside the map."""
    seen = look(here, ran)
    if seen.pair is None:
        return
    height = SMALL if state.narrow() else HEIGHT
    theme = "dark" if st.context.theme.type == "dark" else "light"
    names = [seen.told(cell) for cell in seen.pair]
    with st.container(key="space"):
        st.plotly_chart(
            surface_figure(seen.map(), names[0], names[1], THEMES[theme], height),
            key="surface3d",
            theme=None,
            config={"displayModeBar": False},
            alt=_("The loss over two weights as a surface"),
        )
