"""Slips: the typical mistakes of a calculation by hand, one row each.

A slip is stated as what it makes of the rule of a number: another tree of the same leaves, which is read by the same means as
the right one (rewrites.py). So its number, and the line in which it is shown beside the right one, follow from the engine's own
tables. The same slips as ways to run a whole training stand in wrong_ways.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backprop.engine.steps import Cell, Trace
from backprop.language import later
from backprop.practice import rewrites
from backprop.practice.reckoning import AFTER, rule
from backprop.practice.rewrites import Mistake


@dataclass(frozen=True)
class Slip:
    """A row of SLIPS.

    title     what was done, in few words
    sentence  what the number is instead, and what mends it
    breaks    the rule it breaks
    along     what the number is where the slip was made on the way to it
    made      (trace, cell, right rule) → the ways in which it can be made at a cell
    last      it is looked for only where no other slip fits
    after     it is of the loss after the update, which has no rule of its own
    zero      its number is 0; of the others 0 is no sign, since who knows nothing types 0, too

    Words between {} are put in by feedback.py.
    """

    name: str
    title: str
    sentence: str
    breaks: str
    along: str
    made: Callable[..., Iterator[Mistake]]
    last: bool = False
    zero: bool = False
    after: bool = False


def mistakes(slip: Slip, trace: Trace, cell: Cell) -> list[Mistake]:
    """The ways in which a slip can be made at a computed cell; none where it does not apply."""
    if cell.quantity == AFTER:
        return list(slip.made(trace, cell, None)) if slip.after else []
    return [] if slip.after else list(slip.made(trace, cell, rule(trace, cell)))


SLIPS: dict[str, Slip] = {
    row.name: row
    for row in (
        Slip(
            "no_slope",
            later("You left out {slope}."),
            later("{came} is what you get without it. Whatever goes back through a unit is multiplied by its slope."),
            later("∂L/∂z = ∂L/∂a · f′(z): the chain rule has a factor for every function on the way."),
            later("{came} comes out when the slopes f′ are left out on the way back."),
            rewrites.no_slope,
        ),
        Slip(
            "no_delta",
            later("The slopes of layer {next} are left out."),
            later(
                "{came} comes out with ∂L/∂a of layer {next}. What goes back over the weights has gone through the slopes of that layer: it is δ."
            ),
            later("∂L/∂aⱼ = Σₖ δₖ wₖⱼ, with δ = ∂L/∂a · f′(z)."),
            later("{came} comes out when the slopes f′ are left out on the way back."),
            rewrites.no_delta,
        ),
        Slip(
            "slope_at_a",
            later("The slope is taken at {activated}."),
            later("{slope} belongs to the pre-activation: put {pre} in, not {activated}."),
            later("f′ is taken where f was taken: at z."),
            later("{came} comes out when the slopes on the way are taken at a instead of at z."),
            rewrites.other_slope(rewrites.at_a),
        ),
        Slip(
            "slope_with_z",
            later("{pre} stands where {activated} belongs."),
            later("The short form of the slope is written with what the unit sends on, {activated}."),
            later("σ′(z) = a (1 − a) and tanh′(z) = 1 − a², with a = f(z)."),
            later("{came} comes out when the short form of the slope is used with z instead of with a on the way."),
            rewrites.other_slope(rewrites.with_z),
        ),
        Slip(
            "softmax_diagonal",
            later("Only the output itself is counted."),
            later(
                "When {pre} grows, the other outputs of the softmax shrink: each of their errors comes in too, times its own slope."
            ),
            later("∂L/∂zⱼ = Σᵢ ∂L/∂aᵢ · ∂aᵢ/∂zⱼ, over all outputs."),
            later("{came} comes out when of each softmax slope only the output itself is counted on the way."),
            rewrites.diagonal,
        ),
        Slip(
            "sign",
            later("The sign is turned."),
            later(
                "The size is right. The sign comes from the error, which is output minus target, and from the weights on the way back."
            ),
            later("∂L/∂a has the sign of a − t."),
            later("{came} comes out when the error is taken as target minus output on the way."),
            rewrites.sign,
        ),
        Slip(
            "factor",
            later("A factor {way} has come in."),
            later(
                "{came} is {way} times what it should be. Look at how the loss is written: it says which factor stays."
            ),
            later(
                "The factor of the slope follows from the factor in the loss: (½ u²)′ = u, (u²)′ = 2u; a mean keeps its 1/n."
            ),
            later("{came} comes out when the loss has a factor {way} too much on the way."),
            rewrites.factor,
        ),
        Slip(
            "fresh_weights",
            later("Already updated weights are in it."),
            later(
                "{came} comes out with the weights of layer {next} after their update. All gradients are taken with the weights from before it."
            ),
            later("One iteration has one set of weights: first all gradients, then all updates."),
            later("{came} comes out when the layers before the last one use weights that are already updated."),
            rewrites.fresh,
        ),
        Slip(
            "one_path",
            later("Only one path is followed."),
            later(
                "{came} is what comes back through unit {way} alone. What several units receive comes back from all of them, added up."
            ),
            later("∂L/∂aⱼ = Σₖ δₖ wₖⱼ: a sum over all ways on."),
            later("{came} comes out when only what comes back through unit {way} of each next layer is counted."),
            rewrites.one_path,
        ),
        Slip(
            "transposed",
            later("The weight matrix is turned on its side."),
            later(
                "Rows and columns of the weights are exchanged. Forward a unit reads its own row; backward it reads its own column."
            ),
            later("W has a row for each receiving unit: forward a row is read, backward a column."),
            later("{came} comes out when rows and columns of the weights are exchanged on the way."),
            rewrites.transposed,
        ),
        Slip(
            "wrong_layer",
            later("{other} stands where {sender} belongs."),
            later("A weight is multiplied by what came in along it. Into this one came {sender}."),
            later("∂L/∂w = δ · a, with δ of the receiving and a of the sending unit."),
            later(
                "{came} comes out when the gradients of the weights on the way are made with the activation of the wrong layer."
            ),
            rewrites.wrong_layer,
        ),
        Slip(
            "no_input",
            later("What came in is left out."),
            later("{came} is δ alone. A weight's gradient is δ times what came in along it, {sender}."),
            later("∂L/∂w = δ · a."),
            later("{came} comes out when the gradients of the weights on the way are δ alone."),
            rewrites.no_input,
        ),
        Slip(
            "half_slope",
            later("Half of the slope is there."),
            later("The slope of the {activation} is a product; {came} is one of its factors alone."),
            later("σ′(z) = a (1 − a), with both factors."),
            later("{came} comes out when of each slope on the way only one factor is taken."),
            rewrites.half_slope,
        ),
        Slip(
            "no_activation",
            later("The {activation} is left out."),
            later("{came} is still {pre}, the sum. What the unit sends on has gone through the {activation}."),
            later("a = f(z)."),
            later("{came} comes out when the activations are left out on the way."),
            rewrites.no_activation,
        ),
        Slip(
            "no_bias",
            later("The bias is missing."),
            later("{came} is the sum without the bias. Add {bias}, which is {bias_value}."),
            later("z = Σ w a + b."),
            later("{came} comes out when the biases are left out on the way."),
            rewrites.no_bias,
        ),
        Slip(
            "bias_zero",
            later("A bias learns too."),
            later("Its input is always 1, so δ reaches it whole, and its gradient is not 0."),
            later("∂z/∂b = 1: the gradient of a bias is made of δ alone."),
            later("{came} comes out when the biases stay as they are."),
            rewrites.bias_zero,
            zero=True,
        ),
        Slip(
            "plus",
            later("Plus instead of minus."),
            later(
                "{came} goes up the slope, and the loss would rise. A step down is old value minus {rate} times gradient."
            ),
            later("w ← w − η ∂L/∂w."),
            later("{came} comes out when the parameters go up their gradients instead of down."),
            rewrites.plus,
        ),
        Slip(
            "rate_forgotten",
            later("The learning rate is missing."),
            later("{came} takes the whole gradient off. Multiply the gradient by {rate} = {rate_value} first."),
            later("w ← w − η ∂L/∂w."),
            later("{came} comes out when the learning rate is left out of the update."),
            rewrites.no_rate,
        ),
        Slip(
            "rate_squared",
            later("The learning rate is in it twice."),
            later("{came} comes out with {rate} times {rate}. The gradient itself is without learning rate."),
            later("w ← w − η ∂L/∂w."),
            later("{came} comes out when the learning rate is in the update twice."),
            rewrites.rate_squared,
        ),
        Slip(
            "step_alone",
            later("This is the step, not where it leads."),
            later("{came} is only the change. The new value is the old one minus {rate} times the gradient."),
            later("w ← w − η ∂L/∂w."),
            later("{came} comes out when the new parameters are the steps alone."),
            rewrites.step_alone,
        ),
        Slip(
            "gradient_alone",
            later("This is the gradient."),
            later("{came} says how steep it is. The new value is the old one minus {rate} times that."),
            later("w ← w − η ∂L/∂w."),
            later("{came} comes out when the new parameters are the gradients."),
            rewrites.gradient_alone,
        ),
        Slip(
            "old_loss",
            later("This is the loss before the update."),
            later("The parameters have changed. Run forward once more with the new ones, and take the loss of that."),
            later("The loss belongs to the parameters it was computed with."),
            later("{came} is the loss before the update."),
            rewrites.old_loss,
            after=True,
        ),
        Slip(
            "neighbour",
            later("This is another number's value."),
            later(
                "{came} would be right for {other}. Look at which unit the number belongs to, and at its row and column."
            ),
            later("In wᵢⱼ the receiving unit comes first, the sending one second."),
            later("{came} is the value of another number on the way."),
            rewrites.neighbour,
            last=True,
        ),
    )
}

IN_A_RUN: dict[str, tuple[str, str]] = {
    "plus": ("plus", ""), "fresh_weights": ("fresh_weights", ""), "no_slope": ("no_slope", ""), "slope_at_a": ("slope_at_a", ""),
    "no_bias_update": ("bias_zero", ""), "sign": ("sign", ""), "twice": ("factor", "2"), "rate_forgotten": ("rate_forgotten", ""),
    "rate_squared": ("rate_squared", ""), "softmax_diagonal": ("softmax_diagonal", ""),
}  # fmt: skip
"""Ways to run a whole training wrongly (wrong_ways.py) that are a slip of single numbers: its name, and the way it is made."""
