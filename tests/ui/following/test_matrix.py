"""The tab "As matrices": numbers that are those of their cells, products that come out as shown, rows of Wᵀ that are columns of W."""

import gettext
import math
import re
import xml.etree.ElementTree as ET
from contextvars import copy_context
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import Lesson, example, language, trace
from backprop.engine.steps import Cell, Trace, cell_at
from backprop.explain import numerals
from backprop.explain.conventions import CONVENTIONS, DEFAULT
from backprop.lessons.examples import EXAMPLES
from backprop.runs.landscape import MOVABLE
from backprop.ui.following.matrix import matrix_html
from backprop.ui.following.matrix_fit import folded
from tests import strategies

LINES = ("forward", "backward", "gradient")
POWER = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def movable(t: Trace) -> list[Cell]:
    return [cell for step in (*t.given, *t.steps) if step.quantity in MOVABLE for cell in t.cells(step)]


def some(t: Trace) -> list[Cell]:
    """Of every quantity of the first two layers and of the last the last number."""
    ends = (0, 1, 2, t.network.depth)
    return list({(cell.quantity, cell.layer): cell for cell in movable(t) if cell.layer in ends}.values())


# --- reading the HTML


def number(text: str) -> tuple[Fraction, Fraction]:
    """What a shown number stands for, and a unit of its last digit."""
    mantissa, _, power = text.replace("−", "-").replace(",", ".").partition("·10")
    scale = Fraction(10) ** int(power.translate(POWER) or 0)
    return Fraction(mantissa) * scale, scale / 10 ** len(mantissa.partition(".")[2])


@dataclass
class Matrix:
    name: str
    shape: tuple[int, int]
    strips: list[ET.Element]
    upright: bool

    @property
    def entries(self) -> list[list[ET.Element]]:
        """By rows and columns."""
        strips = [list(strip) for strip in self.strips]
        return [list(row) for row in zip(*strips, strict=True)] if self.upright else strips

    @property
    def whole(self) -> bool:
        return all(entry.get("data-cell") for row in self.entries for entry in row)

    @property
    def cells(self) -> np.ndarray:
        return np.array([[entry.get("data-cell") for entry in row] for row in self.entries])

    def numbers(self) -> np.ndarray:
        return np.array([[number(text(entry))[0] for entry in row] for row in self.entries])


def text(element: ET.Element) -> str:
    return "".join(element.itertext())


def classes(element: ET.Element) -> list[str]:
    return element.get("class", "").split()


class Shown:
    """The tab of a cell, read back."""

    def __init__(self, t: Trace, cell: Cell, sample=1, digits=4, convention=DEFAULT, narrow=False) -> None:
        self.html = matrix_html(t, cell, sample, digits, convention, narrow)
        self.root = ET.fromstring(self.html)
        self.sections = {name: next(e for e in self.root if f"mx-{name}" in classes(e)) for name in LINES}

    def line(self, name: str) -> list[Matrix | str]:
        """The matrices of a line and the signs between them."""
        (equation,) = (e for e in self.sections[name] if "mx-eq" in classes(e))
        items, found = list(equation), []
        for label, item, shape in zip(items[::3], items[1::3], items[2::3], strict=True):
            if "mx-m" not in classes(item):
                found.append(text(shape) or text(item))
                continue
            rows, columns = map(int, text(shape).split("×"))
            found.append(Matrix(text(label), (rows, columns), list(item), "mx-upright" in classes(item)))
        return found

    def matrices(self, name: str) -> list[Matrix]:
        return [each for each in self.line(name) if isinstance(each, Matrix)]

    def product(self, name: str) -> tuple[Matrix, Matrix, Matrix, Matrix | None]:
        """result = first · second, or + bias."""
        tokens = self.line(name)
        tokens = tokens[2:] if tokens[1] == "⟵" else tokens
        result, equals, first, times, second, *rest = tokens
        assert (equals, times) == ("=", "·") and rest[:-1] in ([], ["+"])
        return result, first, second, rest[1] if rest else None

    def rows(self, name: str) -> list[ET.Element]:
        return [e for e in self.sections[name].iter("div") if "mx-row" in classes(e) and e.get("data-light")]

    def numbers(self) -> list[ET.Element]:
        """Every number of a matrix, and every number put into a single number's line."""
        found = [e for e in self.root.iter() if e.get("data-cell") and not len(e)]
        return [e for e in found if re.search(r"\d", text(e))]


