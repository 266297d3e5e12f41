"""The words of the walk through the computational graph: what an operation computes, and what it passes back, with its numbers.

Every calculation is written with as many digits as a pupil's calculator needs for the number that is shown.
"""

from __future__ import annotations

from collections.abc import Iterator

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols
from backprop.explain.calculations import Calculation, Shown, added, calculated, multiplied, number, put_in
from backprop.explain.conventions import DEFAULT, Convention
from backprop.explain.derivation import explain
from backprop.explain.excerpt import Excerpt, excerpt
from backprop.explain.graph import OTHERS, Edge, Vertex
from backprop.explain.terms import Local, Product, Ref, active, true_value
from backprop.explain.words import activation_title, loss_title
from backprop.language import _, plural

TOLD = 3
"""To so many inputs is told one by one what they get."""


def operation_sentence(
    trace: Trace,
    cell: Cell,
    sample: int,
    op: int,
    digits: int = numerals.DIGITS,
    convention: Convention = DEFAULT,
    path_units: tuple[int, ...] = (),
    narrow: bool = False,
) -> str:
    """What is said at a position of the walk (0: everything shown), as marked HTML: see words.to_html. The arguments of `excerpt`.

    Raises KeyError for a number that is not there.
    """
    drawn = excerpt(trace, cell, sample, path_units, narrow)
    return " ".join(_Teller(trace, drawn, digits, convention.of(trace), narrow).at(op))


# --- sentences


