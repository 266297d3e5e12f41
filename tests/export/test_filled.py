"""A filled sheet: every text comes back from where it was written, and whatever else comes gets one sentence."""

import contextlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import Lesson, example, trace
from backprop.engine.steps import Cell
from backprop.explain import symbols
from backprop.explain.numerals import full
from backprop.export import filled as reading
from backprop.export.fillable import fillable_csv, fillable_xlsx
from backprop.export.filled import filled
from backprop.export.table import HEADER, TableError
from backprop.lessons.examples import EXAMPLES
from tests import strategies
from tests.export.sheets import (
    LINES,
    NEURON,
    PAGE,
    answered,
    by_symbol,
    edited,
    every,
    packed,
    sheet,
    symbol_rows,
    written,
)

# --- what comes back


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_csv_filled_with_the_keys_numbers_gives_these_texts(name):
    t, left_out = sheet(name, iteration=3)
    table = answered(fillable_csv(t, left_out), by_symbol(t, left_out))
    expected = {key: full(value) for key, value in every(t).items()}
    assert filled("sheet.csv", written(table)) == filled("sheet.csv", b"\xef\xbb\xbf" + written(table, ";")) == expected


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_spreadsheet_filled_with_the_keys_numbers_gives_these_texts(name):
    t, left_out = sheet(name)

    def fill(page):
        at = symbol_rows(page)
        for place, cell in enumerate(sorted(left_out, key=str)):
            number = round(t.at(cell), 9) + 0.0
            texts[0, cell] = full(number)
            page.cell(at[symbols.ascii(cell, t.samples)], 10).value = number if place % 2 else full(number)

    texts: dict[tuple[int, Cell], str] = {}
    came = filled("sheet.xlsx", edited(fillable_xlsx(t, name, left_out), fill))
    assert came.keys() == every(t).keys() and texts.keys() == {(0, cell) for cell in left_out}
    for key, text in texts.items():
        assert came[key].removesuffix(".0") == text.removesuffix(".0"), key
    for key, value in every(t).items():  # the program that saved the file keeps 16 digits
        assert key in texts or float(came[key]) == pytest.approx(value, rel=1e-15), key


@settings(max_examples=25, deadline=None)
@given(strategies.lessons(), st.integers(0, 2), st.data())
def test_sheets_of_any_lesson_read_back(lesson, iteration, data):
    t = trace(lesson, iteration)
    numbers = every(t)
    left_out = frozenset(data.draw(st.sets(st.sampled_from([cell for _k, cell in numbers]), max_size=5)))
    texts = data.draw(
        st.lists(
            st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=20),
            min_size=5,
            max_size=5,
        )
    )
    answers = dict(zip(by_symbol(t, left_out), texts, strict=False))
    table = answered(fillable_csv(t, left_out), answers)
    head, *body = table
    data.draw(st.randoms(use_true_random=False)).shuffle(body)
    came = filled("x.csv", written([head, *body], data.draw(st.sampled_from(",;"))))
    expected = {key: full(value) for key, value in numbers.items() if key[1] not in left_out}
    for name, text in answers.items():
        cell = next(cell for cell in left_out if symbols.ascii(cell, t.samples) == name)
        typed = text.strip().removeprefix("=").strip()
        expected |= {(iteration, cell): typed} if typed else {}
    assert came == expected


@pytest.mark.parametrize(
    ("typed", "read"),
    [("0,1868", "0,1868"), (" 0.18 ", "0.18"), ("=0.74*0.18", "0.74*0.18"), ("−1/3", "−1/3"), ("?", "?"), ("1.5e-3", "1.5e-3"), ("   ", None)],
)  # fmt: skip
@pytest.mark.parametrize("form", ["csv", "semicolons", "xlsx"])
def test_what_a_pupil_typed_stays_text(typed, read, form):
    t, left_out = sheet("neuron")
    name = "dL_dW1[1,1]"
    if form == "xlsx":

        def fill(page):
            cell = page.cell(symbol_rows(page)[name], 10)
            cell.value, cell.data_type = typed, "s"

        data = edited(fillable_xlsx(t, "", left_out), fill)
    else:
        data = written(answered(fillable_csv(t, left_out), {name: typed}), ";" if form == "semicolons" else ",")
    assert filled("x", data).get((0, Cell("dL_dW", 1, None, 1, 1))) == read


