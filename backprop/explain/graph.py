"""The computational graph of one sample: every operation a vertex with its value and its gradient, as micrograd draws it.

The operations are read from the rules of the forward quantities (derivation.RULES): a product is a ×, a sum is the + that
makes the number, a formula is the function. The gradients are made here a second time and in another way than the engine's:
each operation passes its gradient back along its edges, times the edge's local slope, and what comes back is added up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from backprop.engine.steps import Cell, Trace
from backprop.explain.derivation import RULES
from backprop.explain.factors import delta_of, error_of, fused, jacobian_of, slope_of
from backprop.explain.terms import Const, Local, Node, Product, Ref, Sum, true_value

ONE = Const(1.0, "1", "1")
OTHERS = "others"
"""The key of the vertex that stands for all samples but the picked one."""


@dataclass(frozen=True)
class Edge:
    """One input of an operation.

    source  key of the vertex that goes in
    slope   how much the operation's result moves with it; None for a target, to which nothing is passed back
    factor  what that slope is: the other factor, 1, ∂a/∂z, ∂ℓ/∂a, a − t, 1/m
    """

    source: str
    slope: float | None = None
    factor: Ref | Local | Const | None = None


@dataclass(frozen=True)
class Vertex:
    """A number of the graph and the operation that makes it.

    operation  "" for a number that is given; "×", "+", "activation", "loss" (an output's part of it), "fused" (the last activation
               and the loss in one), "mean" (over the samples), "…" (several that are drawn as one)
    cell       the number's address; None for a product that is only a term of a sum
    value      None where several are drawn as one that are not added up
    gradient   ∂L/∂ this number, L the mean loss; of a parameter the picked sample's part; None for a target
    folded     keys of those that are drawn as one
    """

    key: str
    operation: str
    cell: Cell | None
    value: float | None
    gradient: float | None = None
    inputs: tuple[Edge, ...] = ()
    rule: Node | None = None
    folded: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Graph:
    """vertices by key, in the order in which the trace computes them; feeds: into which vertices each goes, in the same order."""

    vertices: dict[str, Vertex]
    feeds: dict[str, tuple[str, ...]]

    @property
    def end(self) -> str:
        """The key of the loss."""
        return next(reversed(self.vertices))

    def passed(self, key: str, source: str) -> float:
        """What an operation passes back to one of its inputs: its gradient times the local slope."""
        vertex = self.vertices[key]
        slope = next(edge.slope for edge in vertex.inputs if edge.source == source)
        return (vertex.gradient or 0.0) * (slope or 0.0)


@lru_cache(maxsize=32)
def graph(trace: Trace, sample: int, opened: bool = False) -> Graph:
    """The graph of a sample (from 1), up to the mean loss.

    opened: from the outputs on only, and with the activation and the loss apart even where the chain rule joins them (see
    factors.fused): for looking at an output's activation, which is no number of the graph otherwise.
    """
    made = {vertex.key: vertex for vertex in _Builder(trace, sample, opened).vertices()}
    return Graph(_with_gradients(made), feeds_of(made))


def _with_gradients(made: dict[str, Vertex]) -> dict[str, Vertex]:
    """Reverse accumulation: from the loss back, every vertex after all that it feeds."""
    gradients = {next(reversed(made)): 1.0}
    for vertex in reversed(made.values()):
        for edge in vertex.inputs:
            if edge.slope is not None:
                gradients[edge.source] = gradients.get(edge.source, 0.0) + gradients[vertex.key] * edge.slope
    return {key: replace(vertex, gradient=gradients.get(key)) for key, vertex in made.items()}


def feeds_of(vertices: dict[str, Vertex]) -> dict[str, tuple[str, ...]]:
    """Into which of the operations each of the vertices goes, in their order."""
    feeds: dict[str, list[str]] = {key: [] for key in vertices}
    for vertex in vertices.values():
        for edge in vertex.inputs:
            feeds[edge.source].append(vertex.key)
    return {key: tuple(each) for key, each in feeds.items()}


class _Builder:
    """Makes the vertices one after the other; a number that is given comes right before the first operation that reads it."""

    def __init__(self, trace: Trace, sample: int, opened: bool) -> None:
        self.trace, self.sample, self.opened = trace, sample, opened
        self.depth, self.outputs = trace.network.depth, trace.network.sizes[-1]
        self.joined = fused(trace, sample) and not opened
        self.known: set[str] = set()

    def vertices(self) -> Iterator[Vertex]:
        for vertex in self._all():
            if vertex.key not in self.known:
                self.known.add(vertex.key)
                yield vertex

    def _all(self) -> Iterator[Vertex]:
        sizes, several = self.trace.network.sizes, self.trace.samples > 1
        for layer in range(1, self.depth + 1) if not self.opened else ():
            for unit in range(1, sizes[layer] + 1):
                yield from self._made(Cell("z", layer, self.sample, unit))
            for unit in range(1, sizes[layer] + 1) if layer < self.depth or not self.joined else ():
                yield from self._made(Cell("a", layer, self.sample, unit))
        own = Cell("loss", self.depth, self.sample if several else None)
        if self.joined and self.trace.network.activations[-1].vector:
            yield from self._joined(own, range(1, self.outputs + 1))
        else:
            if self.outputs > 1:
                for unit in range(1, self.outputs + 1):
                    yield from self._made(Cell("loss_term", self.depth, self.sample, unit))
            yield from self._made(own)
        if several:
            yield from self._mean(own)

    def _made(self, cell: Cell, named: Cell | None = None) -> Iterator[Vertex]:
        """The vertices of a computed number. named: whose number it is as well, being the only one that is added up."""
        rule, name = RULES[cell.quantity](self.trace, cell), named or cell
        while isinstance(rule, Sum) and len(rule.terms) == 1:
            rule = rule.terms[0]
        match rule:
            case Ref():
                yield from self._made(rule.cell, name)
            case Local() if cell.quantity == "a":
                yield self._activation(cell, rule)
            case Local() if self.joined:
                yield from self._joined(name, (cell.unit or 1,))
            case Local():
                yield from self._loss_term(name, cell.unit or 1, rule)
            case Product():
                yield from self._product(name.address, name, rule)
            case Sum():
                edges = []
                for place, term in enumerate(rule.terms):
                    key = term.cell.address if isinstance(term, Ref) else f"{name.address}*{place}"
                    if isinstance(term, Product):
                        yield from self._product(key, None, term)
                    elif isinstance(term, Ref):
                        yield self._given(term.cell)
                    edges.append(Edge(key, 1.0, ONE))
                yield Vertex(name.address, "+", name, self.trace.at(name), None, tuple(edges), rule)

    def _given(self, cell: Cell) -> Vertex:
        return Vertex(cell.address, "", cell, self.trace.at(cell))

    def _product(self, key: str, cell: Cell | None, rule: Product) -> Iterator[Vertex]:
        left, right = rule.factors
        assert isinstance(left, Ref) and isinstance(right, Ref)
        yield self._given(left.cell)
        yield self._given(right.cell)
        inputs = tuple(
            Edge(one.cell.address, self.trace.at(other.cell), other) for one, other in ((left, right), (right, left))
        )
        yield Vertex(key, "×", cell, true_value(rule, self.trace), None, inputs, rule)

    def _activation(self, cell: Cell, rule: Local) -> Vertex:
        assert cell.layer and cell.sample and cell.unit
        edges = []
        for place, (_name, z) in enumerate(rule.bound, 1):
            if len(rule.bound) == 1 and not self.trace.network.activations[cell.layer - 1].vector:
                slope = slope_of(self.trace, cell.layer, cell.sample, cell.unit)
            else:
                slope = jacobian_of(self.trace, cell.layer, cell.sample, cell.unit, place)
            edges.append(Edge(z.address, slope.value, slope))
        return Vertex(cell.address, "activation", cell, self.trace.at(cell), None, tuple(edges), rule)

    def _loss_term(self, name: Cell, unit: int, rule: Local) -> Iterator[Vertex]:
        a, t = Cell("a", self.depth, self.sample, unit), Cell("t", self.depth, self.sample, unit)
        yield self._given(a)
        yield self._given(t)
        slope = self._alone(error_of(self.trace, self.sample, unit))
        inputs = (Edge(a.address, slope.value, slope), Edge(t.address))
        yield Vertex(name.address, "loss", name, self.trace.at(name), None, inputs, rule)

    def _joined(self, name: Cell, units: range | tuple[int, ...]) -> Iterator[Vertex]:
        edges = []
        for unit in units:
            slope = self._alone(delta_of(self.trace, self.sample, unit))
            edges.append(Edge(Cell("z", self.depth, self.sample, unit).address, slope.value, slope))
        for unit in units:
            target = self._given(Cell("t", self.depth, self.sample, unit))
            yield target
            edges.append(Edge(target.key))
        yield Vertex(name.address, "fused", name, self.trace.at(name), None, tuple(edges))

    def _alone(self, slope: Local) -> Local:
        """The slope of the sample's own loss: without the 1/m of the mean, which is an operation of its own here."""
        return replace(slope, over=1, value=slope.value * self.trace.samples)

    def _mean(self, own: Cell) -> Iterator[Vertex]:
        m, losses = self.trace.samples, self.trace["loss", self.depth].value[:-1]
        rest = sum(float(loss) for place, loss in enumerate(losses, 1) if place != self.sample)
        yield Vertex(OTHERS, "…", None, rest, folded=(OTHERS,))
        share = Const(1 / m, rf"\tfrac{{1}}{{{m}}}", f"1/{m}")
        edges = tuple(Edge(key, 1 / m, share) for key in (own.address, OTHERS))
        mean = own._replace(sample=None)
        yield Vertex(mean.address, "mean", mean, self.trace.at(mean), None, edges)
