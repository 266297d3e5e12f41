"""How fast the engine is, as ratios measured in one run: python tests/benchmarks/engine.py

The yardstick is one iteration of the network of example "towardsai" (2-2-2, sigmoid) written out as bare NumPy lines with
the same stable functions, computing the same quantities. Every rival is measured in turn with it, in short blocks, and what
is printed is the median over the blocks of (rival / yardstick beside it): a busy machine slows both.
micrograd and PyTorch are measured where they are installed; the project does not need them.
"""

from __future__ import annotations

import argparse
import importlib
import math
import platform
import statistics
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from backprop import example, run
from backprop.engine.backward import backward
from backprop.engine.forward import forward
from backprop.engine.steps import Cell, record
from backprop.figures.network import network_svg
from backprop.figures.scene import scene
from backprop.lessons import changes
from backprop.ui import explanation, side, transport
from backprop.ui.place import Place

LESSON = example("towardsai")
Array = np.ndarray


# --- the yardstick


def sigmoid(z: Array) -> Array:
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def sigmoid_slope(z: Array) -> Array:
    e = np.exp(-np.abs(z))
    return e / (1.0 + e) ** 2


def bare(iterations: int, biases: bool = True) -> tuple[list[float], Array, Array]:
    """So many iterations of the lesson in bare lines: (losses, W1, W2). The biases are tied and not updated, as in the article.

    Their gradients belong to the iteration all the same; biases=False leaves them out.
    """
    (W1, W2), (b1, b2) = LESSON.parameters.W, LESSON.parameters.b
    X, T, rate, m = LESSON.X, LESSON.T, LESSON.learning_rate, len(LESSON.X)
    losses = []
    for _again in range(iterations):
        z1 = X @ W1.T + b1
        a1 = sigmoid(z1)
        z2 = a1 @ W2.T + b2
        a2 = sigmoid(z2)
        losses.append(float((0.5 * (a2 - T) ** 2).sum(axis=1).sum() / m))
        dL_da2 = (a2 - T) / m
        dL_dz2 = dL_da2 * sigmoid_slope(z2)
        dL_dW2 = dL_dz2.T @ a1
        if biases:
            dL_db2 = dL_dz2.sum(axis=0).sum(keepdims=True)  # noqa: F841 - part of the iteration, though not used by the update
        dL_da1 = dL_dz2 @ W2
        dL_dz1 = dL_da1 * sigmoid_slope(z1)
        dL_dW1 = dL_dz1.T @ X
        if biases:
            dL_db1 = dL_dz1.sum(axis=0).sum(keepdims=True)  # noqa: F841
        W1 = W1 - rate * dL_dW1
        W2 = W2 - rate * dL_dW2
    return losses, W1, W2


# --- the rivals: each takes a number of iterations


def by_less(iterations: int) -> None:
    bare(iterations, biases=False)


def by_run(iterations: int) -> None:
    run(LESSON, iterations - 1)  # the losses of iterations 0 … n − 1 are n iterations


def by_record(iterations: int) -> None:
    network, start, X, T = LESSON.network, LESSON.parameters, LESSON.X, LESSON.T
    for _again in range(iterations):
        record(network, start, X, T, LESSON.learning_rate, LESSON.update_biases)


def by_forward_and_backward(iterations: int) -> None:
    network, start, X, T = LESSON.network, LESSON.parameters, LESSON.X, LESSON.T
    for _again in range(iterations):
        backward(network, start, forward(network, start, X), T)


def by_micrograd(engine) -> Callable[[int], list[float]]:
    """micrograd's scalars, with a sigmoid written as its own relu is."""
    Value = engine.Value

    def squashed(z):
        out = Value(1.0 / (1.0 + math.exp(-z.data)), (z,), "sigmoid")

        def back():
            z.grad += out.data * (1.0 - out.data) * out.grad

        out._backward = back
        return out

    def iterate(iterations: int) -> list[float]:
        W = [[[Value(float(w)) for w in row] for row in each] for each in LESSON.parameters.W]
        b = [Value(float(each[0])) for each in LESSON.parameters.b]
        X, T = LESSON.inputs[0], LESSON.targets[0]
        losses = []
        for _again in range(iterations):
            a = list(X)
            for rows, bias in zip(W, b, strict=True):
                a = [squashed(sum((w * x for w, x in zip(row, a, strict=True)), bias)) for row in rows]
            loss = sum(((out - t) ** 2 * 0.5 for out, t in zip(a, T, strict=True)), Value(0.0))
            losses.append(loss.data)
            numbers = [w for each in W for row in each for w in row] + b
            for each in numbers:
                each.grad = 0.0
            loss.backward()
            for w in numbers[: -len(b)]:
                w.data -= LESSON.learning_rate * w.grad
        return losses

    return iterate


