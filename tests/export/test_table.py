"""The trace CSV, to its contract: columns, order, RFC 4180, numbers to the bit, and arithmetic that says what it means."""

import contextlib
import csv
import io
import json
import math
import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backprop import Lesson, example, trace
from backprop.explain import numerals
from backprop.export import table
from backprop.export.table import HEADER, TableError, from_csv, rows, to_csv, to_json
from backprop.lessons.examples import EXAMPLES
from tests import oracle, strategies

_NAME = re.compile(r"[A-Za-z_]+\d*(?:\[[\d,]+\])?(?:@\d+)?")


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def assert_keeps_the_contract(lesson: Lesson, iteration: int = 0) -> None:
    """Everything that holds for every lesson's CSV."""
    t = trace(lesson, iteration)
    text = to_csv(t)
    records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert tuple(records[0]) == HEADER and all(len(record) == len(HEADER) for record in records)
    assert text.endswith("\r\n") and text.count("\n") == text.count("\r\n") == len(records) and text.isascii()
    assert records[1:] == [list(row) for row in rows(t)]

    cells = [(step, cell) for step in (*t.given, *t) for cell in t.cells(step)]
    table = read(text)
    assert len(table) == len(cells)
    values = {row["symbol"]: float(row["value"]) for row in table}
    assert len(values) == len(table), "a symbol stands twice"
    for row, (step, cell) in zip(table, cells, strict=True):
        places = [
            str(step.number or ""),
            step.phase,
            *(
                "" if place is None else str(place)
                for place in (cell.layer, cell.quantity, cell.sample, cell.unit, cell.from_unit)
            ),
        ]
        assert [row[key] for key in ("step", "phase", "layer", "quantity", "sample", "unit", "from_unit")] == places
        assert row["iteration"] == str(iteration)
        number, came = t.at(cell), float(row["value"])
        assert came.hex() == number.hex() and row["value"] == repr(number), (
            f"{cell}: {row['value']}, the trace has {number!r}"
        )
        for key, cell_text in row.items():
            assert key == "value" or not cell_text.startswith(("=", "+", "-", "@", "\t", "\r")), f"{key}: {cell_text}"
        assert_arithmetic(row, values, lesson)


def assert_arithmetic(row: dict[str, str], values: dict[str, float], lesson: Lesson) -> None:
    """The formula with the symbols' values and the substitution both give the value."""
    if row["phase"] == "given":
        assert row["formula"] == row["substitution"] == ""
        return
    symbol, value = row["symbol"], float(row["value"])
    for key in ("formula", "substitution"):
        name, line = row[key].split(" = ", 1)
        assert name == symbol and symbol.startswith(row["quantity"])
        if key == "formula":
            line = _NAME.sub(lambda name: f"({values[name[0]]!r})" if name[0] in values else name[0], line)
        expected = oracle.calculate(line)
        assert oracle.agree(value, expected), (
            f"{lesson!r}\n{key} of {symbol}: {row[key]}\nis {expected.value}, the value is {row['value']}"
        )


@pytest.mark.parametrize("iteration", [0, 3])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_keeps_the_contract(name, iteration):
    assert_keeps_the_contract(example(name), iteration)


@settings(max_examples=100)
@given(strategies.lessons(), st.integers(0, 2))
def test_random_lessons_keep_the_contract(lesson, iteration):
    assume(not strategies.typed_left_float64(lesson, trace(lesson, iteration)))
    assert_keeps_the_contract(lesson, iteration)


@pytest.mark.parametrize("z", [40.0, -40.0, 800.0, -800.0])
@pytest.mark.parametrize(("activation", "loss"), [("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy")])
def test_saturated_lessons_keep_the_contract(activation, loss, z):
    assert_keeps_the_contract(
        Lesson(
            layers=[1, 2],
            activations=[activation],
            loss=loss,
            weights=[[[z], [0.0]]],
            biases=[None],
            inputs=[[1.0]],
            targets=[[0.25, 0.75]],
            learning_rate=0.5,
        )
    )


