"""The visitor's state: one Place in the session, what changed it, and how to take a change back.

Messages of the browser components arrive here. Each carries an id and its number, so that one heard twice counts once and an
old one not at all; and a memo of the place it was sent from, with the last message that the memo had seen, so that a session
that has just been born (a restarted server) takes over where the page stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import inf
from typing import Any
from uuid import uuid4

import streamlit as st

from backprop.engine.steps import Cell, cell_at
from backprop.explain import numerals
from backprop.language import _
from backprop.lessons import changes
from backprop.lessons.examples import example
from backprop.lessons.lesson import Lesson, LessonError
from backprop.practice.variants import MAX_SEED
from backprop.runs.history import history
from backprop.runs.starts import STARTS, taken
from backprop.ui import visit
from backprop.ui.place import Place

MOST_UNDO = 50
MOST_SHEETS = 50


def place(memo: Any = None) -> Place:
    """Where the visitor is; from here on in this run numbers are written as they are there.

    memo: what the page remembers, for a session that knows nothing yet.
    """
    if "place" not in st.session_state:
        known = visit.remembered(memo)
        here, ignored = (known, []) if known else visit.arrived(dict(st.query_params))
        st.session_state.place, st.session_state.ignored = here, ignored
        (
            st.session_state.undo,
            st.session_state.ghost,
            st.session_state.notice,
            st.session_state.gesture,
            st.session_state.dragging,
        ) = [], None, "", None, False
    here = st.session_state.place
    st.session_state.setdefault("held", {})["place"] = here
    numerals.write(here.comma, here.fractions)
    return here


def held() -> Callable[[], Place]:
    """Where the visitor is, for a file that is made when it is asked for: Streamlit then knows no session."""
    place()
    kept = st.session_state.held

    def here() -> Place:
        numerals.write(kept["place"].comma, kept["place"].fractions)
        return kept["place"]

    return here


def told() -> list[str]:
    """What must be said once about the link that brought the visitor here."""
    place()
    sentences, st.session_state.ignored = st.session_state.ignored, []
    return sentences


def narrow() -> bool:
    """Is the visitor's page as narrow as a phone? The stage tells it once."""
    return st.session_state.get("narrow_page", False)


def set_narrow(yes: bool) -> None:
    st.session_state.narrow_page = yes


def born() -> str:
    """A name for this session, by which the page notices that the server has begun anew."""
    return st.session_state.setdefault("born", uuid4().hex[:8])


def go(to: Place) -> None:
    """Move without changing the lesson."""
    st.session_state.place, st.session_state.notice, st.session_state.dragging = _filed(to), "", False


def change(to: Place, gesture: str | None = None) -> None:
    """Put another lesson in force; it can be undone. Changes of one gesture (a drag) are undone together."""
    before = place()
    if gesture is None or gesture != st.session_state.gesture:
        st.session_state.undo = [*st.session_state.undo, before][-MOST_UNDO:]
        st.session_state.ghost = before.lesson if before.origin == to.origin else None
    st.session_state.gesture, st.session_state.notice = gesture, ""
    st.session_state.place, st.session_state.dragging = _filed(to), gesture is not None


def _filed(to: Place) -> Place:
    """What was typed by hand stays with the numbers that it was typed for, and is there again when they are."""
    before, sheets = place(), st.session_state.setdefault("sheets", {})
    was, now = ((each.lesson, each.iteration, each.sample) for each in (before, to))
    if was == now:
        return to
    sheets[was] = (before.answers, before.hints)
    while len(sheets) > MOST_SHEETS:
        del sheets[next(iter(sheets))]
    answers, hints = sheets.get(now, ((), ()))
    st.session_state.away = bool(before.answers and not answers and before.lesson != to.lesson)
    return replace(to, answers=answers, hints=hints)


def put_away() -> bool:
    """Was what stood on the sheet put away, because its lesson has other numbers now?"""
    return st.session_state.get("away", False)


def attempt(make: Callable[[], Lesson], gesture: str | None = None) -> bool:
    """Put the lesson that `make` builds in force; if it cannot be, say why and keep the one there is."""
    try:
        lesson = make()
    except LessonError as error:
        st.session_state.notice = error.faults[0]
        return False
    if lesson != place().lesson:
        change(place().with_lesson(lesson), gesture)
    return True


# --- what the controls ask for


