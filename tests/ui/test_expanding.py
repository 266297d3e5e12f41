"""Asking for expanded derivatives: at once what there is, and a child process that may be slow, wrong, or dead."""

import base64
import gettext
import os
import pickle
import signal
import subprocess
import sys
import time
from contextvars import copy_context
from pathlib import Path

import pytest
from hypothesis import given, settings

from backprop import Lesson, example, language, trace
from backprop.engine.steps import Cell
from backprop.explain.expanded import expand, followed, operations
from backprop.ui import expander, expanding
from backprop.ui.expander import network_of, structure
from backprop.ui.expanding import Expanded, Pending, Refused, Workshop
from tests import strategies

ROOT = Path(__file__).parents[2]
NETWORK = example("towardsai").network
W11, W12, X1 = Cell("W", 1, None, 1, 1), Cell("W", 1, None, 1, 2), Cell("x", 0, 1, 1)
FAR_TOO_LONG = Lesson(
    layers=[8] * 7, activations=["gelu"] * 6, loss="squared_error", init={"scheme": "he"}, inputs=[[0.5] * 8], targets=[[0.5] * 8], learning_rate=0.1,
).network  # fmt: skip


def answered(workshop, network, cell, patience=60.0):
    """What is answered in the end."""
    until = time.monotonic() + patience
    while isinstance(came := workshop.ask(network, cell), Pending):
        assert time.monotonic() < until, came
        time.sleep(0.005)
    return came


def eventually(holds, patience=60.0):
    until = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.005)


@pytest.fixture
def workshop():
    """A function that makes a workshop with a child of one's own, if wanted: a script that sees `requests`."""
    made = []

    def make(script: str | None = None, *arguments: str, **more) -> Workshop:
        command = {} if script is None else {"command": [sys.executable, "-S", "-c", script, *arguments]}
        made.append(Workshop(**command, **more))
        return made[-1]

    yield make
    for each in made:
        each.close()


READY = "import os, sys, time; print('ready', flush=True)\n"


# --- what is made


def test_the_asked_one_first_then_all_others_and_again_after_a_death(workshop):
    shop = workshop()
    first = shop.ask(NETWORK, X1)
    every = list(followed(NETWORK))
    assert first == Pending(0, len(every))
    came = answered(shop, NETWORK, X1)
    assert isinstance(came, Expanded) and came.cell == X1._replace(sample=None)
    t = trace(example("towardsai"))
    assert came.at(t, 1) == expand(NETWORK, X1).at(t, 1) and came.expression == expand(NETWORK, X1).expression
    eventually(lambda: len(shop._kept) == len(every))
    assert [shop.ask(NETWORK, cell).cell for cell in every] == every
    assert shop.ask(NETWORK, X1) is came and not shop._asked

    child = shop._child
    child._process.kill()
    other = example("neuron").network
    assert isinstance(answered(shop, other, W11), Expanded)
    assert child._process.returncode == -signal.SIGKILL and shop._child is not child  # reaped, and replaced
    last = shop._child._process
    shop.close()
    assert last.returncode is not None and shop._thread is None


def test_a_child_without_work_ends_and_comes_back(workshop):
    shop = workshop(READY + "for line in sys.stdin: print('no answer', flush=True)", idle=0.01)
    one, other = example("neuron").network, example("line").network
    assert isinstance(answered(shop, one, W11), Refused)
    eventually(lambda: shop._thread is None and shop._child is None)
    assert isinstance(answered(shop, other, W11), Refused)


def test_lessons_with_other_numbers_share_their_derivatives():
    lesson = example("towardsai")
    other = lesson.changed(weights=[[[9, 8], [7, 6]], [[5, 4], [3, 2]]], inputs=[[1, 2], [3, 4]], targets=[[0, 1]] * 2)
    assert structure(lesson.network) == structure(other.network)
    for fields in (
        {"activations": ["tanh", "sigmoid"]},
        {"activations": [{"formula": "z"}, "sigmoid"]},
        {"loss": "squared_error"},
        {"shared_bias": not lesson.shared_bias},
        {"biases": [None, [0.6, 0.6]]},
    ):
        assert structure(lesson.changed(**fields).network) != structure(lesson.network)


