"""A sheet that comes back: whose numbers it has, what was written on it, and the marks by phase."""

import csv
import io

import pytest

from backprop.engine.steps import Cell
from backprop.explain.readings import Style
from backprop.export.fillable import fillable_csv, fillable_xlsx
from backprop.export.filled import filled
from backprop.lessons.examples import EXAMPLES, example
from backprop.practice.blanks import BLANKABLE, covered
from backprop.practice.handed_in import HandedInError, handed_in
from backprop.practice.variants import variant
from backprop.runs.history import trace


def paper(lesson, written=None, iteration: int = 0, blanks=BLANKABLE) -> dict:
    """A sheet with the right numbers to four digits in its blanks, but for those of `written` (by symbol); None leaves one empty."""
    at = trace(lesson, iteration)
    table = list(csv.DictReader(io.StringIO(fillable_csv(at, covered(at, Style({}), None, blanks)))))
    true = {row["symbol"]: row["value"] for row in csv.DictReader(io.StringIO(fillable_csv(at, ())))}
    for row in table:
        if not row["value"]:
            value = float(true[row["symbol"]])
            row["value"] = f"{value:.4f}" if abs(value) >= 0.001 else f"{value:.3e}"
        if row["symbol"] in (written or {}):
            row["value"] = written[row["symbol"]] or ""
    out = io.StringIO()
    writer = csv.DictWriter(out, table[0])
    writer.writeheader()
    writer.writerows(table)
    return filled("sheet.csv", out.getvalue().encode())


def hand_in(lesson, values, digits: int = 4):
    return handed_in(lesson, digits, values, getattr(values, "blank", None))


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_sheet_filled_in_rightly_is_right(name):
    found = hand_in(example(name), paper(example(name)))
    assert {each.kind for each in found.verdicts.values()} == {"right"} and not found.other
    assert sum(counts["right"] for counts in found.summary().values()) == len(found.sheet.blank) == len(found.answers)


def test_the_summary_counts_by_phase():
    lesson = example("towardsai")
    found = handed_in(
        lesson, 4, paper(lesson, {"dL_dz2[2]": "-0.2171", "z1[1]": None, "a1[2]": "abc", "W_new1[1,1]": "7"})
    )
    counts = found.summary()
    assert counts["forward"] == {"right": 6, "open": 1, "unread": 1}
    assert counts["backward"]["slip"] == 1 and counts["update"]["wrong"] == 1 and counts["loss"] == {"right": 3}
    assert list(found.verdicts)[:2] == [Cell("z", 1, 1, 1), Cell("z", 1, 1, 2)]


def test_printed_numbers_are_no_answers():
    lesson = example("towardsai")
    found = hand_in(lesson, paper(lesson, blanks=["backward"]))
    assert {found.sheet.trace[cell.quantity, cell.layer].phase for cell in found.sheet.blank} == {"backward"}


@pytest.mark.parametrize("name", ["towardsai", "dabbura-relu", "softmax"])
def test_a_sheet_of_another_variant_is_marked_with_its_own_numbers(name):
    other = variant(example(name), 17)
    found = hand_in(example(name), paper(other))
    assert found.other and {each.kind for each in found.verdicts.values()} == {"right"}
    assert found.sheet.lesson.parameters.W[0].tolist() == other.parameters.W[0].tolist()


def test_a_sheet_of_a_later_iteration_is_marked_there():
    lesson = example("towardsai")
    found = hand_in(lesson, paper(lesson, iteration=3))
    assert found.sheet.iteration == 3 and not found.other
    again = hand_in(lesson.changed(learning_rate=0.25), paper(lesson, iteration=3))
    assert again.other and {each.kind for each in again.verdicts.values()} == {"right"}


