"""Several runs of one network at once, in one batch: at different learning rates, or from different starts."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import lru_cache
from math import inf
from threading import Lock
from time import perf_counter

import numpy as np

from backprop.engine.network import Network, Parameters
from backprop.engine.steps import Cell
from backprop.lessons.lesson import Lesson
from backprop.runs.history import FINE, descend, learning

Array = np.ndarray


def stacked(several: Sequence[Parameters]) -> Parameters:
    """R parameters as one: W (R, n_l, n_{l-1}), b (R, 1, n_l), as engine.forward takes them."""
    biases = []
    for rows in zip(*(each.b for each in several), strict=True):
        biases.append(None if rows[0] is None else np.stack([row for row in rows if row is not None])[:, None, :])
    return Parameters(
        tuple(np.stack(layer) for layer in zip(*(each.W for each in several), strict=True)), tuple(biases)
    )


class Abreast:
    """R runs, computed as far as somebody has asked. starts: stacked parameters; rates (R,); only: the parameters that learn, () for all."""

    def __init__(
        self,
        network: Network,
        starts: Parameters,
        X: Array,
        T: Array,
        rates: Array,
        biases: bool,
        only: tuple[Cell, ...] = (),
    ) -> None:
        self._network, self._X, self._T, self._biases, self._lock = network, X, T, biases, Lock()
        self._rates = np.asarray(rates, dtype=float)[:, None, None]
        self._only = learning(
            Parameters(tuple(W[0] for W in starts.W), tuple(None if b is None else b[0, 0] for b in starts.b)), only
        )
        self._losses = array("d")  # of each iteration R
        self.now = starts
        """The parameters after as many updates as there are losses."""

    def reach(self, iterations: int, seconds: float = inf) -> Abreast:
        """Compute on until the losses of iteration `iterations` are known, or the seconds are over."""
        until = perf_counter() + seconds
        with self._lock, np.errstate(all="ignore"):
            while self._count() <= iterations:
                losses, self.now = descend(
                    self._network, self.now, self._X, self._T, self._rates, self._biases, self._only
                )
                self._losses.frombytes(losses.tobytes())
                if self._count() % FINE == 0 and perf_counter() > until:
                    break
        return self

    def known(self, most: int) -> int:
        """The last iteration, up to `most`, whose losses are there already; −1 for none."""
        return min(self._count() - 1, most)

    def _count(self) -> int:
        return len(self._losses) // len(self._rates)

    def losses(self, iterations: int) -> Array:
        """The losses at the start and after each update, (R, iterations + 1), as far as they are known."""
        runs = len(self._rates)
        return np.array(self._losses[: (iterations + 1) * runs]).reshape(-1, runs).T


@lru_cache(maxsize=64)
def at_rates(lesson: Lesson, rates: tuple[float, ...], only: tuple[Cell, ...] = ()) -> Abreast:
    """The kept runs of a lesson at several learning rates; its own does not count."""
    starts = stacked([lesson.parameters] * len(rates))
    return Abreast(lesson.network, starts, lesson.X, lesson.T, np.array(rates), lesson.update_biases, only)
