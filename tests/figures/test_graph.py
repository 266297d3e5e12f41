"""The drawing of the computational graph at every position: well-formed, readable, its numbers the trace's, and no more than is known."""

import json
import math
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import Lesson, example, trace
from backprop.engine.steps import Cell, cell_at
from backprop.explain import numerals
from backprop.explain.conventions import CONVENTIONS, DEFAULT
from backprop.explain.excerpt import excerpt, positions
from backprop.figures.graph import operation_sentence_html, operations_svg
from backprop.lessons.examples import EXAMPLES
from tests import strategies
from tests.explain.test_excerpt import followable

W = Cell("W", 1, None, 1, 1)


def sizes_in(root: ET.Element) -> list[tuple[float, bool]]:
    """(font size, is it above or below a letter) of every text."""
    found = []
    for element in root.iter():
        if size := re.search(r"font-size:([\d.]+)px", element.get("style", "")):
            found.append((float(size[1]), element.get("dy") is not None))
    return found


def words(svg: str) -> list[str]:
    root = ET.fromstring(svg)
    for title in root.iter():
        if title.tag.endswith("title"):
            title.text = ""
    return ["".join(each.itertext()) for each in root.iter() if each.tag.endswith("text")]


def assert_drawn(t, cell, op, svg, narrow) -> None:
    root = ET.fromstring(svg)
    assert '"' not in svg and "nan" not in svg and "inf" not in svg.replace("info", "")
    for size, index in sizes_in(root):
        assert size >= (12 if index else 14)
    for text in root.iter():
        if text.tag.endswith("}text") or text.tag == "text":
            assert 0 <= float(text.get("x")) <= float(root.get("width")) and 0 <= float(text.get("y")) <= float(
                root.get("height")
            )
    addresses = re.findall(r"data-(?:cell|sel)='([^']+)'", svg)
    assert cell.address in addresses
    for address in addresses:
        found = cell_at(address)
        assert found is not None and found.address == address
        t.at(found)
    for each in root.iter():
        if wish := each.get("data-set"):
            (place,) = json.loads(wish).values()
            assert 1 <= place <= positions(t, cell, 1, (), narrow) / 2


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_position_of_every_example(name, narrow):
    t = trace(example(name))
    for cell in (W, Cell("x", 0, 1, 1), Cell("a", t.network.depth, 1, 1)):
        for op in range(0, positions(t, cell, 1, (), narrow) + 1, 5):
            assert_drawn(t, cell, op, operations_svg(t, cell, 1, op, narrow=narrow), narrow)


@settings(max_examples=25)
@given(strategies.lessons(), st.data())
def test_any_lesson_under_any_convention(lesson, data):
    t = trace(lesson)
    cell = data.draw(st.sampled_from(followable(t)))
    narrow = data.draw(st.booleans())
    op = data.draw(st.integers(0, positions(t, cell, 1, (), narrow)))
    digits = data.draw(st.integers(2, 12))
    convention = CONVENTIONS[data.draw(st.sampled_from(sorted(CONVENTIONS)))]
    assert_drawn(t, cell, op, operations_svg(t, cell, 1, op, digits, convention, (), narrow), narrow)
    assert operation_sentence_html(t, cell, 1, op, digits, convention, (), narrow).count("<b") >= (op == 0)


def test_the_numbers_are_the_traces():
    t = trace(example("towardsai"))
    shown = words(operations_svg(t, W))
    for step in (*t.given, *t):
        if step.quantity in ("x", "W", "b", "z", "a", "loss_term", "t"):
            for cell in t.cells(step):
                given = cell.quantity in numerals.GIVEN
                assert numerals.plain(t.at(cell), given=given) in shown, cell
        elif step.quantity in ("dL_dW", "dL_db", "dL_dz", "dL_da", "dL_dx"):
            for cell in t.cells(step):
                assert numerals.plain(t.at(cell)) in shown, cell


@pytest.mark.parametrize("narrow", [False, True])
def test_what_is_not_reached_is_a_dash_and_not_a_number(narrow):
    t = trace(example("towardsai"))
    drawn = excerpt(t, W, 1, (), narrow)
    for op in range(drawn.positions + 1):
        svg = operations_svg(t, W, 1, op, narrow=narrow)
        unknown = sum(not drawn.computed(key, op) for key in drawn.vertices)
        waiting = sum(not drawn.returned(key, op) for key, v in drawn.vertices.items() if v.gradient is not None)
        assert words(svg).count("–") == unknown + waiting
    before, after = (operations_svg(t, W, 1, op, narrow=narrow) for op in (drawn.positions - 1, drawn.positions))
    gradient = t.at(Cell("dL_dW", 1, None, 1, 1))
    assert repr(gradient) not in before and repr(gradient) in after
    assert numerals.plain(gradient) not in words(before) and numerals.plain(gradient) in words(after)


def test_what_passes_back_now_shows_its_slopes():
    t = trace(example("towardsai"))
    lit = words(operations_svg(t, W, 1, 29))
    assert (
        lit.count("0.5969") == 2 and lit.count("0.45") == 2
    )  # the other factors, on their own vertices and on the edges
    assert words(operations_svg(t, W, 1, 10)).count("0.5969") == 1


def test_a_click_on_a_sign_walks_there_and_one_on_a_symbol_follows_it():
    t = trace(example("towardsai"))
    drawn = excerpt(t, W)
    root = ET.fromstring(operations_svg(t, W))
    of = {each.get("data-cell"): each for each in root.iter() if each.get("data-cell")}
    z, loss, weight, target = (of[key] for key in ("z.1.1.1", "loss.2", "W.1..1.1", "t.2.1.1"))
    wishes = [(each.get("data-set"), each.get("data-sel")) for each in z if each.tag.endswith("g")]
    assert wishes == [(json.dumps({"op": drawn.place["z.1.1.1"]}), None), (None, "z.1.1.1")]
    assert {each.get("data-sel") for each in loss if each.tag.endswith("g")} == {None}
    assert {each.get("data-sel") for each in weight if each.tag.endswith("g")} == {"W.1..1.1"}
    assert not [each for each in target.iter() if each.get("data-sel") or each.get("data-set")]


@pytest.mark.parametrize("weight", [1e200, 1e-200, 123456.123456789, -1e308])
def test_extremes_are_drawn(weight):
    t = trace(
        Lesson(layers=[1, 1, 1], activations=["linear", "softplus"], loss="squared_error", weights=[[[weight]], [[weight]]], inputs=[[weight], [0.0]], targets=[[0.5]] * 2, learning_rate=0.1)
    )  # fmt: skip
    for cell in followable(t):
        for narrow in (False, True):
            for op in range(0, positions(t, cell, 1, (), narrow) + 1, 3):
                svg = operations_svg(t, cell, 1, op, 12, DEFAULT, (), narrow)
                assert_drawn(t, cell, op, svg, narrow)
                assert math.isfinite(t.at(cell)) or "1.8·10³⁰⁸" in svg or "undefined" in svg or op


def test_a_sentence_is_in_the_palettes_colours():
    told = operation_sentence_html(trace(example("towardsai")), W)
    assert "var(--fwd-t)" in told and "var(--bwd-t)" in told and "<in>" not in told
