"""The style sheets, the palette and the TeX speak of the same colours."""

import re
from pathlib import Path

import pytest

from backprop import example, trace
from backprop.figures.network import network_svg
from backprop.figures.palette import HUES, PHASES, THEMES
from backprop.figures.scene import Scene
from backprop.ui import elements
from backprop.ui.explanation import COLOURS, RESULTS, STAND_INS

ASSETS = Path(elements.__file__).parent / "assets"
SHEETS = {path.name: path.read_text(encoding="utf-8") for path in sorted(ASSETS.glob("*.css"))}
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(ASSETS.glob("*.js"))}


def used(text: str) -> set[str]:
    return set(re.findall(r"var\(--([\w-]+)", text))


def defined(text: str) -> set[str]:
    return set(re.findall(r"[{;\"']--([\w-]+)\s*[:\"']", text))


@pytest.mark.parametrize("name", SHEETS)
def test_every_colour_of_a_style_sheet_is_in_the_palette(name):
    everywhere = defined(elements.PAGE_STYLE).union(*map(defined, [*SHEETS.values(), *SCRIPTS.values()]))
    strange = {each for each in used(SHEETS[name]) - everywhere if not each.startswith("st-")}  # st-: Streamlit's own
    assert not strange


@pytest.mark.parametrize("name", SHEETS)
def test_every_brace_of_a_style_sheet_closes(name):
    bare = re.sub(r"/\*.*?\*/", "", SHEETS[name], flags=re.S)
    assert bare.count("{") == bare.count("}") and "{}" not in bare


def test_the_drawing_uses_colours_that_the_page_defines():
    t = trace(example("towardsai"))
    drawing = network_svg(t, Scene(), 968, 280)
    assert used(drawing) <= defined(elements.PAGE_STYLE) and used("".join(COLOURS.values())) <= set(THEMES["light"])


def test_both_themes_define_the_same_names():
    assert list(THEMES["light"]) == list(THEMES["dark"])
    for name, light in THEMES["light"].items():
        assert f"--{name}:light-dark({light},{THEMES['dark'][name]});" in elements.PAGE_STYLE


def test_the_style_sheet_says_what_every_colour_name_of_an_equation_is():
    sheet = SHEETS["base.css"]
    for colour in {*STAND_INS.values(), *(line for line, _wash in RESULTS.values())}:
        assert f'[style*="color: {colour}"]{{color:var(--' in sheet, colour
    for _line, wash in RESULTS.values():
        assert f'[style*="{wash}"]{{background-color:var(--' in sheet, wash
    assert set(RESULTS) == set(PHASES.values()) and set(HUES) <= set(STAND_INS)
