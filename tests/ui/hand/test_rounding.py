"""The tab "Rounding": every number to its decimals, the eye led to what matters, and an article's warning seen."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import Lesson, example
from backprop.explain import numerals
from backprop.explain.conventions import CONVENTIONS
from backprop.lessons.examples import EXAMPLES
from backprop.practice.rounding import twins
from backprop.ui.hand.rounding import parts
from backprop.ui.hand.rounding_table import percent
from backprop.ui.place import Place
from tests.strategies import lessons
from tests.visitor import Visitor


def at(name: str = "genomexyz", **fields) -> Place:
    return Place(origin=name, lesson=example(name), task="rounding").moved(fields)


def text(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


def column(main: str, kind: str) -> list[str]:
    return [text(each) for each in re.findall(rf'<td class="{kind}">(.*?)</td>', main)]


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("places", [1, 4, 8])
def test_every_example_with_exactly_so_many_decimals(name, places):
    place = at(name, places=places, after=0)
    made, found = parts(place, False), twins(place.lesson, 0, places)
    for kind in ("up", "even"):
        numbers = column(made["main"], kind)
        broken = getattr(found, kind).broken
        assert all(re.fullmatch(rf"−?\d+\.\d{{{places}}}", each) for each in numbers if not (broken and each == "–"))
        assert len(numbers) > 10 and set(numbers) > {"–"} if broken else numbers
    assert not re.search(r"\bnan\b|\binf\b|None|\{", text("".join(made.values())))
    pairs = [(found.up.numbers.get(cell), found.trace.at(cell)) for cell in place.walk.cells]
    drifted = any(kept is not None and abs(float(kept) - full) > 1e-12 * abs(full) for kept, full in pairs)
    assert made["main"].count("largest") == drifted


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_every_convention_and_the_comma(convention, narrow):
    try:
        numerals.write(comma=True)
        made = parts(at("xor", convention=convention, comma=True, after=1), narrow)
    finally:
        numerals.write()
    assert all(re.fullmatch(r"−?\d+,\d{4}", each) for each in column(made["main"], "up"))
    assert not re.search(r"\d\.\d", text(made["main"] + made["note"]))


def test_the_sliders_hold_no_value_of_their_own():
    tools = parts(at(places=3, after=7), False)["tools"]
    assert "value=" not in tools and re.findall(r'data-field="(\w+)" min="(\d+)" max="(\d+)"', tools) == [
        ("places", "1", "8"),
        ("after", "0", "100"),
    ]
    assert 'max="25"' in parts(at("dabbura-relu"), False)["tools"]


def test_the_articles_warning_can_be_seen():
    made = parts(at(), False)
    assert "The article of this network warns of it" in made["note"] and "Lihi" not in made["note"]
    assert EXAMPLES["genomexyz"].source in made["note"].replace("&#x27;", "'")
    still = twins(example("genomexyz"), 1, 4, 100).up.still
    assert f"'{{\"after\": {still}}}'" in made["note"] and "standstill" in made["note"]
    assert "has stood still" in parts(at(after=still), False)["note"]
    assert "warns" not in parts(at("towardsai"), False)["note"]


def test_digits_that_are_wrong_are_marked():
    found = twins(example("genomexyz"), 30, 4)
    main = parts(at(after=30), False)["main"]
    for cell, html in zip([cell for step in found.trace for cell in step.cells() if cell.quantity != "loss" or cell.sample is None], re.findall(r'<td class="up">(.*?)</td>', main), strict=True):  # fmt: skip
        off = abs(float(found.up.numbers[cell]) - found.trace.at(cell)) > 0.500001e-4
        assert ("<u>" in html) == off, cell


def test_fractions_have_a_column_where_they_exist():
    line, sigmoid = parts(at("line", after=1), False), parts(at("towardsai"), False)
    assert "as a fraction" in line["main"] and ">−7/10<" in line["main"]
    assert "as a fraction" not in sigmoid["main"] and "sigmoid in layer 1 makes no fractions" in sigmoid["note"]


def test_a_calculation_that_breaks_down_says_where():
    lesson = Lesson(layers=[1, 1], activations=["sigmoid"], loss="binary_cross_entropy", weights=[[[10.0]]], inputs=[[1.0]], targets=[[0.0]], learning_rate=0.5)  # fmt: skip
    made = parts(Place(lesson=lesson, task="rounding", after=3), False)
    assert "breaks down at" in made["note"] and "there is no ln 0" in made["note"]
    assert set(column(made["main"], "up")) == {"–"}
    assert "breaks down" not in parts(Place(lesson=lesson, task="rounding", places=8), False)["note"]


@pytest.mark.parametrize(
    "relative, said",
    [(0.0, "0 %"), (-1.0, "−100 %"), (0.0062, "+0.62 %"), (0.0217, "+2.2 %"), (15.48, "+1548 %"), (2.7e-4, "+0.027 %"), (1e-8, "+1.0·10⁻⁶ %"), (float("inf"), "–"), (1e40, "+1.0·10⁴² %")],
)  # fmt: skip
def test_a_drift_in_percent(relative, said):
    assert percent(relative) == said


@settings(max_examples=25)
@given(lessons(), st.integers(1, 8), st.integers(0, 100), st.booleans())
def test_whatever_the_lesson(lesson, places, after, narrow):
    made = parts(Place(lesson=lesson, task="rounding").moved({"places": places, "after": after}), narrow)
    assert set(made) == {"ask", "tools", "main", "note"}
    assert not re.search(r"\bnan\b|\binf\b|None", text("".join(made.values())))


def test_the_page_shows_it_and_hears_its_sliders():
    visitor = Visitor("learn/by_hand", task="rounding", ex="genomexyz", round="3", after="5")
    shown = visitor.shown("hand")
    assert "3 decimals" in shown["ask"] and "hr-drift" in shown["note"]
    visitor.says("hand", "go", wish={"places": 6})
    assert "6 decimals" in visitor.shown("hand")["ask"] and visitor.place.after == 5
