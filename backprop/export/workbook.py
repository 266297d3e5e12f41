"""The trace as a spreadsheet that computes: one XLSX sheet in which every computed number is a formula on other cells.

Rows stand in the order of the CSV, what is given first. Who changes an input, a target, a weight, a bias or the
learning rate sees forward, loss, backward and update follow. The numbers of the trace stand in the file as well, for
viewers that do not compute.
"""

from __future__ import annotations

import io
import math
from datetime import datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from backprop.engine.steps import Cell, Trace
from backprop.explain import symbols
from backprop.explain.derivation import RULES
from backprop.explain.words import PHASE_NAMES
from backprop.export.cellformula import Reading, Readings
from backprop.figures.palette import PHASES, THEMES
from backprop.language import _, later

PHASE, NAME, VALUE, FORMULA = range(4)
"""The columns."""

HEADINGS = (later("Phase"), later("Number"), later("Value"), later("How it is computed"))
WIDTHS = (12, 20, 22, 100)
TOP = 5
"""Rows above the numbers: title, what may be changed, what stands where, the network, the headings."""


OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_TITLE, _TEXT = 200, 32_000
_ERROR = "#NUM!"
_DECIMALS, _SCIENTIFIC = "0.0000000000", "0.000000000E+00"


class Exact(float):
    """A float that is written with all its digits; XlsxWriter alone would write 16 and lose the last bit."""

    def __format__(self, spec: str) -> str:
        return repr(float(self))


def to_xlsx(trace: Trace, title: str = "") -> bytes:
    """The whole iteration as an XLSX file of one sheet; the same arguments give the same bytes.

    title stands on top of the sheet, as text, up to 200 characters. A number that has left float64 stands as the error
    #NUM!, which is also what a spreadsheet computes there.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        title = title.strip()[:_TITLE] or _("One training iteration, step by step")
        book.set_properties({"title": title, "created": datetime(2000, 1, 1)})
        sheet = book.add_worksheet(_("Iteration {iteration}").format(iteration=trace.iteration))
        styles = _Styles(book)
        _head(sheet, styles, trace, title)
        _fit(sheet, styles, *_numbers(sheet, styles, trace))
    return out.getvalue()


class _Styles:
    """The formats of the sheet, in the app's light colours. A format is made once and used for many cells."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[str, str, bool], Format] = {}
        ink, quiet = THEMES["light"]["ink"], THEMES["light"]["ink2"]
        self.title = book.add_format({"bold": True, "font_size": 16, "font_color": ink})
        self.note = book.add_format({"font_color": ink, "valign": "vcenter"})
        self.quiet = book.add_format({"font_color": quiet})
        heading = {"bold": True, "font_color": ink, "bg_color": THEMES["light"]["field"], "bottom": 1}
        self.headings = [book.add_format({**heading, **how}) for how in ({}, {}, {"align": "right"}, {"indent": 1})]
        self.scientific = book.add_format({"num_format": _SCIENTIFIC})

    def cell(self, column: str, phase: str, first: bool) -> Format:
        """The format of a cell of a phase; first: a line above it, because a step begins."""
        key = (column, phase, first)
        if key not in self._made:
            self._made[key] = self._book.add_format({**self._look(column, phase), **(self._line() if first else {})})
        return self._made[key]

    def _line(self) -> dict[str, object]:
        return {"top": 1, "top_color": THEMES["light"]["line"]}

    def _look(self, column: str, phase: str) -> dict[str, object]:
        colours, hue = THEMES["light"], PHASES[phase]
        if column == "phase":
            return {"font_color": colours[f"{hue}-t"], "bold": True}
        if column == "name":
            return {"font_color": colours["ink"]}
        if column == "formula":
            quiet = phase == "given"
            ink = colours["ink2" if quiet else "ink"]
            return {"font_color": ink, "indent": 1, **({} if quiet else {"font_name": "Consolas"})}
        if phase == "given":
            return {"font_color": colours["fwd-t"], "bg_color": colours["slope-w"], "num_format": "General"}
        return {"font_color": colours["ink"], "bg_color": colours[f"{hue}-w"], "num_format": _DECIMALS}


def _head(sheet: Worksheet, styles: _Styles, trace: Trace, title: str) -> None:
    network = trace.network
    # XlsxWriter takes what begins with <r> and ends with </r> for its own markup
    sheet.write_string(0, 0, f"{title} " if title.endswith("</r>") else title, styles.title)
    note = _(
        "Change a blue number on yellow: an input, a target, a weight, a bias or the learning rate. All others follow."
    )
    if network.loss.needs == "softmax":
        note = _(
            "Change a blue number on yellow: an input, a weight, a bias, the learning rate, or the targets, which sum to 1 in each sample. All others follow."
        )
    sheet.write_string(1, 0, note, styles.note)
    about = _("Network {sizes} · {activations} · {loss} · iteration {iteration}").format(
        sizes="-".join(map(str, network.sizes)),
        activations=", ".join(
            _(row.title) if row.name != "formula" else row.title.strip() for row in network.activations
        ),
        loss=_(network.loss.title),
        iteration=trace.iteration,
    )
    hint = _("Beside each value stands the textbook's formula; the cell itself also keeps large exponentials in range.")
    sheet.write_string(2, 0, hint, styles.quiet)
    sheet.write_string(3, 0, about, styles.quiet)
    for column, heading in enumerate(HEADINGS):
        sheet.write_string(TOP - 1, column, _(heading), styles.headings[column])


