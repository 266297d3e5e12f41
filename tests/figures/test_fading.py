"""The gradient layer by layer: every size of every passage is drawn finite, a lost one is told."""

import math
import re
import xml.etree.ElementTree as ET

import pytest

from backprop.engine.activations import ACTIVATIONS, typed
from backprop.engine.network import SCHEMES
from backprop.figures.fading import fading_svg
from backprop.runs.depth import passage

ROWS = [row for row in ACTIVATIONS.values() if not row.vector]
SIZES = ((968, 318), (358, 320))


def course(svg: str, hue: str) -> list[tuple[float, float]]:
    found = re.search(rf'points="([^"]*)" style="fill:none;stroke:var\(--{hue}\)', svg)
    return [tuple(map(float, each.split(","))) for each in found[1].split()] if found else []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("row", [*ROWS, typed("exp(exp(z))"), typed("ln(z)")], ids=lambda row: row.title)
def test_every_picture_is_finite_and_whole(row, scheme):
    for deep, times, size in ((2, 1.0, SIZES[0]), (20, 10.0, SIZES[1]), (20, 0.1, SIZES[0])):
        found = passage(row, deep, 6, scheme, times)
        for logged in (True, False):
            svg = fading_svg(found, found, ("<b>", "&"), logged, *size)
            ET.fromstring(svg)
            assert not re.search(r"\bnan\b|\binf\b", svg) and "<b>" not in svg
            for x, y in re.findall(r'cx="([-\d.]+)" cy="([-\d.]+)"', svg):
                assert 0 <= float(x) <= size[0] and 0 <= float(y) <= size[1]


def test_a_power_of_ten_is_as_high_everywhere_on_the_logarithmic_axis():
    found = passage(ACTIVATIONS["sigmoid"], 10, 16, "xavier")
    ys = [y for _x, y in course(fading_svg(found, None, ("sigmoid", ""), True, *SIZES[0]), "bwd")]
    logs = [math.log10(each) for each in found.gradients]
    scale = (ys[0] - ys[-1]) / (logs[-1] - logs[0])
    assert [ys[-1] + scale * (logs[-1] - each) for each in logs] == pytest.approx(ys, abs=0.2)


def test_zero_is_told_and_stands_on_the_axis():
    svg = fading_svg(passage(ACTIVATIONS["tanh"], 4, 3, "zeros"), None, ("tanh", ""), True, *SIZES[0])
    assert ">0</text>" in svg and not course(svg, "bwd")


def test_what_has_left_the_numbers_is_told_at_the_top():
    svg = fading_svg(passage(typed("z*exp(z)"), 12, 16, "he", 10.0), None, ("", ""), True, *SIZES[0])
    assert "> 1.8·10³⁰⁸" in svg
