"""Tables that are typed into: what a data editor reports, put on top of what it was given."""

import pytest

from backprop.ui.grids import _lacks, applied

BASE = [{"x₁": 0.5, "t₁": 1.0}, {"x₁": 0.25, "t₁": 0.0}]
NAMES = ["x₁", "t₁"]


@pytest.mark.parametrize(
    ("edits", "rows"),
    [
        ({}, BASE),
        ({"edited_rows": {0: {"x₁": 2}}}, [{"x₁": 2.0, "t₁": 1.0}, BASE[1]]),
        ({"edited_rows": {"1": {"t₁": 0.75}}}, [BASE[0], {"x₁": 0.25, "t₁": 0.75}]),
        ({"edited_rows": {0: {"x₁": None}}}, [{"x₁": None, "t₁": 1.0}, BASE[1]]),
        ({"deleted_rows": [0]}, [BASE[1]]),
        ({"added_rows": [{"x₁": 3, "t₁": 4}]}, [*BASE, {"x₁": 3.0, "t₁": 4.0}]),
        ({"added_rows": [{"x₁": 3}]}, [*BASE, {"x₁": 3.0, "t₁": None}]),
        ({"edited_rows": {0: {"x₁": 9}}, "deleted_rows": [1], "added_rows": [{"x₁": 1, "t₁": 2}]}, [{"x₁": 9.0, "t₁": 1.0}, {"x₁": 1.0, "t₁": 2.0}]),
        ({"edited_rows": {7: {"x₁": 1}, 0: {"nonsense": 1, "t₁": True}}}, [{"x₁": 0.5, "t₁": None}, BASE[1]]),
    ],
)  # fmt: skip
def test_edits_are_put_on_top(edits, rows):
    before = [dict(row) for row in BASE]
    assert applied(BASE, NAMES, edits) == rows and before == BASE


def test_what_is_missing_is_told():
    assert _lacks(BASE, "Sample") == ""
    assert _lacks([*BASE, {"x₁": None, "t₁": 1.0}], "Sample") == "Sample 3 has no number for x₁ yet."
    assert _lacks([], "Sample") == "At least one row is needed."
