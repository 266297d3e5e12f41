"""The tab "The whole run": every number in its pictures and its table is the one of its iteration."""

import json
import math
import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop import run, trace
from backprop.explain import numerals, symbols
from backprop.explain.conventions import CONVENTIONS
from backprop.lessons.examples import EXAMPLES, example
from backprop.lessons.lesson import Lesson
from backprop.ui.descent.progress import progress
from backprop.ui.descent.shown import FEW, ROWS, Shown, telling
from backprop.ui.descent.table import parts
from backprop.ui.place import Place
from tests import strategies

MANY = Lesson(
    layers=(8,) * 7, activations=("tanh",) * 6, loss="mean_squared_error", init={"scheme": "xavier"},
    inputs=tuple(tuple((i * 7 + j * 3) % 11 / 10 for j in range(8)) for i in range(16)),
    targets=tuple(tuple((i + j) % 5 / 5 for j in range(8)) for i in range(16)), learning_rate=0.1,
)  # fmt: skip


def page(here: Place, narrow: bool = False) -> str:
    ran = progress(here, seconds=60.0)
    return parts(here, ran, narrow)["main"]


def place(name="towardsai", **more) -> Place:
    return Place(origin=name, lesson=example(name), pane="table", **more)


def bare(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", text)).replace("\u200b", "").split())


def table(text: str) -> list[list[str]]:
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", text, re.S)
    return [[bare(cell) for cell in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)] for row in rows]


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_iterations_of_the_table_tell_the_run(last, here):
    found = telling(last, min(here, last))
    assert {0, last, min(here, last)} <= set(found) and list(found) == sorted(set(found))
    assert len(found) <= ROWS + 2 and max(found) == last
    assert {k for k in (1, 5, 10, 50, 100, 500, 1000, 5000) if k <= last} <= set(found)


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("convention", ("za", "gurarie", "net", "dabbura"))
def test_the_table_holds_the_numbers_of_its_iterations(name, convention):
    here = place(name, span=120, iteration=7, convention=convention)
    head, *rows = table(page(here))
    losses, depth = run(here.lesson, 120).loss, here.lesson.network.depth
    assert head[:3] == ["iteration", "loss", "change"] and [row[0] for row in rows] == [
        str(k) for k in (0, 1, 2, 5, 7, 10, 20, 50, 100, 120)
    ]
    for row in rows:
        k = int(row[0])
        now = trace(here.lesson, k)
        assert row[1] == numerals.plain(float(losses[k]))
        change = losses[k] - losses[k - 1]
        assert row[2] == (numerals.plain(float(change), sign=change > 0) if k else "–")
        for layer in range(1, depth + 1):
            size = math.hypot(*now["dL_dW", layer].value.ravel().tolist())
            assert row[2 + layer] == numerals.plain(size), (k, layer)
        shown = Shown(here, progress(here))
        if len(head) > 3 + depth:
            assert head[3 + depth :] == [bare(symbols.html(cell, here.notation)) for cell in shown.cells]
            assert row[3 + depth :] == [numerals.plain(now.at(cell)) for cell in shown.cells]


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("narrow", (False, True))
def test_each_curve_has_its_symbol_and_its_number_and_chooses_its_weight(name, narrow):
    here = place(name, span=90, iteration=4)
    for layer in range(1, here.lesson.network.depth + 1):
        here = replace(here, level=layer)
        shown = Shown(here, progress(here))
        main = page(here, narrow)
        picked = re.findall(r'<g class="strand pick" data-sel="([^"]+)"', main)
        assert sorted(picked) == sorted(cell.address for cell in shown.cells)
        words = bare(main)
        for cell in shown.cells:
            assert replace(here).moved({"along": cell.address}).along == cell
            name_of = symbols.named(cell, here.notation)
            value = numerals.plain(trace(here.lesson, 4).at(cell))
            assert f"{symbols.unicode(name_of.letter)}{name_of.below} {value}" in words, cell
        biased = any(cell.quantity == "b" for cell in shown.cells)
        assert f"Weights {'and biases ' if biased else ''}of layer {layer}" in words


