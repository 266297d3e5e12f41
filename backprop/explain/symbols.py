"""The names of quantities, in TeX, HTML, text and ASCII, as a convention writes them.

Internally there is one order (samples first, W a row per receiving unit); a Convention only says how it is written.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from backprop.engine.steps import QUANTITIES, Cell
from backprop.explain.conventions import CONVENTIONS, DEFAULT, Convention  # noqa: F401 - the names with their switch

_OF = {"dL_da": "a", "dL_dz": "z", "dL_dW": "W", "dL_db": "b", "dL_dx": "x"}
_LAYERED = ("z", "a", "W", "b", "W_new", "b_new")


class Name(NamedTuple):
    """A quantity that is no derivative: its letter in TeX, what stands above it (the layer) and below it; new: with a prime."""

    letter: str
    above: str = ""
    below: str = ""
    new: bool = False


def letter(quantity: str, convention: Convention = DEFAULT) -> str:
    """The TeX letter of a quantity, without the prime of an updated one."""
    return {
        "x": convention.input,
        "t": convention.target,
        "W": convention.weight,
        "W_new": convention.weight,
        "b": convention.bias,
        "b_new": convention.bias,
        "z": convention.pre,
        "a": convention.act,
        "loss": convention.loss,
        "loss_term": convention.term,
        "loss_after": convention.loss,
        "learning_rate": convention.rate,
    }[quantity]


def index(cell: Cell, convention: Convention = DEFAULT) -> str:
    """What stands below: 11 for a weight, 1 for a unit, nothing for a tied bias; 5 and h1 where they are numbered through."""
    quantity, layer, unit, sender = cell.quantity, cell.layer or 0, cell.unit, cell.from_unit
    through = convention.consecutive and convention.sizes
    if quantity in ("W", "dL_dW", "W_new"):
        if unit is None or sender is None:
            return ""
        if not through:
            return f"{sender}{unit}" if convention.from_first else f"{unit}{sender}"
        if not isinstance(unit, int) or not isinstance(sender, int):  # the k or j of a sum
            return rf"{_unit(layer - 1, sender, convention)} \to {_unit(layer, unit, convention)}"
        sizes = convention.sizes
        before = sum(sizes[l] * sizes[l - 1] for l in range(1, layer))
        return str(before + (unit - 1) * sizes[layer - 1] + sender)
    if unit is None:
        return str(layer) if through and quantity in ("b", "dL_db", "b_new") else ""
    return _unit(layer, unit, convention) if through and quantity not in ("x", "t", "dL_dx") else str(unit)


def _unit(layer: int, unit: object, convention: Convention) -> str:
    """h1 or o1; the hidden units are numbered through like the weights. An input, or the k of a sum, by itself."""
    depth = len(convention.sizes) - 1
    if layer == 0 or not isinstance(unit, int):
        return str(unit)
    return f"o{unit}" if layer == depth else f"h{sum(convention.sizes[1:layer]) + unit}"


@lru_cache(maxsize=8192)
def named(cell: Cell, convention: Convention = DEFAULT) -> Name:
    """The name of a cell that is no derivative."""
    quantity = cell.quantity
    if quantity == "learning_rate":
        return Name(convention.rate)
    if quantity == "loss_after":
        return Name(convention.loss, "", convention.subscript, True)
    if quantity == "loss":
        sample = "" if cell.sample is None else str(cell.sample)
        return Name(convention.loss, "", ",".join(filter(None, (convention.subscript, sample))))
    sign, below = letter(quantity, convention), index(cell, convention)
    if quantity == "a" and convention.output and cell.layer == len(convention.sizes) - 1:
        return Name(convention.output, "", below)
    return Name(sign, _layer(cell, convention), below, quantity.endswith("_new"))


def _layer(cell: Cell, convention: Convention) -> str:
    """(2), [2] or 2 above a letter; nothing where the index says the layer."""
    if cell.quantity not in _LAYERED or (convention.consecutive and convention.sizes):
        return ""
    return f"{convention.layer[:1]}{cell.layer}{convention.layer[1:]}"


def of(cell: Cell) -> Cell:
    """The quantity that a gradient is the gradient of: the cell of ∂L/∂w → the cell of w."""
    return cell._replace(quantity=_OF[cell.quantity])


def _slope(cell: Cell) -> tuple[Cell, Cell]:
    """da_dz: the cells of a and z."""
    return (
        cell._replace(quantity="a", from_unit=None),
        cell._replace(quantity="z", unit=cell.from_unit or cell.unit, from_unit=None),
    )


def slope_letter(activation: str, convention: Convention = DEFAULT) -> str:
    """What the derivative of a layer's activation is called: f′, or σ′ of a sigmoid."""
    return "σ′" if activation == "sigmoid" and convention.function == "f" else f"{convention.function}′"


