"""The tab "Paths": every path to the loss as a row of factors, each under its place in the network; the products add up as on paper."""

from __future__ import annotations

import html
from dataclasses import dataclass
from itertools import pairwise

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, paths, symbols
from backprop.explain.paths import Ledger, Path
from backprop.explain.readings import digits_for_parts, digits_for_values
from backprop.explain.terms import Const, Local, Node, Product, Ref, true_value
from backprop.figures.marks import between, width_of
from backprop.figures.plan import Wide, plan
from backprop.figures.scene import path_hue
from backprop.language import _, plural
from backprop.ui.following.total import total_html
from backprop.ui.place import Place

ROOMY = 3
"""Up to so many paths each has a line for its name."""
LEFT, ROOM, SIGN = 22, 50, 30
"""px: where the first column may stand, what a column needs at least, and the sign before the product."""
DISC, UNIT, ARROW = 40, 9, 14
"""px at the left of close rows for the number of the path, and for each unit that it passes."""


@dataclass(frozen=True)
class _Column:
    """x: its middle in px · room: its width · shared: is the factor the same on every path?"""

    x: float
    room: float
    shared: bool


def ledger_html(here: Place, wide: float, tall: float, narrow: bool) -> str:
    """The rows, their sum, and what the δ-recursion makes of it. wide, tall: of the network above, in px."""
    found, trace = here.ledger, here.trace
    values = [path.value for path in found.paths] + ([] if found.complete else [found.rest])
    enough = digits_for_parts(values, here.digits)
    digits = max(digits_for_values(Product(path.factors), trace, enough) for path in found.paths)
    roomy = not narrow and len(found.paths) <= ROOMY
    product = max(width_of(numerals.plain(value, enough), 18.5) for value in values)
    last = max(width_of(_number(trace, path.factors[-1], digits, len(path.factors) > 1), 18.5) for path in found.paths)
    columns = _columns(trace, found, wide, tall, 0 if roomy else _label(trace, found), product + SIGN + last / 2)
    rows = []
    for number, path in enumerate(found.paths, 1):
        factors = _factors(here, path, digits, columns, narrow)
        hue = path_hue(found, number)
        told = html.escape(_via(trace, found, path)) if roomy or narrow else _units(trace, found, path)
        value = numerals.plain(path.value, enough)
        full = html.escape(numerals.all_digits(path.value))
        sign = "=" if numerals.rounded(path.value, enough) == path.value else "≈"
        rows.append(
            f'<div class="lg-row {hue}" data-path="{number}" role="button" tabindex="0"><div class="lg-name"><i>{number}</i><span>{told}</span></div>'
            f'<div class="lg-line">{factors}<b class="lg-is">{sign}</b><b class="lg-product" title="{full}">{value}</b></div></div>'
        )
    if not found.complete:
        rows.append(_rest(found, enough))
    kind = "lg roomy" if roomy else "lg stacked" if narrow else "lg close"
    head = "" if roomy or narrow else _heads(here, columns)
    washes = _washes(columns) if roomy and len(found.paths) > 1 else ""
    return f'<div class="{kind}" style="--product:{product:.0f}px">{washes}{head}{"".join(rows)}{total_html(here, found, roomy)}</div>'


# --- where the columns stand


def _columns(trace: Trace, found: Ledger, wide: float, tall: float, left: float, right: float) -> list[_Column]:
    """Each factor under the place in the network where it lives; moved apart where two would touch.

    left, right: px that are taken at the sides
    """
    if not found.paths:
        return []
    where = plan(trace.network.sizes, wide, tall)
    wanted = [_place(where, leaf) for leaf in found.paths[0].factors]
    count = len(wanted)
    low, high = left + LEFT + 12, wide - right
    apart = min(104.0, (high - low) / max(1, count - 1)) if count > 1 else 0.0
    xs = _spread(wanted, low, high, apart)
    room = (min((b - a for a, b in pairwise(xs)), default=120.0)) - 10
    shared = paths.shared(found.paths)
    return [_Column(x, max(ROOM - 10, min(room, 120.0)), same) for x, same in zip(xs, shared, strict=True)]


def _place(where: Wide, leaf: Node) -> float:
    """The x at which a factor lives in the drawing."""
    assert isinstance(leaf, (Ref, Local, Const)) and leaf.partial
    above, below = leaf.partial
    depth = where.depth
    match leaf.kind:
        case "in" if below.quantity == "W":
            return where.at((below.layer or 1) - 1, 1)[0]
        case "in":
            return where.at(below.layer or 1, 1)[0] - where.level.unit / 2
        case "weight":
            layer = above.layer or 1
            u = where.pill_place(layer, 58, 24) or 0.66
            return between(where.leaves(layer - 1, 1), where.arrives(layer, 1), u)[0]
        case "error":
            return (where.leaves(depth, 1)[0] + where.loss_x) / 2
    return where.at(below.layer or depth, 1)[0]


def _spread(wanted: list[float], low: float, high: float, apart: float) -> list[float]:
    """The places nearest to the wanted ones, in their order, at least so far apart and within low … high."""
    xs = [min(max(x, low), high) for x in wanted]
    for k in range(1, len(xs)):
        xs[k] = max(xs[k], xs[k - 1] + apart)
    xs[-1] = min(xs[-1], high)
    for k in range(len(xs) - 2, -1, -1):
        xs[k] = min(xs[k], xs[k + 1] - apart)
    return xs


# --- the rows


