"""What the tab "The start" says of a start, held against the numbers; and the same run again, really compared."""

import re
from collections.abc import Iterator

import numpy as np
import pytest
import streamlit

from backprop import Lesson
from backprop.engine.network import Parameters
from backprop.explain import numerals
from backprop.lessons.examples import EXAMPLES, example
from backprop.runs.history import Run, run
from backprop.runs.starts import STARTS, taken
from backprop.runs.twins import CAUSES, Still, Twins
from backprop.ui import state
from backprop.ui.descent import repeating, start, start_told
from backprop.ui.descent.progress import progress
from backprop.ui.fields.descending import SCHEMES
from backprop.ui.place import Place


class Session(dict):
    """Streamlit's session state, without Streamlit."""

    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__


@pytest.fixture(autouse=True)
def session(monkeypatch) -> Iterator[Session]:
    mine = Session()
    monkeypatch.setattr(streamlit, "session_state", mine)
    monkeypatch.setattr(streamlit, "query_params", {})
    yield mine
    numerals.write()


def words(main: str) -> str:
    """Without tags; those of a sentence leave no gap."""
    return " ".join(re.sub(r"<title>.*?</title>|<[^>]+>", " ", re.sub(r"</?(?:b|em|strong)\b[^>]*>", "", main)).split())


def shown(name: str | Lesson, narrow: bool = False, **wish) -> str:
    """The tab once everything is computed, without tags."""
    lesson = example(name) if isinstance(name, str) else name
    numerals.write(wish.get("comma", False))
    here = Place(lesson=lesson).moved({"pane": "start", **wish})
    for _look in range(500):
        ran = progress(here)
        main = start.parts(here, ran, narrow)["main"]
        if not (ran.pending or start.pending(here)):
            return words(main)
    raise AssertionError("it never ends")


def test_zeros_with_sigmoid():
    told = shown("towardsai", iteration=8)
    assert (
        "All units of layer 1 are equal, bit for bit." in told and "They learn like one" in told and "= equal" in told
    )
    assert "In iteration 0 layer 1 stands still: the weights behind are 0" in told
    assert "In iteration 8" not in told
    assert "In iteration 1 layer 1 stands still" in shown("csdn", iteration=1)


def test_zeros_with_tanh_or_relu():
    told = shown("xor", iteration=30)
    assert "Nothing moves at all: no bias has a gradient either." in told and "They learn like one" not in told
    told = shown("softmax", iteration=30)
    assert "Nothing but the bias of layer 2 moves." in told
    still = example("softmax").changed(update_biases=False)
    assert "Nothing moves at all: there is no bias that learns." in shown(still, iteration=30)
    assert "layers 2, 3 stand still: all that comes in is 0" in shown("dabbura-relu", iteration=5)


def test_one_hidden_unit_no_hidden_layer_and_no_input():
    one = Lesson(layers=[2, 1, 1], activations=["sigmoid", "linear"], loss="squared_error", init={"scheme": "he"}, inputs=[[1, 2]], targets=[[3]], learning_rate=0.1)  # fmt: skip
    assert "Layer 1 has one unit" in shown(one)
    assert "no hidden layer" in shown("line") and "= equal" not in shown("line")
    dark = shown(example("towardsai").changed(inputs=((0.0, 0.0),)), scheme="he")
    assert "the weights of layer 1 stand still: all that comes in is 0." in dark


def test_the_own_start_may_have_equal_units_or_not():
    assert "No two units of layer 1 are equal." in shown("towardsai", scheme="own", iteration=5)
    mine = example("xor").changed(
        weights=(((0.5, 0.2), (0.5, 0.2)), ((1.0, 1.0),)), biases=((0.1, 0.1), (0.0,)), init=None
    )
    assert "All units of layer 1 are equal, bit for bit." in shown(mine, scheme="own", iteration=50)
    some = example("gurarie").changed(
        weights=(((1, 2, 3), (4, 5, 6), (1, 2, 3), (7, 8, 9)), ((1, 2, 1, 2),)), biases=((0.0,) * 4, (0.0,))
    )
    assert "Units 1, 3 of layer 1 are equal, bit for bit." in shown(some, scheme="own", iteration=5)
    parted = mine.changed(weights=(((0.5, 0.2), (0.5, 0.2)), ((1.0, 0.9),)))
    assert "begin with the same sum" in shown(parted, scheme="own", iteration=5)


@pytest.mark.parametrize("scheme", SCHEMES[2:])
def test_a_drawn_start_says_how_it_is_drawn(scheme):
    told = shown("towardsai", scheme=scheme, iteration=5)
    assert f"{STARTS[scheme].title}: {STARTS[scheme].rule}; biases begin at 0." in told
    assert "No two units of layer 1 are equal." in told


def test_a_decimal_comma_is_everywhere():
    from_comma = shown("towardsai", comma=True, scheme="normal")
    assert not re.search(r"\d\.\d", from_comma), from_comma
    assert "N(0, 1) · 0,01: drawn from N(0, 1), times 0,01; biases" in from_comma


