"""The app on a port of its own, and Debian's Chromium to look at it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
CHROMIUM = shutil.which("chromium")
expect.set_options(timeout=20_000)


class Server:
    """A Streamlit server of the app, which can be killed and started again on the same port."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
        address = ["--server.address", "127.0.0.1", "--server.port", str(self.port)]
        self.process = subprocess.Popen(
            command + address, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ}
        )
        for _attempt in range(300):
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1)
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the app did not start")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def turn_to(page: Page, group: str, name: str) -> None:
    """Another page by the menu, once the app has come to rest: a click in the middle of a run may be lost on Streamlit's menu."""
    expect(page.locator("[data-test-script-state]").first).to_have_attribute("data-test-script-state", "notRunning")
    page.get_by_text(group, exact=True).click()
    page.get_by_role("menuitem", name=name).click()


@pytest.fixture(scope="module")
def server():
    app = Server()
    yield app
    app.kill()


@pytest.fixture
def own_server():
    """A server that nobody has visited yet."""
    app = Server()
    yield app
    app.kill()


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def opened(server, chromium):
    """A function that opens the app in a fresh visitor's browser: opened(path="/", dark=True, phone=True)."""
    contexts = []

    def open_page(path: str = "/", dark: bool = False, phone: bool = False) -> Page:
        screen = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 720}
        look = {"is_mobile": True, "has_touch": True} if phone else {}
        context = chromium.new_context(
            viewport=screen, color_scheme="dark" if dark else "light", accept_downloads=True, **look
        )
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(server.url + path)
        expect(page.locator("[data-part] svg").first).to_be_visible()
        if urlsplit(path).path == "/":
            expect(page.locator(".where")).to_contain_text(re.compile("step|Start"))
        return page

    yield open_page
    for context in contexts:
        context.close()
