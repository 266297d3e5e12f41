"""Streamlit still knows the options and the inner parts that we lean on."""

from pathlib import Path

import streamlit.config
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

ASSETS = Path(__file__).parents[1] / "backprop" / "ui" / "assets"


def test_the_hidden_options_exist():
    for option in ("runner.postScriptGC", "server.fileWatcherType", "client.showErrorDetails"):
        assert option in streamlit.config._config_options_template, option


def test_an_asset_folder_can_be_declared():
    manager = BidiComponentManager()
    manifest = ComponentManifest("backprop", "1", [ComponentConfig(name="stage", asset_dir="assets")])
    manager.register_from_manifest(manifest, ASSETS.parent)
    assert manager.get_component_asset_root("backprop.stage").resolve() == ASSETS.resolve()


def test_every_asset_is_there():
    for name in ("stage", "sliders"):
        for kind in ("html", "css", "js"):
            assert (ASSETS / f"{name}.{kind}").stat().st_size
    assert (ASSETS / "katex" / "katex.min.js").stat().st_size > 200_000
    assert "MIT" in (ASSETS / "katex" / "LICENSE").read_text(encoding="utf-8")
    assert len(list((ASSETS / "katex" / "fonts").glob("*.woff2"))) == 10
