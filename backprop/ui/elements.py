"""The browser components, each with its html, css and js in assets/: the stage and the elements of the other
pages (strings, clicks, keys), the sliders, the worksheet.

The files are served once by their address instead of travelling with every rerun: 27 kB less per step for each visitor.
That needs an asset folder declared to Streamlit's component manager, which `_declared` does for the runtime in force.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

from backprop.figures.palette import THEMES

_START = """
let start;
export default async (mount) => {
  start ??= (await import(new URL("NAME.js", mount.parentElement.querySelector("link").href))).default;
  return start(mount);
};
"""
"""What runs a component's own file, found beside its style sheet. Streamlit would put a <script> for a file's address into the page at
every change of the data and wait until it has loaded; this little text it keeps."""

_ROOT = Path(str(files("backprop.ui")))
_NAMES = ("stage", "follow", "hand", "descent", "functions", "sliders", "worksheet")


def _declared() -> None:
    """Tell the component manager where the assets are, if it does not know yet."""
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(f"backprop.{_NAMES[0]}") is None:
        configs = [ComponentConfig(name=name, asset_dir="assets") for name in _NAMES]
        manager.register_from_manifest(ComponentManifest("backprop", "1", configs), _ROOT)


@cache
def _component(name: str) -> Any:
    """The component, declared at its first use: it needs Streamlit's runtime."""
    html = _ROOT.joinpath("assets", f"{name}.html").read_text(encoding="utf-8")
    return st.components.v2.component(f"backprop.{name}", html=html, css=f"{name}.css", js=_START.replace("NAME", name))


def stage(**mount: Any) -> Any:
    """Mount the stage; see assets/stage.js for its data and its messages."""
    return _mounted("stage", mount)


def follow(**mount: Any) -> Any:
    """Mount the element of "Follow one weight"; see assets/follow.js for its data and its messages."""
    return _mounted("follow", mount)


def hand(**mount: Any) -> Any:
    """Mount the element of "By hand"; see assets/hand.js for its data and its messages."""
    return _mounted("hand", mount)


def descent(**mount: Any) -> Any:
    """Mount the element of "Descent"; see assets/descent.js for its data and its messages."""
    return _mounted("descent", mount)


def functions(**mount: Any) -> Any:
    """Mount the element of "Functions"; see assets/functions.js for its data and its messages."""
    return _mounted("functions", mount)


def sliders(**mount: Any) -> Any:
    """Mount the sliders; see assets/sliders.js for their data and messages."""
    return _mounted("sliders", mount)


def worksheet(**mount: Any) -> Any:
    """Mount the sheet of paper; see assets/worksheet.js for its data. It sends nothing."""
    return _mounted("worksheet", mount)


def _mounted(name: str, mount: dict[str, Any]) -> Any:
    """What is not a string goes as one text: Streamlit would look at every number in it for a data frame."""
    _declared()
    parts = mount["data"].pop("parts", {})
    return _component(name)(**{**mount, "data": {**parts, "text": json.dumps(mount["data"], separators=(",", ":"))}})


def _theme_variables() -> str:
    """The palette as CSS variables that follow the theme by themselves: light-dark(light, dark). Components inherit them."""
    light, dark = THEMES["light"], THEMES["dark"]
    pairs = "".join(f"--{name}:light-dark({light[name]},{dark[name]});" for name in light)
    return f"{pairs}--on-text:light-dark(#ffffff,{dark['bg']});--brand:'Backprop, step by step';"


PAGE_STYLE = (
    f"<style>.stApp{{{_theme_variables()}}}{_ROOT.joinpath('assets', 'style.css').read_text(encoding='utf-8')}</style>"
)
"""The page's own style sheet, for st.html."""
