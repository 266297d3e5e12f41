"""The rules in vector form: one line of matrices with their shapes, and the same line with the numbers in.

Written for column vectors and W with a row per receiving unit; a convention with samples as rows turns every product
round and every matrix over, which is all the difference there is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from backprop.engine.steps import Cell, Step, Trace
from backprop.explain import numerals, symbols
from backprop.explain.readings import Style
from backprop.explain.symbols import Convention
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
    """(what a step computes, the rule for it), for the picked sample; of the parameters, over all samples."""
    left, right = _rule(trace, step, sample, convention)
    if convention.rows:
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


def _vector(trace: Trace, quantity: str, layer: int, sample: int, name: str, kind: str) -> Block:
    return Block(
        name, kind, tuple((Cell(quantity, layer, sample, unit),) for unit in range(1, trace.network.sizes[layer] + 1))
    )


def _matrix(trace: Trace, quantity: str, layer: int, name: str, kind: str) -> Block:
    rows, columns = trace.network.shape(layer)
    return Block(
        name,
        kind,
        tuple(tuple(Cell(quantity, layer, None, i, j) for j in range(1, columns + 1)) for i in range(1, rows + 1)),
    )


def _sent(trace: Trace, layer: int, sample: int, convention: Convention) -> Block:
    name = rf"{_bold(convention.act)}^{{({layer})}}" if layer else r"\mathbf{x}"
    return _vector(trace, "a" if layer else "x", layer, sample, name, "in")


def _bold(letter: str) -> str:
    return letter if letter.startswith("\\") else rf"\mathbf{{{letter}}}"


def _bias(trace: Trace, quantity: str, layer: int, name: str, kind: str) -> Block:
    size = 1 if trace.network.shared_bias else trace.network.sizes[layer]
    return Block(
        name,
        kind,
        tuple(
            (Cell(quantity, layer, None, None if trace.network.shared_bias else unit),) for unit in range(1, size + 1)
        ),
    )


def _delta(trace: Trace, layer: int, sample: int) -> Block:
    return _vector(trace, "dL_dz", layer, sample, rf"\boldsymbol{{\delta}}^{{({layer})}}", "delta")


def _rule(trace: Trace, step: Step, sample: int, convention: Convention) -> tuple[Block, Line]:
    layer, network = step.layer or 0, trace.network
    depth, many = network.depth, trace.samples > 1
    z = _vector(trace, "z", layer, sample, rf"{_bold(convention.pre)}^{{({layer})}}", "plain") if layer else None
    a = _sent(trace, layer, sample, convention)
    W = _matrix(trace, "W", layer, rf"W^{{({layer})}}", "weight") if layer else None
    bold_b = rf"{_bold(symbols.letter('b', convention))}^{{({layer})}}"

    def slope_name(below: str, above: str = "L") -> str:
        return rf"\frac{{\partial {above}}}{{\partial {below}}}"

    def written(expr: object, kind: str) -> str:
        names = {"a": a.name, "z": z.name if z else "", "t": r"\mathbf{t}", "alpha": "α", "n": str(network.sizes[-1])}
        return fill(tex_template(expr), lambda name: names[name])

    match step.quantity:
        case "z":
            assert z and W
            tail: Line = ("+", _bias(trace, "b", layer, bold_b, "weight")) if ("b", layer) in trace else ()
            return z, (W, r"\,", _sent(trace, layer - 1, sample, convention), *tail)
        case "a":
            assert z
            return replace(a, kind="plain"), (r"f\left(", z, r"\right)")
        case "loss_term":
            return _vector(trace, "loss_term", depth, sample, r"\boldsymbol{\ell}", "loss"), (
                written(network.loss.term, "loss"),
            )
        case "da_dz" if network.activations[layer - 1].vector:
            n = range(1, network.sizes[layer] + 1)
            cells = tuple(tuple(Cell("da_dz", layer, sample, i, j) for j in n) for i in n)
            return Block(slope_name(z.name if z else "", a.name), "slope", cells), (
                rf"\mathrm{{diag}}({a.name}) - {a.name}\,{{{a.name}}}^{{\top}}",
            )
        case "da_dz":
            return _vector(trace, "da_dz", layer, sample, rf"f'({z.name if z else ''})", "slope"), (
                written(network.activations[layer - 1].slope, "slope"),
            )
        case "dL_da" if layer == depth:
            part = written(network.loss.slope, "error")
            return _vector(trace, "dL_da", layer, sample, slope_name(a.name), "error"), (
                rf"\frac{{1}}{{{trace.samples}}}\left[{part}\right]" if many else part,
            )
        case "dL_da" | "dL_dx":
            back = _matrix(trace, "W", layer + 1, rf"W^{{({layer + 1})\top}}", "weight").turned()
            return _vector(trace, step.quantity, layer, sample, slope_name(a.name), "delta"), (
                back,
                r"\,",
                _delta(trace, layer + 1, sample),
            )
        case "dL_dz":
            arriving = _vector(
                trace, "dL_da", layer, sample, slope_name(a.name), "error" if layer == depth else "delta"
            )
            if network.activations[layer - 1].vector:
                n = range(1, network.sizes[layer] + 1)
                jacobian = Block(
                    rf"J^{{({layer})\top}}",
                    "slope",
                    tuple(tuple(Cell("da_dz", layer, sample, i, j) for i in n) for j in n),
                )
                return _delta(trace, layer, sample), (jacobian, r"\,", arriving)
            slope = _vector(trace, "da_dz", layer, sample, rf"f'({z.name if z else ''})", "slope")
            return _delta(trace, layer, sample), (arriving, r"\odot", slope)
        case "dL_dW":
            n_out, n_in, m = network.sizes[layer], network.sizes[layer - 1], range(1, trace.samples + 1)
            deltas = Block(
                rf"\Delta^{{({layer})}}" if many else rf"\boldsymbol{{\delta}}^{{({layer})}}",
                "delta",
                tuple(tuple(Cell("dL_dz", layer, s, i) for s in m) for i in range(1, n_out + 1)),
            )
            sent = _sent(trace, layer - 1, sample, convention)
            name = (
                (rf"A^{{({layer - 1})\top}}" if layer > 1 else r"X^{\top}")
                if many
                else (sent.name.replace(")}", r")\top}") if layer > 1 else rf"{sent.name}^{{\top}}")
            )
            came = Block(name, "in", tuple(tuple(trace.sends(layer - 1, j, s) for j in range(1, n_in + 1)) for s in m))
            return _matrix(trace, "dL_dW", layer, slope_name(rf"W^{{({layer})}}"), "plain"), (deltas, r"\,", came)
        case "dL_db":
            left = _bias(trace, "dL_db", layer, slope_name(bold_b), "plain")
            if (network.shared_bias and network.sizes[layer] > 1) or many:
                under = "s" if many else "k"
                return left, (rf"\sum_{{{under}}} \boldsymbol{{\delta}}^{{({layer})}}_{{{under}}}",)
            return left, (_delta(trace, layer, sample),)
        case "W_new":
            assert W
            new = _matrix(trace, "W_new", layer, rf"{{W'}}^{{({layer})}}", "plain")
            return new, (W, "-", r"\eta\,", _matrix(trace, "dL_dW", layer, slope_name(W.name), "delta"))
        case "b_new":
            old = _bias(trace, "b", layer, bold_b, "weight")
            return _bias(trace, "b_new", layer, rf"{{{bold_b.split('^', maxsplit=1)[0]}'}}^{{({layer})}}", "plain"), (
                old,
                "-",
                r"\eta\,",
                _bias(trace, "dL_db", layer, slope_name(bold_b), "delta"),
            )
    raise KeyError(step.quantity)


# --- as TeX


_HTML = (
    (re.compile(r"\\frac\{\\partial (.*?)\}\{\\partial (.*)\}$"), r"∂\1/∂\2"),
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
    r"\ell": "ℓ",
    r"\left": "",
    r"\right": "",
    r"\,": " ",
    r"\sum": "Σ",
    "-": " − ",
    "+": " + ",
}


def _as_html(tex: str) -> str:
    for pattern, to in _HTML:
        tex = pattern.sub(to, tex)
    for sign, to in _SIGNS.items():
        tex = tex.replace(sign, to)
    return tex.replace("{", "").replace("}", "") if "frac" not in tex else "\\"


def rule_html(trace: Trace, step: Step, sample: int, convention: Convention) -> str:
    """The rule on one line, as HTML, for beside the question of a single number; empty where a line is too narrow for it."""
    left, right = line(trace, step, sample, convention)
    text = f"{_as_html(left.name)} = " + "".join(
        _as_html(token.name if isinstance(token, Block) else token) for token in right
    )
    return "" if "\\" in text else text


def display(trace: Trace, step: Step, sample: int, style: Style) -> str:
    """A whole layer's quantity: the rule with the shape under every matrix, the numbers, and the result in its frame."""
    left, right = line(trace, step, sample, style.convention)
    colours = style.colours

    def shaped(block: Block) -> str:
        return rf"\textcolor{{{colours[block.kind]}}}{{\underset{{\textcolor{{{colours['mute']}}}{{{block.shape[0]}\times {block.shape[1]}}}}}{{{block.name}}}}}"

    def numbers(block: Block, frame: bool = False) -> str:
        rows = r" \\ ".join(" & ".join(_number(trace, cell, style, frame) for cell in row) for row in block.cells)
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
            numbers(token) if isinstance(token, Block) else rf"{eta} \cdot" if token == r"\eta\," else token
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
