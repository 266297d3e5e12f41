"""An iteration as a Jupyter notebook in NumPy: a cell per step, the rule in front of it, the app's numbers at the end of each phase.

Activations, losses and their slopes are the formulas of the engine's tables, printed as NumPy, in the form that holds
far out. The rules are the vector rules that the app shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from backprop.engine.activations import softmax_formula
from backprop.engine.steps import PHASES, Step, Trace
from backprop.explain import vectors, words
from backprop.explain.symbols import DEFAULT, Convention
from backprop.explain.terms import fill, tex_template
from backprop.explain.vectors import Block
from backprop.explain.words import PHASE_NAMES
from backprop.export.agreement import RELATIVE, comparable, far, rounding
from backprop.export.numpy_steps import FAR, code, given
from backprop.export.source import WIDTH, array, one_line
from backprop.language import _, later

TITLES = {**PHASE_NAMES, "given": later("What is given")}

SAYS = {
    "z": later("What comes in, times the weights, and the biases on top."),
    "z without biases": later("What comes in, times the weights; this layer has no biases."),
    "a": later("Each sum goes through the activation, {activation}."),
    "loss_term": later("How far each output is from its target: the {loss}."),
    "loss": later("The terms of a sample added up; and the mean over the samples, the number that training makes smaller."),
    "output dL_da": later("How fast the loss changes with each output. From here everything flows back."),
    "dL_da": later("What comes back from layer {next}: its δ, times the weights through which this layer reached it."),
    "da_dz": later("How steep the activation is at each z: the slope of {activation}."),
    "dL_dz": later("What came back, times the slope. This is δ."),
    "vector dL_dz": later("Every output depends on every z of the layer, so each δ collects from all outputs."),
    "fused dL_dz": later("Some outputs lie so far out that the product of error and slope would lose its digits; taken in one go it is simply output minus target."),
    "one loss": later("The terms of all outputs added up: the number that training makes smaller."),
    "one dL_dW": later("δ, times what came in along the edge."),
    "dL_dW": later("δ, times what came in along the edge, added up over the samples."),
    "one dL_db": later("A bias adds straight to its sum, so its gradient is δ itself."),
    "dL_db": later("A bias adds straight to its sum, so its gradient is δ, added up over the samples."),
    "shared dL_db": later("The layer has one bias, so its gradient is δ added up over samples and units."),
    "dL_dx": later("The same step once more leads back to the inputs. They stay as they are; this tells which of them matters."),
    "W_new": later("Every weight one step down its own gradient; all gradients were taken with the old weights."),
    "b_new": later("And every bias."),
}  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """A cell of the notebook: "markdown" or "code", and its text."""

    kind: str
    text: str


def to_notebook(trace: Trace, title: str = "", convention: Convention = DEFAULT) -> str:
    """A notebook (nbformat 4.5, JSON) that computes this iteration in NumPy, step by step, and asserts the app's numbers.

    What has left float64 is computed, not compared. convention: how the rules in it are written. The same arguments give
    the same text, byte for byte. title stands in the heading.
    """
    from nbformat import v4, validate  # noqa: PLC0415  needed by nobody who asks for no notebook; 0.1 s

    made = [
        getattr(v4, f"new_{cell.kind}_cell")(cell.text, id=f"cell-{number}")
        for number, cell in enumerate(_cells(trace, title, convention), 1)
    ]
    book = v4.new_notebook(
        cells=made,
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
    )
    validate(book)
    return json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _cells(trace: Trace, title: str, convention: Convention) -> Iterator[Cell]:
    yield Cell("markdown", _opening(trace, title, convention))
    yield Cell("code", given(trace))
    layer: int | None = None
    for phase in PHASES[1:]:
        steps = [step for step in trace if step.phase == phase]
        heading = f"## {_(TITLES[phase])}\n\n"
        layer = None
        for step in steps:
            if phase in ("forward", "backward") and step.layer and step.layer != layer:
                heading += f"### {words.layer_name(trace, step.layer)}\n\n"
            layer = step.layer
            yield Cell("markdown", heading + _rule(trace, step, convention))
            yield Cell("code", code(trace, step))
            heading = ""
        yield Cell("code", _assertion(trace, steps, _(TITLES[phase])))


# --- in words


def escaped(title: str) -> str:
    """A title as Markdown that shows it and does nothing else."""
    return re.sub(
        r"([!-/:-@\[-`{-~])", lambda m: {"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(m[1], "\\" + m[1]), title
    )


def _opening(trace: Trace, title: str, convention: Convention) -> str:
    name = escaped(one_line(title))
    lines = [
        f"# {name or _('One iteration of a small network')}",
        _(
            "Iteration {iteration}: forward, loss, backward, update, in NumPy, one step a cell. In front of each cell stands its rule; at the end of each phase the numbers are held against those of the app “Backprop, step by step”."
        ).format(iteration=trace.iteration),
        _("In the code each sample is a row, so the rule $W a + b$ for a column reads `a @ W.T + b`.")
        if convention.arrangement != "row"
        else _("In the code, as in the rules, each sample is a row. `W` has a row per receiving unit, so the $W$ of the rules is `W.T`."),
    ]  # fmt: skip
    if convention.pre != DEFAULT.pre:
        lines.append(
            _("What the rules call ${pre}$ and ${act}$ is `z` and `a` in the code.").format(
                pre=convention.pre, act=convention.act
            )
        )
    return "\n\n".join([*lines, f"## {_(TITLES['given'])}"])


def _rule(trace: Trace, step: Step, convention: Convention) -> str:
    """A sentence and the rule of a step."""
    layer, network = step.layer or 0, trace.network
    output = layer == network.depth
    key = step.quantity
    if key == "z" and ("b", layer) not in trace:
        key = "z without biases"
    elif key == "dL_da" and output:
        key = "output dL_da"
    elif key == "dL_dz" and output and far(trace, FAR):
        key = "fused dL_dz"
    elif key == "dL_dz" and network.activations[layer - 1].vector:
        key = "vector dL_dz"
    elif key == "dL_db" and network.shared_bias:
        key = "shared dL_db"
    elif trace.samples == 1 and key in ("loss", "dL_dW", "dL_db"):
        key = f"one {key}"
    says = _(SAYS[key]).format(
        activation=words.activation_title(trace, layer) if layer else "", loss=words.loss_title(trace), next=layer + 1
    )
    return f"{says}\n\n$$\n{_tex(trace, step, convention)}\n$$"


def _tex(trace: Trace, step: Step, convention: Convention) -> str:
    """The rule of a step, the shape of each matrix beneath it; of a formula what it says."""
    network, layer = trace.network, step.layer or 0
    if step.quantity == "loss":
        m = trace.samples
        return (
            r"L = \sum_k \ell_k"
            if m == 1
            else rf"L_s = \sum_k \ell_{{sk}}, \;\;\; L = \frac{{1}}{{{m}}} \sum_{{s=1}}^{{{m}}} L_s"
        )
    left, right = vectors.line(trace, step, 1, convention)
    if step.quantity == "dL_dz" and layer == network.depth and far(trace, FAR):
        sent = vectors.line(trace, trace["a", layer], 1, convention)[0].name
        body = fill(tex_template(network.loss.fused), lambda name: {"a": sent, "t": r"\mathbf{t}"}[name])
        right = (body if trace.samples == 1 else rf"\frac{{1}}{{{trace.samples}}}\left[{body}\right]",)
    text = f"{_shaped(left)} = " + " ".join(_shaped(token) if isinstance(token, Block) else token for token in right)
    if step.quantity == "a":
        text += rf", \;\;\; {_formula(trace, layer, convention)}"
    return text


def _formula(trace: Trace, layer: int, convention: Convention) -> str:
    """What the activation does with one z."""
    row = trace.network.activations[layer - 1]
    if row.vector:
        names = tuple(sp.Symbol(f"z{k}", real=True) for k in range(1, trace.network.sizes[layer] + 1))
        body = fill(tex_template(softmax_formula(names, 0)), lambda name: f"{convention.pre}_{{{name[1:]}}}")
        return rf"f_1({convention.pre}) = {body}"
    numbers = {name: f"{value!r}" for name, value in row.constants.items()}
    body = fill(tex_template(row.formula), lambda name: numbers.get(name, convention.pre))
    return rf"f({convention.pre}) = {body}"


def _shaped(block: Block) -> str:
    return rf"\underset{{{block.shape[0]} \times {block.shape[1]}}}{{{block.name}}}"


# --- held against the app


def _assertion(trace: Trace, steps: list[Step], phase: str) -> str:
    """The cell that compares a phase with the app's numbers."""
    may, tolerance = comparable(trace), rounding(trace)
    lines = ["# " + _("The app's numbers; atol is what rounding may leave in sums of this size.")]
    for step in steps:
        if step.number not in may:
            continue
        named = {"loss": "np.append(losses, loss)"}.get(step.quantity, step.quantity)
        if step.quantity not in ("loss_term", "loss", "dL_dx"):
            named += str(step.layer)
        tail = f"rtol={RELATIVE}, atol={tolerance[step.number]:.0e})"  # type: ignore[index]
        line = f"np.testing.assert_allclose({named}, {array(step.value)}, {tail}"
        if len(line) > WIDTH:
            line = f"np.testing.assert_allclose({named},\n    {array(step.value, '    ')},\n    {tail}"
        lines.append(line)
    done = (
        _("{phase}: the same numbers as in the app.")
        if all(step.number in may for step in steps)
        else _("{phase}: the same numbers as in the app, as far as they can be compared.")
    )
    return "\n".join([*lines, f"print({done.format(phase=phase)!r})"])
