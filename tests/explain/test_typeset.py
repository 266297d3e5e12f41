"""Every number's equation: TeX that sets, numbers that a calculator confirms, and nothing given away while it is hidden."""

import re
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop import Lesson, example, trace
from backprop.engine.activations import ACTIVATIONS
from backprop.engine.losses import LOSSES
from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, typeset
from backprop.explain.derivation import explain
from backprop.explain.readings import Reader, Style, as_numbers, digits_for_numbers
from backprop.explain.symbols import CONVENTIONS
from backprop.explain.terms import true_value
from backprop.lessons.examples import EXAMPLES
from tests import calculator, strategies
from tests.tex import assert_sets

KINDS = ("in", "weight", "error", "slope", "delta", "loss", "update", "plain", "mute", "result", "wash")
COLOURS = {kind: f"colour-of-{kind}" for kind in KINDS}
SETTINGS = {display.__name__: display for display in (typeset.display, typeset.narrow)}
STYLES = [
    Style(COLOURS, 4),
    Style(COLOURS, 12, CONVENTIONS["ab"]),
    Style(COLOURS, 2, CONVENTIONS["net"], hidden=True),
    Style(COLOURS, 4, CONVENTIONS["gurarie"]),
    Style(COLOURS, 6, CONVENTIONS["dabbura"]),
]


@pytest.fixture
def written():
    """numerals.write, and afterwards as before."""
    yield numerals.write
    numerals.write()


def computed(t: Trace):
    return [cell for step in t for cell in t.cells(step)]


def equation(t: Trace, cell: Cell, style: Style = STYLES[0], sample: int = 1) -> str:
    return typeset.display(explain(t, cell, sample), t, style)


def equations(name: str, style: Style = STYLES[0], setting: str = "display", last: bool = False) -> dict[Cell, str]:
    """The equation of every number of an example, as numbers are written now. last: with the last sample picked, not the first."""
    several = last and len(example(name).inputs) > 1
    return _equations(name, style.digits, style.convention, style.hidden, setting, several, numerals.writing())


@cache
def _equations(name, digits, convention, hidden, setting, last, _writing) -> dict[Cell, str]:
    t, style = trace(example(name)), Style(COLOURS, digits, convention, hidden)
    sample = t.samples if last else 1
    return {cell: SETTINGS[setting](explain(t, cell, sample), t, style) for cell in computed(t)}


# --- it sets


@pytest.mark.parametrize(
    "style", STYLES, ids=["four digits", "twelve digits, CSDN", "two digits, net/out, hidden", "Gur-Arie", "Dabbura"]
)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_equation_of_every_example_sets(name, style):
    for setting in SETTINGS:
        for tex in equations(name, style, setting, last=True).values():
            assert_sets(tex, frozenset(COLOURS.values()))


@given(strategies.lessons(), st.sampled_from(sorted(SETTINGS)), st.integers(2, 12), st.booleans())
def test_every_equation_of_any_lesson_sets(lesson, setting, digits, hidden):
    t = trace(lesson)
    style = Style(COLOURS, digits, hidden=hidden)
    for cell in computed(t)[::3]:
        tex = SETTINGS[setting](explain(t, cell), t, style)
        assert_sets(tex.replace(r"\text{undefined}", ""))


@pytest.mark.parametrize("z", [-800.0, -40.0, -16.0, 0.0, 40.0, 800.0])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])
def test_far_out_every_equation_still_sets(name, loss, z):
    output = LOSSES[loss].needs or name
    lesson = Lesson(
        layers=[1, 1, 2],
        activations=[name, output],
        loss=loss,
        weights=[[[z]], [[z], [0.5]]],
        inputs=[[1.0]],
        targets=[[0.0, 1.0]],
        learning_rate=0.5,
    )
    t = trace(lesson)
    for cell in computed(t):
        for setting in SETTINGS.values():
            tex = setting(explain(t, cell), t, STYLES[0])
            assert_sets(tex.replace(r"\text{undefined}", ""))


# --- a calculator confirms it


def confirms(shown: float, answer: float, digits: int) -> bool:
    """Does a calculator's result round to the answer? Where it stands on the edge either neighbour is right.

    A calculator shows decimals, whatever the class writes.
    """
    before = numerals.writing()
    numerals.write()
    near = {numerals.tex(shown * (1 + off), digits) for off in (-1e-12, 0, 1e-12)}
    confirmed = numerals.tex(answer, digits) in near
    numerals.write(*before)
    return confirmed


