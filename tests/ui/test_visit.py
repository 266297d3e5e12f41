"""Links: every place comes back from its own, and whatever else a link says is told and ignored."""

import re
import zlib
from base64 import urlsafe_b64decode
from random import Random
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import example
from backprop.engine.steps import Cell
from backprop.lessons import changes, link
from backprop.lessons.examples import EXAMPLES, FIRST
from backprop.practice.variants import MAX_SEED, variant
from backprop.runs.walk import GRAINS
from backprop.ui import visit
from backprop.ui.fields.following import READINGS, TABS
from backprop.ui.place import Place
from tests import hostile, strategies
from tests.ui.test_place import wishes


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(EXAMPLES)), wishes)
def test_every_place_comes_back_from_its_link_and_from_its_memo(name, wish):
    place = Place(origin=name, lesson=example(name)).moved(wish)
    shown, ignored = visit.arrived(place.query())
    assert ignored == [] and shown == place.moved({"revealed": False, "guess": ""})
    assert visit.remembered(place.memo()) == in_a_memo(place)


def in_a_memo(place: Place) -> Place:
    """A memo says that the answer is uncovered, and not what was guessed."""
    return place.moved({"revealed": place.revealed or bool(place.guess), "guess": ""})


@settings(max_examples=100, deadline=None)
@given(strategies.lessons(), st.integers(0, 3), st.integers(0, 60))
def test_any_lesson_comes_back_to_the_bit(lesson, iteration, stop):
    place = Place().with_lesson(lesson).moved({"iteration": iteration, "stop": stop})
    again = visit.remembered(place.memo())
    assert again == place and again.lesson.to_json() == lesson.to_json()
    if len(urlencode(place.query())) < link.MAX_LINK:
        assert visit.arrived(place.query()) == (place.moved({"revealed": False}), [])


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(EXAMPLES)), st.data())
def test_changed_numbers_are_said_as_numbers_where_that_is_shorter(name, data):
    lesson = example(name)
    for cell in data.draw(st.lists(st.sampled_from(sorted(changes.numbers(lesson), key=str)), max_size=3)):
        lesson = changes.with_numbers(lesson, {cell: data.draw(st.floats(0, 1))}) if cell.quantity != "t" else lesson
    place = Place(origin=name, lesson=lesson)
    again, ignored = visit.arrived(place.query())
    assert ignored == [] and again.lesson.to_json() == lesson.to_json()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(EXAMPLES)), st.integers(1, MAX_SEED), wishes)
def test_a_variant_is_said_by_its_seed_alone(name, seed, wish):
    place = Place(origin=name, lesson=example(name)).varied(seed).moved(wish)
    assert place.lesson == variant(example(name), seed)
    query = place.query()
    assert (query["ex"], query["seed"]) == (name, str(seed)) and not query.keys() & {"set", "lesson"}
    assert visit.arrived(query) == (place.moved({"revealed": False, "guess": ""}), [])
    assert visit.remembered(place.memo()) == in_a_memo(place)


@settings(max_examples=40, deadline=None)
@given(strategies.lessons(), st.integers(1, MAX_SEED))
def test_a_variant_of_any_lesson_comes_back_and_leads_back_to_it(lesson, seed):
    place = Place().with_lesson(lesson).varied(seed)
    again, ignored = visit.arrived({"lesson": link.packed(lesson), "seed": str(seed)}, visit.MOST_MEMO)
    assert ignored == [] and again.lesson == place.lesson == variant(lesson, seed)
    assert visit.remembered(place.memo()) == place and place.varied(0).lesson == lesson


def test_a_seed_beside_changed_numbers_is_that_of_the_lesson_so_changed():
    place, told = visit.arrived({"ex": "xor", "set": "learning_rate_0.25", "seed": "17"})
    assert told == [] and place.lesson == variant(example("xor").changed(learning_rate=0.25), 17)
    assert place.query() == {"ex": "xor", "set": "learning_rate_0.25", "seed": "17"}


