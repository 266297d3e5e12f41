"""A lesson changed in one place: what sliders and the structure controls do. Every result is a valid Lesson or a LessonError."""

from __future__ import annotations

from collections.abc import Sequence

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
                put = (
                    _shared_out
                    if losses.LOSSES[lesson.loss].needs == "softmax" and len(lesson.targets[0]) > 1
                    else _with
                )
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


def restructured(
    lesson: Lesson, layers: Sequence[int], activations: Sequence[object], loss: str, seed: int | None = None
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
    needs = losses.LOSSES[loss].needs if loss in losses.LOSSES else None
    if needs:
        targets = [tuple(min(max(each, 0.0), 1.0) for each in row) for row in targets]
    if needs == "softmax":
        targets = [row if abs(sum(row) - 1) <= 1e-9 else tuple(1 / len(row) for _each in row) for row in targets]
    return lesson.changed(**{**fields, "targets": tuple(targets)})


def _resized(row: Sequence[float], size: int) -> tuple[float, ...]:
    return (*row[:size], *(0.5 for _missing in range(size - len(row))))
