"""The spreadsheet: recalculated by an independent engine it says what the trace says, also after numbers in it are changed."""

import csv
import io
import itertools
import math
import re
import xml.etree.ElementTree as ET
import zipfile
from functools import lru_cache

import pytest
from hypothesis import HealthCheck, given, settings

from backprop import Lesson, example, trace
from backprop.engine.activations import ACTIVATIONS
from backprop.engine.losses import LOSSES
from backprop.engine.steps import Cell, Trace
from backprop.explain import symbols
from backprop.export.table import rows, to_csv
from backprop.export.workbook import to_xlsx
from backprop.lessons.changes import set_number
from backprop.lessons.examples import EXAMPLES
from tests import oracle, strategies
from tests.export.spreadsheet import Sheet, compute

TOLERANCE = 1e-12
_NAME = re.compile(r"[A-Za-z_]+\d*(?:\[[\d,]+\])?(?:@\d+)?")


@lru_cache(maxsize=64)
def read(t: Trace) -> Sheet:
    """A trace's file as the spreadsheet has it once it is opened; what is computed in it is computed anew each time."""
    return Sheet(to_xlsx(t))


def given_numbers(t) -> dict[str, float]:
    return {symbols.ascii(cell, t.samples): t.at(cell) for step in t.given for cell in t.cells(step)}


def assert_agrees(came: dict[str, object], t, floor: float = 0.0) -> None:
    """Every number is the trace's, to TOLERANCE of its size: of a sum's summands. floor: the size of a tail that may be lost."""
    table = list(rows(t))
    assert list(came) == [row[8] for row in table]
    for row in table:
        symbol, value = row[8], float(row[9])
        if not math.isfinite(value):
            assert isinstance(came[symbol], str) or not math.isfinite(came[symbol]) or abs(came[symbol]) > 1e300, symbol
            continue
        assert isinstance(came[symbol], float), f"{symbol}: the sheet says {came[symbol]}, the trace {value!r}"
        size = max(floor, abs(value))
        if row[11] and abs(came[symbol] - value) > TOLERANCE * size:
            size = max(size, float(oracle.calculate(row[11].partition(" = ")[2]).size))
        assert abs(came[symbol] - value) <= TOLERANCE * size, (
            f"{symbol}: the sheet says {came[symbol]!r}, the trace {value!r}"
        )


def assert_follows(lesson: Lesson, changes: list[tuple[Cell, float]], floor: float = 0.0) -> None:
    """The lesson's sheet, changed in some cells, says what the trace of the changed lesson says."""
    before, changed = trace(lesson), lesson
    for cell, value in changes:
        changed = set_number(changed, cell, value)
    after = trace(changed)
    old, new = given_numbers(before), given_numbers(after)
    typed = {symbol: value for symbol, value in new.items() if old[symbol] != value}
    assert typed
    assert_agrees(read(before).computed(typed), after, floor)


# --- it computes


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_computed_number_is_a_formula_that_gives_the_traces_number(name):
    t = trace(example(name))
    sheet = read(t)
    for phase, symbol in zip(sheet.phases, sheet.symbols, strict=True):
        live = sheet.formulas[symbol]
        assert (phase == "Given") != (isinstance(live, str) and live.startswith("=")), symbol
    assert_agrees(sheet.computed(), t)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_changed_number_is_followed_through_forward_loss_backward_and_update(name):
    lesson = example(name)
    last = len(lesson.layers) - 1
    assert_follows(
        lesson,
        [
            (Cell("W", 1, None, 1, 1), 1.7),
            (Cell("W", last, None, 1, 1), -0.9),
            (Cell("x", 0, 1, 1), 0.875),
            (Cell("t", last, 1, 1), 0.6),
            (Cell("learning_rate"), 0.125),
        ],
    )


