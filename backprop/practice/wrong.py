"""A run with a slip switched on: the same iteration, wrong in one way, beside the right one.

A slip never types a formula again: it calls forward, backward and update with something turned (the error's sign, the
learning rate, the parameters on the way back), and what they return is assembled to a Trace like any other. The trace's
network, learning rate and losses are the lesson's own, so the first number that differs is where the slip is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from backprop.engine.activations import Activation
from backprop.engine.backward import Gradients, backward
from backprop.engine.forward import Forward, forward, sample_losses
from backprop.engine.network import Network, Parameters
from backprop.engine.steps import Cell, Step, Trace, assembled
from backprop.engine.update import update
from backprop.language import _, later
from backprop.lessons.lesson import Lesson
from backprop.runs.history import history, trace

Array = np.ndarray


class Computed(NamedTuple):
    """What an iteration comes to: the forward pass, the gradients as they were taken, and the parameters after the update."""

    passed: Forward
    gradients: Gradients
    after: Parameters


Iterate = Callable[[Network, Parameters, Parameters, Array, Array, float, bool], Computed]
"""(network, parameters now, parameters one update ago, X (m, n_0), T (m, n_L), learning rate, update_biases) → Computed."""


@dataclass(frozen=True, eq=False)
class Wrong:
    """A wrong way to run an iteration.

    title    as people say it; sentence: what is done wrong, and which rule it breaks
    applies  lesson → can this slip be made there at all? (`offered` asks as well whether it changes a number)
    """

    name: str
    title: str
    sentence: str
    iterate: Iterate
    applies: Callable[[Lesson], bool] = lambda lesson: True


# --- ways to go wrong


def _with_rate(turned: Callable[[float], float]) -> Iterate:
    """Everything right but the learning rate, which is not the lesson's in the update."""

    def iterate(
        network: Network, now: Parameters, before: Parameters, X: Array, T: Array, rate: float, biases: bool
    ) -> Computed:
        passed = forward(network, now, X)
        gradients = backward(network, now, passed, T)
        return Computed(passed, gradients, update(now, gradients, turned(rate), biases))

    return iterate


def _on_the_way_back(turned: Callable[[Network, int], Network]) -> Iterate:
    """The forward pass of the lesson's network, and the way back through another one. turned: (network, m) → network."""

    def iterate(
        network: Network, now: Parameters, before: Parameters, X: Array, T: Array, rate: float, biases: bool
    ) -> Computed:
        passed = forward(network, now, X)
        gradients = backward(turned(network, len(X)), now, passed, T)
        return Computed(passed, gradients, update(now, gradients, rate, biases))

    return iterate


def _error_times(network: Network, factor: float) -> Network:
    """The same network with the loss's slope, and its fused form, times a factor."""
    loss = network.loss
    fused = loss.fused_at
    return replace(
        network,
        loss=replace(
            loss,
            slope_at=lambda z, a, t: factor * loss.slope_at(z, a, t),
            fused_at=fused and (lambda z, a, t: factor * fused(z, a, t)),
        ),
    )


def _with_slopes(network: Network, turned: Callable[[Activation], Activation]) -> Network:
    return replace(network, activations=tuple(map(turned, network.activations)))


def _level(activation: Activation) -> Activation:
    """Slope 1 everywhere; of a vector activation the identity in place of the Jacobian."""
    if activation.vector:
        return replace(
            activation, slope_at=lambda z, a: np.broadcast_to(np.eye(z.shape[-1]), (*z.shape, z.shape[-1])).copy()
        )
    return replace(activation, slope_at=lambda z, a: np.ones_like(z))


def _without_slope(network: Network, m: int) -> Network:
    """∂L/∂z is ∂L/∂a. Where the output's is one formula, in which f′ has been cancelled, it is taken apart again first."""
    return replace(_with_slopes(network, _level), loss=replace(network.loss, needs=None))


