"""The rules in vector form: one line of matrices with their shapes, and the same line with the numbers in.

Written for column vectors and W with a row per receiving unit; a convention with samples as rows turns every product
round and every matrix over, and one with a column per sample puts all samples side by side.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from backprop.engine.steps import Cell, Step, Trace
from backprop.explain import numerals
from backprop.explain.conventions import Convention
from backprop.explain.readings import Style, powered
from backprop.explain.terms import fill, tex_template
from backprop.language import _

MAX_ROWS, MAX_COLUMNS = 4, 9
"""Larger matrices are named with their shape; their numbers stand in the table and in the CSV."""

Matrix = tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Block:
    """A matrix or vector of a rule: its name, what kind of factor it is, and the cells it holds."""

    name: str
    kind: str
    cells: Matrix

    def turned(self) -> Block:
        return replace(self, cells=tuple(zip(*self.cells, strict=True)))

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.cells), len(self.cells[0])


Token = Block | str
Line = tuple[Token, ...]


def line(trace: Trace, step: Step, sample: int, convention: Convention) -> tuple[Block, Line]:
    """(what a step computes, the rule for it), for the picked sample; of the parameters, over all samples.

    Where the convention has a column per sample, a forward or backward quantity is there for all samples at once.
    """
    convention = convention.of(trace)
    left, right = _Rules(trace, sample, convention).of(step)
    if convention.arrangement == "row":
        return left.turned(), _reversed(right)
    return left, right


def _reversed(tokens: Line) -> Line:
    """Products turned round: W a + b becomes a W + b."""
    out: list[Token] = []
    run: list[Token] = []
    for token in (*tokens, "+"):
        if isinstance(token, Block):
            run.insert(0, token.turned())
        elif token == r"\,":
            run.insert(0, token)
        else:
            out += [*run, token]
            run = []
    return tuple(out[:-1])


def _turned(name: str) -> str:
    """The name with a ⊤ beside its layer."""
    return f"{name[:-1]}\\top}}" if "^{" in name and name.endswith("}") else rf"{name}^{{\top}}"


class _Rules:
    """The rules of a trace in a convention: the names of its vectors and matrices, and what is made of which."""

    def __init__(self, trace: Trace, sample: int, convention: Convention) -> None:
        self.trace, self.network, self.convention = trace, trace.network, convention
        self.sample, self.many, self.mark = sample, trace.samples > 1, ""
        self.samples = range(1, trace.samples + 1) if convention.arrangement == "columns" else range(sample, sample + 1)

    # --- names

    def bold(self, letter: str) -> str:
        return rf"\mathbf{{{letter}}}" if self.convention.bold and len(letter) == 1 else letter

    def above(self, layer: int) -> str:
        around = self.convention.layer
        return f"^{{{around[:1]}{layer}{around[1:]}}}"

    def slope_name(self, below: str, above: str = "") -> str:
        return rf"\frac{{\partial {above or self.convention.loss}}}{{\partial {below}}}"

    def gradient_name(self, name: str, mean: bool = False) -> str:
        """∂L/∂name, or d name; mean: of a dW or db, which have their 1/m."""
        if not self.convention.differentials:
            return self.slope_name(name)
        share = 1 if mean else self.convention.share
        return ("" if share == 1 else rf"\tfrac{{1}}{{{share}}}\,") + f"d{name}"

    def slope_at(self, name: str) -> str:
        return rf"{self.convention.function}'({name})"

    # --- blocks

    def vector(self, quantity: str, layer: int, name: str, kind: str) -> Block:
        units = range(1, self.network.sizes[layer] + 1)
        return Block(
            name, kind, tuple(tuple(Cell(quantity, layer, sample, unit) for sample in self.samples) for unit in units)
        )

    def matrix(self, quantity: str, layer: int, name: str, kind: str) -> Block:
        rows, columns = self.network.shape(layer)
        return Block(
            name,
            kind,
            tuple(tuple(Cell(quantity, layer, None, i, j) for j in range(1, columns + 1)) for i in range(1, rows + 1)),
        )

    def pick(self) -> None:
        """From here on the picked sample alone: the Jacobian of a softmax is another for every sample."""
        if len(self.samples) > 1:
            self.samples, self.mark = range(self.sample, self.sample + 1), rf"_{{\cdot {self.sample}}}"

    def z(self, layer: int) -> Block:
        return self.vector("z", layer, self.bold(self.convention.pre) + self.above(layer) + self.mark, "plain")

    def sent(self, layer: int) -> Block:
        """What a layer sends on; layer 0 is the input."""
        if not layer:
            return self.vector("x", 0, self.bold(self.convention.input), "in")
        if self.convention.output and layer == self.network.depth:
            return self.vector("a", layer, self.convention.output + self.mark, "in")
        return self.vector("a", layer, self.bold(self.convention.act) + self.above(layer) + self.mark, "in")

    def bias(self, quantity: str, layer: int, name: str, kind: str) -> Block:
        shared = self.network.shared_bias
        units = [None] if shared else range(1, self.network.sizes[layer] + 1)
        return Block(name, kind, tuple((Cell(quantity, layer, None, unit),) for unit in units))

    def bias_name(self, layer: int) -> str:
        return self.bold(self.convention.bias) + self.above(layer)

    def delta_name(self, layer: int, below: str = "") -> str:
        if self.convention.delta and not self.convention.differentials:
            return rf"\boldsymbol{{{self.convention.delta}}}{self.above(layer)}{below}"
        return self.gradient_name(self.z(layer).name + below)

    def delta(self, layer: int) -> Block:
        return self.vector("dL_dz", layer, self.delta_name(layer), "delta")

    # --- rules

    def of(self, step: Step) -> tuple[Block, Line]:
        layer, network, convention = step.layer or 0, self.network, self.convention
        depth, samples = network.depth, self.trace.samples
        row = network.activations[layer - 1] if layer else None
        if row and row.vector and step.quantity in ("da_dz", "dL_dz"):
            self.pick()
        a, t = self.sent(layer), self.bold(convention.target)
        W_name, b_name = f"W{self.above(layer)}", self.bias_name(layer)
        z_name = self.z(layer).name if layer else ""

        def written(expr: Any) -> str:
            names = {"a": a.name, "z": z_name, "t": t, "alpha": "α", "n": str(network.sizes[-1])}
            return fill(tex_template(expr), lambda name: names[name], powered(convention))

        match step.quantity:
            case "z":
                tail: Line = ("+", self.bias("b", layer, b_name, "weight")) if ("b", layer) in self.trace else ()
                return self.z(layer), (
                    self.matrix("W", layer, W_name, "weight"),
                    r"\,",
                    self.sent(layer - 1),
                    *tail,
                )
            case "a":
                return replace(a, kind="plain"), (rf"{convention.function}\left(", self.z(layer), r"\right)")
            case "loss_term":
                return self.vector("loss_term", depth, r"\boldsymbol{\ell}", "loss"), (written(network.loss.term),)
            case "da_dz" if row and row.vector:
                n, (sample,) = range(1, network.sizes[layer] + 1), self.samples
                cells = tuple(tuple(Cell("da_dz", layer, sample, i, j) for j in n) for i in n)
                return Block(self.slope_name(z_name, a.name), "slope", cells), (
                    rf"\mathrm{{diag}}({a.name}) - {a.name}\,{{{a.name}}}^{{\top}}",
                )
            case "da_dz":
                assert row
                return self.vector("da_dz", layer, self.slope_at(z_name), "slope"), (written(row.slope),)
            case "dL_da" if layer == depth:
                part = written(network.loss.slope)
                return self.vector("dL_da", layer, self.gradient_name(a.name), "error"), (
                    rf"\frac{{1}}{{{samples}}}\left[{part}\right]" if self.many else part,
                )
            case "dL_da" | "dL_dx":
                back = self.matrix("W", layer + 1, _turned(f"W{self.above(layer + 1)}"), "weight").turned()
                return self.vector(step.quantity, layer, self.gradient_name(a.name), "delta"), (
                    back,
                    r"\,",
                    self.delta(layer + 1),
                )
            case "dL_dz":
                kind = "error" if layer == depth else "delta"
                arriving = self.vector("dL_da", layer, self.gradient_name(a.name), kind)
                if row and row.vector:
                    n, (sample,) = range(1, network.sizes[layer] + 1), self.samples
                    name = (
                        _turned(f"J{self.above(layer)}")
                        if convention.loss != "J"
                        else rf"\left({self.slope_name(z_name, a.name)}\right)^{{\top}}"
                    )
                    cells = tuple(tuple(Cell("da_dz", layer, sample, i, j) for i in n) for j in n)
                    return self.delta(layer), (Block(name, "slope", cells), r"\,", arriving)
                slope = self.vector("da_dz", layer, self.slope_at(z_name), "slope")
                return self.delta(layer), (arriving, r"\odot", slope)
            case "dL_dW":
                return self._weights_gradient(layer, W_name)
            case "dL_db":
                left = self.bias("dL_db", layer, self.gradient_name(b_name, mean=True), "plain")
                if (network.shared_bias and network.sizes[layer] > 1) or self.many:
                    under = "s" if self.many else "k"
                    return left, (rf"\sum_{{{under}}} " + self.delta_name(layer, f"_{{{under}}}"),)
                return left, (self.delta(layer),)
            case "W_new":
                return self.matrix("W_new", layer, rf"{{W'}}{self.above(layer)}", "plain"), (
                    self.matrix("W", layer, W_name, "weight"),
                    "-",
                    rf"{convention.rate}\,",
                    self.matrix("dL_dW", layer, self.gradient_name(W_name, mean=True), "delta"),
                )
            case "b_new":
                return self.bias("b_new", layer, rf"{{{self.bold(convention.bias)}'}}{self.above(layer)}", "plain"), (
                    self.bias("b", layer, b_name, "weight"),
                    "-",
                    rf"{convention.rate}\,",
                    self.bias("dL_db", layer, self.gradient_name(b_name, mean=True), "delta"),
                )
        raise KeyError(step.quantity)

    def _weights_gradient(self, layer: int, name: str) -> tuple[Block, Line]:
        """Over all samples: what reaches the units times what came in."""
        m = range(1, self.trace.samples + 1)
        n_out, n_in = self.network.sizes[layer], self.network.sizes[layer - 1]
        stacked = self.many and self.convention.bold  # a capital for the samples side by side
        deltas = Block(
            rf"\Delta{self.above(layer)}" if stacked else self.delta_name(layer),
            "delta",
            tuple(tuple(Cell("dL_dz", layer, s, i) for s in m) for i in range(1, n_out + 1)),
        )
        letter = self.convention.act if layer > 1 else self.convention.input
        if stacked:
            sent = (letter.upper() if len(letter) == 1 else letter) + (self.above(layer - 1) if layer > 1 else "")
        else:
            sent = self.sent(layer - 1).name
        came = tuple(tuple(self.trace.sends(layer - 1, j, s) for j in range(1, n_in + 1)) for s in m)
        left = self.matrix("dL_dW", layer, self.gradient_name(name, mean=True), "plain")
        return left, (deltas, r"\,", Block(_turned(sent), "in", came))


# --- as HTML


_HTML = (
    (re.compile(r"\\frac\{\\partial (.*?)\}\{\\partial (.*)\}$"), r"∂\1/∂\2"),
    (re.compile(r"\\tfrac\{(\d+)\}\{(\d+)\}"), r"\1/\2"),
    (re.compile(r"\\hat\{Y\}"), "Ŷ"),
    (re.compile(r"\\mathbf\{(.*?)\}|\\boldsymbol\{(.*?)\}"), r"<b>\1\2</b>"),
    (re.compile(r"\\mathrm\{(.*?)\}"), r"\1"),
    (re.compile(r"\^\{(.*?)\}"), r"<sup>\1</sup>"),
    (re.compile(r"_\{(.*?)\}"), r"<sub>\1</sub>"),
)
_SIGNS = {
    r"\top": "⊤",
    r"\odot": " ⊙ ",
    r"\eta": "η ",
    r"\delta": "δ",
    r"\Delta": "Δ",
    r"\theta": "θ",
    r"\alpha": "α ",
    r"\cdot": "·",
    r"\ell": "ℓ",
    r"\left": "",
    r"\right": "",
    r"\,": " ",
    r"\sum": "Σ",
    "-": " − ",
    "+": " + ",
}


@lru_cache(maxsize=512)
def name_html(tex: str) -> str:
    """A name or a piece of a rule as HTML; a backslash where it is too high for a line."""
    for pattern, to in _HTML:
        tex = pattern.sub(to, tex)
    for sign, to in _SIGNS.items():
        tex = tex.replace(sign, to)
    if "frac" in tex:
        return "\\"
    return tex.replace("{", "").replace("}", "").replace("^⊤", "<sup>⊤</sup>")


def rule_html(trace: Trace, step: Step, sample: int, convention: Convention) -> str:
    """The rule on one line, as HTML, for beside the question of a single number; empty where a line is too narrow for it."""
    left, right = line(trace, step, sample, convention)
    text = f"{name_html(left.name)} = " + "".join(
        name_html(token.name if isinstance(token, Block) else token) for token in right
    )
    return "" if "\\" in text else text


# --- as TeX


def display(trace: Trace, step: Step, sample: int, style: Style) -> str:
    """A whole layer's quantity: the rule with the shape under every matrix, the numbers, and the result in its frame."""
    style = style.of(trace)
    left, right = line(trace, step, sample, style.convention)
    colours, rate = style.colours, rf"{style.convention.rate}\,"

    def shaped(block: Block) -> str:
        return rf"\textcolor{{{colours[block.kind]}}}{{\underset{{\textcolor{{{colours['mute']}}}{{{block.shape[0]}\times {block.shape[1]}}}}}{{{block.name}}}}}"

    def numbers(block: Block, frame: bool = False) -> str:
        texts = [" & ".join(_number(trace, cell, style, frame) for cell in row) for row in block.cells]
        rows = (r" \\[4pt] " if any("frac" in text for text in texts) else r" \\ ").join(texts)
        colour = colours["result"] if frame else colours[block.kind]
        return rf"\textcolor{{{colour}}}{{\begin{{bmatrix}} {rows} \end{{bmatrix}}}}"

    mute = colours["mute"]
    lines = [
        rf"{shaped(left)} & = & " + " ".join(shaped(token) if isinstance(token, Block) else token for token in right)
    ]
    blocks = [token for token in right if isinstance(token, Block)]
    if (
        blocks
        and all(block.shape[0] <= MAX_ROWS for block in blocks)
        and sum(block.shape[1] for block in blocks) <= MAX_COLUMNS
        and sum(b.shape[1] for b in blocks) * (style.digits + 3) <= 62
    ):
        eta = numerals.tex(trace["learning_rate", None].at(Cell("learning_rate")), given=True)
        put = " ".join(
            numbers(token) if isinstance(token, Block) else rf"{eta} \cdot" if token == rate else token
            for token in right
        )
        lines.append(rf"\textcolor{{{mute}}}{{\footnotesize\textit{{{_('numbers')}}}}} & \approx & {put}")
    if left.shape[0] <= 2 * MAX_ROWS and left.shape[1] * (style.digits + 3) <= 66:
        lines.append(rf" & \approx & \fcolorbox{{{colours['result']}}}{{{colours['wash']}}}{{${numbers(left, True)}$}}")
    return r"\begin{array}{rcl} " + r" \\[10pt] ".join(lines) + r" \end{array}"


def _number(trace: Trace, cell: Cell, style: Style, made: bool) -> str:
    if made and style.hidden:
        return "?"
    value = trace.at(cell)
    return numerals.tex(value, style.digits, given=cell.quantity in numerals.GIVEN)