@pytest.mark.parametrize("name", ["towardsai", "dabbura-relu"])
def test_a_changed_bias_is_followed_tied_or_not(name):
    assert_follows(example(name), [(Cell("b", 1, unit=1), -0.4)])


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(strategies.lessons(layers=2, units=2, samples=2))
def test_the_sheet_of_any_lesson_computes(lesson):
    t = trace(lesson)
    if not strategies.typed_left_float64(lesson, t):
        assert_agrees(read(t).computed(), t, floor=1.0)


def test_the_targets_of_a_softmax_may_sum_to_anything_where_the_app_would_refuse_them():
    sheet = read(trace(example("softmax")))
    t = trace(example("softmax"))
    came = sheet.computed({"t[1]": 0.5})
    a = [t.at(Cell("a", 2, 1, k)) for k in (1, 2, 3)]
    for k, target in enumerate((0.5, 1.0, 0.0)):
        assert came[f"dL_dz2[{k + 1}]"] == pytest.approx(a[k] * 1.5 - target, rel=1e-12)


# --- far out


def one_output(activation, loss: str, targets: list[float], weight: float = 0.5) -> Lesson:
    units = len(targets)
    return Lesson(
        layers=[1, units],
        activations=[activation],
        loss=loss,
        weights=[
            [[weight]],
        ]
        if units == 1
        else [[[weight], [0.1], [-0.3]]],
        inputs=[[1.0]],
        targets=[targets],
        learning_rate=0.5,
    )


@pytest.mark.parametrize("z", [-800.0, -40.0, -14.5, -5.0, 4.5, 5.5, 15.5, 40.0, 800.0])
def test_a_cross_entropy_stays_right_however_far_the_output_goes(z):
    for target in (0.0, 0.3, 1.0):
        assert_follows(one_output("sigmoid", "binary_cross_entropy", [target]), [(Cell("W", 1, None, 1, 1), z)], 1.0)
    for targets in ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.2, 0.3, 0.5]):
        assert_follows(one_output("softmax", "cross_entropy", targets), [(Cell("W", 1, None, 1, 1), z)], 1.0)


@pytest.mark.parametrize("z", [-800.0, -40.0, -1.3, 0.0, 30.0, 800.0])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_no_activation_leaves_the_range_of_a_spreadsheet(activation, z):
    targets = [0.2, 0.1, 0.7] if ACTIVATIONS[activation].vector else [0.2]
    assert_follows(one_output(activation, "mean_squared_error", targets), [(Cell("W", 1, None, 1, 1), z)], 1.0)


@pytest.mark.parametrize("text", [*strategies.TYPED, "2^z/3 - z^2", "-z^2", "(-z)^3/7", "abs(ln(z))", "z^-2 + z^0.5"])
def test_a_typed_formula_computes(text):
    for z in (0.8, 2.5):
        assert_follows(one_output({"formula": text}, "squared_error", [0.2]), [(Cell("W", 1, None, 1, 1), z)], 1.0)


@pytest.mark.parametrize("text", [*strategies.TYPED_LOSSES, "2", "t^2", "-a^2*t"])
def test_a_typed_loss_computes(text):
    lesson = one_output("tanh", {"formula": text}, [0.2])
    for w in (0.8, -2.5):
        assert_follows(lesson, [(Cell("W", 1, None, 1, 1), w), (Cell("t", 1, 1, 1), 0.4)], 1.0)


def test_a_minus_before_a_power_means_in_a_spreadsheet_what_it_means_in_the_formula():
    assert compute("=-A1^2", {"A1": 3.0}) == 9.0  # so a spreadsheet reads it
    sheet = read(trace(one_output({"formula": "-z^2"}, "squared_error", [0.2], 3.0)))
    assert sheet.computed()["a1[1]"] == -9.0


