"""The first sheet of somebody's XLSX file as lines of texts, opened as what it is: a stranger's archive of XML.

Before openpyxl sees the file, the size of every member and the number of XML elements are bounded, and a member that
declares a document type is refused: without one there are no entities, so none that grow without end and none that fetch
another file.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import IO, NamedTuple
from xml.parsers import expat

import openpyxl

from backprop.explain.numerals import full
from backprop.language import _, later

MAX_MEMBERS, MAX_MEMBER, MAX_UNPACKED, MAX_ELEMENTS = 200, 8_000_000, 12_000_000, 300_000
"""Files in the archive, bytes of one and of all when they are unpacked, XML elements: twice what the fullest sheet has."""
MAX_COLUMNS = 40


class SpreadsheetError(ValueError):
    """A file that cannot be read as a spreadsheet; the message is one sentence."""


class Unread(NamedTuple):
    """What stands in a cell and is no text that somebody typed. said: a sentence about it, with {line} and {column}."""

    said: str


DATE = Unread(
    later(
        "Line {line}: a date stands in the column {column}; allowed is a number. Spreadsheet programs may take 1.5 for a date; a number begun with an apostrophe stays as it is typed."
    )
)
NO_RESULT = Unread(
    later(
        "Line {line}: a formula stands without its result in the column {column}; allowed is a number, or a formula in a file that was saved by a spreadsheet program."
    )
)


def sheet_lines(data: bytes, most: int) -> Iterator[tuple[int, list[str | Unread]]]:
    """(number of the line, its cells) of the first sheet, `most` lines at most. Raises SpreadsheetError."""
    _bounded(data)
    try:
        typed = _cells(data, most, results=False)
        if any(cell.data_type == "f" for line in typed for cell in line):
            results = _cells(data, most, results=True)
        else:
            results = typed
        for number, (line, shown) in enumerate(zip(typed, results, strict=False), 1):
            empty = all(cell.value is None for cell in line)
            yield number, [] if empty else [_text(cell, result) for cell, result in zip(line, shown, strict=True)]
    except Exception as error:  # a damaged file ends openpyxl in any way: KeyError, ParseError, RecursionError
        raise SpreadsheetError(
            _("The spreadsheet is damaged; allowed is an XLSX file as a spreadsheet program saves it.")
        ) from error


def _cells(data: bytes, most: int, results: bool) -> list[tuple]:
    """The cells of the first sheet; results: what formulas came to when the file was saved, instead of the formulas."""
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=results, keep_links=False)
    try:
        return list(book.worksheets[0].iter_rows(max_row=most, max_col=MAX_COLUMNS))
    finally:
        book.close()


def _text(cell, result) -> str | Unread:
    value = result.value
    if cell.data_type == "f" and value is None:
        return NO_RESULT
    if value is None:
        return ""
    if isinstance(value, (date, time, timedelta)):
        return DATE
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return full(value).removesuffix(".0")
    return str(value)


# --- before it is opened


def _bounded(data: bytes) -> None:
    """Raises SpreadsheetError for an archive that is too large, damaged, locked or has a document type in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            sizes = [member.file_size for member in members]
            if len(members) > MAX_MEMBERS or max(sizes, default=0) > MAX_MEMBER or sum(sizes) > MAX_UNPACKED:
                raise _too_large()
            elements = 0
            for member in members:
                with archive.open(member) as file:
                    elements += _elements(file, MAX_ELEMENTS - elements)
    except SpreadsheetError:
        raise
    except (
        Exception
    ) as error:  # BadZipFile, zlib.error, NotImplementedError of a strange compression, RuntimeError of a password
        raise SpreadsheetError(
            _("The spreadsheet cannot be opened: it is damaged, or locked with a password.")
        ) from error


def _elements(file: IO[bytes], most: int) -> int:
    """How many elements XML has. Raises SpreadsheetError for more than `most`, and for a document type."""
    count = 0

    def refuse(*_declared: object) -> None:
        raise SpreadsheetError(
            _("The spreadsheet declares a document type, which none of a spreadsheet program does; it was not opened.")
        )

    def begin(_name: str, _attributes: object) -> None:
        nonlocal count
        count += 1
        if count > most:
            raise _too_large()

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler, parser.StartElementHandler = refuse, begin
    try:
        while chunk := file.read(65_536):
            parser.Parse(chunk)
    except expat.ExpatError:  # no XML: a picture, a printer's settings
        pass
    return count


def _too_large() -> SpreadsheetError:
    return SpreadsheetError(
        _("The spreadsheet is too large; allowed are {limit} bytes when it is unpacked, and {elements} cells.").format(
            limit=MAX_UNPACKED, elements=MAX_ELEMENTS
        )
    )