def gradient_of(below: Cell) -> Cell | None:
    """The cell of the loss's derivative by a cell: of z → of ∂L/∂z."""
    quantity = next((name for name, each in _OF.items() if each == below.quantity), None)
    return below._replace(quantity=quantity) if quantity else None


def _shared(cell: Cell, convention: Convention) -> int:
    """What a dZ or dA is divided by; 1 for dW and db."""
    return convention.share if cell.quantity in ("dL_da", "dL_dz", "dL_dx") else 1


# --- TeX


@lru_cache(maxsize=8192)
def tex(cell: Cell, convention: Convention = DEFAULT) -> str:
    """A cell's symbol: z^{(1)}_{2}, \\frac{\\partial L}{\\partial w^{(2)}_{11}}; \\delta^{(1)}_{2} for dL_dz is `delta`."""
    if cell.quantity in _OF:
        if not convention.differentials:
            return partial(loss(None, convention), tex(of(cell), convention))
        share = _shared(cell, convention)
        return ("" if share == 1 else rf"\tfrac{{1}}{{{share}}}\,") + "d" + tex(of(cell), convention)
    if cell.quantity == "da_dz":
        above, below = _slope(cell)
        return partial(tex(above, convention), tex(below, convention))
    name = named(cell, convention)
    sign = f"{{{name.letter}'}}" if name.new else name.letter
    return sign + _around(name)


def _around(name: Name) -> str:
    """^{(2)}_{11}; words below a letter (total, h1) stand upright, running indices (k1) do not."""
    word = len(name.below) > 1 and (name.below.isalpha() or name.below[0] in "ho") and "\\" not in name.below
    below = rf"\mathrm{{{name.below}}}" if word else name.below
    return (f"^{{{name.above}}}" if name.above else "") + (f"_{{{below}}}" if below else "")


def loss(sample: int | None = None, convention: Convention = DEFAULT) -> str:
    """The loss in TeX; of one sample with its number."""
    return tex(Cell("loss", None, sample), convention)


def ratio(above: Cell, below: Cell, convention: Convention = DEFAULT) -> str:
    """The derivative of one cell by another, in TeX; the mean loss's by the name of the gradient."""
    gradient = gradient_of(below) if above.quantity == "loss" and above.sample is None else None
    return tex(gradient, convention) if gradient else partial(tex(above, convention), tex(below, convention))


def delta(cell: Cell, convention: Convention = DEFAULT) -> str:
    """∂L/∂z of a unit in TeX: δ, where the convention has that letter."""
    if convention.differentials or not convention.delta:
        return tex(cell, convention)
    name = named(of(cell), convention)
    return convention.delta + _around(name)


def partial(above: str, below: str) -> str:
    return rf"\frac{{\partial {above}}}{{\partial {below}}}"


# --- text and HTML

_PLAIN = {
    r"\mathrm{net}": "net",
    r"\mathrm{out}": "out",
    r"\hat{Y}": "Ŷ",
    r"\theta": "θ",
    r"\ell": "ℓ",
    r"\eta": "η",
    r"\alpha": "α",
    r"\delta": "δ",
}


def unicode(letter: str) -> str:
    """A TeX letter of a convention as text: \\theta → θ."""
    return _PLAIN.get(letter, letter)


def errors(convention: Convention = DEFAULT) -> str:
    """What ∂L/∂z is called in a sentence: δ, ∂J/∂Z, dZ/4."""
    if convention.differentials:
        return f"d{unicode(convention.pre)}" + (f"/{convention.share}" if convention.share > 1 else "")
    return unicode(convention.delta) or f"∂{unicode(convention.loss)}/∂{unicode(convention.pre)}"