def test_what_has_left_float64_stands_as_an_error_that_a_spreadsheet_knows():
    lesson = Lesson(
        layers=[1, 1],
        activations=["linear"],
        loss="squared_error",
        weights=[[[1e200]]],
        biases=[None],
        inputs=[[1e200]],
        targets=[[0.0]],
        learning_rate=1.0,
    )
    sheet = read(trace(lesson))
    assert sheet.stored["z1[1]"] == sheet.stored["loss"] == "#NUM!"
    later = read(trace(lesson, 1))  # now the given weight has left it
    assert later.stored["W1[1,1]"] == later.stored["z1[1]"] == "#NUM!" and later.stored["x[1]"] == 1e200


# --- what stands in it


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_has_the_rows_and_the_numbers_of_the_csv(name):
    t = trace(example(name), 3)
    sheet, table = read(t), list(csv.DictReader(io.StringIO(to_csv(t), newline="")))
    assert sheet.symbols == [row["symbol"] for row in table]
    assert [phase.lower() for phase in sheet.phases] == [row["phase"] for row in table]
    for row in table:
        assert float(sheet.stored[row["symbol"]]).hex() == float(row["value"]).hex(), row["symbol"]
    assert sheet.sheet.title == "Iteration 3"


@pytest.mark.parametrize("name", ["towardsai", "dabbura-tanh", "softmax", "line"])
def test_the_text_beside_a_number_is_arithmetic_that_gives_it(name):
    t = trace(example(name))
    sheet = read(t)
    values = {row[8]: float(row[9]) for row in rows(t)}
    for phase, symbol in zip(sheet.phases, sheet.symbols, strict=True):
        if phase != "Given":
            left, _equals, line = sheet.texts[symbol].partition(" = ")
            assert left == symbol
            put = _NAME.sub(lambda m: f"({values[m[0]]!r})" if m[0] in values else m[0].lower(), line)
            assert oracle.agree(values[symbol], oracle.calculate(put)), f"{symbol} = {line}"


def test_a_value_names_its_factors_by_their_cells():
    sheet = read(trace(example("towardsai")))
    row = dict(zip(sheet.symbols, sheet.rows, strict=True))
    expected = "=" + "*".join(f"C{row[name]}" for name in ("dL_da2[1]", "da_dz2[1]", "a1[1]"))
    assert sheet.formulas["dL_dW2[1,1]"] == expected


def test_the_parts_of_the_contract_on_biases_hold():
    assert not [s for s in read(trace(example("csdn"))).symbols if s.startswith(("b", "dL_db"))]
    kept = read(trace(example("towardsai").changed(update_biases=False))).symbols
    assert any(s.startswith("dL_db") for s in kept) and not any(s.startswith("b_new") for s in kept)


HOSTILE = [
    '=HYPERLINK("http://example.org","x")',
    "+1",
    "-1",
    "@SUM(1)",
    "http://example.org",
    "{=1}",
    "1",
    "<r><t>x</t></r>",
    "<r></r>",
    "</t></si>&<x>",
    "\x00\x01\x1f tab\t",
    "\ufffe\uffff",
    "_x0041_",
    "ü" * 500,
    " " * 5,
]


@pytest.mark.parametrize("title", HOSTILE)
def test_a_title_is_a_text_whatever_it_says(title):
    data = to_xlsx(trace(example("neuron")), title)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            ET.fromstring(archive.read(name))
    cell = Sheet(data).sheet["A1"]
    assert cell.data_type == "s" and cell.hyperlink is None
    if title.isprintable():
        assert cell.value.strip() == (title.strip()[:200] or "One training iteration, step by step")


@pytest.mark.parametrize("name", EXAMPLES)
def test_only_values_are_formulas_and_nothing_else_can_start_one(name):
    sheet = Sheet(to_xlsx(trace(example(name)), "=1+1")).sheet
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                assert cell.column == 3
            elif cell.row > 1 and isinstance(cell.value, str):
                assert cell.value[0].isalpha()


def test_the_same_trace_gives_the_same_bytes():
    assert to_xlsx(trace(example("xor")), "x") == to_xlsx(trace(example("xor")), "x")


