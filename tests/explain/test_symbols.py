"""Names of quantities: the same cell in TeX, HTML, text and ASCII, under every convention."""

import re

import pytest

from backprop import example, trace
from backprop.engine.steps import Cell
from backprop.explain import symbols
from backprop.explain.symbols import CONVENTIONS, DEFAULT
from backprop.lessons.examples import EXAMPLES

NAMES = [
    # cell, TeX, HTML, text, ASCII
    (Cell("x", 0, 1, 2), "x_{2}", "<i>x</i><sub>2</sub>", "x₂", "x[2]"),
    (Cell("t", 2, 1, 1), "t_{1}", "<i>t</i><sub>1</sub>", "t₁", "t[1]"),
    (Cell("learning_rate"), r"\eta", "<i>η</i>", "η", "learning_rate"),
    (
        Cell("W", 2, None, 1, 2),
        "w^{(2)}_{12}",
        '<i>w</i><span class="ss"><sup>(2)</sup><sub>12</sub></span>',
        "w₁₂",
        "W2[1,2]",
    ),
    (Cell("b", 1, None, 2), "b^{(1)}_{2}", '<i>b</i><span class="ss"><sup>(1)</sup><sub>2</sub></span>', "b₂", "b1[2]"),
    (Cell("b", 1), "b^{(1)}", "<i>b</i><sup>(1)</sup>", "b", "b1"),
    (Cell("z", 1, 1, 2), "z^{(1)}_{2}", '<i>z</i><span class="ss"><sup>(1)</sup><sub>2</sub></span>', "z₂", "z1[2]"),
    (Cell("a", 2, 1, 1), "a^{(2)}_{1}", '<i>a</i><span class="ss"><sup>(2)</sup><sub>1</sub></span>', "a₁", "a2[1]"),
    (Cell("loss_term", 2, 1, 1), r"\ell_{1}", "<i>ℓ</i><sub>1</sub>", "ℓ₁", "loss_term[1]"),
    (Cell("loss", 2), "L", "<i>L</i>", "L", "loss"),
    (Cell("loss", 2, 3), "L_{3}", "<i>L</i><sub>3</sub>", "L₃", "loss@3"),
    (
        Cell("dL_da", 2, 1, 1),
        r"\frac{\partial L}{\partial a^{(2)}_{1}}",
        '<i>∂L</i>/<i>∂</i><i>a</i><span class="ss"><sup>(2)</sup><sub>1</sub></span>',
        "∂L/∂a₁",
        "dL_da2[1]",
    ),
    (Cell("da_dz", 1, 1, 2), r"\frac{\partial a^{(1)}_{2}}{\partial z^{(1)}_{2}}", None, "∂a₂/∂z₂", "da_dz1[2]"),
    (Cell("da_dz", 2, 1, 1, 3), r"\frac{\partial a^{(2)}_{1}}{\partial z^{(2)}_{3}}", None, "∂a₁/∂z₃", "da_dz2[1,3]"),
    (Cell("dL_dW", 2, None, 1, 2), r"\frac{\partial L}{\partial w^{(2)}_{12}}", None, "∂L/∂w₁₂", "dL_dW2[1,2]"),
    (
        Cell("dL_db", 1),
        r"\frac{\partial L}{\partial b^{(1)}}",
        "<i>∂L</i>/<i>∂</i><i>b</i><sup>(1)</sup>",
        "∂L/∂b",
        "dL_db1",
    ),
    (
        Cell("dL_dx", 0, 1, 1),
        r"\frac{\partial L}{\partial x_{1}}",
        "<i>∂L</i>/<i>∂</i><i>x</i><sub>1</sub>",
        "∂L/∂x₁",
        "dL_dx[1]",
    ),
    (Cell("W_new", 2, None, 1, 2), "{w'}^{(2)}_{12}", None, "w′₁₂", "W_new2[1,2]"),
]


@pytest.mark.parametrize(("cell", "tex", "html", "text", "ascii"), NAMES, ids=[row[-1] for row in NAMES])
def test_a_cell_has_one_name_in_every_script(cell, tex, html, text, ascii):
    came = symbols.tex(cell), symbols.html(cell) if html else None, symbols.text(cell), symbols.ascii(cell)
    assert came == (tex, html, text, ascii)


