"""A lesson changed in one place: what sliders and the structure controls do. Every result is a valid Lesson or a LessonError."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backprop.engine import losses
from backprop.engine.network import Parameters
from backprop.engine.steps import Cell
from backprop.lessons.lesson import Init, Lesson, Matrix


def _nested(parameters: Parameters) -> tuple[Matrix, ...]:
    return tuple(tuple(tuple(map(float, row)) for row in W) for W in parameters.W)


def _biases(lesson: Lesson, parameters: Parameters) -> tuple[tuple[float, ...] | None, ...]:
    """Biases as a lesson writes them: a tied one stands for every unit of its layer."""
    out = []
    for size, b in zip(lesson.layers[1:], parameters.b, strict=True):
        out.append(None if b is None else tuple(float(b[k if len(b) == size else 0]) for k in range(size)))
    return tuple(out)


def starting_from(lesson: Lesson, parameters: Parameters) -> Lesson:
    """The lesson with other starting parameters ("Start from here")."""
    return lesson.changed(init=None, weights=_nested(parameters), biases=_biases(lesson, parameters))


def _with(row: Sequence[float], place: int, value: float) -> tuple[float, ...]:
    if place >= len(row):
        raise IndexError(place)
    return (*row[:place], value, *row[place + 1 :])


def _shared_out(row: Sequence[float], place: int, value: float) -> tuple[float, ...]:
    """Targets of a softmax sum to 1: the others share what is left, in their old proportions."""
    value = min(max(value, 0.0), 1.0)
    others = sum(row) - row[place]
    share = [(each / others if others > 0 else 1 / (len(row) - 1)) * (1 - value) for each in row]
    return tuple(value if k == place else min(each, 1.0) for k, each in enumerate(share))


def set_number(lesson: Lesson, cell: Cell, value: float) -> Lesson:
    """The lesson with one given number changed: an input, a target, a weight, a bias or the learning rate.

    A tied bias is one number for its layer; with cross-entropy the other targets of the sample share the rest.
    Raises LessonError if the number is not allowed there, KeyError if the lesson has no such number.
    """
    if 0 in (cell.sample, cell.unit, cell.from_unit) or (cell.quantity in ("W", "b") and not cell.layer):
        raise KeyError(cell)
    layer, sample, unit = (cell.layer or 0) - 1, (cell.sample or 1) - 1, (cell.unit or 1) - 1
    try:
        match cell.quantity:
            case "learning_rate":
                return lesson.changed(learning_rate=value)
            case "x":
                row = _with(lesson.inputs[sample], unit, value)
                return lesson.changed(inputs=(*lesson.inputs[:sample], row, *lesson.inputs[sample + 1 :]))
            case "t":
                put = _shared_out if lesson.network.loss.needs == "softmax" and len(lesson.targets[0]) > 1 else _with
                row = put(lesson.targets[sample], unit, value)
                return lesson.changed(targets=(*lesson.targets[:sample], row, *lesson.targets[sample + 1 :]))
            case "W" if cell.from_unit:
                weights = _nested(lesson.parameters)
                rows = weights[layer]
                changed = (*rows[:unit], _with(rows[unit], cell.from_unit - 1, value), *rows[unit + 1 :])
                return lesson.changed(init=None, weights=(*weights[:layer], changed, *weights[layer + 1 :]))
            case "b":
                biases = _biases(lesson, lesson.parameters)
                old = biases[layer]
                if old is not None:
                    new = (value,) * len(old) if lesson.shared_bias else _with(old, unit, value)
                    return lesson.changed(biases=(*biases[:layer], new, *biases[layer + 1 :]))
    except IndexError:
        pass
    raise KeyError(cell)


def numbers(lesson: Lesson) -> dict[Cell, float]:
    """Every given number of a lesson: inputs, targets, starting weights and biases (a tied one once), learning rate."""
    depth, start = lesson.network.depth, lesson.parameters
    found = {Cell("learning_rate"): lesson.learning_rate}
    for quantity, layer, rows in (("x", 0, lesson.inputs), ("t", depth, lesson.targets)):
        found |= {Cell(quantity, layer, s, k): value for s, row in enumerate(rows, 1) for k, value in enumerate(row, 1)}
    for layer, (W, b) in enumerate(zip(start.W, start.b, strict=True), 1):
        found |= {Cell("W", layer, None, i, j): float(w) for i, row in enumerate(W, 1) for j, w in enumerate(row, 1)}
        if b is not None and lesson.shared_bias:
            found[Cell("b", layer)] = float(b[0])
        elif b is not None:
            found |= {Cell("b", layer, unit=k): float(value) for k, value in enumerate(b, 1)}
    return found


def difference(before: Lesson, after: Lesson) -> dict[Cell, float] | None:
    """The numbers that make `after` of `before`, exact to the bit; None if more than numbers differ."""
    old, new = numbers(before), numbers(after)
    if old.keys() != new.keys():
        return None
    changed = {cell: value for cell, value in new.items() if repr(value) != repr(old[cell])}
    return changed if with_numbers(before, changed).to_json() == after.to_json() else None


def with_numbers(lesson: Lesson, changed: Mapping[Cell, float]) -> Lesson:
    """The lesson with some of its given numbers changed, all at once. Raises LessonError; KeyError for a number it does not have."""
    known = numbers(lesson)
    for cell in changed:
        if cell not in known:
            raise KeyError(cell)
    now, quantities = {**known, **changed}, {cell.quantity for cell in changed}
    depth = lesson.network.depth
    fields: dict[str, Any] = {}
    if "learning_rate" in quantities:
        fields["learning_rate"] = now[Cell("learning_rate")]
    for quantity, key, layer in (("x", "inputs", 0), ("t", "targets", depth)):
        if quantity in quantities:
            fields[key] = tuple(
                tuple(now[Cell(quantity, layer, s, k)] for k in range(1, len(row) + 1))
                for s, row in enumerate(getattr(lesson, key), 1)
            )
    if "W" in quantities:
        fields["init"] = None
        fields["weights"] = tuple(
            tuple(tuple(now[Cell("W", l, None, i + 1, j + 1)] for j in range(W.shape[1])) for i in range(W.shape[0]))
            for l, W in enumerate(lesson.parameters.W, 1)
        )
    if "b" in quantities:
        tied = lesson.shared_bias
        fields["biases"] = tuple(
            None if b is None else tuple(now[Cell("b", l, unit=None if tied else k)] for k in range(1, size + 1))
            for l, (size, b) in enumerate(zip(lesson.layers[1:], lesson.parameters.b, strict=True), 1)
        )
    return lesson.changed(**fields)


def restructured(
    lesson: Lesson, layers: Sequence[int], activations: Sequence[object], loss: object, seed: int | None = None
) -> Lesson:
    """The lesson with another network: what still fits is kept. Weights are drawn anew where a size changes or a seed is given.

    Inputs and targets of new units start at 0.5 (targets of a softmax at equal shares, those out of a cross-entropy's range at
    0 or 1, whichever is nearer). Raises LessonError for what cannot be.
    """
    fields: dict[str, object] = {
        "title": "-".join(map(str, layers)),
        "layers": tuple(layers),
        "activations": tuple(activations),
        "loss": loss,
    }
    if seed is not None or tuple(layers) != lesson.layers:
        old = lesson.init or Init(scheme="xavier")
        fields |= {"weights": None, "init": old if seed is None else old.model_copy(update={"seed": seed})}
        bare = lesson.biases is not None and all(b is None for b in lesson.biases)
        fields["biases"] = tuple(None for _layer in layers[1:]) if bare else None
    fields["inputs"] = tuple(_resized(row, layers[0] if layers else 0) for row in lesson.inputs)
    targets = [_resized(row, layers[-1] if layers else 0) for row in lesson.targets]
    needs = losses.LOSSES[loss].needs if isinstance(loss, str) and loss in losses.LOSSES else None
    if needs:
        targets = [tuple(min(max(each, 0.0), 1.0) for each in row) for row in targets]
    if needs == "softmax":
        targets = [row if abs(sum(row) - 1) <= 1e-9 else tuple(1 / len(row) for _each in row) for row in targets]
    return lesson.changed(**{**fields, "targets": tuple(targets)})


BIASES = ("none", "unit", "layer")


def bias_kind(lesson: Lesson) -> str:
    """none, one a unit, or one a layer (tied); a lesson in which only some layers have none counts by the others."""
    if all(b is None for b in lesson.parameters.b):
        return "none"
    return "layer" if lesson.shared_bias else "unit"


def activations_for(now: Sequence[Any], count: int) -> tuple[Any, ...]:
    """Activations for another number of computed layers: the output keeps its own, new hidden layers take the first one's."""
    *hidden, last = now
    more = [hidden[0] if hidden else "sigmoid"] * count
    return (*[*hidden, *more][: max(0, count - 1)], last) if count else ()


