"""The networks of the five articles, and a few classics: a lesson file each in files/, and a row here.

A row says where the network comes from and what must be told with it: which numbers are ours, which are misprints.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from backprop.language import _, later
from backprop.lessons.lesson import Lesson


@dataclass(frozen=True)
class Example:
    """An example lesson: title for the menu, source (article or origin), note (what a reader must know)."""

    title: str
    source: str = ""
    note: str = ""


_GURARIE = later("Lihi Gur-Arie, “Neural Networks Backpropagation Made Easy”, Towards Data Science")
_CSDN = later("CSDN, “Hands-on deep learning: deriving backpropagation from scratch”")
_GENOMEXYZ = later("genomexyz, “How Neural Network ‘Learn’”, Towards Data Science")
_TOWARDSAI = later("Towards AI, “Understanding Back-Propagation in an Easier Way”")
_DABBURA = later("Imad Dabbura, “Coding Neural Network: Forward Propagation and Backpropagation”")
_CLASSIC = later("A classic")

EXAMPLES: dict[str, Example] = {
    "towardsai": Example(
        later("Two inputs, two outputs (Towards AI)"),
        _TOWARDSAI,
        later(
            "The article prints the target t₂ = 0.22, but its own updated weights need 0.99, as in Matt Mazur's original; here it is 0.99. The article's w₅ = 0.3595 after the update is a misprint of 0.3589. Each layer has one bias, which is not updated."
        ),
    ),
    "towardsai-printed": Example(
        later("The same, with t₂ as printed"),
        _TOWARDSAI,
        later(
            "With the printed target t₂ = 0.22 the article's own w₇ = 0.511 and w₈ = 0.561 do not come out: they become 0.4712 and 0.5210. So 0.22 is a misprint of 0.99."
        ),
    ),
    "gurarie": Example(
        later("Two layers, one output (Gur-Arie)"),
        _GURARIE,
        later(
            "The article has equations and no numbers; the numbers are chosen by us. Its factor ½ in the loss stands in a picture that is lost; it follows from the derivative the article's readers use."
        ),
    ),
    "gurarie-two-outputs": Example(
        later("Two layers, two outputs (Gur-Arie)"),
        _GURARIE,
        later("The article's network with a second output; the numbers are chosen by us."),
    ),
    "csdn": Example(
        later("Three layers, no biases (CSDN)"),
        _CSDN,
        later(
            "The article leaves activation and loss open and gives no numbers; sigmoid, half squared error and all numbers are chosen by us. It writes samples as rows and W with a column per receiving unit."
        ),
    ),
    "genomexyz": Example(
        later("Sigmoid, then linear (genomexyz)"),
        _GENOMEXYZ,
        later(
            "The article's numbers stood in pictures that are lost; all but the learning rate 0.02 are chosen by us. Its squared error has no ½."
        ),
    ),
    "dabbura-tanh": Example(
        later("A batch of four, tanh (Dabbura)"),
        _DABBURA,
        later(
            "The article trains on pictures; these four small samples and the weights are chosen by us. Its dZ and dA lack the 1/m that stands here in every gradient."
        ),
    ),
    "dabbura-relu": Example(
        later("A batch of four, ReLU (Dabbura)"),
        _DABBURA,
        later("The article trains on pictures; these four small samples, the weights and the biases are chosen by us."),
    ),
    "neuron": Example(later("One neuron"), _CLASSIC, later("The smallest network: one weight, one bias, one sigmoid.")),
    "line": Example(
        later("A line through four points"),
        _CLASSIC,
        later("Linear regression as a network without a bend; the points lie on 2x + 1."),
    ),
    "xor": Example(later("Exclusive or"), _CLASSIC, later("Four samples that no straight line separates.")),
    "softmax": Example(
        later("Three classes, softmax"),
        _CLASSIC,
        later("Every output depends on every pre-activation, so the slope is a whole table, the Jacobian."),
    ),
    "deep": Example(
        later("Five sigmoid layers"), _CLASSIC, later("Watch the gradient shrink from layer to layer on its way back.")
    ),
}
FIRST = "towardsai"


@cache
def example(name: str) -> Lesson:
    """The lesson of an example. Raises ValueError naming the allowed ones."""
    if name not in EXAMPLES:
        raise ValueError(
            _("“{came}” is not an example; allowed are {allowed}.").format(came=name, allowed=", ".join(EXAMPLES))
        )
    return Lesson.from_json(files("backprop.lessons").joinpath("files", f"{name}.json").read_text(encoding="utf-8"))
