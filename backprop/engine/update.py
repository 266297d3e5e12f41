"""The update: every parameter one step down its own gradient, w ← w − η ∂L/∂w (Gur-Arie's equation 1)."""

from __future__ import annotations

from backprop.engine.backward import Gradients
from backprop.engine.network import Parameters, frozen


def update(
    parameters: Parameters, gradients: Gradients, learning_rate: float, update_biases: bool = True
) -> Parameters:
    """New parameters, all from the old ones at once; with update_biases=False the biases stay as they are."""
    W = tuple(frozen(w - learning_rate * g) for w, g in zip(parameters.W, gradients.dL_dW, strict=True))
    if not update_biases:
        return Parameters(W, parameters.b)
    return Parameters(
        W,
        tuple(
            None if b is None or g is None else frozen(b - learning_rate * g)
            for b, g in zip(parameters.b, gradients.dL_db, strict=True)
        ),
    )
