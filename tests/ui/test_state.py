"""What a visitor's messages do: each heard once, edits undone together, nonsense ignored, a new session told where it was."""

import pytest
import streamlit
from hypothesis import given
from hypothesis import strategies as st

from backprop import example, trace
from backprop.engine.steps import Cell
from backprop.practice.variants import MAX_SEED, variant
from backprop.ui import state, visit
from backprop.ui.place import Place


class Session(dict):
    """Streamlit's session state, without Streamlit."""

    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__


@pytest.fixture
def session(monkeypatch) -> Session:
    mine = Session()
    monkeypatch.setattr(streamlit, "session_state", mine)
    monkeypatch.setattr(streamlit, "query_params", {})
    state.place()
    return mine


W = Cell("W", 2, None, 1, 1).address


def edit(session: Session, values: dict, gesture: str = "hand:1") -> None:
    count = session["count"] = session.get("count", 0) + 1
    assert state.heard("edit", {"id": f"hand:{count}", "values": values, "gesture": gesture})


def weight(session: Session) -> float:
    return session.place.lesson.weights[1][0][0]


# --- moving


def test_a_wish_moves_and_is_heard_once(session):
    message = {"id": "page:1", "wish": {"stop": 7}}
    assert state.heard("go", message) and session.place.stop == 7 and state.ack("go") == "page:1"
    state.go(Place())
    assert not state.heard("go", message) and session.place.stop == 0
    assert state.heard("go", {"id": "page:2", "wish": {"stop": 9, "grain": "layer"}}) and session.place.stop == 10


def test_moving_changes_no_lesson_and_is_not_undone(session):
    state.heard("go", {"id": "page:1", "wish": {"stop": 7, "iteration": 3}})
    assert session.undo == [] and session.place.lesson == example("towardsai")


# --- editing


def test_an_edit_keeps_the_place_and_recomputes(session):
    state.go(Place().moved({"stop": 18, "iteration": 2}))
    edit(session, {W: 0.9})
    here = session.place
    assert (here.stop, here.iteration, weight(session)) == (18, 2, 0.9)
    assert here.trace.loss == trace(here.lesson, 2).loss != trace(example("towardsai"), 2).loss
    assert session.ghost == example("towardsai") and session.dragging


def test_a_drag_is_undone_as_one_and_the_next_on_its_own(session):
    for value in (0.5, 0.6, 0.7):
        edit(session, {W: value}, "hand:1")
    for value in (-1.0, -2.0):
        edit(session, {"x.0.1.1": value}, "hand:2")
    assert len(session.undo) == 2
    state.heard("edit", {"id": "u1", "say": "undo"})
    assert (weight(session), session.place.lesson.inputs[0][0]) == (0.7, 0.05)
    state.heard("edit", {"id": "u2", "say": "undo"})
    assert session.place == Place() and session.undo == []
    state.heard("edit", {"id": "u3", "say": "undo"})
    assert session.place == Place()


def test_so_many_changes_and_no_more_can_be_undone(session):
    for count in range(state.MOST_UNDO + 10):
        edit(session, {W: count / 100}, f"hand:{count}")
    assert len(session.undo) == state.MOST_UNDO
    for count in range(state.MOST_UNDO + 5):
        state.heard("edit", {"id": f"u{count}", "say": "undo"})
    assert weight(session) == pytest.approx(0.09)


def test_a_number_that_cannot_be_is_told_and_changes_nothing(session):
    edit(session, {"learning_rate": -1})
    assert "learning_rate" in session.notice and session.place == Place() and session.undo == []
    edit(session, {"W.3..1.1": 0.5})
    assert session.notice == "That number does not belong to the present network."
    edit(session, {W: 0.5})
    assert session.notice == "" and weight(session) == 0.5


def test_reset_and_start_from_here(session):
    lesson = example("towardsai")
    state.go(Place().moved({"iteration": 5, "stop": 12}))
    state.heard("edit", {"id": "s", "say": "start"})
    here = session.place
    assert (here.iteration, here.stop) == (0, 12) and here.lesson != lesson
    assert here.trace.loss == trace(lesson, 5).loss
    state.heard("edit", {"id": "r", "say": "reset"})
    assert (session.place.lesson, session.place.iteration, session.place.stop) == (lesson, 0, 12)
    assert len(session.undo) == 2
    state.heard("edit", {"id": "r2", "say": "reset"})
    state.heard("edit", {"id": "s2", "say": "start"})
    assert len(session.undo) == 2, "what changes nothing cannot be undone"


def test_another_example_begins_at_its_start_without_a_ghost(session):
    state.go(Place().moved({"iteration": 5, "stop": 12, "digits": 7}))
    state.choose("softmax")
    here = session.place
    assert (here.origin, here.iteration, here.stop, here.digits, session.ghost) == ("softmax", 0, 0, 7, None)
    state.undo()
    assert (session.place.origin, session.place.iteration, session.place.stop) == ("towardsai", 5, 12)


# --- nonsense


@pytest.mark.parametrize("message", [None, 3, "go", [], {}, {"id": 4, "wish": {"stop": 3}}, {"wish": {"stop": 3}}])
def test_what_is_no_message_is_not_heard(session, message):
    assert state.heard("go", message) is False and session.place == Place()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