def test_given_numbers_look_like_what_may_be_changed_and_the_headings_stay_in_sight():
    sheet = read(trace(example("xor")))
    first, last = (sheet.sheet.cell(row, 3) for row in (sheet.rows[0], sheet.rows[-1]))
    assert first.fill.fgColor.rgb != last.fill.fgColor.rgb and first.font.color.rgb != last.font.color.rgb
    assert sheet.sheet.freeze_panes == f"C{sheet.rows[0]}"
    assert all(sheet.sheet.column_dimensions[letter].width >= 10 for letter in "ABCD")


# --- how large it may become


def test_the_largest_lesson_stays_within_a_spreadsheets_limits():
    eighth = [1 / 8] * 8
    lesson = Lesson(
        layers=[8] * 7,
        activations=["gelu", "silu", "elu", "tanh", "leaky_relu", "softmax"],
        loss="cross_entropy",
        init={"scheme": "xavier", "seed": 3},
        inputs=[[math.sin(8 * s + k) for k in range(8)] for s in range(16)],
        targets=[eighth] * 16,
        learning_rate=0.1,
    )
    t = trace(lesson)
    data = to_xlsx(t)
    assert len(data) < 1_000_000
    sheet = Sheet(data)
    live = [each for each in sheet.formulas.values() if isinstance(each, str)]
    assert len(live) == sum(step.value.size for step in t) and max(map(len, live)) < 8192
    assert max(map(len, sheet.texts.values())) < 32767
    values = {f"C{row}": float(sheet.stored[symbol]) for symbol, row in zip(sheet.symbols, sheet.rows, strict=True)}
    for symbol in sheet.symbols[::37]:  # from the numbers before it, not all anew: the library takes 20 s for that
        if isinstance(sheet.formulas[symbol], str):
            assert compute(sheet.formulas[symbol], values) == pytest.approx(sheet.stored[symbol], rel=1e-11, abs=1e-16)


LONG = [
    "*".join(f"tan(z+{k})" for k in range(2, 22)),
    "sigmoid(" * 21 + "z" + ")" * 21,
    "*".join(f"(z+.{k})" for k in range(1, 24)) + "*z",
    "exp(exp(exp(z)/(1+exp(z)))/(1+exp(exp(z)/(1+exp(z)))))/(1+exp(z))",
]


@pytest.mark.parametrize("text", LONG)
def test_a_typed_formula_too_long_for_a_cell_is_computed_in_parts(text):
    sheet = read(trace(one_output({"formula": text}, "squared_error", [0.2])))
    formulas = [cell.value for row in sheet.sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert max(map(len, formulas)) < 8192
    for formula in formulas:
        depths = itertools.accumulate((sign == "(") - (sign == ")") for sign in formula)
        assert max(depths) <= 64
    assert_follows(one_output({"formula": text}, "squared_error", [0.2]), [(Cell("W", 1, None, 1, 1), 0.3)], 1.0)


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_computes_over_several_samples_with_tied_biases(loss):
    vector = LOSSES[loss].needs == "softmax"
    lesson = Lesson(
        layers=[2, 2, 2],
        activations=["tanh", LOSSES[loss].needs or "softmax"],
        loss=loss,
        weights=[[[0.3, -0.2], [0.1, 0.4]], [[0.5, -0.6], [0.7, 0.2]]],
        biases=[[0.1, 0.1], None],
        inputs=[[0.5, -1.0], [0.25, 2.0], [1.0, 0.0]],
        targets=[[0.25, 0.75]] * 3 if vector else [[0.1, 0.9], [1.0, 0.0], [0.5, 0.2]],
        learning_rate=0.1,
        shared_bias=True,
    )
    assert_agrees(read(trace(lesson)).computed(), trace(lesson))
    assert_follows(lesson, [(Cell("W", 2, None, 2, 1), 9.0), (Cell("b", 1), 3.0)])
