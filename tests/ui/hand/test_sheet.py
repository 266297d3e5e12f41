"""The tab "Fill in": what is blank, what is said, and that nothing on the page gives a blank's number away."""

import html
import re

import pytest

from backprop.engine.steps import Cell
from backprop.explain import numerals
from backprop.explain.conventions import CONVENTIONS
from backprop.lessons.examples import EXAMPLES, example
from backprop.practice.blanks import DIAL
from backprop.practice.reckoning import AFTER
from backprop.ui.hand import sheet
from backprop.ui.hand.desk import desk
from backprop.ui.place import Place


def at(name: str = "towardsai", **fields) -> Place:
    return Place().with_lesson(example(name), name).moved({"task": "sheet", **fields})


def text(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", markup))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_dial_goes_from_a_worked_example_to_a_blank_sheet(name):
    counts = [len(desk(at(name, dial=stop)).sheet.blank) for stop in range(DIAL + 1)]
    assert counts == sorted(counts) and counts[0] == 0 and len(set(counts)) >= DIAL
    last = desk(at(name, dial=DIAL))
    assert last.sheet.blank == {cell for part in last.parts for cell in part.cells}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_first_steps_of_every_part_are_blank_first(name):
    on = desk(at(name, dial=1))
    for part in on.parts:
        assert part.rows[0][0] in on.sheet.blank


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("dial", [0, 2, 4])
def test_the_whole_iteration_is_on_the_sheet_once(name, dial):
    place = at(name, dial=dial)
    on = desk(place)
    cells = [cell for part in on.parts for cell in part.cells]
    assert len(cells) == len(set(cells)) and set(cells[:-1]) == set(place.walk.cells) and cells[-1].quantity == AFTER
    for part in on.parts:
        shown = sheet.parts(place.moved({"part": part.name}), False)["main"]
        assert shown.count("data-answer=") == sum(cell in on.sheet.blank for cell in part.cells)
        assert len(re.findall("class='item ", shown)) == len(part.cells)


@pytest.mark.parametrize("name", ["towardsai", "softmax", "dabbura-relu", "neuron"])
def test_a_blank_stands_nowhere_on_the_page(name):
    """Every computed number with four digits of its own, looked for in all strings of every part."""
    place = at(name, dial=DIAL)
    given_away = {numerals.plain(value, 4) for value in _given(place)}
    for part in desk(place).parts:
        for focus in part.cells:
            shown = text("".join(sheet.parts(place.moved({"part": part.name, "focus": focus.address}), False).values()))
            for cell in place.walk.cells:
                number = numerals.plain(place.trace.at(cell), 4).lstrip(numerals.MINUS)
                if (
                    number not in given_away
                    and place.trace.at(cell) not in (0.0, 1.0, 0.5)
                    and abs(place.trace.at(cell)) not in _given(place)
                ):
                    assert not re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", shown), (focus, cell, number)


def _given(place: Place) -> set[float]:
    return {abs(float(value)) for step in place.trace.given for value in step.value.flat}


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("name", ["towardsai", "softmax", "dabbura-tanh", "deep"])
@pytest.mark.parametrize("narrow", [False, True])
def test_every_blank_wrong_with_all_help_in_every_convention(convention, name, narrow):
    place = at(name, dial=DIAL, convention=convention)
    for part in desk(place).parts:
        answers = {cell.address: "0.1234" for cell in part.cells}
        for focus in (part.cells[0], part.cells[-1]):
            shown = sheet.parts(
                place.moved(
                    {"part": part.name, "focus": focus.address, "answers": answers, "hints": {focus.address: 4}}
                ),
                narrow,
            )
            whole = "".join(shown.values())
            assert "nan" not in text(whole) and "{" not in re.sub(r"data-\w+='[^']*'", "", whole).replace("{}", "")


def test_a_phase_alone_and_single_steps_can_be_left_blank():
    backward = desk(at(blank="backward"))
    assert {backward.sheet.trace[cell.quantity, cell.layer].phase for cell in backward.sheet.blank} == {"backward"}
    steps = desk(at(blank="dL_da.2~a.1"))
    assert {(cell.quantity, cell.layer) for cell in steps.sheet.blank} == {("dL_da", 2), ("a", 1)}
    assert desk(at(blank="none")).sheet.blank == frozenset()


def test_a_number_that_shows_a_blank_is_blank_too():
    on = desk(at("neuron", blank="dL_dz.1"))
    assert Cell("dL_db", 1, unit=1) in on.sheet.blank  # ∂L/∂b is δ itself


def test_what_is_answered_stands_in_the_network_and_what_is_wrong_is_marked():
    right = at(dial=DIAL, part="forward.1", answers={"z.1.1.1": "0.3775"})
    assert "0.3775" in text(sheet.parts(right, False)["net"])
    wrong = at(dial=DIAL, part="forward.1", answers={"z.1.1.1": "0.4111"})
    shown = sheet.parts(wrong, False)
    assert "0.4111" in text(shown["net"]) and "var(--neg" in shown["net"]
    assert "not yet" in text(shown["main"])


def test_a_product_that_does_not_hold_is_drawn_as_unequal():
    right = {"dL_da.2.1.2": "-0.2171", "da_dz.2.1.2": "0.1755", "dL_dz.2.1.2": "-0.0381"}
    for answers, unequal in ((right, 0), (right | {"dL_dz.2.1.2": "-0.2171"}, 1), (right | {"dL_da.2.1.2": "0.9"}, 1)):
        shown = sheet.parts(at(dial=DIAL, part="backward.2", answers=answers), False)["net"]
        assert shown.count("≠") == unequal


def test_the_weights_of_before_the_update_are_drawn_until_the_update():
    new = numerals.plain(Place().trace["W_new", 2].value[0, 0])
    for part, drawn in (("backward.1", False), ("update.2", True)):
        assert (new in text(sheet.parts(at(blank="backward", part=part), False)["net"])) is drawn


def test_hints_go_from_the_rule_over_the_factors_to_the_numbers_and_take_the_pupils_own():
    focus = "dL_dW.2..2.1"
    place = at(dial=DIAL, part="backward.2", focus=focus, answers={"dL_dz.2.1.2": "-0.2171"})
    notes = [sheet.parts(place.moved({"hints": {focus: level}}), False)["note"] for level in (1, 2, 3, 4)]
    assert [note.count("class='hint'") for note in notes] == [1, 2, 3, 4]
    assert "0.2171" not in notes[1] and "0.2171" in notes[2] and r"\mathbf{-0.1288}" in notes[3]


def test_the_right_line_and_the_wrong_line_stand_beside_each_other():
    place = at(
        dial=3,
        part="backward.2",
        focus="dL_dz.2.1.2",
        answers={"da_dz.2.1.2": "0.1755", "dL_da.2.1.2": "-0.2171", "dL_dz.2.1.2": "-0.2171"},
    )
    note = sheet.parts(place, False)["note"]
    assert "You left out" in note and r"\mathbf{-0.2171}" in note
    assert r"0.1755" in note and "0.0381" not in note  # the numbers put in, and not what they come to


def test_the_two_lines_tell_no_number_of_a_blank_that_is_still_open():
    """∂L/∂a₁ by one path alone, while δ of layer 2 is not worked out yet."""
    place = at(dial=DIAL, part="backward.1", focus="dL_da.1.1.1", answers={"dL_da.1.1.1": "0.0554"})
    note = sheet.parts(place, False)["note"]
    assert "What you did" in note and r"\boxed" in note and "0.1385" not in note and "0.0381" not in note


def test_several_slips_that_fit_are_all_told():
    """With η = 1 the step without and with the learning rate squared are the same as the right one; of one input the rest remains."""
    lesson = example("neuron").changed(learning_rate=2.0)
    place = Place().with_lesson(lesson, "neuron").moved({"task": "sheet", "dial": DIAL})
    trace = place.trace
    gradient, w = trace["dL_dW", 1].value[0, 0], trace["W", 1].value[0, 0]
    answers = {"dL_dW.1..1.1": repr(float(gradient)), "W_new.1..1.1": f"{w - 4 * gradient:.4f}"}
    on = desk(place.moved({"answers": answers}))
    names = {each.slip.name for each in on.verdicts[Cell("W_new", 1, None, 1, 1)].found}
    assert names == {"rate_squared"}


def test_a_decimal_comma_is_read_and_written():
    place = at(dial=DIAL, part="forward.1", comma=True, focus="z.1.1.1", answers={"z.1.1.1": "0,3775"})
    numerals.write(comma=True)
    try:
        shown = sheet.parts(place, False)
    finally:
        numerals.write()
    assert "0,3775" in text(shown["net"]) and ">Right." in shown["note"]
