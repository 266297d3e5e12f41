"""Which numbers of a sheet stand blank, on paper and on screen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from backprop.engine.steps import PHASES, QUANTITIES, Cell, Trace
from backprop.explain import numerals
from backprop.explain.lines import reads
from backprop.explain.readings import Style
from backprop.language import _

BLANKABLE = PHASES[1:]
"""The phases whose numbers can be left blank; what is given stays."""


def covered(
    trace: Trace, style: Style, sample: int | None = None, blanks: Collection[str | Cell] = ()
) -> frozenset[Cell]:
    """The cells that stand blank: those chosen, and each that would show a blank's number because it is made of it alone.

    Where the sheet follows one sample, numbers of the others are put in as given. Raises ValueError for a blank that the
    iteration does not have.
    """
    for blank in blanks:
        _must_exist(trace, blank)
    out: set[Cell] = set()
    for step in trace.steps:
        for cell in trace.cells(step):
            if not on_sheet(trace, cell, sample):
                continue
            chosen = step.phase in blanks or (cell.quantity in blanks and cell.quantity not in PHASES) or cell in blanks
            if chosen or any(other in out and _same(trace, other, cell, style) for other in reads(trace, cell)):
                out.add(cell)
    return frozenset(out)


def _same(trace: Trace, one: Cell, other: Cell, style: Style) -> bool:
    """Do two cells show the same digits?"""
    return numerals.plain(trace.at(one), style.digits) == numerals.plain(trace.at(other), style.digits)


def _must_exist(trace: Trace, blank: str | Cell) -> None:
    allowed = (*BLANKABLE, *(name for name, (phase, _axes) in QUANTITIES.items() if phase in BLANKABLE))
    if isinstance(blank, str):
        fits = blank in allowed
    else:
        fits = blank.quantity in allowed
        try:
            trace.at(blank)
        except KeyError:
            fits = False
    if not fits:
        raise ValueError(
            _("“{came}” cannot be left blank; allowed are {allowed}, or a cell of one of these.").format(
                came=str(blank)[:80], allowed=", ".join(dict.fromkeys(allowed))
            )
        )


def on_sheet(trace: Trace, cell: Cell, sample: int | None) -> bool:
    """Is a computed cell told on the sheet of a sample (None for all)? A lone sample's loss is the loss, so it is not told twice."""
    if cell.quantity == "loss" and cell.sample is not None and trace.samples == 1:
        return False
    return sample is None or cell.sample in (None, sample)


# --- on screen: the sheet in parts, and how much of it is blank


@dataclass(frozen=True)
class Part:
    """What is worked out together: a phase of the iteration in one layer.

    name  backward.2; also in links
    rows  of cells, a column per unit; a row is one quantity, of weights what one sender sends to each unit
    """

    name: str
    phase: str
    layer: int
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(cell for row in self.rows for cell in row)


def parts(cells: Iterable[Cell]) -> tuple[Part, ...]:
    """The numbers of a sheet, in the order in which they are computed, as parts in that order."""
    rows: dict[tuple[str, int], dict[tuple, list[Cell]]] = {}
    for cell in cells:
        phase = QUANTITIES[cell.quantity][0] if cell.quantity in QUANTITIES else "after"
        one = cell.from_unit if cell.quantity != "loss" else cell.sample
        rows.setdefault((phase, cell.layer or 0), {}).setdefault((cell.quantity, one), []).append(cell)
    return tuple(
        Part(f"{phase}.{layer}", phase, layer, tuple(map(tuple, found.values())))
        for (phase, layer), found in rows.items()
    )


DIAL = 4
"""Stops of the dial after the first, the worked example; at the last one everything is blank."""


def dialled(part: Part, stop: int) -> Iterator[Cell]:
    """The cells of a part that the dial leaves blank: its first steps, one at least, and at each stop a quarter more of them."""
    steps = list(dict.fromkeys(cell.quantity for cell in part.cells))
    blank = steps[: max(1, len(steps) * stop // DIAL) if stop else 0]
    return (cell for cell in part.cells if cell.quantity in blank)


def named(part: Part, tokens: Collection[str]) -> Iterator[Cell]:
    """The cells of a part that a list of phases (backward) and steps (dL_da.2) leaves blank."""
    return (cell for cell in part.cells if part.phase in tokens or f"{cell.quantity}.{cell.layer}" in tokens)
