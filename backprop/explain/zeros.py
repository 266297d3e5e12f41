"""Zeros along the chain: a parameter that is 0 and still has a gradient, and a gradient that is 0, with the factor that makes it so."""

from __future__ import annotations

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols
from backprop.explain.conventions import DEFAULT, Convention
from backprop.language import _


def zero_number(
    trace: Trace,
    cell: Cell,
    gradient: float,
    sample: int,
    digits: int = numerals.DIGITS,
    convention: Convention = DEFAULT,
) -> str:
    """Of a weight or bias that is 0 with a gradient that is not: what its own factor is, as HTML; of any other number nothing."""
    if trace.at(cell) != 0 or gradient == 0 or cell.quantity not in ("W", "b"):
        return ""
    convention = convention.of(trace)
    name = symbols.html(cell, convention)
    if cell.quantity == "b":
        return _("{name} is 0, but its gradient is not: the factor of a bias is 1, whatever its value.").format(
            name=name
        )
    assert cell.layer and cell.from_unit
    came = trace.sends(cell.layer - 1, cell.from_unit, sample)
    return _("{name} is 0, but its gradient is not: its own factor is what came in, {came} = {value}.").format(
        name=name,
        came=symbols.html(came, convention),
        value=numerals.plain(trace.at(came), digits, given=came.quantity == "x"),
    )


def why_zero(trace: Trace, cell: Cell, gradient_cell: Cell, sample: int, convention: Convention = DEFAULT) -> str:
    """Which factor makes a gradient 0, as HTML; nothing where it is not 0. With several samples: which makes the picked one's part 0.

    cell: the followed number, of W, b, x, a or z; gradient_cell: its gradient in the trace
    """
    convention, chosen = convention.of(trace), cell.sample or sample
    shared = trace.samples > 1 and cell.quantity in ("W", "b")
    gradient = trace.at(gradient_cell)
    if _part(trace, cell, chosen) != 0:
        return _("The parts of the samples cancel each other: the gradient is 0.") if shared and gradient == 0 else ""
    reason = _reason(trace, cell, chosen, convention)
    name = symbols.html(cell, convention)
    if shared and gradient != 0:
        first = _("Sample {sample} adds 0 to the gradient of {name}.").format(sample=chosen, name=name)
    else:
        first = _("The gradient of {name} is 0.").format(name=name)
    return f"{first} {reason}"


def _part(trace: Trace, cell: Cell, sample: int) -> float:
    """The picked sample's part of the gradient."""
    match cell.quantity:
        case "W":
            came = trace.at(trace.sends((cell.layer or 0) - 1, cell.from_unit or 0, sample))
            return trace.at(Cell("dL_dz", cell.layer, sample, cell.unit)) * came
        case "b" if cell.unit is None:
            return float(trace["dL_dz", cell.layer].value[sample - 1].sum())
        case "b":
            return trace.at(Cell("dL_dz", cell.layer, sample, cell.unit))
    gradient = symbols.gradient_of(cell)
    assert gradient
    return trace.at(gradient)


def _reason(trace: Trace, cell: Cell, sample: int, convention: Convention) -> str:
    layer, unit = cell.layer or 0, cell.unit
    if cell.quantity in ("x", "a"):
        return _nothing_back(trace, layer, unit or 0, sample)
    if cell.quantity == "W":
        came = trace.sends(layer - 1, cell.from_unit or 0, sample)
        if trace.at(came) == 0:
            return _("What came in, {came}, is 0.").format(came=symbols.html(came, convention))
    if unit is None:  # a tied bias
        deltas = trace["dL_dz", layer].value[sample - 1]
        return _cancelled() if deltas.any() else _empty(trace, layer, sample)
    if trace.at(Cell("dL_dz", layer, sample, unit)) != 0:
        return _faded()
    if _off(trace, layer, sample)[unit - 1]:
        return _("Unit {unit} of layer {layer} is off.").format(unit=unit, layer=layer)
    if layer == trace.network.depth or trace.at(Cell("dL_da", layer, sample, unit)) == 0:
        return _nothing_back(trace, layer, unit, sample)
    return _faded()


def _off(trace: Trace, layer: int, sample: int) -> list[bool]:
    """Of each unit of a layer: is its slope the factor that makes its δ 0? Not where the loss goes past the slope."""
    row, network = trace["da_dz", layer].value[sample - 1], trace.network
    if network.activations[layer - 1].vector or (network.fused and layer == network.depth):
        return [False] * network.sizes[layer]
    return (row == 0).tolist()


def _nothing_back(trace: Trace, layer: int, unit: int, sample: int) -> str:
    """Why nothing comes back to what a unit of a layer (0…L) sends."""
    depth = trace.network.depth
    if layer == depth:
        a, t = (trace.at(Cell(quantity, depth, sample, unit)) for quantity in ("a", "t"))
        return _("Output {unit} has met its target.").format(unit=unit) if a == t else _faded()
    for behind in range(depth, layer, -1):
        if not trace["dL_dz", behind].value[sample - 1].any():
            return _empty(trace, behind, sample)
    deltas, weights = trace["dL_dz", layer + 1].value[sample - 1], trace["W", layer + 1].value[:, unit - 1]
    if not (weights * (deltas != 0)).any():
        return _("Every weight through which something could come back is 0.")
    return _cancelled() if (weights * deltas).any() else _faded()


def _empty(trace: Trace, layer: int, sample: int) -> str:
    """Why every δ of a layer is 0."""
    if all(_off(trace, layer, sample)):
        return _("Every unit of layer {layer} is off, so nothing comes back.").format(layer=layer)
    depth = trace.network.depth
    same = trace["a", depth].value[sample - 1] == trace["t", depth].value[sample - 1]
    if layer == depth and same.all():
        return _("Every output has met its target, so nothing comes back.")
    return _("Nothing comes back from layer {layer}.").format(layer=layer)


def _cancelled() -> str:
    return _("What comes back along several ways adds up to 0.")


def _faded() -> str:
    return _("No factor is 0, but their product is smaller than any number a computer keeps.")
