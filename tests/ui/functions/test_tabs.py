"""Every tab at every row of the live tables: nothing unfinished on the screen, and the sentences say what the numbers say."""

import html
import re
from random import Random

import pytest

from backprop.engine.activations import ACTIVATIONS, typed
from backprop.engine.formula import FUNCTIONS
from backprop.engine.losses import LOSSES
from backprop.engine.network import SCHEMES
from backprop.explain.conventions import CONVENTIONS
from backprop.lessons.examples import EXAMPLES, example
from backprop.runs.depth import passage
from backprop.ui.functions import depth, own, tabs, told, use
from backprop.ui.place import Place

UNFINISHED = re.compile(r"\bnan\b|\binf\b|\bNone\b|\{[a-z]+\}|Traceback|&lt;")
DRAWN = re.compile(r'(?:points|cx|cy|x1|y1|x2|y2|x|y)="([^"]*)"')
HOSTILE = ("", "foo(z)", "z+", "__import__('os')", "<script>alert(1)</script>", "z**999", "1/0", "x", "z" * 300, "é", "9^9^9")  # fmt: skip
OWN = ("z*tanh(ln(1+exp(z)))", "ln(z)", "1/z", "sqrt(z)", "tan(z)", "exp(exp(z))", "0*z+2", "abs(z)/z", "sin(16*z)", "sqrt(-1-z^2)")  # fmt: skip


def shown(narrow: bool = False, **wish) -> dict[str, str]:
    return tabs.parts(Place().moved(wish), narrow, "")


