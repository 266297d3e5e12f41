"""The conventions under which textbooks write: how they name and arrange. None of them changes a number or a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from backprop.engine.steps import Trace
from backprop.language import later


@dataclass(frozen=True, eq=False)
class Convention:
    """How a textbook names and arranges. A row of data: nothing else in the house knows one convention from another.

    title, changes  what the chooser says: its name, and in one sentence what is different from the standard
    pre … rate      letters, in TeX; output: the activation of the last layer, where it has a letter of its own;
                    subscript: what stands below the loss; term: an output's part of the loss
    delta           the letter of ∂L/∂z; empty where the textbook writes the derivative out
    function        the activation function in the rules of whole layers
    layer           what stands around the layer's number: "()", "[]" or, empty, nothing
    bold            vectors are bold small letters; otherwise the letter of their numbers
    from_first      w_ij leads from unit i to unit j (CSDN), instead of to unit i from unit j
    consecutive     w₁ … w₈, numbered by receiving unit, layer after layer; units h1, h2, o1, o2; a layer's one bias b₁, b₂
    arrangement     "column": a sample is a column, z = W a + b; "row": a sample is a row, z = a W + b;
                    "columns": all samples at once, a column each
    differentials   gradients are named dZ, dA, dW, db; dZ and dA leave out the 1/m of the mean, dZ = m·∂L/∂z

    A convention does not know the network by itself; `on` and `of` tell it. Until then units and weights are numbered
    within their layer.
    """

    name: str
    title: str
    changes: str
    pre: str = "z"
    act: str = "a"
    output: str = ""
    weight: str = "w"
    bias: str = "b"
    input: str = "x"
    target: str = "t"
    loss: str = "L"
    subscript: str = ""
    term: str = r"\ell"
    rate: str = r"\eta"
    delta: str = r"\delta"
    function: str = "f"
    layer: str = "()"
    bold: bool = True
    from_first: bool = False
    consecutive: bool = False
    arrangement: str = "column"
    differentials: bool = False
    sizes: tuple[int, ...] = ()
    samples: int = 1

    def on(self, sizes: tuple[int, ...], samples: int) -> Convention:
        """The convention for a network with these layer sizes and so many samples."""
        return self if (self.sizes, self.samples) == (sizes, samples) else _on(self, sizes, samples)

    def of(self, trace: Trace) -> Convention:
        """The convention for a trace's network and samples."""
        return self.on(trace.network.sizes, trace.samples)

    @property
    def share(self) -> int:
        """What dZ and dA are divided by to be the gradient: the number of samples; 1 where nothing is left out."""
        return self.samples if self.differentials else 1


@lru_cache(maxsize=256)
def _on(convention: Convention, sizes: tuple[int, ...], samples: int) -> Convention:
    return replace(convention, sizes=sizes, samples=samples)


CONVENTIONS = {
    row.name: row
    for row in (
        Convention(
            "za",
            later("Standard: z, a, δ"),
            later(
                "The standard: z is what a unit adds up, a what it sends on, δ = ∂L/∂z; w₁₂ leads to unit 1 from unit 2."
            ),
        ),
        Convention(
            "gurarie",
            later("Gur-Arie: Z[l], A[l], J, Ŷ"),
            later(
                "Capital letters Z, A, W with the layer in square brackets; the output is Ŷ, the target Y, the loss J, the learning rate α; δ is written out as ∂J/∂Z."
            ),
            pre="Z", act="A", output=r"\hat{Y}", weight="W", input="X", target="Y", loss="J", rate=r"\alpha", delta="", layer="[]", bold=False,
        ),
        Convention(
            "ab",
            later("CSDN: a, b, rows"),
            later(
                "a is what a unit adds up, b what it sends on, so a bias is θ; the loss is E, the target y; samples are rows and W is transposed: w₁₂ leads from unit 1 to unit 2."
            ),
            pre="a", act="b", bias=r"\theta", target="y", loss="E", from_first=True, arrangement="row",
        ),
        Convention(
            "net",
            later("Towards AI: net, out, w₁"),
            later(
                "As in Mazur: net is what a unit adds up, out what it sends on; hidden units are h1, h2, outputs o1, o2; weights are numbered through, w₁, w₂ and so on; the loss is E with “total” below it."
            ),
            pre=r"\mathrm{net}", act=r"\mathrm{out}", loss="E", subscript="total", term="E", consecutive=True,
        ),
        Convention(
            "dabbura",
            later("Dabbura: dZ, dA, dW, db"),
            later(
                "Capital letters, samples as columns, loss J, target Y, learning rate α; gradients are dZ, dA, dW, db, and dZ and dA leave out the 1/m of the mean: dZ = m·∂J/∂Z."
            ),
            pre="Z", act="A", weight="W", input="X", target="Y", loss="J", rate=r"\alpha", function="g", layer="", bold=False, arrangement="columns", differentials=True,
        ),
    )
}  # fmt: skip
DEFAULT = CONVENTIONS["za"]
