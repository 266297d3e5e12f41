"""The article: LaTeX in which everything that opens closes, and in which a stranger's title is only text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop import example, trace
from backprop.explain import numerals, symbols
from backprop.explain.readings import Style
from backprop.explain.symbols import CONVENTIONS
from backprop.export.latex import PAPERS, escaped, to_tex
from backprop.lessons.examples import EXAMPLES

HOSTILE = [
    r"\end{document}\input{/etc/passwd}",
    "50 % of $x_1^2$ & #3 ~ {open",
    "^^5cinput ^^M",
    "one\n\n\\par two\x00\x1b\u2028three",
    "中文 Ωμέγα שלום 🙂 \ud800 e\u0301",
    "{" * 50,
    "Zürich, “a” ‘b’ -- --- ?` !` << >> t₂ = ½",
]
PLAIN_COMMANDS = "textbackslash textasciicircum textasciitilde textless textgreater textbar textquotedbl textasciigrave"
ESCAPE = re.compile(
    rf"\\(?:{PLAIN_COMMANDS.replace(' ', '|')})\{{\}}|\\[{{}}$&#%_-]|\{{[\[\]]\}}|\{{\}}|\\ensuremath\{{[^{{}}]*(?:\{{?_\d\}}?)?\}}"
)


def assert_closes(text: str) -> None:
    """Braces and environments of a whole document."""
    depth = 0
    for brace in re.findall(r"(?<!\\)(?:\\\\)*([{}])", text):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    open_: list[str] = []
    body = text.split(r"\begin{document}", 1)[1]
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", r"\begin{document}" + body):
        if kind == "begin":
            open_.append(name)
        else:
            assert open_.pop() == name
    assert not open_


def arguments(line: str) -> list[str]:
    r"""\calc{a}{b}{c}{d} ⇒ a, b, c, d."""
    out, depth, start = [], 0, 0
    for place, character in enumerate(line):
        if character == "{":
            depth += 1
            start = place + 1 if depth == 1 else start
        elif character == "}":
            depth -= 1
            if depth == 0:
                out.append(line[start:place])
    return out


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_solved_has_every_number_once(name):
    t = trace(example(name))
    text = to_tex(t, EXAMPLES[name].title)
    assert_closes(text)
    calculations = [arguments(line) for line in text.splitlines() if line.startswith(r"\calc{")]
    assert {len(each) for each in calculations} == {4}
    lone = t.samples == 1  # its loss is the loss
    cells = [cell for step in t for cell in t.cells(step) if not (lone and cell.quantity == "loss" and cell.sample)]
    numbers = [t.at(cell) for cell in cells]
    assert [each[3].split("{", 1)[1][:-1] for each in calculations] == [numerals.tex(value) for value in numbers]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_as_a_sheet(name):
    t = trace(example(name), 3)
    text = to_tex(t, "A title", blanks={"forward", "update"}, sample=1)
    assert_closes(text)
    body = text.split(r"\begin{document}")[1]
    for step in t:
        if step.phase in ("forward", "update"):
            for cell in t.cells(step):
                if cell.sample in (None, 1):
                    assert rf"\answer{{{numerals.tex(t.at(cell))}}}{{" not in body
    assert body.count(r"\fillin") > len(t.after.W) and "Name" in body
    key = to_tex(t, "A title", blanks={"forward", "update"}, sample=1, key=True)
    assert_closes(key)
    assert r"\filled{" in key.split(r"\begin{document}")[1] and "Answers" in key and "Name" not in key


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
def test_the_symbols_are_the_conventions(convention):
    t = trace(example("csdn"))
    text = to_tex(t, style=Style({}, 4, convention))
    for step in t:
        for cell in t.cells(step):
            if cell.quantity not in ("loss",):
                assert symbols.tex(cell, convention.of(t)) in text


@given(st.text(max_size=60))
def test_a_title_is_only_text(title):
    rest = ESCAPE.sub("", escaped(title))
    assert not re.search(r"[\\{}$&#%_^\x00-\x1f\x7f\ud800-\udfff]", rest), (title, rest)
    assert "\n" not in escaped(title)


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_changes_nothing_but_itself(title):
    t = trace(example("neuron"))
    text = to_tex(t, title)
    text.encode()
    assert_closes(text)
    mine, plain = (each.split(r"\begin{document}")[1].splitlines() for each in (text, to_tex(t, "Plain")))
    assert [number for number, (a, b) in enumerate(zip(mine, plain, strict=True)) if a != b] == [1]


def test_factors_can_have_colours():
    text = to_tex(trace(example("neuron")), style=Style({"in": "#0072b2", "delta": "#D55E00"}))
    assert r"\definecolor{factor-in}{HTML}{0072B2}" in text and r"\textcolor{factor-delta}{" in text
    assert_closes(text)


def test_papers():
    t = trace(example("neuron"))
    for paper in PAPERS:
        assert rf"\documentclass[10pt,{paper}]{{article}}" in to_tex(t, paper=paper)
    with pytest.raises(ValueError, match="allowed are a4paper, letterpaper"):
        to_tex(t, paper="a4paper]{article}\\input{x}")