addresses = st.sampled_from(
    [W, "x.0.1.1", "t.2.1.2", "b.1", "learning_rate", "W.9..1.1", "W", "x.0.0.0", "nonsense", ""]
)
messages = st.fixed_dictionaries(
    {"id": st.text(max_size=60)},
    optional={
        "wish": st.dictionaries(st.sampled_from(["stop", "sample", "grain", "digits", "selected", "hide"]), anything),
        "values": st.dictionaries(addresses, anything) | anything,
        "gesture": anything,
        "memo": anything,
        "stage": anything,
        "born": anything,
        "say": st.sampled_from(["undo", "reset", "start", "", "nonsense", None]),
    },
)


@given(st.lists(messages, max_size=5))
def test_no_message_leaves_a_place_that_cannot_be(messages):
    with pytest.MonkeyPatch.context() as patch:
        mine = Session()
        patch.setattr(streamlit, "session_state", mine)
        patch.setattr(streamlit, "query_params", {})
        for message in messages:
            state.heard("edit", message)
        here = state.place()
    assert 0 <= here.stop <= len(here.walk) and 1 <= here.sample <= here.trace.samples
    assert visit.remembered(here.memo()) == here


# --- a server that has begun anew


def test_a_new_session_takes_over_where_the_page_stands(monkeypatch):
    lesson = example("xor").changed(learning_rate=0.125)
    there = Place(origin="xor", lesson=lesson).moved({"iteration": 4, "stop": 11, "sample": 3, "digits": 6})
    mine = Session()
    monkeypatch.setattr(streamlit, "session_state", mine)
    monkeypatch.setattr(streamlit, "query_params", {})
    state.place()  # the new session has already shown its start
    assert state.heard("go", {"id": "page:8", "born": "an older one", "memo": there.memo(), "wish": {"stop": 12}})
    assert mine.place == there.moved({"stop": 12}) and mine.place.lesson.learning_rate == 0.125


def test_a_session_that_has_heard_something_is_not_overwritten(session):
    state.heard("go", {"id": "page:1", "born": state.born(), "wish": {"stop": 5}})
    state.heard("go", {"id": "page:2", "born": "another", "memo": Place().moved({"stop": 30}).memo(), "wish": {}})
    assert session.place.stop == 5


def test_a_new_session_believes_the_newest_of_what_a_page_sends_along(monkeypatch):
    """The browser keeps each component's last message; after a restart it sends both, and the older one may come first."""
    mine = Session()
    monkeypatch.setattr(streamlit, "session_state", mine)
    monkeypatch.setattr(streamlit, "query_params", {})
    long_ago, now = Place(), Place(origin="xor", lesson=example("xor")).moved({"iteration": 4, "stop": 11})
    old = {"id": "hand:1", "turn": 5, "seen": 4, "born": "an older one", "memo": long_ago.memo(), "values": {W: 0.7}}
    new = {"id": "page:9", "turn": 61, "seen": 60, "born": "an older one", "memo": now.memo(), "wish": {"stop": 12}}
    assert state.heard("edit", old) and state.heard("go", new) and mine.place == now.moved({"stop": 12})
    assert not state.heard("edit", {**old, "id": "hand:2"}) and mine.place == now.moved({"stop": 12})


def test_an_edit_that_a_new_session_has_heard_survives_the_next_key(session):
    memo = Place().memo()
    state.heard("edit", {"id": "hand:7", "turn": 70, "seen": 69, "born": "old", "memo": memo, "values": {W: 0.7}})
    state.heard("go", {"id": "page:3", "turn": 71, "seen": 69, "born": "old", "memo": memo, "wish": {"stop": 3}})
    assert weight(session) == 0.7 and session.place.stop == 3


def test_what_the_sliders_say_for_the_stage_counts_as_the_stages_word(session):
    state.heard("edit", {"id": "hand:1", "stage": "page:4", "wish": {"stop": 6}})
    assert state.ack("go") == "page:4" and session.place.stop == 6
    assert not state.heard("go", {"id": "page:4", "wish": {"stop": 7}}) and session.place.stop == 6


# --- variants


def test_another_is_the_next_seeds_variant_and_can_be_undone(session):
    first = session.place.lesson
    for seed in (1, 2):
        assert state.heard("go", {"id": f"page:{seed}", "say": "another"})
        assert (session.place.seed, session.place.lesson) == (seed, variant(first, seed))
    state.undo()
    assert session.place.seed == 1 and session.place.query() == {"ex": "towardsai", "seed": "1"}
    state.undo()
    assert session.place == Place()


def test_after_the_last_seed_comes_the_first(session):
    state.vary(MAX_SEED)
    state.another()
    assert session.place.seed == 1 and len(session.undo) == 2
    state.vary(1)
    assert len(session.undo) == 2
    state.vary(0)
    assert session.place.lesson == example("towardsai") and session.place.seed == 0


def test_a_variant_is_there_again_when_the_server_begins_anew(session):
    state.another()
    memo, lesson = session.place.memo(), session.place.lesson
    session.clear()
    assert state.place(memo).seed == 1 and session.place.lesson == lesson


def test_an_edit_or_a_reset_ends_a_variant(session):
    state.vary(17)
    edit(session, {W: 0.123})
    assert session.place.seed == 0 and weight(session) == 0.123
    state.undo()
    assert session.place.seed == 17
    state.reset()
    assert session.place.seed == 0 and session.place.lesson == example("towardsai")


def test_a_whole_number_beyond_float64_is_refused_in_a_sentence(session):
    before = weight(session)
    for value in (10**400, -(10**400)):
        edit(session, {W: value})
        assert weight(session) == before and session.notice