def _slope_at_a(network: Network, m: int) -> Network:
    """Where the output's ∂L/∂z is one formula the wrong slope stands there too, and is not used."""
    return _with_slopes(
        network, lambda row: replace(row, slope_at=lambda z, a, row=row: row.slope_at(a, row.value(a)))
    )


def _diagonal(activation: Activation) -> Activation:
    if not activation.vector:
        return activation
    return replace(activation, slope_at=lambda z, a: activation.slope_at(z, a) * np.eye(z.shape[-1]))


def _fresh_weights(
    network: Network, now: Parameters, before: Parameters, X: Array, T: Array, rate: float, biases: bool
) -> Computed:
    """Layer by layer from the last: its weights are updated, and the layers before it are computed with the updated ones.

    The gradient of a layer's weights reads only the weights of later layers, so each round settles one layer more, and the
    last one leaves all gradients as this order makes them.
    """
    passed, at = forward(network, now, X), now
    for l in range(network.depth, 0, -1):
        after = update(now, backward(network, at, passed, T, inputs=False), rate, biases)
        at = Parameters((*now.W[: l - 1], *after.W[l - 1 :]), now.b)
    gradients = backward(network, at, passed, T)
    return Computed(passed, gradients, update(now, gradients, rate, biases))


def _stale_weights(
    network: Network, now: Parameters, before: Parameters, X: Array, T: Array, rate: float, biases: bool
) -> Computed:
    """The gradients, from the loss on, are those of the parameters one update ago."""
    gradients = backward(network, before, forward(network, before, X), T)
    return Computed(forward(network, now, X), gradients, update(now, gradients, rate, biases))


def _no_bias_update(
    network: Network, now: Parameters, before: Parameters, X: Array, T: Array, rate: float, biases: bool
) -> Computed:
    passed = forward(network, now, X)
    gradients = backward(network, now, passed, T)
    return Computed(passed, gradients, update(now, gradients, rate, False))


WRONG: dict[str, Wrong] = {
    row.name: row
    for row in (
        Wrong(
            "plus",
            later("Plus in the update"),
            later(
                "The update adds the learning rate times the gradient. The gradient points uphill, so a descent has to subtract it."
            ),
            _with_rate(lambda rate: -rate),
        ),
        Wrong(
            "no_slope",
            later("f′ left out"),
            later(
                "The error is passed on without the slope of the activation. The chain rule needs ∂L/∂z = ∂L/∂a · f′(z) in every layer."
            ),
            _on_the_way_back(_without_slope),
        ),
        Wrong(
            "slope_at_a",
            later("f′ taken at a"),
            later(
                "The slope is taken at a, the activation. f maps z to a, so its slope belongs at z, where the forward pass has been."
            ),
            _on_the_way_back(_slope_at_a),
        ),
        Wrong(
            "fresh_weights",
            later("Updated weights on the way back"),
            later(
                "Each layer is updated at once, and the layers before it are computed with its new weights. All gradients of an iteration belong to the same, old weights."
            ),
            _fresh_weights,
            lambda lesson: lesson.network.depth > 1,
        ),
        Wrong(
            "stale_weights",
            later("Gradients of the iteration before"),
            later(
                "The gradients are those of the weights before the last update. After every update they have to be computed anew, from the weights as they are now."
            ),
            _stale_weights,
        ),
        Wrong(
            "sign",
            later("Target minus output"),
            later(
                "The error has its sign turned: target minus output. Where the output is too large the loss rises with it, so the error has to be output minus target."
            ),
            _on_the_way_back(lambda network, m: _error_times(network, -1.0)),
        ),
        Wrong(
            "twice",
            later("The ½ of the loss forgotten"),
            later(
                "The error counts twice, as if the loss had no ½. The ½ is there to cancel the 2 that the square brings down, so that a − t is left."
            ),
            _on_the_way_back(lambda network, m: _error_times(network, 2.0)),
            lambda lesson: lesson.loss == "half_squared_error",
        ),
        Wrong(
            "no_mean",
            later("1/m of the batch forgotten"),
            later(
                "The gradients of the samples are added up and not divided by their number. The loss is the mean over the samples, so its gradient is a mean as well."
            ),
            _on_the_way_back(lambda network, m: _error_times(network, m)),
            lambda lesson: len(lesson.inputs) > 1,
        ),
        Wrong(
            "softmax_diagonal",
            later("Only the diagonal of softmax"),
            later(
                "Of the slopes of softmax only those of an output by its own z are used. Every output depends on every z, so all of them reach the loss."
            ),
            _on_the_way_back(lambda network, m: _with_slopes(network, _diagonal)),
            lambda lesson: any(row.vector for row in lesson.network.activations) and not lesson.network.fused,
        ),
        Wrong(
            "no_bias_update",
            later("Biases not updated"),
            later("The biases stay as they are. They have gradients like the weights, and take the same step."),
            _no_bias_update,
            lambda lesson: lesson.update_biases and any(lesson.network.biased),
        ),
        Wrong(
            "rate_forgotten",
            later("Learning rate forgotten"),
            later(
                "The whole gradient is subtracted, without the learning rate. The gradient says where to go, and the learning rate how far."
            ),
            _with_rate(lambda rate: 1.0),
        ),
        Wrong(
            "rate_squared",
            later("Learning rate used twice"),
            later(
                "The learning rate is multiplied in twice: into the gradient, and again in the update. It belongs in the update alone, once."
            ),
            _with_rate(lambda rate: rate * rate),
        ),
    )
}
"""Every slip that a run can be made with."""


