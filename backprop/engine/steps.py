"""The iteration as an ordered, frozen story: Step, Cell, Trace.

A Step is one quantity of one layer as an array; a Cell is one number of it. The names and axes of all quantities stand
in one table, QUANTITIES, which the CSV, the equations, the pictures and the walk all read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

import numpy as np

from backprop.engine.backward import Gradients, backward
from backprop.engine.forward import Forward, forward, sample_losses
from backprop.engine.network import Network, Parameters, frozen
from backprop.engine.update import update

Array = np.ndarray

PHASES = ("given", "forward", "loss", "backward", "update")

QUANTITIES: dict[str, tuple[str, tuple[str, ...]]] = {
    # quantity: (phase, axes of its array)
    "x": ("given", ("sample", "unit")),
    "t": ("given", ("sample", "unit")),
    "learning_rate": ("given", ()),
    "W": ("given", ("unit", "from_unit")),
    "b": ("given", ("unit",)),
    "z": ("forward", ("sample", "unit")),
    "a": ("forward", ("sample", "unit")),
    "loss_term": ("loss", ("sample", "unit")),
    "loss": ("loss", ("sample",)),
    "dL_da": ("backward", ("sample", "unit")),
    "da_dz": ("backward", ("sample", "unit")),
    "dL_dz": ("backward", ("sample", "unit")),
    "dL_dW": ("backward", ("unit", "from_unit")),
    "dL_db": ("backward", ("unit",)),
    "dL_dx": ("backward", ("sample", "unit")),
    "W_new": ("update", ("unit", "from_unit")),
    "b_new": ("update", ("unit",)),
}


class Cell(NamedTuple):
    """The address of one number. sample, unit and from_unit count from 1 and are None where they do not apply.

    The mean loss is the cell of `loss` without a sample; a tied bias and its gradient are cells without a unit.
    """

    quantity: str
    layer: int | None = None
    sample: int | None = None
    unit: int | None = None
    from_unit: int | None = None

    @property
    def address(self) -> str:
        """The cell as a short text for links and clicks: dL_dW.2..1.1"""
        return ".".join("" if part is None else str(part) for part in self).rstrip(".")


def cell_at(address: str) -> Cell | None:
    """The cell of an address, or None if it is not one."""
    quantity, *places = address.split(".")
    if (
        len(address) > 40
        or len(places) > 4
        or quantity not in QUANTITIES
        or not all(place == "" or (place.isascii() and place.isdigit()) for place in places)
    ):
        return None
    return Cell(quantity, *(int(place) if place else None for place in places))


@dataclass(frozen=True, eq=False)
class Step:
    """One quantity of one layer, computed at once.

    number  its place in the iteration, from 1; None for what is given
    value   read-only float64 array with the axes of QUANTITIES; `loss` holds the samples' losses and, last, their mean;
            da_dz of softmax has a third axis, from_unit (z's index); tied biases have shape (1,)
    """

    number: int | None
    quantity: str
    layer: int | None
    value: Array

    @property
    def phase(self) -> str:
        return QUANTITIES[self.quantity][0]

    @property
    def axes(self) -> tuple[str, ...]:
        axes = QUANTITIES[self.quantity][1]
        return (*axes, "from_unit") if self.value.ndim > len(axes) else axes

    def cells(self, tied: bool = False) -> Iterator[Cell]:
        """Every cell of the step, in C order; tied: the biases of a layer are one number without a unit."""
        for index in product(*(range(1, n + 1) for n in self.value.shape)):
            named = dict(zip(self.axes, index, strict=True))
            if (self.quantity == "loss" and named["sample"] == len(self.value)) or (
                tied and self.quantity in ("b", "dL_db", "b_new")
            ):
                named = {}
            yield Cell(self.quantity, self.layer, **named)

    def at(self, cell: Cell) -> float:
        """The number at a cell of this step. Raises KeyError where there is none."""
        index = []
        for axis, length in zip(self.axes, self.value.shape, strict=True):
            place = getattr(cell, axis)
            if place is None and (self.quantity == "loss" or length == 1):
                place = length
            if place is None or not 1 <= place <= length:
                raise KeyError(cell)
            index.append(place - 1)
        return float(self.value[tuple(index)])


@dataclass(frozen=True, eq=False)
class Trace:
    """One iteration of a network on a batch: what is given, then the Steps in the order in which they are computed.

    iteration      how many updates the parameters have behind them
    after          the parameters after this iteration's update
    update_biases  False: dL_db is computed, b stays
    """

    network: Network
    iteration: int
    given: tuple[Step, ...]
    steps: tuple[Step, ...]
    after: Parameters
    update_biases: bool = True

    @cached_property
    def _found(self) -> dict[tuple[str, int | None], Step]:
        return {(step.quantity, step.layer): step for step in (*self.given, *self.steps)}

    def __getitem__(self, key: str | tuple[str, int | None]) -> Step:
        """trace["dL_dW", 2], trace["loss"]: the Step of a quantity of a layer; the layer may be left out where there is one."""
        quantity, layer = (key, None) if isinstance(key, str) else key
        step = self._found.get((quantity, layer))
        if step is None and layer is None and quantity in QUANTITIES:
            layers = [found for name, found in self._found if name == quantity]
            if len(layers) == 1:
                return self._found[quantity, layers[0]]
        if step is None:
            raise KeyError(key)
        return step

    def __contains__(self, key: tuple[str, int | None]) -> bool:
        return key in self._found

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def samples(self) -> int:
        """m, the number of samples."""
        return len(self["x", 0].value)

    @property
    def loss(self) -> float:
        """The mean loss over the samples."""
        return float(self["loss", self.network.depth].value[-1])

    def at(self, cell: Cell) -> float:
        """The number at a cell. Raises KeyError where there is none."""
        return self[cell.quantity, cell.layer].at(cell)

    def holds(self, cell: Cell) -> bool:
        """Is there a number at a cell?"""
        try:
            self.at(cell)
        except (KeyError, TypeError):
            return False
        return True

    def cells(self, step: Step) -> Iterator[Cell]:
        """Every cell of a step of this trace, in the order in which a walk shows them."""
        return step.cells(tied=self.network.shared_bias)

    def sends(self, layer: int, unit: int, sample: int | None) -> Cell:
        """The cell that holds what a unit of a layer (0…L) sends on: an input or an activation."""
        return Cell("a" if layer else "x", layer, sample, unit)


def record(
    network: Network,
    parameters: Parameters,
    X: Array,
    T: Array,
    learning_rate: float,
    update_biases: bool = True,
    iteration: int = 0,
) -> Trace:
    """Run one iteration and keep every quantity. X (m, n_0), T (m, n_L).

    What leaves float64 is inf (or nan for ∞ − ∞), without a warning.
    """
    with np.errstate(all="ignore"):
        passed = forward(network, parameters, X)
        gradients = backward(network, parameters, passed, T)
        after = update(parameters, gradients, learning_rate, update_biases)
    return assembled(network, parameters, passed, gradients, after, X, T, learning_rate, update_biases, iteration)


def assembled(
    network: Network,
    parameters: Parameters,
    passed: Forward,
    gradients: Gradients,
    after: Parameters,
    X: Array,
    T: Array,
    learning_rate: float,
    update_biases: bool = True,
    iteration: int = 0,
) -> Trace:
    """The Trace of an iteration that is computed already, rightly or not: nothing but the losses is computed here.

    gradients: with dL_dx, and dL_db where there are biases; after: the parameters after the update. The arrays are frozen.
    """
    depth = network.depth
    with np.errstate(all="ignore"):
        terms = network.loss.term_at(passed.z[-1], passed.a[-1], T)
        per_sample = terms.sum(axis=1)
        losses = np.append(per_sample, per_sample.mean())

    given = [("x", 0, X), ("t", depth, T), ("learning_rate", None, np.array(learning_rate))]
    steps: list[tuple[str, int | None, Array]] = []
    for l in range(1, depth + 1):
        given.append(("W", l, parameters.W[l - 1]))
        if parameters.b[l - 1] is not None:
            given.append(("b", l, parameters.b[l - 1]))  # type: ignore[arg-type]
        steps += [("z", l, passed.z[l - 1]), ("a", l, passed.a[l])]
    steps += [("loss_term", depth, terms), ("loss", depth, losses)]
    for l in range(depth, 0, -1):
        k = l - 1
        steps += [
            ("dL_da", l, gradients.dL_da[k]),
            ("da_dz", l, gradients.da_dz[k]),
            ("dL_dz", l, gradients.dL_dz[k]),
            ("dL_dW", l, gradients.dL_dW[k]),
        ]
        if gradients.dL_db[k] is not None:
            steps.append(("dL_db", l, gradients.dL_db[k]))  # type: ignore[arg-type]
    steps.append(("dL_dx", 0, gradients.dL_dx))  # type: ignore[arg-type]
    for l in range(1, depth + 1):
        steps.append(("W_new", l, after.W[l - 1]))
        if update_biases and after.b[l - 1] is not None:
            steps.append(("b_new", l, after.b[l - 1]))  # type: ignore[arg-type]
    return Trace(
        network,
        iteration,
        tuple(Step(None, quantity, layer, frozen(value)) for quantity, layer, value in given),
        tuple(Step(number, quantity, layer, frozen(value)) for number, (quantity, layer, value) in enumerate(steps, 1)),
        after,
        update_biases,
    )


def mean_loss(network: Network, parameters: Parameters, X: Array, T: Array) -> float:
    """The mean loss of a batch: the forward pass alone."""
    with np.errstate(all="ignore"):
        return float(sample_losses(network, forward(network, parameters, X), T).mean())