@pytest.mark.parametrize(
    ("convention", "cell", "tex"),
    [
        ("ab", Cell("z", 1, 1, 2), "a^{(1)}_{2}"),
        ("ab", Cell("a", 1, 1, 2), "b^{(1)}_{2}"),
        ("ab", Cell("b", 1, None, 2), r"\theta^{(1)}_{2}"),
        ("ab", Cell("b_new", 1, None, 2), r"{\theta'}^{(1)}_{2}"),
        ("ab", Cell("W", 1, None, 1, 2), "w^{(1)}_{21}"),
        ("ab", Cell("dL_dW", 1, None, 1, 2), r"\frac{\partial E}{\partial w^{(1)}_{21}}"),
        ("ab", Cell("da_dz", 1, 1, 2), r"\frac{\partial b^{(1)}_{2}}{\partial a^{(1)}_{2}}"),
        ("net", Cell("z", 1, 1, 2), r"\mathrm{net}^{(1)}_{2}"),
        ("net", Cell("a", 1, 1, 2), r"\mathrm{out}^{(1)}_{2}"),
        ("net", Cell("W", 1, None, 1, 2), "w^{(1)}_{12}"),
    ],
)
def test_a_convention_that_knows_no_network_numbers_within_the_layer(convention, cell, tex):
    assert symbols.tex(cell, CONVENTIONS[convention]) == tex


AT = {
    "x": Cell("x", 0, 1, 2), "t": Cell("t", 2, 1, 1), "rate": Cell("learning_rate"), "W": Cell("W", 2, None, 1, 2), "b": Cell("b", 1),
    "z": Cell("z", 1, 1, 2), "a": Cell("a", 1, 1, 2), "output": Cell("a", 2, 1, 1), "loss": Cell("loss", 2), "term": Cell("loss_term", 2, 1, 1),
    "dz": Cell("dL_dz", 2, 1, 1), "da": Cell("dL_da", 2, 1, 1), "dW": Cell("dL_dW", 2, None, 2, 1), "db": Cell("dL_db", 2), "new": Cell("W_new", 1, None, 2, 1),
}  # fmt: skip
WRITTEN = {
    "za": [
        ("b", "b^{(1)}", "b"),
        ("output", "a^{(2)}_{1}", "a₁"),
        ("dz", r"\frac{\partial L}{\partial z^{(2)}_{1}}", "∂L/∂z₁"),
        ("rate", r"\eta", "η"),
    ],
    "gurarie": [
        ("x", "X_{2}", "X₂"),
        ("t", "Y_{1}", "Y₁"),
        ("rate", r"\alpha", "α"),
        ("W", "W^{[2]}_{12}", "W₁₂"),
        ("b", "b^{[1]}", "b"),
        ("z", "Z^{[1]}_{2}", "Z₂"),
        ("a", "A^{[1]}_{2}", "A₂"),
        ("output", r"\hat{Y}_{1}", "Ŷ₁"),
        ("loss", "J", "J"),
        ("dz", r"\frac{\partial J}{\partial Z^{[2]}_{1}}", "∂J/∂Z₁"),
        ("da", r"\frac{\partial J}{\partial \hat{Y}_{1}}", "∂J/∂Ŷ₁"),
    ],
    "ab": [
        ("t", "y_{1}", "y₁"),
        ("W", "w^{(2)}_{21}", "w₂₁"),
        ("b", r"\theta^{(1)}", "θ"),
        ("z", "a^{(1)}_{2}", "a₂"),
        ("a", "b^{(1)}_{2}", "b₂"),
        ("loss", "E", "E"),
        ("dW", r"\frac{\partial E}{\partial w^{(2)}_{12}}", "∂E/∂w₁₂"),
    ],
    "net": [
        ("x", "x_{2}", "x₂"),
        ("W", "w_{6}", "w₆"),
        ("b", "b_{1}", "b₁"),
        ("z", r"\mathrm{net}_{\mathrm{h2}}", "netₕ₂"),
        ("output", r"\mathrm{out}_{\mathrm{o1}}", "outₒ₁"),
        ("loss", r"E_{\mathrm{total}}", "Eₜₒₜₐₗ"),
        ("term", r"E_{\mathrm{o1}}", "Eₒ₁"),
        ("dW", r"\frac{\partial E_{\mathrm{total}}}{\partial w_{7}}", "∂E/∂w₇"),
        ("db", r"\frac{\partial E_{\mathrm{total}}}{\partial b_{2}}", "∂E/∂b₂"),
        ("new", "{w'}_{3}", "w′₃"),
    ],
    "dabbura": [
        ("z", "Z^{1}_{2}", "Z₂"),
        ("output", "A^{2}_{1}", "A₁"),
        ("dz", r"\tfrac{1}{4}\,dZ^{2}_{1}", "dZ₁/4"),
        ("da", r"\tfrac{1}{4}\,dA^{2}_{1}", "dA₁/4"),
        ("dW", "dW^{2}_{21}", "dW₂₁"),
        ("db", "db^{2}", "db"),
        ("rate", r"\alpha", "α"),
        ("loss", "J", "J"),
    ],
}


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_each_article_finds_its_own_symbols(convention):
    """A 2-2-2 network with one bias a layer, as in Towards AI, and four samples, as in Dabbura."""
    row = CONVENTIONS[convention].on((2, 2, 2), 4 if convention == "dabbura" else 1)
    for place, tex, text in WRITTEN[convention]:
        assert (symbols.tex(AT[place], row), symbols.text(AT[place], row)) == (tex, text)


