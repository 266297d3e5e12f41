"""A Lesson: network, starting parameters, samples and learning rate, validated and frozen; and its JSON file.

Every fault of a lesson is one sentence that names the key, what came and what is allowed. Nothing is repaired.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import AllowInfNan, BaseModel, ConfigDict, Discriminator, Strict, Tag, ValidationError, model_validator

from backprop.engine import activations, formula, losses, network
from backprop.engine.activations import LEAKY_SLOPE
from backprop.engine.network import Network, Parameters, frozen
from backprop.language import _

MAX_LAYERS, MAX_UNITS, MAX_SAMPLES, MAX_BYTES = 6, 8, 16, 1_000_000

Number = Annotated[float, Strict(), AllowInfNan(False)]
Whole = Annotated[int, Strict()]
Text = Annotated[str, Strict()]
Switch = Annotated[bool, Strict()]
Row = tuple[Number, ...]
Matrix = tuple[Row, ...]


class LessonError(Exception):
    """A lesson that cannot be: `faults` holds one sentence per fault."""

    def __init__(self, faults: Sequence[str]):
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class Typed(BaseModel):
    """An activation that is typed as a formula in z."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    formula: Text


def _said(activation: Any) -> str:
    """Whether an activation is meant as a name or as a formula, so that a fault is told once."""
    return "formula" if isinstance(activation, (dict, Typed)) else "name"


Said = Annotated[Annotated[Text, Tag("name")] | Annotated[Typed, Tag("formula")], Discriminator(_said)]


class Init(BaseModel):
    """How starting weights are drawn; see network.initialise."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    scheme: Text
    scale: Number | None = None
    seed: Whole = 1


class Lesson(BaseModel):
    """Everything one needs to compute an iteration; the keys are those of the lesson file.

    layers (n_0, …, n_L) · activations, one per computed layer · weights[l-1] n_l rows of n_{l-1} numbers, or init ·
    biases[l-1] n_l numbers or None · inputs m rows of n_0 · targets m rows of n_L.

    Raises LessonError, with one sentence per fault.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text = ""
    layers: tuple[Whole, ...]
    activations: tuple[Said, ...]
    loss: Text
    weights: tuple[Matrix, ...] | None = None
    init: Init | None = None
    biases: tuple[Row | None, ...] | None = None
    inputs: Matrix
    targets: Matrix
    learning_rate: Number
    update_biases: Switch = True
    shared_bias: Switch = False
    leaky_slope: Number = LEAKY_SLOPE

    def __init__(self, /, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise LessonError(list(dict.fromkeys(_sentence(fault) for fault in error.errors()))) from None

    @model_validator(mode="after")
    def _fits_together(self) -> Lesson:
        faults = list(_shape_faults(self))
        if not faults:
            faults = [*_pair_faults(self), *_start_faults(self), *_sample_faults(self)]
        if faults:
            raise LessonError(faults)
        return self

    def __eq__(self, other: object) -> bool:
        """Equal fields make equal lessons; the arrays that were computed from them do not count."""
        return isinstance(other, Lesson) and all(getattr(self, key) == getattr(other, key) for key in Lesson.model_fields)

    @cached_property
    def _hash(self) -> int:
        return hash(tuple(getattr(self, key) for key in self.__class__.model_fields))

    def __hash__(self) -> int:
        return self._hash

    # --- the lesson as the engine takes it

    @cached_property
    def network(self) -> Network:
        rows = tuple(activations.activation(_plain(each), self.leaky_slope) for each in self.activations)
        biased = tuple(self.biases is None or row is not None for row in self.biases or (0,) * len(rows))
        return Network(self.layers, rows, losses.loss(self.loss), biased, self.shared_bias)

    @cached_property
    def parameters(self) -> Parameters:
        """The starting parameters."""
        net = self.network
        if self.weights is None:
            assert self.init is not None
            start = network.initialise(net, self.init.scheme, self.init.scale, self.init.seed)
        else:
            start = network.parameters(self.weights, [None] * net.depth)
        if self.biases is None:
            shapes = [net.bias_shape(l) for l in range(1, net.depth + 1)]
            return Parameters(start.W, tuple(None if s is None else frozen(np.zeros(s)) for s in shapes))
        return Parameters(start.W, network.parameters([], self.biases, self.shared_bias).b)

    @cached_property
    def X(self) -> np.ndarray:
        """Inputs, (m, n_0)."""
        return frozen(np.array(self.inputs, dtype=float))

    @cached_property
    def T(self) -> np.ndarray:
        """Targets, (m, n_L)."""
        return frozen(np.array(self.targets, dtype=float))

    # --- files

    @classmethod
    def from_json(cls, text: str | bytes) -> Lesson:
        """Read a lesson file's content. Raises LessonError."""
        if len(text) > MAX_BYTES:
            raise LessonError([_("The lesson has {came} bytes; at most {limit} are allowed.").format(came=len(text), limit=MAX_BYTES)])
        try:
            data = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_int=_integer)
        except LessonError:
            raise
        except (ValueError, RecursionError) as error:  # JSONDecodeError and UnicodeDecodeError are ValueErrors
            where = f"{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else "1:1"
            raise LessonError([_("This is not a JSON text (line:column {where}); a lesson file is one JSON object.").format(where=where)]) from None
        if not isinstance(data, dict):
            raise LessonError([_("The file holds {came}; a lesson file is one JSON object.").format(came=_show(data))])
        return cls(**data)

    @classmethod
    def load(cls, path: str | Path) -> Lesson:
        """Read a lesson file. Raises LessonError for a bad one and OSError for an unreadable one."""
        path = Path(path)
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise LessonError([_("The lesson has {came} bytes; at most {limit} are allowed.").format(came=size, limit=MAX_BYTES)])
        return cls.from_json(path.read_bytes())

    def to_json(self) -> str:
        """The lesson file; reading it back gives an equal lesson."""
        data = self.model_dump(mode="json", exclude_none=False)
        for key in ("weights", "init", "biases"):
            if data[key] is None:
                del data[key]
        if data.get("init") and data["init"]["scale"] is None:
            del data["init"]["scale"]
        return json.dumps(data, ensure_ascii=False, indent=2) + "\n"

    def changed(self, **fields: Any) -> Lesson:
        """The same lesson with other fields, validated again. Raises LessonError."""
        data = {key: getattr(self, key) for key in self.__class__.model_fields if key in self.model_fields_set}
        return Lesson(**{key: value for key, value in {**data, **fields}.items() if value is not None or key == "title"})


