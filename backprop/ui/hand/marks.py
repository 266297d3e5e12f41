"""The tab "Hand in": a sheet to take away, a sheet that comes back, and what is right on it."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib.resources import files

import streamlit as st

from backprop.engine.steps import Cell
from backprop.explain import numerals, symbols
from backprop.explain.words import PHASE_NAMES
from backprop.export.fillable import fillable_csv, fillable_xlsx
from backprop.export.filled import MAX_BYTES, filled
from backprop.export.handout import link, note
from backprop.export.table import TableError
from backprop.figures.palette import PHASES
from backprop.language import _, later, plural
from backprop.practice import feedback
from backprop.practice.handed_in import HandedIn, HandedInError, handed_in
from backprop.practice.marking import VERDICTS, Verdict
from backprop.practice.reckoning import AFTER
from backprop.ui import state
from backprop.ui.hand.desk import desk
from backprop.ui.place import Place

STYLE = f"<style>{files('backprop.ui').joinpath('assets', 'hand-marks.css').read_text(encoding='utf-8')}</style>"
SIGNS = {"right": "✓", "carried": "✓", "short": "…", "slip": "✕", "wrong": "✕", "unread": "?", "open": "–"}
HEADS = {
    "right": later("right"),
    "carried": later("right from your value"),
    "short": later("more digits"),
    "slip": later("slip"),
    "wrong": later("not yet"),
    "unread": later("no number"),
    "open": later("not answered"),
}
assert set(SIGNS) == set(HEADS) == set(VERDICTS)


def parts(here: Place, narrow: bool) -> dict[str, str]:
    """The strings of the tab; what can be pressed here are Streamlit's own parts, below."""
    asked = _("Take the sheet away, fill it in, and hand it in")
    said = _(
        "Nothing you hand in is kept: it is read in this visit, marked, and gone when you leave. A sheet of other numbers is marked with its own."
    )
    return {"ask": f'<div class="q"><span>{asked}</span></div>', "main": f"<p class='hand-said'>{said}</p>"}


def marks() -> None:
    """The downloads, the place to drop a file, and the marks."""
    here = state.place()
    take, drop = st.columns([2, 5], gap="medium")
    with take:
        _downloads(here)
    with drop:
        st.file_uploader(
            _("A sheet that is filled in: CSV or XLSX"),
            type=["csv", "xlsx"],
            key="handed",
            on_change=_dropped,
            max_upload_size=MAX_BYTES // 10**6,
        )
    if st.session_state.get("handed_fault"):
        st.error(st.session_state.handed_fault)
    kept = st.session_state.get("handed_in")
    if kept is None:
        return
    name, values = kept
    try:
        found = handed_in(here.lesson, here.digits, values, values.blank)
    except HandedInError as error:
        st.error(str(error))
        return
    if not found.sheet.blank:
        st.info(_("Nothing was left blank on this sheet: every number stands there as it was printed."))
    else:
        st.html(STYLE + marks_html(here, name, found))
        st.button(_("Look at it on the sheet"), on_click=_open, args=(found,))


def _downloads(here: Place) -> None:
    then = state.held()
    for form, words, made in (("csv", "CSV", _csv), ("xlsx", "Excel", _xlsx)):
        st.download_button(
            _("The sheet as {form}").format(form=words),
            partial(_made, made, then),
            f"{here.origin}-sheet.{form}",
            key=f"sheet-{form}",
            on_click="ignore",
            icon=":material/download:",
            help=_("With the blanks that the tab “Fill in” has now"),
            width="stretch",
        )


def _made(made: Callable[[Place], bytes], then: Callable[[], Place]) -> bytes:
    """The file of where the visitor is when it is asked for."""
    return made(then())


def _csv(here: Place) -> bytes:
    return fillable_csv(here.trace, _blank(here), link(here.numbers_query())).encode()


def _xlsx(here: Place) -> bytes:
    return fillable_xlsx(here.trace, here.title, _blank(here), note(here.seed, here.numbers_query()))