def test_lines_may_be_sorted_gone_or_moved_and_columns_too():
    t, left_out = sheet("xor")
    table = answered(fillable_csv(t, left_out), by_symbol(t, left_out))
    whole = filled("x.csv", written(table))
    head, *body = table
    random.Random(1).shuffle(body)
    assert filled("x.csv", written([head, *body])) == whole
    assert filled("x.csv", written([["My sheet"], [], head, *body[:20]])).items() <= whole.items()
    assert len(filled("x.csv", written([head, *body[:20]]))) == 20
    assert filled("x.csv", written([row[::-1] for row in table])) == whole
    assert filled("x.csv", written([[*row, "", "note"] for row in [head, *body]])) == whole
    assert filled("x.csv", written([row[:10] for row in table])) == whole


def test_the_symbol_says_it_where_the_columns_are_damaged_or_gone():
    for name in ("xor", "towardsai", "neuron"):  # many samples, tied biases, one sample
        t, left_out = sheet(name)
        table = answered(fillable_csv(t, left_out), by_symbol(t, left_out))
        whole = filled("x.csv", written(table))
        spoilt = [[*row[:3], "Jan 01", "?", "", "", "", *row[8:]] if k else row for k, row in enumerate(table)]
        bare = [[row[0], row[8], row[9]] for row in table]
        assert filled("x.csv", written(spoilt)) == whole and filled("x.csv", written(bare)) == whole
        without = [[*row[:8], "", *row[9:]] if k else row for k, row in enumerate(table)]
        assert filled("x.csv", written(without)) == whole


@pytest.mark.parametrize("samples", [1, 2])
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_symbol_is_read_as_the_cell_that_it_names(name, samples):
    lesson = example(name)
    t = trace(lesson.changed(inputs=(lesson.inputs[0],) * samples, targets=(lesson.targets[0],) * samples))
    for _k, cell in every(t):
        lone = cell.quantity in ("t", "loss", "loss_term", "learning_rate")
        assert symbols.from_ascii(symbols.ascii(cell, samples)) == (cell._replace(layer=None) if lone else cell)


@pytest.mark.parametrize("name", ["", "z", "z1", "z1[0]", "z1[1,1]", "W1[1]", "W1", "t2[1]", "q1[1]", "z1[1]@", "loss[1]", "z1[1]@0", "learning_rate1", "z01[1]", "Z1[1]", "z1[١]", "z" * 500])  # fmt: skip
def test_what_names_no_cell_is_none(name):
    assert symbols.from_ascii(name) is None


# --- one sentence for everything else


def spoilt(line: int, column: str, text: str) -> bytes:
    table = [list(row) for row in LINES]
    table[line - 1][(*HEADER, "sheet").index(column)] = text
    return written(table)


def torn() -> bytes:
    return written(LINES).replace(b"dL_da1[1],,", b"dL_da1[1],0,18,")


REFUSED = {
    "empty": (b"", "This is not a sheet to fill in: no line at its top names the columns iteration, symbol and value."),
    "a lesson": (example("xor").to_json().encode(), "This is not a sheet to fill in"),
    "no value column": (written([row[:9] for row in LINES]), "This is not a sheet to fill in"),
    "UTF-16": (written(LINES).decode().encode("utf-16"), "“pupil.csv” cannot be read; allowed are the sheet's XLSX file, and its CSV file saved as UTF-8."),
    "UTF-16 without a mark": (written(LINES).decode().encode("utf-16-le"), "“pupil.csv” cannot be read"),
    "GB18030": (spoilt(11, "value", "０．１８").decode().encode("gb18030"), "“pupil.csv” cannot be read"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "“pupil.csv” cannot be read"),
    "an old spreadsheet": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "“pupil.csv” cannot be read"),
    "decimal comma among commas": (torn(), "Line 11 has 14 cells; allowed are 13. Where a decimal comma stands, semicolons must stand between the cells."),
    "iteration": (spoilt(2, "iteration", "first"), "Line 2: “first” cannot stand in the column iteration; allowed is what stood there when the sheet was made."),
    "no iteration": (spoilt(2, "iteration", ""), "Line 2: “” cannot stand in the column iteration"),
    "another number": (spoilt(2, "unit", "2"), "Line 2: the symbol x[1] and the columns beside it name different numbers."),
    "too long": (spoilt(11, "value", "1" * 201), "Line 11: 201 characters stand in the column value; at most 200 are allowed."),
    "control signs": (spoilt(11, "value", "1\x07"), "Line 11: “1\\x07” cannot stand in the column value; allowed is a number."),
    "twice": (written([*LINES, LINES[1]]), f"Line {len(LINES) + 1}: this number stands twice."),
    "an open quote": (written(LINES)[:-2] + b'"', "cannot be read as CSV."),
    "half a zip": (fillable_xlsx(*sheet("neuron")[:1], "", sheet("neuron")[1])[:3000], "The spreadsheet cannot be opened: it is damaged, or locked with a password."),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_filled_sheet_is_refused_in_one_sentence(name):
    data, said = REFUSED[name]
    with pytest.raises(TableError) as refusal:
        filled("pupil.csv", data)
    assert said in str(refusal.value) and "\n" not in str(refusal.value) and len(str(refusal.value)) < 250