def choose(name: str) -> None:
    """Start another example."""
    change(place().with_lesson(example(name), name))


def undo() -> None:
    if st.session_state.undo:
        *st.session_state.undo, before = st.session_state.undo
        st.session_state.ghost, st.session_state.gesture = None, None
        go(before)


def reset() -> None:
    """The example's own numbers again, from iteration 0."""
    here = place()
    start = example(here.origin)
    if start != here.lesson or here.iteration:
        change(replace(here, lesson=start, iteration=0).settled())


def start_from_here() -> None:
    """The present parameters become the lesson's start."""
    here = place()
    if here.iteration:
        lesson = changes.starting_from(here.lesson, history(here.lesson).parameters(here.iteration))
        change(replace(here, lesson=lesson, iteration=0).settled())


def take_start() -> None:
    """The start that is looked at on the page "Descent" becomes the lesson's; the sidebar follows."""
    here = place()
    if here.scheme in STARTS:
        attempt(lambda: taken(here.lesson, here.scheme, here.draw))
        st.session_state.whole = True


def vary(seed: int) -> None:
    """The variant of a seed; 0 is the lesson as it was set up."""
    here = place()
    if seed != here.seed:
        change(here.varied(seed))


def another() -> None:
    """The next seed's variant of the present lesson."""
    vary(place().seed % MAX_SEED + 1)


def settle() -> None:
    """The hand rests on a number that was changed beside the sliders: they are told, too."""
    st.session_state.whole, st.session_state.dragging = True, False


SAYINGS: dict[str, Callable[[], None]] = {
    "undo": undo,
    "reset": reset,
    "start": start_from_here,
    "take_start": take_start,
    "another": another,
    "settle": settle,
}


# --- messages of the components


def heard(kind: str, message: Any) -> bool:
    """Take a component's message, once. Returns whether it was news."""
    if not isinstance(message, Mapping) or not isinstance(message.get("id"), str):
        return False
    acks, turn = st.session_state.setdefault("acks", {}), message.get("turn")
    if acks.get(kind) == message["id"]:
        return False
    last, seen = heard_until(), message.get("seen")
    if isinstance(turn, int):
        if turn <= last:  # an old message, which the browser keeps and sends along with a new one
            return False
        st.session_state.turn = turn
    if message.get("born") not in (None, born()) and (not acks or (isinstance(seen, int) and seen >= last)):
        st.session_state.whole = True
        st.session_state.pop("place", None)  # a session born to a page that already shows something
    place(message.get("memo"))
    acks[kind] = message["id"][:40]
    if isinstance(message.get("stage"), str):  # the sliders say again what the stage's own fragment did not hear
        acks["go"] = message["stage"][:40]
    if isinstance(message.get("values"), Mapping) and message["values"]:
        _edit(message["values"], str(message.get("gesture"))[:40])
    if message.get("lost") is True:
        st.session_state.ignored, st.session_state.whole = (
            [
                _(
                    "This link needs a lesson that only the browser knows in which it was made. Ask for the lesson file, or for a link to a shorter lesson."
                )
            ],
            True,
        )
    if isinstance(message.get("say"), str) and message["say"] in SAYINGS:
        SAYINGS[message["say"]]()
    if isinstance(message.get("wish"), Mapping) and message["wish"]:
        go(place().moved(message["wish"]))
    return True


def heard_until() -> int:
    """The number of the last message that was taken; the page counts its messages."""
    return st.session_state.get("turn", 0)


def ack(kind: str) -> str | None:
    """The id of the last message of a kind that was taken."""
    return st.session_state.get("acks", {}).get(kind)


def _edit(values: Mapping[Any, Any], gesture: str) -> None:
    """Numbers from the sliders: {address of the cell: number}."""
    wanted: list[tuple[Cell, float]] = []
    for name, value in list(values.items())[:64]:
        cell = cell_at(name) if isinstance(name, str) else None
        if cell is not None and isinstance(value, (int, float)) and not isinstance(value, bool):
            wanted.append((cell, _float(value)))

    def made() -> Lesson:
        lesson = place().lesson
        for cell, value in wanted:
            lesson = changes.set_number(lesson, cell, value)
        return lesson

    try:
        attempt(made, gesture)
    except KeyError:
        st.session_state.notice = _("That number does not belong to the present network.")


def _float(value: float) -> float:
    """A number of a message, whose whole numbers have no end."""
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf
