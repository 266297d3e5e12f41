"""How fast a descent is, as ratios measured in one run: python tests/benchmarks/descent.py [--no-browser]

1. 10,000 iterations of 2-2-2, against the same iterations in bare NumPy lines (engine.py).
2. The loss over two weights on a grid of 61 × 61, against one forward pass of a batch of 3,721 samples.
3. Pictures a second while the learning rate is dragged over a curve of 1,000 iterations, in Chromium.
"""

from __future__ import annotations

import argparse
import math
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from backprop import example
from backprop.engine.forward import forward, sample_losses
from backprop.engine.steps import Cell
from backprop.runs.history import Run
from backprop.runs.surface import surface
from tests.benchmarks.engine import LESSON, bare
from tests.benchmarks.page import FLAGS, served

GRID, SIDE = 61 * 61, np.linspace(-6, 2, 61)
PAIRS = {
    "two weights of the last layer": (Cell("W", 2, None, 1, 1), Cell("W", 2, None, 2, 2)),
    "one weight of each layer": (Cell("W", 1, None, 1, 1), Cell("W", 2, None, 2, 2)),
    "two weights of the first layer": (Cell("W", 1, None, 1, 1), Cell("W", 1, None, 2, 2)),
}
FRESH, SECONDS = 1.5, 4
"""Of a drag over rates that nobody has tried yet, and of one to and fro, whose runs are kept in part."""


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def paired(rival: Callable[[], object], yardstick: Callable[[], object], blocks: int) -> tuple[float, float, float]:
    """(seconds of the rival, of the yardstick, median of their ratios), measured in turn."""
    rows = [(timed(rival), timed(yardstick)) for _block in range(blocks)]
    first, other = (statistics.median(each) for each in zip(*rows, strict=True))
    return first, other, statistics.median(mine / theirs for mine, theirs in rows)


def iterations() -> None:
    assert np.allclose(Run(LESSON).losses(9_999), bare(10_000)[0], rtol=1e-9), "not the same computation"
    for biases, told in ((True, "with the gradients of the biases"), (False, "without the gradients of the biases")):
        mine, theirs, ratio = paired(lambda: Run(LESSON).reach(9_999), lambda b=biases: bare(10_000, b), 7)
        print(
            f"10,000 iterations of 2-2-2   {mine * 1e3:7.0f} ms   bare lines {told} {theirs * 1e3:5.0f} ms   {ratio:.2f}   goal 1.5"
        )


def grids() -> None:
    X, T = np.repeat(LESSON.X, GRID, axis=0), np.repeat(LESSON.T, GRID, axis=0)
    network, start = LESSON.network, LESSON.parameters
    for told, (first, second) in PAIRS.items():
        mine, theirs, ratio = paired(
            lambda f=first, s=second: surface(network, start, LESSON.X, LESSON.T, f, s, SIDE, SIDE),
            lambda: sample_losses(network, forward(network, start, X), T),
            201,
        )
        print(
            f"surface of 61 × 61, {told:30} {mine * 1e6:6.0f} µs   one forward pass of 3,721 {theirs * 1e6:6.0f} µs   {ratio:.2f}   goal 5"
        )


def drag(page, seconds: float) -> float:
    """Pictures a second: how many different plots with their rate the browser has shown at its frames while the slider moved."""
    page.evaluate(
        """() => {
          const host = [...document.querySelectorAll("*")].find((each) => each.shadowRoot?.querySelector("[data-part=curves]"));
          const root = host?.shadowRoot ?? document;
          let last = "";
          window.pictures = 0;
          const look = () => {
            const curves = [...root.querySelectorAll("[data-part=curves] polyline")].map((line) => line.getAttribute("points"));
            const now = curves + root.querySelector(".rate b").textContent; // a rate may change and the curve still lie on the axis
            if (now !== last) { last = now; window.pictures++; }
            requestAnimationFrame(look);
          };
          look();
        }"""
    )
    box = page.locator("[data-rate]").bounding_box()
    y, middle = box["y"] + box["height"] / 2, box["x"] + box["width"] / 2
    page.mouse.move(middle, y)
    page.mouse.down()
    begun, before, moves = time.perf_counter(), page.evaluate("window.pictures"), 0
    while time.perf_counter() < begun + seconds:
        moves += 1
        page.mouse.move(middle + 0.4 * box["width"] * math.sin(moves / 25), y)
        time.sleep(0.016)
    shown = page.evaluate("window.pictures") - before
    page.mouse.up()
    return shown / (time.perf_counter() - begun)


def pictures() -> None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only this part needs a browser

    root = str(Path(__file__).parents[2] / "app.py")
    with served(root) as (_pid, address), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", *FLAGS])
        for name in ("towardsai", "gurarie", "xor"):
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(f"{address}/descent?n=1000&it=100&ex={name}")
            page.locator("[data-part=curves] svg").wait_for()
            page.wait_for_timeout(1500)
            fresh = drag(page, FRESH)
            print(
                f"η dragged over 1,000 iterations of {name:10} {fresh:5.1f} pictures a second over new rates, {drag(page, SECONDS):5.1f} to and fro   goal 10"
            )
            page.close()
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-browser", action="store_true")
    assert example("towardsai") == LESSON
    iterations()
    grids()
    if not parser.parse_args().no_browser:
        pictures()


if __name__ == "__main__":
    main()
