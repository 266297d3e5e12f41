"""The state of the walk as one value: which lesson, where in it, and how it is shown.

A Place is plain data and knows no Streamlit. It can be written as a short JSON text (`memo`): the page's components
carry it along, so that after a restart of the server the first click already lands where it should.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from backprop.engine.steps import Cell, Trace
from backprop.explain.conventions import CONVENTIONS, Convention
from backprop.explain.numerals import DIGITS
from backprop.figures.canvas import address, cell_at
from backprop.lessons.examples import EXAMPLES, FIRST, example
from backprop.lessons.lesson import Lesson, LessonError
from backprop.runs.history import MAX_ITERATIONS, trace
from backprop.runs.walk import GRAINS, Walk, walk


@dataclass(frozen=True)
class Place:
    """origin: the name of the example the lesson began as · lesson: as it is now · iteration, stop: see runs.walk ·
    grain: "number" or "layer" · sample: the picked one, from 1 · selected: a number clicked on · hide, revealed: "Hide the answer" ·
    digits, convention, comma, fractions: how numbers and symbols are written
    """

    origin: str = FIRST
    lesson: Lesson = example(FIRST)
    iteration: int = 0
    stop: int = 0
    grain: str = "number"
    sample: int = 1
    selected: Cell | None = None
    hide: bool = False
    revealed: bool = False
    digits: int = DIGITS
    convention: str = "za"
    comma: bool = False
    fractions: bool = False

    @cached_property
    def trace(self) -> Trace:
        return trace(self.lesson, self.iteration)

    @cached_property
    def walk(self) -> Walk:
        return walk(self.trace, self.sample)

    @property
    def notation(self) -> Convention:
        """The convention, told the lesson's network."""
        return CONVENTIONS[self.convention].on(self.lesson.network.sizes, len(self.lesson.inputs))

    @property
    def covered(self) -> bool:
        """Is the answer of this stop covered now?"""
        return self.hide and not self.revealed and self.stop > 0 and self.selected is None

    def cells(self) -> tuple[Cell, ...]:
        """What is made at this place: the number selected, or the number of the stop, or all of its layer's quantity."""
        if self.selected is not None:
            return (self.selected,)
        cell = self.walk.cell(self.stop)
        if cell is None:
            return ()
        if self.grain == "number":
            return (cell,)
        return tuple(
            each for each in self.walk.cells[: self.stop] if each.quantity == cell.quantity and each.layer == cell.layer
        )

    def settled(self) -> Place:
        """The same place with every number inside what the lesson has."""
        iteration = min(max(0, self.iteration), MAX_ITERATIONS)
        sample = min(max(1, self.sample), len(self.lesson.inputs))
        place = replace(self, iteration=iteration, sample=sample)
        stop = place.walk.settled(self.stop, self.grain)
        selected = None if self.selected is None else place._told(self.selected, stop)
        return replace(place, stop=stop, selected=selected)

    def _told(self, cell: Cell, stop: int) -> Cell | None:
        """What a click on a cell selects: of a given number the newest that is computed of it; nothing not yet reached."""
        for quantity in {"W": ("W_new", "dL_dW"), "b": ("b_new", "dL_db"), "x": ("dL_dx",)}.get(cell.quantity, ()):
            newer = cell._replace(quantity=quantity)
            if _exists(self.trace, newer) and self.walk.known(newer, stop):
                return newer
        return cell if _exists(self.trace, cell) and self.walk.known(cell, stop) else None

    def moved(self, wish: Mapping[str, Any]) -> Place:
        """The place a click or key asks for; whatever in the wish makes no sense is left as it is."""
        fields: dict[str, Any] = {}
        for key in ("iteration", "stop", "sample", "digits"):
            if isinstance(wish.get(key), int) and not isinstance(wish[key], bool):
                fields[key] = wish[key]
        fields |= {
            key: wish[key] for key in ("hide", "revealed", "comma", "fractions") if isinstance(wish.get(key), bool)
        }
        if wish.get("grain") in GRAINS:
            fields["grain"] = wish["grain"]
        if isinstance(wish.get("convention"), str) and wish["convention"] in CONVENTIONS:
            fields["convention"] = wish["convention"]
        if "selected" in wish:
            fields["selected"] = (
                cell_at(wish["selected"]) if isinstance(wish["selected"], str) and wish["selected"] else None
            )
        fields["digits"] = min(max(2, fields.get("digits", self.digits)), 12)
        return replace(self, **fields).settled()

    def with_lesson(self, lesson: Lesson, name: str | None = None) -> Place:
        """The same place in a lesson that was changed; with a name, at the start of another example."""
        if name is not None:
            return replace(
                self, origin=name, lesson=lesson, iteration=0, stop=0, sample=1, selected=None, revealed=False
            )
        return replace(self, lesson=lesson).settled()

    def view(self) -> dict[str, Any]:
        """Everything but the lesson, as plain data."""
        return {
            "iteration": self.iteration, "stop": self.stop, "grain": self.grain, "sample": self.sample, "hide": self.hide, "revealed": self.revealed,
            "digits": self.digits, "convention": self.convention, "comma": self.comma, "fractions": self.fractions, "selected": address(self.selected) if self.selected else "",
        }  # fmt: skip

    def memo(self) -> str:
        """The place as JSON; from_memo reads it back."""
        own = {} if self.lesson == example(self.origin) else {"lesson": self.lesson.to_json()}
        return json.dumps({"example": self.origin, **own, **self.view()}, separators=(",", ":"))

    @staticmethod
    def from_memo(text: Any) -> Place | None:
        """The place that was written, or None if the text does not make one."""
        try:
            data = json.loads(text) if isinstance(text, str) and len(text) < 100_000 else None
            if not isinstance(data, dict) or data.get("example") not in EXAMPLES:
                return None
            lesson = (
                Lesson.from_json(data["lesson"]) if isinstance(data.get("lesson"), str) else example(data["example"])
            )
        except (ValueError, RecursionError, LessonError):
            return None
        return Place(origin=data["example"], lesson=lesson).moved(data)


def _exists(trace_: Trace, cell: Cell) -> bool:
    try:
        trace_.at(cell)
    except (KeyError, TypeError):
        return False
    return True
