"""Wrong ways to run an iteration: one row each.

A slip never types a formula again: it calls forward, backward and update with something turned (the error's sign, the
learning rate, the parameters on the way back).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from backprop.engine.activations import Activation
from backprop.engine.backward import Gradients, backward
from backprop.engine.forward import Forward, forward
from backprop.engine.network import Network, Parameters
from backprop.engine.update import update
from backprop.language import later
from backprop.lessons.lesson import Lesson

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

    title    as people say it; sentence: what is done wrong, and which rule it breaks. Both may name {a}, {z}, {slope},
             {dL_da} and {dL_dz}, which a convention writes
    passes   number of layers → how often an iteration goes back through all of them
    scaled   is the step the right one but for its length?
    applies  lesson → can this slip be made there at all? (`offered` asks as well whether it changes a number)
    """

    name: str
    title: str
    sentence: str
    iterate: Iterate
    applies: Callable[[Lesson], bool] = lambda lesson: True
    passes: Callable[[int], int] = lambda depth: 1
    scaled: bool = False


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
    return _with_slopes(network, _taken_at_a)


def _taken_at_a(activation: Activation) -> Activation:
    return replace(activation, slope_at=lambda z, a: activation.slope_at(a, activation.value(a)))


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
            later("{slope} left out"),
            later(
                "The error is passed on without the slope of the activation. By the chain rule {dL_dz} is {dL_da} times {slope} at {z}, in every layer."
            ),
            _on_the_way_back(_without_slope),
        ),
        Wrong(
            "slope_at_a",
            later("{slope} taken at {a}"),
            later(
                "The slope of the activation is taken at {a}, which comes out of it. It belongs at {z}, which goes in."
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
            lambda depth: depth + 1,
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
                "The error counts twice, as if the loss had no ½. The ½ is there to cancel the 2 that the square brings down, so that only output minus target is left."
            ),
            _on_the_way_back(lambda network, m: _error_times(network, 2.0)),
            lambda lesson: lesson.loss == "half_squared_error",
            scaled=True,
        ),
        Wrong(
            "no_mean",
            later("1/m of the batch forgotten"),
            later(
                "The gradients of the samples are added up and not divided by their number. The loss is the mean over the samples, so its gradient is a mean as well."
            ),
            _on_the_way_back(_error_times),
            lambda lesson: len(lesson.inputs) > 1,
            scaled=True,
        ),
        Wrong(
            "softmax_diagonal",
            later("Only the diagonal of softmax"),
            later(
                "Of the slopes of softmax only those of an output by its own {z} are used. Every output depends on every {z}, so all of them reach the loss."
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
            scaled=True,
        ),
        Wrong(
            "rate_squared",
            later("Learning rate used twice"),
            later(
                "The learning rate is multiplied in twice: into the gradient, and again in the update. It belongs in the update alone, once."
            ),
            _with_rate(lambda rate: rate * rate),
            scaled=True,
        ),
    )
}
"""Every slip that a run can be made with."""
