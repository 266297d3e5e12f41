"""The page "Worksheet", without a browser: every example, what is blank, and that the visitor's place is kept."""

import csv
import html
import io
import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from backprop.explain import numerals
from backprop.export.filled import filled
from backprop.lessons.examples import EXAMPLES, example
from backprop.practice.variants import variant
from backprop.ui.place import Place
from backprop.ui.worksheet import TAKEN, Choice, sheet_html

APP = str(Path(__file__).parents[2] / "app.py")


def opened(place: Place | None = None) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.run()
    if place is not None:
        app.session_state["place"] = place
    app.switch_page("pages/prepare/worksheet.py").run()
    assert not app.exception
    return app


def sheet(app: AppTest) -> str:
    """The sheet as it was sent to the page."""
    assert not app.exception
    found = next(each for each in app.get("bidi_component") if each.proto.component_name.endswith("worksheet"))
    data = json.loads(found.proto.json)
    assert set(json.loads(data["text"])) == {"macros", "print"}
    return data["sheet"]


def formulas(text: str) -> list[str]:
    return [html.unescape(each) for each in re.findall(r'data-tex="([^"]*)"', text)]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example(name):
    lesson = example(name)
    text = sheet(opened(Place(origin=name, lesson=lesson, sample=len(lesson.inputs))))
    assert html.escape(lesson.title or EXAMPLES[name].title) in text
    assert any("fillin" in tex for tex in formulas(text)) and any("answer" in tex for tex in formulas(text))


def test_the_sheet_follows_the_visitor():
    place = Place().moved({"iteration": 7, "stop": 5, "digits": 6, "convention": "net"})
    app = opened(place)
    text = sheet(app)
    assert "Iteration 7" in text and numerals.tex(place.trace.loss, 6) in text
    assert r"z^{(1)}_{1}" not in text and r"\mathrm{net}" in text
    app.number_input(key="sheet_iteration").set_value(2).run()
    assert "Iteration 2" in sheet(app)
    assert app.session_state["place"].iteration == 2 and app.session_state["place"].stop == 5
    app.selectbox(key="example").set_value("xor").run()
    assert app.session_state["place"].origin == "xor" and "sample 1" in sheet(app)


def test_what_is_blank_and_what_is_on_the_sheet():
    app = opened()
    assert "Backward pass" in sheet(app) and "Name" in sheet(app)
    before = sum("fillin" in tex for tex in formulas(sheet(app)))
    app.pills(key="sheet_blank").set_value(["update", "forward"]).run()
    after = sum("fillin" in tex for tex in formulas(sheet(app)))
    assert before and after and before != after
    app.pills(key="sheet_shown").set_value(["forward"]).run()
    assert "Backward pass" not in sheet(app) and "Forward pass" in sheet(app)
    app.segmented_control(key="sheet_kind").set_value("key").run()
    text = sheet(app)
    assert "Answers" in text and "Name" not in text
    assert not any("fillin" in tex for tex in formulas(text)) and r"= \filled{0.3775}" in formulas(text)
    app.pills(key="sheet_blank").set_value([]).run()
    assert "Answers" not in sheet(app) and r"= \answer{0.3775}" in formulas(sheet(app))


def test_the_samples():
    app = opened(Place(origin="xor", lesson=example("xor")))
    app.selectbox(key="sheet_sample").set_value(3).run()
    assert app.session_state["place"].sample == 3 and "sample 3" in sheet(app) and "sample 1" not in sheet(app)
    app.selectbox(key="sheet_sample").set_value(0).run()
    assert all(f"sample {number}" in sheet(app) for number in (1, 2, 3, 4))
    app.selectbox(key="sheet_sample").set_value(2).run()
    assert "sample 2" in sheet(app) and "sample 4" not in sheet(app)


def test_the_choice_is_kept_when_another_page_is_opened():
    app = opened()
    app.pills(key="sheet_blank").set_value(["loss"]).run()
    text = sheet(app)
    app.switch_page("pages/learn/one_iteration.py").run()
    app.switch_page("pages/prepare/worksheet.py").run()
    assert sheet(app) == text


def test_a_variant_is_chosen_told_and_taken_back():
    app = opened(Place(origin="xor", lesson=example("xor")))
    assert "Variant" not in sheet(app)
    app.number_input(key="sheet_seed").set_value(17).run()
    assert "put ?ex=xor&amp;seed=17 behind" in sheet(app)
    assert app.session_state["place"].lesson == variant(example("xor"), 17)
    app.number_input(key="sheet_seed").set_value(0).run()
    assert "Variant" not in sheet(app) and app.session_state["place"].lesson == example("xor")


@pytest.mark.parametrize("seed", [0, 17])
def test_what_is_taken_home_has_the_same_blanks_as_the_sheet(seed):
    place = Place(origin="xor", lesson=example("xor"), sample=2).varied(seed)
    choice = Choice(blank=("loss", "backward"))
    files = {name: make(place, choice) for name, (_label, _told, make) in TAKEN.items()}
    blank = sheet_html(place, choice).count("approx \\fillin")
    left_out = [row for row in csv.DictReader(io.StringIO(files["csv"].decode())) if not row["value"]]
    assert files["tex"].decode().count(r"{\approx \fillin}") == len(left_out) == blank > 10
    assert len(filled("x", files["xlsx"])) == len(filled("x", files["csv"]))
    assert (b"?ex=xor&seed=17" in files["csv"]) == (rb"?ex=xor\&seed=17" in files["tex"]) == bool(seed)


def test_a_hostile_title_is_text():
    lesson = example("neuron").changed(title='<img src=x onerror="alert(1)">')
    text = sheet(opened(Place(origin="neuron", lesson=lesson)))
    assert "<img" not in text and "&lt;img" in text
