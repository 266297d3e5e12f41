"""The words of the walk: whole sentences, and calculations that a pupil's calculator follows."""

import math
import re
from contextvars import copy_context
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import Lesson, example, trace
from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals
from backprop.explain.conventions import CONVENTIONS
from backprop.explain.excerpt import excerpt, positions
from backprop.explain.operations import operation_sentence
from backprop.explain.words import to_text
from backprop.lessons.examples import EXAMPLES
from tests import strategies
from tests.explain.test_excerpt import followable
from tests.explain.test_words import MARKS, assert_balanced, assert_filled

SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
FUNCTIONS = {
    "exp": math.exp, "ln": math.log, "tanh": math.tanh, "sin": math.sin, "cos": math.cos, "sinh": math.sinh, "cosh": math.cosh,
    "atan": math.atan, "erf": math.erf, "sqrt": math.sqrt, "Abs": abs, "pi": math.pi, "sign": lambda x: math.copysign(1.0, x) if x else 0.0,
}  # fmt: skip
NUMBER = r"−?\d+(?:[.,]\d+)?(?:/\d+)?(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"


def calculator(line: str) -> float:
    """The value of a line such as 0.25 · (1 − 0.30²) + e^(−2.1)."""
    line = re.sub(r"·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda m: "e" + m[1].translate(SUPERSCRIPT), line)
    line = re.sub(r"([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda m: "**" + m[1].translate(SUPERSCRIPT), line)
    line = line.replace("<sup>", "**(").replace("</sup>", ")").replace("√", "sqrt").replace("^", "**")
    line = line.replace("−", "-").replace("·", "*").replace(",", ".")
    line = re.sub(r"(?<![\w.])e(?=\*\*)", str(math.e), line)
    assert re.fullmatch(r"[\d.e+\-*/() A-Za-z]*", line), line
    return eval(line, {"__builtins__": {}, **FUNCTIONS})


def equations(sentence: str) -> list[tuple[str, str, str]]:
    """(calculation, = or ≈, result) of every equation in a sentence."""
    text = re.sub(r"<(?!/?sup>)[^>]+>", "", re.sub(r'<span class="ss">.*?</span>', "", sentence))
    found = []
    for part in re.split(r"(?:: |adds up |; )", unescape(text)):
        if match := re.match(rf"(.+?) ([=≈]) ({NUMBER})(?=\.(?: |$)|$)", part):
            found.append((match[1], match[2], match[3]))
    return found


def assert_recomputes(sentence: str, digits: int) -> int:
    told = equations(sentence)
    assert len(told) == len(re.findall("[=≈]", unescape(re.sub(r"<[^>]+>", "", sentence)))), sentence
    for line, sign, result in told:
        value = calculator(line)
        assert numerals.plain(value, digits) == result, sentence
        if sign == "=":
            assert value == pytest.approx(calculator(result), rel=1e-12, abs=1e-12), sentence
    return len(told)


def assert_told(t: Trace, cell: Cell, sample: int, digits: int, narrow: bool = False, each: int = 1) -> int:
    count = 0
    for op in range(0, positions(t, cell, sample, (), narrow) + 1, each):
        sentence = operation_sentence(t, cell, sample, op, digits, narrow=narrow)
        assert_filled(sentence)
        assert_balanced(sentence, f"{MARKS}|i|sub|sup|span")
        assert to_text(sentence).endswith("."), sentence
        count += assert_recomputes(sentence, digits)
    return count


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_number_of_every_example_recomputes(name, narrow):
    t = trace(example(name))
    for cell in (Cell("W", 1, None, 1, 1), Cell("x", 0, 1, t.network.sizes[0]), Cell("z", t.network.depth, 1, 1)):
        drawn = excerpt(t, cell, 1, (), narrow)
        kinds = [drawn.vertices[key].operation for key in drawn.operations]
        calculated = sum(kind in ("+", "×", "loss", "mean") for kind in kinds)
        assert assert_told(t, cell, 1, 4, narrow) >= calculated + 2 * kinds.count("×")


@pytest.mark.parametrize("digits", [2, 3, 6, 12])
def test_with_other_digits_it_recomputes_too(digits):
    for name in ("towardsai", "softmax", "xor", "dabbura-relu"):
        assert assert_told(trace(example(name)), Cell("W", 1, None, 1, 1), 1, digits) > 10


@settings(max_examples=25)
@given(strategies.lessons(), st.data())
def test_any_lesson_is_told(lesson, data):
    t = trace(lesson)
    sample = data.draw(st.integers(1, t.samples))
    cell = data.draw(st.sampled_from(followable(t, sample)))
    last = positions(t, cell, sample)
    for op in {0, last, data.draw(st.integers(0, last)), data.draw(st.integers(0, last))}:
        for name in CONVENTIONS:
            sentence = operation_sentence(t, cell, sample, op, 4, CONVENTIONS[name])
            assert_filled(sentence)
            assert_balanced(sentence, f"{MARKS}|i|sub|sup|span")
            assert to_text(sentence).endswith("."), sentence


def test_a_batch_tells_each_samples_part_and_their_sum():
    t = trace(example("xor"))
    cell = Cell("W", 1, None, 1, 1)
    for sample in range(1, 5):
        sentence = operation_sentence(t, cell, sample, 0)
        ((line, _sign, total),) = equations(sentence)
        assert total == numerals.plain(t.at(cell._replace(quantity="dL_dW")))
        parts = [excerpt(t, cell, s).vertices[cell.address].gradient for s in range(1, 5)]
        own = re.search(rf"This sample gives ({NUMBER});", sentence)
        assert own and own[1] == numerals.plain(parts[sample - 1])
        assert [abs(calculator(each)) for each in re.findall(r"[\d.]+(?:·10[⁻\d⁰¹²³⁴⁵⁶⁷⁸⁹]+)?", line)] == pytest.approx(
            [abs(part) for part in parts], abs=1e-4
        )
        assert operation_sentence(t, cell, sample, positions(t, cell, sample)).endswith(
            sentence[sentence.index("This") :]
        )


def test_the_walk_of_the_first_example_reads_as_it_should():
    t, cell = trace(example("towardsai")), Cell("W", 1, None, 1, 1)
    said = [to_text(operation_sentence(t, cell, 1, op)) for op in range(39)]
    assert said[1].endswith("times x1: 0.15 · 0.05 = 0.0075.")
    assert said[3].endswith("adds up 0.0075 + 0.0200 + 0.35 ≈ 0.3775.")
    assert said[20].startswith("The way back begins at the loss: its gradient is 1.")
    assert "only a part" in said[26] and said[29].endswith(
        "adds up what comes back from both: 0.06232 − 0.02095 ≈ 0.0414."
    )
    assert "0.008771 · 0.05 ≈ 4.386·10⁻⁴." in said[38]


def test_what_comes_back_on_ways_that_are_not_drawn_is_added_too():
    t = trace(example("softmax"))
    x = Cell("x", 0, 1, 1)
    sentence = operation_sentence(t, Cell("W", 1, None, 1, 1), 1, 20)
    assert "also from the 2 operations that are not drawn" in sentence
    line, _sign, total = equations(sentence)[-1]
    assert total == numerals.plain(t.at(x._replace(quantity="dL_dx"))) and line.count(" ") == 2


def test_numbers_are_written_as_the_class_writes_them():
    t, cell = trace(example("towardsai")), Cell("W", 1, None, 1, 1)

    def told() -> list[str]:
        numerals.write(comma=True, fractions=True)
        return [operation_sentence(t, cell, 1, op) for op in range(39)]

    said = copy_context().run(told)
    assert "3/20 · 1/20 = 0,0075." in to_text(said[1]) and "." not in re.sub(r"\.(?= |$|<)|data-light=\S+", "", said[7])


EXTREME = {
    "huge": ([[[1e200]], [[1e200]]], [[1e300]], "linear"),
    "tiny": ([[[1e-200]], [[1e-200]]], [[1e-300]], "tanh"),
    "far": ([[[1e9]], [[-1e9]]], [[1e9]], "sigmoid"),
    "long": ([[[0.123456789012]], [[-123456.123456789]]], [[0.000123456789012]], "softplus"),
}


@pytest.mark.parametrize("name", EXTREME)
def test_extremes_are_told(name):
    weights, inputs, row = EXTREME[name]
    t = trace(
        Lesson(layers=[1, 1, 1], activations=[row, row], loss="squared_error", weights=weights, inputs=inputs * 2, targets=[[0.5]] * 2, learning_rate=0.1)
    )  # fmt: skip
    for cell in followable(t):
        for op in range(positions(t, cell) + 1):
            for digits in (2, 12):
                assert_filled(operation_sentence(t, cell, 1, op, digits))
