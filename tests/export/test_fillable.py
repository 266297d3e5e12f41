"""Sheets to fill in: what is blank, what is printed, and that no blank number stands in the file."""

import io
import zipfile

import openpyxl
import pytest

from backprop.explain import symbols
from backprop.explain.numerals import full
from backprop.export.fillable import fillable_csv, fillable_xlsx
from backprop.export.table import HEADER
from backprop.lessons.examples import EXAMPLES
from tests.export.sheets import BACKWARD, by_symbol, every, rows, sheet, symbol_rows


@pytest.mark.parametrize("blanks", [BACKWARD, ("forward", "loss", "W_new")])
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_blank_sheet_is_the_trace_csv_without_the_blanks_and_without_a_substitution(name, blanks):
    t, left_out = sheet(name, blanks)
    table = rows(fillable_csv(t, left_out, "?ex=" + name))
    assert tuple(table[0]) == (*HEADER, "sheet") and [row[12] for row in table[1:3]] == ["?ex=" + name, ""]
    names = {symbols.ascii(cell, t.samples): cell for _k, cell in every(t)}
    assert [row[8] for row in table[1:]] == list(names)
    for row in table[1:]:
        cell = names[row[8]]
        assert row[9] == ("" if cell in left_out else full(t.at(cell))) and row[11] == ""
        assert bool(row[10]) == (row[2] != "given")
    assert {names[row[8]] for row in table[1:] if not row[9]} == left_out and left_out


def test_a_blank_number_stands_nowhere_in_the_files():
    t, left_out = sheet("towardsai", ("forward", "loss", "backward", "update"))
    printed = "".join(fillable_csv(t, left_out))
    with zipfile.ZipFile(io.BytesIO(fillable_xlsx(t, "Sheet", left_out))) as archive:
        packed = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
    numbers = [full(t.at(cell)) for cell in left_out if abs(t.at(cell)) not in (0.0, 1.0)]
    assert len(numbers) > 20 and not [n for n in numbers if n[1:12] in printed or n[1:12] in packed]


def test_the_spreadsheet_has_open_framed_blanks_and_no_formula():
    t, left_out = sheet("xor")
    page = openpyxl.load_workbook(io.BytesIO(fillable_xlsx(t, "<r>x</r>", left_out, "Variant 3."))).worksheets[0]
    assert page["A1"].value.strip() == "<r>x</r>" and page["A3"].value == "Variant 3."
    assert page.protection.sheet and all(cell.data_type != "f" for row in page.iter_rows() for cell in row)
    blank = {name for name in by_symbol(t, left_out)}
    for name, row in symbol_rows(page).items():
        cell = page.cell(row, 10)
        assert (cell.value is None) == (not cell.protection.locked) == (name in blank), name
        assert (cell.border.left.style == cell.border.right.style == "medium") == (name in blank)
        assert all(other.protection.locked for other in page[row] if other.column != 10)