def words(parts: dict[str, str]) -> str:
    """What can be read, without tags and TeX, with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", " ".join(parts.values()))).split())


def assert_finished(parts: dict[str, str]) -> None:
    text = words(parts)
    found = UNFINISHED.search(text)
    assert not found, f"{found and found[0]}: {text[:3000]}"
    whole = " ".join(parts.values())
    assert "<script" not in whole and not re.search("nan|inf", " ".join(DRAWN.findall(whole)))


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("spec", [*ACTIVATIONS, *OWN])
def test_every_activation(spec, narrow):
    for at in (-8.0, 0.0, 0.5):
        for versus in ("", "tanh", "softmax", "ln(z)"):
            parts = shown(narrow, shelf="activations", fn=spec, versus=versus, at=at)
            assert_finished(parts)
            assert "<svg" in parts["plot"] and "data-drag" in parts["grip"] and "data-tex" in parts["rules"]


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("name", LOSSES)
def test_every_loss(name, narrow):
    for out, aim in ((0.75, 0.01), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.5)):
        for other in ("", "binary_cross_entropy", "squared_error"):
            parts = shown(narrow, shelf="losses", price=name, other=other, out=out, aim=aim)
            assert_finished(parts)
            assert parts["grip"].count('data-drag="out') == parts["grip"].count('data-drag="aim') == 3


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("spec", [*ACTIVATIONS, *OWN])
def test_every_depth(spec, scheme):
    for narrow, deep, might, versus in ((False, 10, 1.0, ""), (True, 20, 10.0, "relu"), (False, 2, 0.1, "softmax")):
        parts = shown(narrow, shelf="depth", fn=spec, spread=scheme, deep=deep, might=might, versus=versus)
        assert_finished(parts)
        assert ("fx-deep" in parts["main"]) == (spec != "softmax" and versus != "softmax")


@pytest.mark.parametrize("text", [*OWN, *own.STARTS["activation"].values()])
def test_every_own_activation(text):
    parts = shown(shelf="own", mine=text, at=-8.0)
    assert_finished(parts)
    assert "fx-no" not in "".join(parts.values())


@pytest.mark.parametrize("text", [*own.STARTS["loss"].values(), "ln(a)", "1/(a-t)", "t", "a", "sqrt(t)*a"])
def test_every_own_loss(text):
    for mark, goal in ((1.0, 0.0), (-3.0, 3.0), (0.0, 0.0)):
        parts = shown(shelf="own", craft="loss", cost=text, mark=mark, goal=goal)
        assert_finished(parts)
        assert "fx-no" not in "".join(parts.values())


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("craft", ["activation", "loss"])
def test_a_hostile_formula_is_one_sentence(text, craft):
    parts = shown(shelf="own", mine=text, cost=text, craft=craft)
    assert_finished(parts)
    assert parts["main"].count("fx-no") == 1 and not parts["plot"] and "data-field" in parts["pick"]
    assert shown(shelf="activations", fn=text or "x")["ask"].count("fx-no") == 1


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_letters_are_the_conventions(convention):
    for shelf in tabs.TITLES:
        assert_finished(shown(shelf=shelf, convention=convention))
    assert f"({CONVENTIONS[convention].pre})" in shown(shelf="activations", convention=convention)["rules"]


def test_what_is_said_of_the_sigmoid_and_of_relu():
    said = words(shown(shelf="activations"))
    assert "Its values lie between 0 and 1." in said and "| z | = 5.99 it saturates" in said and "0.2350" in said
    said = words(shown(shelf="activations", fn="relu", at=0.0))
    assert "Below z = 0 the slope is 0" in said and "there we take 0, a convention" in said


def test_the_lesson_of_cross_entropy():
    said = words(shown(shelf="losses", price="squared_error", other="binary_cross_entropy", out=0.99, aim=0.01))
    ratio = 0.98 / (2 * 0.98 * 0.99 * 0.01)
    assert f"{ratio:.3g}" in said and "cancels" in said


def test_a_logarithm_tells_where_it_has_no_value():
    assert "≤ 0 it has no value" in words(shown(shelf="own", mine="ln(z)"))
    assert told.quiet(typed("ln(z)"), 8.0) == ()


@pytest.mark.parametrize(
    ("name", "scheme", "might", "said"),
    [
        ("sigmoid", "xavier", 1.0, "because of the slopes"),
        ("tanh", "normal", 1.0, "because the weights are so small"),
        ("linear", "he", 10.0, "The gradient explodes"),
        ("relu", "he", 1.0, "keeps about its size"),
        ("sigmoid", "zeros", 1.0, "exactly 0"),
        ("relu", "zeros", 1.0, "Already at the output"),
    ],
)
def test_what_is_said_of_many_layers(name, scheme, might, said):
    assert said in depth.sentences(passage(ACTIVATIONS[name], 10, 64, scheme, might))


def test_the_typed_activations_of_the_lesson_stand_on_the_shelf():
    lesson = example("towardsai").changed(activations=({"formula": "sin(z)"}, "sigmoid"), leaky_slope=0.3)
    parts = tabs.parts(Place(lesson=lesson).moved({"fn": "leaky_relu"}), False, "")
    assert "sin(z)" in parts["pick"] and "= 0.30" in words(parts)


# --- in the lesson


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_formula_is_used_in_the_lesson(name):
    here = Place(origin=name, lesson=example(name)).moved({"shelf": "own", "mine": "sin(z)"})
    if here.lesson.network.depth == 1:
        return
    lesson = use.made(here, "use:1")
    assert lesson.network.activations[0].spec == {"formula": "sin(z)"}
    assert lesson.weights == here.lesson.weights and lesson.title == here.lesson.title
    hidden = use.made(here, "use:hidden")
    assert all(row.spec == {"formula": "sin(z)"} for row in hidden.network.activations[:-1])
    assert hidden.activations[-1] == here.lesson.activations[-1]


@pytest.mark.parametrize("say", ["use:0", "use:9", "use:", "use:loss", "use:all", "use:1.0"])
def test_what_no_button_says_changes_nothing(say):
    assert use.made(Place().moved({"shelf": "activations", "fn": "tanh"}), say) is None


def test_a_button_shows_where_it_is_in_force():
    assert shown(shelf="activations", fn="sigmoid")["use"].count("✓") == 2
    assert "✓" not in shown(shelf="activations", fn="tanh")["use"]
    assert "✓" in shown(shelf="losses")["use"] and "✓" not in shown(shelf="losses", price="squared_error")["use"]


@pytest.mark.parametrize("text", ["(a-t)^4", "abs(a-t)", "max(0,1-a*t)", "ln(a)", "1/(a-t)"])
def test_a_typed_loss_stands_beside_the_others(text):
    for other in ("", "binary_cross_entropy", "cross_entropy"):
        parts = shown(shelf="losses", price=text, other=other, out=0.5, aim=0.5)
        assert_finished(parts)
        assert "fx-no" not in "".join(parts.values()) and "sigmoid" in words(parts)


def test_rounding_is_no_slope_and_a_pole_is_no_yardstick():
    said = words(shown(shelf="own", mine="abs(z)/z"))
    assert "Its slope is 0 everywhere" in said and "saturates" not in said and "jumps from −1 to 1" in said
    said = words(shown(shelf="own", mine="1/(z-1)", at=2.0))
    assert "At z = 1 it grows without limit" in said and "saturates" not in said


def test_a_plateau_of_a_loss_is_told_from_its_kink():
    assert "It is least from a = 1 to 3" in words(shown(shelf="own", craft="loss", cost="max(0,1-a*t)", goal=1.0))
    assert "the same everywhere" in words(shown(shelf="own", craft="loss", cost="max(0,1-a*t)", goal=0.0))
    assert "as a loss should be" in words(shown(shelf="own", craft="loss", goal=0.5))
    assert "not the target" in words(shown(shelf="own", craft="loss", cost="(a-t-1)^2", goal=0.5))


def formula(random: Random, letters: list[str], deep: int) -> str:
    if not deep or random.random() < 0.2:
        return random.choice([*letters, "1", "0.5", "3", "16", "pi"])
    if random.random() < 0.5:
        name = random.choice(sorted(FUNCTIONS))
        least, most = FUNCTIONS[name].arguments
        parts = (formula(random, letters, deep - 1) for _each in range(random.randint(least, min(most, 2))))
        return f"{name}({','.join(parts)})"
    if random.random() < 0.2:
        return f"({formula(random, letters, deep - 1)})^{random.choice(['2', '0.5', '-1', '-2', '(1/3)'])}"
    return f"({formula(random, letters, deep - 1)}{random.choice('+-*/')}{formula(random, letters, deep - 1)})"


@pytest.mark.parametrize("seed", range(6))
def test_whatever_can_be_typed_is_shown_or_refused(seed):
    random = Random(seed)
    for _each in range(20):
        own, cost = formula(random, ["z"], 4), formula(random, ["a", "t", "a"], 4)
        goal = random.choice([0.0, 1.0, -1.0, 0.3])
        assert_finished(shown(shelf="own", mine=own))
        assert_finished(shown(shelf="own", craft="loss", cost=cost, goal=goal, mark=goal))
        assert_finished(shown(shelf="losses", price=cost, aim=abs(goal)))
        assert_finished(shown(shelf="depth", fn=own, deep=5, spread="he"))


@pytest.mark.parametrize(
    "cost", ["1/t", "ln(t)", "a/t", "max(a,t^-2)", "max(tanh(t),sin(max(t-1,3*a)))", "1/(a-min(a,3))"]
)
def test_a_target_without_a_value_is_told(cost):
    assert_finished(shown(shelf="own", craft="loss", cost=cost, goal=0.0))
