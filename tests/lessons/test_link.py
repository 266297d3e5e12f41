"""A lesson as text for a link: exact to the bit, short, bounded, and never half read."""

import json
import zlib
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import LessonError, example
from backprop.lessons import link
from backprop.lessons.examples import EXAMPLES
from tests import strategies


def exactly(lesson):
    return json.loads(lesson.to_json())


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_comes_back_and_is_short(name):
    text = link.packed(example(name))
    assert exactly(link.unpacked(text)) == exactly(example(name))
    assert len(text) < 500 and text.replace("-", "").replace("_", "").isalnum()


@settings(max_examples=200, deadline=None)
@given(strategies.lessons())
def test_any_lesson_comes_back_to_the_bit(lesson):
    again = link.unpacked(link.packed(lesson), 100_000)
    assert again.to_json() == lesson.to_json()  # repr of every number: −0.0 and the last bit count


def test_a_link_of_format_1_opens_for_ever():
    """Written on 2026-11-20; if this fails, old links are broken: keep reading format 1, write format 2."""
    old = "1q1aCpYiQ8nwFiG06CiVAdkZmSkpqngIwSmAi-aUlYMfoEDSVolAB-hHkUSNwQBiBmMZA34HETYBsE1OwOEjY1DQWPQSNwcohSsyATDNiw9AQKGxpiT0UceQEzCxTCwA"
    assert link.unpacked(old) == example("towardsai")


@settings(max_examples=2000, deadline=None)
@given(
    st.one_of(
        st.text(max_size=80),
        st.text("abcXYZ019-_", max_size=400).map("1".__add__),
        st.binary(max_size=300).map(lambda b: "1" + urlsafe_b64encode(b).decode().rstrip("=")),
    )
)
def test_what_nobody_packed_is_refused_with_a_sentence(text):
    with pytest.raises(LessonError):
        link.unpacked(text)


@pytest.mark.parametrize("cut", [1, 5, 40, 100])
def test_a_link_that_was_cut_is_damaged(cut):
    with pytest.raises(LessonError, match="damaged"):
        link.unpacked(link.packed(example("csdn"))[:-cut])


def test_a_bomb_is_refused_unread():
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = deflate.compress(b" " * 50_000_000) + deflate.flush()
    with pytest.raises(LessonError, match="at most 4000"):
        link.unpacked("1" + urlsafe_b64encode(bomb).decode())
    with pytest.raises(LessonError, match="damaged"):
        link.unpacked("1" + urlsafe_b64encode(bomb).decode().rstrip("="), 100_000)


def test_the_lesson_in_a_link_is_checked_like_a_file():
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, link._WORDS)
    code = deflate.compress(b'{"layers": [2, 9]}') + deflate.flush()
    with pytest.raises(LessonError, match="is missing"):
        link.unpacked("1" + urlsafe_b64encode(code).decode().rstrip("="))
