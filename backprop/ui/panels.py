"""The parts of the page "One iteration", each one call: they read the state and put it on the page."""

from __future__ import annotations

import json

import streamlit as st

from backprop.export.table import to_csv
from backprop.figures.network import network_svg
from backprop.figures.scene import scene
from backprop.language import _
from backprop.ui import elements, explanation, side, state, tables, transport
from backprop.ui.place import Place

WIDE, TALL = 968, 280
PHONE = 358


def stage() -> None:
    """Transport, rail, network and question: one element, which also hears the keys and clicks."""
    here, narrow = state.place(), bool(getattr(st.session_state.get("stage"), "narrow", False))
    known = here.walk.known
    drawn = scene(here.trace, here.cells(), here.sample, lambda cell: known(cell, here.stop), here.covered)
    parts = {
        "bar": transport.bar_html(here),
        "rail": transport.rail_html(here),
        "net": network_svg(here.trace, drawn, PHONE if narrow else WIDE, None if narrow else TALL, here.sample, here.digits, here.notation),
        "ask": explanation.question_html(here),
    }
    answer = elements.stage(key="stage", data=_data(here, parts, narrow), on_go_change=_went("stage"), on_narrow_change=_nothing)
    if state.heard("go", answer.get("go")):
        st.rerun()


def _data(here: Place, parts: dict[str, str], narrow: bool) -> dict[str, object]:
    walk = here.walk
    stops = [0, *dict.fromkeys(walk.settled(stop, here.grain) for stop in range(1, len(walk) + 1))]
    memo = here.memo()
    return {
        "parts": parts, "keys": True, "lesson": here.origin, "narrow": narrow, "still": st.session_state.dragging, "ack": state.ack("go"), "memo": memo, "stops": stops,
        "place": {key: value for key, value in json.loads(memo).items() if key not in ("example", "lesson")},
        "phases": [walk.settled(first, here.grain) for _phase, first, _last in walk.phases()],
    }  # fmt: skip


def _went(key: str):
    return lambda: state.heard("go", getattr(st.session_state[key], "go", None))


def _nothing() -> None:
    """A callback is what makes a component's state known to Streamlit."""


def equation() -> None:
    """The equation of the present step."""
    narrow = bool(getattr(st.session_state.get("stage"), "narrow", False))
    with st.container(key="equation", gap=None):
        st.markdown(explanation.equation(state.place(), narrow))


def words() -> None:
    """The sentence, and beside it the latest numbers, the CSV and the loss."""
    here = state.place()
    parts = {"say": explanation.sentence_html(here), "side": side.numbers_html(here) + side.loss_html(here, st.session_state.ghost)}
    data = {"parts": parts, "keys": False, "ack": state.ack("pick"), "memo": here.memo(), "place": {}, "stops": [0], "phases": []}
    answer = elements.stage(key="words", data=data, on_go_change=lambda: state.heard("pick", getattr(st.session_state.words, "go", None)))
    if state.heard("pick", answer.get("go")):
        st.rerun()
    name = f"{here.origin}-{here.iteration}.csv"
    st.download_button("CSV", lambda: to_csv(here.trace).encode(), name, "text/csv", key="csv", on_click="ignore", type="tertiary", icon=":material/download:", help=_("The whole iteration, every number"))


def below() -> None:
    """What one may look at more closely."""
    with st.container(key="closer_look"):
        tables.tables()
