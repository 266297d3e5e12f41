"""A Lesson: network, starting parameters, samples and learning rate, validated and frozen; and its JSON file.

Every fault of a lesson is one sentence that names the key, what came and what is allowed. Nothing is repaired.
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import AllowInfNan, BaseModel, ConfigDict, Discriminator, Strict, Tag, ValidationError, model_validator

from backprop.engine import activations, losses, network
from backprop.engine.activations import LEAKY_SLOPE
from backprop.engine.network import Network, Parameters, frozen
from backprop.language import _
from backprop.lessons import faults
from backprop.lessons.faults import MAX_BYTES, LessonError

Number = Annotated[float, Strict(), AllowInfNan(False)]
Whole = Annotated[int, Strict()]
Text = Annotated[str, Strict()]
Switch = Annotated[bool, Strict()]
Row = tuple[Number, ...]
Matrix = tuple[Row, ...]


class Typed(BaseModel):
    """An activation that is typed as a formula in z, or a loss in a and t."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    formula: Text


def _said(row: Any) -> str:
    """Whether an activation or a loss is meant as a name or as a formula, so that a fault is told once."""
    return "formula" if isinstance(row, (dict, Typed)) else "name"


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
    loss: Said
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
            raise LessonError(list(dict.fromkeys(_told(fault) for fault in error.errors()))) from None

    @model_validator(mode="after")
    def _fits_together(self) -> Lesson:
        found = list(faults.shape_faults(self))
        if not found:
            found = [*faults.pair_faults(self), *faults.start_faults(self), *faults.sample_faults(self)]
        if found:
            raise LessonError(found)
        return self

    def __eq__(self, other: object) -> bool:
        """Equal fields make equal lessons; the arrays that were computed from them do not count."""
        return isinstance(other, Lesson) and all(
            getattr(self, key) == getattr(other, key) for key in Lesson.model_fields
        )

    @cached_property
    def _hash(self) -> int:
        return hash(tuple(getattr(self, key) for key in self.__class__.model_fields))

    def __hash__(self) -> int:
        return self._hash

    @staticmethod
    def spec(row: str | Typed) -> str | dict[str, str]:
        """What the engine's table of activations, or of losses, is asked for."""
        return {"formula": row.formula} if isinstance(row, Typed) else row

    # --- the lesson as the engine takes it

    @cached_property
    def network(self) -> Network:
        rows = tuple(activations.activation(self.spec(each), self.leaky_slope) for each in self.activations)
        biased = tuple(self.biases is None or row is not None for row in self.biases or (0,) * len(rows))
        return Network(self.layers, rows, losses.loss(self.spec(self.loss)), biased, self.shared_bias)

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
            raise LessonError(
                [_("The lesson has {came} bytes; at most {limit} are allowed.").format(came=len(text), limit=MAX_BYTES)]
            )
        try:
            data = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_int=_integer)
        except LessonError:
            raise
        except (ValueError, RecursionError) as error:  # JSONDecodeError and UnicodeDecodeError are ValueErrors
            where = f"{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else "1:1"
            raise LessonError(
                [
                    _("This is not a JSON text (line:column {where}); a lesson file is one JSON object.").format(
                        where=where
                    )
                ]
            ) from None
        if not isinstance(data, dict):
            raise LessonError(
                [_("The file holds {came}; a lesson file is one JSON object.").format(came=faults.show(data))]
            )
        return cls(**data)

    @classmethod
    def load(cls, path: str | Path) -> Lesson:
        """Read a lesson file. Raises LessonError for a bad one and OSError for an unreadable one."""
        path = Path(path)
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise LessonError(
                [_("The lesson has {came} bytes; at most {limit} are allowed.").format(came=size, limit=MAX_BYTES)]
            )
        return cls.from_json(path.read_bytes())

    def to_json(self) -> str:
        """The lesson file; reading it back gives an equal lesson."""
        return self._json

    @cached_property
    def _json(self) -> str:
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
        return Lesson(
            **{key: value for key, value in {**data, **fields}.items() if value is not None or key == "title"}
        )


def _told(fault: Any) -> str:
    """One sentence for one of pydantic's findings."""
    parts = fault["loc"]
    model = Lesson if len(parts) < 2 else Init if parts[0] == "init" else Typed
    return faults.sentence(fault, model.model_fields)


# --- JSON


def _refuse_constant(name: str) -> float:
    raise LessonError(
        [_("The file holds the number {came}; allowed are finite numbers up to 1.8e308.").format(came=name)]
    )


def _integer(text: str) -> float:
    """A whole number; one so long that Python will not read it is as far out of range as infinity."""
    return int(text) if len(text) <= 300 else float(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, value in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise LessonError(
            [_("The key “{key}” stands twice in the same object; allowed is once.").format(key=faults.short(twice))]
        )
    return found
