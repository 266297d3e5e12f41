"""The surface in space: its numbers are those of the map."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from backprop.figures.contours import Map
from backprop.figures.palette import THEMES
from backprop.figures.surfaces import lifted, surface_figure

U, V = np.linspace(-2, 2, 61), np.linspace(0, 4, 61)
PLANE = 0.3 * U[None, :] + 0.2 * V[:, None] + 1
WAY = np.array([[1.5, 1.0], [0.13, 3.6], [-9.0, 1.0]])


def figure(loss=PLANE, theme="light"):
    return surface_figure(Map(U, V, loss, WAY, 0, 1.65, (-0.1, 0.1)), "u", "v", THEMES[theme])


@pytest.mark.parametrize("theme", THEMES)
def test_plotly_takes_it(theme):
    assert len(go.Figure(figure(theme=theme)).data) == 3
    json.dumps(figure(), allow_nan=False)


def test_the_way_lies_on_the_surface():
    way = WAY[:2]
    assert lifted(Map(U, V, PLANE, WAY, 0, 0.0, None), PLANE, way) == pytest.approx(
        0.3 * way[:, 0] + 0.2 * way[:, 1] + 1
    )
    surface, line, dot = figure()["data"]
    assert np.array(surface["z"]) == pytest.approx(PLANE) and surface["x"] == U.tolist()
    assert line["x"] == way[:, 0].tolist(), "what lies outside of the frame is left out"
    assert (dot["x"][0], dot["y"][0], dot["z"][0]) == (1.5, 1.0, 1.65)


def test_what_has_left_float64_is_a_hole():
    holed = np.where(U[None, :] > 1, np.inf, PLANE)
    data = figure(holed)["data"]
    assert data[0]["z"][0][-1] is None and data[0]["z"][0][0] is not None
    json.dumps(figure(holed), allow_nan=False)