def _plain(activation: str | Typed) -> str | dict[str, str]:
    return {"formula": activation.formula} if isinstance(activation, Typed) else activation


# --- faults


def _show(value: Any) -> str:
    """What came, short enough for a sentence."""
    if isinstance(value, (dict, list, tuple)):
        return _("an object") if isinstance(value, dict) else _("a list")
    if isinstance(value, int) and abs(value) >= 10**60:
        return _("a whole number of more than 60 digits")
    return _short(json.dumps(value, ensure_ascii=False, default=str))


def _short(text: str) -> str:
    """At most 60 characters on one line, none of which a screen cannot show."""
    text = text.replace("\n", "\\n").encode(errors="backslashreplace").decode()
    return text if len(text) <= 60 else text[:57] + "…"


def _path(parts: Sequence[Any]) -> str:
    """weights[2][1][3]: the key and the places inside it, counted from 1; an activation's Tag is left out."""
    names = [part for i, part in enumerate(parts) if not (i == 2 and parts[0] == "activations")]
    return "".join(f"[{part + 1}]" if isinstance(part, int) else (f".{_short(part)}" if i else _short(part)) for i, part in enumerate(names))


def _sentence(fault: Any) -> str:
    """One sentence for one of pydantic's findings."""
    key, came = _path(fault["loc"]), _show(fault["input"])
    match fault["type"]:
        case "missing":
            return _("The key “{key}” is missing.").format(key=key)
        case "extra_forbidden":
            return _("The key “{key}” is not known; allowed are {allowed}.").format(key=key, allowed=", ".join(Init.model_fields if key.startswith("init.") else Typed.model_fields if "." in key else Lesson.model_fields))
        case "finite_number":
            return _("“{key}” came as a number that is not finite; allowed are finite numbers up to 1.8e308.").format(key=key)
        case "float_type" if isinstance(fault["input"], int) and not isinstance(fault["input"], bool):
            return _("“{key}” came as {came}; allowed are finite numbers up to 1.8e308.").format(key=key, came=came)
        case "float_type" | "float_parsing":
            return _("“{key}” came as {came}; allowed is a number.").format(key=key, came=came)
        case "int_type" | "int_parsing" | "int_from_float" | "int_parsing_size":
            return _("“{key}” came as {came}; allowed is a whole number.").format(key=key, came=came)
        case "bool_type":
            return _("“{key}” came as {came}; allowed are true and false.").format(key=key, came=came)
        case "string_type" if fault["loc"][0] == "activations" and fault["loc"][-1] == "name":
            return _("“{key}” came as {came}; allowed is a name or an object with a formula.").format(key=key, came=came)
        case "string_type":
            return _("“{key}” came as {came}; allowed is a text.").format(key=key, came=came)
        case "tuple_type":
            return _("“{key}” came as {came}; allowed is a list.").format(key=key, came=came)
        case "model_type" | "model_attributes_type" | "dict_type":
            return _("“{key}” came as {came}; allowed is an object.").format(key=key, came=came)
        case "string_unicode":
            return _("The key “{key}” is not known; allowed are {allowed}.").format(key=_short(fault["input"]), allowed=", ".join(Lesson.model_fields))
    return _("“{key}” came as {came}, which is not allowed there.").format(key=key, came=came)