class _Teller:
    def __init__(self, trace: Trace, drawn: Excerpt, digits: int, convention: Convention, narrow: bool) -> None:
        self.narrow = narrow
        self.trace, self.drawn, self.digits, self.convention = trace, drawn, digits, convention
        self.vertices, self.whole = drawn.vertices, drawn.graph

    def at(self, op: int) -> Iterator[str]:
        key = self.drawn.now(op)
        if key is None:
            yield self.level()
            yield from self.all_samples()
        elif not self.drawn.back(op):
            yield from self.computes(self.vertices[key])
        else:
            yield from self.passes_back(self.vertices[key], op)
            if self.drawn.completed(self.drawn.followed, op):
                yield from self.all_samples()

    def name(self, key: str) -> str:
        """The symbol of a number, lit in the pictures when it is pointed at; of a term its factors."""
        vertex = self.vertices.get(key) or self.whole.vertices[key]
        if vertex.cell is None and isinstance(vertex.rule, Product):
            return " · ".join(self.name(edge.source) for edge in self.whole.vertices[key].inputs)
        if vertex.cell is None:
            return _("the other samples") if key == OTHERS else _("the others")
        return f'<span data-light="{vertex.cell.address}">{symbols.html(vertex.cell, self.convention)}</span>'

    def value(self, value: float) -> str:
        return Shown(self.digits)(value)[0]

    def gradient(self, vertex: Vertex) -> float:
        return 0.0 if vertex.gradient is None else vertex.gradient

    def given(self, vertex: Vertex) -> tuple[float, bool]:
        return vertex.value or 0.0, vertex.cell is not None and vertex.cell.quantity in numerals.GIVEN

    # --- everything shown

    def level(self) -> str:
        drawn, symbol, count = self.drawn, self.name(self.drawn.followed), len(self.drawn.operations)
        if drawn.level == "whole":
            message = plural(
                "The whole network as one operation.",
                "The whole network as {count} operations, from the numbers given to the loss.",
                count,
            )
        elif drawn.ways == 1 or drawn.level == "touched":
            message = plural(
                "Drawn is the one operation through which {symbol} reaches the loss, with what else goes into it.",
                "Drawn are the {count} operations through which {symbol} reaches the loss, with what else goes into them.",
                count,
            )
        else:
            message = _(
                "Drawn is one of the {ways} ways of {symbol} to the loss, with what else goes into its operations."
            )
        more = (
            _("Beside each stands its <in>value</in>, and below that its <delta>gradient</delta>.")
            if self.narrow
            else _("Beneath each stands its <in>value</in>, and below that its <delta>gradient</delta>.")
        )
        return f"{message.format(symbol=symbol, count=count, ways=drawn.ways)} {more}"

    def all_samples(self) -> Iterator[str]:
        """Of a parameter in a batch: the picked sample's part, and the sum over the samples."""
        vertex, m = self.vertices[self.drawn.followed], self.trace.samples
        if m == 1 or vertex.cell is None or vertex.cell.quantity not in ("W", "b"):
            return
        at = symbols.gradient_of(vertex.cell)
        assert at is not None
        total, own = self.trace.at(at), self.gradient(vertex)
        parts = (
            [true_value(part, self.trace) for part in explain(self.trace, at).parts] if m <= 4 else [own, total - own]
        )
        places = {
            "symbol": symbols.html(at, self.convention),
            "samples": m,
            "sum": calculated(total, self.digits, added(*((part, False) for part in parts))),
            "part": self.value(own),
        }
        if m <= 4:
            yield _("This sample gives {part}; {symbol} is the sum over all {samples} samples: {sum}.").format(**places)
        else:
            yield _(
                "This sample gives {part}; with what all other samples give, {symbol} is the sum over all {samples}: {sum}."
            ).format(**places)

    # --- forward

    def computes(self, vertex: Vertex) -> Iterator[str]:
        inputs = [self.vertices[edge.source] for edge in vertex.inputs]
        names = [self.name(each.key) for each in inputs]
        places = {"symbol": self.name(vertex.key), "samples": self.trace.samples}
        value = vertex.value or 0.0
        match vertex.operation:
            case "+":
                message = _("{symbol} adds up {sum}.")
                places["sum"] = calculated(value, self.digits, added(*map(self.given, inputs)))
            case "×":
                places |= {"left": names[0], "right": names[1]}
                places["product"] = calculated(
                    value, self.digits, multiplied(*(number(*self.given(e)) for e in inputs))
                )
                message = (
                    _("{left} times {right}: {product}.")
                    if vertex.cell is None
                    else _("{symbol} is {left} times {right}: {product}.")
                )
            case "activation":
                message = self.function(vertex)
                layer = (vertex.cell or Cell("a", 1)).layer or 1
                places |= {"activation": activation_title(self.trace, layer), "z": ", ".join(names[:1])}
                places["value"] = self.from_formula(vertex)
            case "loss":
                message = _("{symbol} is the {loss} of {a} against its target {t}: {value}.")
                places |= {"loss": loss_title(self.trace), "a": names[0], "t": names[1]}
                places["value"] = self.from_formula(vertex)
            case "fused":
                if len(names) == 2:
                    message = _(
                        "{symbol} is made of {z} and its target {t} in one go, {activation} and {loss} together: {value}."
                    )
                else:
                    message = _(
                        "{symbol} is made of the sums and the targets in one go, {activation} and {loss} together: {value}."
                    )
                places |= self.pair() | {"z": names[0], "t": names[1], "value": self.value(value)}
            case _:
                message = _("{symbol} is the mean over all {samples} samples: {mean}.")
                places["mean"] = calculated(value, self.digits, self.mean(inputs))
        yield message.format(**places)
        if vertex.operation == "+" and inputs[-1].folded:
            count = len(inputs[-1].folded)
            yield f"<mute>{_('The last of these stands for {count} terms that are drawn as one.').format(count=count)}</mute>"

    def function(self, vertex: Vertex) -> str:
        row = self.trace.network.activations[((vertex.cell or Cell("a", 1)).layer or 1) - 1]
        if row.name == "linear":
            return _("{symbol} is just {z}: {value}.")
        if row.vector:
            return _("{symbol} is a share of the {activation} over all sums of the layer: {value}.")
        return _("{symbol} is what the {activation} makes of {z}: {value}.")

    def from_formula(self, vertex: Vertex) -> str:
        rule, ways = vertex.rule, []
        if isinstance(rule, Local):
            expr = active(rule.expr, {name: self.trace.at(cell) for name, cell in rule.bound})
            ways = [] if expr.is_Atom else [put_in(rule, self.trace)]  # a ReLU's z, or 0: nothing is calculated
        return calculated(vertex.value or 0.0, self.digits, *ways)

    def pair(self) -> dict[str, str]:
        network = self.trace.network
        return {"activation": activation_title(self.trace, network.depth), "loss": loss_title(self.trace)}

    def mean(self, inputs: list[Vertex]) -> Calculation:
        def write(show: Shown) -> tuple[str, float]:
            text, total = added(*map(self.given, inputs))(show)
            return f"({text})/{self.trace.samples}", total / self.trace.samples

        return write

    # --- back

    def passes_back(self, vertex: Vertex, op: int) -> Iterator[str]:
        if vertex.key == self.whole.end:
            yield _("The way back begins at the loss: its gradient is 1.")
        edges = [edge for edge in vertex.inputs if edge.slope is not None]
        edges.sort(key=lambda edge: (edge.source not in self.drawn.pinned, edge.source not in self.drawn.route))
        if vertex.operation == "+":
            yield _(
                "{symbol} passes its <delta>gradient</delta> on to all that it adds up, times 1: {gradient}."
            ).format(symbol=self.name(vertex.key), gradient=self.value(self.gradient(vertex)))
        elif vertex.operation == "mean":
            yield _("The mean passes a share of 1/{samples} back to the loss of every sample: {gradient}.").format(
                samples=self.trace.samples, gradient=self.value(edges[0].slope or 0.0)
            )
        else:
            for place, edge in enumerate(edges[:TOLD]):
                yield self.passes_to(vertex, edge, first=place == 0)
        for edge in edges:
            yield from self.piled_up(edge.source, vertex.key, op)

    def passes_to(self, vertex: Vertex, edge: Edge, first: bool) -> str:
        layer = (vertex.cell or Cell("a", 1)).layer or 1
        places = {
            "symbol": self.name(vertex.key),
            "name": self.name(edge.source),
            "activation": activation_title(self.trace, layer),
            "loss": loss_title(self.trace),
            "product": self.product(vertex, edge),
        }
        if vertex.operation == "×":
            other = next(each.source for each in vertex.inputs if each.source != edge.source)
            places["other"] = self.name(other)
        if not first:
            message = _("To {name}: {product}.")
        elif vertex.operation == "×":
            message = _(
                "× passes back to {name} the <delta>gradient</delta> of the product times the other factor, {other}: {product}."
            )
        elif vertex.operation == "activation":
            message = _(
                "{symbol} passes back to {name} its <delta>gradient</delta> times the <slope>slope of the {activation}</slope>: {product}."
            )
        elif vertex.operation == "loss":
            message = _(
                "{symbol} passes back to {name} its <delta>gradient</delta> times the <error>slope of the {loss}</error>: {product}."
            )
        else:
            message = _(
                "The {activation} and the {loss} are differentiated in one go, output minus target; passed back to {name}: {product}."
            )
        return message.format(**places)

    def product(self, vertex: Vertex, edge: Edge) -> str:
        """The gradient of an operation times a local slope: with the slope's formula if that is short, else with its value."""
        passed, gradient = self.whole.passed(vertex.key, edge.source), number(self.gradient(vertex))
        slope = number(edge.slope or 0.0)
        ways = [multiplied(gradient, slope)]
        if isinstance(edge.factor, Ref):
            ways = [multiplied(gradient, number(edge.slope or 0.0, edge.factor.cell.quantity in numerals.GIVEN))]
        elif isinstance(edge.factor, Local):
            ways.insert(0, multiplied(gradient, put_in(edge.factor, self.trace)))
        return calculated(passed, self.digits, *ways)

    def piled_up(self, source: str, now: str, op: int) -> Iterator[str]:
        """Of a number that feeds several operations: that this was a part, or all parts added up."""
        feeds = self.whole.feeds.get(source, ())
        if len(feeds) < 2:
            return
        name = self.name(source)
        if not self.drawn.returned(source, op):
            if now == next(child for child in reversed(self.drawn.feeds[source])):
                yield (
                    "<mute>"
                    + _("{name} feeds {count} operations, so this is only a part of what comes back to it.").format(
                        name=name, count=len(feeds)
                    )
                    + "</mute>"
                )
            return
        shown = [child for child in feeds if child in self.drawn.feeds[source]]
        parts = [self.whole.passed(child, source) for child in shown]
        hidden = sum(self.whole.passed(child, source) for child in feeds if child not in shown)
        if len(shown) < len(feeds):
            parts.append(hidden)
            message = plural(
                "{name} adds up what comes back, also from the one operation that is not drawn: {sum}.",
                "{name} adds up what comes back, also from the {hidden} operations that are not drawn: {sum}.",
                len(feeds) - len(shown),
            )
        elif len(feeds) == 2:
            message = _("{name} adds up what comes back from both: {sum}.")
        else:
            message = _("{name} adds up what comes back from all {count}: {sum}.")
        total = calculated(self.gradient(self.vertices[source]), self.digits, added(*((part, False) for part in parts)))
        yield message.format(name=name, sum=total, count=len(feeds), hidden=len(feeds) - len(shown))
