"""The lesson's numbers as tables that can be typed into and pasted into: the samples, and each layer's weights and biases.

A table keeps what it was first given while somebody types, so that the cursor stays; what has been typed is put on top of it
each time. It begins anew when the lesson has changed in another way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from backprop.engine.steps import Cell
from backprop.explain import symbols
from backprop.explain.numerals import full
from backprop.language import _
from backprop.lessons import changes
from backprop.lessons.faults import MAX_SAMPLES
from backprop.lessons.lesson import Lesson
from backprop.ui import state

Rows = list[dict[str, float | None]]


def samples() -> None:
    """Inputs and targets, a sample a row; rows can be added and deleted."""
    here = state.place()
    lesson, depth = here.lesson, here.lesson.network.depth
    inputs = [symbols.text(Cell("x", 0, None, j), here.notation) for j in range(1, lesson.layers[0] + 1)]
    targets = [symbols.text(Cell("t", depth, None, k), here.notation) for k in range(1, lesson.layers[-1] + 1)]
    names = [*inputs, *targets]
    rows: Rows = [dict(zip(names, (*x, *t), strict=True)) for x, t in zip(lesson.inputs, lesson.targets, strict=True)]

    def made(rows: Sequence[Mapping[str, float]]) -> Lesson:
        return lesson.changed(
            inputs=tuple(tuple(row[name] for name in inputs) for row in rows),
            targets=tuple(tuple(row[name] for name in targets) for row in rows),
        )

    _table("samples", names, rows, made, _("Sample"), dynamic=True)
    st.caption(
        _("A row is a sample, at most {limit}. Cells can be pasted from a spreadsheet.").format(limit=MAX_SAMPLES)
    )


def parameters() -> None:
    """The starting weights and biases, a table a layer, a row per receiving unit."""
    here = state.place()
    tabs = st.columns(min(3, here.lesson.network.depth))
    for layer in range(1, here.lesson.network.depth + 1):
        with tabs[(layer - 1) % len(tabs)]:
            st.markdown(_("**Layer {layer}**, a row per unit").format(layer=layer))
            _layer(layer)


def _layer(layer: int) -> None:
    here = state.place()
    lesson = here.lesson
    W, b = lesson.parameters.W[layer - 1], lesson.parameters.b[layer - 1]
    tied = lesson.shared_bias
    senders = [symbols.text(here.trace.sends(layer - 1, j, None), here.notation) for j in range(1, W.shape[1] + 1)]
    bias = symbols.letter("b", here.notation).replace(r"\theta", "θ")
    names = [_("from {unit}").format(unit=name) for name in senders] + ([bias] if b is not None else [])
    rows: Rows = []
    for i, row in enumerate(W):
        numbers = [*map(float, row), *([float(b[0 if tied else i])] if b is not None else [])]
        rows.append(dict(zip(names, numbers, strict=True)))

    def made(edited: Sequence[Mapping[str, float]]) -> Lesson:
        changed = {}
        for i, (old, new) in enumerate(zip(rows, edited, strict=True), 1):
            for j, name in enumerate(names, 1):
                if new[name] != old[name]:
                    cell = (
                        Cell("W", layer, None, i, j) if j <= W.shape[1] else Cell("b", layer, unit=None if tied else i)
                    )
                    changed[cell] = new[name]
        return changes.with_numbers(lesson, changed)

    _table(f"W{layer}", names, rows, made, _("Unit"))


# --- one table


def _table(
    name: str, names: list[str], rows: Rows, made: Callable[[Sequence[Any]], Lesson], row: str, dynamic: bool = False
) -> None:
    grids = st.session_state.setdefault("grids", {})
    known = grids.get(name)
    if known is None or known["made"] != rows or known["names"] != names:
        version = known["version"] + 1 if known else 1
        known = grids[name] = {"version": version, "base": rows, "made": rows, "names": names, "said": ""}
    key = f"grid-{name}-{known['version']}"
    st.data_editor(
        {each: [row[each] for row in known["base"]] for each in names},
        key=key,
        num_rows="dynamic" if dynamic else "fixed",
        hide_index=True if dynamic else None,
        column_config={
            each: st.column_config.NumberColumn(each, format=_format(rows), required=True) for each in names
        },
        on_change=_typed,
        args=(name, key, made, row),
        width="stretch",
    )
    if known["said"]:
        st.error(known["said"])


def _format(rows: Rows) -> str:
    """Numbers as they were typed; drawn ones, which have 16 digits, with six, so that all columns are seen."""
    typed = all(len(full(value)) <= 8 for row in rows for value in row.values() if value is not None)
    return "plain" if typed else "%.6g"


def _typed(name: str, key: str, made: Callable[[Sequence[Any]], Lesson], row: str) -> None:
    known = st.session_state.grids[name]
    rows = applied(known["base"], known["names"], st.session_state[key])
    known["said"] = _lacks(rows, row)
    if not known["said"]:
        if state.attempt(lambda: made(rows)):
            known["made"] = rows
        known["said"] = st.session_state.notice
        st.session_state.notice = ""


def _lacks(rows: Rows, row: str) -> str:
    """The first number that is missing, as a sentence; empty if none is."""
    for number, each in enumerate(rows, 1):
        for name, value in each.items():
            if value is None:
                return _("{row} {number} has no number for {name} yet.").format(row=row, number=number, name=name)
    return "" if rows else _("At least one row is needed.")


def applied(base: Rows, names: Sequence[str], edits: Mapping[str, Any]) -> Rows:
    """A table with what a data editor reports: cells edited, rows deleted, rows added; a number not given yet is None."""
    rows = [dict(row) for row in base]
    for place, cells in edits.get("edited_rows", {}).items():
        if 0 <= int(place) < len(rows):
            rows[int(place)] |= {name: _number(value) for name, value in cells.items() if name in names}
    gone = set(edits.get("deleted_rows", ()))
    rows = [row for place, row in enumerate(rows) if place not in gone]
    rows += [{name: _number(row.get(name)) for name in names} for row in edits.get("added_rows", ())]
    return rows


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
