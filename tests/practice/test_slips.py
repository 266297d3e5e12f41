"""A slip as a wrong rule and the same slip as a wrong way to run the engine: two descriptions, one number, cell by cell."""

import math

import pytest
from hypothesis import given, settings

from backprop.lessons.examples import EXAMPLES, example
from backprop.practice.reckoning import Reckoning, after
from backprop.practice.recognition import all_along
from backprop.practice.slips import IN_A_RUN, SLIPS
from backprop.practice.wrong import run_wrong, trace_wrong
from backprop.practice.wrong_ways import WRONG
from backprop.runs.history import trace
from tests.strategies import lessons

ALONE = {"stale_weights", "no_mean"}
"""What a single number cannot do: gradients of another iteration; the mean of a batch, which is a factor m at a number."""


def test_every_way_to_run_is_a_slip_of_single_numbers_too():
    assert set(IN_A_RUN) | ALONE == set(WRONG)
    assert {slip for slip, _way in IN_A_RUN.values()} <= set(SLIPS)


def comparable(lesson, way: str) -> bool:
    """The slope of a softmax, and of an output whose loss and activation are differentiated in one go, is not taken at a by hand."""
    network = lesson.network
    plain = not network.fused and not any(row.vector for row in network.activations)
    return WRONG[way].applies(lesson) and (plain or way != "slope_at_a")


def agree(lesson, name: str) -> int:
    """Compare every number of the backward pass and the update; how many differ from the right ones."""
    slip, way = IN_A_RUN[name]
    right, wrong = trace(lesson), trace_wrong(lesson, name, 0)
    by_rules = Reckoning(right, 4, rewrite=all_along(SLIPS[slip], way))
    changed = 0
    for step in wrong.steps:
        if step.phase not in ("backward", "update") or (name == "no_bias_update" and step.quantity == "dL_db"):
            continue  # of a bias that is not updated the gradient is still computed by a run
        for cell in wrong.cells(step):
            if cell.quantity == "da_dz" and name in ("no_slope", "softmax_diagonal"):
                continue  # the slope itself stands there; it is left out of what follows
            a, b = wrong.at(cell), by_rules.value(cell).value
            assert a == pytest.approx(b, rel=1e-9, abs=1e-12 * max(1.0, abs(right.at(cell)))) or not math.isfinite(a), (
                cell
            )
            changed += a != right.at(cell)
    return changed


@pytest.mark.parametrize("way", IN_A_RUN)
@pytest.mark.parametrize("name", EXAMPLES)
def test_rules_and_runs_agree_on_the_examples(name, way):
    lesson = example(name)
    if comparable(lesson, way):
        agree(lesson, way)


@settings(max_examples=30, deadline=None)
@given(lessons())
def test_rules_and_runs_agree_on_any_lesson(lesson):
    for way in IN_A_RUN:
        if comparable(lesson, way):
            agree(lesson, way)


@pytest.mark.parametrize("way", ["plus", "fresh_weights", "no_slope", "sign", "twice", "rate_forgotten"])
def test_the_loss_after_a_wrong_update_is_the_wrong_runs(way):
    lesson = example("towardsai")
    slip, kind = IN_A_RUN[way]
    made = Reckoning(trace(lesson), 4, rewrite=all_along(SLIPS[slip], kind)).computed(after(trace(lesson)))
    assert made.value == pytest.approx(run_wrong(lesson, way, 1)[1], rel=1e-12)
