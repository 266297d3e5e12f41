"""Where the chain is cut or choked: units whose slope is 0 or nearly 0, and why a gradient is 0.

Whatever comes back to a unit is multiplied by the slope of its activation. A unit is off where that slope is exactly 0,
flat where it is below one hundredth of the steepest that its activation has, and open otherwise.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from backprop.engine.activations import Activation
from backprop.engine.network import Network
from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols, words
from backprop.explain.conventions import DEFAULT, Convention
from backprop.explain.terms import active
from backprop.language import _, later

FLAT = 0.01
"""A slope below this share of the activation's steepest one lets almost nothing through."""

STATES = ("open", "flat", "off", "lost")


class Gate(NamedTuple):
    """What a unit's activation lets through, for the picked sample.

    state     one of STATES; lost: the slope has left float64
    error     ∂L/∂a, what comes back to the unit; slope: ∂a/∂z, of a softmax ∂a/∂z of the same unit; delta: ∂L/∂z
    steepest  the activation's steepest slope, or None for one that gets ever steeper
    why       why a unit is not open: "level" (the curve is level there), "kink" (it sits on the kink, where the level side
              counts), "faded" (0 only because float64 has nothing left), "saturated", "bend" (a flat place on the way),
              "share" (a softmax share near 0 or 1)
    """

    layer: int
    unit: int
    sample: int
    state: str
    error: float
    slope: float
    delta: float
    steepest: float | None
    why: str = ""


@lru_cache(maxsize=256)
def steepest(row: Activation) -> float | None:
    """The largest |slope| of an activation, from its own slope_at on a grid; None where it grows without end."""
    near, far = (_largest(row, reach) for reach in (10.0, 50.0))
    return max(near, far) if far <= near * 1.001 else None


def _largest(row: Activation, reach: float) -> float:
    z = np.linspace(-reach, reach, 4001)
    slopes = np.abs(slopes_at(row, z))
    return float(np.nan_to_num(slopes, nan=0.0, posinf=math.inf).max())


def slopes_at(row: Activation, z: np.ndarray) -> np.ndarray:
    """da/dz at each z (n,) ⇒ (n,); of a softmax, that of a unit beside one other unit at 0."""
    with np.errstate(all="ignore"):
        if row.vector:
            pairs = np.stack([z, np.zeros_like(z)], axis=-1)
            return row.slope_at(pairs, row.value(pairs))[:, 0, 0]
        return np.broadcast_to(row.slope_at(z, row.value(z)), z.shape)


def gate(trace: Trace, layer: int, unit: int, sample: int) -> Gate:
    """What unit `unit` of `layer` lets through for a sample. Raises KeyError where there is no such unit."""
    row = trace.network.activations[layer - 1]
    at = Cell("da_dz", layer, sample, unit, unit if row.vector else None)
    error, slope, delta, z = (
        trace.at(cell)
        for cell in (
            Cell("dL_da", layer, sample, unit),
            at,
            Cell("dL_dz", layer, sample, unit),
            Cell("z", layer, sample, unit),
        )
    )
    most = steepest(row)
    most = None if most is None else max(most, abs(slope)) if math.isfinite(slope) else most
    state, why = _state(row, z, slope, most)
    return Gate(layer, unit, sample, state, error, slope, delta, most, why)


def _state(row: Activation, z: float, slope: float, most: float | None) -> tuple[str, str]:
    if not math.isfinite(slope):
        return "lost", ""
    limit = FLAT * (1.0 if most is None else most)
    if slope == 0:
        return "off", "share" if row.vector else _zero(row, z)
    if abs(slope) >= limit:
        return "open", ""
    if row.vector:
        return "flat", "share"
    beyond = np.abs(slopes_at(row, np.array([1.5, 2.0, 4.0]) * z))
    return "flat", "saturated" if most is not None and bool((beyond < limit).all()) else "bend"


def _zero(row: Activation, z: float) -> str:
    """Why a slope is exactly 0."""
    if z in row.kinks:
        return "kink"
    if not math.isfinite(z):
        return "faded"
    piece = active(row.slope, {"z": z, "a": 0.0, **row.constants})
    fixed = {symbol: row.constants[str(symbol)] for symbol in piece.free_symbols if str(symbol) in row.constants}
    if piece.subs(fixed) == 0:
        return "level"
    return "faded" if abs(z) > 5 else "level"


