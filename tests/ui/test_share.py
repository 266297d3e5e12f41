"""Links as they are sent, and their pictures."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import example
from backprop.lessons.examples import EXAMPLES
from backprop.ui import share, visit
from backprop.ui.place import Place
from tests.ui.test_place import wishes


@pytest.mark.parametrize(
    ("page", "root"),
    [
        ("https://class.example/lesson", "https://class.example/"),
        ("https://class.example/sub/lesson?ex=xor#top", "https://class.example/sub/"),
        ("http://localhost:8501/", "http://localhost:8501/"),
        ("http://[::1]:8501/lesson", "http://[::1]:8501/"),
    ],
)
def test_a_link_leads_to_the_first_page_of_the_same_app(page, root):
    assert share.address(Place(), page) == root
    assert share.address(Place().moved({"stop": 3}), page) == root + "?step=3"


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(EXAMPLES)), wishes)
def test_a_link_opens_the_place(name, wish):
    place = Place(origin=name, lesson=example(name)).moved({**wish, "revealed": False, "guess": ""})
    link = share.address(place, "https://class.example/lesson")
    assert visit.arrived(dict(parse_qsl(urlsplit(link).query))) == (place, [])


def test_the_picture_is_the_link():
    """The same modules as an encoder of its own makes, dark on light, with the border of four that cameras need."""
    text = "https://class.example/?ex=xor&step=11"
    svg = share.qr_svg(text)
    side = segno.make(text, error="l", micro=False).symbol_size(border=4)[0]
    assert f'width="{16 * side}"' in svg and 'fill="#fff"' in svg and 'stroke="#000"' in svg
    assert len(re.findall("<script|onload", svg)) == 0