def test_one_sample_leaves_nothing_out():
    assert symbols.tex(AT["dz"], CONVENTIONS["dabbura"].on((2, 2, 2), 1)) == "dZ^{2}_{1}"


def cells(name: str):
    t = trace(example(name))
    return [(t.samples, cell) for step in (*t.given, *t) for cell in t.cells(step)]


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_two_numbers_of_a_trace_have_the_same_ascii_name(name):
    names = [symbols.ascii(cell, samples) for samples, cell in cells(name)]
    assert len(set(names)) == len(names)
    for (_, cell), ascii in zip(cells(name), names, strict=True):
        assert (
            ascii.isascii()
            and ascii.startswith(cell.quantity)
            and re.fullmatch(r"[A-Za-z_]+\d*(\[\d(,\d)?\])?(@\d+)?", ascii)
        ), ascii


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_within_one_sample_no_two_numbers_have_the_same_tex_name(name, convention):
    one = [cell for _, cell in cells(name) if cell.sample in (None, 1) and cell.quantity != "loss"]
    convention = convention.of(trace(example(name)))
    names = {cell: symbols.tex(cell, convention) for cell in one}
    assert len(set(names.values())) == len(names)
    for tex in names.values():
        assert tex.count("{") == tex.count("}") and "None" not in tex
    assert len({symbols.html(cell, convention) for cell in one}) == len(one)


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)
def test_no_letter_stands_for_two_things(convention):
    one = [AT[place] for place in ("x", "t", "rate", "W", "b", "z", "a", "output", "new")]
    letters = [re.sub(r"[_^].*", "", symbols.tex(cell, convention.on((2, 2, 2), 1))) for cell in one]
    letters += [symbols.tex(AT["loss"], convention), symbols.tex(AT["term"], convention)]
    if not convention.output:
        letters.remove(symbols.tex(AT["a"], convention).split("^")[0])  # of a and the output
    assert len(set(letters)) == len(letters), letters


def test_several_samples_are_told_apart_in_files():
    assert (
        symbols.ascii(Cell("z", 2, 3, 1), samples=4) == "z2[1]@3"
        and symbols.ascii(Cell("z", 2, 1, 1), samples=1) == "z2[1]"
    )
    assert symbols.ascii(Cell("dL_dW", 2, None, 1, 1), samples=4) == "dL_dW2[1,1]"


def test_delta_and_what_a_gradient_is_the_gradient_of():
    at = Cell("dL_dz", 1, 1, 2)
    written = [symbols.delta(at, row.on((3, 2, 1), 5)) for row in CONVENTIONS.values()]
    assert written == [
        r"\delta^{(1)}_{2}",
        r"\frac{\partial J}{\partial Z^{[1]}_{2}}",
        r"\delta^{(1)}_{2}",
        r"\delta_{\mathrm{h2}}",
        r"\tfrac{1}{5}\,dZ^{1}_{2}",
    ]
    plain = [
        re.sub("<.*?>", "", symbols.delta_html(at, row.on((3, 2, 1), 5), layer=False)) for row in CONVENTIONS.values()
    ]
    assert plain == ["δ2", "∂J/∂Z2", "δ2", "δh2", "dZ2/5"]
    assert symbols.delta_html(at) == '<i>δ</i><span class="ss"><sup>(1)</sup><sub>2</sub></span>'
    assert symbols.of(Cell("dL_dW", 2, None, 1, 2)) == Cell("W", 2, None, 1, 2) and symbols.of(
        Cell("dL_dx", 0, 1, 2)
    ) == Cell("x", 0, 1, 2)


def test_the_default_is_what_most_textbooks_write():
    assert DEFAULT is CONVENTIONS["za"] and all(row.name == name and row.title for name, row in CONVENTIONS.items())
