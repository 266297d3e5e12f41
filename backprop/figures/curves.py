"""Curves: the loss over iterations, small as SVG for the stepping page, and large for Plotly."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop.explain import numerals
from backprop.figures.marks import HALO, line, text
from backprop.language import _


def ticks(top: float, count: int = 3) -> list[float]:
    """Round numbers from 0 up to about `top`, for an axis."""
    if not 1e-300 < top < math.inf:
        return [0.0]
    raw = top / count
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(unit * k for k in (1, 2, 2.5, 5, 10) if unit * k >= raw)
    return [step * k for k in range(int(top / step + 1e-9) + 1)]


def _path(losses: np.ndarray, last: int, top: float, box: tuple[float, float, float, float]) -> str:
    left, right, high, low = box
    places = np.unique(np.linspace(0, len(losses) - 1, 160).astype(int))
    points = []
    for k in places:
        value = losses[k]
        if math.isfinite(value):
            points.append(
                f"{left + (right - left) * k / last:.1f},{low - (low - high) * min(max(value, 0.0) / top, 1.1):.1f}"
            )
    return " ".join(points)


def loss_svg(
    losses: np.ndarray, here: int, width: float = 300, height: float = 116, ghost: np.ndarray | None = None
) -> str:
    """The loss over iterations with "you are here". losses (n + 1,): at the start and after each update; ghost: before the last edit."""
    last = max(1, len(losses) - 1)
    finite = [
        float(each.max())
        for each in (losses[np.isfinite(losses)], ghost[np.isfinite(ghost)] if ghost is not None else np.array([]))
        if each.size
    ]
    top = min(max(finite, default=1.0), 1e300) * 1.04 or 1.0
    left, right, high, low = 36.0, width - 8.0, 10.0, height - 20.0
    out = []
    for tick in ticks(top):
        y = low - (low - high) * tick / top
        out.append(
            line((left, y), (right, y), "var(--hair)", 1) + text(left - 6, y + 5, _tick(tick), 14, "end", "var(--ink2)")
        )
    for k in (0, last // 2, last) if last > 1 else (0, 1):
        out.append(
            text(
                left + (right - left) * k / last,
                height - 3,
                str(k),
                14,
                "start" if k == 0 else "end" if k == last else "middle",
                "var(--ink2)",
            )
        )
    if ghost is not None:
        out.append(
            f'<polyline points="{_path(ghost, last, top, (left, right, high, low))}" style="fill:none;stroke:var(--loss);stroke-width:1.4;opacity:.35"/>'
        )
    out.append(
        f'<polyline points="{_path(losses, last, top, (left, right, high, low))}" style="fill:none;stroke:var(--loss);stroke-width:2"/>'
    )
    now = float(losses[here])
    if math.isfinite(now):
        x, y = left + (right - left) * here / last, low - (low - high) * min(now / top, 1.0)
        after = x < width * 0.6
        out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" style="fill:var(--loss)"/>')
        label = html.escape(_("you are here"))
        out.append(
            text(
                x + (14 if after else -12),
                max(14.0, y - 6 if y > height * 0.4 else y + 5),
                label,
                15,
                "start" if after else "end",
                "var(--loss-t)",
                more=HALO,
            )
        )
    title = html.escape(_("Loss over iterations"))
    return f'<svg id="curve" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img" aria-label="{title}">{"".join(out)}</svg>'


def _tick(value: float) -> str:
    return "0" if value == 0 else numerals.pointed(f"{value:g}") if 1e-3 <= value < 1e4 else numerals.plain(value, 2)


def loss_figure(
    losses: np.ndarray, here: int, ghost: np.ndarray | None, colours: dict[str, str], log: bool = False
) -> dict[str, Any]:
    """The same, large, as a Plotly figure (a plain dict, which costs the server half of go.Figure)."""

    def series(values: Sequence[float] | np.ndarray, **look: Any) -> dict[str, Any]:
        shown = [float(v) if math.isfinite(v) else None for v in values]
        return {
            "type": "scatter",
            "mode": "lines",
            "x": list(range(len(shown))),
            "y": shown,
            "hovertemplate": "%{x}: %{y:.6g}<extra></extra>",
            **look,
        }

    data = [series(losses, line={"color": colours["loss"], "width": 2.5})]
    if ghost is not None:
        data.insert(0, series(ghost, line={"color": colours["loss"], "width": 1.4}, opacity=0.35))
    data.append(
        {
            "type": "scatter",
            "mode": "markers",
            "x": [here],
            "y": [float(losses[here]) if math.isfinite(losses[here]) else None],
            "marker": {"size": 11, "color": colours["loss"]},
            "hoverinfo": "skip",
        }
    )
    axis = {"gridcolor": colours["hair"], "zeroline": False, "tickfont": {"size": 15}}
    return {
        "data": data,
        "layout": {
            "separators": numerals.separators(), "height": 330, "margin": {"l": 60, "r": 16, "t": 8, "b": 44}, "showlegend": False, "hovermode": "x",
            "xaxis": {**axis, "title": {"text": _("iteration"), "font": {"size": 15}}},
            "yaxis": {**axis, "title": {"text": _("loss"), "font": {"size": 15}}, "type": "log" if log else "linear"},
        },
    }  # fmt: skip
