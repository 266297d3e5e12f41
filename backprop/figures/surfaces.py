"""The loss over two weights as a surface in space, as a Plotly figure (a plain dict, which costs the server half of go.Figure)."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop.explain import numerals
from backprop.figures.contours import Map
from backprop.language import _

Array = np.ndarray

_CEILING = 1e300


def surface_figure(shown: Map, across: str, up: str, colours: dict[str, str], height: int = 500) -> dict[str, Any]:
    """The surface with the way lying on it, the present place, and the next step. across, up: names of the two weights, as text ·
    colours: of a theme of the palette
    """
    loss = np.where(np.isfinite(shown.loss) & (np.abs(shown.loss) < _CEILING), shown.loss, np.nan)
    inside = [
        k
        for k, (u, v) in enumerate(shown.way.tolist())
        if shown.u[0] <= u <= shown.u[-1] and shown.v[0] <= v <= shown.v[-1]
    ]
    way = shown.way[inside]
    heights = lifted(shown, loss, way)
    line = {"type": "scatter3d", "hoverinfo": "skip", "showlegend": False}
    data: list[dict[str, Any]] = [
        {
            "type": "surface",
            "x": shown.u.tolist(),
            "y": shown.v.tolist(),
            "z": [[None if np.isnan(each) else each for each in row] for row in loss.tolist()],
            "colorscale": [[0, colours["bg"]], [0.02, colours["loss-w"]], [1, colours["loss"]]],
            "showscale": False,
            "opacity": 0.85,
            "contours": {"z": {"show": True, "color": colours["loss-t"], "width": 1, "usecolormap": False}},
            "lighting": {"ambient": 0.85, "diffuse": 0.25, "specular": 0.02},
            "hovertemplate": f"{across} %{{x:.3f}}<br>{up} %{{y:.3f}}<br>{_('loss')} %{{z:.4g}}<extra></extra>",
        },
        {
            **line,
            "mode": "lines+markers",
            "x": way[:, 0].tolist(),
            "y": way[:, 1].tolist(),
            "z": [None if np.isnan(each) else each for each in heights.tolist()],
            "line": {"color": colours["p1"], "width": 5},
            "marker": {"size": 2.5, "color": colours["p1"]},
        },
    ]
    if shown.here in inside and np.isfinite(shown.level):
        spot = shown.way[shown.here].tolist()
        data.append(
            {
                **line,
                "mode": "markers",
                "x": [spot[0]],
                "y": [spot[1]],
                "z": [shown.level],
                "marker": {"size": 8, "color": colours["p1"], "line": {"color": colours["bg"], "width": 2}},
            }
        )
    axis = {
        "color": colours["ink2"],
        "gridcolor": colours["line"],
        "backgroundcolor": colours["bg"],
        "tickfont": {"size": 14},
        "nticks": 5,
        "showspikes": False,
    }
    return {
        "data": data,
        "layout": {
            "paper_bgcolor": "rgba(0,0,0,0)",
            "separators": numerals.separators(),
            "height": height,
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "uirevision": "surface",  # who has turned it finds it turned
            "scene": {
                "xaxis": {**axis, "title": {"text": across, "font": {"size": 17, "color": colours["ink"]}}},
                "yaxis": {**axis, "title": {"text": up, "font": {"size": 17, "color": colours["ink"]}}},
                "zaxis": {**axis, "title": {"text": _("loss"), "font": {"size": 16, "color": colours["ink"]}}},
                "camera": {
                    "eye": {"x": -1.6, "y": -1.6, "z": 0.95},
                    "center": {"x": 0, "y": 0, "z": -0.12},
                },
                "aspectmode": "cube",
            },
        },
    }


def lifted(shown: Map, loss: Array, way: Array) -> Array:
    """The heights of points (n, 2) on the surface, between its grid's own; nan beside it."""
    if not len(way):
        return np.empty(0)
    x = np.interp(way[:, 0], shown.u, np.arange(len(shown.u)))
    y = np.interp(way[:, 1], shown.v, np.arange(len(shown.v)))
    i, j = np.minimum(x.astype(int), len(shown.u) - 2), np.minimum(y.astype(int), len(shown.v) - 2)
    s, t = x - i, y - j
    with np.errstate(all="ignore"):
        return (
            loss[j, i] * (1 - s) * (1 - t)
            + loss[j, i + 1] * s * (1 - t)
            + loss[j + 1, i] * (1 - s) * t
            + loss[j + 1, i + 1] * s * t
        )
