"""The walk: every number of an iteration once, in the order of computation; forward and back undo each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop import example, trace
from backprop.engine.steps import PHASES, Cell
from backprop.lessons.examples import EXAMPLES
from backprop.runs.walk import GRAINS, Walk, walk
from tests import strategies


@st.composite
def walks(draw) -> Walk:
    """The walk of an example or of any lesson, for any of its samples."""
    lesson = draw(st.one_of(st.sampled_from(sorted(EXAMPLES)).map(example), strategies.lessons()))
    return Walk(trace(lesson), draw(st.integers(1, len(lesson.inputs))))


grains = st.sampled_from(GRAINS)
stops = st.integers(-3, 400)


# --- the stops


@given(walks())
def test_every_number_of_the_picked_sample_has_one_stop_in_the_order_of_computation(walk):
    t = walk.trace
    expected = [cell for step in t for cell in t.cells(step) if cell.sample in (None, walk.sample)]
    if t.samples == 1:  # one sample's loss is the loss
        expected.remove(Cell("loss", t.network.depth, 1))
    assert list(walk.cells) == expected
    assert [walk.stop_of(cell) for cell in walk.cells] == list(range(1, len(walk) + 1))
    assert [walk.cell(stop) for stop in range(-1, len(walk) + 2)] == [None, None, *expected, None]


@pytest.mark.parametrize(
    ("name", "numbers", "layers"),
    [("towardsai", 43, 19), ("gurarie", 72, 21), ("csdn", 111, 24), ("xor", 38, 21), ("neuron", 12, 12)],
)
def test_how_many_steps_an_iteration_has(name, numbers, layers):
    walk = Walk(trace(example(name)))
    assert walk.stops("number") == tuple(range(numbers + 1))
    assert len(walk) == numbers
    assert len(walk.stops("layer")) == layers + 1


@given(walks())
def test_by_layer_one_stands_at_the_last_number_of_every_step(walk):
    steps = [walk.step(stop) for stop in walk.stops("layer")[1:]]
    assert steps == list(walk.trace)
    for stop in walk.stops("layer")[1:]:
        assert stop == len(walk) or walk.step(stop + 1) is not walk.step(stop)


@pytest.mark.parametrize("name", EXAMPLES)
def test_another_samples_number_is_reached_with_the_picked_samples(name):
    t = trace(example(name))
    picked = Walk(t, t.samples)
    for step in t:
        for cell in t.cells(step):
            stop = picked.stop_of(cell)
            assert stop is not None and picked.step(stop) is step, cell


# --- moves


@given(walks(), grains, stops)
def test_a_move_ends_on_a_stop_of_its_grain(walk, grain, stop):
    allowed = set(walk.stops(grain))
    here = walk.settled(stop, grain)
    assert here in allowed and walk.settled(here, grain) == here
    for move in (walk.forward, walk.back, walk.next_phase, walk.previous_phase):
        assert move(here, grain) in {*allowed, None}, move


@given(walks(), grains)
def test_forward_and_back_are_inverse_and_visit_every_stop(walk, grain):
    seen = [0]
    while (stop := walk.forward(seen[-1], grain)) is not None:
        assert walk.back(stop, grain) == seen[-1]
        seen.append(stop)
    assert tuple(seen) == walk.stops(grain) and seen[-1] == len(walk)
    assert walk.back(0, grain) is None


@given(walks(), grains, stops)
def test_a_grain_settles_at_or_after_the_stop_asked_for_within_the_same_quantity(walk, grain, stop):
    kept = min(max(0, stop), len(walk))
    here = walk.settled(stop, grain)
    assert here >= kept and walk.step(here) is walk.step(kept)
    assert grain == "layer" or here == kept


# --- phases


@given(walks())
def test_the_phases_follow_each_other_without_a_gap(walk):
    names, firsts, lasts = zip(*walk.phases, strict=True)
    assert names == PHASES[1:]
    assert firsts == (1, *(last + 1 for last in lasts[:-1])) and lasts[-1] == len(walk)
    assert walk.phase(0) == "given"
    for name, first, last in walk.phases:
        assert {walk.phase(stop) for stop in range(first, last + 1)} == {name}


def test_leaping_from_phase_to_phase_and_back():
    walk = Walk(trace(example("towardsai")))
    there = [0]
    while (stop := walk.next_phase(there[-1], "number")) is not None:
        there.append(stop)
    assert there == [0, 1, 9, 12, 36, 43]
    back = [there[-1]]
    while (stop := walk.previous_phase(back[-1], "number")) is not None:
        back.append(stop)
    assert back == [43, 36, 12, 9, 1, 0]
    assert walk.previous_phase(20, "number") == 12, "in the middle of a phase one goes to its start first"
    assert [walk.next_phase(stop, "layer") for stop in (0, 2, 8, 11, 43)] == [2, 10, 10, 13, None]


# --- what is known


@given(walks(), stops)
def test_a_number_is_known_from_its_stop_on_and_what_is_given_always(walk, stop):
    stop = walk.clamped(stop)
    assert [cell for cell in walk.cells if walk.known(cell, stop)] == list(walk.cells[:stop])
    for step in walk.trace.given:
        assert all(walk.known(cell, 0) for cell in walk.trace.cells(step))


def test_the_same_walk_is_kept():
    t = trace(example("xor"))
    assert walk(t, 2) is walk(t, 2) and walk(t, 2).sample == 2
