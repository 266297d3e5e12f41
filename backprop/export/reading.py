"""A trace CSV read back: every cell and its number, exact to the bit; what is not such a file is refused in one sentence."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from backprop.engine.steps import QUANTITIES, Cell
from backprop.export.table import HEADER
from backprop.language import _
from backprop.runs.history import MAX_ITERATIONS

MAX_CHARACTERS = 150_000_000
MAX_ROWS = 100_000
"""What the command line writes at most; a longer text is refused before it is read."""

_VALUE = re.compile(r"-?(?:\d+(?:\.\d+)?(?:e[+-]?\d{1,4})?|inf)|nan", re.ASCII)
_PLACE = re.compile(r"\d{1,6}", re.ASCII)
_OPTIONAL = {("loss", "sample"), ("b", "unit"), ("dL_db", "unit"), ("b_new", "unit")}
"""The places that may be empty: of the mean loss, and of tied biases."""


class TableError(ValueError):
    """A text that is not a trace CSV; the message is one sentence that names the line."""


def from_csv(text: str) -> dict[tuple[int, Cell], float]:
    """The numbers of a trace CSV by iteration and cell, in the order of the file, each exact to the bit.

    iteration, phase, layer, quantity, sample, unit, from_unit and value of each row are read and checked; step, symbol,
    formula and substitution follow from them and are not. Lines may end with CRLF or LF. Raises TableError for a text
    of more than MAX_CHARACTERS or MAX_ROWS, another header, a row that cannot be, or a number that stands twice.
    """
    if len(text) > MAX_CHARACTERS:
        raise TableError(
            _("The file has {came} characters; at most {limit} are allowed.").format(
                came=len(text), limit=MAX_CHARACTERS
            )
        )
    table = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    found: dict[tuple[int, Cell], float] = {}
    try:
        if tuple(next(table, ())) != HEADER:
            raise TableError(
                _("This is not a trace file: its first line must be {header}.").format(header=",".join(HEADER))
            )
        for count, row in enumerate(table, 1):
            if count > MAX_ROWS:
                raise TableError(_("The file has more than {limit} rows.").format(limit=MAX_ROWS))
            iteration, cell, value = _read(row, table.line_num)
            if (iteration, cell) in found:
                raise TableError(_("Line {line}: this number stands twice.").format(line=table.line_num))
            found[iteration, cell] = value
    except csv.Error:
        raise TableError(_("Line {line} cannot be read as CSV.").format(line=max(1, table.line_num))) from None
    return found


def _read(row: Sequence[str], line: int) -> tuple[int, Cell, float]:
    if len(row) != len(HEADER):
        raise TableError(
            _("Line {line} has {came} cells; a trace file has {count}.").format(
                line=line, came=len(row), count=len(HEADER)
            )
        )
    cells = dict(zip(HEADER, row, strict=True))
    quantity = cells["quantity"]
    if quantity not in QUANTITIES or cells["phase"] != QUANTITIES[quantity][0]:
        raise _wrong(line, "quantity", quantity)
    if not _VALUE.fullmatch(cells["value"]):
        raise _wrong(line, "value", cells["value"])
    iteration = _place(cells, "iteration", line)
    if iteration is None or iteration > MAX_ITERATIONS:
        raise _wrong(line, "iteration", cells["iteration"])
    layer = _place(cells, "layer", line)
    if (layer is None) != (quantity == "learning_rate"):
        raise _wrong(line, "layer", cells["layer"])
    places = {name: _place(cells, name, line) for name in ("sample", "unit", "from_unit")}
    for name, place in places.items():
        wanted = name in QUANTITIES[quantity][1]
        may_be = wanted or (quantity, name) == ("da_dz", "from_unit")
        may_lack = not wanted or (quantity, name) in _OPTIONAL
        if place == 0 or (place is None and not may_lack) or (place is not None and not may_be):
            raise _wrong(line, name, cells[name])
    return iteration, Cell(quantity, layer, **places), float(cells["value"])


def _place(cells: dict[str, str], column: str, line: int) -> int | None:
    text = cells[column]
    if text and not _PLACE.fullmatch(text):
        raise _wrong(line, column, text)
    return int(text) if text else None


def _wrong(line: int, column: str, came: str) -> TableError:
    return TableError(
        _("Line {line}: “{came}” cannot stand in the column {column}.").format(
            line=line, came=came[:40].encode("unicode_escape").decode(), column=column
        )
    )
