"""The table of formats: each row makes what its name says, and several iterations only where that is promised."""

import json

import nbformat
import pytest

from backprop import example, trace
from backprop.export import table
from backprop.export.formats import FORMATS

READS = {
    "csv": lambda data: table.from_csv(data.decode()),
    "json": lambda data: json.loads(data)["rows"],
    "torch": lambda data: compile(data, "script", "exec"),
    "ipynb": lambda data: nbformat.validate(nbformat.reads(data.decode(), as_version=4)) or "valid",
}
"""Text formats; binary ones are read by the tests of their own files."""


@pytest.mark.parametrize("name", FORMATS)
def test_a_row_says_what_it_is(name):
    row = FORMATS[name]
    assert row.name == name and row.title and row.suffix.startswith(".") and "/" in row.mime


@pytest.mark.parametrize("name", READS)
def test_what_is_made_can_be_read(name):
    assert READS[name](FORMATS[name].make(trace(example("neuron")), "One “neuron”"))


def test_suffixes_are_told_apart():
    assert len({row.suffix for row in FORMATS.values()}) == len(FORMATS)


@pytest.mark.parametrize("name", [name for name, row in FORMATS.items() if row.several])
def test_one_of_several_is_the_one(name):
    row, t = FORMATS[name], trace(example("xor"), 2)
    assert row.several is not None and row.several([t]) == row.make(t, "")
    assert len(row.several([t, trace(example("xor"), 3)])) > len(row.make(t, ""))
