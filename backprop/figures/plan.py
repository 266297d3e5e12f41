"""Where everything stands in the drawing of a network: computed from the sizes, nothing placed by hand.

What belongs to a unit stays in the unit's own band; edges live only between bands. The level of detail is the richest
that fits: A, a unit is its whole equation (z | curve | a, gradients beneath); B, two numbers and δ; C, circles that open
where the step looks. Wide runs from left to right, for a projector; Upright from top to bottom, for a phone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from backprop.figures.marks import Point, between

HEAD = 20


@dataclass(frozen=True)
class Level:
    """Measures of a level of detail: widths of input, unit and loss, height of a unit and what stands above and beneath it,
    the least gap between layers and the gap before the loss."""

    name: str
    input: float
    unit: float
    height: float
    above: float
    below: float
    loss: float
    loss_gap: float
    gap: float


LEVELS = (
    Level("A", 70, 192, 54, 24, 40, 92, 112, 120),
    Level("B", 70, 132, 34, 4, 24, 92, 100, 88),
    Level("C", 68, 68, 30, 1, 1, 92, 92, 40),
)


class Wide:
    """Left to right. x and y of every unit; edges leave at a unit's right side and arrive at its left."""

    upright = False

    def __init__(self, sizes: tuple[int, ...], width: float, height: float) -> None:
        self.sizes, self.width, self.height = sizes, width, height
        self.depth = len(sizes) - 1
        tallest = max(sizes[1:])
        for level in LEVELS:
            block = level.height + level.above + level.below
            gaps = width - level.input - self.depth * level.unit - level.loss - level.loss_gap
            fits = block * tallest <= height - HEAD + 8 and (level.height + 10) * sizes[0] <= height - HEAD
            if level.name == "C" or (fits and gaps / self.depth >= level.gap):
                break
        self.level = level
        self.pitch = min(
            (height - HEAD) / (tallest if level.name != "C" else max(sizes)), block * 1.3 if level.name != "C" else 58
        )
        self.input_pitch = min(self.pitch, (height - HEAD) / sizes[0])
        self.gap = max(14.0, gaps / self.depth)
        self.middle = HEAD + (height - HEAD) / 2
        self.radius = max(11.0, min(22.0, self.pitch * 0.42))
        self.loss_x = width - level.loss

    def band(self, layer: int) -> tuple[float, float]:
        """Left edge and width of a layer's column."""
        if layer == 0:
            return 0.0, self.level.input
        return self.level.input + self.gap + (layer - 1) * (self.level.unit + self.gap), self.level.unit

    def at(self, layer: int, unit: int) -> Point:
        """The centre of a unit (units from 1)."""
        left, wide = self.band(layer)
        raised = (self.level.above - self.level.below) / 2
        pitch = self.pitch if layer else self.input_pitch
        return left + wide / 2, self.middle + (unit - 1 - (self.sizes[layer] - 1) / 2) * pitch + raised

    def reach(self, layer: int, open_: bool = True) -> float:
        """How far a unit's outline is from its centre along the signal's way."""
        if self.level.name == "C" and not open_:
            return self.radius
        return self.band(layer)[1] / 2

    def leaves(self, layer: int, unit: int, open_: bool = True) -> Point:
        x, y = self.at(layer, unit)
        return x + self.reach(layer, open_), y

    def arrives(self, layer: int, unit: int, open_: bool = True) -> Point:
        x, y = self.at(layer, unit)
        return x - self.reach(layer, open_), y

    def loss_centre(self) -> Point:
        return self.loss_x + self.level.loss / 2, self.middle - 14

    def loss_entry(self, unit: int) -> Point:
        count = self.sizes[-1]
        y = self.loss_centre()[1]
        return self.loss_x, y + (unit - 1 - (count - 1) / 2) * min(36.0, 56 / max(1, count - 1))

    def heading(self, layer: int) -> Point:
        left, wide = self.band(layer)
        return left + wide / 2, 13

    @lru_cache(maxsize=64)  # noqa: B019 - plans are few and kept by `plan`
    def pill_place(self, layer: int, width: float, height: float) -> float | None:
        """One fraction along the edges of a gap for all weights, nearest 0.7 towards the receiver, at which no pill touches
        another or a foreign edge; None where there is none."""
        edges = [(i, j) for i in range(1, self.sizes[layer] + 1) for j in range(1, self.sizes[layer - 1] + 1)]
        if len(edges) > 20:
            return None
        ends = {e: (self.leaves(layer - 1, e[1]), self.arrives(layer, e[0])) for e in edges}
        for u in sorted((0.24 + 0.02 * k for k in range(27)), key=lambda u: abs(u - 0.70)):
            spots = {e: between(*ends[e], u) for e in edges}
            apart = all(
                abs(spots[a][0] - spots[b][0]) >= width + 3 or abs(spots[a][1] - spots[b][1]) >= height + 3
                for n, a in enumerate(edges)
                for b in edges[n + 1 :]
            )
            if apart and all(
                e == f or not _crosses(ends[f], spots[e], width + 4, height + 4) for e in edges for f in edges
            ):
                return u
        return None


