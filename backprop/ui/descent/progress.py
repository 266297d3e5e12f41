"""How far the run of a lesson is computed: a long one is computed in slices, one at each look of the page, which stays awake meanwhile."""

from __future__ import annotations

from typing import NamedTuple

from backprop.lessons.lesson import Lesson
from backprop.runs.history import history
from backprop.ui.place import Place

SLICE = 0.08
"""Seconds of computing at each look."""


class Progress(NamedTuple):
    """known: the last iteration whose loss is there · wanted: where the run is to end."""

    known: int
    wanted: int

    @property
    def pending(self) -> bool:
        return self.known < self.wanted


def progress(here: Place, lesson: Lesson | None = None, seconds: float = SLICE) -> Progress:
    """Compute a slice more of the run of the place's lesson (or another one)."""
    run = history(lesson or here.lesson)
    return Progress(run.reach(here.span, seconds).known(here.span), here.span)
