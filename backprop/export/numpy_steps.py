"""The steps of an iteration as lines of NumPy, each activation, loss and slope printed from the engine's formula of it.

Where a formula of the tables would lose digits or leave float64 far out, its steady form is printed, as the engine has it.
"""

from __future__ import annotations

import re

import numpy as np
import sympy as sp

from backprop.engine.activations import TypedActivation, a, softmax_slope, z
from backprop.engine.losses import TypedLoss
from backprop.engine.steps import Step, Trace
from backprop.export.agreement import far
from backprop.export.source import array, printed, quoted, steady, switched
from backprop.language import _

FAR = 5.0
"""From this |z| of an output on, a cross-entropy is taken from z: at 5, 1 − a has lost two digits of its sixteen."""


def given(trace: Trace) -> str:
    """The first cell: imports, what NumPy lacks, inputs, targets, learning rate and parameters."""
    network = trace.network
    body = [f"x = {_array(trace['x', 0], 4)}", f"t = {_array(trace['t', network.depth], 4)}"]
    body.append(f"learning_rate = {array(trace['learning_rate', None].value)}\n")
    for l in range(1, network.depth + 1):
        body.append(f"W{l} = {_array(trace['W', l], 5)}")
        if ("b", l) in trace:
            body.append(f"b{l} = {_array(trace['b', l], 5)}")
    rest = "\n".join(cell for step in trace for cell in (code(trace, step), array(step.value)))
    helpers = []
    if re.search(r"(?<![.\w])erf\(", rest):
        helpers.append("erf = np.vectorize(math.erf)  # " + _("NumPy has none"))
    if "times(" in rest:
        says = quoted(_("factor · value, where a factor of 0 switches the value off, even an infinite one."), "    ")
        helpers.append(
            f'\ndef times(factor, value):\n    """{says}"""\n    return np.where(factor == 0, 0, factor * value)\n'
        )
    if _strained(trace):
        helpers.append(
            'np.seterr(all="ignore")  # '
            + _("far out, e^z leaves the numbers a computer keeps; that is all right here")
        )
    numbers = re.search(r"\b(inf|nan)\b", "\n".join([*body, rest]))
    head = ["import math\n"] if "math." in rest + "".join(helpers) else []
    head += ["import numpy as np", *(["from numpy import inf, nan"] if numbers else []), ""]
    return "\n".join([*head, *helpers, *([""] if helpers else []), *body])


def _strained(trace: Trace) -> bool:
    """May a formula on its way leave float64, so that NumPy would warn?"""
    network = trace.network
    typed = any(isinstance(row, (TypedActivation, TypedLoss)) for row in (*network.activations, network.loss))
    sizes = [np.abs(step.value).max(initial=0.0) for step in (*trace.given, *trace)]
    return typed or not all(size < 300 for size in sizes)


def _array(step: Step, indent: int) -> str:
    return f"np.array({array(step.value, ' ' * (indent + 9))})"


def code(trace: Trace, step: Step) -> str:
    """The lines that compute a step; the last one shows it."""
    l, m, network = step.layer or 0, trace.samples, trace.network
    mean = f" / {m}" if m > 1 else ""
    sent = f"a{l - 1}" if l > 1 else "x"
    shown = f"{step.quantity}{l}" if step.quantity not in ("loss_term", "loss", "dL_dx") else step.quantity
    match step.quantity:
        case "z":
            lines = [f"z{l} = {sent} @ W{l}.T" + (f" + b{l}" if ("b", l) in trace else "")]
        case "a":
            lines = _activation(trace, l)
        case "loss_term" | "dL_da" if l == network.depth:
            lines = _loss(trace, step.quantity, mean)
        case "loss":
            lines, shown = ["losses = loss_term.sum(axis=1)", "loss = losses.mean()"], "losses, loss"
        case "da_dz":
            lines = _slope(trace, l)
        case "dL_dz" if l == network.depth and far(trace, FAR):
            error = printed(network.loss.fused, "np", {"a": f"a{l}", "t": "t"})
            lines = [f"dL_dz{l} = ({error}){mean}" if mean else f"dL_dz{l} = {error}"]
        case "dL_dz" if network.activations[l - 1].vector:
            lines = [f"dL_dz{l} = (dL_da{l}[:, :, None] * da_dz{l}).sum(axis=1)"]
        case "dL_dz":
            lines = [f"dL_dz{l} = dL_da{l} * da_dz{l}"]
        case "dL_dW":
            lines = [f"dL_dW{l} = dL_dz{l}.T @ {sent}"]
        case "dL_db" if len(step.value) < network.sizes[l]:
            lines = [f"dL_db{l} = np.array([dL_dz{l}.sum()])"]
        case "dL_db":
            lines = [f"dL_db{l} = dL_dz{l}.sum(axis=0)"]
        case "dL_da" | "dL_dx":
            lines = [f"{shown} = dL_dz{l + 1} @ W{l + 1}"]
        case _:
            old = step.quantity[0]
            lines = [f"{shown} = {old}{l} - learning_rate * dL_d{old}{l}"]
    return "\n".join([*lines, shown])


