"""What becomes of a loss; tests of `lost` and `trend` on runs with slips stand in tests/practice/test_wrong.py."""

import numpy as np
import pytest

from backprop import example, trace
from backprop.engine.steps import Cell
from backprop.runs.fate import first_lost, lost, trend
from backprop.runs.rates import FACTORS, suggested

COUNT = np.arange(200.0)


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        (np.exp(-COUNT / 50), "falls"),
        (0.1 + 0 * COUNT, "still"),
        (np.exp(-COUNT), "still"),
        (0.5 + 0.3 * (-1) ** COUNT, "swings"),
        (0.1 + COUNT / 100, "rises"),
        (np.where(COUNT > 150, np.inf, COUNT), "lost"),
        (np.where(COUNT > 150, np.nan, 1.0), "lost"),
    ],
)
def test_what_a_loss_does_at_its_end(losses, expected):
    assert trend(losses) == expected
    assert lost(losses) == (151 if expected == "lost" else None)


def test_the_first_number_that_is_too_large_is_found():
    lesson = example("genomexyz").changed(learning_rate=1e200)
    gone = next(k for k in range(10) if not np.isfinite(trace(lesson, k).loss))
    cell = first_lost(trace(lesson, gone))
    t = trace(lesson, gone)
    assert not np.isfinite(t.at(cell))
    assert first_lost(trace(example("genomexyz"))) is None
    before = [each for step in t.given if step.quantity in ("x", "t", "learning_rate") for each in t.cells(step)]
    assert all(np.isfinite(t.at(each)) for each in before) and isinstance(cell, Cell)


@pytest.mark.parametrize("name", ["gurarie", "csdn", "genomexyz", "towardsai", "xor", "dabbura-relu", "softmax"])
def test_a_small_a_large_and_a_failing_rate_suggest_themselves(name):
    lesson = example(name)
    small, large, failing = suggested(lesson, lesson.learning_rate)
    assert 0 < small < lesson.learning_rate < large < failing <= FACTORS[-1] * lesson.learning_rate * 1.01
    ends = [trace(lesson.changed(learning_rate=rate), 200).loss for rate in (small, large, failing)]
    start = trace(lesson).loss
    assert ends[1] < start, "the large one still brings the loss down"
    assert not ends[2] <= min(ends[1], start) or failing > 1e5 * lesson.learning_rate
