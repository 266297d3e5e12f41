"""A run with a slip switched on, beside the right one: its losses, its traces, and the first number that differs.

What a slip computes (practice/wrong_ways.py) is assembled to a Trace like any other. The trace's network, learning rate
and losses are the lesson's own, so the first number that differs is where the slip is made.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from backprop.engine.forward import sample_losses
from backprop.engine.network import Parameters
from backprop.engine.steps import Cell, Step, Trace, assembled
from backprop.language import _
from backprop.lessons.lesson import Lesson
from backprop.practice.wrong_ways import WRONG, Computed
from backprop.runs.history import history, trace

Array = np.ndarray

FURTHEST = 1_000
WORK = 20_000
"""Layers passed on the way back, times iterations, that one run may take: what keeps the largest network within a second."""
_STRIDE = 100


def reach(lesson: Lesson, name: str) -> int:
    """How many iterations a wrong run may have. Raises KeyError for a name that is not in WRONG."""
    depth = lesson.network.depth
    return max(_STRIDE, min(FURTHEST, WORK // (depth * WRONG[name].passes(depth))))


class _Stretch(NamedTuple):
    """_STRIDE iterations: their losses, and the parameters after them, now and one update before."""

    losses: tuple[float, ...]
    now: Parameters
    before: Parameters


def _iterated(lesson: Lesson, name: str, now: Parameters, before: Parameters) -> Computed:
    return WRONG[name].iterate(
        lesson.network, now, before, lesson.X, lesson.T, lesson.learning_rate, lesson.update_biases
    )


def _start(lesson: Lesson, name: str, number: int) -> tuple[Parameters, Parameters]:
    """The parameters now and one update ago at the start of a stretch; at the very start they are the same."""
    return (lesson.parameters,) * 2 if number == 0 else _stretch(lesson, name, number - 1)[1:]


@lru_cache(maxsize=1024)
def _stretch(lesson: Lesson, name: str, number: int) -> _Stretch:
    now, before = _start(lesson, name, number)
    losses = []
    with np.errstate(all="ignore"):
        for _each in range(_STRIDE):
            computed = _iterated(lesson, name, now, before)
            each = sample_losses(lesson.network, computed.passed, lesson.T)
            losses.append(float(each.sum() / len(each)))
            now, before = computed.after, now
    return _Stretch(tuple(losses), now, before)


def _reachable(lesson: Lesson, name: str, iteration: int) -> None:
    if not 0 <= iteration <= reach(lesson, name):
        raise ValueError(
            _("Iteration {came} is out of reach; allowed are 0 to {limit}.").format(
                came=iteration, limit=reach(lesson, name)
            )
        )


def run_wrong(lesson: Lesson, name: str, iterations: int) -> Array:
    """The losses at the start and after each update with a slip, (iterations + 1,); inf or nan where they have left float64.

    Raises ValueError out of `reach`, KeyError for a name that is not in WRONG.
    """
    _reachable(lesson, name, iterations)
    found = [loss for number in range(iterations // _STRIDE + 1) for loss in _stretch(lesson, name, number).losses]
    return np.array(found[: iterations + 1])


@lru_cache(maxsize=512)
def trace_wrong(lesson: Lesson, name: str, iteration: int = 0) -> Trace:
    """Iteration k of the wrong run, every number kept. Raises as run_wrong does.

    b_new is there whenever the lesson updates biases; where the slip leaves them alone it is b.
    """
    _reachable(lesson, name, iteration)
    now, before = _start(lesson, name, iteration // _STRIDE)
    with np.errstate(all="ignore"):
        for _again in range(iteration % _STRIDE):
            now, before = _iterated(lesson, name, now, before).after, now
        passed, gradients, after = _iterated(lesson, name, now, before)
    return assembled(
        lesson.network,
        now,
        passed,
        gradients,
        after,
        lesson.X,
        lesson.T,
        lesson.learning_rate,
        lesson.update_biases,
        iteration,
    )


# --- where it goes wrong

NOISE = 1e-9
"""Numbers whose difference is a smaller share of the larger one are taken for the same."""
SEARCHED = 20
"""Iterations that are searched for a number that differs."""


class Difference(NamedTuple):
    """The first number that differs: in which iteration, where, and what it is there without and with the slip."""

    iteration: int
    cell: Cell
    right: float
    wrong: float


def _differing(right: Array, wrong: Array) -> Array:
    """Where two arrays of one shape differ by more than NOISE; nan is the same as nan."""
    with np.errstate(all="ignore"):
        near = np.abs(right - wrong) <= NOISE * np.maximum(np.abs(right), np.abs(wrong))
    same = near & np.isfinite(right) & np.isfinite(wrong) | (right == wrong) | (np.isnan(right) & np.isnan(wrong))
    return ~same


@lru_cache(maxsize=1024)
def first_difference(lesson: Lesson, name: str) -> Difference | None:
    """The first number, in the order in which an iteration is computed, that a slip changes; None within SEARCHED iterations.

    Raises KeyError for a name that is not in WRONG.
    """
    for iteration in range(SEARCHED):
        right, wrong = trace(lesson, iteration), trace_wrong(lesson, name, iteration)
        for mine, theirs in zip(right, wrong, strict=True):
            places = np.flatnonzero(_differing(mine.value, theirs.value))
            if len(places):
                cell = list(right.cells(mine))[places[0]]
                return Difference(iteration, cell, right.at(cell), wrong.at(cell))
    return None


def spread(lesson: Lesson, name: str, iteration: int) -> list[tuple[Step, int]]:
    """Every step of an iteration, as it should be, with how many of its numbers the slip has changed. Raises as run_wrong does."""
    right, wrong = trace(lesson, iteration), trace_wrong(lesson, name, iteration)
    return [(mine, int(_differing(mine.value, theirs.value).sum())) for mine, theirs in zip(right, wrong, strict=True)]


def offered(lesson: Lesson) -> tuple[str, ...]:
    """The slips that can be made in a lesson and change a number there, in the order of WRONG."""
    return tuple(
        name for name, row in WRONG.items() if row.applies(lesson) and first_difference(lesson, name) is not None
    )


# --- in the long run


def wrong_beside_right(lesson: Lesson, name: str, iterations: int) -> tuple[Array, Array]:
    """(losses as they should be, losses with the slip), over as many of the iterations as are within `reach`."""
    within = min(iterations, reach(lesson, name))
    return history(lesson).losses(within), run_wrong(lesson, name, within)
