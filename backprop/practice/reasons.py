"""Why a prediction comes out as it does: the signs of the factors, and one sentence.

The factors are those of the rule (explain/derivation.py), as the equation beside it shows them, each with its sign. Where their
signs do not make the answer (a product below the smallest number that a computer keeps), that is what is said.
"""

from __future__ import annotations

import html
import math
from typing import NamedTuple

from backprop.engine.losses import LOSSES
from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols
from backprop.explain.conventions import DEFAULT, Convention
from backprop.explain.derivation import explain
from backprop.explain.readings import digits_for_parts
from backprop.explain.terms import Const, Local, Node, Product, Ref, Sum, true_value
from backprop.explain.words import activation_title
from backprop.language import _, later
from backprop.practice.prediction import Question


class Factor(NamedTuple):
    """A factor of the number asked for: its symbol as HTML, its kind (terms.KINDS), its sign −1, 0 or 1."""

    name: str
    kind: str
    sign: int


def factors(trace: Trace, asked: Question, sample: int, convention: Convention = DEFAULT) -> tuple[Factor, ...]:
    """The factors of a number whose sign is asked for, from left to right; none where it is not one product.

    A factor that is 1 by itself (of a bias) is left out.
    """
    convention = convention.of(trace)
    rule = _bare(explain(trace, asked.cell, sample).rule)
    if asked.kind != "sign" or not isinstance(rule, Product):
        return ()
    found = [
        _factor(trace, asked.cell, sample, node, convention) for node in rule.factors if not isinstance(node, Const)
    ]
    return tuple(each for each in found if each is not None) if None not in found else ()


def _bare(node: Node) -> Node:
    while isinstance(node, Sum) and len(node.terms) == 1 and not node.minus:
        node = node.terms[0]
    return node


def _factor(trace: Trace, cell: Cell, sample: int, node: Node, convention: Convention) -> Factor | None:
    """A factor with its sign; None for one that is no number."""
    if isinstance(node, Ref):
        named, value, kind = node.cell, trace.at(node.cell), node.kind
    elif isinstance(node, Local) and node.cell is not None:
        named, value, kind = node.cell, node.value, node.kind
    elif isinstance(node, Sum):  # what comes back to the unit
        named, kind = Cell("dL_da", cell.layer, cell.sample or sample, cell.unit), "delta"
        value = trace.at(named)
    else:
        return None
    return None if math.isnan(value) else Factor(symbols.html(named, convention, layer=False), kind, _sign(value))


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def reason(
    trace: Trace, asked: Question, sample: int, digits: int = numerals.DIGITS, convention: Convention = DEFAULT
) -> str:
    """Why the answer is what it is, as marked text (words.to_html)."""
    convention = convention.of(trace)
    if asked.kind == "larger":
        return _compared(trace, asked, digits, convention)
    if asked.kind == "way":
        return _moved(trace, asked, convention)
    found = _why(trace, asked, sample, digits, convention)
    name, value = symbols.html(asked.cell, convention), html.escape(numerals.plain(trace.at(asked.cell), digits))
    return found or _("{name} is {value}.").format(name=name, value=value)


def _why(trace: Trace, asked: Question, sample: int, digits: int, convention: Convention) -> str:
    """The sentence for a sign; empty where none of them fits the numbers."""
    rule, sign = _bare(explain(trace, asked.cell, sample).rule), _sign(trace.at(asked.cell))
    if asked.cell.quantity in ("a", "da_dz"):
        return _of_curve(trace, asked, digits, convention)
    if isinstance(rule, Product):
        return _multiplied(factors(trace, asked, sample, convention), sign)
    if isinstance(rule, Sum):
        return _added([true_value(term, trace) for term in rule.terms], trace.at(asked.cell), digits)
    return _missed(trace, asked.cell)


# --- products and sums

