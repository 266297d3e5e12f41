"""The tab "Change it": what is shown is what happens, and it can be calculated again from the numbers shown."""

import json
import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import example, trace
from backprop.engine.steps import Cell
from backprop.explain import numerals
from backprop.explain.conventions import CONVENTIONS, DEFAULT
from backprop.explain.symbols import gradient_of
from backprop.lessons.examples import EXAMPLES
from backprop.lessons.lesson import Lesson
from backprop.ui.following.change import change_html
from tests.strategies import lessons

W = Cell("W", 1, None, 1, 1)
CELLS = (W, Cell("x", 0, 1, 1), Cell("z", 1, 1, 1), Cell("a", 1, 1, 1))


def html(t, cell=W, h=0.1, digits=4, convention=DEFAULT, narrow=False) -> str:
    return change_html(t, cell, gradient_of(cell), h, digits, convention, narrow)


def text(part: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", part)).split())


def rows(page: str) -> dict[str, tuple[str, str]]:
    """Of each row its large number and its small line."""
    found = re.findall(r'class="fw-row fw-(\w+)"><span>.*?</span><b[^>]*>(.*?)</b>(?:<small>(.*?)</small>)?', page)
    return {kind: (text(number), text(small)) for kind, number, small in found}


def value(written: str) -> float:
    mantissa, _, power = re.sub(r"[()=≈+ ]", "", written).replace("−", "-").partition("·10")
    return float(mantissa) * 10.0 ** int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)


def unit(written: str) -> float:
    """Half a unit of the last digit of a number as it is written, and a little for the arithmetic of the test."""
    mantissa, _, power = written.partition("·10")
    decimals = len(mantissa.rpartition(".")[2]) if "." in mantissa else 0
    exponent = int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)
    return 0.500001 * 10.0 ** (exponent - decimals)


@pytest.mark.parametrize("digits", [2, 4, 7])
@pytest.mark.parametrize("h", [-1.0, 0.01, 2.0, -0.0213467])
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_calculator_comes_to_the_numbers_shown(name, h, digits):
    t = trace(example(name))
    for cell in CELLS:
        found = rows(html(t, cell, h, digits))
        predicted, true = found["delta"][0], found["loss"][0]
        assert value(predicted) == pytest.approx(t.at(gradient_of(cell)) * h, abs=unit(predicted))
        small = re.search(r"h [=≈] (.+) × (.+)$", found["delta"][1])
        assert value(small[1]) * value(small[2]) == pytest.approx(value(predicted), abs=unit(predicted))
        small = re.search(r"\) [=≈] (\S+) − (\S+)$", found["loss"][1])
        assert small or unit(true) < 1e-11  # left out only where twelve decimals do not do
        if small:
            assert value(small[1]) - value(small[2]) == pytest.approx(value(true), abs=unit(true))
        off = found["off"][0]
        if re.fullmatch(r"[\d.]+ %", off) and off != "0 %":
            by_hand = abs(value(predicted) - value(true)) / abs(value(true)) * 100
            assert by_hand == pytest.approx(value(off[:-2]), abs=unit(off[:-2]))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_true_change_is_that_of_the_lesson_with_the_number_changed(name):
    lesson = example(name)
    t = trace(lesson)
    weights = [w.tolist() for w in lesson.parameters.W]
    weights[0][0][0] += 0.5
    changed = trace(lesson.changed(init=None, weights=weights, biases=[None if b is None else b.tolist() * (n if lesson.shared_bias else 1) for b, n in zip(lesson.parameters.b, lesson.layers[1:], strict=True)])).loss  # fmt: skip
    true = rows(html(t, W, 0.5, 6))["loss"][0]
    assert value(true) == pytest.approx(changed - t.loss, abs=unit(true))


def buttons(page: str) -> dict[str, float]:
    found = re.findall(r'<button[^>]*data-set="([^"]*)">(.*?)</button>', page)
    return {text(label): json.loads(unescape(sent))["nudge"] for sent, label in found}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_buttons_set_the_nudge(name):
    t = trace(example(name))
    found = buttons(html(t))
    assert t.at(W) + found.pop("−η · gradient") == pytest.approx(t.at(Cell("W_new", 1, None, 1, 1)), rel=1e-14)
    assert found == {"−1": -1, "−0.1": -0.1, "−0.01": -0.01, "+0.01": 0.01, "+0.1": 0.1, "+1": 1}
    assert "−α · gradient" in buttons(html(t, convention=CONVENTIONS["gurarie"]))
    for cell in CELLS[1:]:
        assert len(buttons(html(t, cell))) == 6  # descent does not move them


