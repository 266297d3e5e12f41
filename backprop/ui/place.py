"""The state of the walk as one value: which lesson, where in it, and how it is shown.

A Place is plain data and knows no Streamlit. It can be written as the parameters of a link (`query`) and is read from
them, whether they stand in the address of the page, in a link that somebody sends, or in the memo that the page's components
carry along, so that after a restart of the server the first click already lands where it should. Links are read in
backprop/ui/visit.py, which says what it ignores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urlencode

from backprop.engine.steps import Cell, Trace
from backprop.explain.conventions import CONVENTIONS, Convention
from backprop.explain.numerals import full
from backprop.explain.paths import Ledger, followable, ledger
from backprop.language import _
from backprop.lessons import changes, link
from backprop.lessons.examples import EXAMPLES, FIRST, example
from backprop.lessons.lesson import Lesson
from backprop.practice.variants import variant
from backprop.runs.history import MAX_ITERATIONS, history, trace
from backprop.runs.walk import Walk, walk
from backprop.ui.fields.by_hand import TYPED, Practised
from backprop.ui.fields.comparing import Compared
from backprop.ui.fields.descending import Descended
from backprop.ui.fields.following import Followed
from backprop.ui.fields.reading import said
from backprop.ui.fields.table import BOUNDS, FIELDS
from backprop.ui.fields.walking import Walking


@dataclass(frozen=True)
class Place(Compared, Descended, Practised, Followed, Walking):
    """origin: the name of the example the lesson began as · lesson: as it is now ·
    seed: of the variant that the lesson is, 0 for none; base: the lesson it is the variant of.

    The other fields belong to a page each: ui/fields/ tells what they mean.
    """

    origin: str = FIRST
    lesson: Lesson = example(FIRST)
    seed: int = 0
    base: Lesson | None = None

    @cached_property
    def trace(self) -> Trace:
        return trace(self.lesson, self.iteration)

    @property
    def _shape(self) -> Trace:
        """A trace of the lesson for what does not depend on its numbers, which a long run need not be computed for."""
        known = history(self.lesson).known() >= self.iteration - 1
        return self.trace if known else trace(self.lesson)

    @cached_property
    def walk(self) -> Walk:
        return walk(self.trace, self.sample)

    @property
    def notation(self) -> Convention:
        """The convention, told the lesson's network."""
        return CONVENTIONS[self.convention].on(self.lesson.network.sizes, len(self.lesson.inputs))

    @property
    def title(self) -> str:
        """The lesson's title; one without has its example's."""
        return self.lesson.title or _(EXAMPLES[self.origin].title)

    @property
    def follows(self) -> Cell:
        """The number that is followed: the one chosen, else the one selected in the walk, else the first weight."""
        if self.followed is not None:
            return self.followed
        if self.selected is not None and (cell := followable(self.trace, self.selected)):
            return cell if cell.sample is None else cell._replace(sample=self.sample)
        return Cell("W", 1, None, 1, 1)

    @cached_property
    def ledger(self) -> Ledger:
        """The paths of the number that is followed."""
        return ledger(self.trace, self.follows, self.sample)

    @property
    def covered(self) -> bool:
        """Is the answer of this stop covered now?"""
        covers = (self.hide or self.predict) and not (self.revealed or self.guess)
        return covers and self.stop > 0 and self.selected is None

    @property
    def seen(self) -> int:
        """The last stop whose number is uncovered."""
        return self.stop - len(self.cells()) if self.covered else self.stop

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
        """The same place with every number inside what the lesson has; a variant of which a number was changed is one no more."""
        iteration = min(max(0, self.iteration), MAX_ITERATIONS)
        sample = min(max(1, self.sample), len(self.lesson.inputs))
        drawn = self.seed and self.base is not None and variant(self.base, self.seed) == self.lesson
        seed, base = (self.seed, self.base) if drawn else (0, None)
        place = replace(self, seed=seed, base=base, iteration=iteration, sample=sample)
        stop = walk(place._shape, sample).settled(self.stop, self.grain)
        selected = None if self.selected is None else place._told(self.selected, stop)
        return replace(place, stop=stop, selected=selected)._following()

    def _following(self) -> Place:
        """The same place with what is followed, and where on its way, inside what the lesson has."""
        followed = self.followed and followable(self._shape, self.followed)
        if followed and followed.sample is not None:
            followed = followed._replace(sample=self.sample)
        place = replace(self, followed=followed, op=max(0, self.op) if followed == self.followed else 0)
        if self.path and not 0 < self.path <= len(place.ledger.paths):
            place = replace(place, path=0)
        return place

    def _told(self, cell: Cell, stop: int) -> Cell | None:
        """What a click on a cell selects: of a given number the newest that is computed of it; nothing not yet reached."""
        shape, known = self._shape, walk(self._shape, self.sample).known
        for quantity in {"W": ("W_new", "dL_dW"), "b": ("b_new", "dL_db"), "x": ("dL_dx",)}.get(cell.quantity, ()):
            newer = cell._replace(quantity=quantity)
            if shape.holds(newer) and known(newer, stop):
                return newer
        return cell if shape.holds(cell) and known(cell, stop) else None

    def moved(self, wish: Mapping[str, Any]) -> Place:
        """The place a click or key asks for; whatever in the wish makes no sense is left as it is."""
        fields: dict[str, Any] = {}
        for name, field in FIELDS.items():
            if name in wish:
                try:
                    fields[name] = field.read(wish[name])
                except ValueError:
                    continue
        pointed = fields.get("followed")
        if pointed and not followable(self._shape, pointed):  # a click on the loss or a target leads nowhere
            pointed = fields["followed"] = self.followed
        if fields.get("selected") not in (None, self.selected) and pointed in (None, self.followed):
            fields["followed"] = None  # what is selected in the walk is followed from here on
        for name, (least, most) in BOUNDS.items():
            fields[name] = min(max(least, fields.get(name, getattr(self, name))), most)
        place = replace(self, **fields).settled()
        if "guess" not in wish and self.guess and place._at() != self._at():  # a guess is of one number
            place = replace(place, guess="", revealed=False)
        return place

    def _at(self) -> tuple[Any, ...]:
        """Which numbers are made here."""
        return self.iteration, self.stop, self.grain, self.sample, self.selected

    def with_lesson(self, lesson: Lesson, name: str | None = None) -> Place:
        """The same place in a lesson that was changed; with a name, at the start of another example."""
        if name is not None:
            return replace(
                self,
                origin=name,
                lesson=lesson,
                seed=0,
                base=None,
                iteration=0,
                stop=0,
                sample=1,
                selected=None,
                revealed=False,
                guess="",
            )
        revealed = self.revealed or bool(self.guess)  # what was uncovered stays so while a slider is dragged
        return replace(self, lesson=lesson, revealed=revealed, guess="").settled()

    def varied(self, seed: int) -> Place:
        """The same place in the variant of a seed; 0 is the lesson as it was set up. Raises ValueError for another seed."""
        base = self.base or self.lesson
        return replace(self, lesson=variant(base, seed), seed=seed, base=base).settled()

    def view(self) -> dict[str, Any]:
        """Everything but the lesson and what was typed on the sheet, as plain data."""
        return {name: _plain(getattr(self, name)) for name in FIELDS if name not in TYPED}

    def typed(self) -> dict[str, Any]:
        """What was typed on the sheet, as plain data."""
        return {name: dict(getattr(self, name)) for name in TYPED}

    def query(self) -> dict[str, str]:
        """The parameters of a link to this place: what differs from the first example at its start."""
        found = {"ex": self.origin} if self.origin != FIRST or self.seed else {}
        lesson = self.base or self.lesson
        if lesson is not example(self.origin):
            found |= _lesson_query(self.origin, lesson.to_json())
        if self.seed:
            found["seed"] = str(self.seed)
        start = Place()
        for name, field in FIELDS.items():
            value = getattr(self, name)
            if field.parameter and value != getattr(start, name):
                found[field.parameter] = said(value)
        return found

    def numbers_query(self) -> str:
        """The link to the numbers of a variant alone, as it is printed on a sheet; an example's own numbers need none."""
        bare = replace(Place(), origin=self.origin, lesson=self.lesson, seed=self.seed, base=self.base)
        return urlencode(replace(bare, iteration=self.iteration).query(), safe="~") if self.seed else ""

    def memo(self) -> str:
        """The same as one text, for the page to carry along."""
        return urlencode(self.query() | ({"shown": "1"} if self.revealed or self.guess else {}))


def _plain(value: Any) -> Any:
    if isinstance(value, Cell):
        return value.address
    return "" if value is None else value


@lru_cache(maxsize=256)
def _lesson_query(origin: str, text: str) -> dict[str, str]:
    """How a link says which lesson is meant: the numbers that differ from its example's, or the whole lesson, packed.

    text: the lesson file; equal lessons may differ in the sign of a zero, their files tell them apart.
    """
    if text == example(origin).to_json():
        return {}
    lesson = Lesson.from_json(text)
    changed = changes.difference(example(origin), lesson)
    numbers = "~".join(f"{cell.address}_{full(value)}" for cell, value in (changed or {}).items())
    if changed is not None and len(numbers) < SHORT:
        return {"set": numbers}
    ways = [{"lesson": link.packed(lesson)}, *([{"set": numbers}] if changed is not None else [])]
    return min(ways, key=lambda way: len(urlencode(way)))


SHORT = 200
"""Characters of changed numbers that are said as they are, without a look whether the packed lesson is shorter."""
