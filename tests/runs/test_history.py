"""run() and trace(): functions of their arguments, also when asked in any order by many at once."""

import gc
import random
import tracemalloc
from threading import Barrier, Thread

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop import Lesson, check, example, run, trace
from backprop.engine.steps import record
from backprop.lessons.examples import EXAMPLES
from backprop.runs import history
from backprop.runs.history import MAX_ITERATIONS, STRIDE, Run, Shelf
from tests import strategies


def numbers(t) -> list[tuple]:
    return [(step.number, step.quantity, step.layer, step.value.tobytes()) for step in (*t.given, *t)]


def stepped(lesson: Lesson, iterations: int):
    """Iteration k the long way: every iteration recorded, the parameters handed on."""
    parameters = lesson.parameters
    for k in range(iterations + 1):
        t = record(lesson.network, parameters, lesson.X, lesson.T, lesson.learning_rate, lesson.update_biases, k)
        parameters = t.after
    return t


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_next_iteration_starts_where_the_update_left(name):
    lesson = example(name)
    for k in (0, 1, STRIDE - 1, STRIDE, 2 * STRIDE + 1):
        now, after = trace(lesson, k), trace(lesson, k + 1)
        assert (now.iteration, after.iteration) == (k, k + 1)
        for l in range(1, now.network.depth + 1):
            assert np.array_equal(after["W", l].value, now["W_new", l].value), (
                f"{name}: W of layer {l} after {k + 1} updates"
            )
            if ("b", l) in now:
                assert np.array_equal(after["b", l].value, now["b_new" if lesson.update_biases else "b", l].value), (
                    f"{name}: b of layer {l} after {k + 1} updates"
                )


@given(strategies.lessons(), st.integers(0, 5))
def test_any_iteration_of_any_lesson_is_the_one_reached_step_by_step(lesson, k):
    assert numbers(trace(lesson, k)) == numbers(stepped(lesson, k)), f"{lesson!r}, iteration {k}"


@given(strategies.lessons(), st.integers(0, 8))
def test_the_losses_of_a_run_are_the_losses_of_its_traces(lesson, n):
    came = run(lesson, n).loss
    assert came.shape == (n + 1,)
    assert np.array_equal(came, [trace(lesson, k).loss for k in range(n + 1)], equal_nan=True), lesson


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_run_is_the_same_twice_and_the_parameters_at_every_iteration_are_too(name):
    lesson = example(name)
    one, other = run(lesson, 250), run(lesson, 250)
    assert one is not other and np.array_equal(one.loss, other.loss)
    for k in (0, 1, 99, 100, 101, 200, 250, 251):
        here, there = one.parameters(k), Run(lesson).parameters(k)
        assert all(np.array_equal(W, V) for W, V in zip(here.W, there.W, strict=True)), f"{name}, iteration {k}"
        assert all((b is None and c is None) or np.array_equal(b, c) for b, c in zip(here.b, there.b, strict=True)), (
            f"{name}, iteration {k}"
        )


def test_stepping_back_shows_the_same_screen():
    lesson = example("xor").changed(title="back and forth")
    forward = [numbers(trace(lesson, k)) for k in range(6)]
    history.trace.cache_clear()
    back = [numbers(trace(lesson, k)) for k in reversed(range(6))]
    assert forward == back[::-1]


def test_the_losses_of_a_part_do_not_depend_on_how_far_somebody_else_went():
    lesson = example("xor").changed(title="far")
    kept = history.history(lesson)
    near = kept.losses(10)
    kept.reach(500)
    assert len(near) == 11 and np.array_equal(near, kept.losses(10)) and np.array_equal(near, run(lesson, 10).loss)


def test_runs_of_equal_lessons_are_kept_once():
    assert history.history(example("xor")) is history.history(Lesson.from_json(example("xor").to_json()))


def test_what_is_handed_out_cannot_change_what_is_kept():
    lesson = example("neuron")
    kept = history.history(lesson)
    kept.losses(3)[0] = kept.loss[0] = 99.0
    assert kept.losses(3)[0] == trace(lesson).loss
    for array in (*kept.parameters(2).W, *kept.parameters(2).b):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0.0


def test_many_threads_on_one_lesson_see_what_one_sees():
    lesson = example("dabbura-tanh").changed(title="a whole class")
    alone = run(lesson, 420)
    shared, seen, wrong, together = Run(lesson), [], [], Barrier(8)

    def pupil(seed: int) -> None:
        order = random.Random(seed)
        together.wait()
        for _ in range(25):
            k = order.randrange(420)
            if order.random() < 0.5:
                seen.append(k)
                if not np.array_equal(shared.losses(k), alone.loss[: k + 1]):
                    wrong.append(("losses", k))
            elif not all(
                np.array_equal(W, V) for W, V in zip(shared.parameters(k).W, alone.parameters(k).W, strict=True)
            ):
                wrong.append(("parameters", k))

    threads = [Thread(target=pupil, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and len(seen) > 50 and len(shared.loss) <= 421


def test_many_threads_asking_for_traces_get_the_same_ones():
    lesson = example("softmax").changed(title="a class asks")
    expected = [numbers(stepped(lesson, k)) for k in range(12)]
    wrong = []

    def pupil(seed: int) -> None:
        for k in random.Random(seed).sample(range(12), 12):
            if numbers(trace(lesson, k)) != expected[k]:
                wrong.append((seed, k))

    threads = [Thread(target=pupil, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("ask", [run, trace, check, lambda lesson, k: Run(lesson).parameters(k)])
@pytest.mark.parametrize("iteration", [-1, MAX_ITERATIONS + 1])
def test_an_iteration_out_of_reach_is_refused(ask, iteration):
    with pytest.raises(ValueError, match=f"Iteration {iteration} is out of reach; allowed are 0 to {MAX_ITERATIONS}."):
        ask(example("neuron"), iteration)


def test_a_run_that_diverges_ends_in_inf_or_nan_without_a_warning():
    lesson = Lesson(
        layers=[1, 1],
        activations=["linear"],
        loss="squared_error",
        weights=[[[1.0]]],
        inputs=[[10.0]],
        targets=[[0.0]],
        learning_rate=10.0,
    )
    losses = run(lesson, 300).loss
    assert losses[0] == 100.0 and not np.isfinite(losses[-1])
    assert not np.isfinite(trace(lesson, 300).loss)


def test_a_rate_that_is_dragged_over_long_runs_does_not_fill_the_server():
    """Runs grow while they are kept: what counts is their bytes, not how many there are."""
    lesson, shelf = example("towardsai"), Shelf(room=1_500_000)
    kept = [shelf(lesson.changed(learning_rate=0.5 + k / 100)).reach(2_000) for k in range(40)]
    assert sum(each.size for each in kept) > 3 * 1_500_000
    assert shelf.size <= 1_500_000 + max(each.size for each in kept)
    assert shelf(lesson.changed(learning_rate=0.89)) is kept[-1], "the one that was asked for last stays"
    again = shelf(lesson.changed(learning_rate=0.5))
    assert again is not kept[0] and again.losses(2_000).tobytes() == kept[0].losses(2_000).tobytes()


def test_a_loss_takes_eight_bytes_and_a_run_tells_its_size():
    run_ = Run(example("towardsai"))
    gc.collect()
    tracemalloc.start()
    run_.reach(5_000)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert 0.5 * taken < run_.size < 2 * taken and taken < 400_000
