"""What the page says of SymPy's derivative: on its way, refused and why, too long, or the formula and its number."""

import pytest

from backprop import Lesson
from backprop.explain.expanded import expand, refusal
from backprop.lessons.examples import example
from backprop.ui.expanding import Pending, Refused
from backprop.ui.following import written_out
from backprop.ui.place import Place

WIDE = Lesson(
    layers=[8] * 7,
    activations=["tanh"] * 6,
    loss="half_squared_error",
    init={"scheme": "xavier", "seed": 1},
    inputs=[[0.1] * 8],
    targets=[[0.0] * 8],
    learning_rate=0.1,
)


def made(place: Place):
    return expand(place.trace.network, place.follows)


def test_the_formula_and_its_number():
    here = Place()
    value, pending = written_out.number(here, made(here))
    assert value == pytest.approx(0.000438567734474346727048375599047, rel=1e-15) and pending == ""
    text = written_out.written_out_html(here, made(here), False)
    assert "149 operations, of which only 36 differ" in text and "data-tex=" in text and r"\exp" in text


def test_a_batch_is_the_mean_over_its_samples():
    here = Place(origin="xor", lesson=example("xor")).moved({"followed": "W.1..1.2", "sample": 3})
    value, _pending = written_out.number(here, made(here))
    assert value == pytest.approx(here.trace.at(here.ledger.gradient), rel=1e-12)
    assert "L_{3}" in written_out.written_out_html(here, made(here), True)


def test_on_its_way_and_refused():
    here = Place()
    text = written_out.written_out_html(here, Pending(3, 20), False)
    assert "3 of 20" in text and '<progress max="20" value="3">' in text
    assert written_out.number(here, Pending(3, 20)) == (None, written_out.sentence(Pending(3, 20)))
    assert "too <small>" not in written_out.written_out_html(here, Refused("too <small>"), False)


def test_a_network_too_large_says_so_and_why_without_being_asked_twice():
    here = Place(lesson=WIDE)
    given = written_out.answer(here)
    assert isinstance(given, Refused) and given.sentence == refusal(here.trace.network, here.follows)
    assert "operations" in given.sentence and "limit is 8" in given.sentence
    assert written_out.number(here, given)[0] is None


def test_what_is_too_long_to_be_shown_still_has_its_number():
    here = Place(origin="dabbura-relu", lesson=example("dabbura-relu"))
    given = made(here)
    assert "too long to be shown" in written_out.written_out_html(here, given, False)
    assert written_out.number(here, given)[0] == pytest.approx(here.trace.at(here.ledger.gradient), rel=1e-12)