def test_the_header_is_the_contracts():
    assert (
        to_csv(trace(example("neuron"))).split("\r\n")[0]
        == "iteration,step,phase,layer,quantity,sample,unit,from_unit,symbol,value,formula,substitution"
    )


def test_the_smallest_lesson_to_the_letter():
    lesson = Lesson(
        layers=[1, 1],
        activations=["linear"],
        loss="squared_error",
        weights=[[[0.5]]],
        biases=[[-0.25]],
        inputs=[[2.0]],
        targets=[[1.0]],
        learning_rate=0.1,
    )
    assert to_csv(trace(lesson)).split("\r\n") == [
        "iteration,step,phase,layer,quantity,sample,unit,from_unit,symbol,value,formula,substitution",
        "0,,given,0,x,1,1,,x[1],2.0,,",
        "0,,given,1,t,1,1,,t[1],1.0,,",
        "0,,given,,learning_rate,,,,learning_rate,0.1,,",
        '0,,given,1,W,,1,1,"W1[1,1]",0.5,,',
        "0,,given,1,b,,1,,b1[1],-0.25,,",
        '0,1,forward,1,z,1,1,,z1[1],0.75,"z1[1] = W1[1,1]*x[1] + b1[1]",z1[1] = 0.5*2.0 + (-0.25)',
        "0,2,forward,1,a,1,1,,a1[1],0.75,a1[1] = z1[1],a1[1] = 0.75",
        "0,3,loss,1,loss_term,1,1,,loss_term[1],0.0625,loss_term[1] = (a1[1] - t[1])^2,loss_term[1] = (0.75 - 1.0)^2",
        "0,4,loss,1,loss,1,,,loss@1,0.0625,loss@1 = loss_term[1],loss@1 = 0.0625",
        "0,4,loss,1,loss,,,,loss,0.0625,loss = loss_term[1],loss = 0.0625",
        "0,5,backward,1,dL_da,1,1,,dL_da1[1],-0.5,dL_da1[1] = 2*(a1[1] - t[1]),dL_da1[1] = 2*(0.75 - 1.0)",
        "0,6,backward,1,da_dz,1,1,,da_dz1[1],1.0,da_dz1[1] = 1,da_dz1[1] = 1",
        "0,7,backward,1,dL_dz,1,1,,dL_dz1[1],-0.5,dL_dz1[1] = 2*(a1[1] - t[1])*1,dL_dz1[1] = 2*(0.75 - 1.0)*1",
        '0,8,backward,1,dL_dW,,1,1,"dL_dW1[1,1]",-1.0,"dL_dW1[1,1] = 2*(a1[1] - t[1])*1*x[1]","dL_dW1[1,1] = 2*(0.75 - 1.0)*1*2.0"',
        "0,9,backward,1,dL_db,,1,,dL_db1[1],-0.5,dL_db1[1] = 2*(a1[1] - t[1])*1*1,dL_db1[1] = 2*(0.75 - 1.0)*1*1",
        '0,10,backward,0,dL_dx,1,1,,dL_dx[1],-0.25,"dL_dx[1] = dL_dz1[1]*W1[1,1]",dL_dx[1] = (-0.5)*0.5',
        '0,11,update,1,W_new,,1,1,"W_new1[1,1]",0.6,"W_new1[1,1] = W1[1,1] - learning_rate*dL_dW1[1,1]","W_new1[1,1] = 0.5 - 0.1*(-1.0)"',
        "0,12,update,1,b_new,,1,,b_new1[1],-0.2,b_new1[1] = b1[1] - learning_rate*dL_db1[1],b_new1[1] = (-0.25) - 0.1*(-0.5)",
        "",
    ]


