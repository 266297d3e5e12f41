"""The same network from several starts of its weights, all of them at once: what the first iteration makes of each, and the run.

Each run follows from the lesson, the scheme and the seed alone; biases start at 0. All starts are one batch of networks, so
that five of them cost little more than one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from backprop.engine.backward import backward
from backprop.engine.forward import forward
from backprop.engine.network import Parameters, initialise
from backprop.language import later
from backprop.lessons import changes
from backprop.lessons.lesson import Init, Lesson
from backprop.runs.abreast import Abreast, stacked
from backprop.runs.sizes import root_mean_squares

Array = np.ndarray


class Start(NamedTuple):
    """A row of STARTS: its name and how a weight is drawn, as messages; scheme and scale are those of a lesson's `init`."""

    title: str
    rule: str
    scheme: str
    scale: float | None = None


STARTS: dict[str, Start] = {
    "zeros": Start(later("zeros"), later("every weight begins at 0"), "zeros"),
    "normal": Start(later("N(0, 1) · 0.01"), later("drawn from N(0, 1), times 0.01"), "normal", 0.01),
    "normal10": Start(later("N(0, 1) · 0.1"), later("drawn from N(0, 1), times 0.1"), "normal", 0.1),
    "xavier": Start(later("Xavier"), later("drawn from N(0, 1), times √(2 / (inputs + outputs))"), "xavier"),
    "he": Start(later("He"), later("drawn from N(0, 1), times √(2 / inputs)"), "he"),
}  # fmt: skip
"""The starts that are compared. Xavier: Glorot and Bengio 2010; He: He et al. 2015."""


@lru_cache(maxsize=512)
def taken(lesson: Lesson, name: str, seed: int) -> Lesson:
    """The lesson with one of STARTS as its `init`, biases 0. Raises KeyError for another name."""
    start = STARTS[name]
    return changes.drawn(lesson, Init(scheme=start.scheme, scale=start.scale, seed=seed))


@lru_cache(maxsize=64)
def _kept(bare: Lesson, seed: int) -> Abreast:
    net, rows = bare.network, STARTS.values()
    starts = stacked([initialise(net, row.scheme, row.scale, seed) for row in rows])
    rates = np.full(len(rows), bare.learning_rate)
    return Abreast(net, starts, bare.X, bare.T, rates, bare.update_biases)


@lru_cache(maxsize=512)
def _bare(lesson: Lesson) -> Lesson:
    """What the runs depend on: the lesson without its own start and its title."""
    return changes.drawn(lesson, Init(scheme="zeros")).changed(title="")


def started(lesson: Lesson, seed: int) -> Abreast:
    """The kept runs of all STARTS, in their order, one batch. Lessons that differ in their own start alone share it."""
    return _kept(_bare(lesson), seed)


class First(NamedTuple):
    """The first iteration from a start: a[l-1] (m, n_l) the activations of computed layer l, sizes[l-1] the root mean square
    of its ∂L/∂W; inf or nan where they have left float64.
    """

    a: tuple[Array, ...]
    sizes: tuple[float, ...]


def firsts(lesson: Lesson, starts: Sequence[Parameters]) -> list[First]:
    """The first iteration from each of some starts on the lesson's samples."""
    many = stacked(starts)
    with np.errstate(all="ignore"):
        passed = forward(lesson.network, many, lesson.X)
        slopes = backward(lesson.network, many, passed, lesson.T, inputs=False).dL_dW
        sizes = [root_mean_squares(slope) for slope in slopes]
    return [
        First(tuple(a[p] for a in passed.a[1:]), tuple(float(size[p]) for size in sizes)) for p in range(len(starts))
    ]