@cache
def tab(t: Trace, cell: Cell, convention=DEFAULT) -> Shown:
    return Shown(t, cell, 1, 4, convention)


ALL = pytest.mark.parametrize("name", EXAMPLES)
EVERY = pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=CONVENTIONS)


@EVERY
@ALL
def test_every_number_shown_is_that_of_its_cell(name, convention):
    t = trace(example(name))
    for cell in some(t):
        for element in tab(t, cell, convention).numbers():
            value, unit = number(text(element).strip("()"))
            true = Fraction(t.at(cell_at(element.get("data-cell"))))
            assert abs(value - true) <= unit * Fraction(501, 1000), ET.tostring(element)
            if element.get("title"):
                assert float(element.get("title").split(" = ")[1]) == float(true)


@EVERY
@ALL
def test_whoever_multiplies_what_is_shown_gets_what_is_shown(name, convention):
    t = trace(example(name))
    for cell in some(t):
        shown = tab(t, cell, convention)
        for line in LINES:
            result, first, second, bias = shown.product(line)
            if all(each.whole for each in (result, first, second)):
                made = first.numbers() @ second.numbers() + (bias.numbers() if bias else 0)
                for row, entries in zip(made, result.entries, strict=True):
                    for value, entry in zip(row, entries, strict=True):
                        said, unit = number(text(entry))
                        assert abs(value - said) <= unit * Fraction(501, 1000), (line, result.name)


@EVERY
@ALL
def test_the_shapes_under_the_factors_fit_and_are_those_of_the_cells(name, convention):
    t = trace(example(name))
    for cell in some(t):
        shown = tab(t, cell, convention)
        for line in LINES:
            result, first, second, bias = shown.product(line)
            assert first.shape[1] == second.shape[0] and result.shape == (first.shape[0], second.shape[1])
            assert bias is None or np.broadcast_shapes(bias.shape, result.shape) == result.shape
            for matrix in shown.matrices(line):
                if matrix.whole:
                    assert matrix.cells.shape == matrix.shape


@EVERY
@ALL
def test_row_k_of_the_transpose_lights_column_k_of_w(name, convention):
    t = trace(example(name))
    for layer in range(1, t.network.depth + 1):
        n_out, n_in = t.network.shape(layer)
        shown = tab(t, Cell("W", layer, None, n_out, n_in), convention)
        one, two = [shown.product(line)[1:3] for line in ("forward", "backward")]
        (W,) = (m for m in one if m.name.startswith("W"))
        (Wt,) = (m for m in two if m.name.startswith("W") and m.name.endswith("⊤"))
        for matrix, own, made in ((W, 0, {"z"}), (Wt, 1, {"dL_da", "dL_dx"})):
            counts, other = ((n_out, n_in), 1) if own == 0 else ((n_in, n_out), 0)
            lights = {strip.get("data-light") for strip in matrix.strips} - {None}
            for light in lights:
                lit = [cell_at(address) for address in light.split()]
                weights = [(c.unit, c.from_unit) for c in lit if c.quantity == "W"]
                (k,) = {weight[own] for weight in weights}
                assert sorted(weight[other] for weight in weights) == list(range(1, counts[1] + 1))
                assert {c.unit for c in lit if c.quantity in made} == {k}
            for strip in matrix.strips:
                assert {e.get("data-cell") for e in strip} - {None} <= set((strip.get("data-light") or "").split())
            assert len(lights) == counts[0] or (
                len(lights) < counts[0] and any(not strip.get("data-light") for strip in matrix.strips)
            )


