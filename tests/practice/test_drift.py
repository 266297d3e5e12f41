"""How far the twins have drifted: by hand on small numbers, and the rows that tell most."""

import math
from decimal import Decimal
from fractions import Fraction

import pytest

from backprop import Lesson, example
from backprop.engine.steps import Cell
from backprop.lessons.examples import EXAMPLES
from backprop.practice.drift import MANY, apart, kept, loss, parting, relative, table, worst
from backprop.practice.rounding import twins
from backprop.runs.walk import walk


def test_the_drift_is_relative_and_signed():
    assert relative(Decimal("0.0004"), 0.0005) == pytest.approx(-0.2)
    assert relative(Decimal("-0.0004"), -0.0005) == pytest.approx(0.2)
    assert relative(Decimal(0), 3e-9) == -1 and relative(Decimal(0), 0.0) == 0
    assert relative(Decimal("0.1"), 0.0) == math.inf and math.isnan(relative(Decimal(1), math.inf))
    assert relative(Decimal("0.3"), 0.1 + 0.2) == 0 and relative(Decimal("0.33"), Fraction(1, 3)) == pytest.approx(
        -0.01
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_rows_are_the_walk_and_the_worst_is_the_worst(name):
    found = twins(example(name), 2, 3)
    rows = table(found, 1, 10_000)
    assert [row.cell for row in rows] == list(walk(found.trace, 1).cells)
    sizes = [abs(float(row.up) - row.full) / abs(row.full) if row.full else 0.0 for row in rows]
    assert abs(worst(rows).drift) == pytest.approx(max(sizes), rel=1e-6)
    few = table(found, 1, 5)
    assert worst(few).cell == worst(rows).cell and sum(row.of for row in few) == len(rows)
    first = parting(rows)
    assert (first is None) == all(row.up == row.even for row in rows)
    right, gone = kept(rows)
    assert right == sum(abs(float(row.up) - row.full) <= 0.5001e-3 for row in rows)
    assert gone == sum(float(row.up) == 0 != row.full for row in rows)
    assert len(table(found, 1)) <= MANY


def test_a_number_that_is_exactly_a_half_is_right_however_it_is_rounded():
    lesson = Lesson(layers=[1, 1], activations=["linear"], loss="squared_error", weights=[[[0.25]]], inputs=[[0.5]], targets=[[0.0]], learning_rate=0.5)  # fmt: skip
    row = next(row for row in table(twins(lesson, 0, 2), 1) if row.cell == Cell("z", 1, 1, 1))
    assert row.right == (row.up, row.even) == (Decimal("0.13"), Decimal("0.12")) and row.exact == Fraction(1, 8)


def test_the_loss_and_how_far_apart_it_is():
    found = twins(example("genomexyz"), 6, 4)
    told = loss(found)
    assert told.full == found.losses[6] and told.kept == found.up.losses[6]
    assert told.drift == pytest.approx((float(told.kept) - told.full) / told.full)
    up, even = apart(found)
    assert up == pytest.approx([abs(float(a) - b) for a, b in zip(found.up.losses, found.losses, strict=True)])
    assert len(even) == 7
    gone = twins(example("line").changed(learning_rate=1e60, weights=[[[1e150]]]), 3, 4)
    assert loss(gone) is None and len(apart(gone)[0]) < 4
