"""The matrices of a layer as HTML: strips of numbers that light together, names above, shapes below."""

from __future__ import annotations

import html
import math

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols
from backprop.explain.conventions import Convention
from backprop.explain.matrices import acting, blocks, lines
from backprop.explain.vectors import Block, Token, line, name_html
from backprop.ui.following.matrix_fit import Fit, axes, directions, number

FORWARD, BACKWARD, GRADIENT = range(3)
MADE = ("out", "in", "")
"""Per line the axis whose every place is one single number's line; a number of the gradient is a line by itself."""
_DOTS = {(True, False): "⋮", (False, True): "⋯", (True, True): "⋱"}
"""(is the row left out, is the column left out)"""


class Blocks:
    """The layer in which a followed number acts: what belongs together in it, and its matrices.

    look: how its numbers are shown; set when it is known what fits
    """

    look: Fit

    def __init__(self, trace: Trace, cell: Cell, sample: int, convention: Convention) -> None:
        self.trace, self.cell, self.sample, self.convention = trace, cell, sample, convention
        self.acts = acting(trace, cell)
        self.layer, self.many = self.acts.layer, trace.samples > 1
        self.lines = lines(trace, self.layer, sample, convention)
        follows_output = cell.quantity == "a" and cell.layer == self.layer
        self.output = line(trace, trace["a", self.layer], sample, convention)[0] if follows_output else None
        """The outputs, where one of them is followed: they stand beside the z that they are made of."""
        self.stands = [self._standing(line) for line in range(3)]
        self._marked: dict[Cell, str] = {}
        self._lit: dict[tuple[int, tuple[tuple[str, int], ...]], str] = {}

    def _standing(self, line: int) -> dict[Cell, tuple[str, dict[str, int]]]:
        """Every cell of a line, its address and where it stands."""
        matrices = [*blocks(self.lines[line]), *([self.output] if self.output and line == FORWARD else [])]
        cells = dict.fromkeys(cell for block in matrices for row in block.cells for cell in row)
        return {cell: (cell.address, axes(cell, self.layer)) for cell in cells}

    # --- what belongs together

    def light(self, line: int, **fixed: int) -> str:
        """The addresses of the cells of a line that stand at the places given of its axes, or have no such axis.

        Samples side by side that are left out light nothing: no picture shows them either.
        """
        beside = (None, *self.look.across[line]["sample"])
        key = (line, tuple(fixed.items()))
        if key not in self._lit:
            found = [
                (cell, address)
                for cell, (address, stands) in self.stands[line].items()
                if all(stands.get(axis, place) == place for axis, place in fixed.items())
                and (cell.quantity != "b" or "out" in fixed)
                and (line == GRADIENT or stands.get("sample") in beside)
            ]
            if line == GRADIENT and len(fixed) > 1:  # the weight whose gradient it is
                found += [
                    (cell, cell._replace(quantity="W").address) for cell, _at in found if cell.from_unit is not None
                ]
            self._lit[key] = " ".join(address for _cell, address in found)
        return self._lit[key]

    def chosen(self, line: int, cell: Cell) -> bool:
        """Does a number of a line belong to the followed one?"""
        stands, units, senders = axes(cell, self.layer), self.acts.units, self.acts.senders
        of_unit, of_sender = stands.get("out") in (None, *units), stands.get("in") in (None, *senders)
        if line == GRADIENT:
            own = self.cell.quantity != "b" or cell.quantity in ("dL_db", "dL_dz")  # it has no part in weights
            return own and (of_unit or not units) and (of_sender or not senders)
        return bool(units) and of_unit if line == FORWARD else bool(senders) and of_sender

    def marks(self, cell: Cell) -> str:
        """What an element that stands for a cell carries: its address, and its name with all digits."""
        if cell not in self._marked:
            value = self.trace.at(cell)
            full = numerals.all_digits(value) if math.isfinite(value) else numerals.plain(value)
            title = html.escape(f"{symbols.text(cell, self.convention)} = {full}")
            self._marked[cell] = f'data-cell="{cell.address}" title="{title}"'
        return self._marked[cell]

    # --- the equation of a line

    def equation(self, line: int) -> str:
        """Matrices and the signs between them, each three items of a grid: a name, a matrix or sign, a shape."""
        left, right = self.lines[line]
        out = ""
        if line == FORWARD and self.output:
            out = self.block(line, self.output, True) + _sign(f"<i>{self.convention.function}</i>", "⟵", "")
        tokens: tuple[Token, ...] = (left, "=", *right)
        for place, token in enumerate(tokens):
            if isinstance(token, Block):
                out += self.block(line, token, not place)
            elif token == r"\,":
                out += _sign("", "", "·")
            else:
                out += _sign(token, "≈" if token == "=" and not self._exact(line) else token, token)
        return out

    def _exact(self, line: int) -> bool:
        """Does every number of a line's matrices stand there with all its digits?"""
        left, right = self.lines[line]
        for block in (left, *right):
            digits = self.look.decimals(line, block is left)
            for cell in (each for row in block.cells for each in row) if isinstance(block, Block) else ():
                value = self.trace.at(cell)
                as_typed = cell.quantity in numerals.GIVEN and numerals.typed(value) is not None
                if not as_typed and numerals.rounded(value, digits) != value:
                    return False
        return True

    def _along(self, line: int, block: Block) -> str:
        """The axis along which a matrix falls into strips that light as one; none where every number is made by itself."""
        stands = axes(block.cells[0][0], self.layer)
        if line == GRADIENT:
            own = [axis for axis in ("out", "in") if axis in stands]
            return "" if len(own) > 1 else "sample" if self.many else own[0]
        other = MADE[1 - line]
        return other if other in stands and MADE[line] not in stands else MADE[line]

    def block(self, line: int, block: Block, made: bool) -> str:
        """A matrix: its rows as strips, or its columns where these are what is read as one."""
        down, across = directions(block, self.layer)
        along = self._along(line, block)
        upright = along != "" and across == along
        rows, columns = self.look.kept(line, block, self.layer)
        frames = self._frames(line, block)
        entries = [
            [
                self._entry(line, block.cells[row - 1][column - 1], made, frames.get((i, j), ""))
                if row and column
                else f'<i class="{frames.get((i, j), "")}">{_DOTS[row is None, column is None]}</i>'
                for j, column in enumerate(columns)
            ]
            for i, row in enumerate(rows)
        ]
        alone = axes(block.cells[0][0], self.layer).get(along, 1)
        places = [place if along in (down, across) else alone for place in (columns if upright else rows)]
        strips = "".join(
            self._strip(line, along, place, "".join(strip))
            for place, strip in zip(places, zip(*entries, strict=True) if upright else entries, strict=True)
        )
        kind = "mx-made" if made else f"mx-{block.kind}"
        return (
            f'<span class="mx-name {kind}{" mx-word" if "mathrm" in block.name else ""}">{name_html(block.name)}</span>'
            f'<span class="mx-m {kind}{" mx-upright" if upright else ""}" style="--n:{len(rows if upright else columns)}">{strips}</span>'
            f'<span class="mx-shape">{block.shape[0]}×{block.shape[1]}</span>'
        )

    def _frames(self, line: int, block: Block) -> dict[tuple[int, int], str]:
        """The frame around what the other line reads as one: forward a column of W, backward one of Wᵀ; by shown row and column."""
        if line == GRADIENT or block.cells[0][0].quantity != "W":
            return {}
        axis, wanted = MADE[1 - line], self.acts.senders if line == FORWARD else self.acts.units
        rows, columns = self.look.kept(line, block, self.layer)
        lying = directions(block, self.layer)[0] == axis
        single = axis not in directions(block, self.layer)
        frames = {}
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                if (1 if single else row if lying else column) in wanted:
                    at, ends = (j, len(columns)) if lying else (i, len(rows))
                    first, last = " mx-first" if at == 0 else "", " mx-last" if at == ends - 1 else ""
                    frames[i, j] = f"mx-cross {'mx-lying' if lying else 'mx-standing'}{first}{last}"
        return frames

    def _strip(self, line: int, along: str, place: int | None, entries: str) -> str:
        if not along or place is None:
            return f'<span class="mx-s">{entries}</span>'
        wanted = self.acts.units if line == FORWARD else self.acts.senders if line == BACKWARD else ()
        chosen = " chosen" if along == MADE[line] and place in wanted else ""
        return f'<span class="mx-s{chosen}" data-light="{self.light(line, **{along: place})}">{entries}</span>'

    def _entry(self, line: int, cell: Cell, made: bool, frame: str) -> str:
        names, light = ["mx-e", frame] if frame else ["mx-e"], ""
        if cell == self.cell:
            names.append("mx-own")
        if line == GRADIENT:
            if self.chosen(line, cell):
                names.append("chosen")
            if cell.from_unit is not None:
                light = f' data-light="{self.light(line, **axes(cell, self.layer))}"'
        elif cell.sample not in (None, self.sample):
            names.append("mx-other")
        text = html.escape(number(self.trace, cell, self.look.decimals(line, made)))
        return f'<span class="{" ".join(names)}" {self.marks(cell)}{light}>{text}</span>'


def _sign(name: str, sign: str, shape: str) -> str:
    return (
        f'<span class="mx-name">{name}</span><span class="mx-sign">{sign}</span><span class="mx-shape">{shape}</span>'
    )
