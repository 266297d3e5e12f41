"""A browser in front of the app, as far as the server can tell: what components say, without any JavaScript."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from backprop.ui.place import Place

# Streamlit looks through every installed package for components anew in each session: 0.1 s, and always the same are there.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

APP = str(Path(__file__).parents[1] / "app.py")


class Visitor:
    """One visitor's session. page: of pages/, such as "learn/follow_one_weight"; query: the parameters of the link that was opened."""

    def __init__(self, page: str = "", **query: str) -> None:
        self.app = AppTest.from_file(APP, default_timeout=60)
        self.app.query_params.update(query)
        self.app.run()
        if page:
            self.app.switch_page(f"pages/{page}.py").run()
        assert not self.app.exception, [each.value for each in self.app.exception]
        self.said, self.kept = 0, {}

    def component(self, name: str):
        return next(each for each in self.app.get("bidi_component") if each.proto.component_name.endswith(name)).proto

    def shown(self, name: str) -> dict:
        """What a component was given."""
        data = json.loads(self.component(name).json)
        return {**json.loads(data.pop("text")), **data}

    def says(self, name: str, event: str, **message) -> Visitor:
        """Set a component's state and let the page run. As in a browser, what was said before is sent along."""
        self.said += 1
        self.kept[name] = {
            **self.kept.get(name, {}),
            event: {"id": f"browser:{self.said}", "turn": self.said, **message},
        }
        states = self.app._tree.get_widget_states()
        for each, values in self.kept.items():
            widget = states.widgets.add()
            widget.id, widget.json_value = self.component(each).id, json.dumps(values)
        self.app._run(states)
        assert not self.app.exception, [each.value for each in self.app.exception]
        return self

    @property
    def place(self) -> Place:
        return self.app.session_state["place"]
