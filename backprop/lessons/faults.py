"""What can be wrong with a lesson, each fault one sentence that names the key, what came and what is allowed.

The functions take a Lesson whose fields have the right types, which lesson.py has seen to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from backprop.engine import activations, formula, losses, network
from backprop.language import _

MAX_LAYERS, MAX_UNITS, MAX_SAMPLES, MAX_BYTES = 6, 8, 16, 1_000_000


class LessonError(Exception):
    """A lesson that cannot be: `faults` holds one sentence per fault."""

    def __init__(self, faults: Sequence[str]):
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def show(value: Any) -> str:
    """What came, short enough for a sentence."""
    if isinstance(value, (dict, list, tuple)):
        return _("an object") if isinstance(value, dict) else _("a list")
    if isinstance(value, int) and abs(value) >= 10**60:
        return _("a whole number of more than 60 digits")
    return short(json.dumps(value, ensure_ascii=False, default=str))


def short(text: str) -> str:
    """At most 60 characters on one line, none of which a screen cannot show."""
    text = text.replace("\n", "\\n").encode(errors="backslashreplace").decode()
    return text if len(text) <= 60 else text[:57] + "…"


def _path(parts: Sequence[Any]) -> str:
    """weights[2][1][3]: the key and the places inside it, counted from 1; the Tag of an activation or a loss is left out."""
    tag = {"activations": 2, "loss": 1}.get(str(parts[0]) if parts else "")
    names = [part for i, part in enumerate(parts) if i != tag]
    return "".join(
        f"[{part + 1}]" if isinstance(part, int) else (f".{short(part)}" if i else short(part))
        for i, part in enumerate(names)
    )


def sentence(fault: Any, allowed: Iterable[str]) -> str:
    """One sentence for one of pydantic's findings. allowed: the keys that its object may have."""
    key, came = _path(fault["loc"]), show(fault["input"])
    match fault["type"]:
        case "missing":
            return _("The key “{key}” is missing.").format(key=key)
        case "extra_forbidden":
            return _("The key “{key}” is not known; allowed are {allowed}.").format(
                key=key,
                allowed=", ".join(allowed),
            )
        case "finite_number":
            return _("“{key}” came as a number that is not finite; allowed are finite numbers up to 1.8e308.").format(
                key=key
            )
        case "float_type" if isinstance(fault["input"], int) and not isinstance(fault["input"], bool):
            return _("“{key}” came as {came}; allowed are finite numbers up to 1.8e308.").format(key=key, came=came)
        case "float_type" | "float_parsing":
            return _("“{key}” came as {came}; allowed is a number.").format(key=key, came=came)
        case "int_type" | "int_parsing" | "int_from_float" | "int_parsing_size":
            return _("“{key}” came as {came}; allowed is a whole number.").format(key=key, came=came)
        case "bool_type":
            return _("“{key}” came as {came}; allowed are true and false.").format(key=key, came=came)
        case "string_type" if fault["loc"][0] in ("activations", "loss") and fault["loc"][-1] == "name":
            return _("“{key}” came as {came}; allowed is a name or an object with a formula.").format(
                key=key, came=came
            )
        case "string_type":
            return _("“{key}” came as {came}; allowed is a text.").format(key=key, came=came)
        case "tuple_type":
            return _("“{key}” came as {came}; allowed is a list.").format(key=key, came=came)
        case "model_type" | "model_attributes_type" | "dict_type":
            return _("“{key}” came as {came}; allowed is an object.").format(key=key, came=came)
        case "string_unicode":
            return _("The key “{key}” is not known; allowed are {allowed}.").format(
                key=short(fault["input"]), allowed=", ".join(allowed)
            )
    return _("“{key}” came as {came}, which is not allowed there.").format(key=key, came=came)


def shape_faults(lesson: Any) -> Iterator[str]:
    """Sizes and counts: what everything else leans on."""
    if len(lesson.title) > 200:
        yield _("“title” came with {came} characters; at most 200 are allowed.").format(came=len(lesson.title))
    if any("\ud800" <= character <= "\udfff" for character in lesson.title):
        yield _("“title” came with half a character; allowed is text that can be written as UTF-8.")
    if not 2 <= len(lesson.layers) <= MAX_LAYERS + 1:
        yield _(
            "“layers” came with {came} numbers; allowed are 2 to {limit}: the inputs and 1 to {layers} computed layers."
        ).format(came=len(lesson.layers), limit=MAX_LAYERS + 1, layers=MAX_LAYERS)
        return
    for place, size in enumerate(lesson.layers, 1):
        if not 1 <= size <= MAX_UNITS:
            yield _("“layers[{place}]” came as {came}; a layer has 1 to {limit} units.").format(
                place=place, came=show(size), limit=MAX_UNITS
            )
    computed = len(lesson.layers) - 1
    if len(lesson.activations) != computed:
        yield _("“activations” came with {came} entries; allowed is one per computed layer, here {allowed}.").format(
            came=len(lesson.activations), allowed=computed
        )
    if not 1 <= len(lesson.inputs) <= MAX_SAMPLES:
        yield _("“inputs” came with {came} samples; allowed are 1 to {limit}.").format(
            came=len(lesson.inputs), limit=MAX_SAMPLES
        )
    if len(lesson.targets) != len(lesson.inputs):
        yield _("“targets” came with {came} rows; allowed is one per sample of “inputs”, here {allowed}.").format(
            came=len(lesson.targets), allowed=len(lesson.inputs)
        )
    for key, rows, width in (
        ("inputs", lesson.inputs, lesson.layers[0]),
        ("targets", lesson.targets, lesson.layers[-1]),
    ):
        for place, row in enumerate(rows, 1):
            if len(row) != width and 1 <= width <= MAX_UNITS:
                yield _(
                    "“{key}[{place}]” came with {came} numbers; allowed are {allowed}, as many as that layer has units."
                ).format(key=key, place=place, came=len(row), allowed=width)


