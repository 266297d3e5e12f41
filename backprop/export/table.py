"""The trace as CSV, to the contract in docs/contracts.md: RFC 4180, CRLF, numbers that read back to the bit."""

from __future__ import annotations

import csv
import io
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


def to_csv(trace: Trace) -> str:
    """The whole iteration as CSV text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(rows(trace))
    return out.getvalue()
