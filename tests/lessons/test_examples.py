"""The examples: every row has its lesson, every lesson its row, and what a row tells is true."""

from importlib.resources import files

import pytest

from backprop import Lesson, example, trace
from backprop.lessons.examples import EXAMPLES, FIRST, Example
from tests import strategies


def test_rows_and_files_belong_together():
    assert {path.name.removesuffix(".json") for path in files("backprop.lessons").joinpath("files").iterdir()} == set(
        EXAMPLES
    )
    assert FIRST in EXAMPLES and next(iter(EXAMPLES)) == FIRST


def test_the_names_of_the_contract_are_there():
    assert {"gurarie", "csdn", "genomexyz", "towardsai", "towardsai-printed", "dabbura-tanh", "dabbura-relu"} <= set(
        EXAMPLES
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_tells_where_it_comes_from(name):
    row = EXAMPLES[name]
    assert isinstance(row, Example) and row.title and row.source and row.note.endswith(".")


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_a_lesson_that_reads_back(name):
    lesson = example(name)
    assert lesson.title and lesson == Lesson.from_json(lesson.to_json()) and example(name) is lesson


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_learns(name):
    lesson = example(name)
    assert trace(lesson, 1).loss < trace(lesson).loss and trace(lesson, 100).loss < trace(lesson, 1).loss, name


def test_an_unknown_example_is_refused_with_the_allowed_ones():
    with pytest.raises(ValueError, match=f"“mazur” is not an example; allowed are {', '.join(EXAMPLES)}."):
        example("mazur")


def test_the_examples_show_every_kind_of_thing():
    lessons = [example(name) for name in EXAMPLES]
    assert any(lesson.shared_bias for lesson in lessons) and any(len(lesson.inputs) > 1 for lesson in lessons)
    assert any(lesson.biases and lesson.biases[0] is None for lesson in lessons) and any(
        lesson.activations[-1] in strategies.VECTORS for lesson in lessons
    )


def test_what_towardsai_tells_about_its_printed_target():
    """With t₂ = 0.22 the article's w₇ and w₈ become 0.4712 and 0.5210; with 0.99 they are its 0.511 and 0.561."""
    printed, right = (
        trace(example("towardsai-printed"))["W_new", 2].value[1],
        trace(example("towardsai"))["W_new", 2].value[1],
    )
    assert [f"{w:.4f}" for w in printed] == ["0.4712", "0.5210"] and [f"{w:.3f}" for w in right] == ["0.511", "0.561"]
    assert f"{trace(example('towardsai'))['W_new', 2].value[0, 0]:.4f}" == "0.3589"


def test_the_line_is_found():
    lesson = example("line")
    assert [w.tolist() for w in lesson.X] and all(
        abs(t[0] - (2 * x[0] + 1)) < 1e-12 for x, t in zip(lesson.inputs, lesson.targets, strict=True)
    )
