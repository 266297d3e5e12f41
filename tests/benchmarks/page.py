"""What a key press costs the server: python tests/benchmarks/page.py [--path /follow_one_weight]

Starts the app and a bare Streamlit page (one slider, one line of text) with the same configuration, opens both in Chromium
and presses keys in turn, a block here, a block there. Prints the CPU time of each server per rerun, its idle share taken
off, and their ratio, block by block. One key is one rerun. Needs playwright, Chromium and Linux.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[2]
BARE = "import streamlit as st\nx = st.slider('x', 0, 1000, 100)\nst.write(f'value {x}')\n"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAUSE = 250  # ms between two keys: both pages have long come to rest


@contextmanager
def served(script: str) -> Iterator[tuple[int, str]]:
    """(process id, address) of a Streamlit server; started in the root, so that both read the same .streamlit/config.toml."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        script,
        "--server.port",
        str(port),
        "--server.address",
        "127.0.0.1",
        "--server.headless",
        "true",
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            yield server.pid, f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(address: str) -> None:
    for _again in range(150):
        try:
            urllib.request.urlopen(address, timeout=1)
            return
        except OSError:
            time.sleep(0.2)
    sys.exit("the server did not start")


def cpu(pid: int) -> float:
    """CPU seconds of all threads of a process so far, those that have ended included, to the nanosecond (Linux)."""
    return time.clock_gettime((~pid << 3) | 2)


class Side:
    """A server, its page, and how the key is pressed there."""

    def __init__(self, pid: int, page: Page, press: Callable[[str], None]) -> None:
        self.pid, self.page, self.press = pid, page, press
        self.spent: list[tuple[float, float]] = []  # per block: CPU seconds, seconds
        self.idle = 0.0  # CPU seconds per second

    def block(self, key: str, presses: int, kept: bool = True) -> None:
        before, start = cpu(self.pid), time.perf_counter()
        for _again in range(presses):
            self.press(key)
            self.page.wait_for_timeout(PAUSE)
        if kept:
            self.spent.append((cpu(self.pid) - before, time.perf_counter() - start))

    def rest(self, seconds: float) -> None:
        before, start = cpu(self.pid), time.perf_counter()
        self.page.wait_for_timeout(seconds * 1000)
        self.idle = (cpu(self.pid) - before) / (time.perf_counter() - start)

    def per_rerun(self, presses: int) -> list[float]:
        """CPU milliseconds per key press, block by block."""
        return [(spent - self.idle * lasted) / presses * 1000 for spent, lasted in self.spent]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--blocks", type=int, default=8, help="blocks on each page (default 8)")
    parser.add_argument("--presses", type=int, default=10, help="key presses in a block (default 10)")
    parser.add_argument("--path", default="/", help="the page, such as /follow_one_weight?tab=chain (default /)")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        script = Path(folder) / "bare.py"
        script.write_text(BARE, encoding="utf-8")
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=FLAGS
        )
        stack.callback(browser.close)

        def opened(script: str, path: str, waits_for: str) -> tuple[int, Page]:
            pid, address = stack.enter_context(served(script))
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(address + path)
            page.wait_for_selector(waits_for, timeout=60_000)
            page.wait_for_timeout(1500)
            return pid, page

        ours, page = opened("app.py", options.path, ".root svg")
        app = Side(ours, page, page.keyboard.press)
        theirs, plain = opened(str(script), "/", '[data-testid="stSlider"] input')
        bare = Side(theirs, plain, plain.locator('[data-testid="stSlider"] input').press)

        for side in (app, bare):
            side.block("ArrowRight", 6, kept=False)
        for block in range(options.blocks):
            key = "ArrowRight" if block % 4 < 2 else "ArrowLeft"  # to and fro within one iteration
            for side in (app, bare):
                side.block(key, options.presses)
        for side in (app, bare):
            side.rest(4)

        own, floor = app.per_rerun(options.presses), bare.per_rerun(options.presses)
        ratios = [mine / other for mine, other in zip(own, floor, strict=True)]
        print(
            f"server CPU per rerun: app {statistics.median(own):.1f} ms (goal 8), bare page {statistics.median(floor):.1f} ms, ratio {statistics.median(ratios):.2f}; {options.blocks} blocks of {options.presses} keys"
        )


if __name__ == "__main__":
    main()
