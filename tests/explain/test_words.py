"""Questions and sentences: every place filled, every mark closed, nothing that gives a hidden answer away."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop import Lesson, example, trace
from backprop.engine.losses import LOSSES
from backprop.engine.steps import QUANTITIES, Cell, Trace
from backprop.explain import words
from backprop.explain.derivation import RULES, explain
from backprop.explain.symbols import CONVENTIONS
from backprop.figures.palette import HUES
from backprop.lessons.examples import EXAMPLES
from tests import strategies

MARKS = "in|weight|error|slope|delta|loss|update|mute"
COLOURS = {kind: "red" for kind in HUES}


def computed(t: Trace):
    return [cell for step in t for cell in t.cells(step)]


def assert_filled(text: str) -> None:
    assert text.strip() and not re.search(r"[{}]|\bNone\b|\bnan\b", text), text


def assert_balanced(text: str, tags: str) -> None:
    """Every tag is one of `tags`, closes, and holds something."""
    open_: list[str] = []
    for closing, name in re.findall(r"<(/?)(\w+)[^>]*>", text):
        assert re.fullmatch(tags, name), f"<{name}> in {text}"
        if closing:
            assert open_ and open_.pop() == name, text
        else:
            open_.append(name)
    assert not open_ and not re.search(r"<(\w+)[^>]*></\1>", text), text


def assert_told(t: Trace, cell: Cell, convention) -> None:
    """The question and the sentence of a number, in both forms, hidden and not."""
    question = words.question(t, cell, convention)
    assert_filled(html.unescape(question))
    assert_balanced(question, "i|sub|sup|span")
    assert question.endswith("?")
    for hidden in (False, True):
        marked = words.sentence(explain(t, cell), t, convention, hidden)
        assert_filled(marked)
        assert_balanced(marked, f"{MARKS}|i|sub|sup|span")
        assert_balanced(words.to_html(marked, COLOURS), "b|em|i|sub|sup|span")
        assert not re.search(rf"</?({MARKS})>", words.to_html(marked, COLOURS)), marked
        assert not re.search(r"<\w|&\w+;", words.to_text(marked)), marked
        assert words.to_text(marked).rstrip().endswith("."), marked


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_number_of_every_example_is_told(name, convention):
    t = trace(example(name))
    for cell in computed(t):
        assert_told(t, cell, convention)


@given(strategies.lessons(), st.sampled_from(sorted(CONVENTIONS)))
def test_every_number_of_any_lesson_is_told(lesson, convention):
    t = trace(lesson)
    for cell in computed(t):
        assert_told(t, cell, CONVENTIONS[convention])


@pytest.mark.parametrize("z", [0.5, 40.0, -800.0])
@pytest.mark.parametrize("loss", LOSSES)
def test_saturated_outputs_are_told(loss, z):
    lesson = Lesson(
        layers=[1, 2],
        activations=[LOSSES[loss].needs or "sigmoid"],
        loss=loss,
        weights=[[[z], [0.3]]],
        inputs=[[1.0]],
        targets=[[0.0, 1.0]],
        learning_rate=0.5,
    )
    t = trace(lesson)
    for cell in computed(t):
        assert_told(t, cell, CONVENTIONS["za"])


def told(name: str, cell: Cell, **how) -> str:
    t = trace(example(name))
    return words.to_text(words.sentence(explain(t, cell), t, **how))


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (
            Cell("dL_dW", 2, None, 1, 1),
            "The error at output 1, times the slope of its sigmoid, times what hidden unit 1 sent along this edge. "
            "Raise w11 by 0.01 and the loss rises by about 0.0008.",
        ),
        (
            Cell("dL_dW", 1, None, 2, 1),
            "What comes back from layer 2 through its weights, times the slope of hidden unit 2, times the input on this edge. "
            "Raise w21 by 0.01 and the loss rises by about 5.0·10⁻⁶.",
        ),
        (
            Cell("W_new", 1, None, 1, 1),
            "The old weight, minus the learning rate times the gradient. All gradients were taken with the old weights.",
        ),
    ],
)
def test_sentences_of_the_article(cell, sentence):
    assert told("towardsai", cell) == sentence


def test_a_falling_loss_a_flat_one_and_a_kink():
    t = trace(example("xor"))
    falling = next(cell for cell in computed(t) if cell.quantity == "dL_dW" and t.at(cell) < 0)
    assert "and the loss falls by about" in told("xor", falling)
    flat = Lesson(
        layers=[1, 1, 1],
        activations=["relu", "linear"],
        loss="squared_error",
        weights=[[[1.0]], [[1.0]]],
        inputs=[[0.0]],
        targets=[[1.0]],
        learning_rate=0.1,
    )
    t = trace(flat)
    assert "the slope of the left side is used" in words.sentence(explain(t, Cell("da_dz", 1, 1, 1)), t)
    assert "and the loss stays where it is" in words.sentence(explain(t, Cell("dL_dW", 2, None, 1, 1)), t)


def test_what_is_hidden_is_not_given_away():
    for cell in computed(trace(example("towardsai"))):
        assert not re.search(r"rises|falls|\d\.\d", told("towardsai", cell, hidden=True)), cell


def test_the_words_of_a_kind_take_its_colour():
    assert words.to_html("The <error>error</error>. <mute>So.</mute>", {"error": "#123456"}) == (
        'The <b style="color:#123456">error</b>. <em>So.</em>'
    )
    assert words.to_text("The <error>error</error> of <i>w</i>&lt;. <mute>So.</mute>") == "The error of w<. So."


def test_a_typed_activation_is_named_without_its_formula():
    lesson = Lesson(
        layers=[1, 1],
        activations=[{"formula": "max(z, z/2)"}],
        loss="squared_error",
        weights=[[[1.0]]],
        inputs=[[0.5]],
        targets=[[1.0]],
        learning_rate=0.1,
    )
    t = trace(lesson)
    assert words.layer_name(t, 1) == "layer 1 · typed activation"
    assert words.layer_name(trace(example("softmax")), 2) == "layer 2 · softmax"
    assert_told(t, Cell("a", 1, 1, 1), CONVENTIONS["za"])


def test_a_typed_loss_is_named_without_its_formula():
    lesson = example("neuron").changed(loss={"formula": "max((a-t)^2, abs(a-t))"})
    t = trace(lesson)
    assert words.loss_title(t) == "typed loss" and words.loss_title(trace(example("neuron"))) == "half squared error"
    for cell in (Cell("loss_term", 1, 1, 1), Cell("loss", 1), Cell("dL_da", 1, 1, 1)):
        assert_told(t, cell, CONVENTIONS["za"])
    assert "closer to its target" not in words.sentence(explain(t, Cell("loss_term", 1, 1, 1)), t)


def test_there_is_a_question_for_every_computed_quantity():
    assert (
        set(words.QUESTIONS) == set(RULES) == {name for name, (phase, _axes) in QUANTITIES.items() if phase != "given"}
    )
