"""The map over two weights, read back from it."""

import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop.explain import numerals
from backprop.figures.contours import Map, frame, levels, map_svg

AXIS = np.linspace(-2, 2, 61)
U, V = np.meshgrid(AXIS, AXIS)
BOWL = 0.5 * U**2 + 2 * V**2
WAY = np.array([[1.5, 1.0], [1.35, 0.6], [1.2, 0.36], [1.1, 0.2]])


def at(k: int, loss=BOWL, way=WAY, step=None) -> Map:
    u, v = way[k]
    return Map(AXIS, AXIS, loss, way, k, 0.5 * u**2 + 2 * v**2, step or (-0.1 * u, -0.1 * 4 * v))


def drawn(shown: Map) -> ET.Element:
    return ET.fromstring(map_svg(shown, "u", "v", "title", 392, 332, "start"))


def lines(root, stroke: str) -> list[np.ndarray]:
    found = [each for each in root.iter("polyline") if f"stroke:var(--{stroke})" in each.get("style")]
    return [np.array([[float(v) for v in pair.split(",")] for pair in each.get("points").split()]) for each in found]


def scale(root) -> tuple[float, float]:
    """px per unit along both axes, from the frame."""
    box = [each for each in root.iter("rect") if "stroke:var(--line)" in (each.get("style") or "")][-1]
    return float(box.get("width")) / 4, float(box.get("height")) / 4


def test_both_axes_have_one_scale():
    along, up = scale(drawn(at(1)))
    assert along == pytest.approx(up, abs=0.05)


def test_the_level_line_of_now_runs_through_the_dot_and_the_step_leaves_it_at_a_right_angle():
    for k in range(4):
        root = drawn(at(k))
        dot = next(each for each in root.iter("circle") if each.get("r") == "7")
        x, y = float(dot.get("cx")), float(dot.get("cy"))
        points = np.concatenate(lines(root, "loss-t"))
        apart = np.hypot(points[:, 0] - x, points[:, 1] - y)
        near = np.sort(apart.argsort()[:2])
        assert apart.min() < 6
        tangent = points[near[1]] - points[near[0]]
        step = [each for each in root.iter("line") if "stroke:var(--upd)" in each.get("style")]
        arrow = np.array([float(step[0].get(f"{n}2")) - float(step[0].get(f"{n}1")) for n in "xy"])
        cosine = abs(tangent @ arrow) / np.hypot(*tangent) / np.hypot(*arrow)
        assert cosine < 0.12, f"{math.degrees(math.acos(cosine))} degrees at dot {k}"


def test_a_level_line_is_where_the_loss_has_its_number():
    root = drawn(at(1))
    along, _up = scale(root)
    box = [each for each in root.iter("rect") if "stroke:var(--line)" in (each.get("style") or "")][-1]
    left, floor = float(box.get("x")), float(box.get("y")) + float(box.get("height"))
    points = np.concatenate(lines(root, "loss-t"))
    u, v = -2 + (points[:, 0] - left) / along, -2 + (floor - points[:, 1]) / along
    assert 0.5 * u**2 + 2 * v**2 == pytest.approx(np.full(len(u), at(1).level), abs=0.03)


def test_the_numbers_on_the_lines_are_levels():
    found = levels(BOWL)
    told = {numerals.short(value) for value in found}
    names = {each.text for each in drawn(at(1)).iter("text") if "var(--loss-t)" in each.get("style")}
    assert names and names <= told and len(told) == len(found), (names, found)


@given(st.floats(-300, 300), st.floats(1e-6, 1e6), st.integers(0, 2**31))
def test_levels_are_round_and_lie_between(power, span, seed):
    low = 10.0 ** min(power, 290)
    loss = low + span * np.random.RandomState(seed).uniform(0, 1, (5, 5))
    found = levels(loss)
    assert all(loss.min() < each < loss.max() for each in found)
    assert len(found) <= 25 and found == sorted(found)


@pytest.mark.parametrize("loss", [np.full((61, 61), np.nan), np.full((61, 61), np.inf), np.where(U > 0, np.inf, BOWL), np.full((61, 61), 0.25), np.full((61, 61), 1e308), BOWL * 1e300, BOWL * 0])  # fmt: skip
@pytest.mark.parametrize("way", [WAY, np.array([[1.0, 1.0], [np.inf, 1.0], [np.nan, np.nan], [1e308, -1e308]])])
def test_whatever_the_loss_the_picture_is_finite(loss, way):
    shown = Map(AXIS, AXIS, loss, way, 0, float(loss[30, 30]), (1e300, -1e308))
    text = ET.tostring(drawn(shown), encoding="unicode")
    assert not re.search(r"\b(nan|inf)\b", text)


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=5))
def test_the_frame_is_a_square_around_the_way(points):
    way = np.array(points)
    low_u, high_u, low_v, high_v = frame(way)
    assert high_u - low_u == pytest.approx(high_v - low_v, rel=1e-9) and high_u - low_u >= 3.99
    slack = 1e-6 * (high_u - low_u)
    assert (way[:, 0] >= low_u - slack).all() and (way[:, 0] <= high_u + slack).all()
    assert (way[:, 1] >= low_v - slack).all() and (way[:, 1] <= high_v + slack).all()


def test_the_frame_does_not_follow_what_has_left_float64():
    assert frame(np.array([[0.5, 0.5], [np.inf, 1.0], [1e200, 0.0]])) == frame(np.array([[0.5, 0.5]]))


@given(st.tuples(st.floats(-1e30, 1e30), st.floats(-1e30, 1e30)))
def test_where_we_are_is_in_sight_however_far_from_the_way(spot):
    low_u, high_u, low_v, high_v = frame(WAY, spot)
    slack = 1e-6 * (high_u - low_u)
    assert low_u - slack <= spot[0] <= high_u + slack and low_v - slack <= spot[1] <= high_v + slack
    assert high_u - low_u == pytest.approx(high_v - low_v, rel=1e-6)
    assert len(np.unique(np.linspace(low_u, high_u, 61))) == 61


@pytest.mark.parametrize("turn", range(8))
@pytest.mark.parametrize("here", [4, 7, 10])
def test_the_word_start_stands_at_the_start_and_not_at_another_dot(turn, here):
    angle = math.pi / 4 * turn
    way = np.array([[math.cos(angle), math.sin(angle)]]) * np.linspace(-0.6, 0.9, 16)[:, None] * 1.5
    root = drawn(Map(AXIS, AXIS, BOWL, way, here, 1.0, (0.01, 0.0)))
    (word,) = (each for each in root.iter("text") if "".join(each.itertext()) == "start")
    x = float(word.get("x")) + (18 if word.get("text-anchor") == "start" else -18)
    dots = [(float(each.get("cx")), float(each.get("cy")), each.get("r")) for each in root.iter("circle")]
    here_x, here_y, _r = next(dot for dot in dots if dot[2] == "7")
    first_x, first_y, _r = dots[0]
    y = float(word.get("y")) - 5
    assert math.hypot(x - first_x, y - first_y) < math.hypot(x - here_x, y - here_y)


def test_no_right_angle_is_drawn_where_one_of_the_two_does_not_learn():
    shown = at(1, step=(-0.1, 0.0))
    learns, still = (
        drawn(shown),
        drawn(Map(*(getattr(shown, n) for n in shown.__dataclass_fields__ if n != "steepest"), False)),
    )
    assert len(lines(learns, "ink2")) == 1 and not lines(still, "ink2")