def rebuilt(lesson: Lesson, wanted: Mapping[str, Any]) -> Lesson:
    """The lesson with some fields of the page Lesson changed, what still fits kept. Raises LessonError.

    wanted: title, layers, activations, loss, learning_rate, update_biases, leaky_slope as in the lesson file; biases one of
    BIASES; init an Init, or None for the starting numbers as numbers.
    """
    if wanted.keys() & {"layers", "activations", "loss"}:
        title, layers = lesson.title, wanted.get("layers", lesson.layers)
        now = wanted.get("activations", lesson.activations)
        lesson = restructured(lesson, layers, activations_for(now, len(layers) - 1), wanted.get("loss", lesson.loss))
        if "layers" not in wanted:
            lesson = lesson.changed(title=title)
    if "init" in wanted:
        start = lesson.parameters
        lesson = (
            starting_from(lesson, start)
            if wanted["init"] is None
            else lesson.changed(weights=None, init=wanted["init"])
        )
    if "biases" in wanted and wanted["biases"] != bias_kind(lesson):
        lesson = _biased(lesson, wanted["biases"])
    plain = {key: wanted[key] for key in ("title", "learning_rate", "update_biases", "leaky_slope") if key in wanted}
    return lesson.changed(**plain) if plain else lesson


def _biased(lesson: Lesson, kind: str) -> Lesson:
    """Biases of another kind; those of a layer that had none start at 0, a tied one at the first unit's."""
    now = _biases(lesson, lesson.parameters)
    if kind == "none":
        return lesson.changed(biases=tuple(None for _layer in now), shared_bias=False)
    rows = [b or (0.0,) * size for b, size in zip(now, lesson.layers[1:], strict=True)]
    tied = kind == "layer"
    return lesson.changed(biases=tuple((b[0],) * len(b) if tied else b for b in rows), shared_bias=tied)


def _resized(row: Sequence[float], size: int) -> tuple[float, ...]:
    return (*row[:size], *(0.5 for _missing in range(size - len(row))))
