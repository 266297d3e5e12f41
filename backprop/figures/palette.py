"""The colours, light and dark: one table that the network, the equations, the sentences and the page's style read.

A factor has one colour by kind everywhere. For each hue: line, text (at least 4.5:1 on the page and on its wash) and wash.
"""

from __future__ import annotations

THEMES: dict[str, dict[str, str]] = {
    "light": {
        "bg": "#ffffff", "side": "#f8f8f7", "field": "#f1f0ee", "ink": "#2f2d2b", "ink2": "#65615c", "line": "#dcd8d4", "hair": "#ebe8e4", "edge": "#bdb8b2",
        "fwd": "#0072B2", "fwd-t": "#00639B", "fwd-w": "#E1EFF8",
        "loss": "#8E5EA2", "loss-t": "#7B4B90", "loss-w": "#F1E8F5",
        "bwd": "#D55E00", "bwd-t": "#B04A00", "bwd-w": "#FDEADB",
        "upd": "#009E73", "upd-t": "#00755A", "upd-w": "#DAF2EA",
        "slope": "#A68900", "slope-t": "#746000", "slope-w": "#FBF1BF",
        "pos": "#3F5468", "pos-t": "#3F5468", "pos-w": "#E8EDF2",
        "neg": "#B3203F", "neg-t": "#B3203F", "neg-w": "#FBE6EA",
        "p1": "#0B8085", "p1-t": "#086A6F", "p1-w": "#D8F0F0",
        "p2": "#C2407E", "p2-t": "#A52F68", "p2-w": "#FAE4EE",
    },
    "dark": {
        "bg": "#171614", "side": "#21201d", "field": "#2b2a27", "ink": "#edebe8", "ink2": "#aaa59f", "line": "#45423e", "hair": "#302e2b", "edge": "#6a655f",
        "fwd": "#3E9BD6", "fwd-t": "#74BDEB", "fwd-w": "#12303F",
        "loss": "#A97BBE", "loss-t": "#CDA6DF", "loss-w": "#35243F",
        "bwd": "#E9731B", "bwd-t": "#FF9D5C", "bwd-w": "#43260F",
        "upd": "#1FB58B", "upd-t": "#55D3AD", "upd-w": "#0E3529",
        "slope": "#C9AA1B", "slope-t": "#E8CE55", "slope-w": "#3A3210",
        "pos": "#A9BDD0", "pos-t": "#A9BDD0", "pos-w": "#29333D",
        "neg": "#FF8095", "neg-t": "#FF8095", "neg-w": "#451A24",
        "p1": "#2FA8AD", "p1-t": "#63CDD1", "p1-w": "#0E3436",
        "p2": "#DB679D", "p2-t": "#F293BE", "p2-w": "#421A2D",
    },
}  # fmt: skip

HUES = {
    "in": "fwd",
    "weight": "pos",
    "error": "loss",
    "slope": "slope",
    "delta": "bwd",
    "loss": "loss",
    "update": "upd",
    "wrong": "neg",
}
"""The hue of each kind of factor, and of a number that somebody got wrong."""

TEXT_COLOURS = {kind: f"var(--{hue}-t)" for kind, hue in HUES.items()}
"""The colour of each kind's words and numbers, for a page that knows the palette's variables."""

PHASES = {"given": "pos", "forward": "fwd", "loss": "loss", "backward": "bwd", "update": "upd"}
"""The hue of each phase."""


def variables(theme: str) -> str:
    """CSS custom properties of a theme."""
    return "".join(f"--{name}:{colour};" for name, colour in THEMES[theme].items())


def colours(theme: str, phase: str) -> dict[str, str]:
    """Hex colours by kind for equations and sentences; "result" and "wash" are the phase's, for the answer's frame."""
    table, hue = THEMES[theme], PHASES[phase]
    by_kind = {kind: table[f"{each}-t"] for kind, each in HUES.items()}
    return {
        **by_kind,
        "plain": table["ink"],
        "mute": table["ink2"],
        "result": table[f"{hue}-t"],
        "wash": table[f"{hue}-w"],
    }