def _blank(here: Place) -> frozenset[Cell]:
    return frozenset(cell for cell in desk(here).sheet.blank if cell.quantity != AFTER)


def _dropped() -> None:
    """Read the file at once; what cannot be read is said, and what was there before stays."""
    upload = st.session_state.get("handed")
    if upload is None:
        st.session_state.handed_in, st.session_state.handed_fault = None, ""
        return
    try:
        st.session_state.handed_in = (upload.name, filled(upload.name, upload.getvalue()))
        st.session_state.handed_fault = ""
    except TableError as error:
        st.session_state.handed_in, st.session_state.handed_fault = None, str(error)


def _open(found: HandedIn) -> None:
    """The sheet's numbers and its answers on the tab "Fill in"."""
    here = state.place()
    if found.other:
        state.change(replace(here.with_lesson(found.sheet.lesson), iteration=0).settled())
    steps = {f"{cell.quantity}.{cell.layer}" for cell in found.sheet.blank}
    there = replace(state.place(), iteration=found.sheet.iteration).moved(
        {"task": "sheet", "blank": "~".join(sorted(steps))}
    )
    state.go(there)
    state.go(there.moved({"answers": dict(found.answers)}))


# --- what is said of it


def marks_html(here: Place, name: str, found: HandedIn) -> str:
    """Summary by phase, then every number that was to be filled in."""
    verdicts = found.verdicts
    right = sum(each.kind in ("right", "carried") for each in verdicts.values())
    title = plural("{right} of {count} number right", "{right} of {count} numbers right", len(verdicts)).format(
        right=right, count=len(verdicts)
    )
    other = (
        f"<p>{_('The sheet has other given numbers than the lesson that is open; it is marked with its own.')}</p>"
        if found.other
        else ""
    )
    rows = "".join(_row(here, found, cell, verdict) for cell, verdict in verdicts.items())
    return (
        f"<div class='marks'><h3>{title} <small>{html.escape(name)}</small></h3>{other}{_summary(found)}"
        f"<table class='each'><thead><tr><th>{_('number')}</th><th>{_('answer')}</th><th>{_('right is')}</th><th></th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _summary(found: HandedIn) -> str:
    counts = found.summary()
    kinds = [kind for kind in VERDICTS if any(kind in each for each in counts.values())]
    head = "".join(f"<th>{SIGNS[kind]} {_(HEADS[kind])}</th>" for kind in kinds)
    rows = "".join(
        f"<tr><th class='{PHASES[phase]}'>{_(PHASE_NAMES[phase])}</th>{''.join(_count(each, kind) for kind in kinds)}</tr>"
        for phase, each in counts.items()
    )
    return f"<table class='phases'><thead><tr><th></th>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _count(counts: Counter[str], kind: str) -> str:
    return f"<td>{counts[kind] or '·'}</td>"


def _row(here: Place, found: HandedIn, cell: Cell, verdict: Verdict) -> str:
    text = dict(found.answers).get(cell.address, "")
    name = symbols.html(cell, here.notation)
    if found.sheet.trace.samples > 1 and cell.sample:
        name = _("{symbol} of sample {sample}").format(symbol=name, sample=cell.sample)
    said = feedback.said(found.sheet, cell, verdict, text, here.notation) if text else None
    words = _(HEADS[verdict.kind]) if said is None else f"<b>{said.title}</b> {' '.join(said.sentences)}"
    told = verdict.kind in ("carried", "slip", "wrong")  # what is not answered yet stays a question
    value = numerals.plain(verdict.expected, here.digits) if told else ""
    phase = PHASES[found.sheet.trace[cell.quantity, cell.layer].phase]
    return f"<tr class='{verdict.kind}'><th class='{phase}'>{name}</th><td>{html.escape(text)}</td><td>{value}</td><td>{SIGNS[verdict.kind]} {words}</td></tr>"
