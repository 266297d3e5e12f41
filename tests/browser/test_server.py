"""What must hold between a browser and a server that is new, or new again."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, turn_to

PAGES = Path(__file__).parents[2] / "pages"
DOORS = sorted(file.stem for file in PAGES.glob("*.py"))


def test_every_page_but_the_first_has_a_door():
    """Without one, the first visitor of a fresh server is told "Page not found"."""
    assert sorted(file.stem for file in PAGES.glob("*/*.py") if file.stem != "one_iteration") == DOORS
    assert len({PAGES.joinpath(f"{name}.py").read_text(encoding="utf-8") for name in DOORS}) == 1


@pytest.mark.parametrize("name", DOORS)
def test_the_first_visitor_of_a_fresh_server_may_come_by_any_pages_link(own_server, chromium, name):
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{own_server.url}/{name}?ex=xor")
    expect(page.locator("[data-testid=stSelectbox] input").first).to_have_value("Exclusive or")
    expect(page).to_have_url(f"{own_server.url}/{name}?ex=xor")
    expect(page.locator("[role=dialog]")).to_have_count(0)
    page.close()


def test_a_link_with_a_query_is_the_first_thing_a_fresh_server_hears(opened):
    page = opened("/?from=a-friend")
    expect(page.locator(".where")).to_contain_text("Start")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".where small")).to_contain_text("step 1 of")


STATES = """() => {
  const app = document.querySelector("[data-testid=stApp]"), { testConnectionState, testScriptState } = app.dataset;
  window.states = `${testConnectionState} ${testScriptState}`;
  new MutationObserver(() => { window.states += `, ${app.dataset.testConnectionState} ${app.dataset.testScriptState}`; }).observe(app, { attributes: true });
}"""


def restarted(server: Server, page: Page) -> None:
    """Kill the server, start it again, and wait until the page has found it and the new session has run."""
    page.evaluate(STATES)
    server.kill()
    server.start()
    page.wait_for_function("/PINGING.*CONNECTED running.*CONNECTED notRunning$/.test(window.states)")


def test_after_a_restart_the_first_key_lands_where_it_should(server, opened):
    page = opened()
    for _press in range(20):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".where small")).to_contain_text("step 20 of")
    box = page.locator(".r[data-name='W.2..1.1'] input[type=number]")
    box.fill("-1.234")
    box.press("Enter")
    expect(page.locator("[data-part=net]")).to_contain_text("−1.234")
    restarted(server, page)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".where small")).to_contain_text("step 21 of", timeout=40_000)
    expect(page.locator("[data-part=net]")).to_contain_text("−1.234")
    expect(box).to_have_value("-1.234")


def test_after_a_restart_the_page_lesson_keeps_the_lesson_and_takes_the_first_edit(server, opened):
    page = opened("/lesson")
    page.get_by_label("Learning rate").fill("0.25")
    page.get_by_label("Learning rate").press("Enter")
    expect(page).to_have_url(re.compile("set=learning_rate_0.25"))
    restarted(server, page)
    page.get_by_label("Title").fill("After the restart")
    page.get_by_label("Title").press("Enter")
    expect(page).to_have_url(re.compile("lesson="))
    expect(page.get_by_label("Title")).to_have_value("After the restart")
    expect(page.get_by_label("Learning rate")).to_have_value("0.25")


def test_back_leads_to_the_page_before_and_keeps_the_lesson(opened):
    page = opened()
    for _press in range(5):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".where small")).to_contain_text("step 5 of")
    turn_to(page, "Prepare", "Lesson")
    page.get_by_label("Learning rate").fill("0.25")
    page.get_by_label("Learning rate").press("Enter")
    expect(page).to_have_url(re.compile(r"/lesson\?set=learning_rate_0.25&step=5"))
    page.go_back()
    expect(page.locator(".where small")).to_contain_text("step 5 of")
    expect(page.locator(".r[data-name='learning_rate'] input[type=number]")).to_have_value("0.25")