def test_an_error_of_one_sample_is_carried_into_the_sum_over_all():
    lesson = example("dabbura-tanh")
    at = trace(lesson)
    depth = lesson.network.depth
    wrong = 0.5
    delta = at["dL_dz", depth].value[:, 0].copy()
    delta[1] = wrong
    gradient = float(delta @ at["a", depth - 1].value[:, 0])
    found = handed_in(
        lesson, 4, paper(lesson, {f"dL_dz{depth}[1]@2": str(wrong), f"dL_dW{depth}[1,1]": f"{gradient:.4f}"})
    )
    verdict = found.verdicts[Cell("dL_dW", depth, None, 1, 1)]
    assert verdict.kind == "carried" and verdict.because == (Cell("dL_dz", depth, 2, 1),)


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        (lambda: paper(example("neuron")), "The sheet has t[1]@1, which the lesson that is open here has not"),
        (lambda: {key: text for key, text in paper(example("towardsai")).items() if key[1] != Cell("x", 0, 1, 2)}, "The sheet has no x[2], which the lesson that is open here has"),
        (lambda: paper(example("csdn")), "which the lesson that is open here has not"),
        (lambda: paper(example("towardsai"), {"W1[1,1]": "five"}), "W1[1,1] is given, and “five” is no number"),
        (lambda: paper(example("towardsai")) | {(1, cell): text for (_k, cell), text in paper(example("towardsai")).items()}, "The file holds 2 iterations"),
        (lambda: {}, "The file holds 0 iterations"),
        (lambda: paper(example("towardsai"), {"learning_rate": "-1"}), "learning_rate"),
    ],
)  # fmt: skip
def test_a_sheet_that_does_not_fit_is_refused_in_one_sentence(sheet, told):
    with pytest.raises(HandedInError, match=None) as refused:
        hand_in(example("towardsai"), sheet())
    assert told in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["line", "towardsai", "genomexyz"])
def test_right_answers_count_whatever_digits_they_have(name):
    """Short decimals and all seventeen digits look as if they were printed; the file says what was blank."""
    lesson = example(name)
    at = trace(lesson)
    left = covered(at, Style({}), None, BLANKABLE)
    full = {row["symbol"]: row["value"] for row in csv.DictReader(io.StringIO(fillable_csv(at, ())))}
    found = hand_in(lesson, paper(lesson, full))
    assert found.sheet.blank == left and {each.kind for each in found.verdicts.values()} == {"right"}
    again = hand_in(lesson, paper(lesson, full, blanks=["update"]))
    assert again.sheet.blank == covered(at, Style({}), None, ["update"])


@pytest.mark.parametrize("name", ["towardsai", "dabbura-relu"])
def test_a_spreadsheet_says_too_what_was_blank(name):
    at = trace(example(name))
    left = covered(at, Style({}), None, ["backward"])
    values = filled("sheet.xlsx", fillable_xlsx(at, name, left))
    assert {cell for _iteration, cell in values.blank} == left
    assert {each.kind for each in hand_in(example(name), values).verdicts.values()} == {"open"}


def test_a_sheet_saved_with_decimal_commas_and_fewer_digits():
    lesson = example("towardsai")
    values = paper(lesson, blanks=["backward"], iteration=3)
    for key, text in list(values.items()):
        values[key] = (f"{float(text):.10g}" if len(text) > 12 else text).replace(".", ",")
    found = hand_in(lesson, values)
    assert (
        not found.other and found.sheet.iteration == 3 and {each.kind for each in found.verdicts.values()} == {"right"}
    )


def test_a_file_that_does_not_say_what_was_blank_is_read_by_its_digits():
    lesson = example("towardsai")
    found = handed_in(lesson, 4, paper(lesson, blanks=["backward"]))
    assert {found.sheet.trace[cell.quantity, cell.layer].phase for cell in found.sheet.blank} == {"backward"}


@pytest.mark.parametrize("text", ["1_5", "٣", "0.1+0.2", "inf"])
def test_a_given_number_is_plain_digits(text):
    with pytest.raises(HandedInError, match="is given"):
        hand_in(example("towardsai"), paper(example("towardsai"), {"W1[1,1]": text}))


def test_an_iteration_out_of_reach_is_refused_at_once():
    values = {(100_000, cell): text for (_k, cell), text in paper(example("towardsai")).items()}
    with pytest.raises(HandedInError, match="100000"):
        handed_in(example("towardsai"), 4, values)


def test_a_blank_whose_line_was_deleted_is_open():
    lesson = example("towardsai")
    values = paper(lesson, blanks=["backward"])
    gone = {(0, Cell("dL_dz", 2, 1, 1)), (0, Cell("dL_dW", 1, None, 1, 1))}
    for key in gone:
        del values[key]
    values.blank -= gone
    found = hand_in(lesson, values)
    assert {cell for cell, verdict in found.verdicts.items() if verdict.kind == "open"} == {cell for _k, cell in gone}
