"""A sheet that somebody has filled in, read: the texts that stand in its blanks, as they were typed.

A file has been through a spreadsheet program and a pupil's hands: its lines may be sorted, some may be gone, columns may have
moved, semicolons may stand for commas. What each line is about is said by the same columns as in a trace CSV, and by its
symbol once more; where the two name different numbers nothing is guessed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice

from backprop.engine.steps import Cell
from backprop.explain import symbols
from backprop.export.fillable import BLANK, ORIGIN
from backprop.export.spreadsheet import SpreadsheetError, Unread, sheet_lines
from backprop.export.table import Misplaced, TableError, cell_of, iteration_of
from backprop.language import _

MAX_BYTES, MAX_LINES, MAX_TEXT = 4_000_000, 20_000, 200
"""Of a file, of its lines, and characters of a value: the sheet of a largest network has about 2.1 million bytes and 6,562 lines."""

ABOVE = 20
"""Among so many lines at the top the names of the columns must stand."""

PLACES = ("quantity", "layer", "sample", "unit", "from_unit")
"""The columns that say which number a line is about, if `symbol` does not."""


class Filled(dict[tuple[int, Cell], str]):
    """What stands in the column `value`, by iteration and cell. blank: the numbers that were to be filled in; None if the file does not say."""

    blank: frozenset[tuple[int, Cell]] | None = None


def filled(name: str, data: bytes) -> Filled:
    """What stands in the column `value` of a sheet (fillable.py), by iteration and cell, in the order of the file.

    name: of the file, for a sentence; data: its bytes. All lines with a value are there, given and printed numbers too:
    they say which lesson the sheet is of. A blank that was left empty is missing. A text is as it was typed, without the
    blanks around it and the = before a calculation; of a spreadsheet's number it is the shortest text of that float64, and of
    a formula its result. Raises TableError, one sentence that names the line, for anything else.
    """
    if len(data) > MAX_BYTES:
        raise TableError(
            _("The file has {came} bytes; at most {limit} are allowed.").format(came=len(data), limit=MAX_BYTES)
        )
    try:
        if data[:2] == b"PK":
            return _values(sheet_lines(data, MAX_LINES + ABOVE + 1))
        return _values(_csv_lines(_decoded(name, data)))
    except SpreadsheetError as error:
        raise TableError(str(error)) from None


def _decoded(name: str, data: bytes) -> str:
    """The text of a CSV file."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:  # UTF-16 has one in every digit
        raise TableError(
            _("“{file}” cannot be read; allowed are the sheet's XLSX file, and its CSV file saved as UTF-8.").format(
                file=_shown(name)
            )
        )
    return text


def _csv_lines(text: str) -> Iterator[tuple[int, Sequence[str]]]:
    """(number of the line, its cells) of a CSV file with commas or semicolons."""
    for separator in ",;":
        with suppress(TableError):
            if any(_columns(row) for _line, row in islice(_split(text, separator), ABOVE)):
                return _split(text, separator)
    raise _no_sheet()