def steps(name: str, **changes) -> int:
    return max(int(row["step"] or 0) for row in read(to_csv(trace(example(name).changed(**changes)))))


def test_two_layers_take_21_steps_and_19_where_biases_are_not_updated():
    assert steps("gurarie") == 21 and steps("towardsai") == 19 and steps("towardsai", update_biases=True) == 21


def select(name: str, *keys: str, **wanted) -> list[tuple]:
    return [
        tuple(row[key] for key in keys)
        for row in read(to_csv(trace(example(name))))
        if all(row[key] == value for key, value in wanted.items())
    ]


def test_a_tied_bias_has_one_row_without_unit():
    assert select("towardsai", "symbol", "unit", "value", quantity="b") == [("b1", "", "0.35"), ("b2", "", "0.6")]
    (second, first) = select("towardsai", "symbol", "unit", "formula", quantity="dL_db")
    assert first[:2] == ("dL_db1", "") and second[:2] == ("dL_db2", "")
    assert first[2] == "dL_db1 = dL_dz1[1]*1 + dL_dz1[2]*1"


def test_softmax_has_the_whole_jacobian():
    came = select("softmax", "sample", "unit", "from_unit", quantity="da_dz", layer="2")
    assert came == [("1", str(i), str(j)) for i in (1, 2, 3) for j in (1, 2, 3)]
    assert select("softmax", "from_unit", quantity="da_dz", layer="1") == [("",)] * 3


def test_several_samples_have_their_rows_and_gradients_of_parameters_none():
    assert select("xor", "sample", "unit", quantity="z", layer="2") == [(str(s), "1") for s in (1, 2, 3, 4)]
    assert select("xor", "sample", quantity="dL_dW", layer="2") == [("",), ("",)] and select(
        "xor", "sample", quantity="loss"
    ) == [("1",), ("2",), ("3",), ("4",), ("",)]
    assert {row[0] for row in select("xor", "symbol", quantity="z", layer="2")} == {
        "z2[1]@1",
        "z2[1]@2",
        "z2[1]@3",
        "z2[1]@4",
    }


def test_a_layer_without_biases_has_no_bias_rows():
    assert not [row for row in select("csdn", "quantity") if row[0] in ("b", "dL_db", "b_new")]


def test_biases_that_are_not_updated_keep_their_gradient():
    quantities = {row[0] for row in select("towardsai", "quantity")}
    assert "dL_db" in quantities and "b_new" not in quantities


def test_what_has_left_float64_is_written_inf():
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
    values = {row["symbol"]: row["value"] for row in read(to_csv(trace(lesson)))}
    assert values["z1[1]"] == "inf" and values["loss"] == "inf" and math.isinf(float(values["W_new1[1,1]"]))


def test_the_numbers_of_the_lesson_stand_in_it_as_given():
    lesson = Lesson(
        layers=[1, 1],
        activations=["linear"],
        loss="squared_error",
        weights=[[[0.1]]],
        inputs=[[1e-300]],
        targets=[[5e-324]],
        learning_rate=1 / 3,
    )
    values = {row["symbol"]: row["value"] for row in read(to_csv(trace(lesson)))}
    assert (values["x[1]"], values["t[1]"], values["learning_rate"], values["W1[1,1]"], values["b1[1]"]) == (
        "1e-300",
        "5e-324",
        "0.3333333333333333",
        "0.1",
        "0.0",
    )


# --- several iterations, JSON


def test_several_iterations_follow_one_another_under_one_header():
    lesson = example("xor")
    parts = [to_csv(trace(lesson, k)).split("\r\n", 1) for k in (3, 4, 5)]
    assert to_csv(*(trace(lesson, k) for k in (3, 4, 5))) == parts[0][0] + "\r\n" + "".join(
        body for _head, body in parts
    )