def pair_faults(lesson: Any) -> Iterator[str]:
    """Activations, loss and what goes with what."""
    for place, each in enumerate(lesson.activations, 1):
        try:
            activations.activation(lesson.spec(each), lesson.leaky_slope)
        except formula.FormulaError as error:
            yield _("“activations[{place}].formula” cannot be used: {reason}").format(place=place, reason=error)
        except ValueError:
            yield _(
                "“activations[{place}]” came as {came}; allowed are {allowed} and an object with a formula."
            ).format(place=place, came=show(each), allowed=", ".join(activations.ACTIVATIONS))
        if each == "softmax" and place < len(lesson.activations):
            yield _("“activations[{place}]” came as softmax; softmax is allowed on the last layer only.").format(
                place=place
            )
    try:
        row = losses.loss(lesson.spec(lesson.loss))
    except formula.FormulaError as error:
        yield _("“loss.formula” cannot be used: {reason}").format(reason=error)
        return
    except ValueError:
        yield _("“loss” came as {came}; allowed are {allowed} and an object with a formula.").format(
            came=show(lesson.loss), allowed=", ".join(losses.LOSSES)
        )
        return
    last = lesson.activations[-1]
    if row.needs and last != row.needs:
        yield _("“loss” came as {loss} with {came} on the last layer; it is allowed only with {needs} there.").format(
            loss=row.name, came=show(lesson.spec(last)), needs=row.needs
        )
    for place, target in enumerate(lesson.targets, 1):
        if row.needs and any(not 0 <= number <= 1 for number in target):
            yield _(
                "“targets[{place}]” came with {came}; with {loss} the targets allowed are numbers from 0 to 1."
            ).format(place=place, came=next(n for n in target if not 0 <= n <= 1), loss=row.name)
        elif row.needs == "softmax" and abs(sum(target) - 1) > 1e-9:
            yield _(
                "“targets[{place}]” came with the sum {came}; with {loss} the targets of a sample must sum to 1."
            ).format(place=place, came=sum(target), loss=row.name)


def start_faults(lesson: Any) -> Iterator[str]:
    """Starting weights and biases."""
    if lesson.weights is None and lesson.init is None:
        yield _("The key “weights” is missing; allowed instead is “init”.")
    if lesson.weights is not None and lesson.init is not None:
        yield _("“weights” and “init” came both; allowed is one of them.")
    if lesson.init is not None:
        if lesson.init.scheme not in network.SCHEMES:
            yield _("“init.scheme” came as {came}; allowed are {allowed}.").format(
                came=show(lesson.init.scheme), allowed=", ".join(network.SCHEMES)
            )
        if not 0 <= lesson.init.seed < 2**32:
            yield _("“init.seed” came as {came}; allowed are whole numbers from 0 to 4294967295.").format(
                came=show(lesson.init.seed)
            )
    shapes = [(lesson.layers[l], lesson.layers[l - 1]) for l in range(1, len(lesson.layers))]
    if lesson.weights is not None:
        if len(lesson.weights) != len(shapes):
            yield _("“weights” came with {came} matrices; allowed is one per computed layer, here {allowed}.").format(
                came=len(lesson.weights), allowed=len(shapes)
            )
        for place, (matrix, (rows, columns)) in enumerate(zip(lesson.weights, shapes, strict=False), 1):
            if len(matrix) != rows or any(len(row) != columns for row in matrix):
                came = f"{len(matrix)}×{'/'.join(dict.fromkeys(str(len(row)) for row in matrix)) or 0}"
                yield _(
                    "“weights[{place}]” came as {came}; allowed is {rows}×{columns}: a row per receiving unit, a number per sending unit."
                ).format(place=place, came=came, rows=rows, columns=columns)
    if "biases" in lesson.model_fields_set and lesson.biases is None:
        yield _("“biases” came as {came}; allowed is a list with an entry per computed layer.").format(came="null")
    if lesson.biases is not None:
        if len(lesson.biases) != len(shapes):
            yield _("“biases” came with {came} entries; allowed is one per computed layer, here {allowed}.").format(
                came=len(lesson.biases), allowed=len(shapes)
            )
        for place, (biases, (rows, _columns)) in enumerate(zip(lesson.biases, shapes, strict=False), 1):
            if biases is not None and len(biases) != rows:
                yield _(
                    "“biases[{place}]” came with {came} numbers; allowed are {allowed}, one per unit, or null."
                ).format(place=place, came=len(biases), allowed=rows)
            elif biases is not None and lesson.shared_bias and len(set(biases)) > 1:
                yield _(
                    "“biases[{place}]” came with different numbers; with “shared_bias” the biases of a layer must be equal."
                ).format(place=place)


def sample_faults(lesson: Any) -> Iterator[str]:
    if lesson.learning_rate < 0:
        yield _("“learning_rate” came as {came}; allowed are numbers from 0 up.").format(came=lesson.learning_rate)