@EVERY
@ALL
def test_a_single_number_and_its_row_of_a_matrix_light_the_same(name, convention):
    t = trace(example(name))
    for cell in some(t):
        shown = tab(t, cell, convention)
        for line in ("forward", "backward"):
            strips = {strip.get("data-light") for matrix in shown.matrices(line) for strip in matrix.strips}
            lights = {row.get("data-light") for row in shown.rows(line)}
            assert lights and (lights <= strips or (None in strips and lights & strips))
        entries = [e for row in shown.matrices("gradient")[0].entries for e in row]
        lights = {e.get("data-cell"): e.get("data-light") for e in entries if e.get("data-cell")}
        for row in shown.rows("gradient"):
            made = row[0].get("data-cell")
            if made in lights:
                assert row.get("data-light") == lights[made]
                weight = made.replace("dL_dW", "W")
                assert weight in row.get("data-light").split()


@EVERY
@ALL
def test_the_line_of_the_followed_number_is_chosen(name, convention):
    t = trace(example(name))
    for cell in some(t):
        shown = tab(t, cell, convention)
        chosen = {
            line: [row[0].get("data-cell") for row in shown.rows(line) if "chosen" in classes(row)] for line in LINES
        }
        made = {line: [cell_at(address) for address in addresses] for line, addresses in chosen.items()}
        acts_from = cell.from_unit or (
            cell.unit if cell.quantity == "x" or (cell.quantity == "a" and cell.layer < t.network.depth) else None
        )
        unit = None if acts_from and not cell.from_unit else cell.unit
        if cell.quantity == "b" and unit is None:
            assert len(made["forward"]) == t.network.sizes[cell.layer]
        else:
            assert [c.unit for c in made["forward"]] == ([unit] if unit else [])
        assert [c.unit for c in made["backward"]] == ([acts_from] if acts_from else [])
        assert made["gradient"]
        if cell.quantity in ("W", "b"):
            assert made["gradient"] == [cell._replace(quantity=f"dL_d{cell.quantity}")]
        followed = [e for e in shown.root.iter() if "mx-own" in classes(e)]
        assert {e.get("data-cell") for e in followed} == {cell.address}


@EVERY
def test_what_the_other_line_reads_is_framed(convention):
    """Of W₂₃ forward the weights from unit 3, backward those to unit 2."""
    t = trace(example("gurarie"))
    shown = Shown(t, Cell("W", 1, None, 2, 3), 1, 4, convention)
    framed = {
        line: {e.get("data-cell") for e in shown.sections[line].iter() if "mx-cross" in classes(e)} for line in LINES
    }
    shown_ = {line: [e.get("data-cell") for e in shown.sections[line].iter() if "mx-e" in classes(e)] for line in LINES}
    assert framed["forward"] - {None} == {f"W.1..{k}.3" for k in range(1, 5)} & set(shown_["forward"])
    assert framed["backward"] - {None} == {f"W.1..2.{k}" for k in range(1, 4)} & set(shown_["backward"])
    assert "W.1..2.3" in framed["forward"] & framed["backward"] and not framed["gradient"]


@ALL
def test_a_line_of_numbers_comes_out_as_it_says(name):
    """Products of two numbers with their dot, added up: what is right of = or ≈ is what they make."""
    t = trace(example(name))
    for cell in some(t):
        shown = tab(t, cell)
        lines = [text(e) for e in shown.root.iter("div") if "mx-put" in classes(e)]
        lines += [text(row[3]) for line in LINES for row in shown.rows(line) if len(row) > 3]
        assert lines
        for line in lines:
            _before, numbers, value = re.split("[=≈]", line.replace("\u00a0", " "))
            if "⋯" in numbers:
                continue
            terms = re.sub(r"\(([^)]*)\)", r"\1", numbers).split(" + ")
            made = sum(math.prod(number(factor.strip())[0] for factor in term.split(" · ")) for term in terms)
            said, unit = number(value.strip())
            assert abs(made - said) <= unit * Fraction(501, 1000), line


