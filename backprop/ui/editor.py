"""The fields in which a lesson is set up: units, activations, loss, biases, start, learning rate.

A field whose value does not fit keeps what was typed, with the reason beneath it; the last valid lesson stays in force, and
what was refused is tried again with the next change (a loss that waits for its activation).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from backprop.engine.activations import ACTIVATIONS
from backprop.engine.losses import LOSSES
from backprop.engine.network import SCHEMES
from backprop.explain.numerals import full
from backprop.language import _, later
from backprop.lessons import changes
from backprop.lessons.changes import BIASES
from backprop.lessons.lesson import Init, Lesson, LessonError, Typed
from backprop.ui import state

FORMULA = "formula"
TYPED = "typed"
BIAS_NAMES = {"none": later("none"), "unit": later("one a unit"), "layer": later("one a layer")}
START_NAMES = {
    TYPED: later("as in the tables"),
    "normal": later("normal"),
    "uniform": later("uniform"),
    "xavier": later("Xavier"),
    "he": later("He"),
    "zeros": later("zeros"),
}


def fields() -> None:
    """All fields, as the present lesson has them."""
    lesson = state.place().lesson
    first, second = st.columns([3, 2])
    with first:
        _text("title", _("Title"), lesson.title, lambda text: {"title": text})
    with second:
        _text(
            "layers",
            _("Units per layer, inputs first"),
            ", ".join(map(str, lesson.layers)),
            lambda text: {"layers": sizes(text)},
        )
    _activations(lesson)
    first, second, third, fourth = st.columns([3, 2, 2, 2])
    with first:
        _choice(
            "loss",
            _("Loss"),
            [*LOSSES, FORMULA],
            FORMULA if isinstance(lesson.loss, Typed) else lesson.loss,
            lambda name: _("a formula …") if name == FORMULA else _(LOSSES[name].title),
            lambda name: {"loss": {"formula": "(a-t)^4"} if name == FORMULA else name},
        )
        if isinstance(lesson.loss, Typed):
            _text(
                "formula-loss",
                _("a formula in a and t, of one output"),
                lesson.loss.formula,
                lambda text: {"loss": {"formula": text}},
            )
    with second:
        _choice(
            "biases",
            _("Biases"),
            list(BIASES),
            changes.bias_kind(lesson),
            lambda name: _(BIAS_NAMES[name]),
            lambda name: {"biases": name},
        )
    with third:
        _text(
            "learning_rate",
            _("Learning rate η"),
            _short(lesson.learning_rate),
            lambda text: {"learning_rate": number(text)},
        )
    with fourth:
        _choice(
            "update_biases",
            _("Biases in the update"),
            [True, False],
            lesson.update_biases,
            lambda yes: _("learn too") if yes else _("stay as they are"),
            lambda yes: {"update_biases": yes},
        )
    _start(lesson)


def _activations(lesson: Lesson) -> None:
    columns = st.columns(lesson.network.depth)
    for layer, (column, each) in enumerate(zip(columns, lesson.activations, strict=True), 1):
        name = FORMULA if isinstance(each, Typed) else each

        def chosen(new: str, layer: int = layer) -> dict[str, Any]:
            return {"activations": _with(layer, {"formula": "z*tanh(z)"} if new == FORMULA else new)}

        def typed(text: str, layer: int = layer) -> dict[str, Any]:
            return {"activations": _with(layer, {"formula": text})}

        with column:
            _choice(
                f"activation-{layer}",
                _("Activation of layer {layer}").format(layer=layer),
                [*ACTIVATIONS, FORMULA],
                name,
                _activation_name,
                chosen,
            )
            if isinstance(each, Typed):
                _text(f"formula-{layer}", _("a formula in z"), each.formula, typed)


def _with(layer: int, activation: Any) -> tuple[Any, ...]:
    """The present lesson's activations with one of them changed."""
    now = [Lesson.spec(each) for each in state.place().lesson.activations]
    return (*now[: layer - 1], activation, *now[layer:])


def _activation_name(name: str) -> str:
    return _("a formula …") if name == FORMULA else _(ACTIVATIONS[name].title)