def test_the_slider_is_one_string_for_every_nudge():
    t = trace(example("xor"))
    sliders = {tuple(re.findall(r"<input[^>]*>", html(t, h=h))) for h in (-2.0, 0.0, 0.37)}
    assert len(sliders) == 1 and 'data-field="nudge" min="-2" max="2" step="0.01"' in sliders.pop()[0]


def told(lesson, cell, h) -> str:
    return text(re.search(r"<p>(.*?)</p>", html(trace(lesson), cell, h))[1])


def line(w: float, **more) -> Lesson:
    """A linear unit without bias: the loss is the parabola (w − 1)²/2."""
    return Lesson(layers=[1, 1], activations=["linear"], loss="half_squared_error", weights=[[[w]]], biases=[None], inputs=[[1.0]], targets=[[1.0]], learning_rate=0.1, **more)  # fmt: skip


@pytest.mark.parametrize(
    ("lesson", "h", "sentence"),
    [
        (line(2.0), 0.5, "Raise w(1)11 by 0.50, and the loss rises by about 0.6250. Nearer to 0 the prediction gets better and better."),
        (line(0.0), 0.5, "Raise w(1)11 by 0.50, and the loss falls by about 0.3750. Nearer to 0 the prediction gets better and better."),
        (line(2.0), -0.5, "Lower w(1)11 by 0.50, and the loss falls by about 0.3750. Nearer to 0 the prediction gets better and better."),
        (line(0.0), -0.5, "Lower w(1)11 by 0.50, and the loss rises by about 0.6250. Nearer to 0 the prediction gets better and better."),
        (line(2.0), -0.1, "Lower w(1)11 by 0.10, and the loss falls by about 0.0950. This is the step that descent takes: h is minus the learning rate times the gradient."),
        (line(0.0), 2.5, "The gradient says that the loss falls, but it rises. The gradient holds only nearby: this nudge is too large for a straight line."),
        (line(2.0), -1.2, "Lower w(1)11 by 1.20, and the loss falls by about 0.4800. The gradient holds only nearby: this nudge is too large for a straight line."),
        (line(1.0), 0.5, "The gradient is 0, so the tangent is level; only a nudge that is not small changes the loss. Nearer to 0 the prediction gets better and better."),
        (line(2.0), 0.0, "Move the slider, or press a button: with h = 0 nothing changes."),
        (line(2.0), 1e-14, "Raise w(1)11 by 1.000·10⁻¹⁴, and the loss rises by about 1.000·10⁻¹⁴. That is so little that rounding hides it: the two losses differ in their last digits at most."),
        (line(2.0), 1e200, "Here the numbers have left the range that a computer keeps."),
    ],
)  # fmt: skip
def test_sign_and_size_in_words(lesson, h, sentence):
    assert told(lesson, W, h) == sentence


def test_a_dead_unit_does_not_move_the_loss():
    lesson = Lesson(layers=[1, 1, 1], activations=["relu", "linear"], loss="half_squared_error", weights=[[[-1.0]], [[1.0]]], inputs=[[1.0]], targets=[[1.0]], learning_rate=0.1)  # fmt: skip
    assert told(lesson, W, 0.5).startswith("The gradient is 0 and the curve is level: w(1)11 can move, and the loss")
    assert rows(html(trace(lesson), W, 0.5))["off"][0] == "0 %"


def test_small_and_large_misses():
    assert rows(html(trace(line(2.0)), h=1e-4))["off"][0] == "less than 0.1 %"
    assert rows(html(trace(line(1.001)), h=1.0))["off"][0] == "99.8 %"
    assert rows(html(trace(line(2.0)), h=-1.99))["off"][0] == "more than 1000 %"
    assert rows(html(trace(line(2.0)), h=1e-14))["off"][0] == "too small to tell"


ANY = st.one_of(st.floats(-2, 2), st.floats(), st.sampled_from((0.0, 1e300, 5e-324)))


@settings(max_examples=30)
@given(lessons(), ANY, st.integers(2, 12), st.sampled_from(tuple(CONVENTIONS)), st.booleans())
def test_no_number_breaks_it(lesson, h, digits, convention, narrow):
    t = trace(lesson)
    for cell in CELLS:
        page = html(t, cell, h, digits, CONVENTIONS[convention], narrow)
        shown = re.sub(r'title="[^"]*"', "", page)
        assert not re.search(r"\bnan\b|\binf\b|None", shown) and page.count("<div") == page.count("</div>")


def test_with_a_comma_and_fractions():
    try:
        numerals.write(comma=True, fractions=True)
        page = html(trace(line(2.0)), h=0.5)
    finally:
        numerals.write()
    assert not re.search(r"\d\.\d", text(re.sub(r"<svg.*?</svg>", "", page)))
    assert rows(page)["delta"] == ("= +1/2", "∂L/∂w(1)11 × h = 1 × 1/2")