def test_a_variant_of_which_a_number_was_changed_is_one_no_more():
    place = Place(origin="xor", lesson=example("xor")).varied(17)
    moved = place.with_lesson(changes.set_number(place.lesson, Cell("W", 2, None, 1, 1), 0.123))
    assert (moved.seed, moved.base) == (0, None) and "seed" not in moved.query()
    assert visit.arrived(moved.query()) == (moved, [])
    for other in (place.with_lesson(example("xor"), "xor"), place.with_lesson(example("xor")), place.varied(0)):
        assert (other.seed, other.base, other.lesson) == (0, None, example("xor"))


def test_a_link_is_what_differs():
    assert Place().query() == {}
    lesson = changes.with_numbers(example("xor"), {Cell("W", 2, None, 1, 1): 0.7})
    place = Place(origin="xor", lesson=lesson).moved({"stop": 11})
    assert place.query() == {"ex": "xor", "set": "W.2..1.1_0.7", "step": "11"}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"ex": "nope"}, "“ex=nope” in the link was ignored; allowed: towardsai, "),
        ({"it": "-1"}, "“it=-1” in the link was ignored; allowed: 0 to 100000."),
        ({"it": "1e3"}, "“it=1e3”"),
        ({"it": "100001"}, "“it=100001”"),
        ({"step": "44"}, "“step=44” in the link was ignored; allowed: 0 to 43."),
        ({"sample": "2"}, "“sample=2” in the link was ignored; allowed: 1 to 1."),
        ({"digits": "13"}, "“digits=13” in the link was ignored; allowed: 2 to 12."),
        ({"conv": "klingon"}, "“conv=klingon” in the link was ignored; allowed: za, "),
        ({"hide": "yes"}, "“hide=yes” in the link was ignored; allowed: 0, 1."),
        ({"grain": ""}, "“grain=” in the link was ignored; allowed: number, layer."),
        ({"sel": "W.1..1"}, "“sel=W.1..1”"),
        ({"sel": "z.2.1.1", "step": "1"}, "“sel=z.2.1.1”"),
        ({"set": "W.1..1.1_nan"}, "“set=W.1..1.1_nan”"),
        ({"set": "W.1..1.1_1e999"}, "“set="),
        ({"set": "W.1..9.1_0.5"}, "“set="),
        ({"set": "W.1..1.1_0.5~W.1..1.1_0.6"}, "“set="),
        ({"set": "x.0.1.1_1_000"}, "“set="),
        ({"set": "x.0.1.1_١"}, "“set="),
        ({"set": "learning_rate_-1"}, "learning_rate"),
        ({"lesson": "1AAAA"}, "The lesson in the link is damaged"),
        ({"seed": "4294967296"}, "“seed=4294967296” in the link was ignored; allowed: 0 to 4294967295."),
        ({"seed": "-1"}, "“seed=-1” in the link was ignored"),
        ({"seed": "٣"}, "“seed=٣” in the link was ignored"),
        ({"seed": "9" * 3000}, "in the link was ignored; allowed: 0 to 4294967295."),
        ({"seed": ""}, "“seed=” in the link was ignored"),
        ({"utm_source": "mail"}, "“utm_source=mail” in the link was ignored; allowed: ex, lesson, set, seed, "),
        ({"ex": "a" * 5000}, "The link was ignored: it has more than 4000 characters."),
    ],
)
def test_what_makes_no_sense_is_told_and_the_example_stands(query, said):
    place, told = visit.arrived(query)
    assert said in " ".join(told), told
    assert place.moved({"stop": 0}) == Place() and all(sentence.endswith(".") for sentence in told)


def test_what_makes_sense_beside_what_does_not_is_taken():
    place, told = visit.arrived({"ex": "xor", "it": "many", "step": "5", "digits": "6"})
    assert (place.origin, place.stop, place.digits, place.iteration, len(told)) == ("xor", 5, 6, 0, 1)


PARAMETERS = [*visit.KNOWN, "kept"]
WORDS = [*EXAMPLES, "number", "layer", "za", "W.1..1.1", "z.1.1.1", "W.1..1.1_0.5", "1", "0", *TABS, *READINGS, *GRAINS]
PACKED = [link.packed(example(name)) for name in EXAMPLES]


