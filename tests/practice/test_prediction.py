"""What is asked of each number: the answer is the number's own, and what is offered gives nothing away."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import example, trace
from backprop.engine.steps import Cell, Trace
from backprop.explain.conventions import CONVENTIONS
from backprop.explain.words import to_text
from backprop.lessons.examples import EXAMPLES
from backprop.practice.prediction import OPTIONS, Question, in_words, option_in_words, question
from backprop.runs.walk import Walk
from tests.strategies import lessons


def expected(t: Trace, asked: Question) -> str:
    """The answer, by signs and differences."""
    quantity, layer = asked.cell.quantity, asked.cell.layer
    if asked.kind == "way":
        old = t[quantity[0], layer].value
        new = (t.after.W if quantity == "W_new" else t.after.b)[layer - 1]
        index = tuple(place - 1 for place in (asked.cell.unit, asked.cell.from_unit) if place is not None)
        moved = np.sign(new - old).reshape(-1)[0] if not index else np.sign(new - old)[index]
        return {1: "up", -1: "down", 0: "stays"}[int(moved)]
    value = t.at(asked.cell)
    if asked.kind == "larger":
        order = np.sign(abs(value) - abs(t.at(asked.known)))
        return {1: "new", -1: "known", 0: "equal"}[int(order)]
    middle, words = {"sign": (0.0, ("negative", "zero", "positive")), "half": (0.5, ("below", "half", "above"))}[
        asked.kind
    ]
    return words[int(np.sign(value - middle)) + 1]


def every(t: Trace, sample: int = 1) -> list[tuple[int, Question]]:
    """(stop, question) of a walk."""
    walk = Walk(t, sample)
    return [(stop, asked) for stop, cell in enumerate(walk.cells, 1) if (asked := question(t, cell))]


@pytest.mark.parametrize("iteration", [0, 7])
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_answer_is_the_numbers_own(name, iteration):
    t = trace(example(name), iteration)
    for sample in range(1, t.samples + 1):
        for _stop, asked in every(t, sample):
            assert asked.answer == expected(t, asked), asked


@settings(max_examples=30, deadline=None)
@given(lessons(), st.sampled_from((1.0, 0.0, 1e-170, 1e150, 1e305)))
def test_any_lesson_has_an_answer_among_three_options(lesson, scale):
    t = trace(lesson.changed(inputs=tuple(tuple(x * scale for x in row) for row in lesson.inputs)))
    for step in t:
        for cell in t.cells(step):
            for alone in (False, True):
                asked = question(t, cell, alone)
                if math.isnan(t.at(cell)):
                    assert asked is None
                elif asked:
                    assert asked.options == OPTIONS[asked.kind] and asked.answer in asked.options
                    assert asked.kind == "way" or asked.answer == expected(t, asked)
                    assert not (alone and asked.known)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_number_is_compared_with_one_that_is_known_and_lies_apart(name):
    t = trace(example(name))
    walk = Walk(t)
    for stop, asked in every(t):
        if asked.known:
            assert walk.known(asked.known, stop - 1), asked
            assert (asked.known.quantity, asked.known.layer) == (asked.cell.quantity, asked.cell.layer)
            one, other = abs(t.at(asked.cell)), abs(t.at(asked.known))
            assert one == other or abs(one - other) > 1e-3 * max(one, other)


def test_gradients_and_updates_are_always_asked_for():
    for name in EXAMPLES:
        t = trace(example(name))
        for stop, cell in enumerate(Walk(t).cells, 1):
            if cell.quantity in ("z", "dL_da", "dL_dz", "dL_dW", "dL_db", "dL_dx", "W_new", "b_new"):
                assert question(t, cell), (name, stop)


def test_a_walk_has_some_of_each_and_the_kind_does_not_hang_on_the_sign():
    t = trace(example("towardsai"))
    kinds = [asked.kind for _stop, asked in every(t)]
    assert set(kinds) == set(OPTIONS)
    flipped = trace(example("towardsai").changed(targets=((0.99, 0.01),)))
    assert [asked.kind for _stop, asked in every(flipped)] == kinds
    assert [asked.answer for _stop, asked in every(flipped)] != [asked.answer for _stop, asked in every(t)]


def test_what_has_one_answer_only_is_not_asked():
    t = trace(example("towardsai"))
    for cell in (Cell("da_dz", 2, 1, 1), Cell("loss", 2), Cell("loss_term", 2, 1, 1)):
        assert question(t, cell) is None, cell
    line = trace(example("line"))
    assert question(line, Cell("a", 1, 1, 1)) is None and question(line, Cell("da_dz", 1, 1, 1)) is None


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("name", ["towardsai", "dabbura-relu", "softmax"])
def test_every_question_and_option_is_in_words_that_do_not_tell_the_number(name, convention):
    t = trace(example(name))
    for _stop, asked in every(t):
        style = CONVENTIONS[convention].of(t)
        text = to_text(in_words(asked, "0.5", style))
        options = [to_text(option_in_words(asked, option, "KNOWN", style)) for option in asked.options]
        assert text.endswith("?") and len(set(options)) == 3 and all(options)
        assert "{" not in text + "".join(options)
        assert sum("KNOWN" in each for each in options) == (asked.kind == "larger")
        assert not re.search(r"\d\.\d", (text + "".join(options)).replace("0.5", ""))