MINUSES = (
    later("No factor is negative, so the product is positive."),
    later("One minus among the factors makes the product negative."),
    later("Two minuses among the factors cancel each other: the product is positive."),
    later("Three minuses among the factors: two cancel each other, the third makes the product negative."),
)


def _multiplied(parts: tuple[Factor, ...], sign: int) -> str:
    if not parts:
        return ""
    nothing = next((part for part in parts if part.sign == 0), None)
    if nothing is not None:
        return _("{name} is 0, and so is the product.").format(name=nothing.name) if sign == 0 else ""
    if sign == 0:
        return _("No factor is 0, but their product is smaller than any number a computer keeps.")
    minuses = sum(part.sign < 0 for part in parts)
    return _(MINUSES[minuses]) if (-1) ** minuses == sign and minuses < len(MINUSES) else ""


def _added(terms: list[float], total: float, digits: int) -> str:
    up, down = sum(term for term in terms if term > 0), sum(term for term in terms if term < 0)
    if not math.isfinite(up + down) or any(math.isnan(term) for term in terms) or _sign(up + down) != _sign(total):
        return ""
    if up == 0 and down == 0:
        return _("Every part of the sum is 0.")
    if total == 0:
        return _("The parts of the sum cancel each other.")
    if down == 0:
        return _("No part of the sum is negative, so the sum is positive.")
    if up == 0:
        return _("No part of the sum is positive, so the sum is negative.")
    more = digits_for_parts((up, down), digits)
    places = {"up": numerals.plain(up, more), "down": numerals.plain(down, more)}
    if total > 0:
        return _("The positive parts add up to {up}, the negative ones only to {down}.").format(**places)
    return _("The negative parts add up to {down}, the positive ones only to {up}.").format(**places)


# --- one formula

CURVE = {
    ("a", "positive"): later("At {z} = {value} the {activation} lies above 0."),
    ("a", "negative"): later("At {z} = {value} the {activation} lies below 0."),
    ("a", "zero"): later("At {z} = {value} the {activation} is exactly 0."),
    ("a", "above"): later("{z} = {value} is positive, and there the {activation} lies above {half}."),
    ("a", "below"): later("{z} = {value} is negative, and there the {activation} lies below {half}."),
    ("a", "half"): later("At {z} = {value} the {activation} is just at {half}."),
    ("da_dz", "positive"): later("At {z} = {value} the curve of the {activation} <slope>rises</slope>."),
    ("da_dz", "negative"): later("At {z} = {value} the curve of the {activation} <slope>falls</slope>."),
    ("da_dz", "zero"): later("At {z} = {value} the curve of the {activation} is <slope>flat</slope>."),
}


def _of_curve(trace: Trace, asked: Question, digits: int, convention: Convention) -> str:
    z = asked.cell._replace(quantity="z")
    return _(CURVE[asked.cell.quantity, asked.answer]).format(
        z=symbols.html(z, convention),
        value=html.escape(numerals.plain(trace.at(z), digits)),
        activation=activation_title(trace, asked.cell.layer or 1),
        half=numerals.pointed("0.5"),
    )


def _missed(trace: Trace, cell: Cell) -> str:
    """The slope of the loss at an output, or its δ where that is one formula."""
    a, t, sign = trace.at(cell._replace(quantity="a")), trace.at(cell._replace(quantity="t")), _sign(trace.at(cell))
    if cell.quantity == "dL_da" and trace.network.loss.name == "cross_entropy":
        if t == 0 and sign == 0:
            return _("The target is 0, so the loss does not read this output.")
        return (
            _("The <error>target is above 0</error>: were this output larger, the loss would be smaller.")
            if t > 0 and sign < 0
            else ""
        )
    if sign != _sign(a - t):
        return ""
    if sign == 0:
        return _("The output has <error>met its target</error>.")
    if sign > 0:
        return _("The output lies <error>above its target</error>: were it larger, so would be the loss.")
    return _("The output lies <error>below its target</error>: were it larger, the loss would be smaller.")


# --- the update, and two numbers


