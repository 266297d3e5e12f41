"""Sheets to fill in, and what pupils, spreadsheet programs and strangers make of them."""

import csv
import io
import zipfile

import openpyxl

from backprop import example, trace
from backprop.engine.steps import Cell, Trace
from backprop.explain import symbols
from backprop.explain.numerals import full
from backprop.explain.readings import Style
from backprop.export.fillable import fillable_csv, fillable_xlsx
from backprop.export.sheet import covered

STYLE = Style({})
BACKWARD = ("backward",)


def sheet(name: str, blanks=BACKWARD, iteration: int = 0) -> tuple[Trace, frozenset[Cell]]:
    t = trace(example(name), iteration)
    return t, covered(t, STYLE, None, blanks)


def rows(text: str, separator: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def written(table: list[list[str]], separator: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(table)
    return out.getvalue().encode()


def answered(text: str, answers: dict[str, str]) -> list[list[str]]:
    """The lines of a CSV sheet with texts put in by symbol, where nothing stands."""
    table = rows(text)
    for row in table[1:]:
        row[9] = row[9] or answers.get(row[8], "")
    return table


def by_symbol(t: Trace, cells) -> dict[str, str]:
    return {symbols.ascii(cell, t.samples): full(t.at(cell)) for cell in cells}


def every(t: Trace) -> dict[tuple[int, Cell], float]:
    """All numbers of a sheet; a lone sample's loss is the loss."""
    cells = [cell for step in (*t.given, *t) for cell in t.cells(step)]
    return {(t.iteration, c): t.at(c) for c in cells if t.samples > 1 or c.quantity != "loss" or c.sample is None}


def edited(data: bytes, change) -> bytes:
    """A spreadsheet changed and saved by another program; change is given its first sheet."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    change(book.worksheets[0])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def symbol_rows(page) -> dict[str, int]:
    """The rows of a spreadsheet by symbol, which stands in column I; values stand in J."""
    return {page.cell(row, 9).value: row for row in range(6, page.max_row + 1)}


LINES = rows(fillable_csv(*sheet("neuron")))
"""One neuron: lines 2 to 10 are printed, the blanks begin at line 11."""


NEURON = fillable_xlsx(sheet("neuron")[0], "Neuron", sheet("neuron")[1])


def packed(**members: bytes | None) -> bytes:
    """The spreadsheet of one neuron with some of its members replaced, left out or added."""
    out = io.BytesIO()
    wanted = {name.replace("__", "/").replace("_dot_", "."): data for name, data in members.items()}
    with zipfile.ZipFile(io.BytesIO(NEURON)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in wanted:
                new.writestr(name, old.read(name))
        for name, data in wanted.items():
            if data is not None:
                new.writestr(name, data)
    return out.getvalue()


def page_of(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("xl/worksheets/sheet1.xml")


PAGE = page_of(NEURON)