WRITINGS = [
    (2, False, False, "za"),
    (4, False, False, "za"),
    (7, False, False, "za"),
    (4, True, False, "gurarie"),
    (4, False, True, "net"),
    (3, True, True, "dabbura"),
]


@pytest.mark.parametrize(("digits", "comma", "fractions", "convention"), WRITINGS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_line_shown_gives_the_answer_shown(name, digits, comma, fractions, convention, written):
    t = trace(example(name))
    written(comma, fractions)
    for cell, tex in equations(name, Style(COLOURS, digits, CONVENTIONS[convention])).items():
        explanation = explain(t, cell)
        for row in rows(tex):
            if re.match(r"\{\{(numbers|values)", row) and "cdots" not in row:
                shown = calculator.value(" ".join(row.split(" & ")[2:]))
                assert confirms(shown, true_value(explanation.part, t), digits), f"{cell}: {row}"
        if explanation.parts:
            line = re.search(r"\\;=\\; (.*) \\;(?:=|\\approx)\\; \\fcolorbox", tex)[1]
            assert confirms(calculator.value(line), explanation.value, digits), f"{cell}: {line}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_numbers_put_in_give_the_answer_where_a_line_is_shortened(name):
    """The sum that stands shortened with its dots has digits enough for the whole of it."""
    t = trace(example(name))
    for cell in computed(t):
        part = explain(t, cell).part
        row = Reader(STYLES[0], as_numbers(t, STYLES[0], digits_for_numbers(part, t, 4)), r" \cdot ").node(part)
        assert confirms(calculator.value(row), true_value(part, t), 4), f"{cell}: {row} is not what is shown"


@pytest.mark.parametrize("digits", [4, 8])
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_phone_shows_the_same_digits(name, digits):
    """On a phone the last line of factors multiplies to the answer, too."""
    t = trace(example(name))
    for cell, coloured in equations(name, Style(COLOURS, digits), "narrow").items():
        explanation = explain(t, cell)
        tex = re.sub(r"\\textcolor\{.*?\}", "", coloured)
        lines = re.split(r" \\\\\[\w+\] ", tex.removeprefix(r"\begin{array}{rcl} ").removesuffix(r" \end{array}"))
        products = [line for line in lines if re.match(r"\S.* & \\approx & [-(\d]", line)]
        for line in products:
            shown = calculator.value(line.split(" & ")[2])
            assert confirms(shown, true_value(explanation.part, t), digits), f"{cell}: {line}"


@pytest.mark.parametrize("z", [-3.0, -0.42, 0.0, 0.3, 2.5])
@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "softmax"])
def test_the_numbers_put_into_every_activation_give_its_value_and_slope(name, z):
    lesson = Lesson(
        layers=[1, 1],
        activations=[name],
        loss="squared_error",
        weights=[[[z]]],
        inputs=[[1.0]],
        targets=[[1.0]],
        learning_rate=0.5,
    )
    t = trace(lesson)
    for quantity in ("a", "da_dz", "dL_dz", "dL_dW", "W_new"):
        part = explain(t, Cell(quantity, 1, None if "W" in quantity else 1, 1, 1 if "W" in quantity else None)).part
        row = Reader(STYLES[0], as_numbers(t, STYLES[0], digits_for_numbers(part, t, 4)), r" \cdot ").node(part)
        assert confirms(calculator.value(row), true_value(part, t), 4), f"{quantity}: {row}"


def test_the_calculator():
    assert calculator.value(r"0.5 \cdot (-0.2)^{2} - \tfrac{1}{4}\,(1 + 3)") == pytest.approx(-0.98)
    assert calculator.value(r"0{,}5 \cdot (-\tfrac{1}{5})^{2} + {1{,}5\cdot 10^{-1}}") == pytest.approx(0.17)
    assert calculator.value(r"\textcolor{red}{- {2.5\cdot 10^{-1}}\,\ln{(e^{{2}} )}}") == pytest.approx(-0.5)
    assert calculator.value(r"\frac{\operatorname{erf}{\left(\frac{\sqrt{2}\,{3}}{2} \right)}}{2}") == pytest.approx(
        0.49865
    )
    with pytest.raises(AssertionError):
        calculator.value(r"1 + \alpha")


# --- what it says


def rows(tex: str) -> list[str]:
    """The rows of an equation, without colours and gaps."""
    body = re.search(r"\\begin\{array\}\{rc+\} (.*?) \\end\{array\}", tex)[1]
    bare = re.sub(r"\\textcolor\{.*?\}|\\kern-0.35em ?|\\footnotesize\\textit", "", body)
    return re.split(r" \\\\\[\w+\] ", bare)


