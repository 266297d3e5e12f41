"""Is a text TeX that KaTeX sets: known commands only, and everything that opens closes?"""

from __future__ import annotations

import re

ARRANGING = r"\begin \end \\ \left \right \displaystyle \small \footnotesize \kern \, \; \mathrlap \underset \underline \phantom \rule"
LETTERS = r"\textcolor \fcolorbox \hat \text \textit \mathrm \mathbf \boldsymbol \operatorname"
SIGNS = r"\frac \dfrac \tfrac \sqrt \sum \cdot \cdots \times \odot \top \approx \leq \geq \partial \delta \sigma \Delta \theta \eta \alpha \to \ell \pi \Sigma"
SHEET = r"\nobreak \blank \fillin \answer \filled"
FUNCTIONS = r"\ln \exp \sin \cos \tan \sinh \cosh \tanh"
COMMANDS = frozenset(" ".join((ARRANGING, LETTERS, SIGNS, SHEET, FUNCTIONS)).split())
COMMAND = re.compile(r"\\(?:[a-zA-Z]+|.)")
NO_NUMBER = re.compile(r"\b(?:nan|inf|None|array\()|[{}]\s*undefined", re.I)


def assert_sets(tex: str, colours: frozenset[str] = frozenset()) -> None:
    """Fail with the text if it is not such TeX. colours: those that may be named, if they matter."""
    assert tex.strip(), "nothing to set"
    unknown = set(COMMAND.findall(tex)) - COMMANDS
    assert not unknown, f"{sorted(unknown)} in {tex}"
    assert not NO_NUMBER.search(tex), tex
    assert not colours or set(re.findall(r"\\(?:text|f)color(?:box)?\{(.*?)\}", tex)) <= colours, tex
    depth = 0
    for brace in re.findall(r"[{}]", tex):
        depth += 1 if brace == "{" else -1
        assert depth >= 0, f"a brace closes that did not open: {tex}"
    assert depth == 0, f"{depth} braces stay open: {tex}"
    open_: list[str] = []
    for kind, name in re.findall(r"\\(begin|end|left|right)(?![a-z])(?:\{(\w+)\})?", tex):
        if kind in ("begin", "left"):
            open_.append(name)
        else:
            assert open_ and open_.pop() == name, f"\\{kind} {name} closes what did not open: {tex}"
    assert not open_, f"{open_} stay open: {tex}"
    assert tex.count("$") % 2 == 0, tex