def by_torch(torch) -> Callable[[int], list[float]]:
    """PyTorch eager, float64, one thread."""
    torch.set_num_threads(1)

    def iterate(iterations: int) -> list[float]:
        W1, W2 = (torch.tensor(np.array(W), requires_grad=True) for W in LESSON.parameters.W)
        b1, b2 = (torch.tensor(np.array(b), requires_grad=True) for b in LESSON.parameters.b)
        X, T = torch.tensor(np.array(LESSON.X)), torch.tensor(np.array(LESSON.T))
        losses = []
        for _again in range(iterations):
            a2 = torch.sigmoid(torch.sigmoid(X @ W1.T + b1) @ W2.T + b2)
            loss = (0.5 * (a2 - T) ** 2).sum(dim=1).mean()
            losses.append(loss.item())
            for each in (W1, W2, b1, b2):
                each.grad = None
            loss.backward()
            with torch.no_grad():
                W1 -= LESSON.learning_rate * W1.grad
                W2 -= LESSON.learning_rate * W2.grad
        return losses

    return iterate


# --- what the server does for one position of a slider that is dragged


def drag_steps() -> dict[str, Callable[[], object]]:
    """The parts of one drag step, each on numbers that nothing has kept: the edit, its trace, the loss curve, what is drawn and written."""
    here = Place().moved({"stop": 18})
    fresh = count(1)
    now = {"place": here}

    def edit() -> None:
        lesson = changes.set_number(here.lesson, Cell("W", 2, None, 1, 1), 0.4 + next(fresh) * 1e-6)
        now["place"] = here.with_lesson(lesson)  # settles the place in its new trace

    def curve() -> None:
        side.losses(now["place"].lesson, 0)

    def svg() -> str:
        p = now["place"]
        return network_svg(
            p.trace,
            scene(p.trace, p.cells(), p.sample, lambda cell: p.walk.known(cell, p.stop), p.covered),
            968,
            280,
            p.sample,
            p.digits,
            p.notation,
        )

    def words() -> list[str]:
        p = now["place"]
        return [explanation.question_html(p), explanation.equation_tex(p), explanation.sentence_html(p)]

    def frame() -> list[str]:
        p = now["place"]
        return [transport.bar_html(p), transport.rail_html(p), side.numbers_html(p), side.loss_html(p, here.lesson)]

    return {
        "edit the lesson, trace it": edit,
        "loss curve, 100 iterations": curve,
        "network as SVG": svg,
        "question, equation, sentence": words,
        "bar, rail, side column": frame,
    }


# --- measuring


def seconds(work: Callable[[int], object], iterations: int) -> float:
    """Seconds per iteration."""
    start = time.perf_counter()
    work(iterations)
    return (time.perf_counter() - start) / iterations


def agree(name: str, losses: list[float]) -> None:
    """Nobody is measured who computes something else."""
    expected = bare(len(losses))[0]
    assert np.allclose(losses, expected, rtol=1e-12, atol=0.0), (
        f"{name} computes other losses than the bare lines: {losses[:2]} and {expected[:2]}"
    )


def installed(module: str) -> object | None:
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--blocks", type=int, default=41, help="how often everything is measured in turn (default 41)")
    blocks = parser.parse_args().blocks

    agree("run", list(run(LESSON, 299).loss))
    rivals: dict[str, tuple[Callable[[int], object], int, str]] = {
        "run(lesson, n)": (by_run, 300, "goal 1.5"),
        "record (a trace: every step kept)": (by_record, 100, "goal 5"),
        "bare lines without dL/db": (by_less, 100, ""),
        "forward and backward alone": (by_forward_and_backward, 100, ""),
    }
    missing = []
    for title, module, make in (
        ("micrograd", "micrograd.engine", by_micrograd),
        ("PyTorch eager, one thread", "torch", by_torch),
    ):
        found = installed(module)
        if found is None:
            missing.append(title)
            continue
        rival = make(found)
        agree(title, rival(100))
        rivals[title] = (rival, 30, "")

    print(
        f"Python {platform.python_version()}, NumPy {np.__version__}, {blocks} blocks, medians; one iteration of 2-2-2, sigmoid, one sample"
    )
    for work in (bare, *(work for work, _iterations, _goal in rivals.values())):
        work(50)
    times: dict[str, list[float]] = {name: [] for name in rivals}
    ratios: dict[str, list[float]] = {name: [] for name in rivals}
    yardstick = []
    for _block in range(blocks):
        for name, (work, iterations, _goal) in rivals.items():
            before, own, after = seconds(bare, 100), seconds(work, iterations), seconds(bare, 100)
            yardstick += [before, after]
            times[name].append(own)
            ratios[name].append(2 * own / (before + after))
    print(f"{'bare NumPy lines':36} {statistics.median(yardstick) * 1e6:9.1f} µs   1.00")
    for name, (_work, _iterations, goal) in rivals.items():
        print(
            f"{name:36} {statistics.median(times[name]) * 1e6:9.1f} µs {statistics.median(ratios[name]):6.2f}   {goal}".rstrip()
        )
    for name in missing:
        print(f"{name:36} not installed")

    parts = drag_steps()
    spent: dict[str, list[float]] = {name: [] for name in parts}
    for block in range(blocks + 3):
        for name, work in parts.items():
            start = time.perf_counter()
            work()
            if block >= 3:
                spent[name].append(time.perf_counter() - start)
    print("\nOne position of a dragged slider, step 18 (dL/dw11 of layer 2), without Streamlit")
    for name, each in spent.items():
        print(f"{name:36} {statistics.median(each) * 1e3:9.2f} ms")
    print(f"{'together':36} {statistics.median(map(sum, zip(*spent.values(), strict=True))) * 1e3:9.2f} ms")


if __name__ == "__main__":
    main()