@settings(max_examples=40)
@given(st.lists(strategies.lessons(), min_size=1, max_size=2), st.integers(0, 2))
def test_json_holds_the_rows_of_the_csv(lessons, iteration):
    traces = [trace(lesson, iteration) for lesson in lessons]
    document = json.loads(to_json(*traces), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert list(document) == ["columns", "rows"] and tuple(document["columns"]) == HEADER
    table = read(to_csv(*traces))
    assert len(document["rows"]) == len(table)
    for came, expected in zip(document["rows"], table, strict=True):
        for key, cell in zip(HEADER, came, strict=True):
            text = expected[key]
            if key in ("iteration", "step", "layer", "sample", "unit", "from_unit"):
                assert cell == (int(text) if text else None) and not isinstance(cell, float)
            elif key == "value" and text not in ("inf", "-inf", "nan"):
                assert isinstance(cell, float) and cell.hex() == float(text).hex()
            else:
                assert cell == text


# --- read back


def numbers(*traces) -> dict:
    return {(t.iteration, cell): t.at(cell) for t in traces for step in (*t.given, *t) for cell in t.cells(step)}


def assert_reads_back(*traces) -> None:
    came, expected = from_csv(to_csv(*traces)), numbers(*traces)
    assert list(came) == list(expected)
    assert [value.hex() for value in came.values()] == [value.hex() for value in expected.values()]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_reads_back_to_the_bit(name):
    assert_reads_back(*(trace(example(name), k) for k in (0, 1, 7)))


@settings(max_examples=60)
@given(strategies.lessons(), st.integers(0, 2))
def test_random_lessons_read_back_to_the_bit(lesson, iteration):
    assert_reads_back(trace(lesson, iteration))


anything = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=100)
@given(*(st.lists(anything, min_size=2, max_size=2) for _ in range(4)), st.floats(0, allow_infinity=False))
def test_numbers_of_any_size_read_back_to_the_bit(weights, biases, inputs, targets, rate):
    """Also −0.0, subnormal ones, and what has become inf or nan."""
    lesson = Lesson(
        layers=[1, 2],
        activations=["linear"],
        loss="squared_error",
        weights=[[[w] for w in weights]],
        biases=[biases],
        inputs=[[x] for x in inputs],
        targets=[targets, targets],
        learning_rate=rate,
    )
    assert_reads_back(trace(lesson), trace(lesson, 2))


def test_infinities_nan_and_minus_zero_are_among_them():
    lesson = Lesson(
        layers=[1, 2],
        activations=["linear"],
        loss="squared_error",
        weights=[[[1e308], [-0.0]]],
        inputs=[[1e308], [-1.0]],
        targets=[[0.0, 0.0], [0.0, 0.0]],
        learning_rate=1.0,
    )
    values = {value.hex() for t in (trace(lesson), trace(lesson, 2)) for value in from_csv(to_csv(t)).values()}
    assert {"inf", "-inf", "nan", (-0.0).hex(), (0.0).hex()} <= values


def test_line_feeds_alone_and_a_byte_order_mark_are_read_too():
    t = trace(example("towardsai"))
    assert from_csv("\ufeff" + to_csv(t).replace("\r\n", "\n")) == numbers(t)


TOP = ",".join(HEADER) + "\r\n"
ROW = '0,8,backward,1,dL_dW,,1,1,"dL_dW1[1,1]",-1.0,,\r\n'

