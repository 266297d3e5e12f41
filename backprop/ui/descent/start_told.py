"""What the numbers of a start say, in words: do its hidden units stay equal, which weights stand still, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backprop.explain import numerals
from backprop.language import _, later, plural
from backprop.runs.starts import STARTS
from backprop.runs.twins import Still, Twins

WHY = later(
    "Equal units add up the same sum and send on the same activation; through the same weights the same error comes back; so gradient and update are the same. They learn like one."
)

STATES: dict[str, tuple[str, str]] = {
    # what is said of one layer, and of several
    "equal": (
        later("<b>All units of layer {layers} are equal, bit for bit.</b>"),
        later("<b>In each of the layers {layers} all units are equal, bit for bit.</b>"),
    ),
    "nearly": (
        later(
            "<b>Units of layer {layers} are equal but for the last digits.</b> In exact arithmetic they would be equal; a computer rounds the sums of some units in another order. That set them apart by {share} of their size."
        ),
        later(
            "<b>In each of the layers {layers} units are equal but for the last digits.</b> In exact arithmetic they would be equal; a computer rounds the sums of some units in another order. That set them apart by {share} of their size."
        ),
    ),
    "drifted": (
        later(
            "<b>Units of layer {layers} began equal and have drifted apart, by {share} times their largest number.</b> Nothing but rounding told them apart, and learning has made that difference larger."
        ),
        later(
            "<b>In each of the layers {layers} units began equal and have drifted apart, by {share} times their largest number.</b> Nothing but rounding told them apart, and learning has made that difference larger."
        ),
    ),
    "met": (
        later("<b>In layer {layers} some units have become equal</b>, though they did not begin so."),
        later("<b>In the layers {layers} some units have become equal</b>, though they did not begin so."),
    ),
    "sums": (
        later(
            "<b>Some units of layer {layers} begin with the same sum, but not with the same outgoing weights.</b> So different errors come back, and they part."
        ),
        later(
            "<b>In the layers {layers} some units begin with the same sum, but not with the same outgoing weights.</b> So different errors come back, and they part."
        ),
    ),
    "different": (
        later(
            "<b>No two units of layer {layers} are equal.</b> Each adds up a sum of its own and gets a gradient of its own: they can learn different things."
        ),
        later(
            "<b>In none of the layers {layers} are two units equal.</b> Each adds up a sum of its own and gets a gradient of its own: they can learn different things."
        ),
    ),
    "alone": (
        later("Layer {layers} has one unit: there is no other that it could be equal to."),
        later("The layers {layers} have one unit each: there is no other that it could be equal to."),
    ),
}

STILL: dict[str, tuple[str, str]] = {
    # why no weight of a layer, or of several, has a gradient
    "incoming": (
        later("In iteration {iteration} the weights of layer {layers} stand still: all that comes in is 0."),
        later("In iteration {iteration} the weights of layers {layers} stand still: all that comes in is 0."),
    ),
    "outgoing": (
        later("In iteration {iteration} layer {layers} stands still: the weights behind are 0, no error comes back."),
        later("In iteration {iteration} layers {layers} stand still: the weights behind are 0, no error comes back."),
    ),
    "flat": (
        later("In iteration {iteration} layer {layers} stands still: the slope of each unit is 0."),
        later("In iteration {iteration} layers {layers} stand still: the slope of each unit is 0."),
    ),
    "error": (
        later("In iteration {iteration} layer {layers} stands still: no error arrives there."),
        later("In iteration {iteration} layers {layers} stand still: no error arrives there."),
    ),
    "cancel": (
        later(
            "In iteration {iteration} the weights of layer {layers} stand still: what the samples ask for cancels, or is too small for a computer's numbers."
        ),
        later(
            "In iteration {iteration} the weights of layers {layers} stand still: what the samples ask for cancels, or is too small for a computer's numbers."
        ),
    ),
}


def _of(layers: Sequence[int], messages: tuple[str, str], **more: object) -> str:
    """The message for one layer or for several."""
    return _(messages[len(layers) > 1]).format(layers=_listed(layers), **more)


def _listed(layers: Sequence[int]) -> str:
    """1, 2; 1 to 4 where there are many in a row."""
    if len(layers) > 2 and layers[-1] - layers[0] == len(layers) - 1:
        return _("{first} to {last}").format(first=layers[0], last=layers[-1])
    return ", ".join(map(str, layers))


EQUAL = ("equal", "some", "nearly")
"""The states whose units learn like one."""


def units_told(found: Iterable[Twins], learning: bool = True) -> list[str]:
    """A sentence for each state in which hidden layers are; and why equal units stay equal, where any weight moves."""
    by_state: dict[str, list[Twins]] = {}
    for each in found:
        by_state.setdefault("some" if each.state == "equal" and not _all(each) else each.state, []).append(each)
    if not by_state:
        return [_("This network has no hidden layer: there are no hidden units that could be equal.")]
    out = []
    for state, several in by_state.items():
        if state == "some":
            out += [_some(each, group) for each in several for group in each.began]
        else:
            share = numerals.plain(max(each.apart for each in several), 2)
            out.append(_of([each.layer for each in several], STATES[state], share=share))
    if learning and not by_state.keys().isdisjoint(EQUAL):
        out[-1] += f" {_(WHY)}"
    return out


def _all(each: Twins) -> bool:
    return len(each.began[0]) == each.units


def _some(each: Twins, group: tuple[int, ...]) -> str:
    return _("<b>Units {units} of layer {layer} are equal, bit for bit.</b>").format(
        units=", ".join(map(str, group)), layer=each.layer
    )


def still_told(found: Still, depth: int, iteration: int, bare: bool) -> list[str]:
    """Which weights have no gradient in an iteration, why, and what moves all the same. bare: no bias could move."""
    if len(found.causes) == depth:
        return [*_each_cause(found, iteration), _moving(found, bare)]
    return _each_cause(found, iteration)


def _each_cause(found: Still, iteration: int) -> list[str]:
    by_cause: dict[str, list[int]] = {}
    for layer, cause in sorted(found.causes.items()):
        by_cause.setdefault(cause, []).append(layer)
    return [_of(layers, STILL[cause], iteration=numerals.count(iteration)) for cause, layers in by_cause.items()]


def _moving(found: Still, bare: bool) -> str:
    """What moves where no weight does."""
    if found.biases:
        return plural(
            "<b>Nothing but the bias of layer {layers} moves.</b>",
            "<b>Nothing but the biases of the layers {layers} moves.</b>",
            len(found.biases),
        ).format(layers=_listed(found.biases))
    if bare:
        return _("<b>Nothing moves at all</b>: there is no bias that learns.")
    return _("<b>Nothing moves at all</b>: no bias has a gradient either.")


def rule_told(name: str) -> str:
    """How the weights of one of STARTS come about."""
    start = STARTS[name]
    return numerals.pointed(_("{start}: {rule}; biases begin at 0.").format(start=_(start.title), rule=_(start.rule)))


def lost_told(iteration: int) -> str:
    """The run has left float64."""
    if iteration == 0:
        return _("<b>✕ Already at the start the loss has left the range of the numbers that a computer keeps.</b>")
    return _(
        "<b>✕ At iteration {iteration} the loss has left the range of the numbers that a computer keeps.</b> From this start the steps were too long; a smaller learning rate may help."
    ).format(iteration=numerals.count(iteration))