def _refuse_constant(name: str) -> float:
    raise LessonError([_("The file holds the number {came}; allowed are finite numbers up to 1.8e308.").format(came=name)])


def _integer(text: str) -> float:
    """A whole number; one so long that Python will not read it is as far out of range as infinity."""
    return int(text) if len(text) <= 300 else float(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, value in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise LessonError([_("The key “{key}” stands twice in the same object; allowed is once.").format(key=_short(twice))])
    return found


def _shape_faults(lesson: Lesson):
    """Sizes and counts: what everything else leans on."""
    if len(lesson.title) > 200:
        yield _("“title” came with {came} characters; at most 200 are allowed.").format(came=len(lesson.title))
    if any("\ud800" <= character <= "\udfff" for character in lesson.title):
        yield _("“title” came with half a character; allowed is text that can be written as UTF-8.")
    if not 2 <= len(lesson.layers) <= MAX_LAYERS + 1:
        yield _("“layers” came with {came} numbers; allowed are 2 to {limit}: the inputs and 1 to {layers} computed layers.").format(came=len(lesson.layers), limit=MAX_LAYERS + 1, layers=MAX_LAYERS)
        return
    for place, size in enumerate(lesson.layers, 1):
        if not 1 <= size <= MAX_UNITS:
            yield _("“layers[{place}]” came as {came}; a layer has 1 to {limit} units.").format(place=place, came=_show(size), limit=MAX_UNITS)
    computed = len(lesson.layers) - 1
    if len(lesson.activations) != computed:
        yield _("“activations” came with {came} entries; allowed is one per computed layer, here {allowed}.").format(came=len(lesson.activations), allowed=computed)
    if not 1 <= len(lesson.inputs) <= MAX_SAMPLES:
        yield _("“inputs” came with {came} samples; allowed are 1 to {limit}.").format(came=len(lesson.inputs), limit=MAX_SAMPLES)
    if len(lesson.targets) != len(lesson.inputs):
        yield _("“targets” came with {came} rows; allowed is one per sample of “inputs”, here {allowed}.").format(came=len(lesson.targets), allowed=len(lesson.inputs))
    for key, rows, width in (("inputs", lesson.inputs, lesson.layers[0]), ("targets", lesson.targets, lesson.layers[-1])):
        for place, row in enumerate(rows, 1):
            if len(row) != width and 1 <= width <= MAX_UNITS:
                yield _("“{key}[{place}]” came with {came} numbers; allowed are {allowed}, as many as that layer has units.").format(key=key, place=place, came=len(row), allowed=width)


def _pair_faults(lesson: Lesson):
    """Activations, loss and what goes with what."""
    for place, each in enumerate(lesson.activations, 1):
        try:
            activations.activation(_plain(each), lesson.leaky_slope)
        except formula.FormulaError as error:
            yield _("“activations[{place}].formula” cannot be used: {reason}").format(place=place, reason=error)
        except ValueError:
            yield _("“activations[{place}]” came as {came}; allowed are {allowed} and an object with a formula.").format(place=place, came=_show(each), allowed=", ".join(activations.ACTIVATIONS))
        if each == "softmax" and place < len(lesson.activations):
            yield _("“activations[{place}]” came as softmax; softmax is allowed on the last layer only.").format(place=place)
    if lesson.loss not in losses.LOSSES:
        yield _("“loss” came as {came}; allowed are {allowed}.").format(came=_show(lesson.loss), allowed=", ".join(losses.LOSSES))
        return
    row, last = losses.LOSSES[lesson.loss], lesson.activations[-1]
    if row.needs and last != row.needs:
        yield _("“loss” came as {loss} with {came} on the last layer; it is allowed only with {needs} there.").format(loss=row.name, came=_show(_plain(last)), needs=row.needs)
    for place, target in enumerate(lesson.targets, 1):
        if row.needs and any(not 0 <= number <= 1 for number in target):
            yield _("“targets[{place}]” came with {came}; with {loss} the targets allowed are numbers from 0 to 1.").format(place=place, came=next(n for n in target if not 0 <= n <= 1), loss=row.name)
        elif row.needs == "softmax" and abs(sum(target) - 1) > 1e-9:
            yield _("“targets[{place}]” came with the sum {came}; with {loss} the targets of a sample must sum to 1.").format(place=place, came=sum(target), loss=row.name)


def _start_faults(lesson: Lesson):
    """Starting weights and biases."""
    if lesson.weights is None and lesson.init is None:
        yield _("The key “weights” is missing; allowed instead is “init”.")
    if lesson.weights is not None and lesson.init is not None:
        yield _("“weights” and “init” came both; allowed is one of them.")
    if lesson.init is not None:
        if lesson.init.scheme not in network.SCHEMES:
            yield _("“init.scheme” came as {came}; allowed are {allowed}.").format(came=_show(lesson.init.scheme), allowed=", ".join(network.SCHEMES))
        if not 0 <= lesson.init.seed < 2**32:
            yield _("“init.seed” came as {came}; allowed are whole numbers from 0 to 4294967295.").format(came=_show(lesson.init.seed))
    shapes = [(lesson.layers[l], lesson.layers[l - 1]) for l in range(1, len(lesson.layers))]
    if lesson.weights is not None:
        if len(lesson.weights) != len(shapes):
            yield _("“weights” came with {came} matrices; allowed is one per computed layer, here {allowed}.").format(came=len(lesson.weights), allowed=len(shapes))
        for place, (matrix, (rows, columns)) in enumerate(zip(lesson.weights, shapes, strict=False), 1):
            if len(matrix) != rows or any(len(row) != columns for row in matrix):
                came = f"{len(matrix)}×{'/'.join(dict.fromkeys(str(len(row)) for row in matrix)) or 0}"
                yield _("“weights[{place}]” came as {came}; allowed is {rows}×{columns}: a row per receiving unit, a number per sending unit.").format(place=place, came=came, rows=rows, columns=columns)
    if "biases" in lesson.model_fields_set and lesson.biases is None:
        yield _("“biases” came as {came}; allowed is a list with an entry per computed layer.").format(came="null")
    if lesson.biases is not None:
        if len(lesson.biases) != len(shapes):
            yield _("“biases” came with {came} entries; allowed is one per computed layer, here {allowed}.").format(came=len(lesson.biases), allowed=len(shapes))
        for place, (biases, (rows, _columns)) in enumerate(zip(lesson.biases, shapes, strict=False), 1):
            if biases is not None and len(biases) != rows:
                yield _("“biases[{place}]” came with {came} numbers; allowed are {allowed}, one per unit, or null.").format(place=place, came=len(biases), allowed=rows)
            elif biases is not None and lesson.shared_bias and len(set(biases)) > 1:
                yield _("“biases[{place}]” came with different numbers; with “shared_bias” the biases of a layer must be equal.").format(place=place)


def _sample_faults(lesson: Lesson):
    if lesson.learning_rate < 0:
        yield _("“learning_rate” came as {came}; allowed are numbers from 0 up.").format(came=lesson.learning_rate)