@pytest.mark.parametrize(
    ("convention", "read"),
    [
        ("za", ["z2=w21x1+w22x2+b", "∂L/∂x2=w12δ1+w22δ2", "∂L/∂w22=δ2x2"]),
        ("gurarie", ["Z2=W21·X1+W22·X2+b", "∂J/∂X2=W12·∂J/∂Z1+W22·∂J/∂Z2", "∂J/∂W22=∂J/∂Z2·X2"]),
        ("ab", ["a2=x1w12+x2w22+θ", "∂E/∂x2=δ1w21+δ2w22", "∂E/∂w22=x2δ2"]),
        ("net", ["neth2=w3x1+w4x2+b1", "∂E/∂x2=w2δh1+w4δh2", "∂E/∂w4=δh2x2"]),
        ("dabbura", ["Z2=W21X1+W22X2+b", "dX2=W12dZ1+W22dZ2", "dW22=dZ2X2"]),
    ],
)
def test_single_numbers_have_their_factors_in_the_order_of_the_matrices(convention, read):
    shown = tab(trace(example("towardsai")), Cell("W", 1, None, 2, 2), CONVENTIONS[convention])
    lines = ["".join(text(e) for e in list(shown.rows(line)[1])[:3]) for line in LINES]
    assert [re.sub(r"\s", "", line) for line in lines] == read


# --- large, small, strange


def big(sizes, samples, **more) -> Lesson:
    draw = np.random.RandomState(3)
    return Lesson(
        layers=list(sizes),
        activations=["tanh"] * (len(sizes) - 1),
        loss="half_squared_error",
        weights=[draw.randn(b, a).round(3).tolist() for a, b in pairwise(sizes)],
        biases=[draw.randn(b).round(2).tolist() for b in sizes[1:]],
        inputs=draw.randn(samples, sizes[0]).round(2).tolist(),
        targets=draw.randn(samples, sizes[-1]).round(2).tolist(),
        learning_rate=0.5,
        **more,
    )


@EVERY
@pytest.mark.parametrize("narrow", [False, True])
def test_of_what_is_too_large_the_followed_rows_and_columns_are_left(convention, narrow):
    t = trace(big((8, 8, 8), 16))
    for cell in (Cell("W", 1, None, 4, 7), Cell("W", 2, None, 8, 1), Cell("a", 1, 9, 5), Cell("b", 2, None, 2)):
        shown = Shown(t, cell, 9, 4, convention, narrow)
        assert cell.address in {e.get("data-cell") for e in shown.root.iter() if "mx-e" in classes(e)}
        for line in LINES:
            for matrix in shown.matrices(line):
                assert len(matrix.entries) <= 4 and len({len(row) for row in matrix.entries}) == 1
                assert matrix.whole or any(sign in text(e) for e in matrix.strips for sign in "⋮⋯⋱")


@pytest.mark.parametrize("count", range(1, 17))
def test_a_fold_keeps_the_chosen_one_in_its_place(count):
    for chosen in range(1, count + 1):
        for limit in (2, 3, 4, 16):
            places = folded(count, chosen, limit)
            kept = [place for place in places if place]
            assert chosen in kept and kept == sorted(kept) and len(places) <= max(limit, 3)
            assert (len(kept) == count) == (None not in places)
            for at, place in enumerate(places):  # dots stand for something
                if place is None:
                    before = places[at - 1] if at else 0
                    after = places[at + 1] if at + 1 < len(places) else count + 1
                    assert after - before > 1


@settings(max_examples=20)
@given(st.data())
def test_any_number_of_any_lesson_can_be_followed(data):
    t = trace(data.draw(strategies.lessons(units=6)))
    cell = data.draw(st.sampled_from(movable(t)))
    sample = cell.sample or data.draw(st.integers(1, t.samples))
    convention = data.draw(st.sampled_from(list(CONVENTIONS.values())))
    shown = Shown(t, cell, sample, data.draw(st.integers(2, 12)), convention, data.draw(st.booleans()))
    assert all(len(shown.matrices(line)) in (3, 4, 5) for line in LINES)