def test_the_equation_of_the_articles_output_weight():
    """Rule, factors, numbers, values, answer: 0.7414 · 0.1868 · 0.5933 ≈ 0.0822, as the article computes it."""
    assert rows(equation(trace(example("towardsai")), Cell("dL_dW", 2, None, 1, 1))) == [
        r"\dfrac{\partial L}{\partial w^{(2)}_{11}} & = & {\dfrac{\partial L}{\partial a^{(2)}_{1}}} & \cdot & {\dfrac{\partial a^{(2)}_{1}}{\partial z^{(2)}_{1}}} & \cdot & {\dfrac{\partial z^{(2)}_{1}}{\partial w^{(2)}_{11}}}",
        r"{{factors}} & = & {({a^{(2)}_{1}} - {t_{1}})} & \cdot & {{a^{(2)}_{1}}\,(1 - {a^{(2)}_{1}})} & \cdot & {a^{(1)}_{1}}",
        r"{{numbers}} & \approx & {({0.7514} - {0.01})} & \cdot & {{0.7514}\,(1 - {0.7514})} & \cdot & {0.5933}",
        r"{{values}} & \approx & {0.7414} & \cdot & {0.1868} & \cdot & {0.5933}",
        r" & \approx & \fcolorbox{colour-of-result}{colour-of-wash}{${\mathbf{0.0822}}$}",
    ]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_answer_stands_in_its_frame(name):
    t = trace(example(name))
    for setting in SETTINGS:
        for cell, tex in equations(name, setting=setting).items():
            framed = re.search(r"\\mathbf\{(.*)\}\}\$\}", tex)
            assert framed[1] == numerals.tex(t.at(cell), 4), cell


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_hidden_is_not_written(name):
    """The answer is there as an empty space, the same for every answer; the line of values, which would give it away, is not."""
    t = trace(example(name))
    hidden = Style(COLOURS, 4, hidden=True)
    spaces = set()
    for cell in computed(t):
        for tex in (equation(t, cell, hidden), typeset.narrow(explain(t, cell), t, hidden)):
            spaces |= set(re.findall(r"\\mathbf\{\\phantom\{.*?\}\}\}", tex))
            assert r"\textit{values}" not in tex and r"\phantom" in tex, cell
    assert len(spaces) == 1 and not re.search(r"-|\\cdot", spaces.pop())


def test_while_it_is_hidden_nothing_tells_which_case_of_a_function_holds():
    """Of ReLU and its slope the numbers put in would be the answer; and = instead of ≈ would tell a 0."""
    t = trace(example("dabbura-relu"))
    hidden = Style(COLOURS, 4, hidden=True)
    for unit in (1, 2):  # one is off, one is on
        for quantity in ("a", "da_dz"):
            tex = equation(t, Cell(quantity, 1, 1, unit), hidden)
            assert "numbers" not in tex and tex == equation(t, Cell(quantity, 1, 1, 3 - unit), hidden).replace(
                f"_{{{3 - unit}}}", f"_{{{unit}}}"
            )
        tex = equation(t, Cell("dL_dW", 2, None, unit, 1), hidden)
        assert r"\approx" not in tex.rpartition("?")[2]


def test_a_slope_that_reads_no_number_is_exact():
    t = trace(example("dabbura-relu"))
    tex = equation(t, Cell("da_dz", 1, 1, 1))
    assert [row.split(" & ")[1] for row in rows(tex)] == ["="] * 4


def test_a_number_alone_has_no_brackets():
    lesson = Lesson(
        layers=[1, 1], activations=["linear"], loss="squared_error", weights=[[[-0.4]]], inputs=[[1.0]], targets=[[1.0]], learning_rate=0.5
    )  # fmt: skip
    assert r"{{numbers}} & = & {{-0.4000}}" in rows(equation(trace(lesson), Cell("a", 1, 1, 1)))


def test_samples_are_added_up_and_the_picked_one_is_marked():
    t = trace(example("xor"))
    cell = Cell("dL_dW", 1, None, 1, 2)
    tex = equation(t, cell, sample=2)
    assert tex.startswith(r"\begin{array}{l}") and r"\tfrac{1}{4}\dfrac{\partial L_{2}}" in tex
    marked = re.search(r"\\underline\{\(?(-?[\d.]+)\)?\}", tex)
    assert float(marked[1]) == pytest.approx(true_value(explain(t, cell, 2).part, t), abs=5e-5)
    assert tex.count(r"\underline") == 1