@settings(max_examples=30)
@given(strategies.lessons())
def test_a_structure_is_the_network(lesson):
    network = lesson.network
    assert network_of(structure(network)) == network  # the same rows of the same tables


def test_the_childs_answers():
    request = '{"structure": %s, "cell": "W.1..1.1"}'
    text = structure(NETWORK).replace('"', '\\"')
    made = pickle.loads(base64.b64decode(expander.answer(request % f'"{text}"')))
    assert isinstance(made, Expanded) and made.cell == W11
    for wrong in (request % '"[]"', request % "3", "", '{"structure": "[[1, 1]]", "cell": "nope"}'):
        assert isinstance(pickle.loads(base64.b64decode(expander.answer(wrong))), str)


# --- what is not


def test_what_is_too_long_is_refused_at_once(workshop):
    shop = workshop("raise SystemExit")
    came = shop.ask(FAR_TOO_LONG, W11)
    assert isinstance(came, Refused) and "operations" in came.sentence and "8\u202f000" in came.sentence
    assert shop._thread is None and shop.ask(FAR_TOO_LONG, W11) == came
    assert isinstance(shop.ask(FAR_TOO_LONG, Cell("a", 6, None, 1)), Pending)


def test_only_what_can_be_made_is_counted(workshop):
    shop = workshop("import time; time.sleep(99)")
    network = Lesson(
        layers=[2, 8, 8, 8, 2], activations=["gelu"] * 4, loss="squared_error", init={"scheme": "he"}, inputs=[[0.5] * 2], targets=[[0.5] * 2], learning_rate=0.1,
    ).network  # fmt: skip
    possible = [cell for cell in followed(network) if operations(network, cell) <= 8000]
    assert 0 < len(possible) < len(list(followed(network)))
    assert shop.ask(network, possible[0]) == Pending(0, len(possible))


@pytest.mark.parametrize("cell", [Cell("t", 2, 1, 1), Cell("W", 3, None, 1, 1), Cell("dL_dz", 1, 1, 1)])
def test_other_numbers_are_none_of_its_business(workshop, cell):
    with pytest.raises(KeyError):
        workshop("raise SystemExit").ask(NETWORK, cell)


def test_a_child_that_takes_too_long_is_ended(workshop):
    shop = workshop(READY + "time.sleep(999)", deadline=0.05)
    shop.ask(NETWORK, W11)
    eventually(lambda: shop._child)
    child = shop._child
    assert answered(shop, NETWORK, W11) == Refused("SymPy took too long over this derivative, so it was stopped.")
    eventually(lambda: child._process.returncode == -signal.SIGKILL)
    eventually(lambda: not shop._others)
    assert list(shop._kept) == [(structure(NETWORK), W11)]  # the others, as slow, wait until somebody asks


def test_a_child_that_dies_over_a_derivative_is_tried_once_more(workshop, tmp_path):
    script = READY + "sys.stdin.readline(); open(sys.argv[1], 'a').write('x')"
    shop = workshop(script, str(tmp_path / "deaths"))
    assert answered(shop, NETWORK, W11) == Refused("SymPy could not write this derivative out.")
    eventually(lambda: len(shop._kept) == len(list(followed(NETWORK))))
    assert (tmp_path / "deaths").read_text() == "xx" * len(shop._kept)


def no_answers():
    wrong = expand(NETWORK, W12)
    return {
        "no base64": "print('!?', flush=True)",
        "no pickle": "print('AAAA', flush=True)",
        "another derivative": f"print({base64.b64encode(pickle.dumps(wrong)).decode()!r}, flush=True)",
        "a name of a fault": f"print({base64.b64encode(pickle.dumps('MemoryError')).decode()!r}, flush=True)",
        "without end": "[print('A' * 10_000, end='') for k in range(200)]; time.sleep(99)",
    }


@pytest.mark.parametrize("script", no_answers().values(), ids=no_answers())
def test_an_answer_that_is_none(workshop, script):
    shop = workshop(READY + f"for line in sys.stdin: {script}")
    assert answered(shop, NETWORK, W11) == Refused("SymPy could not write this derivative out.")