def behind(network: Network, cell: Cell) -> dict[int, tuple[int, ...]]:
    """Through which units the number at `cell` (of W, b, x, a or z) reaches the loss: per layer, from left to right."""
    layer = cell.layer or 0
    found: dict[int, tuple[int, ...]] = {}
    if cell.quantity in ("W", "b", "z"):
        found[layer] = (cell.unit,) if cell.unit else _all(network, layer)
        if network.activations[layer - 1].vector:
            found[layer] = _all(network, layer)
    for l in range(layer + 1, network.depth + 1):
        found[l] = _all(network, l)
    return found


def _all(network: Network, layer: int) -> tuple[int, ...]:
    return tuple(range(1, network.sizes[layer] + 1))


@lru_cache(maxsize=256)
def gates(trace: Trace, cell: Cell, sample: int) -> tuple[Gate, ...]:
    """The gates between the number at `cell` and the loss, layer by layer, for the picked sample (a cell of a sample: its own)."""
    chosen = cell.sample or sample
    return tuple(
        gate(trace, layer, unit, chosen) for layer, units in behind(trace.network, cell).items() for unit in units
    )


def makes_up(trace: Trace, gate: Gate) -> bool:
    """Does the loss make up for a flat output? With its cross-entropy, δ is output minus target however flat the curve."""
    return trace.network.fused and gate.layer == trace.network.depth


# --- in words

SENTENCES: dict[tuple[str, str], str] = {
    ("off", "level"): later(
        "Unit {unit} of layer {layer} is off: its {name} is {value}, and there the {activation} is flat."
    ),
    ("off", "kink"): later(
        "Unit {unit} of layer {layer} is off: its {name} is {value}, right at the kink of the {activation}, where the slope of the flat side counts."
    ),
    ("off", "faded"): later(
        "Unit {unit} of layer {layer} is off: at {name} = {value} the {activation} is so flat that a computer has no digit left of its slope."
    ),
    ("off", "share"): later(
        "Unit {unit} of layer {layer} is off: its share {share_name} is {share}, and a computer has no digit left of its slope."
    ),
    ("flat", "saturated"): later(
        "Unit {unit} of layer {layer} is saturated: at {name} = {value} the slope of the {activation} is {slope} of at most {steepest}."
    ),
    ("flat", "bend"): later(
        "Unit {unit} of layer {layer} is nearly flat: at {name} = {value} the slope of the {activation} is only {slope}."
    ),
    ("flat", "share"): later(
        "Unit {unit} of layer {layer} is saturated: its share {share_name} = {share} leaves a slope of {slope} of at most {steepest}."
    ),
    ("lost", ""): later("Unit {unit} of layer {layer} has left the range of the numbers a computer keeps."),
    ("open", ""): later("Unit {unit} of layer {layer} is open: its slope is {slope}."),
}


def sentence(gate: Gate, trace: Trace, digits: int = numerals.DIGITS, convention: Convention = DEFAULT) -> str:
    """What a unit lets through and why, as HTML: one whole sentence."""
    convention = convention.of(trace)
    z, a = (Cell(quantity, gate.layer, gate.sample, gate.unit) for quantity in ("z", "a"))
    return _(SENTENCES[gate.state, gate.why]).format(
        unit=gate.unit,
        layer=gate.layer,
        name=symbols.html(z, convention, layer=False),
        value=numerals.plain(trace.at(z), digits),
        share_name=symbols.html(a, convention, layer=False),
        share=numerals.plain(trace.at(a), digits),
        activation=words.activation_title(trace, gate.layer),
        slope=numerals.plain(gate.slope, digits),
        steepest="" if gate.steepest is None else numerals.plain(gate.steepest, digits, given=True),
    )


def consequence(gate: Gate, trace: Trace, convention: Convention = DEFAULT) -> str:
    """What follows from a unit that is off or flat, as HTML; nothing where that goes without saying."""
    if gate.state in ("off", "flat") and makes_up(trace, gate):
        message = _("With this loss it does no harm: {delta} is output minus target, however flat the curve.")
        return message.format(delta=symbols.errors(convention.of(trace)))
    if gate.state == "off" and not trace.network.activations[gate.layer - 1].vector:
        return _("Whatever comes back is multiplied by 0.")
    return ""


def multiplied(found: tuple[Gate, ...]) -> tuple[int, int] | None:
    """(layers, n): along any path the slopes of so many layers multiply to less than 10⁻ⁿ; None where n would be below 2."""
    largest: dict[int, float] = {}
    for each in found:
        largest[each.layer] = max(largest.get(each.layer, 0.0), abs(each.slope))
    product = math.prod(largest.values())
    if not 0 < product < FLAT:
        return None
    power = math.ceil(-math.log10(product)) - 1
    return (len(largest), power) if power >= 2 else None
