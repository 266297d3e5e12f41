"""The state of the walk: no wish takes it out of range. (How it is written down: test_visit.py.)"""

from hypothesis import given, settings
from hypothesis import strategies as st

from backprop.engine.steps import Cell
from backprop.explain.conventions import CONVENTIONS
from backprop.lessons.examples import example
from backprop.runs.nudge import FINEST
from backprop.runs.walk import GRAINS
from backprop.ui import visit
from backprop.ui.fields.following import FARTHEST, READINGS, TABS
from backprop.ui.fields.table import FIELDS
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
        "predict": st.booleans(),
        "guess": st.sampled_from(["", "positive", "nonsense"]),
        "selected": st.sampled_from(
            ["", "z.1.1.1", "W.1..1.1", "loss.2", "x.0.1.1", "nonsense", "W.9..9.9", "a.1.7.7"]
        ),
        "followed": st.sampled_from(
            ["", "W.2..1.1", "dL_db.1", "b.1", "x.0.1.2", "a.2.1.1", "z.1.3.1", "loss.2", "W.9..9.9"]
        ),
        "tab": st.sampled_from([*TABS, "nonsense"]),
        "path": st.integers(-2, 20),
        "reading": st.sampled_from(READINGS),
        "epsilon": st.integers(-3, 40),
        "nudge": st.one_of(st.floats(), st.integers()),
        "op": st.integers(-3, 10_000),
    },
)
junk = st.dictionaries(
    st.sampled_from(list(FIELDS)),
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
    assert place.ledger.cell == place.follows and place.tab in TABS and place.reading in READINGS
    assert 0 <= place.path <= len(place.ledger.paths) and place.op >= 0
    assert 1 <= place.epsilon <= FINEST and abs(place.nudge) <= FARTHEST


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


def test_the_followed_number_is_the_one_chosen_else_the_one_selected_in_the_walk():
    place = Place()
    assert place.follows == Cell("W", 1, None, 1, 1)
    selected = place.moved({"stop": 30, "selected": "dL_dW.2..2.1"})
    assert selected.follows == Cell("W", 2, None, 2, 1)
    chosen = selected.moved({"followed": "x.0.1.2"})
    assert chosen.follows == Cell("x", 0, 1, 2)
    assert chosen.moved({"selected": "a.1.1.1"}).follows == Cell("a", 1, 1, 1)  # a new selection counts again
    assert chosen.moved({"tab": "chain"}).follows == Cell("x", 0, 1, 2)


def test_a_guess_uncovers_the_answer_of_its_own_stop_only():
    asked = Place().moved({"stop": 18, "predict": True})
    assert asked.covered and asked.seen == 17
    guessed = asked.moved({"guess": "positive"})
    assert not guessed.covered and guessed.seen == 18
    for wish in ({"stop": 19}, {"iteration": 1}, {"selected": "z.1.1.1"}, {"stop": 40, "grain": "layer"}):
        moved = guessed.moved(wish)
        assert moved.guess == "" and moved.covered == (moved.selected is None), wish
    assert guessed.moved({"digits": 6}).guess == "positive"
    other = guessed.with_lesson(example("xor"), "xor")
    assert other.guess == "" and other.moved({"stop": 3}).covered
    dragged = guessed.with_lesson(example("towardsai").changed(learning_rate=0.1))
    assert dragged.guess == "" and not dragged.covered  # what was seen stays in sight while a slider is dragged


def test_a_guess_is_in_no_link_but_what_it_uncovered_outlives_the_server():
    guessed = Place().moved({"stop": 18, "predict": True, "guess": "positive"})
    assert guessed.query() == {"step": "18", "predict": "1"}
    born = visit.remembered(guessed.memo())
    assert born is not None and born.predict and not born.covered and born.guess == ""


def test_a_covered_layer_is_not_seen():
    covered = Place().moved({"stop": 21, "grain": "layer", "hide": True})
    assert covered.covered and covered.seen == 17


def test_what_has_no_way_to_the_loss_changes_nothing():
    chosen = Place().moved({"followed": "W.2..1.2"})
    for address in ("loss.2", "t.2.1.1", "W.9..1.1", "learning_rate", "loss_term.2.1.1"):
        assert chosen.moved({"followed": address}).follows == chosen.follows


def test_another_sample_is_followed_in_its_own_number():
    place = Place().with_lesson(example("xor"), "xor").moved({"followed": "x.0.1.2"})
    assert place.moved({"sample": 3}).follows == Cell("x", 0, 3, 2)
    assert place.moved({"sample": 3, "followed": "a.1.2.1"}).follows == Cell("a", 1, 3, 1)


def test_what_is_followed_is_forgotten_where_the_lesson_has_it_not():
    place = Place().moved({"followed": "W.2..2.2", "path": 1, "op": 5})
    other = place.with_lesson(example("neuron"))
    assert other.follows == Cell("W", 1, None, 1, 1) and other.op == 0