def test_what_rounding_does_is_said_and_measured():
    near = Twins(1, 5, ((1, 2, 3, 4, 5),), ((1, 2, 3, 4),), (), 3e-17)
    (told,) = start_told.units_told([near])
    assert "equal but for the last digits" in told and "3.0·10⁻¹⁷" in told and "They learn like one" in told
    (told,) = start_told.units_told([near._replace(apart=0.2)])
    assert "have drifted apart, by 0.20 times" in told and "They learn like one" not in told


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_has_its_words(cause):
    one, many = (start_told.still_told(Still(dict.fromkeys(range(1, n + 1), cause), ()), 9, 4, False) for n in (1, 3))
    assert (
        "layer 1" in one[0] and "layers 1 to 3" in many[0] and all("In iteration 4 " in each[0] for each in (one, many))
    )


def test_a_run_that_leaves_float64_says_where():
    lesson = example("line").changed(learning_rate=50.0)
    losses = run(taken(lesson, "he", 1), 200).loss
    at = int(np.flatnonzero(~np.isfinite(losses))[0])
    told = shown(lesson, scheme="he", iteration=199)
    assert f"✕ at iteration {at}" in told and f"✕ At iteration {at} the loss has left the range" in told
    assert f"He at iteration {at - 1}" in told


# --- the table


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_last_loss_of_each_start(name):
    told = shown(name, span=60, digits=4)
    for scheme in SCHEMES:
        lesson = example(name) if scheme == "own" else taken(example(name), scheme, 1)
        last = float(run(lesson, 60).loss[-1])
        assert last < 0.001 or f"{last:.4f}" in told, scheme


def test_the_closer_look_does_not_wait_for_a_long_run():
    here = Place(lesson=example("gurarie").changed(learning_rate=0.0123)).moved(
        {"pane": "start", "span": 10_000, "iteration": 3}
    )
    told = words(start.parts(here, progress(here, seconds=0.0), False)["main"])
    assert start.pending(here) and "zeros at iteration 3" in told and "…" in told


def test_a_loss_that_rises_is_marked():
    assert shown("line", span=100).count("↑") == 0
    assert shown(example("line").changed(learning_rate=0.8), span=100).count("↑") == len(SCHEMES)


def test_a_gradient_of_zero_is_said_as_zero():
    here = Place(lesson=example("towardsai")).moved({"pane": "start", "span": 1})
    main = start.parts(here, progress(here), False)["main"]
    row = main[main.index('class="st-row on"') :].split('class="st-row')[1]
    assert '<b class="zero">0</b>' in row and row.count('<i style="width:') == 1


# --- the identical run again


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_run_once_more(scheme, session):
    assert "once more" not in shown("towardsai", scheme=scheme)
    told = shown("towardsai", scheme=scheme, again=1)
    assert "all 201 losses and all 10 numbers of the network are the same, bit for bit." in told
    assert ("from seed 1" in told) == (scheme not in ("own", "zeros"))
    assert "once more" not in shown("towardsai", scheme=scheme, draw=2, again=1) or scheme in ("own",)


def test_a_difference_in_one_bit_is_found():
    lesson = example("xor")
    first = run(lesson, 20)
    one = (first.losses(20), first.parameters(20))
    assert repeating.same(one, (first.losses(20).copy(), first.parameters(20))).all
    other = first.losses(20).copy()
    other[7] = np.nextafter(other[7], 9)
    assert repeating.same(one, (other, one[1])) == (21, 20, 9, 9)
    W, *more = (w.copy() for w in one[1].W)
    W[0, 1] = np.nextafter(W[0, 1], 9)
    assert repeating.same(one, (one[0], Parameters((W, *more), one[1].b))) == (21, 21, 9, 8)


def test_the_run_once_more_is_computed_anew_at_each_press(session):
    lesson = example("xor")
    anew = [Run(lesson), Run(lesson), Run(lesson)]
    assert repeating.repeat(0, "a", anew[0]) is None
    assert repeating.repeat(1, "a", anew[0]) is anew[0] and repeating.repeat(1, "a", anew[1]) is anew[0]
    assert repeating.repeat(1, "b", anew[1]) is None, "of another start nothing was asked"
    assert repeating.repeat(2, "b", anew[2]) is anew[2]


# --- take this start


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_start_is_taken_and_given_back(scheme, session):
    state.place()
    before = Place(lesson=example("towardsai")).moved({"scheme": scheme, "draw": 5})
    state.go(before)
    assert state.heard("go", {"id": "a:1", "say": "take_start"})
    if scheme == "own":
        assert session.place == before and not session.undo
        return
    assert session.place.lesson == taken(before.lesson, scheme, 5) and session.whole is True
    assert '"init"' in session.place.lesson.to_json() and '"seed": 5' in session.place.lesson.to_json()
    state.undo()
    assert session.place == before