REFUSED = {
    "empty": ("", "This is not a trace file: its first line must be iteration,step,"),
    "a lesson file": ('{"layers": [1, 1]}', "This is not a trace file: its first line must be iteration,step,"),
    "binary": ("\x00\xff\x00", "This is not a trace file: its first line must be iteration,step,"),
    "semicolons": (TOP.replace(",", ";") + ROW, "This is not a trace file: its first line must be iteration,step,"),
    "cells missing": (TOP + "0,8,backward\r\n", "Line 2 has 3 cells; a trace file has 12."),
    "an empty line": (TOP + "\r\n" + ROW, "Line 2 has 0 cells; a trace file has 12."),
    "an open quote": (TOP + ROW.rstrip() + '"', "cannot be read as CSV."),
    "a field too long": (TOP + ROW.replace("-1.0", "1" * 200_000), "cannot be read as CSV."),
    "twice": (TOP + ROW + ROW, "Line 3: this number stands twice."),
    "value": (TOP + ROW.replace("-1.0", "-1,0".replace(",", ".0.")), "Line 2: “-1.0.0” cannot stand in the column value."),
    "a word": (TOP + ROW.replace("-1.0", "one"), "Line 2: “one” cannot stand in the column value."),
    "no value": (TOP + ROW.replace("-1.0", ""), "Line 2: “” cannot stand in the column value."),
    "underscore": (TOP + ROW.replace("-1.0", "1_0"), "Line 2: “1_0” cannot stand in the column value."),
    "other digits": (TOP + ROW.replace("-1.0", "١.0"), "Line 2: “\\u0661.0” cannot stand in the column value."),
    "too large": (TOP + ROW.replace("-1.0", "1e999"), "Line 2: “1e999” cannot stand in the column value."),
    "infinity": (TOP + ROW.replace("-1.0", "infinity"), "Line 2: “infinity” cannot stand in the column value."),
    "quantity": (TOP + ROW.replace(",dL_dW,", ",dL_dQ,"), "Line 2: “dL_dQ” cannot stand in the column quantity."),
    "phase": (TOP + ROW.replace("backward", "forward"), "Line 2: “dL_dW” cannot stand in the column quantity."),
    "iteration": (TOP + ROW.replace("0,8", "-1,8"), "Line 2: “-1” cannot stand in the column iteration."),
    "far iteration": (TOP + ROW.replace("0,8", "100001,8"), "Line 2: “100001” cannot stand in the column iteration."),
    "no iteration": (TOP + ROW.replace("0,8", ",8"), "Line 2: “” cannot stand in the column iteration."),
    "layer": (TOP + ROW.replace("backward,1", "backward,"), "Line 2: “” cannot stand in the column layer."),
    "sample": (TOP + ROW.replace("dL_dW,,", "dL_dW,1,"), "Line 2: “1” cannot stand in the column sample."),
    "unit": (TOP + ROW.replace("dL_dW,,1", "dL_dW,,0"), "Line 2: “0” cannot stand in the column unit."),
    "from_unit": (TOP + ROW.replace('1,1,"', '1,,"'), "Line 2: “” cannot stand in the column from_unit."),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_trace_file_is_refused_in_one_sentence(name):
    text, said = REFUSED[name]
    with pytest.raises(TableError) as refusal:
        from_csv(text)
    assert said in str(refusal.value) and "\n" not in str(refusal.value) and len(str(refusal.value)) < 300


def test_size_is_bounded_before_anything_is_read(monkeypatch):
    monkeypatch.setattr(table, "MAX_CHARACTERS", 1000)
    with pytest.raises(TableError, match="The file has 1001 characters; at most 1000 are allowed"):
        from_csv("x" * 1001)
    monkeypatch.undo()
    monkeypatch.setattr(table, "MAX_ROWS", 58)
    with pytest.raises(TableError, match="The file has more than 58 rows"):
        from_csv(to_csv(trace(example("towardsai"))))


@given(st.text(max_size=200), st.integers(0, 3000))
def test_a_spoilt_file_is_read_or_refused_and_nothing_else(text, place):
    good = to_csv(trace(example("neuron")))
    with contextlib.suppress(TableError):
        from_csv(good[:place] + text + good[place:])


@pytest.mark.parametrize("name", ["towardsai", "dabbura-relu"])
def test_the_file_is_the_same_however_a_class_writes(name):
    t = trace(example(name))
    before = to_csv(t)
    numerals.write(True, True)
    try:
        assert to_csv(t) == before
    finally:
        numerals.write()
