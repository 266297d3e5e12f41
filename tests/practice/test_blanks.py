"""The sheet on screen: its parts, the dial, and chosen steps. (What is covered on paper: tests/export/test_sheet.py.)"""

import itertools

import pytest

from backprop.lessons.examples import EXAMPLES, example
from backprop.practice.blanks import DIAL, dialled, named, parts
from backprop.runs.history import trace
from backprop.runs.walk import walk


@pytest.mark.parametrize("name", EXAMPLES)
def test_parts_hold_every_number_once_and_in_order(name):
    cells = walk(trace(example(name)), 1).cells
    found = parts(cells)
    assert sorted(cell for part in found for cell in part.cells if cell.unit) == sorted(
        cell for cell in cells if cell.unit
    )
    assert [part.name for part in found] == list(dict.fromkeys(part.name for part in found))
    for part in found:
        for row in part.rows:
            assert len({cell.quantity for cell in row}) == 1


def test_a_row_of_weights_is_what_one_sender_sends():
    backward = next(part for part in parts(walk(trace(example("csdn")), 1).cells) if part.name == "backward.2")
    rows = [row for row in backward.rows if row[0].quantity == "dL_dW"]
    sizes = example("csdn").layers
    assert len(rows) == sizes[1] and all([cell.unit for cell in row] == list(range(1, sizes[2] + 1)) for row in rows)
    assert all(len({cell.from_unit for cell in row}) == 1 for row in rows)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_stop_of_the_dial_blanks_what_the_one_before_did_and_the_first_steps_first(name):
    for part in parts(walk(trace(example(name)), 1).cells):
        found = [set(dialled(part, stop)) for stop in range(DIAL + 1)]
        assert not found[0] and found[DIAL] == set(part.cells)
        for fewer, more in itertools.pairwise(found):
            assert fewer <= more
        assert all(
            {cell.quantity for cell in each} == {cell.quantity for cell in part.cells[: len(each)]} for each in found
        )


def test_steps_and_phases_by_name():
    part = next(each for each in parts(walk(trace(example("towardsai")), 1).cells) if each.name == "backward.2")
    assert set(named(part, ["backward"])) == set(part.cells)
    assert {cell.quantity for cell in named(part, ["dL_dz.2", "a.1"])} == {"dL_dz"}
