"""What is said of an answer: whole sentences for every slip at every number of every example, and lines that a calculator confirms."""

import math
import re

import pytest

from backprop.engine.steps import Cell
from backprop.explain import numerals, symbols
from backprop.explain.conventions import CONVENTIONS, DEFAULT
from backprop.explain.readings import Style
from backprop.lessons.examples import EXAMPLES, example
from backprop.practice import feedback
from backprop.practice.marking import VERDICTS, Verdict, marked
from backprop.practice.reckoning import after
from backprop.practice.recognition import Found
from backprop.practice.sheet import Sheet
from backprop.practice.slips import SLIPS, mistakes
from backprop.runs.history import trace
from backprop.runs.walk import walk
from tests import calculator


def sheet(name: str, digits: int = 4) -> Sheet:
    at = trace(example(name))
    return Sheet(example(name), 0, 1, digits, frozenset((*walk(at, 1).cells, after(at))))


def whole(said: feedback.Said) -> str:
    text = re.sub(r"<[^>]+>", "", " ".join((said.title, *said.sentences, said.breaks)))
    assert "{" not in text and not re.search(r"None(?! of)", text) and "nan" not in text, text
    return text


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_slip_has_its_sentence_at_every_number(name):
    paper = sheet(name)
    convention = DEFAULT.of(paper.trace)
    for cell in paper.cells[:-1]:
        for slip in SLIPS.values():
            for mistake in mistakes(slip, paper.trace, cell):
                verdict = Verdict("slip", 1.0, 2.0, (Found(slip, mistake),))
                text = whole(feedback.said(paper, cell, verdict, "-1.5", convention))
                assert not re.search(r"(?<![\w₁])-1\.5", text)  # a true minus


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_on_the_way_has_its_sentence(slip):
    paper, lesson = sheet("towardsai"), example("softmax").changed(loss="half_squared_error")
    made = [each for cell in paper.cells for each in mistakes(SLIPS[slip], paper.trace, cell)]
    made += mistakes(SLIPS[slip], trace(lesson), Cell("dL_dz", 2, 1, 1))
    verdict = Verdict("slip", 1.0, 2.0, (Found(SLIPS[slip], made[0], along=True),))
    assert "1.5" in whole(feedback.said(paper, paper.cells[-1], verdict, "1.5", DEFAULT.of(paper.trace)))


@pytest.mark.parametrize("kind", VERDICTS[1:])
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_every_verdict_has_words(kind, convention):
    paper = sheet("softmax")
    found = (Found(SLIPS["sign"], mistakes(SLIPS["sign"], paper.trace, Cell("dL_dz", 2, 1, 1))[0]),)
    verdict = Verdict(
        kind,
        1.0,
        2.0,
        found if kind == "slip" else (),
        (Cell("z", 1, 1, 1),) if kind == "carried" else (),
        "No number.",
    )
    assert whole(feedback.said(paper, Cell("dL_dz", 2, 1, 1), verdict, "1.5", CONVENTIONS[convention].of(paper.trace)))


def test_several_slips_are_all_named():
    paper = sheet("towardsai")
    cell = Cell("dL_dz", 2, 1, 1)
    found = tuple(Found(SLIPS[name], mistakes(SLIPS[name], paper.trace, cell)[0]) for name in ("sign", "no_slope"))
    said = feedback.said(paper, cell, Verdict("slip", 1.0, 2.0, found), "1", DEFAULT.of(paper.trace))
    assert len(said.sentences) == 2 and "More than one" in said.title


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_wrong_line_comes_to_the_wrong_number_and_the_right_line_to_the_right_one(name):
    """The numbers put in, worked out by a calculator of TeX that knows nothing of this package."""
    paper = sheet(name)
    style = Style({}).of(paper.trace)
    cells = paper.cells[:-1]
    for cell in cells[:: max(1, len(cells) // 30)]:
        for slip in SLIPS.values():
            for mistake in mistakes(slip, paper.trace, cell):
                made = paper.exact.computed(cell, mistake.node).value
                if not math.isfinite(made):
                    continue
                verdict = Verdict("slip", made, paper.true(cell), (Found(slip, mistake),))
                right, wrong = feedback.beside(paper, cell, verdict, paper.trace, style)
                for line, value in ((right, paper.true(cell)), (wrong, made)):
                    if line.numbers:
                        worked = calculator.value(re.sub(r"^(=|\\approx) ", "", line.numbers))
                        assert numerals.plain(worked) == numerals.plain(value), (cell, slip.name, line.numbers)
                break


@pytest.mark.parametrize("name", EXAMPLES)
def test_help_ends_with_the_number_and_no_step_repeats_the_one_before(name):
    paper = sheet(name)
    style = Style({}).of(paper.trace)
    for cell in paper.cells:
        steps = feedback.hints(paper, cell, paper.trace, style)
        assert 2 <= len(steps) <= 4 and len({tex for _words, tex in steps}) == len(steps)
        value = numerals.tex(paper.true(cell), 4)
        assert value in steps[-1][1] and symbols.tex(cell, style.convention)[:1] in steps[-1][1]


def test_help_tells_no_number_of_a_blank_that_is_still_open():
    paper = sheet("towardsai")
    style = Style({}).of(paper.trace)
    error, deltas = Cell("dL_da", 1, 1, 1), [Cell("dL_dz", 2, 1, 1), Cell("dL_dz", 2, 1, 2)]
    numbers = dict(feedback.hints(paper, error, paper.trace, style, deltas))["The numbers"]
    assert numbers.count(r"\blank") == 2 and "0.1385" not in numbers and "0.40" in numbers


def test_a_hint_puts_in_the_numbers_that_its_reader_has():
    paper = sheet("towardsai")
    verdicts = marked(paper, (("z.1.1.1", "0.5"), ("a.1.1.1", "0.9")))
    assert verdicts[Cell("a", 1, 1, 1)].expected == pytest.approx(1 / (1 + math.exp(-0.5)))
