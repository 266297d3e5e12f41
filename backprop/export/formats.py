"""The formats in which an iteration can be taken home: one row each. The command line and the downloads read this table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backprop.engine.steps import Trace
from backprop.explain.readings import Style
from backprop.export import latex, notebook, pytorch, table, workbook
from backprop.language import later

PLAIN = Style({})


@dataclass(frozen=True)
class Format:
    """A format.

    name     as it is said at the command line
    title    as it is said in a menu
    suffix   how a file's name ends, with the dot
    mime     the media type of a download
    make     (trace, title of the lesson[, Style: how symbols and numbers are written]) → the file's bytes
    several  (traces) → the bytes of one file with several iterations, where the format has that
    binary   not a text: not for a terminal
    """

    name: str
    title: str
    suffix: str
    mime: str
    make: Callable[..., bytes]
    several: Callable[[Sequence[Trace]], bytes] | None = None
    binary: bool = False


FORMATS: dict[str, Format] = {
    row.name: row
    for row in (
        Format(
            "csv",
            later("Table (CSV)"),
            ".csv",
            "text/csv",
            lambda trace, title, style=PLAIN: table.to_csv(trace).encode(),
            lambda traces: table.to_csv(*traces).encode(),
        ),
        Format(
            "json",
            later("Table (JSON)"),
            ".json",
            "application/json",
            lambda trace, title, style=PLAIN: table.to_json(trace).encode(),
            lambda traces: table.to_json(*traces).encode(),
        ),
        Format(
            "xlsx",
            later("Spreadsheet with live formulas (Excel)"),
            ".xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            lambda trace, title, style=PLAIN: workbook.to_xlsx(trace, title),
            binary=True,
        ),
        Format(
            "tex",
            later("Worked solution (LaTeX)"),
            ".tex",
            "application/x-tex",
            lambda trace, title, style=PLAIN: latex.to_tex(trace, title, style).encode(),
        ),
        Format(
            "torch",
            later("PyTorch script"),
            ".py",
            "text/x-python",
            lambda trace, title, style=PLAIN: pytorch.to_torch(trace, title).encode(),
        ),
        Format(
            "ipynb",
            later("NumPy notebook (Jupyter)"),
            ".ipynb",
            "application/x-ipynb+json",
            lambda trace, title, style=PLAIN: notebook.to_notebook(trace, title, style.convention).encode(),
        ),
    )
}
