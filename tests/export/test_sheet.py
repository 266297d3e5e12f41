"""The sheet holds every number once, and of a number left blank no digit anywhere."""

import re

import pytest

from backprop import Lesson, example, trace
from backprop.engine.steps import QUANTITIES, Cell, Trace
from backprop.explain import numerals, symbols
from backprop.explain.lines import FILL_IN, Line
from backprop.explain.readings import Style
from backprop.explain.symbols import CONVENTIONS
from backprop.export.sheet import BLANKABLE, Section, covered, sections
from backprop.lessons.examples import EXAMPLES
from tests.tex import assert_sets

STYLE = Style({})
COMPUTED = [name for name, (phase, _axes) in QUANTITIES.items() if phase != "given"]


def lines(parts: list[Section]) -> list[Line]:
    return [line for section in parts for block in section.blocks for line in block.lines]


def formulas(parts: list[Section]) -> list[str]:
    """Every piece of TeX but the lines."""
    out = []
    for block in (block for section in parts for block in section.blocks):
        out += [piece for pieces in block.formulas for piece in pieces]
        if block.table:
            out += [*block.table.head, *(cell for row in block.table.rows for cell in row)]
    return out


def everything(parts: list[Section]) -> str:
    texts = [piece for line in lines(parts) for piece in (line.symbol, line.rule, line.numbers, line.value)]
    return "\n".join([*texts, *formulas(parts)])


def cells(t: Trace, sample: int | None = None) -> list[Cell]:
    """Every computed cell in the order of the trace; a lone sample's loss is the loss."""
    found = [cell for step in t for cell in t.cells(step)]
    if t.samples == 1:
        found = [cell for cell in found if cell.quantity != "loss" or cell.sample is None]
    return [cell for cell in found if sample is None or cell.sample in (None, sample)]


@pytest.mark.parametrize("digits", [3, 6])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_number_of_the_iteration_stands_on_a_line_of_its_own(name, digits):
    t = trace(example(name))
    found = lines(sections(t, Style({}, digits)))
    assert [line.cell for line in found] == cells(t)
    for line in found:
        value = numerals.tex(t.at(line.cell), digits)
        assert line.value in (rf"= \answer{{{value}}}", rf"\approx \answer{{{value}}}"), line.cell


@pytest.mark.parametrize("name", [name for name in EXAMPLES if len(example(name).inputs) > 1])
def test_a_sheet_of_one_sample(name):
    t = trace(example(name))
    for sample in (1, t.samples):
        assert [line.cell for line in lines(sections(t, STYLE, sample))] == cells(t, sample)


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_given_and_what_comes_after(name):
    t = trace(example(name))
    first, *_rest, last = sections(t, STYLE)
    before, after = "\n".join(formulas([first])), "\n".join(formulas([last]))
    for step in t.given:
        for cell in t.cells(step):
            assert numerals.tex(t.at(cell), given=True) in before, cell
            assert symbols.tex(cell) in before
    for step in t:
        if step.phase == "update":
            assert all(numerals.tex(t.at(cell)) in after for cell in t.cells(step))
    assert numerals.tex(t.loss) in after and numerals.tex(trace(example(name), 1).loss) in after


BLANKS = [*BLANKABLE, *(name for name in COMPUTED if name != "loss")]


@pytest.mark.parametrize("blank", BLANKS)
@pytest.mark.parametrize("name", ["towardsai", "dabbura-tanh", "softmax", "genomexyz", "line", "neuron"])
def test_no_digit_of_a_blank_is_printed_anywhere(name, blank):
    t = trace(example(name))
    style = Style({}, 12)  # so many that no two numbers are alike by chance
    for sample in (None, 1):
        left_out = covered(t, style, sample, {blank})
        chosen = [c for c in cells(t, sample) if blank in (c.quantity, QUANTITIES[c.quantity][0])]
        if blank != "loss":
            assert set(chosen) <= left_out
        parts = sections(t, style, sample, {blank})
        found = lines(parts)
        assert {line.cell for line in found if FILL_IN in line.value} == left_out
        text = everything(parts)
        elsewhere = {digits(t.at(c)) for c in [*cells(t), *given(t)] if c not in left_out}
        for cell in left_out:
            number = digits(t.at(cell))
            if number not in elsewhere and float(number) != 0.5:
                assert not re.search(rf"(?<!\d){re.escape(number)}", text), (cell, number)


def digits(value: float) -> str:
    """The digits of a number that would give it away: without sign, power and last places, which rounding changes."""
    return numerals.parts(value, 9)[0][:-1]