def test_no_child_at_all():
    shop = Workshop(["/there/is/no/such/program"])
    assert answered(shop, NETWORK, W11) == Refused("SymPy could not write this derivative out.")
    shop.close()


def test_a_refusal_speaks_the_visitors_language(workshop):
    class Polite(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return f"Sorry. {message}"

    shop = Workshop(["/there/is/no/such/program"])
    answered(shop, NETWORK, W11)

    def visitor() -> list[str]:
        language.speak(Polite())
        return [shop.ask(NETWORK, W11).sentence, shop.ask(FAR_TOO_LONG, W11).sentence]

    assert all(sentence.startswith("Sorry. ") for sentence in copy_context().run(visitor))
    assert shop.ask(NETWORK, W11).sentence == "SymPy could not write this derivative out."
    shop.close()


# --- the queue


def test_asking_waits_for_nothing(workshop):
    """The child never says a word; whoever asks has an answer all the same, while the thread waits for it."""
    shop = workshop("import time; time.sleep(999)")
    assert isinstance(shop.ask(NETWORK, W11), Pending)
    eventually(lambda: shop._child)
    cells = list(followed(NETWORK))
    assert all(isinstance(shop.ask(NETWORK, cell), Pending) for cell in cells)
    assert shop._doing == (structure(NETWORK), W11) and shop._child._process.poll() is None
    assert len(shop._asked) == len(cells) - 1


def idle_workshop() -> Workshop:
    """One whose thread never starts: what would be made next is asked by hand."""
    shop = Workshop()
    shop._closed = True
    return shop


def test_the_newest_request_first_then_the_newest_network():
    shop = idle_workshop()
    one, two = example("towardsai").network, example("neuron").network
    for network, cell in ((one, W11), (two, W11), (one, W12), (two, W11)):
        shop.ask(network, cell)
    order = []
    while key := shop._next():
        order.append(key)
        shop._keep(key, "failed", 0)
    assert order[:3] == [(structure(two), W11), (structure(one), W12), (structure(one), W11)]
    others = order[3:]
    assert others[: len(list(followed(two))) - 1] == [(structure(two), cell) for cell in followed(two) if cell != W11]
    assert len(order) == len(set(order)) == len(list(followed(one))) + len(list(followed(two)))
    assert shop.ask(one, X1) == Refused("SymPy could not write this derivative out.")


def test_progress_counts_the_network_that_is_asked_about():
    shop = idle_workshop()
    other = example("neuron").network
    shop._keep((structure(other), W11), "failed", 0)
    for done in range(3):
        assert shop.ask(NETWORK, X1).done == done
        shop._keep((structure(NETWORK), list(followed(NETWORK))[done]), "failed", 0)


def test_queue_and_store_are_bounded():
    shop = Workshop(most_bytes=10_000)
    shop._closed = True
    cells = list(followed(NETWORK))
    lessons = [example("towardsai").changed(activations=[{"formula": f"z*{k}"}, "linear"]) for k in range(2, 14)]
    for lesson in lessons:
        for cell in cells:
            shop.ask(lesson.network, cell)
            shop._keep((structure(lesson.network), cell), "failed", 500)
        shop.ask(lesson.changed(loss="squared_error").network, W11)
    assert len(shop._kept) == 10 and shop._bytes == 10_000  # 500 and what counts for keeping it
    for lesson in lessons:
        for cell in cells:
            shop.ask(lesson.network, cell)
    assert len(shop._asked) == expanding.MOST_ASKED and len(shop._others) == expanding.MOST_STRUCTURES
    newest = list(shop._asked)[-1]
    assert newest[0] == structure(lessons[-1].network) and shop._next() == newest


# --- the process


def test_the_child_ends_with_its_input():
    command = [sys.executable, "-m", "backprop.ui.expander"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env={**os.environ}
    ) as child:
        assert child.stdout.readline() == b"ready\n"
        child.stdin.write(b'{"structure": "nonsense", "cell": ""}\n')
        child.stdin.flush()
        assert child.stdout.readline().endswith(b"\n")
        child.stdin.close()
        assert child.wait(60) == 0 and child.stdout.read() == b""
