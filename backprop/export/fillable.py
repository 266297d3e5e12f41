"""The sheet as a table to be filled in: the trace CSV with empty values, and the same as a spreadsheet; filled.py reads them.

What stands blank is said by sheet.covered. How a number follows from others is told in symbols only: no substitution, in
which a blank's number could stand.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Collection, Iterator
from datetime import datetime

import xlsxwriter
from xlsxwriter.format import Format

from backprop.engine.steps import Cell, Trace
from backprop.export.table import HEADER, WHOLE, rows
from backprop.export.workbook import OPTIONS, Exact
from backprop.figures.palette import PHASES, THEMES
from backprop.language import _

ORIGIN = "sheet"
"""The column behind those of a trace: of a CSV its first row says by which link the sheet is opened; further down it marks the blanks."""
BLANK = "blank"
"""What stands there beside a number that is to be filled in."""

WIDTHS = {"iteration": 9, "step": 6, "phase": 10, "layer": 6, "quantity": 13, "sample": 8, "unit": 6, "from_unit": 10, "symbol": 16, "value": 24, "formula": 90, ORIGIN: 7}  # fmt: skip
"""The columns of the spreadsheet, in characters."""

TOP = 4
"""Rows above the columns' names there."""


def to_fill(trace: Trace, blank: Collection[Cell]) -> Iterator[tuple[Cell, dict[str, str]]]:
    """The rows of a sheet by column: those of the trace, without a lone sample's loss, which is the loss."""
    cells = (cell for step in (*trace.given, *trace.steps) for cell in trace.cells(step))
    for cell, row in zip(cells, rows(trace, substituted=False), strict=True):
        if cell.quantity == "loss" and cell.sample is not None and trace.samples == 1:
            continue
        named = dict(zip(HEADER, row, strict=True))
        yield cell, named | ({"value": ""} if cell in blank else {})


def fillable_csv(trace: Trace, blank: Collection[Cell], query: str = "") -> str:
    """The sheet as CSV text to the contract, blank: what is to be filled in; query: of the link that opens it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow((*HEADER, ORIGIN))
    for place, (cell, row) in enumerate(to_fill(trace, blank)):
        writer.writerow((*row.values(), (BLANK if cell in blank else "") if place else query))
    return out.getvalue()


def fillable_xlsx(trace: Trace, title: str, blank: Collection[Cell], note: str = "") -> bytes:
    """The sheet as an XLSX file without a formula; only the blanks can be written to. note: a line below the title."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        title = title.strip()[:200] or _("One iteration of a neural network")
        book.set_properties({"title": title, "created": datetime(2000, 1, 1)})
        sheet = book.add_worksheet(_("Iteration {iteration}").format(iteration=trace.iteration))
        look = _Looks(book)
        # XlsxWriter takes what begins with <r> and ends with </r> for its own markup
        sheet.write_string(0, 0, f"{title} " if title.endswith("</r>") else title, look.title)
        sheet.write_string(1, 0, _("Fill in the framed cells and save the file; the rest stays as it is."), look.plain)
        sheet.write_string(2, 0, note[:4_000], look.quiet)
        for column, (name, width) in enumerate(WIDTHS.items()):
            sheet.set_column(column, column, width)
            sheet.write_string(TOP, column, name, look.heading(name))
        last, before = TOP, ""
        for last, (cell, row) in enumerate(to_fill(trace, blank), TOP + 1):
            first, before = row["step"] != before, row["step"]
            for column, name in enumerate(WIDTHS):
                given = row["phase"] == "given"
                shape = look.cell(row["phase"], name, cell in blank, first and not given)
                text = row.get(name, BLANK if cell in blank else "")
                if not text:
                    sheet.write_blank(last, column, None, shape)
                elif name in WHOLE or (name == "value" and math.isfinite(float(text))):
                    sheet.write_number(last, column, Exact(text) if name == "value" else int(text), shape)
                else:
                    sheet.write_string(last, column, text, shape)
        sheet.set_row(0, 26)
        sheet.freeze_panes(TOP + 1, 0)
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.print_area(0, 0, last, len(WIDTHS) - 2)  # without the marks
        sheet.repeat_rows(TOP)
        sheet.set_footer("&C&P / &N")
    return out.getvalue()


class _Looks:
    """The formats of the sheet, in the app's light colours; each is made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[str, str, bool, bool], Format] = {}
        self._colours = THEMES["light"]
        ink, quiet = self._colours["ink"], self._colours["ink2"]
        self.title = book.add_format({"bold": True, "font_size": 16, "font_color": ink})
        self.plain = book.add_format({"font_color": ink})
        self.quiet = book.add_format({"font_color": quiet})

    def heading(self, name: str) -> Format:
        side = "right" if name in (*WHOLE, "value") else "left"
        look = {"bold": True, "font_color": self._colours["ink"], "bg_color": self._colours["field"], "bottom": 1}
        return self._book.add_format({**look, "align": side, **({"indent": 1} if name == "formula" else {})})

    def cell(self, phase: str, column: str, blank: bool, first: bool) -> Format:
        """The format of a cell of a phase; first: a line above it, because a step begins."""
        key = (phase, column, blank, first)
        if key not in self._made:
            self._made[key] = self._book.add_format(self._look(phase, column, blank, first))
        return self._made[key]

    def _look(self, phase: str, column: str, blank: bool, first: bool) -> dict[str, object]:
        colours, hue = self._colours, PHASES[phase]
        line = {"top": 1, "top_color": colours["line"]} if first else {}
        match column:
            case "value" if blank:
                wash, edge = colours[f"{hue}-w"], colours[f"{hue}-t"]
                return {"locked": False, "border": 2, "border_color": edge, "bg_color": wash, "font_color": "#000000"}
            case "value":
                return {**line, "font_color": colours["ink"]}
            case "symbol":
                return {**line, "font_color": colours["ink"], "bold": blank}
            case "phase":
                return {**line, "font_color": colours[f"{hue}-t"], "bold": True}
            case "formula":
                return {**line, "font_color": colours["ink"], "font_name": "Consolas", "indent": 1}
        return {**line, "font_color": colours["ink2"]}