def _start(lesson: Lesson) -> None:
    init = lesson.init
    first, second, third, fourth = st.columns([3, 2, 2, 2], vertical_alignment="bottom")
    with first:
        _choice(
            "start",
            _("Starting weights"),
            [TYPED, *SCHEMES],
            init.scheme if init else TYPED,
            lambda name: _(START_NAMES[name]),
            lambda name: {"init": None if name == TYPED else Init(scheme=name, seed=init.seed if init else 1)},
        )
    if init is None:
        return
    scale = SCHEMES[init.scheme] if init.scale is None else init.scale
    with second:
        _text(
            "scale", _("Scale"), _short(scale), lambda text: {"init": init.model_copy(update={"scale": number(text)})}
        )
    with third:
        _text("seed", _("Seed"), str(init.seed), lambda text: {"init": init.model_copy(update={"seed": whole(text)})})
    with fourth:
        st.button(
            _("Draw again"),
            on_click=_drawn,
            args=({"init": init.model_copy(update={"seed": (init.seed + 1) % 2**32})},),
            width="stretch",
        )


# --- one field


def _text(name: str, label: str, value: str, read: Callable[[str], dict[str, Any]]) -> None:
    _prepared(name, value)
    st.text_input(label, key=f"field-{name}", on_change=_changed, args=(name, read), max_chars=200)
    _said(name)


def _choice(
    name: str,
    label: str,
    options: list[Any],
    value: Any,
    title: Callable[[Any], str],
    read: Callable[[Any], dict[str, Any]],
) -> None:
    _prepared(name, value)
    st.selectbox(label, options, format_func=title, key=f"field-{name}", on_change=_changed, args=(name, read))
    _said(name)


def _prepared(name: str, value: Any) -> None:
    """A field shows the lesson, unless what stands in it was refused."""
    if name not in _refused():
        st.session_state[f"field-{name}"] = value


def _said(name: str) -> None:
    if name in _refused():
        st.error(_refused()[name][0])


def _refused() -> dict[str, tuple[str, dict[str, Any]]]:
    """Per field that was refused, why, and what it wanted."""
    return st.session_state.setdefault("refused_fields", {})


def _changed(name: str, read: Callable[[Any], dict[str, Any]]) -> None:
    refused = _refused()
    refused.pop(name, None)
    try:
        wanted = read(st.session_state[f"field-{name}"])
    except LessonError as error:
        refused[name] = error.faults[0], {}
        return
    together: dict[str, Any] = {}
    for _why, waiting in refused.values():
        together |= waiting
    if together and _attempt({**together, **wanted}):
        refused.clear()
    elif not _attempt(wanted):
        refused[name] = st.session_state.notice, wanted
    st.session_state.notice = ""


def _drawn(wanted: dict[str, Any]) -> None:
    _attempt(wanted)


def _attempt(wanted: dict[str, Any]) -> bool:
    return state.attempt(lambda: changes.rebuilt(state.place().lesson, wanted))


# --- what is typed


def sizes(text: str) -> tuple[int, ...]:
    """3, 4, 2 or 3-4-2. Raises LessonError."""
    parts = [part for part in text.replace("-", ",").replace(" ", ",").split(",") if part][:20]
    if not parts or not all(part.isascii() and part.isdigit() and len(part) < 7 for part in parts):
        raise LessonError(
            [
                _(
                    "“{came}” came as layer sizes; allowed are whole numbers with commas between, such as 2, 3, 1."
                ).format(came=text[:40])
            ]
        )
    return tuple(map(int, parts))


def number(text: str) -> float:
    """A number, with a decimal point or comma. Raises LessonError."""
    try:
        if "_" in text or not text.isascii():
            raise ValueError
        return float(text.strip().replace(",", "."))
    except ValueError:
        raise LessonError([_("“{came}” is not a number; allowed is one such as 0.5.").format(came=text[:40])]) from None


def whole(text: str) -> int:
    """A whole number. Raises LessonError."""
    if not (text.strip().isascii() and text.strip().isdigit() and len(text) < 20):
        raise LessonError([_("“{came}” is not a whole number from 0 up.").format(came=text[:40])])
    return int(text)


def _short(value: float) -> str:
    text = full(value)
    return text.removesuffix(".0")
