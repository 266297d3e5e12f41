"""KaTeX itself, as the page has it, sets every equation that the page can ask for, without a word of complaint."""

import re
from pathlib import Path

import pytest

from backprop import Lesson, example, trace
from backprop.engine.activations import ACTIVATIONS
from backprop.engine.losses import LOSSES
from backprop.engine.steps import Trace
from backprop.explain import numerals, typeset, vectors
from backprop.explain.derivation import explain
from backprop.explain.expanded import expand, followed, operations
from backprop.explain.readings import Style
from backprop.explain.symbols import CONVENTIONS
from backprop.lessons.examples import EXAMPLES
from backprop.ui.explanation import STAND_INS
from tests.strategies import TYPED

KATEX = Path(__file__).parents[2] / "backprop" / "ui" / "assets" / "katex" / "katex.min.js"
COLOURS = {**STAND_INS, "result": "steelblue", "wash": "aliceblue"}
SET_ALL = """texts => texts.flatMap((tex) => {
  try { katex.renderToString(tex, { displayMode: true, strict: false }); return []; }
  catch (error) { return [`${error.message} in ${tex}`]; }
})"""


@pytest.fixture(scope="module")
def refused(chromium):
    """A function: the equations that KaTeX refuses, with what it says."""
    page = chromium.new_page()
    page.add_script_tag(path=KATEX)
    alike = re.compile(r"\d+")  # KaTeX sets one number as it sets another
    fine: set[str] = set()  # and a text that it has set once, it sets again

    def faults(texts: set[str]) -> list[str]:
        new = {alike.sub("1", text) for text in texts} - fine
        found = page.evaluate(SET_ALL, sorted(new))
        fine.update(new if not found else ())
        return found

    yield faults
    page.close()


def equations(t: Trace, style: Style) -> set[str]:
    """Every equation of an iteration: of each number, wide and narrow, and of each layer's quantity."""
    out = {vectors.display(t, step, 1, style) for step in t if step.quantity != "loss"}
    for step in t:
        for cell in t.cells(step):
            explanation = explain(t, cell)
            out |= {typeset.display(explanation, t, style), typeset.narrow(explanation, t, style)}
    return out


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_equation_of_every_example(refused, name, convention):
    t = trace(example(name))
    assert (
        refused(equations(t, Style(COLOURS, 4, convention)) | equations(t, Style(COLOURS, 9, convention, True))) == []
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_equation_with_a_comma_and_fractions(refused, name):
    numerals.write(True, True)
    try:
        written = equations(trace(example(name)), Style(COLOURS, 4, CONVENTIONS["gurarie"]))
    finally:
        numerals.write()
    assert refused(written) == []


@pytest.mark.parametrize("loss", LOSSES)
def test_every_equation_of_every_activation_and_loss(refused, loss):
    found: set[str] = set()
    for each in [*ACTIVATIONS, *({"formula": text} for text in TYPED)]:
        if each == "softmax":
            continue
        for z in (-0.3, 20.0):
            lesson = Lesson(
                layers=[1, 1, 2],
                activations=[each, LOSSES[loss].needs or ("softmax" if z > 0 else each)],
                loss=loss,
                init={"scheme": "uniform", "scale": 5.0},
                inputs=[[z], [0.5]],
                targets=[[0.0, 1.0], [0.25, 0.75]],
                learning_rate=0.1,
            )
            found |= equations(trace(lesson), Style(COLOURS))
    assert refused(found) == []


@pytest.mark.parametrize("convention", [CONVENTIONS["net"], CONVENTIONS["gurarie"]], ids=["net", "gurarie"])
def test_the_expanded_derivatives_of_the_examples(refused, convention):
    found: set[str] = set()
    for name in ("towardsai", "gurarie", "genomexyz", "xor", "softmax", "deep"):
        t = trace(example(name))
        cells = {(cell.quantity, cell.layer): cell for cell in followed(t.network)}
        for cell in cells.values():
            if operations(t.network, cell) < 1000 and (made := expand(t.network, cell)).tree:
                found |= {made.tex(convention.of(t), 1), made.tex(convention.of(t), None, 18.0)}
    assert len(found) > 50 and refused(found) == []


@pytest.mark.parametrize("each", [*ACTIVATIONS, *TYPED])
def test_the_expanded_derivatives_of_every_activation(refused, each):
    """As long as they may be: KaTeX expands only so many macros."""
    row, last = ({"formula": each} if each in TYPED else each), "softmax" if each == "softmax" else None
    found = set()
    for sizes in ([2, 2, 2], [2, 3, 3]):
        lesson = Lesson(layers=sizes, activations=[row if last is None else "tanh"] * (len(sizes) - 2) + [last or row], loss="squared_error", init={"scheme": "he"}, inputs=[[0.5] * sizes[0]], targets=[[0.5] * sizes[-1]], learning_rate=0.1)  # fmt: skip
        for cell in {(cell.quantity, cell.layer): cell for cell in followed(lesson.network)}.values():
            if operations(lesson.network, cell) < 2000 and (made := expand(lesson.network, cell)).tree:
                found.add(made.tex(CONVENTIONS["net"].of(trace(lesson))))
    assert found and refused(found) == []
