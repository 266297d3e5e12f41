"""The same network from several starts of its weights, all of them at once: what the first iteration makes of each, and the run.

Each run follows from the lesson, the scheme and the seed alone; biases start at 0. All starts are one batch of networks, so
that five of them cost little more than one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from backprop.engine.backward import backward
from backprop.engine.forward import forward
from backprop.engine.network import Parameters, frozen, initialise
from backprop.language import later
from backprop.lessons import changes
from backprop.lessons.lesson import Init, Lesson
from backprop.runs.history import Run

Array = np.ndarray


class Start(NamedTuple):
    """A row of STARTS: its name and how a weight is drawn, as messages; scheme and scale are those of a lesson's `init`."""

    title: str
    rule: str
    scheme: str
    scale: float | None = None


STARTS: dict[str, Start] = {
    "zeros": Start(later("zeros"), later("every weight is 0"), "zeros"),
    "normal": Start(later("N(0, 1) · 0.01"), later("drawn from N(0, 1), times 0.01"), "normal", 0.01),
    "normal10": Start(later("N(0, 1) · 0.1"), later("drawn from N(0, 1), times 0.1"), "normal", 0.1),
    "xavier": Start(later("Xavier"), later("drawn from N(0, 1), times √(2 / (inputs + outputs of the layer))"), "xavier"),
    "he": Start(later("He"), later("drawn from N(0, 1), times √(2 / inputs of the layer)"), "he"),
}  # fmt: skip
"""The starts that are compared. Xavier: Glorot and Bengio 2010; He: He et al. 2015."""


def taken(lesson: Lesson, name: str, seed: int) -> Lesson:
    """The lesson with one of STARTS as its `init`, biases 0. Raises KeyError for another name."""
    start = STARTS[name]
    return changes.drawn(lesson, Init(scheme=start.scheme, scale=start.scale, seed=seed))


def stacked(many: list[Parameters]) -> Parameters:
    """The parameters of P networks of one shape as one: W (P, n_l, n_{l-1}), b (P, 1, n_l)."""
    return Parameters(
        tuple(frozen(np.stack(layer)) for layer in zip(*(each.W for each in many), strict=True)),
        tuple(
            None if layer[0] is None else frozen(np.stack(layer)[:, None, :])
            for layer in zip(*(each.b for each in many), strict=True)
        ),
    )


def picked(many: Parameters, place: int) -> Parameters:
    """One of the networks that `stacked` put together."""
    return Parameters(
        tuple(frozen(W[place]) for W in many.W), tuple(None if b is None else frozen(b[place, 0]) for b in many.b)
    )


def fresh(lesson: Lesson, seed: int, names: tuple[str, ...] = tuple(STARTS)) -> Run:
    """The run of some starts together, from the seed, with nothing remembered; parameters and losses have an axis for them."""
    rows = (STARTS[name] for name in names)
    return Run(lesson, stacked([initialise(lesson.network, row.scheme, row.scale, seed) for row in rows]))


@lru_cache(maxsize=64)
def _kept(bare: Lesson, seed: int) -> Run:
    return fresh(bare, seed)


@lru_cache(maxsize=512)
def _bare(lesson: Lesson) -> Lesson:
    """What the runs depend on: the lesson without its own start and its title."""
    return changes.drawn(lesson, Init(scheme="zeros")).changed(title="")


def started(lesson: Lesson, seed: int) -> Run:
    """The kept run of all STARTS, in their order; it grows as far as somebody has asked. Lessons that differ in their start share it."""
    return _kept(_bare(lesson), seed)


class First(NamedTuple):
    """The first iteration from a start: a[l-1] (m, n_l) the activations of computed layer l, sizes[l-1] the root mean square
    of its ∂L/∂W; inf or nan where they have left float64.
    """

    a: tuple[Array, ...]
    sizes: tuple[float, ...]


def firsts(lesson: Lesson, many: Parameters) -> list[First]:
    """The first iteration of each of P stacked networks on the lesson's samples."""
    with np.errstate(all="ignore"):
        passed = forward(lesson.network, many, lesson.X)
        slopes = backward(lesson.network, many, passed, lesson.T, inputs=False).dL_dW
        sizes = [_rms(slope) for slope in slopes]
    return [
        First(tuple(a[p] for a in passed.a[1:]), tuple(float(size[p]) for size in sizes)) for p in range(len(many.W[0]))
    ]


def _rms(slope: Array) -> Array:
    """(P, n, k) ⇒ (P,), also of numbers whose squares would leave float64."""
    largest = np.abs(slope).max(axis=(-2, -1))
    unit = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
    return unit * np.sqrt(((slope / unit[:, None, None]) ** 2).mean(axis=(-2, -1)))


def lost(losses: Array) -> int | None:
    """The first iteration whose loss has left float64 (n + 1,); None if none has."""
    gone = np.flatnonzero(~np.isfinite(losses))
    return int(gone[0]) if len(gone) else None