def given(t: Trace) -> list[Cell]:
    return [cell for step in t.given for cell in t.cells(step)]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_key_is_the_same_sheet_with_the_blanks_filled(name):
    t = trace(example(name))
    blanks = {"loss", "backward", Cell("z", 1, 1, 1)}
    sheet, key, solved = sections(t, STYLE, 1, blanks), sections(t, STYLE, 1, blanks, key=True), sections(t, STYLE, 1)
    assert [section.heading for section in sheet] == [section.heading for section in key]
    left_out = covered(t, STYLE, 1, blanks)
    for open_, filled, full in zip(lines(sheet), lines(key), lines(solved), strict=True):
        assert (open_.cell, open_.symbol, open_.rule) == (filled.cell, filled.symbol, filled.rule)
        assert (FILL_IN in open_.value) == (r"\filled" in filled.value) == (open_.cell in left_out)
        assert filled.value.replace("filled", "answer") == full.value and filled.numbers == full.numbers
    assert r"\blank" not in everything(key) and FILL_IN not in everything(key)


def test_a_number_that_repeats_a_blank_is_blank_too():
    t = trace(example("neuron"))
    delta, bias = Cell("dL_dz", 1, 1, 1), Cell("dL_db", 1, unit=1)
    assert t.at(delta) == t.at(bias)
    assert {delta, bias} <= covered(t, STYLE, None, {delta})
    assert Cell("dL_dW", 1, None, 1, 1) not in covered(t, STYLE, None, {delta})
    assert covered(t, STYLE, None, {"loss_term"}) == {Cell("loss_term", 1, 1, 1), Cell("loss", 1)}


def test_a_blank_loss_is_not_told_at_the_end_and_a_blank_weight_stands_blank_in_its_matrix():
    t = trace(example("towardsai"))
    last = sections(t, STYLE, None, {"loss", Cell("W_new", 1, None, 2, 1)})[-1]
    text = "\n".join(formulas([last]))
    assert text.count(FILL_IN) == 2 and numerals.tex(t.loss) not in text
    assert rf"{FILL_IN} & {numerals.tex(t.at(Cell('W_new', 1, None, 2, 2)))}" in text


def test_the_samples_that_are_not_on_the_sheet_are_put_in():
    t = trace(example("xor"))
    only, every = (
        next(line for line in lines(sections(t, STYLE, sample, {"dL_dz"})) if line.cell.quantity == "dL_dW").numbers
        for sample in (2, None)
    )
    assert only.count(r"\blank") == 1 and every.count(r"\blank") == t.samples


def test_a_short_sheet_of_one_phase():
    t = trace(example("towardsai"))
    parts = sections(t, STYLE, None, {"forward"}, phases={"forward"})
    assert [section.phase for section in parts] == ["given", "forward", "forward"]


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
def test_the_convention_names_and_arranges(convention):
    t = trace(example("genomexyz"))  # 3-2-2
    parts, convention = sections(t, Style({}, 4, convention)), convention.of(t)
    weights = next(piece for piece in formulas(parts) if piece.startswith("W"))
    assert weights.count("&") == (1 * 3 if convention.arrangement == "row" else 2 * 2)
    for piece in formulas(parts):
        assert_sets(piece)
    z = next(line for line in lines(parts) if line.cell.quantity == "z")
    assert z.symbol == symbols.tex(z.cell, convention)


@pytest.mark.parametrize(
    "blank",
    ["given", "W", "x", "everything", "", Cell("W", 1, None, 1, 1), Cell("z", 7, 1, 1), Cell("z", 1, 9, 1), Cell("q")],
)
def test_a_blank_that_cannot_be_is_refused(blank):
    with pytest.raises(ValueError, match=r"cannot be left blank; allowed are forward, loss, .*W_new"):
        sections(trace(example("towardsai")), STYLE, None, {blank})


@pytest.mark.parametrize("sample", [0, -1, 5])
def test_a_sample_that_is_not_there_is_refused(sample):
    with pytest.raises(ValueError, match="allowed are 1 to 4"):
        sections(trace(example("xor")), STYLE, sample)


def test_a_number_that_left_float64_stands_as_such():
    lesson = Lesson(
        layers=[1, 1],
        activations=["linear"],
        loss="squared_error",
        weights=[[[1e200]]],
        inputs=[[1e200]],
        targets=[[0.0]],
        learning_rate=1.0,
    )
    for line in lines(sections(trace(lesson), STYLE)):
        assert_sets(line.value.replace(r"\text{undefined}", "x"))
