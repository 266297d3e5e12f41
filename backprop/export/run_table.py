"""A whole run as CSV, to the contract in docs/contracts.md: an iteration a line, numbers that read back to the bit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backprop.explain.numerals import full
from backprop.lessons.lesson import Lesson
from backprop.runs import series
from backprop.runs.history import history


def header(lesson: Lesson) -> tuple[str, ...]:
    """The names of the columns; a parameter's is the address of its cell."""
    layers = range(1, lesson.network.depth + 1)
    return (
        "iteration",
        "loss",
        "change",
        *(f"gradient_norm_{layer}" for layer in layers),
        *(cell.address for layer in layers for cell in series.numbers(lesson, layer)),
    )


def rows(lesson: Lesson, iterations: int) -> Iterator[tuple[str, ...]]:
    """A row for each of the iterations 0…iterations. Raises ValueError out of reach."""
    losses = history(lesson).losses(iterations)
    with np.errstate(all="ignore"):
        changes = np.diff(losses, prepend=np.nan)
    layers = range(1, lesson.network.depth + 1)
    for first, parameters in series.walked(lesson, iterations):
        some = [series.norms(lesson, parameters).T, *(series.columns(parameters, layer) for layer in layers)]
        for k, numbers in enumerate(np.concatenate(some, axis=1).tolist(), first):
            change = full(changes[k]) if k else ""
            yield str(k), full(losses[k]), change, *map(repr, numbers)


def to_csv(lesson: Lesson, iterations: int) -> str:
    """The iterations 0…iterations of a lesson as CSV text: RFC 4180, CRLF; no cell needs quotation marks.

    change: the loss minus that of the iteration before, empty in the first row · gradient_norm_l: ‖∂L/∂W‖ of layer l.
    Raises ValueError out of reach.
    """
    return "".join(f"{','.join(row)}\r\n" for row in (header(lesson), *rows(lesson, iterations)))
