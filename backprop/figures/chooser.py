"""A small network on which two parameters are chosen: a line for each weight, a stub for each bias."""

from __future__ import annotations

import html
import json

from backprop.engine.network import Network
from backprop.engine.steps import Cell
from backprop.figures.marks import Point, line

Colours = dict[Cell, str]


def chooser_svg(
    network: Network,
    chosen: Colours,
    wishes: dict[Cell, dict[str, str]],
    titles: dict[Cell, str],
    title: str,
    width: float = 150,
    height: float = 92,
) -> str:
    """The network, in px. chosen: the hue of each chosen parameter · wishes: what a click on a parameter sets · titles: its name"""
    places = _places(network.sizes, width, height)
    thin, thick, hit = [], [], []
    for cell, wish in wishes.items():
        ends = _ends(cell, places)
        if cell in chosen:
            thick.append(line(*ends, f"var(--{chosen[cell]})", 3.4))
        else:
            thin.append(line(*ends, "var(--edge)", 1.1))
        told = html.escape(titles[cell])
        hit.append(
            f'<g class="pick" data-set=\'{html.escape(json.dumps(wish), quote=True)}\' role="button" aria-label="{told}"><title>{told}</title>{line(*ends, "transparent", 7)}</g>'
        )
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" style="fill:var(--bg);stroke:var(--ink2);stroke-width:1.4"/>'
        for column in places
        for x, y in column
    )
    return f'<svg class="chooser" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="group" aria-label="{html.escape(title)}">{"".join((*thin, *thick))}{dots}{"".join(hit)}</svg>'


def _places(sizes: tuple[int, ...], width: float, height: float) -> list[list[Point]]:
    between = (width - 24) / (len(sizes) - 1)
    return [
        [(12 + between * column, height * (row + 0.5 + (max(sizes) - size) / 2) / max(sizes)) for row in range(size)]
        for column, size in enumerate(sizes)
    ]


def _ends(cell: Cell, places: list[list[Point]]) -> tuple[Point, Point]:
    """A weight runs from unit to unit; a bias comes from above."""
    layer = cell.layer or 1
    x, y = places[layer][(cell.unit or 1) - 1]
    if cell.quantity == "W":
        return places[layer - 1][(cell.from_unit or 1) - 1], (x, y)
    return (x - 7, max(2.0, y - 16)), (x, y)