def test_the_present_iteration_is_marked_wherever_it_is():
    here = place(span=300, iteration=123)
    main = page(here)
    row = re.search(r"<tr class='on' data-set='([^']+)'>(.*?)</tr>", main)
    assert json.loads(row[1]) == {"iteration": 123} and bare(row[2]).startswith("123")
    weights, sizes = re.findall(r"<svg.*?</svg>", main, re.S)
    depth = here.lesson.network.depth
    assert sizes.count("<circle") == depth and weights.count("<circle") == len(Shown(here, progress(here)).cells)
    beyond = page(replace(here, span=100))
    assert "class='on' data-set" not in beyond and "at iteration 100" in bare(beyond)


def test_among_many_only_the_one_looked_at_has_a_name():
    here = Place(lesson=MANY, pane="table", span=60, level=2, along=None)
    shown = Shown(here, progress(here, seconds=60.0))
    assert len(shown.cells) == 72 > FEW
    gone = np.array(
        [[abs(trace(MANY, k).at(cell) - trace(MANY, 0).at(cell)) for cell in shown.cells] for k in range(61)]
    )
    assert shown.marked == shown.cells[int(gone.max(axis=0).argmax())]
    names = re.findall(r'<text[^>]*data-sel="([^"]+)"', page(here))
    assert names == [shown.marked.address]
    chosen = replace(here, along=shown.cells[40])
    assert re.findall(r'<text[^>]*data-sel="([^"]+)"', page(chosen)) == [shown.cells[40].address]


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_the_size_of_the_gradients_is_named_as_the_convention_does(convention):
    loss = CONVENTIONS[convention].loss
    wanted = "‖dW‖" if CONVENTIONS[convention].differentials else f"‖∂{loss}/∂W‖"
    assert wanted in bare(page(place(convention=convention, span=20)))


def test_gradients_of_0_are_told_for_they_cannot_be_drawn():
    lesson = example("towardsai").changed(weights=(((0.0, 0.0), (0.0, 0.0)), ((0.0, 0.0), (0.0, 0.0))))
    here = replace(place(span=1), lesson=lesson)
    assert "Layer 1 has gradients of size 0; a logarithmic axis has no place for them." in bare(page(here))
    assert "of size 0" not in bare(page(place(span=50)))


@pytest.mark.parametrize("narrow", (False, True))
@pytest.mark.parametrize(
    "lesson",
    [
        example("line").changed(learning_rate=1e6),
        example("xor").changed(learning_rate=1e6),
        example("towardsai").changed(weights=(((1e308, -1e308), (1e308, 0.0)), ((-1e308, 1e308), (1.0, 1e308)))),
        example("line").changed(inputs=((1e308,),) * 4, learning_rate=1.0),
    ],
)
def test_what_leaves_float64_keeps_the_page_in_order(lesson, narrow):
    for at in (0, 1, 5, 300):
        main = page(Place(lesson=lesson, pane="table", span=300, iteration=at), narrow)
        words = bare(main)
        assert not re.search(r"\b(nan|inf|NaN|Infinity)\b", re.sub(r'id="[^"]*"', "", main)), words
        for picture in re.findall(r"<svg.*?</svg>", main, re.S):
            for number in re.findall(r'(?:points|x1|y1|x2|y2|cx|cy| x| y)="([^"]*)"', picture):
                assert all(abs(float(each)) < 2e4 for each in re.split("[ ,]+", number) if each), number


@settings(max_examples=25, deadline=None)
@given(strategies.lessons(), st.integers(1, 40), st.integers(0, 60), st.booleans(), st.integers(0, 6))
def test_any_lesson_has_a_whole_run(lesson, span, iteration, narrow, level):
    here = Place(lesson=lesson, pane="table", span=span, iteration=iteration, level=level)
    head, *rows = table(page(here, narrow))
    assert all(len(row) == len(head) for row in rows) and rows[0][0] == "0"


def test_what_somebody_types_as_a_title_stays_a_text():
    here = replace(place(), lesson=example("towardsai").changed(title="<script>alert(1)</script>"))
    assert "<script" not in page(here)
