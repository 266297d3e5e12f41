"""Below the fold, drawn only when asked for: every number so far, parameters before and after, each sample's part, the large curve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from backprop.engine.steps import Cell
from backprop.explain import numerals, symbols
from backprop.explain.derivation import contributions, explain
from backprop.figures.curves import loss_figure
from backprop.figures.palette import THEMES
from backprop.language import _, later
from backprop.ui import side, state
from backprop.ui.place import Place
from backprop.ui.transport import PHASE_NAMES


def tables() -> None:
    """The chooser, and the one that is chosen."""
    here = state.place()
    offered = [name for name in TABLES if name != "samples" or here.trace.samples > 1]
    chosen = st.segmented_control(_("Look closer"), offered, format_func=lambda name: _(TITLES[name]), key="closer")
    if chosen:
        TABLES[chosen](here)


def _plain(here: Place, cell: Cell) -> str:
    return numerals.plain(here.trace.at(cell), here.digits, given=cell.quantity in numerals.GIVEN)


def _numbers(here: Place) -> None:
    rows = []
    for stop, cell in enumerate(here.walk.cells[: here.seen], 1):
        phase = here.trace[cell.quantity, cell.layer].phase
        rows.append(
            {
                _("step"): stop,
                _("phase"): _(PHASE_NAMES[phase]),
                _("layer"): cell.layer,
                _("symbol"): symbols.text(cell, here.notation),
                _("value"): _plain(here, cell),
                _("all digits"): numerals.all_digits(here.trace.at(cell)),
            }
        )
    if rows:
        st.dataframe(rows, hide_index=True, height=min(600, 36 * len(rows) + 40))
    else:
        st.markdown(_("Nothing is computed yet."))


def _parameters(here: Place) -> None:
    """Every parameter before → after the update of this iteration."""
    rows: list[dict[str, Any]] = []
    for step in here.trace.given:
        if step.quantity not in ("W", "b"):
            continue
        for cell in here.trace.cells(step):
            gradient, new = (
                cell._replace(quantity=f"dL_d{step.quantity}"),
                cell._replace(quantity=f"{step.quantity}_new"),
            )
            kept = (new.quantity, new.layer) not in here.trace
            shown = [here.walk.known(each, here.seen) for each in (gradient, new)]
            rows.append(
                {
                    _("layer"): cell.layer, _("parameter"): symbols.text(cell, here.notation), _("before"): _plain(here, cell),
                    _("gradient"): _plain(here, gradient) if shown[0] else "–", _("after"): _plain(here, cell) if kept else _plain(here, new) if shown[1] else "–",
                }
            )  # fmt: skip
    st.dataframe(rows, hide_index=True, height=min(600, 36 * len(rows) + 40))


def _samples(here: Place) -> None:
    """What each sample's own loss says of the gradients known so far, beside their mean."""
    rows = []
    for cell in here.walk.cells[: here.seen]:
        if cell.quantity not in ("dL_dW", "dL_db"):
            continue
        parts = contributions(explain(here.trace, cell, here.sample), here.trace)
        own = {
            _("sample {number}").format(number=number): numerals.plain(part, here.digits)
            for number, part in enumerate(parts, 1)
        }
        rows.append(
            {
                _("layer"): cell.layer,
                _("gradient"): symbols.text(cell, here.notation),
                **own,
                _("mean"): _plain(here, cell),
            }
        )
    if rows:
        st.dataframe(rows, hide_index=True, height=min(600, 36 * len(rows) + 40))
    else:
        st.markdown(_("Each sample's part of a gradient is listed here once the backward pass has reached it."))


def _curve(here: Place) -> None:
    log = st.toggle(_("Logarithmic"), key="log")
    ghost = st.session_state.ghost
    pale = side.losses(ghost, here.iteration) if ghost is not None and ghost != here.lesson else None
    theme = THEMES["dark" if st.context.theme.type == "dark" else "light"]
    figure = loss_figure(side.losses(here.lesson, here.iteration), here.iteration, pale, theme, log)
    st.plotly_chart(figure, config={"displayModeBar": False}, key="large_curve")


TITLES = {
    "numbers": later("All numbers so far"),
    "parameters": later("Parameters before → after"),
    "samples": later("Each sample's part"),
    "curve": later("The loss curve, larger"),
}
TABLES: dict[str, Callable[[Place], None]] = {
    "numbers": _numbers,
    "parameters": _parameters,
    "samples": _samples,
    "curve": _curve,
}
