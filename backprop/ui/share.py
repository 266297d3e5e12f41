"""A lesson saved, loaded and shared: the file, the link, and the link as a picture for phones."""

from __future__ import annotations

import io
from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st

from backprop.language import _
from backprop.lessons.lesson import Lesson, LessonError
from backprop.lessons.link import MAX_LINK
from backprop.ui import state
from backprop.ui.place import Place

MAX_QR = 400
"""Characters: a picture of more has squares too small for the back row."""


def address(place: Place, page: str) -> str:
    """The whole link to a place. page: the address of the page that the visitor sees now."""
    parts = urlsplit(page)
    root = f"{parts.scheme}://{parts.netloc}{parts.path.rpartition('/')[0]}/"
    query = urlencode(place.query(), safe="~")
    return f"{root}?{query}" if query else root


def qr_svg(text: str) -> str:
    """The text as a QR code, dark on light in every theme, with the quiet border that cameras need."""
    out = io.BytesIO()
    segno.make(text, error="l", micro=False).save(
        out, kind="svg", border=4, dark="#000", light="#fff", xmldecl=False, scale=16
    )
    return out.getvalue().decode()


def link() -> None:
    """The link to the present place, and its picture where that is short enough."""
    text = address(state.place(), st.context.url or "http://localhost:8501/")
    if len(text) > MAX_LINK:
        st.info(
            _(
                "This lesson needs a link of {came} characters; many programs cut links after {limit}. Share the lesson file instead."
            ).format(came=len(text), limit=MAX_LINK)
        )
        return
    st.markdown(
        _(
            "Whoever opens this link sees the page One iteration as it stands for you now: lesson, iteration, step and symbols."
        )
    )
    st.code(text, language=None, wrap_lines=True)
    if len(text) <= MAX_QR:
        if st.button(_("Show as a picture for phones"), icon=":material/qr_code_2:"):
            _shown(text)
    else:
        st.caption(
            _(
                "For a picture that phones can read from the back row the link is too long: {came} characters, at most {limit}."
            ).format(came=len(text), limit=MAX_QR)
        )


def _shown(text: str) -> None:
    """The picture, as large as the window has room for."""
    st.dialog(_("Scan to open"), width="medium")(lambda: st.image(qr_svg(text), width=560))()


def save() -> None:
    """The lesson file."""
    here, then = state.place(), state.held()
    st.download_button(
        _("Save the lesson"),
        lambda: then().lesson.to_json().encode(),
        f"{here.origin}.json",
        "application/json",
        key="save",
        on_click="ignore",
        icon=":material/download:",
    )


def load() -> None:
    """A lesson file put in force; one that does not fit is told and changes nothing."""
    file = st.file_uploader(_("Load a lesson"), type="json", key="load", max_upload_size=1, on_change=_loaded)
    if file is None:
        st.session_state.load_said = []
    for sentence in st.session_state.get("load_said", ()):
        st.error(sentence)


def _loaded() -> None:
    file = st.session_state.load
    if file is None:
        return
    try:
        lesson = Lesson.from_json(file.getvalue())
    except LessonError as error:
        st.session_state.load_said = [
            _("{file}: {fault}").format(file=file.name[:60], fault=fault) for fault in error.faults[:8]
        ]
        return
    st.session_state.load_said = []
    here = state.place()
    if lesson != here.lesson:
        state.change(here.with_lesson(lesson, here.origin))