class Upright(Wide):
    """Top to bottom. Level A holds two units a layer; wider layers are circles in rows."""

    upright = True

    def __init__(self, sizes: tuple[int, ...], width: float) -> None:
        self.sizes, self.width = sizes, width
        self.depth = len(sizes) - 1
        full = max(sizes) <= 2
        self.level = Level("A", 70, 172, 54, 0, 42, 100, 36, 104) if full else Level("C", 68, 68, 30, 0, 0, 100, 40, 78)
        self.pitch = 186.0 if full else min(72.0, (width - 20) / max(sizes))
        self.radius = max(14.0, min(20.0, self.pitch * 0.46))
        self.gap = self.level.gap
        tall = self.level.height if full else 2 * self.radius
        self.rows = [28.0]
        bottom = 28.0 + (27 if full else self.radius)
        for _layer in range(self.depth):
            self.rows.append(bottom + self.gap + tall / 2)
            bottom = self.rows[-1] + tall / 2 + self.level.below
        self.middle = bottom + self.level.loss_gap + 34
        self.height = self.middle + 66
        self.loss_x = (width - self.level.loss) / 2

    def band(self, layer: int) -> tuple[float, float]:
        return 0.0, self.level.unit if layer else self.level.input

    def at(self, layer: int, unit: int) -> Point:
        return self.width / 2 + (unit - 1 - (self.sizes[layer] - 1) / 2) * self.pitch, self.rows[layer]

    def leaves(self, layer: int, unit: int, open_: bool = True) -> Point:
        x, y = self.at(layer, unit)
        if self.level.name == "A":
            return x, y + 27 + (self.level.below + 2 if layer else 0)
        return x, y + (15 if open_ else self.radius)

    def arrives(self, layer: int, unit: int, open_: bool = True) -> Point:
        x, y = self.at(layer, unit)
        return x, y - (27 if self.level.name == "A" else 15 if open_ else self.radius)

    def loss_centre(self) -> Point:
        return self.width / 2, self.middle

    def loss_entry(self, unit: int) -> Point:
        return self.width / 2 + (unit - 1 - (self.sizes[-1] - 1) / 2) * min(40.0, 80 / self.sizes[-1]), self.middle - 34


def _crosses(edge: tuple[Point, Point], centre: Point, width: float, height: float) -> bool:
    """Does an edge run through a box?"""
    for k in range(61):
        x, y = between(*edge, k / 60)
        if abs(x - centre[0]) < width / 2 and abs(y - centre[1]) < height / 2:
            return True
    return False


@lru_cache(maxsize=128)
def plan(sizes: tuple[int, ...], width: float, height: float | None) -> Wide:
    """The plan for a network: Wide in a box, or Upright in a width when no height is given."""
    return Wide(sizes, width, height) if height is not None else Upright(sizes, width)
