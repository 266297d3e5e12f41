"""A spreadsheet that computes: reads an XLSX with openpyxl and computes its formulas with the library `formulas`.

Formulas that differ only in their addresses are compiled once, so that all examples take seconds.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping
from functools import cache

import formulas
import openpyxl

ADDRESS = re.compile(r"\b[A-Z]{1,3}\d+\b")


@cache
def _compiled(shape: str):
    return formulas.Parser().ast(shape)[1].compile()


def compute(formula: str, cells: Mapping[str, object]) -> object:
    """The value of "=A1*2" with the values of cells: a float, or the text of an error."""
    names: dict[str, str] = {}
    shape = ADDRESS.sub(lambda m: names.setdefault(m[0], f"A{len(names) + 1}"), formula)
    function = _compiled(shape)
    by_name = {short: cells[address] for address, short in names.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        came = function(*(by_name[name] for name in function.inputs))
    while hasattr(came, "shape") and came.shape:
        came = came[0]
    came = came.item() if hasattr(came, "item") else came
    return float(came) if isinstance(came, (int, float)) else str(came)


class Sheet:
    """The one sheet of a file: rows (phase, symbol, value, text) after the headings, by symbol."""

    def __init__(self, data: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(data))
        (self.sheet,) = self.book.worksheets
        (stored,) = openpyxl.load_workbook(io.BytesIO(data), data_only=True).worksheets
        top = next(row for row in range(1, 20) if self.sheet.cell(row, 2).value == "Number")
        self.rows = range(top + 1, self.sheet.max_row + 1)
        self.symbols = [self.sheet.cell(row, 2).value for row in self.rows]
        self.phases = [self.sheet.cell(row, 1).value for row in self.rows]
        self.formulas = {s: self.sheet.cell(r, 3).value for s, r in zip(self.symbols, self.rows, strict=True)}
        self.texts = {s: self.sheet.cell(r, 4).value for s, r in zip(self.symbols, self.rows, strict=True)}
        self.stored = {s: stored.cell(r, 3).value for s, r in zip(self.symbols, self.rows, strict=True)}

    def computed(self, changes: Mapping[str, float] | None = None) -> dict[str, object]:
        """Every value by symbol, computed anew from what is given, some of it changed."""
        cells: dict[str, object] = {}
        out = {}
        for row, symbol in zip(self.rows, self.symbols, strict=True):
            for column in (*range(5, self.sheet.max_column + 1), 3):
                cell = self.sheet.cell(row, column)
                content = cell.value
                if content is None:
                    continue
                if column == 3 and symbol in (changes or {}):
                    assert cell.data_type == "n", f"{symbol} is not a number to be changed"
                    content = changes[symbol]
                cells[cell.coordinate] = compute(content, cells) if isinstance(content, str) else float(content)
            out[symbol] = cells[f"C{row}"]
        return out
