"""Error and slope of every unit on the way to the loss, as bars: their lengths, their numbers, and that they fit."""

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import example, trace
from backprop.engine.steps import Cell
from backprop.explain import numerals
from backprop.explain.conventions import CONVENTIONS, DEFAULT
from backprop.figures.bars import bars_svg
from backprop.figures.plan import plan
from backprop.lessons.examples import EXAMPLES
from backprop.lessons.lesson import Lesson
from tests.strategies import lessons

X = Cell("x", 0, 1, 1)
BIG = Lesson(layers=[4, 8, 8, 8, 8, 8, 3], activations=["relu", "tanh", "gelu", "elu", "leaky_relu", "softmax"], loss="cross_entropy", init={"scheme": "xavier", "seed": 3, "scale": 1.0}, inputs=[[0.5, -1.0, 1.0, 1.0]], targets=[[0, 1, 0]], learning_rate=0.5)  # fmt: skip
NETWORKS = {name: example(name) for name in EXAMPLES} | {"big": BIG}


def drawn(t, cell=X, narrow=False, digits=4, convention=DEFAULT) -> ET.Element:
    width, height = (358, 0) if narrow else (968, 216)
    return ET.fromstring(bars_svg(t, cell, 1, digits, convention, width, height, narrow))


def units(root: ET.Element) -> dict[tuple[int, int], ET.Element]:
    """The group of each unit, by the z that it lights."""
    found = {}
    for group in root.iter("g"):
        if group.get("data-light"):
            _z, layer, _sample, unit = group.get("data-light").split()[0].split(".")
            found[int(layer), int(unit)] = group
    return found


def lengths(group: ET.Element) -> list[float]:
    """How full the two bars of a unit are, from 0 to 1."""
    rects = [e for e in group.iter("rect") if "transparent" not in e.get("style")]
    out = []
    for each in rects:
        if "var(--field)" in each.get("style"):
            out.append(0.0)
            whole = float(each.get("width"))
        else:
            out[-1] = float(each.get("width")) / whole
    return out


def shown(group: ET.Element) -> dict[str, str]:
    return {e.get("data-cell").split(".")[0]: "".join(e.itertext()) for e in group.iter("text") if e.get("data-cell")}


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("name", NETWORKS)
def test_the_bars_are_as_long_as_the_numbers(name, narrow):
    t = trace(NETWORKS[name])
    found = units(drawn(t, narrow=narrow))
    sizes = t.network.sizes
    assert list(found) == [(l, k) for l in range(1, len(sizes)) for k in range(1, sizes[l] + 1)]
    largest = max(abs(t["dL_da", l].value[0]).max() for l in range(1, len(sizes)))
    most = {"sigmoid": 0.25, "softmax": 0.25, "gelu": 1.1289}
    for (layer, unit), group in found.items():
        row = t.network.activations[layer - 1]
        slope = t.at(Cell("da_dz", layer, 1, unit, unit if row.vector else None))
        error, steep = lengths(group)
        tiny = 2.0 / 30  # a bar that is not empty is at least 2 px long
        assert error == pytest.approx(abs(t.at(Cell("dL_da", layer, 1, unit))) / largest, abs=tiny)
        assert steep == pytest.approx(abs(slope) / most.get(row.name, 1.0), abs=tiny)
        words = "".join("".join(e.itertext()) for e in group.iter("text"))
        assert ("off" in words) == (slope == 0) and ("flat" in words) == (0 < abs(slope) < most.get(row.name, 1) / 100)


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("name", NETWORKS)
def test_everything_fits(name, narrow):
    t = trace(NETWORKS[name])
    root = drawn(t, narrow=narrow)
    wide, tall = float(root.get("width")), float(root.get("height"))
    assert wide == (358 if narrow else 968) and (narrow or tall <= 280)
    for each in root.iter("rect"):
        assert float(each.get("x")) >= -4 and float(each.get("x")) + float(each.get("width")) <= wide + 4
        assert float(each.get("y")) + float(each.get("height")) <= tall
    svg = ET.tostring(root, encoding="unicode")
    assert min(map(float, re.findall(r"<text [^>]*font-size:([\d.]+)px", svg))) >= 13
    if not narrow:  # each layer stands under its column in the network
        places = plan(t.network.sizes, 968, 252)
        for (layer, unit), group in units(root).items():
            track = next(e for e in group.iter("rect") if "transparent" in e.get("style"))
            assert float(track.get("x")) + float(track.get("width")) / 2 == pytest.approx(
                places.at(layer, unit)[0], abs=0.2
            )


def value(text: str) -> float:
    """The number that a text stands for."""
    mantissa, _, power = re.sub(r".*[^\d.⁻⁰¹²³⁴⁵⁶⁷⁸⁹·−]", "", text).replace("−", "-").partition("·10")
    return float(mantissa) * 10.0 ** int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)


@pytest.mark.parametrize("digits", [2, 4, 6])
@pytest.mark.parametrize("name", ["towardsai", "genomexyz", "deep", "neuron", "gurarie-two-outputs", "line"])
def test_error_times_slope_is_the_delta_shown(name, digits):
    t = trace(example(name))
    seen = 0
    for narrow in (False, True):
        for group in units(drawn(t, narrow=narrow, digits=digits)).values():
            numbers = shown(group)
            if len(numbers) == 3:
                delta = value(numbers["dL_dz"])
                decimals = len(numbers["dL_dz"].split("·10")[0].rpartition(".")[2])
                shift = 10.0 ** round(numerals.parts(delta, 4)[1] or 0) if "·10" in numbers["dL_dz"] else 1.0
                product = value(numbers["dL_da"]) * value(numbers["da_dz"])
                assert delta / shift == pytest.approx(product / shift, abs=0.5001 * 10.0**-decimals), numbers
                seen += 1
    assert seen


ANY_CELL = st.sampled_from((X, Cell("W", 1, None, 1, 1), Cell("z", 1, 1, 1), Cell("a", 1, 1, 1)))


@settings(max_examples=40)
@given(lessons(), ANY_CELL, st.sampled_from(tuple(CONVENTIONS)), st.booleans(), st.integers(2, 12))
def test_any_network_can_be_drawn(lesson, cell, convention, narrow, digits):
    t = trace(lesson)
    width, height = (358, 0) if narrow else (968, 216)
    svg = bars_svg(t, cell, t.samples, digits, CONVENTIONS[convention], width, height, narrow)
    ET.fromstring(svg)
    assert not re.search(r"nan|inf\b|None", svg)


def test_numbers_out_of_float64_have_a_bar_without_length():
    lesson = Lesson(layers=[1, 1, 1], activations=[{"formula": "e^z"}, "linear"], loss="half_squared_error", weights=[[[800.0]], [[1.0]]], inputs=[[1.0]], targets=[[1.0]], learning_rate=0.1)  # fmt: skip
    found = units(drawn(trace(lesson)))
    assert lengths(found[1, 1])[1] == 0 and "lost" in "".join(e.text or "" for e in found[1, 1].iter("tspan"))


def test_the_mark_of_the_class():
    t = trace(example("towardsai"))
    try:
        numerals.write(comma=True)
        assert shown(units(drawn(t))[2, 1])["dL_da"] == "0,7414"
    finally:
        numerals.write()
    with pytest.raises(KeyError):
        drawn(t, Cell("x", 0, 1, 9))