@EVERY
@pytest.mark.parametrize("size", [1e308, 1e154, 1e-308, 0.0])
def test_numbers_at_the_ends_of_float64(convention, size):
    t = trace(
        Lesson(
            layers=[2, 2, 2],
            activations=["linear", "relu"],
            loss="squared_error",
            weights=[[[size, -size], [1.0, size]], [[size, 0.1], [-size, -size]]],
            inputs=[[size, 1 / 3], [-size, 2.0]],
            targets=[[0.0, 1.0], [1.0, 0.0]],
            learning_rate=0.1,
        )
    )
    for number_, cell in enumerate(some(t)):
        html = matrix_html(t, cell, 2, 12, convention, narrow=number_ % 2 == 1)
        ET.fromstring(html)
        assert not re.search(r"\b(nan|inf)\b", html)


@pytest.mark.parametrize("cell", [Cell("dL_dW", 1, None, 1, 1), Cell("loss", 2), Cell("W", 1, None, 9, 1), Cell("q")])
def test_what_does_not_act_in_a_layer_is_refused(cell):
    with pytest.raises(KeyError):
        matrix_html(trace(example("towardsai")), cell, 1, 4, DEFAULT)


# --- words


@pytest.mark.parametrize(
    ("convention", "names"),
    [
        ("za", ("a(2)", "z(2)")),
        ("gurarie", ("Ŷ", "Z[2]")),
        ("ab", ("b(2)", "a(2)")),
        ("net", ("out(2)", "net(2)")),
        ("dabbura", ("A2", "Z2")),
    ],
)
def test_an_output_stands_beside_what_it_is_made_of(convention, names):
    output, arrow, z, *_rest = tab(trace(example("gurarie")), Cell("a", 2, 1, 1), CONVENTIONS[convention]).line(
        "forward"
    )
    assert (output.name, z.name) == names and arrow == "⟵" and output.cells.tolist() == [["a.2.1.1"]]


@EVERY
def test_the_sentence_speaks_of_what_is_on_the_page(convention):
    """Where a row vector stands in front, a column of W makes a unit."""
    (said,) = (
        text(p) for p in Shown(trace(example("gurarie")), Cell("W", 1, None, 1, 1), 1, 4, convention).root.iter("p")
    )
    turned = convention.arrangement == "row"
    assert said.startswith(f"Forward, a {'column' if turned else 'row'} of W") and "that is the transpose" in said


def test_several_samples_are_named():
    shown = Shown(trace(example("xor")), Cell("W", 2, None, 1, 2), 3)
    titles = [text(next(shown.sections[line].iter("h4"))) for line in LINES]
    assert titles == ["Forward, sample 3", "Backward, sample 3", "Gradient of W, 4 samples added up"]
    assert [m.shape for m in shown.matrices("gradient")] == [(1, 2), (1, 4), (4, 2)]


def test_all_samples_stand_side_by_side_where_they_are_columns():
    shown = Shown(trace(example("line")), Cell("W", 1, None, 1, 1), 3, 4, CONVENTIONS["dabbura"])
    z, _W, A, _b = shown.matrices("forward")
    assert z.cells.tolist() == [[f"z.1.{s}.1" for s in range(1, 5)]] and A.shape == (1, 4)
    (pale,) = ({e.get("data-cell") for e in z.strips[0] if "mx-other" in classes(e)},)
    assert pale == {"z.1.1.1", "z.1.2.1", "z.1.4.1"}


def test_numbers_and_words_are_those_of_the_visitor():
    t, cell = trace(example("towardsai")), Cell("W", 1, None, 1, 2)

    class Shouting(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return message if "{" in message else message.upper()

    def comma() -> str:
        numerals.write(comma=True)
        language.speak(Shouting())
        return matrix_html(t, cell, 1, 4, DEFAULT)

    for _again in range(2):
        assert ">0.3775<" in matrix_html(t, cell, 1, 4, DEFAULT)
        theirs = copy_context().run(comma)
        assert ">0,3775<" in theirs and "BACKWARD, TO EACH INPUT" in theirs and "w₁₂ = 0,2" in theirs