def _elementwise(trace: Trace, layer: int, expr: sp.Expr) -> str:
    """A formula in z and a of a layer, as long as z also where it is a constant."""
    row = trace.network.activations[layer - 1]
    if not isinstance(row, TypedActivation):
        expr = steady(expr)
    text = printed(expr, "np", {"z": f"z{layer}", "a": f"a{layer}"}, row.constants)
    return text if expr.has(z, a) else f"np.full_like(z{layer}, {text})"


def _activation(trace: Trace, l: int) -> list[str]:
    row = trace.network.activations[l - 1]
    if not row.vector:
        return [f"a{l} = {_elementwise(trace, l, row.formula)}"]
    return [
        "# " + _("all z of a sample may be moved by the same amount: that keeps e^z in range and changes no share"),
        f"shifted = z{l} - z{l}.max(axis=1, keepdims=True)",
        f"e = {printed(row.formula, 'np', {'z': 'shifted'})}",
        f"a{l} = e / e.sum(axis=1, keepdims=True)",
    ]


def _slope(trace: Trace, l: int) -> list[str]:
    row = trace.network.activations[l - 1]
    if not row.vector:
        return [f"da_dz{l} = {_elementwise(trace, l, row.slope)}"]
    other = sp.Symbol("other", real=True)
    names = {"a": "a_i", "other": "a_j"}
    same, across = (printed(softmax_slope(a, each), "np", names) for each in (a, other))
    return [
        f"a_i, a_j = a{l}[:, :, None], a{l}[:, None, :]  # " + _("down and across the table of each sample"),
        f"da_dz{l} = np.where(np.eye({trace.network.sizes[l]}) == 1, {same}, {across})",
    ]


def _loss(trace: Trace, quantity: str, mean: str) -> list[str]:
    """The loss's terms or their slope at the outputs; from z where an output lies far out."""
    row, l = trace.network.loss, trace.network.depth
    names, count = {"a": f"a{l}", "z": f"z{l}", "t": "t", "s": "surprise"}, {"n": trace.network.sizes[-1]}
    name = "loss_term" if quantity == "loss_term" else f"dL_da{l}"
    expr, above, letter = (row.term if quantity == "loss_term" else row.slope), [], a
    if far(trace, FAR):
        from_z = row.term_z if quantity == "loss_term" else row.slope_z
        if from_z is not None:
            expr, letter = steady(from_z), z
        else:
            letter = sp.Symbol("s", real=True)
            expr = expr.xreplace({a: sp.exp(-letter)})
            if quantity == "loss_term":
                above = [
                    "# " + _("−ln a, from z, so that an a of nearly 0 costs no digits"),
                    "surprise = np.log(e.sum(axis=1, keepdims=True)) - shifted",
                ]
        if quantity != "loss_term":
            expr = switched(expr, letter)
    text = printed(expr, "np", names, count)
    if not expr.free_symbols:
        text = f"np.full_like(a{l}, {text})"
    return [*above, f"{name} = ({text}){mean}" if mean and quantity != "loss_term" else f"{name} = {text}"]
