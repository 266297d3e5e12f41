"""Where a run stops, against a loop that looks at one loss after the other."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop import example, run
from backprop.lessons.examples import EXAMPLES
from backprop.runs.stopping import RULES, Stop, lost_from, stop

numbers = st.one_of(st.floats(0, 2, width=16), st.sampled_from([math.inf, -math.inf, math.nan, 0.0, 1.0]))
limits = st.one_of(st.just(0.0), st.floats(0, 2, width=16))


def looked_at(losses, below, still):
    """The rule, one iteration after the other."""
    for k, loss in enumerate(losses):
        if below > 0 and loss < below:
            return Stop(k, "below")
        if still > 0 and k > 0 and abs(loss - losses[k - 1]) < still:
            return Stop(k, "still")
    return None


@given(st.lists(numbers, min_size=1, max_size=30), limits, limits)
def test_a_run_stops_where_a_loop_over_its_losses_stops(losses, below, still):
    assert stop(np.array(losses), below, still) == looked_at(losses, below, still)


@given(st.lists(numbers, min_size=1, max_size=30))
def test_a_limit_of_0_never_stops_a_run(losses):
    assert stop(np.array(losses)) is None


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_losses_of_an_example_up_to_the_stop_do_not_meet_the_rule_yet(name):
    losses = run(example(name), 300).loss
    for rule, limit in (("below", float(losses[40]) + 1e-12), ("still", float(abs(losses[40] - losses[39])) + 1e-12)):
        found = stop(losses, **{rule: limit})
        assert found is not None and found.rule == rule and found.iteration <= 40
        assert stop(losses[: found.iteration], **{rule: limit}) is None
        assert rule in RULES


def test_both_rules_at_once_are_told_as_the_loss_being_small():
    assert stop(np.array([1.0, 0.1, 0.1]), below=0.5, still=1.0) == Stop(1, "below")
    assert stop(np.array([1.0, 0.9, 0.1]), below=0.5, still=0.2) == Stop(1, "still")
    assert stop(np.array([]), below=1.0, still=1.0) is None


@given(st.lists(numbers, min_size=1, max_size=30))
def test_a_loss_is_lost_once_none_that_follows_is_a_number(losses):
    first = len(losses)
    while first and not math.isfinite(losses[first - 1]):
        first -= 1
    assert lost_from(np.array(losses)) == (first if first < len(losses) else None)