# --- the run

FURTHEST = 1_000
WORK = 20_000
"""Layers passed on the way back, times iterations, that one run may take: what keeps the largest network within a second."""
_STRIDE = 100


def reach(lesson: Lesson, name: str) -> int:
    """How many iterations a wrong run may have. Raises KeyError for a name that is not in WRONG."""
    depth = lesson.network.depth
    passes = depth + 1 if WRONG[name].iterate is _fresh_weights else 1
    return max(_STRIDE, min(FURTHEST, WORK // (depth * passes)))


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
    return [
        (mine, int(_differing(mine.value, theirs.value).sum())) for mine, theirs in zip(right, wrong, strict=True)
    ]


def offered(lesson: Lesson) -> tuple[str, ...]:
    """The slips that can be made in a lesson and change a number there, in the order of WRONG."""
    return tuple(
        name for name, row in WRONG.items() if row.applies(lesson) and first_difference(lesson, name) is not None
    )


# --- in the long run

TAIL = 0.1
_STEADY, _SWING = 1e-3, 1e-2
_NOTHING = 1e-12
"""A loss below this share of the first one is as good as 0, and what it still does is rounding."""


def lost(losses: Array) -> int | None:
    """The first iteration whose loss has left float64; None where all are numbers."""
    gone = np.flatnonzero(~np.isfinite(losses))
    return int(gone[0]) if len(gone) else None


def trend(losses: Array) -> str:
    """What a loss does over the last tenth of its iterations: "lost", "falls", "rises", "swings" or "still"."""
    if lost(losses) is not None:
        return "lost"
    tail = losses[-max(2, int(len(losses) * TAIL)) :]
    largest = float(np.abs(tail).max())
    if largest <= _NOTHING * abs(float(losses[0])):
        return "still"
    steps = np.diff(tail) / largest
    if steps.max() > _SWING and steps.min() < -_SWING:
        return "swings"
    moved = (tail[-1] - tail[0]) / largest
    return "still" if abs(moved) <= _STEADY else "falls" if moved < 0 else "rises"


def wrong_beside_right(lesson: Lesson, name: str, iterations: int) -> tuple[Array, Array]:
    """(losses as they should be, losses with the slip), over as many of the iterations as are within `reach`."""
    within = min(iterations, reach(lesson, name))
    return history(lesson).losses(within), run_wrong(lesson, name, within)
