"""What the drawing lights up: just what the equation reads, nothing that is not known yet, and signals along real edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop import example, trace
from backprop.engine.steps import Cell
from backprop.explain.derivation import explain
from backprop.explain.terms import KINDS, cells
from backprop.figures.scene import MANY, Flow, Scene, scene
from backprop.lessons.examples import EXAMPLES
from backprop.runs.walk import Walk
from tests import strategies


def at_stop(walk: Walk, stop: int, hidden: bool = False) -> Scene:
    cell = walk.cell(stop)
    return scene(walk.trace, (cell,) if cell else (), walk.sample, lambda each: walk.known(each, stop), hidden)


@st.composite
def walks(draw) -> Walk:
    lesson = draw(st.one_of(st.sampled_from(sorted(EXAMPLES)).map(example), strategies.lessons()))
    return Walk(trace(lesson), draw(st.integers(1, len(lesson.inputs))))


@given(walks())
def test_what_is_lit_is_what_the_equation_reads_and_is_known(walk):
    for stop, cell in enumerate(walk.cells, 1):
        shown = at_stop(walk, stop)
        read = {each for each, _kind in cells(explain(walk.trace, cell, walk.sample).part)}
        assert set(shown.lit) <= read - {cell}, cell
        assert set(shown.lit.values()) <= set(KINDS)
        assert all(shown.known(each) for each in (*shown.lit, *shown.made)), cell
        assert shown.made == (cell,) and shown.phase == walk.phase(stop)


@given(walks())
def test_signals_run_along_edges_that_exist(walk):
    sizes = walk.trace.network.sizes
    for stop in range(1, len(walk) + 1):
        for flow in at_stop(walk, stop).flows:
            assert 1 <= flow.unit <= sizes[flow.layer], flow
            assert flow.from_unit is None or 1 <= flow.from_unit <= sizes[flow.layer - 1], flow
            assert flow.from_unit is not None or flow.layer == walk.trace.network.depth, flow
            assert flow.back == (walk.phase(stop) == "backward" and flow.reach != "sender"), flow


def test_before_the_first_step_nothing_is_lit():
    walk = Walk(trace(example("towardsai")))
    shown = at_stop(walk, 0)
    assert (shown.lit, shown.made, shown.flows, shown.phase) == ({}, (), (), "given")
    assert shown.known(Cell("x", 0, 1, 1)) and not shown.known(Cell("z", 1, 1, 1))


def of_article(cell: Cell) -> Scene:
    walk = Walk(trace(example("towardsai")))
    return at_stop(walk, walk.stop_of(cell))


@pytest.mark.parametrize(
    ("cell", "lit", "flows"),
    [
        (
            Cell("z", 1, 1, 2),
            {
                Cell("W", 1, None, 2, 1): "weight",
                Cell("x", 0, 1, 1): "in",
                Cell("W", 1, None, 2, 2): "weight",
                Cell("x", 0, 1, 2): "in",
                Cell("b", 1): "weight",
            },
            (Flow("in", 1, 2, 1), Flow("in", 1, 2, 2)),
        ),
        (
            Cell("dL_dW", 2, None, 1, 2),
            {Cell("dL_da", 2, 1, 1): "error", Cell("da_dz", 2, 1, 1): "slope", Cell("a", 1, 1, 2): "in"},
            (
                Flow("in", 2, 1, 2, reach="sender"),
                Flow("delta", 2, 1, 2, back=True, reach="receiver"),
                Flow("error", 2, 1, None, back=True),
            ),
        ),
        (
            Cell("dL_da", 1, 1, 2),
            {
                Cell("dL_dz", 2, 1, 1): "delta",
                Cell("W", 2, None, 1, 2): "weight",
                Cell("dL_dz", 2, 1, 2): "delta",
                Cell("W", 2, None, 2, 2): "weight",
            },
            (Flow("delta", 2, 1, 2, back=True), Flow("delta", 2, 2, 2, back=True)),
        ),
        (
            Cell("W_new", 2, None, 1, 1),
            {
                Cell("W", 2, None, 1, 1): "weight",
                Cell("learning_rate"): "update",
                Cell("dL_dW", 2, None, 1, 1): "delta",
            },
            (),
        ),
        (
            Cell("loss_term", 2, 1, 2),
            {Cell("a", 2, 1, 2): "in", Cell("t", 2, 1, 2): "loss"},
            (Flow("loss", 2, 2, None),),
        ),
    ],
)
def test_what_is_lit_in_the_article(cell, lit, flows):
    shown = of_article(cell)
    assert shown.lit == lit
    assert set(shown.flows) == set(flows)


def test_a_whole_layer_is_lit_together_unless_it_is_too_much():
    for name, full in (("towardsai", True), ("dabbura-tanh", False)):
        t = trace(example(name))
        made = tuple(t.cells(t["dL_dW", 2]))
        shown = scene(t, made, 1, lambda each: True)
        assert (len(made) <= MANY) == full == bool(shown.lit)
        assert shown.made == made and not set(made) & set(shown.lit)


def test_a_given_number_that_was_clicked_on_is_marked_alone():
    t = trace(example("towardsai"))
    shown = scene(t, (Cell("W", 1, None, 1, 1),), 1, lambda each: True)
    assert (shown.made, shown.lit, shown.flows) == ((Cell("W", 1, None, 1, 1),), {}, ())


def test_the_answer_can_be_covered():
    walk = Walk(trace(example("towardsai")))
    assert at_stop(walk, 1, hidden=True).hidden and not at_stop(walk, 1).hidden
