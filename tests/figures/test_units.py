"""The numbers in the drawing: the one just made is written, whoever is shown and however many digits are asked for."""

import re
import xml.etree.ElementTree as ET

import pytest

from backprop import example, trace
from backprop.explain import numerals
from backprop.explain.symbols import CONVENTIONS
from backprop.figures.network import network_svg
from backprop.figures.scene import scene
from backprop.lessons.examples import EXAMPLES
from backprop.runs.walk import Walk

SHAPES = {"wide": (968, 280), "upright": (358, None)}


def texts(svg: str) -> list[str]:
    """Every text of a drawing, whole."""
    return ["".join(each.itertext()) for each in ET.fromstring(svg).iter() if each.tag.endswith("text")]


@pytest.mark.parametrize(("digits", "convention"), [(4, "za"), (9, "ab"), (2, "net"), (4, "gurarie"), (4, "dabbura")])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_number_made_is_written_and_the_next_one_is_not(name, shape, digits, convention):
    t = trace(example(name))
    walk = Walk(t, t.samples)
    shown_before = ""
    for stop, cell in enumerate(walk.cells, 1):
        picture = scene(t, (cell,), walk.sample, lambda each, stop=stop: walk.known(each, stop))
        svg = network_svg(t, picture, *SHAPES[shape], walk.sample, digits, CONVENTIONS[convention])
        numbers = [numerals.plain(t.at(cell), fewer) for fewer in range(2, digits + 1)]  # fewer where there is no room
        assert any(number in each for each in texts(svg) for number in numbers), (cell, numbers)
        assert min(float(size) for size in re.findall(r"<text [^>]*font-size:([\d.]+)px", svg)) >= 12
        assert re.search(r"nan|None|Infinity", svg) is None
        assert svg != shown_before, f"nothing moved at {cell}"
        shown_before = svg


@pytest.mark.parametrize("name", EXAMPLES)
def test_at_the_start_only_what_is_given_is_written(name):
    t = trace(example(name))
    walk = Walk(t)
    svg = network_svg(t, scene(t, (), 1, lambda each: walk.known(each, 0)), *SHAPES["wide"])
    given = {numerals.plain(t.at(cell), 4, True, sign) for step in t.given for cell in t.cells(step) for sign in (0, 1)}
    short = {number.rstrip("0") for number in given}
    for number in re.findall(r"[+−]?\d*\.\d+", " ".join(texts(svg))):
        known = number in given or any(
            float(number.replace("−", "-")) == round(t.at(cell), 2) for step in t.given for cell in t.cells(step)
        )
        assert known or number.rstrip("0") in short, number


@pytest.mark.parametrize("fractions", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_with_a_comma_no_number_has_a_point(name, shape, fractions):
    t = trace(example(name))
    walk = Walk(t)
    numerals.write(True, fractions)
    try:
        for stop in {0, len(walk) // 2, len(walk)}:
            cells = (walk.cell(stop),) if stop else ()
            picture = scene(t, cells, 1, lambda each, stop=stop: walk.known(each, stop))
            written = texts(network_svg(t, picture, *SHAPES[shape]))
            assert not [each for each in written if re.search(r"\.\d", each)]
            assert stop == 0 or any("," in each or "/" in each for each in written)
    finally:
        numerals.write()


OWN = {
    "za": {"z1", "a1", "δ1", "∂L/∂a1", "x1", "L"},
    "gurarie": {"Z1", "A1", "∂J/∂Z1", "∂J/∂A1", "X1", "J"},
    "ab": {"a1", "b1", "δ1", "∂E/∂b1", "x1", "E"},
    "net": {"neth1", "outh1", "δh1", "∂E/∂outh1", "outo2", "x1", "Etotal"},
    "dabbura": {"Z1", "A1", "dZ1", "dA1", "g′", "X1", "J"},
}


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_the_drawing_has_the_names_of_its_convention(convention):
    t = trace(example("towardsai"))
    svg = network_svg(t, scene(t, (), 1, lambda each: True), *SHAPES["wide"], convention=CONVENTIONS[convention])
    written = {each.replace("\u200b", "").replace("ˆ", "\u0302") for each in texts(svg)}
    assert written >= OWN[convention], OWN[convention] - written
    others = set().union(*OWN.values()) - OWN[convention]
    assert not written & others - {"b1"}  # CSDN's b1 is another's bias of a layer
