"""The parts of the page "One iteration", each one call: they read the state and put it on the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from backprop.engine.steps import Cell
from backprop.export.table import to_csv
from backprop.figures.network import network_svg
from backprop.figures.scene import Scene, scene
from backprop.language import _
from backprop.ui import elements, explanation, guessing, side, sidebar, state, tables, transport
from backprop.ui.place import Place

WIDE, TALL = 968, 280
PHONE = 358


@st.fragment
def stage() -> None:
    """Transport, rail, network, question, equation, sentence, latest numbers and loss: one element, which also hears keys and clicks."""
    if st.session_state.pop("whole", False):
        st.rerun()
    here, narrow = state.place(), state.narrow()
    known = here.walk.known
    drawn = scene(here.trace, here.cells(), here.sample, lambda cell: known(cell, here.stop), here.covered)
    parts = {
        "bar": transport.bar_html(here),
        "rail": transport.rail_html(here),
        "net": _network(here, drawn, narrow),
        "ask": explanation.question_html(here),
        "tex": explanation.equation_tex(here, narrow),
        "say": explanation.sentence_html(here),
        "aloud": guessing.aloud(here),
        "numbers": side.numbers_html(here),
        "loss": side.loss_html(here, st.session_state.ghost),
    }
    answer = elements.stage(key="stage", data=_data(here, parts, narrow), on_go_change=_went, on_narrow_change=_turned)
    if state.heard("go", answer.get("go")):  # a session that was just born has no callbacks yet
        st.rerun()


def preview() -> None:
    """The network as it is given, on a page without a walk."""
    here = state.place()
    drawn = scene(here.trace, (), here.sample, lambda cell: here.walk.stop_of(cell) is None, False)
    _still("preview", {"net": _network(here, drawn, state.narrow())})


def address() -> None:
    """Nothing to see, on a page without a network: the address follows the lesson all the same."""
    _still("address", {})


def _still(key: str, parts: dict[str, str]) -> None:
    """A stage without keys: the address follows the lesson, and a server that has begun anew is told where the page was."""
    here = state.place()
    answer = elements.stage(
        key=key,
        data=_data(here, parts, state.narrow(), keys=False),
        on_go_change=lambda: state.heard("go", st.session_state[key].go),
        on_narrow_change=lambda: state.set_narrow(bool(st.session_state[key].narrow)),
    )
    if state.heard("go", answer.get("go")):
        st.rerun()


def _network(here: Place, drawn: Scene, narrow: bool) -> str:
    width, height = (PHONE, None) if narrow else (WIDE, TALL)
    return network_svg(here.trace, drawn, width, height, here.sample, here.digits, here.notation)


def _data(here: Place, parts: dict[str, str], narrow: bool, keys: bool = True) -> dict[str, Any]:
    walk = here.walk
    return {
        **carried(here, parts, narrow, sidebar.hot(here)), "keys": keys, "stops": walk.stops(here.grain),
        "phases": [walk.settled(first, here.grain) for _phase, first, _last in walk.phases],
    }  # fmt: skip


def carried(here: Place, parts: dict[str, str], narrow: bool, hot: Mapping[Cell, str]) -> dict[str, Any]:
    """What every element that hears wishes is given (assets/wishes.js). hot: the given numbers that light up in the sidebar, with their hue."""
    return {
        "parts": parts,
        "narrow": narrow,
        "still": st.session_state.dragging,
        "ack": state.ack("go"),
        "panel": sidebar.panel(here, hot),
        "place": here.view(),
    }


def _went() -> None:
    """A step reruns the stage alone, unless a table below shows the step too."""
    if state.heard("go", st.session_state.stage.go) and st.session_state.get("closer"):
        st.session_state.whole = True


def _turned() -> None:
    """The page has told whether it is narrow."""
    state.set_narrow(bool(st.session_state.stage.narrow))


def download() -> None:
    """The iteration to take home; the file is made when it is asked for."""
    here, label = state.held(), _("The whole iteration, every number")
    st.download_button(
        "CSV",
        lambda: to_csv(here().trace).encode(),
        f"{state.place().origin}.csv",
        "text/csv",
        key="csv",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
        help=label,
    )


def closer() -> None:
    """What one may look at more closely."""
    tables.tables()
