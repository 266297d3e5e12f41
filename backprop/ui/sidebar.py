"""The sidebar: which example, every number of the lesson on a slider, the network's structure, and how things are written."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Mapping
from typing import Any

import streamlit as st

from backprop.engine.activations import ACTIVATIONS
from backprop.engine.losses import LOSSES
from backprop.engine.steps import Cell
from backprop.explain import numerals, symbols
from backprop.explain.conventions import CONVENTIONS
from backprop.explain.derivation import RULES, explain
from backprop.explain.terms import cells as cells_of
from backprop.figures.palette import HUES
from backprop.language import _
from backprop.lessons import changes
from backprop.lessons.examples import EXAMPLES, example
from backprop.lessons.lesson import Lesson, LessonError, Typed
from backprop.ui import state
from backprop.ui.editor import sizes
from backprop.ui.elements import sliders
from backprop.ui.place import Place

OPEN = 24
"""With more numbers than this the groups of sliders start closed."""


def chooser() -> None:
    """Which example."""
    st.session_state.example = state.place().origin
    st.selectbox(
        _("Example"),
        list(EXAMPLES),
        format_func=lambda name: _(EXAMPLES[name].title),
        key="example",
        on_change=_chosen,
    )


def undo() -> None:
    """A button that takes the last change back, for pages without the sliders."""
    st.button(
        _("Undo"),
        help=_("Take the last change back"),
        on_click=state.undo,
        disabled=not st.session_state.undo,
        width="stretch",
    )


def sidebar() -> None:
    with st.sidebar:
        chooser()
        here = state.place()
        answer = sliders(
            key="sliders",
            data=_slider_data(here),
            on_edit_change=lambda: state.heard("edit", getattr(st.session_state.sliders, "edit", None)),
        )
        if state.heard("edit", answer.get("edit")):
            st.rerun()
        part = st.expander(_("Network, digits and symbols"), key="setup", on_change="rerun")
        if part.open:
            with part:
                _structure()
                _writing()


def _chosen() -> None:
    state.choose(st.session_state.example)


# --- sliders


def _slider_data(here: Place) -> dict[str, Any]:
    groups = _groups(here)
    few = sum(len(group["rows"]) for group in groups) <= OPEN
    for group in groups:
        group["open"] = few or group in (groups[0], groups[-1])
    return {"groups": groups, "ack": state.ack("edit"), "memo": here.memo(), "notice": st.session_state.notice}


def _groups(here: Place) -> list[dict[str, Any]]:
    lesson, sample = here.lesson, here.sample
    start, network = example(here.origin), lesson.network
    depth = network.depth

    def row(cell: Cell, value: float, low: float | None = None, high: float | None = None) -> dict[str, Any]:
        reach = max(2.0, math.ceil(200 * abs(_number(start, cell))) / 100)
        name = symbols.text(cell, here.notation)
        where = (
            _("{name} of layer {layer}").format(name=name, layer=cell.layer) if cell.quantity in ("W", "b") else name
        )
        return {
            "name": cell.address, "label": symbols.html(cell, here.notation, layer=False), "words": where, "exact": _("{name}, exact value").format(name=where),
            "lo": -reach if low is None else low, "hi": reach if high is None else high, "value": value,
        }  # fmt: skip

    inputs = [row(Cell("x", 0, sample, j), value) for j, value in enumerate(lesson.inputs[sample - 1], 1)]
    unit = network.loss.needs is not None
    targets = [
        row(Cell("t", depth, sample, k), value, *((0.0, 1.0) if unit else (None, None)))
        for k, value in enumerate(lesson.targets[sample - 1], 1)
    ]
    groups: list[dict[str, Any]] = [{"title": _("Sample"), "range": "", "rows": [*inputs, *targets]}]
    for layer in range(1, depth + 1):
        W, b = lesson.parameters.W[layer - 1], lesson.parameters.b[layer - 1]
        rows = [
            row(Cell("W", layer, None, i, j), float(W[i - 1, j - 1]))
            for i in range(1, W.shape[0] + 1)
            for j in range(1, W.shape[1] + 1)
        ]
        if b is not None:
            rows += [
                row(Cell("b", layer, unit=None if lesson.shared_bias else i), float(b[i - 1]))
                for i in range(1, len(b) + 1)
            ]
        groups.append({"title": _("Layer {layer}").format(layer=layer), "range": "", "rows": rows})
    rate = Cell("learning_rate")
    groups.append(
        {
            "title": _("Learning rate"),
            "range": "",
            "rows": [row(rate, lesson.learning_rate, 0.0, max(2.0, 2 * start.learning_rate))],
        }
    )
    for group in groups:
        ranges = {(each["lo"], each["hi"]) for each in group["rows"]}
        low, high = min(lo for lo, _hi in ranges), max(hi for _lo, hi in ranges)
        group["range"] = numerals.pointed(f"{low:g} … {high:g}".replace("-", numerals.MINUS))
    return groups


def _number(start: Lesson, cell: Cell) -> float:
    """The example's own value of a number, on which a slider's reach depends; 0 if it has none there."""
    try:
        match cell.quantity:
            case "x":
                return start.inputs[(cell.sample or 1) - 1][(cell.unit or 1) - 1]
            case "t":
                return start.targets[(cell.sample or 1) - 1][(cell.unit or 1) - 1]
            case "W":
                return float(start.parameters.W[(cell.layer or 1) - 1][(cell.unit or 1) - 1, (cell.from_unit or 1) - 1])
        b = start.parameters.b[(cell.layer or 1) - 1]
        return 0.0 if b is None else float(b[(cell.unit or 1) - 1])
    except IndexError:
        return 0.0


def panel(here: Place, hot: Mapping[Cell, str]) -> dict[str, Any]:
    """What the page tells the sliders with every step: which numbers it reads, with their hue, what the buttons can do, where it is."""
    return {
        "hot": {cell.address: hue for cell, hue in hot.items()},
        "tools": _tools(here),
        "memo": here.memo(),
        "born": state.born(),
        "turn": state.heard_until(),
    }


def hot(here: Place) -> dict[Cell, str]:
    """The given numbers that the present step reads, with the hue of their kind."""
    made = here.cells()
    if len(made) != 1 or made[0].quantity not in RULES:
        return {}
    read = dict(cells_of(explain(here.trace, made[0], here.sample).part))
    found = {
        cell: HUES.get(kind, "pos")
        for cell, kind in read.items()
        if cell.quantity in ("x", "t", "W", "b", "learning_rate")
    }
    if made[0].quantity in ("dL_dW", "dL_db", "dL_dx"):
        found[symbols.of(made[0])] = "bwd"
    return found


def _tools(here: Place) -> str:
    """Undo, reset, start from here; and with several samples which one is looked at."""

    def say(word: str, name: str, label: str, off: bool) -> str:
        return f'<button type="button" data-say="{word}" title="{html.escape(label)}" aria-label="{html.escape(label)}"{" disabled" if off else ""}>{html.escape(name)}</button>'

    buttons = [
        say("undo", _("Undo"), _("Take the last change back"), not st.session_state.undo),
        say(
            "reset",
            _("Reset"),
            _("The example's own numbers, from iteration 0"),
            here.lesson == example(here.origin) and here.iteration == 0,
        ),
        say("start", _("Start here"), _("Make the present weights the start"), here.iteration == 0),
    ]
    picker = ""
    samples = len(here.lesson.inputs)
    if samples > 1:
        chips = (
            f'<button type="button" class="{"on" if s == here.sample else ""}" data-set=\'{json.dumps({"sample": s})}\' aria-label="{html.escape(_("Sample {number}").format(number=s))}">{s}</button>'
            for s in range(1, samples + 1)
        )
        picker = f'<div class="tools">{"".join(chips)}</div>'
    return f'<div class="tools">{"".join(buttons)}</div>{picker}'


# --- structure


def _structure() -> None:
    """Layer sizes, activations, loss and seed. What does not fit together is said, and the last valid lesson stays."""
    lesson = state.place().lesson
    if not st.session_state.get("refused"):
        st.session_state.layers = ", ".join(map(str, lesson.layers))
        st.session_state.loss = lesson.loss.formula if isinstance(lesson.loss, Typed) else lesson.loss
        st.session_state.seed = lesson.init.seed if lesson.init else 1
    st.text_input(_("Units per layer, inputs first"), key="layers", on_change=_restructure)
    if st.session_state.get("refused"):
        st.error(st.session_state.refused)
    typed = [each.formula for each in lesson.activations if isinstance(each, Typed)]
    for layer, each in enumerate(lesson.activations, 1):
        if not st.session_state.get("refused"):
            st.session_state[f"activation{layer}"] = each.formula if isinstance(each, Typed) else each
        st.selectbox(
            _("Activation of layer {layer}").format(layer=layer),
            [*ACTIVATIONS, *typed],
            format_func=_activation_name,
            key=f"activation{layer}",
            on_change=_restructure,
        )
    st.selectbox(
        _("Loss"),
        [*LOSSES, *([lesson.loss.formula] if isinstance(lesson.loss, Typed) else [])],
        format_func=lambda name: _(LOSSES[name].title) if name in LOSSES else name,
        key="loss",
        on_change=_restructure,
    )
    st.number_input(_("Seed of the weights"), 0, 2**32 - 1, step=1, key="seed", on_change=_restructure, args=(0,))
    st.button(_("Draw new weights"), on_click=_restructure, args=(1,), width="stretch")


def _activation_name(name: str) -> str:
    return _(ACTIVATIONS[name].title) if name in ACTIVATIONS else name


def _restructure(draw: int | None = None) -> None:
    """Take the fields as they are. draw: draw the weights anew, with the seed so much further."""
    lesson = state.place().lesson
    text = st.session_state.layers
    try:
        layers = sizes(text) if text.strip() else ()
    except LessonError as error:
        st.session_state.refused = error.faults[0]
        return
    now = [st.session_state.get(f"activation{k}") for k in range(1, len(lesson.activations) + 1)]
    shown = [{"formula": name} if name not in ACTIVATIONS else name for name in now if name is not None]
    names = changes.activations_for(shown or ["sigmoid"], max(0, len(layers) - 1))
    loss = st.session_state.loss
    loss = loss if loss in LOSSES else {"formula": loss}
    seed = None if draw is None else (int(st.session_state.seed) + draw) % 2**32
    fits = state.attempt(lambda: changes.restructured(lesson, layers, names, loss, seed))
    st.session_state.refused = "" if fits else st.session_state.notice


# --- how things are written


def _writing() -> None:
    here = state.place()
    for each in ("digits", "convention", "comma", "fractions"):
        st.session_state[each] = getattr(here, each)
    st.slider(
        _("Decimals shown"),
        2,
        12,
        key="digits",
        on_change=_written,
        args=("digits",),
    )
    st.selectbox(
        _("Symbols"),
        list(CONVENTIONS),
        format_func=lambda name: _(CONVENTIONS[name].title),
        key="convention",
        on_change=_written,
        args=("convention",),
    )
    st.caption(_(CONVENTIONS[here.convention].changes))
    st.toggle(_("Decimal comma: 0,5"), key="comma", on_change=_written, args=("comma",))
    st.toggle(_("Exact fractions: 1/2"), key="fractions", on_change=_written, args=("fractions",))


def _written(name: str) -> None:
    state.go(state.place().moved({name: st.session_state[name]}))