def _numbers(sheet: Worksheet, styles: _Styles, trace: Trace) -> tuple[int, int]:
    """Write a row a number; returns the first computed row and the last."""
    steps = [(step, list(trace.cells(step))) for step in (*trace.given, *trace.steps)]
    every = [cell for _step, cells in steps for cell in cells]
    address = {cell: f"C{row + 1}" for row, cell in enumerate(every, TOP)}
    symbol = {cell: symbols.ascii(cell, trace.samples) for cell in every}
    readings = Readings(trace)
    row = TOP
    for step, cells in steps:
        for cell in cells:
            first, value = cell is cells[0], trace.at(cell)
            look = {column: styles.cell(column, step.phase, first) for column in ("phase", "name", "value", "formula")}
            sheet.write_string(row, PHASE, _(PHASE_NAMES[step.phase]), look["phase"])
            sheet.write_string(row, NAME, symbol[cell], look["name"])
            if cell.quantity in RULES:
                _computed(sheet, row, readings.of(cell), address, symbol, (value, look["value"], look["formula"]))
            else:
                if math.isfinite(value):
                    sheet.write_number(row, VALUE, Exact(value), look["value"])
                else:
                    sheet.write_formula(row, VALUE, f"={_ERROR}", look["value"], _ERROR)
                sheet.write_string(row, FORMULA, _meaning(cell, trace), look["formula"])
            row += 1
    return TOP + sum(cell.quantity not in RULES for cell in every), row - 1


def _computed(
    sheet: Worksheet,
    row: int,
    reading: Reading,
    address: dict[Cell, str],
    symbol: dict[Cell, str],
    look: tuple[float, Format, Format],
) -> None:
    """Write the formula of a number and what it says; parts that are too long for one cell go to the right of it."""
    value, value_look, text_look = look

    def part(place: int) -> str:
        return xl_rowcol_to_cell(row, FORMULA + 1 + place)

    live = reading.formula(address.__getitem__, part)
    parts = reading.parts(address.__getitem__, part)
    sheet.write_formula(row, VALUE, f"={live}", value_look, _cached(value))
    for place, each in enumerate(parts):
        sheet.write_formula(row, FORMULA + 1 + place, f"={each}", None, "")
    whole = f"{symbol[reading.cell]} = {reading.text(symbol.__getitem__)}"
    sheet.write_string(row, FORMULA, whole if len(whole) <= _TEXT else f"{whole[:_TEXT]} …", text_look)


def _cached(value: float) -> float | str:
    return value if math.isfinite(value) else _ERROR


def _meaning(cell: Cell, trace: Trace) -> str:
    """What a given number is, in words."""
    many = trace.samples > 1
    places = {"unit": cell.unit, "from_unit": cell.from_unit, "layer": cell.layer, "sample": cell.sample}
    match cell.quantity:
        case "x":
            message = _("input {unit} of sample {sample}") if many else _("input {unit}")
        case "t":
            message = _("target of output {unit} in sample {sample}") if many else _("target of output {unit}")
        case "W":
            message = _("weight of unit {unit} in layer {layer}, for what comes from unit {from_unit}")
        case "b":
            message = _("bias of unit {unit} in layer {layer}") if cell.unit else _("bias of layer {layer}")
        case _:
            message = _("learning rate")
    return message.format(**places)


def _fit(sheet: Worksheet, styles: _Styles, first: int, last: int) -> None:
    """Columns, what stays in sight, and how it is printed. first: the first computed row."""
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 26)
    sheet.set_row(1, 20)
    sheet.freeze_panes(TOP, NAME + 1)
    sheet.autofilter(TOP - 1, PHASE, last, FORMULA)
    sheet.hide_gridlines(2)
    value = f"$C{first + 1}"
    criteria = f"=AND(ISNUMBER({value}), {value}<>0, OR(ABS({value})<0.001, ABS({value})>=1000000))"
    sheet.conditional_format(
        first, VALUE, last, VALUE, {"type": "formula", "criteria": criteria, "format": styles.scientific}
    )
    sheet.ignore_errors({"formula_differs": f"C{TOP + 1}:C{last + 1}"})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, PHASE, last, FORMULA)
    sheet.repeat_rows(TOP - 1)
    sheet.set_footer("&C&P / &N")
