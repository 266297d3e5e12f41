"""Spreadsheets of strangers: bombs, entities and damage get one sentence, and far cells cost nothing."""

import io
import re
import zipfile
from datetime import datetime

import openpyxl
import pytest

from backprop.engine.steps import Cell
from backprop.export import spreadsheet
from backprop.export.fillable import fillable_xlsx
from backprop.export.filled import filled
from backprop.export.table import TableError
from tests.export.sheets import NEURON, PAGE, edited, packed, sheet, symbol_rows

LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "' + b"&a;" * 60 + b'"><!ENTITY c "' + b"&b;" * 60 + b'">]>'
OUTSIDE = b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
HOSTILE = {
    "a billion laughs": (packed(xl__worksheets__sheet1_dot_xml=HEAD + LAUGHS + PAGE.split(b"?>", 1)[1]), "declares a document type"),
    "laughs among the strings": (packed(xl__sharedStrings_dot_xml=HEAD + LAUGHS + b"<sst><si><t>&c;</t></si></sst>"), "declares a document type"),
    "laughs in UTF-16": (packed(xl__styles_dot_xml=(LAUGHS + b"<s>&c;</s>").decode().encode("utf-16")), "declares a document type"),
    "a file from outside": (packed(xl__workbook_dot_xml=OUTSIDE + b"<workbook>&a;</workbook>"), "declares a document type"),
    "a bomb": (packed(bomb=b"0" * 9_000_000), "The spreadsheet is too large; allowed are 12000000 bytes"),
    "several bombs": (packed(one=b"0" * 7_000_000, two=b"0" * 7_000_000), "The spreadsheet is too large"),
    "many members": (packed(**{f"m{k}": b"" for k in range(201)}), "The spreadsheet is too large"),
    "many cells": (packed(xl__worksheets__sheet1_dot_xml=b"<worksheet>" + b"<c/>" * 300_001 + b"</worksheet>"), "The spreadsheet is too large"),
    "deep cells": (packed(xl__worksheets__sheet1_dot_xml=b"<a>" * 50_000 + b"</a>" * 50_000), ""),
    "no sheet": (packed(xl__worksheets__sheet1_dot_xml=None), "The spreadsheet is damaged; allowed is an XLSX file"),
    "no workbook": (packed(xl__workbook_dot_xml=None), "The spreadsheet is damaged"),
    "a broken sheet": (packed(xl__worksheets__sheet1_dot_xml=PAGE[:-300]), "The spreadsheet is damaged"),
    "a zip of something else": (packed(**{name.replace("/", "__").replace(".", "_dot_"): None for name in zipfile.ZipFile(io.BytesIO(NEURON)).namelist()}, photo=b"1"), "The spreadsheet is damaged"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_in_one_sentence(name):
    data, said = HOSTILE[name]
    with pytest.raises(TableError) as refusal:
        filled("x.xlsx", data)
    assert said in str(refusal.value) and "\n" not in str(refusal.value)


def test_far_cells_and_rows_cost_nothing():
    far = PAGE.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
    far = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', far)
    assert filled("x", packed(xl__worksheets__sheet1_dot_xml=far)) == filled("x", NEURON)
    wide = PAGE.replace(b'<c r="A6"', b'<c r="XFD6"><v>1</v></c><c r="A6"')
    assert wide != PAGE and filled("x", packed(xl__worksheets__sheet1_dot_xml=wide)) == filled("x", NEURON)


def test_only_the_first_sheet_is_read():
    def add(page):
        page.parent.create_sheet("Notes").append(["iteration", "symbol", "value"])

    assert filled("x", edited(NEURON, add)) == filled("x", edited(NEURON, lambda page: None))


def test_of_a_formula_its_result_counts():
    row = symbol_rows(openpyxl.load_workbook(io.BytesIO(NEURON)).worksheets[0])["dL_da1[1]"]
    at = f'<c r="J{row}"'.encode()
    start = PAGE.index(at)
    cell = PAGE[start : PAGE.index(b">", start) + 1]
    assert cell.endswith(b"/>")

    def with_cell(inside: bytes) -> bytes:
        return packed(xl__worksheets__sheet1_dot_xml=PAGE.replace(cell, cell[:-2] + inside))

    key = (0, Cell("dL_da", 1, 1, 1))
    assert filled("x", with_cell(b"><f>0.74*0.18</f><v>0.1332</v></c>"))[key] == "0.1332"
    assert filled("x", with_cell(b' t="e"><f>1/0</f><v>#DIV/0!</v></c>'))[key] == "#DIV/0!"
    assert filled("x", with_cell(b' t="b"><v>1</v></c>'))[key] == "TRUE"
    assert filled("x", with_cell(b"><v>0.1</v></c>"))[key] == "0.1"
    with pytest.raises(TableError, match=f"Line {row}: a formula stands without its result in the column value"):
        filled("x", with_cell(b"><f>0.74*0.18</f></c>"))


def test_a_number_that_became_a_date_is_told():
    row = symbol_rows(openpyxl.load_workbook(io.BytesIO(NEURON)).worksheets[0])["dL_da1[1]"]

    def fill(page):
        page.cell(row, 10).value = datetime(2024, 5, 1)

    with pytest.raises(TableError, match=f"Line {row}: a date stands in the column value; allowed is a number"):
        filled("x", edited(NEURON, fill))


def test_the_bounds_leave_room_for_what_a_spreadsheet_program_makes_of_a_sheet():
    t, left_out = sheet("dabbura-relu")
    data = edited(fillable_xlsx(t, "", left_out), lambda page: None)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert sum(member.file_size for member in archive.infolist()) * 20 < spreadsheet.MAX_UNPACKED