def _factors(here: Place, path: Path, digits: int, columns: list[_Column], narrow: bool) -> str:
    """The factors of a row with their numbers; digits: as many as make every row's product follow from them."""
    out = []
    for place, (leaf, column) in enumerate(zip(path.factors, columns, strict=True)):
        value, number = true_value(leaf, here.trace), _number(here.trace, leaf, digits, place > 0)
        dead = " dead" if value == 0 else ""
        style = "" if narrow else f' style="left:{column.x:.0f}px"'
        small = "" if narrow or len(number) * 8.6 <= column.room + 8 else " small"
        out.append(
            f'<span class="lg-f{dead}{small}"{style} title="{html.escape(numerals.all_digits(value))}"><small>{_name(here, leaf)}</small><b>{number}</b></span>'
        )
        if place + 1 < len(columns):
            between_ = "" if narrow else f' style="left:{(column.x + columns[place + 1].x) / 2:.0f}px"'
            out.append(f'<span class="lg-dot"{between_}>·</span>')
    return "".join(out)


def _number(trace: Trace, leaf: Node, digits: int, inside: bool) -> str:
    """A factor's number; inside: something stands before it, so a minus needs brackets."""
    given = isinstance(leaf, Ref) and leaf.cell.quantity in numerals.GIVEN
    number = numerals.plain(true_value(leaf, trace), digits, given=given)
    return f"({number})" if inside and number.startswith(numerals.MINUS) else number


def _name(here: Place, leaf: Node) -> str:
    """What a factor is called: x₁, σ′(z₁), w₁₁, ∂L/∂a₁, each with its layer."""
    convention = here.notation
    match leaf:
        case Ref():
            return symbols.html(leaf.cell, convention)
        case Local(kind="slope", cell=Cell(layer=int(layer), from_unit=None)):
            letter = symbols.slope_letter(here.trace.network.activations[layer - 1].name, convention)
            return f"<i>{letter}</i>({symbols.html(leaf.partial[1], convention)})" if leaf.partial else ""
        case Local(cell=Cell() as cell):
            return symbols.html(cell, convention)
        case Const(partial=(above, below)):
            return f"<i>∂</i>{symbols.html(above, convention)}/<i>∂</i>{symbols.html(below, convention)}"
    return ""


def _via(trace: Trace, found: Ledger, path: Path) -> str:
    """By which units a path leads, as far as there was a choice."""
    if found.count == 1:
        return _("the only path")
    *hidden, (layer, last) = _free(trace, found, path)
    output = layer == trace.network.depth
    if not hidden:
        if output:
            return _("via output {output}").format(output=last)
        return _("via unit {unit} of layer {layer}").format(unit=last, layer=layer)
    units = " → ".join(str(unit) for _layer, unit in hidden)
    if output:
        return _("via {units}, output {output}").format(units=units, output=last)
    return _("via units {units}").format(units=f"{units} → {last}")


def _units(trace: Trace, found: Ledger, path: Path) -> str:
    return "→".join(str(unit) for _layer, unit in _free(trace, found, path))


def _free(trace: Trace, found: Ledger, path: Path) -> list[tuple[int, int]]:
    """(layer, unit) of every unit of a path that others could have had."""
    depth = trace.network.depth
    layers = [min(found.first + place, depth) for place in range(len(path.units))]
    own = found.cell.quantity in ("W", "b", "z") and found.cell.unit is not None
    return [
        (layer, unit)
        for place, (layer, unit) in enumerate(zip(layers, path.units, strict=True))
        if trace.network.sizes[layer] > 1 and not (own and place == 0)
    ]


def _label(trace: Trace, found: Ledger) -> float:
    """The room at the left of close rows."""
    units = len(_free(trace, found, found.paths[0]))
    return DISC + UNIT * units + ARROW * max(0, units - 1)


def _heads(here: Place, columns: list[_Column]) -> str:
    """The names of the columns, where rows stand close: those of the first path without what changes from row to row."""
    out = []
    for leaf, column in zip(here.ledger.paths[0].factors, columns, strict=True):
        name = _name(here, leaf) if column.shared else _name(here, _general(leaf))
        out.append(f'<small style="left:{column.x:.0f}px">{name}</small>')
    return f'<div class="lg-head">{"".join(out)}</div>'


def _general(leaf: Node) -> Node:
    """A factor without its units: w of a layer, the slope of a layer."""

    def bare(cell: Cell) -> Cell:
        return cell._replace(unit=None, from_unit=None)

    match leaf:
        case Ref():
            return Ref(bare(leaf.cell), leaf.kind)
        case Local(cell=Cell() as cell, partial=(above, below)):
            return Local(leaf.expr, leaf.bound, leaf.value, leaf.kind, (bare(above), bare(below)), bare(cell))
    return leaf


def _rest(found: Ledger, enough: int) -> str:
    others = found.count - len(found.paths)
    told = html.escape(
        plural("{count} other path, smaller", "the {count} other paths, smaller, added up", others).format(
            count=numerals.count(others)
        )
    )
    return f'<div class="lg-row rest"><div class="lg-name"><i>+</i><span>{told}</span></div><div class="lg-line"><b class="lg-product">{numerals.plain(found.rest, enough)}</b></div></div>'


def _washes(columns: list[_Column]) -> str:
    """A grey band behind every column that all paths share."""
    return "".join(
        f'<div class="lg-wash" style="left:{column.x:.0f}px;width:{min(column.room + 6, 84):.0f}px"></div>'
        for column in columns
        if column.shared
    )
