"""The same lesson with other numbers: a sheet of one's own for every pupil, told by a seed.

A variant depends on the structure of the lesson and on the seed, and on nothing else: the variant of a variant is that of the
lesson. Seeds are sent in links and printed on paper, so which numbers a seed stands for is a contract (docs/contracts.md).

Numbers are drawn unit by unit, layer by layer. For a unit many rows are drawn at once and the first of the best is taken, so
the drawing ends. No magnitude stands twice in a layer and signs are free: with a row also its negation can be had, and of
the two a unit with a flat side is alive in one for at least one sample, whatever was drawn before.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from backprop.engine.activations import Activation
from backprop.language import _
from backprop.lessons.lesson import Lesson

Array = np.ndarray

MAX_SEED = 2**32 - 1

_ROWS = 96
"""Rows of weights that are drawn for a unit, with their negations; so many are looked at before the next are."""
_LOOKED_AT = 32
_SHALLOW, _NEAR, _ALIKE, _OFF, _STEEP = 17 / 7, 1 / 19, 1 / 137, 1 / 7, 1 / 61
"""|z| at most; its distance from a kink, and from another unit's z; a target's distance from the output; a slope at least.

None of them is a decimal, so that whether a number drawn lies on this side or on that never hangs on its last bit.
"""
_SMALLEST = {9: 10, 19: 20, 49: 50, 99: 100}
"""So many magnitudes below 1 there are with this denominator: 0.1 … 0.9, 0.05 … 0.95, and so on."""


def variant(lesson: Lesson, seed: int) -> Lesson:
    """The lesson with the numbers of a seed from 1 to MAX_SEED; 0 is the lesson itself. ValueError for another seed.

    What stays is its structure: title, sizes, activations, loss, which layers have biases and of what kind, leaky_slope,
    learning rate, update_biases and the number of samples. What is drawn is friendly: few decimals, no zero, no magnitude
    twice in the weights of a layer, targets that suit the loss and are not met, and units that are alive and not saturated.
    """
    if not 0 <= seed <= MAX_SEED:
        raise ValueError(_("Seed {came} is out of reach; allowed are 0 to {limit}.").format(came=seed, limit=MAX_SEED))
    return _drawn(lesson, seed) if seed else lesson


@lru_cache(maxsize=256)
def _drawn(lesson: Lesson, seed: int) -> Lesson:
    draw = np.random.RandomState(seed)
    network, m = lesson.network, len(lesson.inputs)
    inputs = a = _inputs(draw, m, network.sizes[0])
    weights, biases = [], []
    with np.errstate(all="ignore"):
        for activation, size, biased in zip(network.activations, network.sizes[1:], network.biased, strict=True):
            W, b, z = _layer(draw, activation, a, size, biased, lesson.shared_bias)
            a = activation.value(z)
            weights.append(W.tolist())
            biases.append(b.tolist() if biased else None)
        targets = _targets(draw, network.activations[-1], network.loss.needs, a)
    return lesson.changed(
        init=None, weights=weights, biases=biases, inputs=inputs.tolist(), targets=targets.tolist(),
    )  # fmt: skip


def _magnitudes(draw: np.random.RandomState, count: int) -> Array:
    """At least `count` different friendly numbers below 1, shuffled, (k,)."""
    per = next(per for most, per in _SMALLEST.items() if count <= most)
    step = 100 // per
    return draw.permutation(np.arange(step, 100, step)) / 100


# --- inputs


def _inputs(draw: np.random.RandomState, m: int, n: int) -> Array:
    """m different samples of n different numbers, (m, n). The first two of a sample are a pair that no other has."""
    if n == 1:
        return _magnitudes(draw, m)[:m, None]
    pairs = [(i, j) for i in range(9) for j in range(9) if i != j]
    samples = []
    for place in draw.permutation(len(pairs))[:m]:
        others = [i for i in draw.permutation(9) if i not in pairs[place]]
        samples.append([*pairs[place], *others][:n])
    return (np.array(samples) + 1) / 10


# --- a layer


def _layer(
    draw: np.random.RandomState, activation: Activation, came: Array, size: int, biased: bool, shared: bool
) -> tuple[Array, Array, Array]:
    """(W (size, n), b (size,), z (m, size)) of a layer that receives `came` (m, n)."""
    n = came.shape[1]
    left = _magnitudes(draw, size * n)
    offsets = _magnitudes(draw, size) if biased else np.zeros(1)
    W, b, z = np.empty((size, n)), np.empty(size), np.empty((len(came), size))
    for unit in range(size):
        near = left[: n + 16]
        rows = near[draw.rand(_ROWS, len(near)).argsort(axis=1)[:, :n]] * _signs(draw, (_ROWS, n))
        if shared:  # one positive number for all: of a row and its negation one lies above it
            shifts = np.full(2 * _ROWS, offsets[0])
        else:
            shifts = offsets[(draw.rand(_ROWS) * len(offsets)).astype(int)] * _signs(draw, (_ROWS,))
            shifts = np.concatenate([shifts, -shifts])
        rows = np.vstack([rows, -rows])
        sums = came @ rows.T + shifts
        best = _first_best(activation, sums, z[:, :unit])
        W[unit], b[unit], z[:, unit] = rows[best], shifts[best], sums[:, best]
        left = left[~np.isin(left, np.abs(rows[best]))]
        if biased and not shared:
            offsets = offsets[offsets != abs(shifts[best])]
    return W, b, z


def _signs(draw: np.random.RandomState, shape: tuple[int, ...]) -> Array:
    return np.where(draw.rand(*shape) < 0.5, -1.0, 1.0)


def _first_best(activation: Activation, sums: Array, others: Array) -> int:
    """The first row without a fault, else the first of the least. sums (m, rows): z of each; others (m, units): of the units before."""
    found = [np.inf, 0]
    for start in range(0, sums.shape[1], _LOOKED_AT):
        faults = _faults(activation, sums[:, start : start + _LOOKED_AT], others)
        found = min(found, [faults.min(), start + int(faults.argmin())])
        if found[0] == 0:
            break
    return int(found[1])


def _faults(activation: Activation, sums: Array, others: Array) -> Array:
    """How bad each row would be, (rows,); what is flat in every sample is worse than all the rest together."""
    alive, sound = np.isfinite(sums), np.abs(sums) <= _SHALLOW
    if not activation.vector:
        value = activation.value(sums)
        slope = activation.slope_at(sums, value)
        alive = alive & np.isfinite(value) & np.isfinite(slope) & (slope != 0)
        if not activation.kinks:
            sound &= np.abs(slope) > _STEEP
    for kink in activation.kinks:
        sound &= np.abs(sums - kink) > _NEAR
    alike = (np.abs(sums[:, None, :] - others[:, :, None]) < _ALIKE).any(axis=1)
    flat = ~alive.any(axis=0)
    return 100 * len(sums) * flat + 3 * (~(alive & sound)).sum(axis=0) + alike.sum(axis=0)


# --- targets


def _targets(draw: np.random.RandomState, activation: Activation, needs: str | None, a: Array) -> Array:
    """Targets for the outputs a, (m, n): a class of a softmax, yes or no of a cross-entropy, else a number to come nearer to."""
    m, n = a.shape
    if activation.vector:  # every class once before one comes again
        classes = np.concatenate([draw.permutation(n) for _round in range(m // n + 1)])[:m]
        return np.eye(n)[classes]
    if needs:  # as many of each as can be
        return np.stack([draw.permutation(np.arange(m) + int(2 * draw.rand())) % 2 for _unit in range(n)], axis=1) * 1.0
    targets = np.empty((m, n))
    for sample, outputs in enumerate(a):
        # at most 3 of 9 tenths, or 6 of 19 twentieths, lie too near to an output: there is always one left for the next
        left = _magnitudes(draw, 9 if n <= 6 else 19)
        for unit, output in enumerate(outputs):
            off = left[~(np.abs(left - output) < _OFF)]
            targets[sample, unit] = off[0]
            left = left[left != off[0]]
    return targets
