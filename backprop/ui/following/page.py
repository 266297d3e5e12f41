"""The page as one element: the number, the network with its paths, and the open tab."""

from __future__ import annotations

from typing import Any

import streamlit as st

from backprop.figures.network import network_svg
from backprop.figures.scene import lit, scene_of_paths
from backprop.ui import elements, panels, state
from backprop.ui.expanding import Pending
from backprop.ui.fields.following import TABS
from backprop.ui.following import graph, tabs, top, written_out
from backprop.ui.following.tabs import TALL, WIDE
from backprop.ui.place import Place
from backprop.ui.tablist import tabs_html

PHONE = 358


@st.fragment
def following() -> None:
    """Question, choice, network and the open tab: one element, which also hears keys, clicks and drags."""
    if st.session_state.pop("whole", False):
        st.rerun()
    here, narrow = state.place(), state.narrow()
    groups = top.numbers(here.trace, here.sample)
    sympy = written_out.answer(here) if here.tab in tabs.WITH_WAYS else None
    parts = {
        "ask": top.question_html(here),
        "pick": top.choice_html(here, groups),
        "net": "<svg>\n</svg>" if here.tab == "graph" else _network(here, narrow),
        "tabs": tabs_html("tab", top.TITLES, here.tab),
        "main": tabs.content(here, narrow, sympy),
        "ways": tabs.four_ways(here, narrow, sympy) if sympy else "",
    }
    data = {
        **panels.carried(here, parts, narrow, _hot(here)),
        "numbers": [cell.address for _layer, cells in groups for cell in cells],
        "tabs": TABS,
        "paths": len(here.ledger.paths),
        "pending": isinstance(sympy, Pending),
        "lit": lit(here.ledger, here.path),
        "ops": graph.length(here, narrow) if here.tab == "graph" else 0,
    }
    data["place"] |= {"followed": here.follows.address}
    answer = elements.follow(key="follow", data=data, on_go_change=_went, on_narrow_change=_turned)
    if state.heard("go", answer.get("go")):  # a session that was just born has no callbacks yet
        st.rerun()


def _network(here: Place, narrow: bool) -> str:
    drawn = scene_of_paths(here.trace, here.ledger, here.path)
    width, height = (PHONE, None) if narrow else (WIDE, TALL)
    return network_svg(here.trace, drawn, width, height, here.sample, here.digits, here.notation)


def _hot(here: Place) -> dict[Any, str]:
    """The slider of the number that is followed."""
    return {here.follows: "bwd"}


def _went() -> None:
    state.heard("go", st.session_state.follow.go)


def _turned() -> None:
    state.set_narrow(bool(st.session_state.follow.narrow))
