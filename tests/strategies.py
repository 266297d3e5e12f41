"""Hypothesis strategies: lessons that are valid, whatever their numbers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from backprop.engine.activations import ACTIVATIONS
from backprop.engine.losses import LOSSES, loss
from backprop.engine.network import SCHEMES
from backprop.engine.steps import Trace
from backprop.export.agreement import strayed
from backprop.lessons.lesson import Lesson

TYPED = (
    "z*tanh(ln(1+exp(z)))",
    "z^2/4 - 0.1234567890123456",
    "sin(z) + cos(2*z)",
    "max(z, 0.1*z, z - 1)",
    "min(max(z, -1), 1)",
    "abs(z)*z",
    "1/(1+z^2)",
    "e^(-z^2)",
    "sqrt(1+z^2) - 1/3",
    "atan(z)*pi",
    "erf(z)/(2 + sinh(z)/cosh(z))",
    "sigmoid(2*z) + 2^z",
)
TYPED_LOSSES = (
    "(a-t)^4",
    "abs(a - t)",
    "ln(cosh(a - t))",
    "max(0, 1 - a*t)",
    "sqrt(1 + (a-t)^2) - 1",
    "max((a-t)^2/2, abs(a-t) - 1/2)",
    "exp(-a*t)/3 + a^2/100",
    "erf(a-t)*(a - t)",
)
VECTORS = tuple(name for name, row in ACTIVATIONS.items() if row.vector)
SCALARS = tuple(name for name in ACTIVATIONS if name not in VECTORS)

numbers = st.one_of(st.integers(-300, 300).map(lambda k: k / 100), st.floats(-3.0, 3.0, allow_subnormal=False))


@st.composite
def lessons(draw, layers: int = 3, units: int = 3, samples: int = 3) -> Lesson:
    """A lesson of at most so many computed layers, units a layer and samples."""
    sizes = draw(st.lists(st.integers(1, units), min_size=2, max_size=layers + 1))
    m = draw(st.integers(1, samples))
    row = loss(
        draw(
            st.one_of(st.sampled_from(tuple(LOSSES)), st.sampled_from(TYPED_LOSSES).map(lambda text: {"formula": text}))
        )
    )
    anything = st.one_of(st.sampled_from(SCALARS), st.sampled_from(TYPED).map(lambda text: {"formula": text}))
    hidden = [draw(anything) for _ in sizes[2:]]
    last = row.needs or draw(st.one_of(anything, st.sampled_from(VECTORS)))

    def rows(count: int, width: int, each=numbers) -> list[list[float]]:
        return [[draw(each) for _ in range(width)] for _ in range(count)]

    if row.needs in VECTORS:
        counts = rows(m, sizes[-1], st.integers(0, 4))
        targets = [[k / sum(row) for k in row] if sum(row) else [1.0] + [0.0] * (len(row) - 1) for row in counts]
    else:
        targets = rows(m, sizes[-1], st.floats(0, 1) if row.needs else numbers)
    tied = draw(st.booleans())
    biases = [
        draw(
            st.one_of(
                st.none(), numbers.map(lambda b, n=n: [b] * n) if tied else st.lists(numbers, min_size=n, max_size=n)
            )
        )
        for n in sizes[1:]
    ]
    data = {
        "title": draw(st.text(st.characters(codec="utf-8"), max_size=20)),
        "layers": sizes,
        "activations": [*hidden, last],
        "loss": row.spec,
        "inputs": rows(m, sizes[0]),
        "targets": targets,
        "learning_rate": draw(st.floats(0, 1)),
        "update_biases": draw(st.booleans()),
        "shared_bias": tied,
        "leaky_slope": draw(st.sampled_from((0.01, 0.0, 0.2, 1 / 3))),
    }
    if draw(st.integers(0, 3)):
        data["weights"] = [rows(after, before) for before, after in pairwise(sizes)]
    else:
        data["init"] = {"scheme": draw(st.sampled_from(tuple(SCHEMES))), "seed": draw(st.integers(0, 2**32 - 1))}
        if draw(st.booleans()):
            data["init"]["scale"] = draw(st.floats(0, 1))
    if draw(st.booleans()):
        data["biases"] = biases
    return Lesson(**data)


def typed_left_float64(lesson: Lesson, *traces: Trace) -> bool:
    """Has a typed formula come out as nan, or left float64 on its way? The app follows it there, other programs do not."""
    return any(not isinstance(each, str) for each in (*lesson.activations, lesson.loss)) and any(
        np.isnan(step.value).any() or strayed(trace, step) for trace in traces for step in trace
    )
