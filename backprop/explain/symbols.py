"""The names of quantities, in TeX, HTML and ASCII, and the conventions under which textbooks write them.

Internally there is one order (samples first, W a row per receiving unit); a Convention only says how it is written.
"""

from __future__ import annotations

from dataclasses import dataclass

from backprop.engine.steps import Cell
from backprop.language import later


@dataclass(frozen=True)
class Convention:
    """How a textbook names and arranges: letters of pre-activation and activation; the order of a weight's indices.

    from_first  w_ij leads from unit i to unit j (CSDN), instead of to unit i from unit j
    rows        samples are rows, so z = a W + b with W a column per receiving unit
    """

    name: str
    title: str
    pre: str = "z"
    act: str = "a"
    from_first: bool = False
    rows: bool = False


CONVENTIONS = {
    row.name: row
    for row in (
        Convention("za", later("z, a (most textbooks)")),
        Convention("ab", later("a, b, samples as rows (CSDN)"), "a", "b", True, True),
        Convention("net", later("net, out (Mazur, Towards AI)"), r"\mathrm{net}", r"\mathrm{out}"),
    )
}
DEFAULT = CONVENTIONS["za"]

_LETTERS = {"x": "x", "t": "t", "W": "w", "b": "b", "loss": "L", "loss_term": r"\ell", "W_new": "w'", "b_new": "b'"}
_OF = {"dL_da": "a", "dL_dz": "z", "dL_dW": "W", "dL_db": "b", "dL_dx": "x"}


def letter(quantity: str, convention: Convention = DEFAULT) -> str:
    """The TeX letter of a quantity; the bias of CSDN's convention would be a second b, so it is θ there."""
    if quantity in ("b", "b_new") and convention.act == "b":
        return r"\theta" if quantity == "b" else r"\theta'"
    return {"z": convention.pre, "a": convention.act, **_LETTERS}[quantity]


def index(cell: Cell, convention: Convention = DEFAULT) -> str:
    """11 for a weight, 1 for a unit, nothing for a tied bias."""
    if cell.from_unit is not None and cell.quantity in ("W", "dL_dW", "W_new"):
        pair = (cell.from_unit, cell.unit) if convention.from_first else (cell.unit, cell.from_unit)
        return f"{pair[0]}{pair[1]}"
    return "" if cell.unit is None else str(cell.unit)


def tex(cell: Cell, convention: Convention = DEFAULT) -> str:
    """A cell's symbol: z^{(1)}_{2}, \\frac{\\partial L}{\\partial w^{(2)}_{11}}, \\delta^{(1)}_{2} for dL_dz is `delta`."""
    quantity = cell.quantity
    if quantity in _OF:
        return partial("L", tex(of(cell), convention))
    if quantity == "da_dz":
        return partial(
            tex(cell._replace(quantity="a", from_unit=None), convention),
            tex(cell._replace(quantity="z", unit=cell.from_unit or cell.unit, from_unit=None), convention),
        )
    if quantity == "learning_rate":
        return r"\eta"
    if quantity == "loss":
        return "L" if cell.sample is None else f"L_{{{cell.sample}}}"
    sub = index(cell, convention)
    name = letter(quantity, convention)
    layer = "" if quantity in ("x", "t", "loss_term") else f"^{{({cell.layer})}}"
    if "'" in name:
        name = f"{{{name}}}"
    return f"{name}{layer}" + (f"_{{{sub}}}" if sub else "")


def delta(cell: Cell) -> str:
    """δ, the usual letter for ∂L/∂z of a unit."""
    return rf"\delta^{{({cell.layer})}}_{{{cell.unit}}}"


def of(cell: Cell) -> Cell:
    """The quantity that a gradient is the gradient of: the cell of ∂L/∂w → the cell of w."""
    quantity = _OF[cell.quantity]
    if quantity == "x":
        return cell._replace(quantity="x")
    return cell._replace(quantity=quantity)


def partial(above: str, below: str) -> str:
    return rf"\frac{{\partial {above}}}{{\partial {below}}}"


_HTML_LETTERS = {
    r"\mathrm{net}": "net",
    r"\mathrm{out}": "out",
    r"\theta": "θ",
    r"\theta'": "θ′",
    r"\ell": "ℓ",
    "w'": "w′",
    "b'": "b′",
}


def html(cell: Cell, convention: Convention = DEFAULT, layer: bool = True) -> str:
    """The symbol for a sentence: an italic letter with the layer above and the index below."""
    if cell.quantity in _OF:
        return f"<i>∂L</i>/<i>∂</i>{html(of(cell), convention, layer)}"
    if cell.quantity == "da_dz":
        return f"<i>∂</i>{html(cell._replace(quantity='a', from_unit=None), convention, layer)}/<i>∂</i>{html(cell._replace(quantity='z', unit=cell.from_unit or cell.unit, from_unit=None), convention, layer)}"
    if cell.quantity == "learning_rate":
        return "<i>η</i>"
    name = letter(cell.quantity, convention)
    name = _HTML_LETTERS.get(name, name)
    sub = (str(cell.sample) if cell.sample else "") if cell.quantity == "loss" else index(cell, convention)
    above = f"({cell.layer})" if layer and cell.quantity in ("z", "a", "W", "b", "W_new", "b_new") else ""
    if above and not sub:
        return f"<i>{name}</i><sup>{above}</sup>"
    if above:
        return f'<i>{name}</i><span class="ss"><sup>{above}</sup><sub>{sub}</sub></span>'
    return f"<i>{name}</i><sub>{sub}</sub>" if sub else f"<i>{name}</i>"


_SUB = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def text(cell: Cell, convention: Convention = DEFAULT) -> str:
    """The symbol in Unicode text, its layer told elsewhere: ∂L/∂w₁₁, σ′(z₁) is `∂a₁/∂z₁`."""
    if cell.quantity in _OF:
        return "∂L/∂" + text(of(cell), convention)
    if cell.quantity == "da_dz":
        return f"∂{text(cell._replace(quantity='a', from_unit=None), convention)}/∂{text(cell._replace(quantity='z', unit=cell.from_unit or cell.unit, from_unit=None), convention)}"
    if cell.quantity == "learning_rate":
        return "η"
    name = letter(cell.quantity, convention)
    sub = (str(cell.sample) if cell.sample else "") if cell.quantity == "loss" else index(cell, convention)
    return _HTML_LETTERS.get(name, name) + sub.translate(_SUB)


def ascii(cell: Cell, samples: int = 1) -> str:
    """The name for files: z2[1], dL_dW2[1,1], loss; with several samples the sample after an @, as in z2[1]@3."""
    places = [str(place) for place in (cell.unit, cell.from_unit) if place is not None]
    layer = "" if cell.quantity in ("x", "t", "learning_rate", "loss", "loss_term", "dL_dx") else str(cell.layer)
    sample = f"@{cell.sample}" if cell.sample is not None and (samples > 1 or cell.quantity == "loss") else ""
    return cell.quantity + layer + (f"[{','.join(places)}]" if places else "") + sample
