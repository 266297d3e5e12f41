"""The update: every parameter one step down its own gradient, w ← w − η ∂L/∂w (Gur-Arie's equation 1)."""

from __future__ import annotations

import numpy as np

from backprop.engine.backward import Gradients
from backprop.engine.network import Parameters, frozen

Array = np.ndarray


def update(
    parameters: Parameters, gradients: Gradients, learning_rate: float | Array, update_biases: bool = True
) -> Parameters:
    """New parameters, all from the old ones at once; with update_biases=False the biases stay as they are.

    learning_rate may be an array that spreads over the leading axes of the parameters, as (…, 1, 1).
    """
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
