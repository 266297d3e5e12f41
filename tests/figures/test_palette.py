"""Every text colour is readable on the page and on its wash, in both themes; Streamlit's own colours are the same."""

import tomllib
from pathlib import Path

import pytest

from backprop.figures.palette import HUES, PHASES, THEMES

NAMES = {
    "blue": "fwd",
    "violet": "loss",
    "orange": "bwd",
    "green": "upd",
    "yellow": "slope",
    "gray": "pos",
    "red": "neg",
}
HUE_NAMES = sorted(name.removesuffix("-t") for name in THEMES["light"] if name.endswith("-t"))


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("hue", HUE_NAMES)
def test_text_is_readable(theme, hue):
    table = THEMES[theme]
    for ground in ("bg", f"{hue}-w"):
        assert contrast(table[f"{hue}-t"], table[ground]) >= 4.5, (theme, hue, ground)


@pytest.mark.parametrize("theme", THEMES)
def test_inks_are_readable(theme):
    table = THEMES[theme]
    for ink in ("ink", "ink2"):
        for ground in ("bg", "side"):
            assert contrast(table[ink], table[ground]) >= 4.5


def test_every_kind_and_phase_has_a_hue():
    assert set(HUES.values()) | set(PHASES.values()) <= set(HUE_NAMES)


@pytest.mark.parametrize("theme", THEMES)
def test_streamlit_shows_the_same_colours(theme):
    config = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    for name, hue in NAMES.items():
        for ending, ours in (("Color", hue), ("TextColor", f"{hue}-t"), ("BackgroundColor", f"{hue}-w")):
            assert config["theme"][theme][name + ending] == THEMES[theme][ours]
