"""The identical run again: a start's run computed once more from its seed, with nothing remembered, and held against the first."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np
import streamlit as st

from backprop.engine.network import Parameters
from backprop.runs.history import Run


class Repeat(NamedTuple):
    """pressed: how often the button has been · of: which run · run: computed for this press alone"""

    pressed: int
    of: Hashable
    run: Run


class Same(NamedTuple):
    """How many losses and parameters were compared, and how many of each are the same bit for bit."""

    losses: int
    same_losses: int
    numbers: int
    same_numbers: int

    @property
    def all(self) -> bool:
        return self.losses == self.same_losses and self.numbers == self.same_numbers


def repeat(pressed: int, of: Hashable, anew: Run) -> Run | None:
    """The run that the last press asked for; None if it was pressed for another start, lesson or seed, or not at all.

    anew: a run of which nothing is computed yet; it is taken when the button was pressed since the last look.
    """
    kept: Repeat | None = st.session_state.get("repeat")
    if kept is None or kept.pressed != pressed:
        kept = st.session_state.repeat = Repeat(pressed, of, anew)
    return kept.run if kept.pressed and kept.of == of else None


def same(first: tuple[np.ndarray, Parameters], again: tuple[np.ndarray, Parameters]) -> Same:
    """Losses (n + 1,) and the last parameters of two runs, number by number, by their bits."""
    counted = [_bits(*pair) for pair in ((first[0], again[0]), (_flat(first[1]), _flat(again[1])))]
    return Same(*counted[0], *counted[1])


def _flat(parameters: Parameters) -> np.ndarray:
    arrays = (*parameters.W, *(b for b in parameters.b if b is not None))
    return np.concatenate([np.ravel(each) for each in arrays])


def _bits(first: np.ndarray, again: np.ndarray) -> tuple[int, int]:
    if len(first) != len(again):
        return len(first), 0
    pairs = (np.ascontiguousarray(each, dtype=float).view(np.uint64) for each in (first, again))
    return len(first), int(np.equal(*pairs).sum())
