"""The loss along one weight with its tangent and the step, read back from the picture."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from backprop.figures.slice import Slice, slice_svg

VALUES = np.linspace(-3, 3, 161)


def shown(at=1.0, rate=0.4) -> Slice:
    """On the parabola v²."""
    return Slice(VALUES, VALUES**2, at, at**2, 2 * at, at - rate * 2 * at, (at - rate * 2 * at) ** 2)


def drawn(each: Slice) -> ET.Element:
    return ET.fromstring(slice_svg(each, "w", "slope 2.0000", "step −0.8", "title"))


def curve(root) -> np.ndarray:
    line = next(root.iter("polyline"))
    return np.array([[float(v) for v in pair.split(",")] for pair in line.get("points").split()])


@pytest.mark.parametrize("at", [-2.0, -0.5, 0.7, 2.5])
def test_the_tangent_touches_the_curve_and_the_step_ends_on_it(at):
    root = drawn(shown(at))
    points = curve(root)
    px = np.polyfit(VALUES, points[:, 0], 1)
    py = np.polyfit(VALUES**2, points[:, 1], 1)
    here = np.array([np.polyval(px, at), np.polyval(py, at**2)])
    dots = [np.array([float(each.get("cx")), float(each.get("cy"))]) for each in root.iter("circle")]
    assert min(np.hypot(*(dot - here)) for dot in dots) < 0.2
    new = at - 0.8 * at
    there = np.array([np.polyval(px, new), np.polyval(py, new**2)])
    assert min(np.hypot(*(dot - there)) for dot in dots) < 0.2
    tangent = next(each for each in root.iter("line") if "stroke:var(--bwd)" in each.get("style"))
    x1, y1, x2, y2 = (float(tangent.get(name)) for name in ("x1", "y1", "x2", "y2"))
    assert (y2 - y1) / (x2 - x1) == pytest.approx(2 * at * py[0] / px[0], abs=0.02)
    assert (x1 + x2) / 2 == pytest.approx(here[0], abs=0.2) and (y1 + y2) / 2 == pytest.approx(here[1], abs=0.2)


@pytest.mark.parametrize("at", np.linspace(-2.9, 2.9, 9).tolist())
@pytest.mark.parametrize("width", [556, 358])
def test_the_words_stay_inside(at, width):
    root = ET.fromstring(
        slice_svg(shown(at), "w", "slope −2.0000", "step −η · slope = −0.05 · 0.0445 = −0.2224", "title", width, 212)
    )
    for each in root.iter("text"):
        long = 6.6 * len("".join(each.itertext()))
        x = float(each.get("x"))
        left = {"start": x, "middle": x - long / 2, "end": x - long}[each.get("text-anchor")]
        assert left > -25 and left + long < width + 25, "".join(each.itertext())


@pytest.mark.parametrize(
    "each",
    [
        Slice(VALUES, np.full(161, np.nan), 1.0, np.nan, np.nan, None, None),
        Slice(VALUES, np.where(VALUES > 0, np.inf, 1.0), 1.0, np.inf, np.inf, np.inf, np.nan),
        Slice(VALUES, VALUES**2 * 1e307, 1.0, 1e307, 2e307, -1e308, 1e308),
        Slice(VALUES, 0 * VALUES, 1.0, 0.0, 0.0, 1.0, 0.0),
        Slice(VALUES, 0 * VALUES, np.inf, 0.0, 0.0, None, None),
    ],
)
def test_whatever_the_numbers_the_picture_is_finite(each):
    text = ET.tostring(drawn(each), encoding="unicode")
    assert not re.search(r"\b(nan|inf)\b", text)


def test_a_weight_that_is_not_updated_has_no_arrow():
    still = shown()._replace(new=None, loss_new=None)
    assert len(list(drawn(still).iter("circle"))) == 1 and not list(drawn(still).iter("polygon"))


@pytest.mark.parametrize("at", [-2.0, 2.5])
def test_a_number_that_is_not_updated_is_told_so_at_its_place(at):
    still = shown(at)._replace(new=None, loss_new=None)
    root = ET.fromstring(slice_svg(still, "b", "slope 2.0000", "not updated", "title"))
    told = next(each for each in root.iter("text") if "not updated" in "".join(each.itertext()))
    dots = list(root.iter("circle"))
    assert len(dots) == 1 and abs(float(told.get("x")) - float(dots[0].get("cx"))) == pytest.approx(10, abs=0.2)
    assert not list(root.iter("polygon")), "no arrow leads anywhere"


def test_the_words_of_a_long_step_do_not_lie_on_its_arrow():
    wide = np.linspace(-1200.0, 400.0, 161)
    far = Slice(wide, np.abs(wide), 0.5, 0.5, 0.08, -830.0, 830.0)
    root = ET.fromstring(
        slice_svg(far, "w", "slope", "step −η · slope = −10000 · 0.08216704 = −821.6704", "title", 556, 212)
    )
    told = next(each for each in root.iter("text") if "step" in "".join(each.itertext()))
    arrow = next(each for each in root.iter("line") if "stroke:var(--upd)" in each.get("style"))
    assert float(told.get("y")) < float(arrow.get("y1")) - 10
