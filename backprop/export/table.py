"""The trace as a table, CSV or JSON, to the contract in docs/contracts.md: numbers that read back to the bit."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

from backprop.engine.steps import Cell, Trace
from backprop.explain import symbols, terms
from backprop.explain.derivation import RULES, explain
from backprop.explain.numerals import full

HEADER = (
    "iteration",
    "step",
    "phase",
    "layer",
    "quantity",
    "sample",
    "unit",
    "from_unit",
    "symbol",
    "value",
    "formula",
    "substitution",
)

WHOLE = ("iteration", "step", "layer", "sample", "unit", "from_unit")
"""The columns that hold whole numbers or nothing."""


def rows(trace: Trace) -> Iterator[tuple[str, ...]]:
    """Every number of an iteration: what is given first, then the steps in order."""
    for step in (*trace.given, *trace.steps):
        for cell in trace.cells(step):
            yield _row(trace, step.number, step.phase, cell)


def _row(trace: Trace, number: int | None, phase: str, cell: Cell) -> tuple[str, ...]:
    symbol = symbols.ascii(cell, trace.samples)
    value = trace.at(cell)
    formula, substitution = "", ""
    if cell.quantity in RULES:
        rule = explain(trace, cell).rule
        formula = f"{symbol} = {terms.formula(rule, trace.samples)}"
        substitution = f"{symbol} = {terms.substitution(rule, trace)}"
    places = (_blank(cell.sample), _blank(cell.unit), _blank(cell.from_unit))
    return (
        str(trace.iteration),
        _blank(number),
        phase,
        _blank(cell.layer),
        cell.quantity,
        *places,
        symbol,
        full(value),
        formula,
        substitution,
    )


def _blank(number: int | None) -> str:
    return "" if number is None else str(number)


def to_csv(*traces: Trace) -> str:
    """Whole iterations as CSV text: one header, then the iterations one after another. RFC 4180, CRLF."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for trace in traces:
        writer.writerows(rows(trace))
    return out.getvalue()


def to_json(*traces: Trace) -> str:
    """The same rows as one JSON object: {"columns": the CSV's header, "rows": a list per row, in that order}.

    iteration, step, layer, sample, unit and from_unit are whole numbers, null where the CSV has an empty cell; value is
    a number that reads back to the same float64, or "inf", "-inf", "nan", which JSON has no numbers for; the rest is text.
    """
    lines = ",\n".join(_json(row) for trace in traces for row in rows(trace))
    return f'{{"columns": {json.dumps(HEADER)},\n"rows": [\n{lines}\n]}}\n'


def _json(row: tuple[str, ...]) -> str:
    cells = []
    for column, text in zip(HEADER, row, strict=True):
        if column in WHOLE:
            cells.append(text or "null")
        elif column == "value" and "n" not in text:
            cells.append(text)
        else:
            cells.append(json.dumps(text))
    return f"[{', '.join(cells)}]"
