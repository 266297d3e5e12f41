"""The trace as a table, CSV or JSON, to the contract in docs/contracts.md: numbers that read back to the bit."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence

from backprop.engine.steps import QUANTITIES, Cell, Trace
from backprop.explain import symbols, terms
from backprop.explain.derivation import RULES, explain
from backprop.explain.numerals import full
from backprop.language import _
from backprop.runs.history import MAX_ITERATIONS

HEADER = (
    "iteration",
    "step",
    "phase",
    "layer",
    "quantity",
    "sample",
    "unit",
    "from_unit",
    "symbol",
    "value",
    "formula",
    "substitution",
)

WHOLE = ("iteration", "step", "layer", "sample", "unit", "from_unit")
"""The columns that hold whole numbers or nothing."""


MAX_CHARACTERS = 150_000_000
MAX_ROWS = 100_000
"""What the command line writes at most; a longer text is refused before it is read."""

_VALUE = re.compile(r"-?(?:\d+(?:\.\d+)?(?:e[+-]?\d{1,4})?|inf)|nan", re.ASCII)
_PLACE = re.compile(r"\d{1,6}", re.ASCII)
_OPTIONAL = {("loss", "sample"), ("b", "unit"), ("dL_db", "unit"), ("b_new", "unit")}
"""The places that may be empty: of the mean loss, and of tied biases."""


def rows(trace: Trace, substituted: bool = True) -> Iterator[tuple[str, ...]]:
    """Every number of an iteration: what is given first, then the steps in order. substituted: with the numbers put in."""
    for step in (*trace.given, *trace.steps):
        for cell in trace.cells(step):
            yield _row(trace, step.number, step.phase, cell, substituted)


def _row(trace: Trace, number: int | None, phase: str, cell: Cell, substituted: bool) -> tuple[str, ...]:
    symbol = symbols.ascii(cell, trace.samples)
    value = trace.at(cell)
    formula, substitution = "", ""
    if cell.quantity in RULES:
        rule = explain(trace, cell).rule
        formula = f"{symbol} = {terms.formula(rule, trace.samples)}"
        substitution = f"{symbol} = {terms.substitution(rule, trace)}" if substituted else ""
    places = (_blank(cell.sample), _blank(cell.unit), _blank(cell.from_unit))
    return (
        str(trace.iteration),
        _blank(number),
        phase,
        _blank(cell.layer),
        cell.quantity,
        *places,
        symbol,
        full(value),
        formula,
        substitution,
    )


def _blank(number: int | None) -> str:
    return "" if number is None else str(number)


def to_csv(*traces: Trace) -> str:
    """Whole iterations as CSV text: one header, then the iterations one after another. RFC 4180, CRLF."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for trace in traces:
        writer.writerows(rows(trace))
    return out.getvalue()


def to_json(*traces: Trace) -> str:
    """The same rows as one JSON object: {"columns": the CSV's header, "rows": a list per row, in that order}.

    iteration, step, layer, sample, unit and from_unit are whole numbers, null where the CSV has an empty cell; value is
    a number that reads back to the same float64, or "inf", "-inf", "nan", which JSON has no numbers for; the rest is text.
    """
    lines = ",\n".join(_json(row) for trace in traces for row in rows(trace))
    return f'{{"columns": {json.dumps(HEADER)},\n"rows": [\n{lines}\n]}}\n'


def _json(row: tuple[str, ...]) -> str:
    cells = []
    for column, text in zip(HEADER, row, strict=True):
        if column in WHOLE:
            cells.append(text or "null")
        elif column == "value" and "n" not in text:
            cells.append(text)
        else:
            cells.append(json.dumps(text))
    return f"[{', '.join(cells)}]"


# --- read back


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
    text = cells["value"]
    value = float(text) if len(text) <= 40 and _VALUE.fullmatch(text) else None
    if value is None or (math.isinf(value) and "inf" not in text):
        raise _wrong(line, "value", text)
    try:
        return iteration_of(cells), cell_of(cells), value
    except Misplaced as fault:
        raise _wrong(line, fault.column, cells[fault.column]) from None


class Misplaced(Exception):
    """A row that names no number: `column` says where it fails."""

    def __init__(self, column: str) -> None:
        self.column = column
        super().__init__(column)


def iteration_of(cells: Mapping[str, str]) -> int:
    """The iteration of a row, given by column. Raises Misplaced."""
    iteration = _place(cells, "iteration")
    if iteration is None or iteration > MAX_ITERATIONS:
        raise Misplaced("iteration")
    return iteration


def cell_of(cells: Mapping[str, str]) -> Cell:
    """The cell that layer, quantity, sample, unit and from_unit of a row name. Raises Misplaced."""
    quantity = cells["quantity"]
    if quantity not in QUANTITIES:
        raise Misplaced("quantity")
    layer = _place(cells, "layer")
    if (layer is None) != (quantity == "learning_rate"):
        raise Misplaced("layer")
    places = {name: _place(cells, name) for name in ("sample", "unit", "from_unit")}
    for name, place in places.items():
        wanted = name in QUANTITIES[quantity][1]
        may_be = wanted or (quantity, name) == ("da_dz", "from_unit")
        may_lack = not wanted or (quantity, name) in _OPTIONAL
        if place == 0 or (place is None and not may_lack) or (place is not None and not may_be):
            raise Misplaced(name)
    return Cell(quantity, layer, **places)


def _place(cells: Mapping[str, str], column: str) -> int | None:
    text = cells[column]
    if text and not _PLACE.fullmatch(text):
        raise Misplaced(column)
    return int(text) if text else None


def _wrong(line: int, column: str, came: str) -> TableError:
    return TableError(
        _("Line {line}: “{came}” cannot stand in the column {column}.").format(
            line=line, came=came[:40].encode("unicode_escape").decode(), column=column
        )
    )