def test_a_line_that_names_no_number_is_told_by_its_column():
    table = [list(row) for row in LINES]
    table[1][4], table[1][8] = "dL_dQ", "what?"
    with pytest.raises(TableError, match="Line 2: “dL_dQ” cannot stand in the column quantity; allowed is what stood"):
        filled("x.csv", written(table))
    table[1][9] = ""  # a line without a value is none
    assert len(filled("x.csv", written(table))) == len(filled("x.csv", written(LINES))) - 1


def test_sizes_are_bounded_before_anything_is_read(monkeypatch):
    with pytest.raises(TableError, match="The file has 4000001 bytes; at most 4000000 are allowed"):
        filled("x.csv", b"x" * 4_000_001)
    monkeypatch.setattr(reading, "MAX_LINES", len(LINES) - 2)
    for data in (written(LINES), fillable_xlsx(*sheet("neuron")[:1], "", sheet("neuron")[1])):
        with pytest.raises(TableError, match=f"The file has more than {len(LINES) - 2} lines"):
            filled("x", data)


def test_the_sheet_of_a_largest_network_can_be_handed_in():
    lesson = Lesson(layers=[8] * 7, activations=["tanh"] * 5 + ["softmax"], loss="cross_entropy", init={"scheme": "xavier"}, inputs=[[k / 10 for k in range(8)]] * 16, targets=[[1.0] + [0.0] * 7] * 16, learning_rate=0.1)  # fmt: skip
    t = trace(lesson)
    text = fillable_csv(t, frozenset()).encode()
    assert len(text) < reading.MAX_BYTES and text.count(b"\n") < reading.MAX_LINES
    assert len(filled("x.csv", text)) == len(every(t))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_three_hundred_damaged_files_raise_nothing_but_the_one_error(form):
    good = written(LINES) if form == "csv" else NEURON
    parts = {} if form == "csv" else {"xl/worksheets/sheet1.xml": PAGE}
    draw = random.Random(7)
    refused = 0
    for number in range(300):
        target = bytearray(good if number % 2 or not parts else PAGE)
        for _time in range(draw.randint(1, 6)):
            place = draw.randrange(len(target))
            match draw.randrange(4):
                case 0:
                    target[place] = draw.randrange(256)
                case 1:
                    del target[place : place + draw.randrange(40)]
                case 2:
                    target[place:place] = target[draw.randrange(len(target)) :][: draw.randrange(60)]
                case 3:
                    target[place:place] = draw.choice(
                        [b'"', b"\r\n", b";;;;", b"<c>", b"</row>", b"1e999", b"\xff\xfe", b"&a;"]
                    )
        data = bytes(target) if number % 2 or not parts else packed(xl__worksheets__sheet1_dot_xml=bytes(target))
        try:
            filled("x", data)
        except TableError as error:
            refused += 1
            assert "\n" not in str(error) and len(str(error)) < 400
    assert 30 < refused < 300


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)), st.integers(0, 900), st.booleans())
def test_anything_at_all_is_read_or_refused(junk, place, zipped):
    good = NEURON if zipped else written(LINES)
    for data in (junk, good[:place] + junk + good[place:], b"PK" + junk):
        with contextlib.suppress(TableError):
            filled("x", data)
