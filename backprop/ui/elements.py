"""The browser components, each with its html, css and js in assets/: the stage (strings, clicks, keys) and the sliders."""

from __future__ import annotations

from importlib.resources import files

import streamlit as st

from backprop.figures.palette import THEMES

_ASSETS = files("backprop.ui").joinpath("assets")


def theme_variables() -> str:
    """The palette as CSS variables that follow the theme by themselves: light-dark(light, dark)."""
    light, dark = THEMES["light"], THEMES["dark"]
    pairs = "".join(f"--{name}:light-dark({light[name]},{dark[name]});" for name in light)
    return f"{pairs}--on-text:light-dark(#ffffff,{dark['bg']});"


def asset(name: str) -> str:
    return _ASSETS.joinpath(name).read_text(encoding="utf-8")


def _component(name: str):
    css = f":host{{{theme_variables()}}}" + asset(f"{name}.css")
    return st.components.v2.component(f"backprop_{name}", html=asset(f"{name}.html"), css=css, js=asset(f"{name}.js"))


stage = _component("stage")
sliders = _component("sliders")


def page_style() -> str:
    """The page's own style sheet, for st.html."""
    return _PAGE_STYLE


_PAGE_STYLE = f"<style>.stApp{{{theme_variables()}--brand:'Backprop, step by step'}}{asset('style.css')}</style>"
