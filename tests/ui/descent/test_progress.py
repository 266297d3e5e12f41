"""How far a run is, where its rule stops it, and what is said of both."""

import html
import json
import re
import time
from dataclasses import replace

import numpy as np
import pytest

from backprop import run
from backprop.explain import numerals
from backprop.lessons.examples import EXAMPLES, example
from backprop.runs.stopping import Stop
from backprop.ui.descent.progress import Progress, bar_html, progress, told
from backprop.ui.place import Place


def place(name="towardsai", title="", **more) -> Place:
    """title: makes a lesson whose run nobody has computed yet."""
    return Place(origin=name, lesson=example(name).changed(title=title or example(name).title), pane="table", **more)


def looked(here: Place, seconds: float = 0.0) -> list[Progress]:
    """Looks at the page until the run is there."""
    looks = [progress(here, seconds=seconds)]
    while looks[-1].pending:
        looks.append(progress(here, seconds=seconds))
    return looks


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_run_grows_look_by_look_to_its_end(name):
    looks = looked(place(name, title=f"slices {name}", span=137))
    known = [each.known for each in looks]
    assert len(known) > 5 and known == sorted(set(known)) and known[-1] == 137
    assert {each.wanted for each in looks} == {137} and not looks[-1].pending and looks[-1].stop is None


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_rule_stops_the_run_where_a_loop_would(name):
    losses = run(example(name), 400).loss.tolist()
    below, still = losses[60] + 1e-9, abs(losses[90] - losses[89]) + 1e-12
    small = next(k for k, loss in enumerate(losses) if loss < below)
    level = next(k for k in range(1, 401) if abs(losses[k] - losses[k - 1]) < still)
    for rule, limit, at in (("below", below, small), ("still", still, level)):
        here = place(name, title=f"{rule} {name}", span=400, **{rule: limit})
        last = looked(here)[-1]
        assert last == Progress(at, at, Stop(at, rule))
        assert (numerals.count(at) in told(here, last)) or at == 0
        assert numerals.plain(limit, 2, given=True) in told(here, last)


def test_a_run_that_is_stopped_is_not_computed_further():
    here = place("xor", title="stopped", span=10_000, below=0.6)
    last = looked(here)[-1]
    assert last.known < 50 and last.wanted == last.known
    for _again in range(20):
        assert progress(here, seconds=0.0) == last
    more = progress(replace(here, below=0.0), seconds=0.0)
    assert last.known < more.known <= last.known + 20, "the run goes on where it was"


def test_another_lesson_is_held_to_the_same_rule():
    here = place(span=300, below=0.1)
    faster = here.lesson.changed(learning_rate=2.0)
    losses = run(faster, 300).loss.tolist()
    ran = progress(here, faster, seconds=10.0)
    assert ran.stop == Stop(next(k for k, loss in enumerate(losses) if loss < 0.1), "below")


def test_a_look_at_a_long_run_that_is_there_costs_next_to_nothing():
    here = place("neuron", span=10_000, below=1e-12, still=1e-300)
    looked(here, seconds=30.0)
    began = time.perf_counter()
    for _each in range(200):
        progress(here)
    assert (time.perf_counter() - began) / 200 < 0.002


def test_the_bar_says_how_far_and_cancel_is_content_with_that():
    bar = bar_html(Progress(3400, 10_000, left=1.3))
    words = html.unescape(re.sub("<[^>]+>", " ", bar))
    assert "3\u202f400 of 10\u202f000 iterations, about 2 s left" in words and "Cancel" in words
    assert re.search(r'<progress max="10000" value="3400"', bar)
    wish = json.loads(html.unescape(re.search(r'data-set="([^"]*)"', bar)[1]))
    assert place(span=10_000).moved(wish).span == 3400
    assert bar_html(Progress(10_000, 10_000)) == ""
    assert json.loads(html.unescape(re.search(r'data-set="([^"]*)"', bar_html(Progress(-1, 5)))[1])) == {"span": 1}


def test_the_time_left_shrinks_as_the_run_grows():
    looks = looked(place("softmax", title="left", span=3_000), seconds=0.01)
    assert len(looks) > 3 and looks[0].left > looks[-2].left > 0 == looks[-1].left


@pytest.mark.parametrize(
    ("more", "begins"),
    [
        ({"span": 200}, "All 200 iterations are done, and the loss still falls by"),
        ({"span": 1}, "The one iteration is done; the loss fell by 0.0073 in it."),
        ({"span": 300, "below": 1000.0}, "The loss is below 1000.00 from the start."),
        ({"span": 300, "below": 0.292}, "Stopped after 1 iteration: the loss is below 0.292."),
        ({"span": 300, "still": 0.0074}, "Stopped after 1 iteration: it changed the loss by less than 0.0074."),
        ({"span": 300, "below": 0.1}, "Stopped after 30 iterations: the loss is below 0.10."),
    ],
)
def test_one_sentence_tells_how_it_ended(more, begins):
    here = place(**more)
    ran = progress(here, seconds=10.0)
    assert told(here, ran).startswith(begins) and told(here, ran).endswith(".")
    losses = run(here.lesson, 300).loss
    if "30 iterations" in begins:
        assert losses[30] < 0.1 <= losses[29]
    assert told(here, Progress(3, 9)) == ""


def test_a_loss_that_leaves_float64_is_told_with_its_iteration_and_the_end_is_known_at_once():
    lesson = example("line").changed(learning_rate=1e6)
    here = replace(place("line"), lesson=lesson, span=10_000)
    ran = progress(here)
    losses, w, b = [], np.array(lesson.weights[0]), np.array(lesson.biases[0] if lesson.biases else [0.0])
    assert not ran.pending and ran.known == 10_000
    X, T = np.array(lesson.inputs), np.array(lesson.targets)
    factor = {"half_squared_error": 0.5, "squared_error": 1.0, "mean_squared_error": 1.0 / T.shape[1]}[lesson.loss]
    with np.errstate(all="ignore"):
        for _k in range(200):
            error = X @ w.T + b - T
            losses.append(float((factor * error**2).sum(axis=1).mean()))
            slope = 2 * factor * error / len(X)
            w, b = w - 1e6 * slope.T @ X, b - 1e6 * slope.sum(axis=0)
    gone = next(k for k, loss in enumerate(losses) if not np.isfinite(loss))
    assert ran.lost == gone
    assert told(here, ran) == f"The loss left the range of numbers at iteration {gone}."


def test_a_loss_that_rises_or_stands_still_is_said_so():
    standing = replace(place(), lesson=example("towardsai").changed(learning_rate=0.0), span=50)
    assert told(standing, progress(standing)) == "All 50 iterations are done; the last one did not change the loss."
    lesson = example("line").changed(learning_rate=1.0)
    rising = replace(place("line"), lesson=lesson, span=12)
    losses = run(lesson, 12).loss
    assert losses[-1] > losses[-2]
    assert "the loss rose by" in told(rising, progress(rising))
