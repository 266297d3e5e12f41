"""The side column: what is kept of it is kept apart for everyone who writes numbers in another way."""

import re

import pytest

from backprop.explain import numerals
from backprop.explain.conventions import CONVENTIONS
from backprop.ui import side
from backprop.ui.place import Place


def shown(place: Place) -> str:
    """The loss and the latest numbers as text, in the writing of the place."""
    numerals.write(place.comma, place.fractions)
    try:
        html = side.loss_html(place, None) + side.numbers_html(place)
    finally:
        numerals.write()
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_what_is_kept_for_one_visitor_is_not_shown_to_another():
    place = Place().moved({"stop": 11})
    for _again in range(2):
        assert "0.2984 → 0.2910" in shown(place) and "η = 0.50" in shown(place)
        assert "0,2984 → 0,2910" in shown(place.moved({"comma": True}))
        assert "η = 1/2" in shown(place.moved({"fractions": True}))
        assert "α = 0.50" in shown(place.moved({"convention": "gurarie"}))


@pytest.mark.parametrize(
    ("convention", "names"),
    [
        ("za", ["∂L/∂w₁₁", "∂L/∂z₂"]),
        ("gurarie", ["∂J/∂W₁₁", "∂J/∂Z₂"]),
        ("ab", ["∂E/∂w₁₁", "∂E/∂a₂"]),
        ("net", ["∂E/∂w₅", "∂E/∂netₒ₂"]),
        ("dabbura", ["dW₁₁", "dZ₂"]),
    ],
)
def test_the_latest_numbers_have_the_names_of_the_convention(convention, names):
    text = shown(Place().moved({"stop": 18, "convention": convention}))
    assert all(name in text for name in names) and set(CONVENTIONS) >= {convention}


def test_full_digits_are_shown_with_the_same_mark():
    place = Place().moved({"stop": 3, "comma": True})
    numerals.write(place.comma)
    try:
        assert 'title="0,593269992107187' in side.numbers_html(place)
    finally:
        numerals.write()
