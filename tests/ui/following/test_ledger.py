"""The ledger on the page: every row's product follows from the factors shown, the sum from the products shown."""

import html
import math
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop.engine.steps import Cell
from backprop.explain import numerals
from backprop.explain.paths import FOLLOWED
from backprop.figures.plan import plan
from backprop.lessons.changes import set_number
from backprop.lessons.examples import EXAMPLES, example
from backprop.ui.following.ledger import ledger_html
from backprop.ui.following.tabs import TALL, WIDE
from backprop.ui.place import Place
from tests import strategies

UP = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def read(text: str) -> float:
    """A number as it stands on the page: (−2.298·10⁻⁴)."""
    text = html.unescape(text).strip("()").replace("−", "-")
    mantissa, _times, power = text.partition("·10")
    return float(mantissa) * (10.0 ** int(power.translate(UP)) if power else 1.0)


def rows(text: str) -> list[dict]:
    """Every row's factors and product, as they are shown."""
    found = []
    for row in re.findall(r'<div class="lg-row [^"]*" data-path="\d+".*?</div></div>', text):
        factors = re.findall(
            r'<span class="lg-f[^"]*"(?: style="left:(-?\d+)px")? title="([^"]*)"><small>.*?</small><b>(.*?)</b>', row
        )
        product = re.search(r'<b class="lg-product" title="([^"]*)">(.*?)</b>', row)
        found.append({"factors": factors, "product": product.groups()})
    return found


def followed(place: Place):
    return [
        cell
        for step in (*place.trace.given, *place.trace.steps)
        if step.quantity in FOLLOWED
        for cell in place.trace.cells(step)
    ]


def looks(value: float, shown: float, digits: int) -> bool:
    """Does a result round to what is shown? On the edge either neighbour will do."""
    unit = abs(shown) * 10.0 ** (1 - digits) if abs(shown) < 1e-3 else 10.0**-digits
    return abs(value - shown) <= 0.51 * unit + 1e-18


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("digits", [4, 6])
@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_shown_gives_what_is_shown(name, digits, narrow):
    place = Place(origin=name, lesson=example(name)).moved({"digits": digits})
    for cell in followed(place)[::3]:
        here = place.moved({"followed": cell.address})
        text = ledger_html(here, WIDE, TALL, narrow)
        found, shown = here.ledger, rows(ledger_html(here, WIDE, TALL, narrow))
        assert len(shown) == len(found.paths)
        products = []
        for row, path in zip(shown, found.paths, strict=True):
            factors = [read(number) for _left, _full, number in row["factors"]]
            full = [float(number) for _left, number, _shown in row["factors"]]
            assert math.prod(full) == pytest.approx(path.value, rel=1e-12, abs=1e-300)
            assert float(row["product"][0]) == path.value
            products.append(read(row["product"][1]))
            assert looks(
                math.prod(factors),
                products[-1],
                len(row["product"][1].split(".")[-1].split("·")[0]) if abs(path.value) >= 1e-3 else digits,
            ), (cell, row)
        if found.complete:
            total = read(re.search(r'lg-sum.*?<b title="[^"]*">(.*?)</b>', text)[1])
            assert looks(sum(products), total, digits), (cell, products, total)


@given(strategies.lessons(layers=4, units=4), st.booleans(), st.integers(2, 12))
def test_any_lesson_has_a_ledger(lesson, narrow, digits):
    place = Place(lesson=lesson).moved({"digits": digits})
    for cell in followed(place)[::5]:
        text = ledger_html(place.moved({"followed": cell.address}), WIDE, TALL, narrow)
        assert "nan" not in text.lower().replace("undefined", "") or "nan" in str(lesson)
        assert text.count("<div") == text.count("</div>") and text.count("<span") == text.count("</span>")


@pytest.mark.parametrize("name", EXAMPLES)
def test_factors_stand_in_their_order_and_apart(name):
    place = Place(origin=name, lesson=example(name))
    for cell in followed(place)[::3]:
        for row in rows(ledger_html(place.moved({"followed": cell.address}), WIDE, TALL, False)):
            lefts = [int(left) for left, _full, _shown in row["factors"]]
            assert all(b - a >= 55 for a, b in pairwise(lefts)), (cell, lefts)
            assert lefts[0] >= 20 and lefts[-1] <= WIDE - 100


def test_a_factor_stands_under_its_place_in_the_network():
    lefts = [int(left) for left, _full, _shown in rows(ledger_html(Place(), WIDE, TALL, False))[0]["factors"]]
    where = plan((2, 2, 2), WIDE, TALL)
    assert lefts[0] == round(where.at(0, 1)[0]) and lefts[1] == round(where.at(1, 1)[0])
    assert where.leaves(1, 1)[0] < lefts[2] < where.arrives(2, 1)[0] and lefts[3] == round(where.at(2, 1)[0])
    assert where.leaves(2, 1)[0] < lefts[4] < where.loss_x


def test_a_zero_factor_is_marked():
    place = Place(origin="dabbura-relu", lesson=example("dabbura-relu"))
    assert ledger_html(place, WIDE, TALL, False).count("dead") == 6


def test_the_unit_that_kills_a_path_is_named():
    place = Place(origin="dabbura-relu", lesson=example("dabbura-relu"))
    assert "Unit 1 of layer 1 is off" in ledger_html(place, WIDE, TALL, False)
    of_two = place.moved(
        {"followed": "W.1..2.1"}
    )  # unit 2 of layer 1 is open; the path through unit 4 of layer 2 is not
    rows_of = [path.units for path in of_two.ledger.paths]
    row = rows_of.index((2, 4, 1)) + 1
    text = ledger_html(of_two.moved({"path": row}), WIDE, TALL, False)
    assert "Unit 4 of layer 2 is off" in text and f'<i class="p1">{row}</i>' in text
    assert "is off" not in ledger_html(of_two.moved({"path": rows_of.index((2, 1, 1)) + 1}), WIDE, TALL, False)


def test_a_zero_bias_has_a_gradient_and_says_so():
    lesson = set_number(example("towardsai"), Cell("b", 1), 0.0)
    text = ledger_html(Place(lesson=lesson).moved({"followed": "b.1"}), WIDE, TALL, False)
    gradient = Place(lesson=lesson).trace.at(Cell("dL_db", 1))
    assert gradient != 0 and "lg-killed" in text and numerals.plain(gradient) in text


def test_samples_are_added_up_and_can_be_picked():
    place = Place(origin="xor", lesson=example("xor")).moved({"sample": 2, "followed": "W.2..1.1"})
    text = ledger_html(place, WIDE, TALL, False)
    parts = [read(number) for number in re.findall(r"class='lg-part[^']*'[^>]*>(.*?)</button>", text)]
    total = read(re.findall(r'<b title="[^"]*">(.*?)</b>', text)[-1])
    assert (
        len(parts) == 4
        and looks(sum(parts), total, 4)
        and "{&quot;sample&quot;: 3}" not in text
        and '{"sample": 3}' in text
    )


def test_the_decimal_comma_reaches_the_ledger():
    numerals.write(comma=True)
    try:
        text = ledger_html(Place(), WIDE, TALL, False)
        assert "0,2413" in text and "0.2413<" not in text
    finally:
        numerals.write()