@lru_cache(maxsize=8192)
def html(cell: Cell, convention: Convention = DEFAULT, layer: bool = True) -> str:
    """The symbol for a sentence: an italic letter with the layer above and the index below."""
    if cell.quantity in _OF:
        one = html(of(cell), convention, layer)
        if not convention.differentials:
            return f"<i>∂{unicode(convention.loss)}</i>/<i>∂</i>{one}"
        share = _shared(cell, convention)
        return f"<i>d</i>{one}" + (f"/{share}" if share > 1 else "")
    if cell.quantity == "da_dz":
        above, below = _slope(cell)
        return f"<i>∂</i>{html(above, convention, layer)}/<i>∂</i>{html(below, convention, layer)}"
    return _name_html(named(cell, convention), layer)


@lru_cache(maxsize=8192)
def delta_html(cell: Cell, convention: Convention = DEFAULT, layer: bool = True) -> str:
    """∂L/∂z of a unit for a sentence: δ, where the convention has that letter."""
    if convention.differentials or not convention.delta:
        return html(cell, convention, layer)
    return _name_html(named(of(cell), convention)._replace(letter=convention.delta), layer)


def _name_html(name: Name, layer: bool) -> str:
    sign = unicode(name.letter)
    sign = sign if len(sign) > 1 else f"<i>{sign}{'′' if name.new else ''}</i>"  # a word stands upright
    if name.above and layer:
        if not name.below:
            return f"{sign}<sup>{name.above}</sup>"
        return f'{sign}<span class="ss"><sup>{name.above}</sup><sub>{name.below}</sub></span>'
    return f"{sign}<sub>{name.below}</sub>" if name.below else sign


_SUB = str.maketrans("0123456789hotal", "₀₁₂₃₄₅₆₇₈₉ₕₒₜₐₗ")


@lru_cache(maxsize=8192)
def text(cell: Cell, convention: Convention = DEFAULT) -> str:
    """The symbol in Unicode text, its layer told elsewhere: ∂L/∂w₁₁, σ′(z₁) is `∂a₁/∂z₁`."""
    if cell.quantity in _OF:
        one = text(of(cell), convention)
        if not convention.differentials:
            return f"∂{unicode(convention.loss)}/∂{one}"
        share = _shared(cell, convention)
        return f"d{one}" + (f"/{share}" if share > 1 else "")
    if cell.quantity == "da_dz":
        above, below = _slope(cell)
        return f"∂{text(above, convention)}/∂{text(below, convention)}"
    name = named(cell, convention)
    return unicode(name.letter) + ("′" if name.new else "") + name.below.translate(_SUB)


# --- files


def ascii(cell: Cell, samples: int = 1) -> str:
    """The name for files: z2[1], dL_dW2[1,1], loss; with several samples the sample after an @, as in z2[1]@3."""
    places = [str(place) for place in (cell.unit, cell.from_unit) if place is not None]
    layer = "" if cell.quantity in ("x", "t", "learning_rate", "loss", "loss_term", "dL_dx") else str(cell.layer)
    sample = f"@{cell.sample}" if cell.sample is not None and (samples > 1 or cell.quantity == "loss") else ""
    return cell.quantity + layer + (f"[{','.join(places)}]" if places else "") + sample


_FILED = re.compile(
    rf"({'|'.join(sorted(QUANTITIES, key=len, reverse=True))})(\d{{1,2}})?(?:\[(\d{{1,3}})(?:,(\d{{1,3}}))?\])?(?:@(\d{{1,3}}))?",
    re.ASCII,
)


def from_ascii(name: str) -> Cell | None:
    """The cell of a name for files, or None if it is not one; without its layer where only the last one has the quantity.

    A name of a lone sample does not say it: what has samples is then of the first, and the loss is the mean.
    """
    found = _FILED.fullmatch(name)
    if found is None:
        return None
    quantity, axes = found[1], QUANTITIES[found[1]][1]
    layer, unit, sender, sample = (int(place) if place else None for place in found.groups()[1:])
    if sample is None and "sample" in axes and quantity != "loss":
        sample = 1
    cell = Cell(quantity, 0 if quantity in ("x", "dL_dx") else layer, sample, unit, sender)
    tied = unit is None and quantity in ("b", "dL_db", "b_new")
    fits = (unit is not None) == ("unit" in axes and not tied)
    fits &= (sender is not None) == ("from_unit" in axes) or quantity == "da_dz"
    return cell if fits and 0 not in cell[2:] and name in (ascii(cell, 1), ascii(cell, 2)) else None
