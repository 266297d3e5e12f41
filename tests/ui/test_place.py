"""The state of the walk: no wish takes it out of range. (How it is written down: test_visit.py.)"""

from hypothesis import given, settings
from hypothesis import strategies as st

from backprop.explain.conventions import CONVENTIONS
from backprop.lessons.examples import example
from backprop.runs.walk import GRAINS
from backprop.ui.place import Place

wishes = st.fixed_dictionaries(
    {},
    optional={
        "iteration": st.integers(0, 40),
        "stop": st.integers(-5, 400),
        "sample": st.integers(-1, 9),
        "grain": st.sampled_from(GRAINS),
        "digits": st.integers(-3, 40),
        "convention": st.sampled_from(sorted(CONVENTIONS)),
        "comma": st.booleans(),
        "fractions": st.booleans(),
        "hide": st.booleans(),
        "revealed": st.booleans(),
        "selected": st.sampled_from(
            ["", "z.1.1.1", "W.1..1.1", "loss.2", "x.0.1.1", "nonsense", "W.9..9.9", "a.1.7.7"]
        ),
    },
)
junk = st.dictionaries(
    st.sampled_from(
        ["iteration", "stop", "sample", "grain", "digits", "convention", "comma", "fractions", "hide", "selected"]
    ),
    st.one_of(st.none(), st.text(max_size=8), st.integers(), st.floats(), st.lists(st.integers()), st.booleans()),
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(wishes, junk))
def test_no_wish_leaves_the_iteration(wish):
    wish = {
        key: min(value, 300) if key == "iteration" and isinstance(value, int) else value for key, value in wish.items()
    }
    place = Place().moved(wish)
    assert 0 <= place.stop <= len(place.walk)
    assert 1 <= place.sample <= place.trace.samples
    assert 2 <= place.digits <= 12
    for cell in place.cells():
        place.trace.at(cell)


@given(junk)
def test_how_numbers_are_written_is_yes_or_no(wish):
    place = Place().moved(wish)
    assert isinstance(place.comma, bool) and isinstance(place.fractions, bool)
    assert place.convention in CONVENTIONS


def test_the_convention_knows_the_network_of_the_lesson():
    place = Place().moved({"convention": "net"})
    assert place.notation.sizes == (2, 2, 2)
    other = place.with_lesson(example("dabbura-tanh"), "dabbura-tanh").notation
    assert (other.name, other.sizes, other.samples) == ("net", (3, 5, 5, 1), 4)
