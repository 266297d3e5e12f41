"""The formats in which an iteration can be taken home: one row each. The command line and the downloads read this table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backprop.engine.steps import Trace
from backprop.export import notebook, pytorch, table
from backprop.language import later


@dataclass(frozen=True)
class Format:
    """A format.

    name     as it is said at the command line
    title    as it is said in a menu
    suffix   how a file's name ends, with the dot
    mime     the media type of a download
    make     (trace, title of the lesson) → the file's bytes
    several  (traces) → the bytes of one file with several iterations, where the format has that
    binary   not a text: not for a terminal
    """

    name: str
    title: str
    suffix: str
    mime: str
    make: Callable[[Trace, str], bytes]
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
            lambda trace, title: table.to_csv(trace).encode(),
            lambda traces: table.to_csv(*traces).encode(),
        ),
        Format(
            "json",
            later("Table (JSON)"),
            ".json",
            "application/json",
            lambda trace, title: table.to_json(trace).encode(),
            lambda traces: table.to_json(*traces).encode(),
        ),
        # AT MERGE: the row of xlsx stands here (backprop.export.workbook.to_xlsx; binary=True)
        # AT MERGE: the row of tex stands here (backprop.export.latex.to_tex)
        Format(
            "torch",
            later("PyTorch script"),
            ".py",
            "text/x-python",
            lambda trace, title: pytorch.to_torch(trace, title).encode(),
        ),
        Format(
            "ipynb",
            later("NumPy notebook (Jupyter)"),
            ".ipynb",
            "application/x-ipynb+json",
            lambda trace, title: notebook.to_notebook(trace, title).encode(),
        ),
    )
}
