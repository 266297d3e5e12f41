"""What stands at the slice and the map, held against arithmetic of its own."""

import re
from decimal import Decimal
from html import unescape
from time import perf_counter

import pytest

from backprop import Lesson, run
from backprop.engine.steps import Cell
from backprop.explain import numerals
from backprop.lessons.examples import EXAMPLES, example
from backprop.runs.history import history
from backprop.runs.pair import chosen
from backprop.ui.descent import tabs
from backprop.ui.descent.look import look
from backprop.ui.descent.overview import angle, parts
from backprop.ui.descent.progress import Progress, progress
from backprop.ui.place import Place

SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def shown(lesson: Lesson, origin: str = "towardsai", **wish) -> dict[str, str]:
    here = Place(origin=origin, lesson=lesson).moved({"span": 20, **wish})
    return parts(here, progress(here, seconds=60.0), False)


def words(drawn: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", drawn)).split())


def number(text: str) -> Decimal:
    mantissa, _times, power = text.strip("()").replace("−", "-").rpartition("·") if "·" in text else (text, "", "10⁰")
    if not mantissa:
        mantissa, power = ("1", text) if text.lstrip("−").startswith("10") and text != "10" else (text, "10⁰")
    exponent = power.translate(SUPERSCRIPT).removeprefix("10") or "1"
    return Decimal(mantissa.strip("()").replace("−", "-")) * Decimal(10) ** int(exponent)


def lone(**more) -> Lesson:
    """One weight and one bias: a linear unit."""
    return Lesson(
        layers=[1, 1], activations=["linear"], loss="squared_error", weights=[[[0.5]]], biases=[[0.25]],
        inputs=[[2.0], [1.0]], targets=[[3.0], [-1.0]], learning_rate=0.1,
    ).changed(**more)  # fmt: skip


@pytest.mark.parametrize("rate", [0.1, 0.5, 1.23456789e-5, 1 / 3, 0.123456789, 2.0, 123456.789])
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_step_follows_from_the_rate_and_the_slope_that_are_shown(name, rate):
    told = words(shown(example(name).changed(learning_rate=rate), name)["slice"])
    found = re.search(r"slope = −(\S+) · (\S+) = (\S+)", told)
    if found is None:
        assert name == "neuron" or "not updated" in told
        return
    value, slope, step = map(number, found.groups())
    digits = re.sub(r"·.*|[^\d.]", "", found[3]).partition(".")[2]
    unit = Decimal(10) ** -len(digits) * (number("1·" + found[3].partition("·")[2]) if "·" in found[3] else 1)
    assert abs(-value * slope - step) <= unit * Decimal("0.5000001"), told


def test_without_a_learning_rate_the_slope_is_not_said_to_be_0():
    told = words(shown(lone(learning_rate=0.0))["say"])
    assert "learning rate is 0" in told and "slope is 0" not in told


def test_a_step_beyond_float64_is_not_said_to_be_none():
    told = words(shown(lone(learning_rate=1e308, targets=[[300.0], [-1.0]]))["say"])
    assert "leaves the range" in told and "slope is 0" not in told


def test_no_right_angle_where_only_one_of_the_two_is_updated():
    lesson = example("towardsai").changed(update_biases=False)
    pair = {"along": "W.1..1.1", "across": "b.1.."}
    held, free = (shown(each, **pair) for each in (lesson, lesson.changed(update_biases=True)))
    assert "right angle" in words(free["say"]) and "right angle" not in words(held["say"])
    assert "b of layer 1 is not updated" in words(held["say"])
    corner = re.compile(r"<polyline [^>]*stroke:var\(--ink2\)")
    assert corner.search(free["map"]) and not corner.search(held["map"])


def test_a_bias_is_not_called_a_weight_and_others_are_named_only_where_there_are_some():
    both = shown(lone())
    assert "others" not in words(both["map"] + both["say"]).lower() and "two parameters" in words(both["map"])
    mixed = shown(example("towardsai"), along="W.1..1.1", across="b.1..")
    assert "Two weights" not in words(mixed["map"])
    still = lone(layers=[1, 1, 1], activations=["linear"] * 2, weights=[[[0.5]], [[1.0]]], biases=[[0.0], [0.0]])
    told = shown(still.changed(update_biases=False), along="W.1..1.1", across="W.2..1.1")
    assert "The others move" not in words(told["say"])


SLOW = Lesson(
    layers=[4] * 5, activations=[{"formula": "z*tanh(ln(1+exp(z)))"}] * 4, loss={"formula": "ln(cosh(a - t))"},
    init={"scheme": "xavier"}, inputs=[[0.1, 0.2, 0.3, 0.4]], targets=[[0, 1, 0, 1]], learning_rate=0.01,
)  # fmt: skip


@pytest.mark.parametrize("wish", [{}, {"only": True}, {"rates": "0.001, 0.02"}])
def test_no_look_at_a_long_run_waits_for_all_of_it(wish):
    """The lesson's run may be there already: then those at the other rates, or of two weights alone, are computed in slices too."""
    lesson = SLOW.changed(title=f"slices {wish}")
    history(lesson).reach(3_000)
    here = Place(lesson=lesson).moved({"span": 3_000, **wish})
    took, looks = [], 0
    while True:
        began = perf_counter()
        ran = progress(here)
        drawn = parts(here, ran, False)
        took.append(perf_counter() - began)
        looks += 1
        if not (ran.pending or tabs.pending(here, ran)):
            break
    assert looks > 2 and max(took) < 0.5 * sum(took)
    end = run(lesson, 3_000).loss[-1] if not wish.get("only") else None
    assert end is None or numerals.plain(end) in words(drawn["ask"])


def test_a_dragged_rate_does_not_wait_for_the_iteration_that_is_looked_at():
    here = Place(lesson=SLOW).moved({"pane": "run", "span": 3_000, "iteration": 2_900})
    moved = here.with_lesson(SLOW.changed(learning_rate=0.012345))
    assert moved.iteration == 2_900 and history(moved.lesson).known() < 1_000


def test_the_rule_stops_the_run_that_is_shown():
    """With two weights alone learning the loss falls more slowly than with all."""
    lesson = example("towardsai")
    ends = {}
    for only in (False, True):
        here = Place(lesson=lesson).moved({"only": only, "span": 400, "below": 0.1})
        losses = history(lesson, chosen(lesson, None, None) if only else ()).losses(400)
        ends[only] = progress(here, seconds=60.0).known
        assert ends[only] == next((k for k, loss in enumerate(losses.tolist()) if loss < 0.1), 400)
    assert ends[True] > ends[False]


# --- what is said of the map


def said(name: str, along: Cell | None = None, across: Cell | None = None, **wish) -> str:
    here = Place(origin=name, lesson=example(name)).moved(wish | {"span": 20})
    if along is not None:
        here = here.moved({"along": along.address, "across": across.address})
    ran: Progress = progress(here)
    return unescape(re.sub(r"<[^>]+>", "", angle(here, look(here, ran))))


@pytest.mark.parametrize("name", ["towardsai", "xor", "csdn"])
def test_a_step_of_two_that_learn_is_at_a_right_angle(name):
    assert "right angle" in said(name)


def test_a_bias_that_is_not_updated_is_named_and_no_right_angle_is_claimed():
    bias, weight = Cell("b", 2), Cell("W", 2, None, 1, 1)
    assert not example("towardsai").update_biases
    for pair in ((bias, weight), (weight, bias)):
        told = said("towardsai", *pair)
        assert "b of layer 2 is not updated" in told and "right angle" not in told
    told = said("towardsai", bias, Cell("b", 1))
    assert told.count("of layer") == 2 and "Neither" in told


@pytest.mark.parametrize("name", ["neuron", "line", "xor"])
def test_of_others_is_spoken_only_where_there_are_others(name):
    lesson = example(name)
    others = sum(part.size for part in (*lesson.parameters.W, *lesson.parameters.b) if part is not None) > 2
    here = Place(origin=name, lesson=lesson).moved({"span": 20})
    shown = parts(here, progress(here), False)
    assert ("others" in said(name)) == ("others" in shown["map"]) == ("only these two learn" in shown["map"]) == others