def value(random: Random, key: str) -> str:
    """Anything, a number, a word that some parameter knows; or what the parameter wants, with a letter put wrong."""
    match random.randrange(6):
        case 0:
            return hostile.text(random, 60)
        case 1:
            return str(random.getrandbits(random.choice((1, 2, 4, 8, 30, 33, 128))))
        case 2:
            return str(hostile.decimal(random))
        case 3 | 4 if key in ("ex", "lesson"):
            return wounded(random, random.choice(PACKED if key == "lesson" else sorted(EXAMPLES)))
        case 3 | 4 if key == "set":
            cells = random.sample(sorted(changes.numbers(example("xor")), key=str), random.randint(1, 3))
            return wounded(random, "~".join(f"{cell.address}_{hostile.decimal(random)}" for cell in cells))
        case 4:
            return hostile.text(random, 60, "WbxtzaLd_.~0123456789-e")
    return random.choice(WORDS)


def wounded(random: Random, text: str) -> str:
    """As it is, or with one letter left out, put in or put wrong."""
    at, long = random.randrange(len(text)), random.choice((0, 1))
    put = random.choice([*"WbxtzaLd_.~0123456789-e", ""])
    return text if random.random() < 0.4 else text[:at] + put + text[at + long :]


def hostile_link(seed: int) -> dict[str, str]:
    """Up to eight parameters, most of them known, often those that make the lesson."""
    random = Random(seed)
    keys = (
        random.choice((*PARAMETERS, *["ex", "lesson", "set"] * 3, hostile.text(random, 12))) for _ in range(seed % 9)
    )
    return {key: value(random, key) for key in keys}


def numbers_in(packed: str) -> set[float]:
    """Every number that stands in a packed lesson, read without a check; none where nothing can be read."""
    try:
        code = urlsafe_b64decode(packed[1:] + "===")
        plain = zlib.decompressobj(-15, link._WORDS).decompress(code, 10_000).decode()
    except (ValueError, zlib.error):
        return set()
    return set(map(float, re.findall(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?", plain)))


def assert_read_or_told(query: dict[str, str]) -> Place:
    """Never an exception, never a number that the link or the example did not say, and few short sentences."""
    place, told = visit.arrived(query)
    assert len(told) <= visit.MOST and all(len(sentence) < 600 for sentence in told)
    said = set(changes.numbers(example(place.origin)).values()) | numbers_in(query.get("lesson", ""))
    for part in query.get("set", "").split("~"):
        try:
            said.add(float(part.rpartition("_")[2]))
        except ValueError:
            continue
    set_up = place.base or place.lesson  # of a variant: the lesson that it was drawn from, by a seed that the link says
    assert place.lesson == variant(set_up, place.seed)
    unsaid = {"W"} if set_up.init else set()  # drawn, not said; nor are biases said that start at 0
    unsaid |= {"b"} if set_up.biases is None else set()
    assert {number for cell, number in changes.numbers(set_up).items() if cell.quantity not in unsaid} <= said
    assert place.origin in (query.get("ex"), FIRST)
    return place


@pytest.mark.parametrize("block", range(10))
def test_ten_thousand_links_as_a_typo_or_an_attacker_would_make_them(block):
    changed = moved = 0
    for seed in range(1000 * block, 1000 * (block + 1)):
        query = hostile_link(seed)
        try:
            place = assert_read_or_told(query)
        except Exception as error:
            raise AssertionError(f"{query} (seed {seed}): {error!r}") from error
        changed += place.lesson is not example(place.origin)
        moved += place.query().keys() - {"ex", "lesson", "set"} != set()
    assert changed > 10 and moved > 100, "the generator makes too little that can be read"


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.none(), st.integers(), st.text(max_size=200), st.text("&=%;ex", max_size=50)))
def test_what_is_no_memo_makes_no_place(text):
    place = visit.remembered(text)
    assert place is None or text == "" or isinstance(place, Place)


@pytest.mark.parametrize(
    "text", [None, 3, "ex", "ex=nope", "it=9999999", "=" * 5000, "ex=towardsai&lesson=1AAA", "a=1&" * 30]
)
def test_a_memo_is_taken_whole_or_not_at_all(text):
    assert visit.remembered(text) is None