def _moved(trace: Trace, asked: Question, convention: Convention) -> str:
    letter = asked.cell.quantity[0]
    gradient = trace.at(asked.cell._replace(quantity=f"dL_d{letter}"))
    name = symbols.html(asked.cell._replace(quantity=letter), convention)
    match asked.answer, _sign(gradient):
        case "down", 1:
            return _("The <delta>gradient is positive</delta>: {name} larger means more loss, so it goes down.").format(
                name=name
            )
        case "up", -1:
            return _("The <delta>gradient is negative</delta>: {name} larger means less loss, so it goes up.").format(
                name=name
            )
        case "stays", 0:
            return _("The <delta>gradient is 0</delta>, so {name} stays.").format(name=name)
        case "stays", _any if trace.at(Cell("learning_rate")) == 0:
            return _("The <update>learning rate is 0</update>, so nothing moves.")
    return _("The step is too small for the digits that a computer keeps.")


def _compared(trace: Trace, asked: Question, digits: int, convention: Convention) -> str:
    assert asked.known is not None
    large, small = (asked.cell, asked.known) if asked.answer != "known" else (asked.known, asked.cell)
    sizes = [abs(trace.at(each)) for each in (large, small)]
    more = next(
        (
            each
            for each in range(digits, 13)
            if asked.answer == "equal" or numerals.rounded(sizes[0], each) > numerals.rounded(sizes[1], each)
        ),
        digits,
    )
    places = {
        "large": symbols.html(large, convention, layer=False),
        "small": symbols.html(small, convention, layer=False),
        "more": numerals.plain(trace.at(large), more),
        "less": numerals.plain(trace.at(small), more),
    }
    if asked.answer == "equal":
        first = _("{large} = {more} and {small} = {less} have the same size.").format(**places)
    else:
        first = _("{large} = {more} is larger in size than {small} = {less}.").format(**places)
    return " ".join(filter(None, (first, _decided(trace, asked, large, small, convention))))


def _decided(trace: Trace, asked: Question, large: Cell, small: Cell, convention: Convention) -> str:
    """What makes the difference between two numbers, where it is one thing."""
    if asked.answer == "equal":
        return ""
    layer = large.layer or 1
    if large.quantity == "dL_dW" and trace.samples == 1:
        if large.unit == small.unit:
            return _("All but <in>what came in</in> is the same for both.")
        return _("<in>What came in</in> is the same for both; what comes <delta>back to the unit</delta> is not.")
    if (
        large.quantity in ("dL_da", "loss_term")
        and layer == trace.network.depth
        and trace.network.loss.name in LOSSES
        and trace.network.loss.needs is None
    ):
        missed = [abs(_at(trace, each, "a") - _at(trace, each, "t")) for each in (large, small)]
        if missed[0] > missed[1]:
            return _("Output {unit} is further from its <error>target</error>.").format(unit=large.unit)
    if large.quantity not in ("a", "da_dz") or large.from_unit is not None:
        return ""
    names = [symbols.html(each._replace(quantity="z"), convention, layer=False) for each in (large, small)]
    at, row = [_at(trace, each, "z") for each in (large, small)], trace.network.activations[layer - 1]
    if large.quantity == "a" and row.name in RISING and at[0] > at[1]:
        return _("{large} is larger than {small}, and the larger sum gives the larger number.").format(
            large=names[0], small=names[1]
        )
    if large.quantity == "da_dz" and row.name in ("sigmoid", "tanh") and abs(at[0]) < abs(at[1]):
        return _("The curve is <slope>steepest at 0</slope>, and {near} is nearer to 0 than {far}.").format(
            near=names[0], far=names[1]
        )
    return ""


RISING = ("sigmoid", "softplus", "relu", "softmax")
"""Activations that are never negative and rise: the larger sum gives the larger number."""


def _at(trace: Trace, cell: Cell, quantity: str) -> float:
    """Another quantity of the same unit."""
    return trace.at(cell._replace(quantity=quantity))