def test_a_sum_too_long_for_its_line_is_written_with_sigma():
    wide = Lesson(
        layers=[8, 8, 8],
        activations=["tanh", "tanh"],
        loss="squared_error",
        init={"scheme": "xavier"},
        inputs=[[0.123456] * 8],
        targets=[[0.5] * 8],
        learning_rate=0.1,
    )
    t = trace(wide)
    tex = equation(t, Cell("dL_dW", 1, None, 1, 1))
    assert r"\sum_{k}" in tex and r"\cdots" in tex
    assert_sets(tex)


FIRST = {"za": "z^{(1)}_{1}", "gurarie": "Z^{[1]}_{1}", "ab": "a^{(1)}_{1}", "net": r"\mathrm{net}_{\mathrm{h1}}", "dabbura": "Z^{1}_{1}"}  # fmt: skip


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_a_convention_changes_the_letters(convention):
    tex = equation(trace(example("towardsai")), Cell("z", 1, 1, 1), Style(COLOURS, 4, CONVENTIONS[convention]))
    assert tex.startswith(rf"\begin{{array}}{{rcccccc}} {FIRST[convention]} & = & ")


@pytest.mark.parametrize("convention", [name for name in CONVENTIONS if name != "za"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_convention_changes_no_number(name, convention):
    """The same digits in the same order on every row of numbers, and the same answer; ½ and 1/m stay where they are."""
    named, standard = (equations(name, Style(COLOURS, 4, CONVENTIONS[each])) for each in (convention, "za"))
    for cell, tex in named.items():
        plain = standard[cell]
        assert re.findall(r"\d+\.\d+", tex) == re.findall(r"\d+\.\d+", plain), cell
        answers = [re.findall(r"\\mathbf\{(.*?)\}\}\$\}", each) for each in (tex, plain)]
        assert answers[0] == answers[1], cell


# --- as a class writes its numbers


@pytest.mark.parametrize("fractions", [False, True])
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_decimal_mark_is_one_everywhere(name, fractions, written):
    written(True, fractions)
    wrong = re.compile(r"\d\.\d|\d,\d")
    for setting in SETTINGS:
        for cell, tex in equations(name, setting=setting, last=True).items():
            assert_sets(tex, frozenset(COLOURS.values()))
            bare = re.sub(r"\\kern-?[\d.]+em", "", tex)
            assert not wrong.search(bare), f"{cell}: {wrong.search(bare)} in {bare}"


def test_what_is_exactly_a_fraction_is_written_as_one(written):
    """The weights of the article: 0.15 · 0.05 + 0.2 · 0.1 + 0.35 = 0.3775, of which 0.3775 = 151/400 is none."""
    written(fractions=True)
    assert rows(equation(trace(example("towardsai")), Cell("z", 1, 1, 1)))[1:] == [
        r"{{numbers}} & = & {\tfrac{3}{20}} \cdot {\tfrac{1}{20}} & + & {\tfrac{1}{5}} \cdot {\tfrac{1}{10}} & + & {\tfrac{7}{20}}",
        r"{{values}} & = & 0.0075 & + & 0.0200 & + & {\tfrac{7}{20}}",
        r" & = & \fcolorbox{colour-of-result}{colour-of-wash}{${\mathbf{0.3775}}$}",
    ]


def test_a_fraction_that_is_squared_stands_in_brackets(written):
    lesson = Lesson(
        layers=[1, 1], activations=["linear"], loss="squared_error", weights=[[[0.5]]], inputs=[[1.0]], targets=[[0.25]], learning_rate=0.5
    )  # fmt: skip
    written(fractions=True)
    tex = equation(trace(lesson), Cell("loss_term", 1, 1, 1))
    assert calculator.value(rows(tex)[1].split(" & ")[2]) == pytest.approx(0.0625)
    assert r"\mathbf{\tfrac{1}{16}}" in tex
    tanh = trace(lesson.changed(activations=["tanh"], weights=[[[0.0]]]))
    assert r"1 - {0}^{2}" in equation(tanh, Cell("da_dz", 1, 1, 1))


def test_a_layer_that_looks_like_a_power_is_put_in_brackets():
    t = trace(example("xor"))
    slope = equation(t, Cell("da_dz", 1, 1, 1), STYLES[4])
    assert r"(A^{1}_{1})^{2}" in re.sub(r"\{\(A\^\{1\}_\{1\}\)\}", r"(A^{1}_{1})", slope)
