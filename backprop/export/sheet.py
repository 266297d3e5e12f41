"""The whole iteration as a sheet of paper: what is given, every number on a line, and the parameters before and after.

A sheet is data: sections of blocks of lines in TeX. latex.py writes it as an article, the app's page as HTML. Chosen numbers
stand as blanks, to be filled in; with `key` the blanks are filled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from backprop.engine.steps import Cell, Step, Trace, mean_loss
from backprop.explain import numerals, symbols, vectors, words
from backprop.explain.lines import FILL_IN, Line, line
from backprop.explain.readings import Style
from backprop.language import _, later, plural
from backprop.practice.blanks import BLANKABLE, covered, on_sheet


@dataclass(frozen=True)
class Table:
    """Rows of TeX under a head of TeX."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Block:
    """What stands together under a caption (plain text, perhaps empty).

    facts     sentences, plain text
    formulas  each in pieces of TeX, between which a line may break
    lines     a number each
    """

    caption: str
    facts: tuple[str, ...] = ()
    table: Table | None = None
    formulas: tuple[tuple[str, ...], ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Section:
    """A phase of the iteration in one layer; its heading is plain text."""

    phase: str
    heading: str
    blocks: tuple[Block, ...]


def sections(
    trace: Trace,
    style: Style,
    sample: int | None = None,
    blanks: Collection[str | Cell] = (),
    key: bool = False,
    phases: Collection[str] = BLANKABLE,
) -> list[Section]:
    """The sheet of an iteration.

    sample  the one whose numbers are on the sheet; None for all. Gradients of parameters are of the whole batch in any case
    blanks  what is left blank: phases ("loss" is the phase), quantities or single cells; see `covered`
    key     with the blanks filled in
    phases  those whose calculation is on the sheet; a sheet of one phase is a short one

    Raises ValueError for a blank or a sample that the iteration does not have.
    """
    if sample is not None and not 1 <= sample <= trace.samples:
        raise ValueError(
            _("Sample {came} is not in the lesson; allowed are 1 to {count}.").format(came=sample, count=trace.samples)
        )
    style = replace(style, convention=style.convention.of(trace))
    left_out = covered(trace, style, sample, blanks)
    computed = []
    for (phase, layer), steps in groupby(trace.steps, lambda step: (step.phase, step.layer)):
        blocks = [
            block for step in steps for block in _blocks(trace, step, style, sample, left_out, key) if block.lines
        ]
        computed.append(Section(phase, _heading(trace, phase, layer or 0), tuple(blocks)))
    last = [_after(trace, style, left_out, key)] if "update" in phases else []
    return [_given(trace, style), *(section for section in computed if section.phase in phases), *last]


# --- the numbers


CAPTIONS: dict[str, str] = {
    "z": later("What each unit adds up"),
    "a": later("What each unit sends on"),
    "loss_term": later("Each output's part of the loss"),
    "loss": later("The loss"),
    "dL_da": later("How the loss changes with what each unit sends"),
    "da_dz": later("How steep the curve is"),
    "dL_dz": later("How the loss changes with what each unit adds up"),
    "dL_dW": later("How the loss changes with each weight"),
    "dL_db": later("How the loss changes with each bias"),
    "dL_dx": later("How the loss changes with each input"),
    "W_new": later("New weights"),
    "b_new": later("New biases"),
}


def _blocks(
    trace: Trace, step: Step, style: Style, sample: int | None, left_out: frozenset[Cell], key: bool
) -> Iterator[Block]:
    """The lines of a step, a block for each sample."""
    cells = [cell for cell in trace.cells(step) if on_sheet(trace, cell, sample)]
    apart = trace.samples > 1 and step.quantity != "loss"
    for number, group in groupby(cells, lambda cell: cell.sample if apart else None):
        caption = _(CAPTIONS[step.quantity])
        if number is not None:
            caption = _("{caption}: sample {number}").format(caption=caption, number=number)
        elif trace.samples > 1 and step.quantity in ("dL_dW", "dL_db"):
            caption = _("{caption}: all samples added up").format(caption=caption)
        yield Block(caption, lines=tuple(line(trace, cell, style, left_out, key) for cell in group))


def _heading(trace: Trace, phase: str, layer: int) -> str:
    if phase == "loss":
        return _("Loss: {loss}").format(loss=words.to_text(words.loss_title(trace)))
    if phase == "update":
        return _("Update: layer {layer}").format(layer=layer)
    if layer == 0:
        return _("Backward pass: the inputs")
    name = words.to_text(words.layer_name(trace, layer))
    return (_("Forward pass: {layer}") if phase == "forward" else _("Backward pass: {layer}")).format(layer=name)


# --- what is given, and what becomes of it


def _given(trace: Trace, style: Style) -> Section:
    network, notation = trace.network, style.convention
    facts = [plural("{count} input", "{count} inputs", network.sizes[0]).format(count=network.sizes[0])]
    for layer, count in enumerate(network.sizes[1:], 1):
        name = words.to_text(words.layer_name(trace, layer))
        facts.append(plural("{layer}: {count} unit", "{layer}: {count} units", count).format(layer=name, count=count))
    facts.append(_("loss: {loss}").format(loss=words.to_text(words.loss_title(trace))))
    rate = Cell("learning_rate")
    rate_tex = f"{symbols.tex(rate, notation)} = {_number(trace, rate, style)}"
    blocks = [Block(_("The network"), tuple(facts)), Block(_("Inputs and targets"), table=_samples(trace, style))]
    formulas = [formula for step in trace.steps if step.quantity == "z" for formula in _start(trace, step, style)]
    blocks += [Block(_("Weights and biases"), formulas=tuple(formulas))]
    blocks += [Block(_("Learning rate"), formulas=((rate_tex,),))]
    return Section("given", _("Given"), tuple(blocks))


def _samples(trace: Trace, style: Style) -> Table:
    """A row per sample: its inputs, then its targets."""
    many = trace.samples > 1

    def row(sample: int) -> list[Cell]:
        n, m = trace.network.sizes[0], trace.network.sizes[-1]
        inputs = [Cell("x", 0, sample, unit) for unit in range(1, n + 1)]
        return inputs + [Cell("t", trace.network.depth, sample, unit) for unit in range(1, m + 1)]

    head = [symbols.tex(cell, style.convention) for cell in row(1)]
    rows = [[_number(trace, cell, style) for cell in row(sample)] for sample in range(1, trace.samples + 1)]
    if many:
        head, rows = ["s", *head], [[str(sample), *row] for sample, row in enumerate(rows, 1)]
    return Table(tuple(head), tuple(map(tuple, rows)))


def _parameters(trace: Trace, step: Step, style: Style, quantity: str) -> vectors.Block | None:
    """The weights or biases in the vector rule of a step, with their name and in the convention's order."""
    left, right = vectors.line(trace, step, 1, style.convention)
    blocks = [left, *(token for token in right if isinstance(token, vectors.Block))]
    return next((block for block in blocks if block.cells[0][0].quantity == quantity), None)


def _start(trace: Trace, step: Step, style: Style) -> Iterator[tuple[str, ...]]:
    """W = symbols = numbers, b = symbols = numbers."""
    for quantity in ("W", "b"):
        block = _parameters(trace, step, style, quantity)
        if block is not None:
            named = _matrix(block, lambda cell: symbols.tex(cell, style.convention))
            if block.shape == (1, 1):
                yield (f"{named} = {_number(trace, block.cells[0][0], style)}",)
            else:
                yield f"{block.name} = {named}", f"= {_matrix(block, lambda cell: _number(trace, cell, style))}"


def _matrix(block: vectors.Block, written: Callable[[Cell], str]) -> str:
    if block.shape == (1, 1):
        return written(block.cells[0][0])
    rows = r" \\ ".join(" & ".join(written(cell) for cell in row) for row in block.cells)
    return rf"\begin{{bmatrix}} {rows} \end{{bmatrix}}"


def _number(trace: Trace, cell: Cell, style: Style) -> str:
    return numerals.tex(trace.at(cell), style.digits, given=cell.quantity in numerals.GIVEN)


def _after(trace: Trace, style: Style, left_out: frozenset[Cell], key: bool) -> Section:
    """Every parameter before → after, and the loss."""

    def shown(cell: Cell) -> str:
        return FILL_IN if cell in left_out and not key else _number(trace, cell, style)

    formulas = []
    for step in trace.steps:
        if step.phase == "update":
            old = _parameters(trace, step, style, step.quantity.removesuffix("_new"))
            new = _parameters(trace, step, style, step.quantity)
            assert old and new
            formulas.append((f"{old.name} = {_matrix(old, shown)}", rf"\to\; {new.name} = {_matrix(new, shown)}"))
    loss = Cell("loss", trace.network.depth)
    name = symbols.tex(loss, style.convention)
    facts = () if trace.update_biases or not any(trace.network.biased) else (_("The biases stay as they are."),)
    blocks = [Block(_("Parameters"), facts, formulas=tuple(formulas))]
    pieces = [f"{name} = {shown(loss)}" if loss in left_out and not key else rf"{name} \approx {shown(loss)}"]
    if loss not in left_out or key:
        then = mean_loss(trace.network, trace.after, trace["x", 0].value, trace["t"].value)
        pieces.append(rf"\to\; {name} \approx {numerals.tex(then, style.digits)}")
    blocks.append(Block(_("Loss"), formulas=(tuple(pieces),)))
    return Section("after", _("Before and after the update"), tuple(blocks))