def _split(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    table = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for row in table:
            yield table.line_num, row
    except csv.Error:
        raise TableError(_("Line {line} cannot be read as CSV.").format(line=max(1, table.line_num))) from None


def _columns(cells: Sequence[str | Unread]) -> dict[str, int] | None:
    """Where each column of a sheet stands, if these cells are the names of columns."""
    names = [cell.strip().lower() if isinstance(cell, str) else "" for cell in cells]
    found = {name: names.index(name) for name in ("iteration", "symbol", "value", ORIGIN, *PLACES) if name in names}
    whole = {"iteration", "value"} <= found.keys() and ("symbol" in found or set(PLACES) <= found.keys())
    return found if whole else None


# --- the lines


def _values(lines: Iterable[tuple[int, Sequence[str | Unread]]]) -> Filled:
    columns: dict[str, int] | None = None
    width, count, deepest = 0, 0, 1
    found: list[tuple[int, int, Cell, str]] = []
    left: list[tuple[int, Cell]] = []
    for line, cells in lines:
        if columns is None:
            columns, width = _columns(cells), len(cells)
            if columns is None and line >= ABOVE:
                break
            continue
        count += any(cells)
        if count > MAX_LINES:
            raise TableError(_("The file has more than {limit} lines.").format(limit=MAX_LINES))
        if len(cells) > width:
            raise _torn(line, len(cells), width)
        row = {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}
        mark = row.pop(ORIGIN, "")
        if not any(row.values()):
            continue
        text = _typed(line, row["value"])
        try:
            iteration, cell = _about(line, row)
        except TableError:
            if text:
                raise
            continue
        deepest = max(deepest, cell.layer or 0)
        if isinstance(mark, str) and mark.strip().lower() == BLANK:
            left.append((iteration, cell))
        if text:
            found.append((line, iteration, cell, text))
    if columns is None:
        raise _no_sheet()

    def completed(cell: Cell) -> Cell:
        return cell._replace(layer=deepest) if cell.layer is None and cell.quantity != "learning_rate" else cell

    values = Filled()
    if ORIGIN in columns:
        values.blank = frozenset((iteration, completed(cell)) for iteration, cell in left)
    for line, iteration, cell, text in found:
        whole = completed(cell)
        if (iteration, whole) in values:
            raise TableError(_("Line {line}: this number stands twice.").format(line=line))
        values[iteration, whole] = text
    return values


def _typed(line: int, cell: str | Unread) -> str:
    """What somebody typed as a value."""
    text = _text(line, "value", cell).strip()
    if len(text) > MAX_TEXT:
        raise TableError(
            _("Line {line}: {came} characters stand in the column value; at most {limit} are allowed.").format(
                line=line, came=len(text), limit=MAX_TEXT
            )
        )
    if not text.isprintable():
        raise TableError(
            _("Line {line}: “{came}” cannot stand in the column value; allowed is a number.").format(
                line=line, came=_shown(text)
            )
        )
    return text.removeprefix("=").strip()


def _about(line: int, row: dict[str, str | Unread]) -> tuple[int, Cell]:
    """Which number a line is about: (iteration, cell), the layer None where only a symbol says it that has none."""
    texts = {name: _text(line, name, cell).strip() for name, cell in row.items() if name != "value"}
    cell, column = None, "symbol"
    try:
        iteration = iteration_of(texts)
    except Misplaced:
        raise _misplaced(line, "iteration", texts["iteration"]) from None
    if set(PLACES) <= texts.keys():
        try:
            cell = cell_of(texts)
        except Misplaced as fault:
            column = fault.column
    named = symbols.from_ascii(texts.get("symbol", ""))
    if cell and named and named != (cell if named.layer is not None else cell._replace(layer=None)):
        raise TableError(
            _("Line {line}: the symbol {symbol} and the columns beside it name different numbers.").format(
                line=line, symbol=_shown(texts["symbol"])
            )
        )
    whole = cell or named
    if whole is None:
        raise _misplaced(line, column, texts.get(column, ""))
    return iteration, whole


def _text(line: int, column: str, cell: str | Unread) -> str:
    if isinstance(cell, Unread):
        raise TableError(_(cell.said).format(line=line, column=column))
    return cell


# --- sentences


def _misplaced(line: int, column: str, came: str) -> TableError:
    return TableError(
        _(
            "Line {line}: “{came}” cannot stand in the column {column}; allowed is what stood there when the sheet was made."
        ).format(line=line, came=_shown(came), column=column)
    )


def _torn(line: int, came: int, width: int) -> TableError:
    return TableError(
        _(
            "Line {line} has {came} cells; allowed are {count}. Where a decimal comma stands, semicolons must stand between the cells."
        ).format(line=line, came=came, count=width)
    )


def _no_sheet() -> TableError:
    return TableError(
        _("This is not a sheet to fill in: no line at its top names the columns iteration, symbol and value.")
    )


def _shown(text: str) -> str:
    return text[:40].encode("unicode_escape").decode("ascii") if not text.isprintable() else text[:40]
