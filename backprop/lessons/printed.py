"""What the articles print: every number as it stands there, and what is known of it.

The numbers are data, printed.json beside this file, with their provenance; the words about them are here, where
translators find them. A Claim says which number of an example the printed one claims to be; runs/printed.py compares.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from backprop.engine.steps import Cell
from backprop.language import _, later
from backprop.lessons.examples import EXAMPLES

AGREES = "agrees"


@dataclass(frozen=True)
class Claim:
    """A printed number.

    printed    as it stands there, so that its digits count: "0.60", "-0.019049119"
    place      where it stands: a key of PLACES
    name       what the source calls it, with _ before a subscript: "out_h1", "w_5⁺"; empty for a recorded one
    cells      which number of the example it claims to be; of several, their product. Empty for a recorded one
    iteration  after how many updates
    what       instead of cells: a key of WHATS; then `recorded` is a number that was computed outside of this app
    count      of a recorded one, after how many iterations the source says it stands; 0 where that does not apply
    verdict    a key of VERDICTS
    why        a key of WHYS, or empty
    instead    the number that comes out by the rule which the verdict names; None where there is no such rule
    """

    printed: str
    place: str
    verdict: str
    name: str = ""
    cells: tuple[Cell, ...] = ()
    iteration: int = 0
    what: str = ""
    count: int = 0
    recorded: str | None = None
    why: str = ""
    instead: str | None = None


@dataclass(frozen=True)
class Chapter:
    """The printed numbers of one source, a key of SOURCES, in the order in which they stand there."""

    source: str
    claims: tuple[Claim, ...]


@cache
def _data() -> dict:
    return json.loads(files("backprop.lessons").joinpath("printed.json").read_text(encoding="utf-8"))


def _found(name: str) -> dict:
    if name not in EXAMPLES:
        raise ValueError(
            _("“{came}” is not an example; allowed are {allowed}.").format(came=name, allowed=", ".join(EXAMPLES))
        )
    return _data()["examples"][name]


@cache
def chapters(name: str) -> tuple[Chapter, ...]:
    """What is printed about an example, a chapter a source; empty where nothing is. Raises ValueError naming the allowed ones."""
    return tuple(
        Chapter(
            chapter["source"],
            tuple(
                Claim(**{**row, "cells": tuple(Cell(**cell) for cell in row.get("cells", ()))})
                for row in chapter["rows"]
            ),
        )
        for chapter in _found(name)["chapters"]
    )


def silence(name: str) -> str:
    """Why nothing is printed about an example, a key of SILENCES; empty where something is. Raises ValueError."""
    return _found(name).get("silent", "")


SILENCES = {
    "equations": later("The article has equations and no numbers, so there is nothing to compare."),
    "classic": later("No article stands behind this example; all its numbers are ours."),
}

SOURCES: dict[str, tuple[str, str]] = {
    # source: (heading, note)
    "text": (
        later("In the article's text"),
        later("The steps of its calculation stand in pictures; these are the numbers in its sentences."),
    ),
    "mazur": (
        later("In Matt Mazur's original, “A Step by Step Backpropagation Example”"),
        later("The article's example comes from this page."),
    ),
    "mazur-older": (
        later("In an older version of Matt Mazur's page"),
        later("It is quoted in copies of the page."),
    ),
    "text-genomexyz": (
        later("In the article's text"),
        later("All its other numbers stood in pictures that are lost."),
    ),
    "text-dabbura": (
        later("In the article's text"),
        later("It gives no other number that belongs to this small network."),
    ),
    "training": (
        later("In the article: its own training on 209 pictures"),
        later(
            "A network of 12,288 inputs, not the small one here. The app does not have the pictures: what stands under “computed” was computed once with them and recorded. “After 100” means after 100 iterations, and is the loss before the 100th update."
        ),
    ),
    "regularization": (
        later("In the follow-up notebook on regularization: the tanh network again, with all digits"),
        later("What stands under “computed” was computed once with the article's pictures and recorded."),
    ),
    "gradient-checking": (
        later("In the follow-up notebook on gradient checking"),
        later("The slope of x² at 3 is 6; with ε = 0.01 the difference quotient over both sides comes closest."),
    ),
}

PLACES = {
    "text-given": later("given numbers"),
    "text-new": later("after “Now update w₅”"),
    "text-rate": later("the learning rate"),
    "given": later("Overview"),
    "forward": later("The Forward Pass"),
    "error": later("Calculating the Total Error"),
    "output": later("The Backwards Pass: Output Layer"),
    "hidden": later("The Backwards Pass: Hidden Layer"),
    "after-1": later("last paragraph: after the first round"),
    "after-10000": later("last paragraph: after 10,000 rounds"),
    "costs": later("the loss, printed while it trains"),
    "accuracy": later("the accuracy on the test pictures, in percent"),
    "lambda0": later("the loss for λ = 0, without a penalty"),
    "lambda0_02": later("the loss for λ = 0.02, with a penalty on large weights"),
    "quotient": later("difference quotients of x² at 3, ε = 0.01"),
}

WHATS = {
    "after": later("after {count}"),
    "two_sided": later("over both sides"),
    "right_hand": later("over the right side"),
}

VERDICTS = {
    AGREES: later("Agrees."),
    "misprint": later("A misprint."),
    "cut": later("Cut off instead of rounded."),
    "rounded": later("Rounded on the way."),
    "target": later("Computed with another target."),
    "sequential": later("Another order of updates."),
    "early": later("Counted one update early."),
    "biases": later("Another penalty."),
    "chaos": later("Chaotic."),
}

WHYS = {
    "target": later(
        "The article's own w₇ = 0.511 and w₈ = 0.561 need a target of about 0.975 to 0.992. Matt Mazur's original has 0.99."
    ),
    "as-printed": later(
        "This example takes the target as it is printed. The last two rows show that it is a misprint of 0.99."
    ),
    "w5": later(
        "It should be 0.3589. No target t₂ explains 0.3595, because w₅ does not depend on it; and the article's own w₆, which comes from the same ∂L/∂z, fits 0.3589."
    ),
    "w6": later("With four decimals it rounds to 0.4087."),
    "new-target": later("This is the number for the target 0.99. With the printed 0.22 it does not come out."),
    "rounded-factors": later(
        "The page multiplies two factors of which one is already rounded, −0.038098237 · 0.5 = −0.0190491185, and rounds again. With all digits the last one is an 8."
    ),
    "formula": later(
        "In the equation for net_h1 just above it the page has w₃ · i₂ and means w₂ · i₂. The number is right."
    ),
    "sequential-1": later(
        "An older script of Mazur's took the output layer's new weights for the hidden layer's gradients, and that gives 0.291027924. The new weights that the page itself prints come from the old ones, as here; with them the loss is the one computed here."
    ),
    "sequential-10000": later(
        "These are the digits of the older script, which took the output layer's new weights for the hidden layer's gradients."
    ),
    "early": later("This is the loss before the 10,000th update, that is after 9,999 of them."),
    "chaos": later(
        "This late the training is chaotic: a change in the last digit of one weight changes these losses, so two computers need not agree."
    ),
    "luck": later(
        "That it agrees is luck: the training is chaotic by then, and in nine runs the accuracy came out between 46 and 74 percent."
    ),
    "biases": later(
        "The notebook's penalty counts the squares of the biases too, though its gradients do not; with them its digits come out. What is computed here counts the weights alone."
    ),
}
