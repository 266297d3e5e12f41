"""As much of the computational graph as a drawing has room for, around one number; and the walk through it, there and back.

Levels of detail, the first that fits: the whole network; what the followed number touches on its way to the loss; one of its
ways alone. What else goes into an operation of such a way is drawn as one vertex where it is several.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from backprop.engine.steps import Cell, Trace
from backprop.explain.factors import fused
from backprop.explain.graph import ONE, Edge, Graph, Vertex, feeds_of, graph
from backprop.explain.paths import FOLLOWED

LEVELS = ("whole", "touched", "way")
COLUMNS, ROWS = 10, 6
"""How many vertices a wide drawing has room for: side by side in a line, and one above the other in all its lines together."""


@dataclass(frozen=True, eq=False)
class Excerpt:
    """What is drawn.

    graph     all of it: gradients are those of the whole graph, however little is drawn
    level     one of LEVELS
    followed  key of the number that is followed
    vertices  what is drawn, by key, in the order of the trace; what lies before it is cut off
    route     keys of what lies on the followed number's ways to the loss, itself and the loss included
    pinned    keys of the way that is picked
    columns   keys by their distance from the loss, the farthest first, each column from top to bottom; edges run from one to the next
    """

    graph: Graph
    level: str
    followed: str
    vertices: dict[str, Vertex]
    route: frozenset[str]
    pinned: frozenset[str]
    columns: tuple[tuple[str, ...], ...]

    @cached_property
    def lines(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """The columns in as few lines as have room for them; a line ends only where a single edge runs on."""
        return _lines(self)

    @cached_property
    def fits(self) -> bool:
        return max(map(len, self.lines)) <= COLUMNS and sum(map(_tallest, self.lines)) <= ROWS

    # --- the walk

    @cached_property
    def operations(self) -> tuple[str, ...]:
        """The operations drawn, in the order in which they are computed."""
        return tuple(key for key, vertex in self.vertices.items() if vertex.inputs)

    @cached_property
    def place(self) -> dict[str, int]:
        """The forward position of each operation."""
        return {key: op for op, key in enumerate(self.operations, 1)}

    @property
    def positions(self) -> int:
        """How far the walk goes: forward through every operation, then back."""
        return 2 * len(self.operations)

    def now(self, op: int) -> str | None:
        """The operation that is computed or passes back at a position; None at 0, where everything is shown."""
        count = len(self.operations)
        return None if not 0 < op <= 2 * count else self.operations[op - 1 if op <= count else 2 * count - op]

    def back(self, op: int) -> bool:
        return op > len(self.operations)

    def computed(self, key: str, op: int) -> bool:
        """Is a number known at a position? What goes in from outside always is."""
        return not op or self.place.get(key, 0) <= op

    def returned(self, key: str, op: int) -> bool:
        """Is a gradient known at a position: have all operations that are drawn passed back to it?"""
        count = len(self.operations)
        return not op or (op > count and all(self.place[child] > 2 * count - op for child in self.feeds[key]))

    def completed(self, source: str, op: int) -> bool:
        """Is it at this very position that a gradient is known first?"""
        return self.returned(source, op) and not self.returned(source, op - 1)

    @cached_property
    def feeds(self) -> dict[str, tuple[str, ...]]:
        """Into which of the operations drawn each vertex goes."""
        return feeds_of(self.vertices)

    @cached_property
    def ways(self) -> int:
        """How many ways lead from the followed number to the loss."""
        counts = {self.graph.end: 1}
        for key in reversed(self.graph.vertices):
            if key != self.graph.end:
                counts[key] = sum(counts[child] for child in self.graph.feeds[key])
        return counts[self.followed]


@lru_cache(maxsize=64)
def excerpt(
    trace: Trace, cell: Cell, sample: int = 1, path_units: tuple[int, ...] = (), narrow: bool = False
) -> Excerpt:
    """The excerpt for a followed number.

    cell        of W, b, x, z or a; a tied bias with or without its unit
    sample      the picked one, from 1; that of an x, z or a counts more
    path_units  the units of the pinned way, from the followed number's layer to the last; where they are missing or make no
                sense, the first
    narrow      a phone's width: never more than one way

    Raises KeyError for a number that is not there.
    """
    sample = min(max(1, cell.sample or sample), trace.samples)
    if cell.quantity in ("x", "z", "a"):
        cell = cell._replace(sample=sample)
    if cell.quantity == "b" and trace.network.shared_bias:
        cell = cell._replace(unit=None)
    opened = cell.quantity == "a" and cell.layer == trace.network.depth and fused(trace, sample)
    whole = graph(trace, sample, opened)
    if cell.quantity not in FOLLOWED or cell.address not in whole.vertices:
        raise KeyError(cell)
    pinned = frozenset(_way(whole, cell, path_units, trace.network.depth))
    if narrow:
        return _cut(whole, "way", cell.address, pinned, pinned)
    touched = frozenset(_reached(whole, cell.address))
    for level, route in zip(LEVELS, (touched, touched, pinned), strict=True):
        found = _cut(whole, level, cell.address, route, pinned)
        if found.fits and not (opened and level == "whole"):
            break
    return found


def positions(trace: Trace, cell: Cell, sample: int = 1, path_units: tuple[int, ...] = (), narrow: bool = False) -> int:
    """The last position of the walk through the operations: 1 … N forward, N + 1 … 2N back."""
    return excerpt(trace, cell, sample, path_units, narrow).positions


def _reached(whole: Graph, key: str) -> Iterator[str]:
    """Everything that a vertex moves, itself first."""
    reached = {key}
    for each, children in whole.feeds.items():  # in the order of the trace: what feeds comes before what is fed
        if each in reached:
            reached.update(children)
            yield each


def _way(whole: Graph, cell: Cell, units: tuple[int, ...], depth: int) -> Iterator[str]:
    """The keys of one way to the loss: through the units that are wanted, from the last layer backwards."""
    wanted = {depth - place: unit for place, unit in enumerate(reversed(units))}
    key = cell.address
    while True:
        yield key
        children = whole.feeds[key]
        if not children:
            return
        key = next((child for child in children if _leads_to(whole, child, wanted)), children[0])


def _leads_to(whole: Graph, key: str, wanted: dict[int, int]) -> bool:
    """Does an operation belong to the unit wanted in its layer? A term of a sum belongs to the unit that adds it up."""
    cell = whole.vertices[key].cell or whole.vertices[whole.feeds[key][0]].cell
    return cell is not None and wanted.get(cell.layer or 0, cell.unit) == cell.unit


def _cut(whole: Graph, level: str, followed: str, route: frozenset[str], pinned: frozenset[str]) -> Excerpt:
    vertices = whole.vertices if level == "whole" else {}
    if level != "whole":
        for key in whole.vertices:
            if key in route:
                kept, beside = _kept(whole, whole.vertices[key], route, key == followed)
                for each in (*beside, kept):
                    vertices.setdefault(each.key, each)
    return Excerpt(whole, level, followed, vertices, route, pinned, _columns(vertices, whole.end))


def _kept(whole: Graph, vertex: Vertex, route: Collection[str], first: bool) -> tuple[Vertex, list[Vertex]]:
    """An operation on the route with the inputs that are drawn, and those of them that come from beside the route."""
    if first:
        return replace(vertex, inputs=()), []
    on = [edge for edge in vertex.inputs if edge.source in route]
    off = [edge for edge in vertex.inputs if edge.source not in route]
    beside = [replace(whole.vertices[edge.source], inputs=()) for edge in off]
    if len(off) > 1:
        keys = tuple(edge.source for edge in off)
        added = vertex.operation == "+"
        value = sum(each.value or 0.0 for each in beside) if added else None
        beside = [Vertex("+".join(keys), "…", None, value, vertex.gradient if added else None, folded=keys)]
        off = [Edge(beside[0].key, 1.0, ONE) if added else Edge(beside[0].key)]
    return replace(vertex, inputs=(*on, *off)), beside


def _columns(vertices: dict[str, Vertex], end: str) -> tuple[tuple[str, ...], ...]:
    """Vertices by their distance from the loss; in a column by the middle of what they feed, then in the order of the trace."""
    feeds = feeds_of(vertices)
    distance = {end: 0}
    for key in reversed(vertices):
        if feeds[key]:
            distance[key] = 1 + max(distance[child] for child in feeds[key])
    columns: list[list[str]] = [[] for _ in range(max(distance.values()) + 1)]
    for key in vertices:
        if key in distance:
            columns[distance[key]].append(key)
    for column, after in zip(columns[1:], columns, strict=False):
        row = {key: place for place, key in enumerate(after)}
        inputs = [edge.source for key in after for edge in vertices[key].inputs]
        column.sort(key=lambda key: (sum(row[child] for child in feeds[key]) / len(feeds[key]), inputs.index(key)))
    return tuple(tuple(column) for column in reversed(columns))


def _tallest(line: tuple[tuple[str, ...], ...]) -> int:
    return max(map(len, line))


def _lines(drawn: Excerpt) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """As few lines as have room for the columns, as even as they can be."""
    columns = drawn.columns
    if len(columns) <= COLUMNS:
        return (columns,)
    single = [
        place for place in range(1, len(columns)) if sum(len(drawn.feeds[key]) for key in columns[place - 1]) == 1
    ]
    ways = (_broken(len(columns), single, room) for room in range(1, COLUMNS + 1))
    best = min(ways, key=lambda way: (len(way), max(stop - start for start, stop in way)))
    return tuple(columns[start:stop] for start, stop in best)


def _broken(count: int, single: list[int], room: int) -> list[tuple[int, int]]:
    """(first, behind) of each line: as long as there is room, or to the next place to break where there is none sooner."""
    lines, start = [], 0
    while count - start > room:
        ahead = [place for place in single if place > start]
        if not ahead:
            break
        stop = max((place for place in ahead if place <= start + room), default=ahead[0])
        lines.append((start, stop))
        start = stop
    return [*lines, (start, count)]
