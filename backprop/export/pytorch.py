"""An iteration as a PyTorch script: the same network, PyTorch's own functions, its own backward pass, and the app's numbers beside them.

PyTorch knows most activations and both cross-entropies itself, in a form that holds far out; they stand in the two
tables here by the names PyTorch has for them. Whatever else there is (squared errors, typed formulas, a new row of the
engine's tables) is printed from its SymPy formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from backprop.engine.activations import Activation, TypedActivation, a
from backprop.engine.losses import TypedLoss
from backprop.engine.steps import Step, Trace
from backprop.export.agreement import RELATIVE, comparable, fused_error, rounding
from backprop.export.source import array, comment, far_out, one_line, printed, quoted
from backprop.language import _, later

Array = np.ndarray

ACTIVATION = {
    "linear": "{z}",
    "sigmoid": "torch.sigmoid({z})",
    "tanh": "torch.tanh({z})",
    "relu": "torch.relu({z})",
    "leaky_relu": "F.leaky_relu({z}, negative_slope={alpha!r})",
    "softplus": "F.softplus({z}, threshold=40)",
    "elu": "F.elu({z})",
    "gelu": "F.gelu({z})",
    "silu": "F.silu({z})",
    "softmax": "F.softmax({z}, dim=1)",
}
NOTES = {
    "relu": later("at exactly 0 its slope is 0, as in the app"),
    "leaky_relu": later("at exactly 0 its slope is that of the left side, as in the app"),
    "softplus": later("ln(1 + e^z); PyTorch takes z itself from 20 on, which here would cost digits"),
    "gelu": later("the exact one, with erf"),
}
LOSS = {
    "binary_cross_entropy": 'F.binary_cross_entropy_with_logits({z}, t, reduction="none")',
    "cross_entropy": "-t * F.log_softmax({z}, dim=1)",
}
"""Losses that PyTorch computes from z."""


COMPARE = '''
def compare(name, here, app, atol):
    """{doc}"""
    app = torch.tensor(app)
    for place in product(*map(range, app.shape)):
        index = "[" + ",".join(str(i + 1) for i in place) + "]" if place else ""
        print(f"{{name + index:14}} {{here[place].item()!r:>24}} {{app[place].item()!r:>24}}")
    if atol is not None:
        torch.testing.assert_close(here.detach(), app, rtol={relative}, atol=atol)
'''


def to_torch(trace: Trace, title: str = "") -> str:
    """A Python script that runs this iteration in PyTorch and compares every number that PyTorch has with the app's.

    The script prints both numbers side by side and ends with an AssertionError where they differ by more than 1e-10 of
    the number plus what rounding can leave. What has left float64 is printed, not compared. title stands in a comment.
    """
    body = [_given(trace), _forward(trace), _loss(trace), _backward(trace), _update(trace), _comparison(trace)]
    return "\n\n".join([_head(trace, title, "\n".join(body)), *body]) + "\n"


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def _head(trace: Trace, title: str, body: str) -> str:
    says = _(
        "One iteration of a small network in PyTorch: forward, loss, backward, update; then PyTorch's numbers beside those of the app “Backprop, step by step”. Needed: pip install torch"
    )
    name = one_line(title)
    named = (
        _("Iteration {iteration} of “{title}”.").format(iteration=trace.iteration, title=name)
        if name
        else _("Iteration {iteration}.").format(iteration=trace.iteration)
    )
    return _lines(
        f'"""{quoted(says)}"""\n',
        comment(named) + "\n",
        "import math" if "math." in body else "",
        "from itertools import product\n",
        "import torch",
        "import torch.nn.functional as F" if "F." in body else "",
        "from torch import inf, nan" if re.search(r"\b(inf|nan)\b", body) else "",
        "\n" + comment(_("Double precision, as in the app.")),
        "torch.set_default_dtype(torch.float64)",
    )


def _given(trace: Trace) -> str:
    depth = trace.network.depth
    parameters = []
    for l in range(1, depth + 1):
        parameters.append(_tensor(f"W{l}", trace["W", l], True))
        if ("b", l) in trace:
            parameters.append(_tensor(f"b{l}", trace["b", l], True))
    return _lines(
        comment(
            _(
                "What is given. x has a row per sample. requires_grad asks PyTorch for the gradient of the loss with respect to it."
            )
        ),
        _tensor("x", trace["x", 0], True),
        _tensor("t", trace["t", depth], False),
        f"learning_rate = {array(trace['learning_rate', None].value)}\n",
        comment(_("The parameters. W has a row per receiving unit and a column per sending one.")),
        comment(_("The biases of a layer are one number.")) if trace.network.shared_bias else "",
        *parameters,
    )


def _tensor(name: str, step: Step, wanted: bool) -> str:
    head, tail = f"{name} = torch.tensor(", ", requires_grad=True)" if wanted else ")"
    return head + array(step.value, " " * len(head)) + tail


def _sent(layer: int) -> str:
    return f"a{layer}" if layer else "x"


def _forward(trace: Trace) -> str:
    lines = [comment(_("Forward, layer by layer."))]
    for l, row in enumerate(trace.network.activations, 1):
        bias = f" + b{l}" if ("b", l) in trace else ""
        note = f"  # {_(NOTES[row.name])}" if row.name in NOTES else ""
        lines += [f"z{l} = {_sent(l - 1)} @ W{l}.T{bias}", f"a{l} = {_activation(row, f'z{l}')}{note}"]
    return _lines(*lines)


def _activation(row: Activation, z: str) -> str:
    if row.name in ACTIVATION:
        return ACTIVATION[row.name].format(z=z, **row.constants)
    text = printed(row.formula, "torch", {"z": z}, row.constants)
    return text if row.formula.free_symbols else f"{text} + 0 * {z}"


def _loss(trace: Trace) -> str:
    network, depth = trace.network, trace.network.depth
    names = {"a": f"a{depth}", "z": f"z{depth}", "t": "t"}
    if network.loss.name in LOSS:
        says = _(
            "The loss: a term per output. PyTorch computes it from z, so that an output of nearly 0 or 1 costs no digits; a is not on the way."
        )
        term = LOSS[network.loss.name].format(**names)
    else:
        says = _("The loss: a term per output.")
        term = printed(network.loss.term, "torch", names, {"n": network.sizes[-1]})
        if not network.loss.term.has(a):  # PyTorch finds its way back through an a that changes nothing, too
            term = f"{term} + 0 * {names['a']}"
    return _lines(
        comment(says),
        f"loss_term = {term}",
        comment(_("Added up over the outputs of a sample; then the mean over the samples.")),
        "losses = loss_term.sum(dim=1)",
        "loss = losses.mean()",
    )


def _backward(trace: Trace) -> str:
    between = [f"{letter}{l}" for l in range(1, trace.network.depth + 1) for letter in "za"]
    if trace.network.loss.name in LOSS:
        between.pop()
    return _lines(
        comment(
            _(
                "Backward: PyTorch follows the chain rule from the loss to every parameter. Numbers on the way keep their gradients only if asked to."
            )
        ),
        f"for between in [{', '.join(between)}]:",
        "    between.retain_grad()",
        "loss.backward()",
    )


def _update(trace: Trace) -> str:
    lines = [
        comment(_("Update: every parameter one step down its own gradient.")),
        "" if trace.update_biases else comment(_("The biases stay as they are.")),
        "with torch.no_grad():",
    ]
    for step in trace:
        if step.phase == "update":
            old = f"{step.quantity[0]}{step.layer}"
            lines.append(f"    {step.quantity}{step.layer} = {old} - learning_rate * {old}.grad")
    return _lines(*lines)


def _comparison(trace: Trace) -> str:
    compared, tolerance = met(trace), rounding(trace)
    says = _(
        "Print PyTorch's numbers and the app's side by side; stop where they differ by more than rounding. Places count from 1. atol is what rounding may leave in sums of this size; None: has left the numbers a computer keeps, so it is only shown."
    )
    lines = [COMPARE.format(doc=quoted(says, "    "), relative=RELATIVE), ""]
    lines.append(f"print(f\"{{'':14}} {{'PyTorch':>24}} {{{_('the app')!r}:>24}}\")")
    for step in trace:
        atol = f"{tolerance[step.number]:.0e}" if step.number in compared else "None"  # type: ignore[index]
        for name, here, value in _pairs(trace, step):
            head = f'compare("{name}", {here}, '
            lines.append(f"{head}{array(value, ' ' * len(head))}, {atol})")
    end = _("Every number agrees.") if len(compared) == len(trace) else _("Every number that can be compared agrees.")
    return "\n".join([*lines, f"print({end!r})"])


def met(trace: Trace) -> frozenset[int]:
    """The steps in which PyTorch must meet the app: none behind a typed formula that the chain rule cannot follow part by part."""
    lost = 0
    for l, row in enumerate(trace.network.activations, 1):
        if isinstance(row, TypedActivation) and far_out(row.formula, z=trace["z", l].value):
            lost = l
    depth, loss = trace.network.depth, trace.network.loss
    first = trace["dL_dz", lost].number if lost else None
    if isinstance(loss, TypedLoss) and far_out(loss.term, a=trace["a", depth].value, t=trace["t", depth].value):
        first = trace["dL_da", depth].number
    return frozenset(
        number
        for number in comparable(trace)
        if first is None or number < first  # type: ignore[operator]
    )


def _pairs(trace: Trace, step: Step) -> Iterator[tuple[str, str, Array]]:
    """(the app's name, PyTorch's number, the app's) of a step; none for what PyTorch never forms."""
    quantity, layer, value = step.quantity, step.layer, step.value
    match quantity:
        case "loss":
            yield "losses", "losses", value[:-1]
            yield "loss", "loss", value[-1]
        case "loss_term":
            yield "loss_term", "loss_term", value
        case "dL_dx":
            yield "dL_dx", "x.grad", value
        case "dL_da" | "dL_dz" | "dL_dW" | "dL_db":
            if not fused_error(trace, step):
                yield f"{quantity}{layer}", f"{quantity[-1]}{layer}.grad", value
        case "z" | "a" | "W_new" | "b_new":
            yield f"{quantity}{layer}", f"{quantity}{layer}", value
