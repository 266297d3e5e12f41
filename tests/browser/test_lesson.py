"""The page Lesson in a browser: set up, share, save, load; and what the address remembers."""

import json
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, expect

from backprop import Lesson, example, trace
from backprop.engine.steps import Cell
from backprop.explain import numerals
from backprop.lessons.changes import restructured
from backprop.ui import visit
from tests.browser.conftest import turn_to
from tests.browser.test_one_iteration import at_step


def field(page: Page, label: str, text: str) -> None:
    page.get_by_label(label).fill(text)
    page.get_by_label(label).press("Enter")


def click_first_cell(page: Page, table: int) -> None:
    """Click the first number of a table, and wait until keys arrive there."""
    expect(page.locator("[data-test-script-state]").first).to_have_attribute("data-test-script-state", "notRunning")
    page.wait_for_timeout(
        300
    )  # the tables of another structure are other tables, and no element says that one is drawn
    grid = page.locator("[data-testid=stDataFrame]").nth(table)
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    page.mouse.click(box["x"] + 60, box["y"] + 53)
    page.wait_for_function("document.activeElement.matches('canvas, canvas *, [data-testid=stDataFrame] *')")


def first_cell(page: Page, table: int, text: str) -> None:
    """Type into the first number of a table, as a person would: click it, type, press Enter."""
    click_first_cell(page, table)
    page.keyboard.type(text[0])  # opens the editor
    editor = page.locator("#portal input, #portal textarea")
    expect(editor).to_have_value(text[0])
    page.keyboard.type(text[1:], delay=60)
    expect(editor).to_have_value(text)
    page.keyboard.press("Enter")


def link(page: Page) -> str:
    page.get_by_role("tab", name="Save and share").click()
    return page.locator("[data-testid=stCode]").inner_text().replace("\n", "").strip()


def test_a_network_built_by_hand_is_the_same_for_whoever_opens_its_link(opened, chromium):
    page = opened("/lesson")
    field(page, "Units per layer", "3, 4, 2")
    expect(page.locator("[data-part=net] [data-sel^='z.2.1.2']").first).to_be_visible()
    expect(page).to_have_url(re.compile("lesson="))  # the address follows when things have come to rest
    before = page.url
    first_cell(page, 1, "0.625")
    expect(page).not_to_have_url(before)
    weight = restructured(example("towardsai"), (3, 4, 2), ("sigmoid", "sigmoid"), "half_squared_error").parameters.W[
        0
    ][0]
    turn_to(page, "Learn", "One iteration")
    expect(page.locator(".where")).to_contain_text("Start")
    for _press in range(9):
        page.keyboard.press("ArrowRight")
    at_step(page, 9)
    turn_to(page, "Prepare", "Lesson")
    shared = link(page)
    other = chromium.new_context(viewport={"width": 1280, "height": 720}).new_page()
    other.goto(shared)
    at_step(other, 9)
    lesson = json.loads(visit.arrived(dict(parse_qsl(urlsplit(shared).query)))[0].lesson.to_json())
    assert lesson["layers"] == [3, 4, 2] and lesson["weights"][0][0][0] == 0.625
    assert lesson["weights"][0][0][1:] == list(map(float, weight[1:]))
    turn_to(page, "Learn", "One iteration")
    at_step(page, 9)
    for part in ("net", "tex", "say", "ask", "numbers", "bar"):
        mine, theirs = (each.locator(f"[data-part={part}]").inner_html() for each in (page, other))
        assert mine == theirs, part
    expect(other.locator(".r[data-name='W.1..1.1'] input[type=number]")).to_have_value("0.625")
    other.context.close()


def test_a_reload_and_a_second_tab_show_the_same(opened):
    page = opened("/?ex=xor")
    page.get_by_role("button", name="Finish the iteration").click()
    box = page.locator(".r[data-name='x.0.1.1'] input[type=number]")
    box.fill("0.75")
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"ex=xor&set=x\.0\.1\.1_0\.75&step=38$"))
    page.reload()
    at_step(page, 38)
    expect(page.locator(".r[data-name='x.0.1.1'] input[type=number]")).to_have_value("0.75")
    second = opened("/?" + urlsplit(page.url).query)
    at_step(second, 38)
    z = numerals.plain(
        trace(example("xor").changed(inputs=((0.75, 0.0), *example("xor").inputs[1:]))).at(Cell("z", 1, 1, 1))
    )
    expect(second.locator("[data-part=net]")).to_contain_text(z)


def test_a_lesson_too_long_for_a_link_survives_a_reload_in_its_browser(opened):
    page = opened("/lesson")
    field(page, "Units per layer", "8, 8, 8, 8, 8, 8, 8")
    expect(page).to_have_url(re.compile("lesson="))
    page.get_by_role("combobox", name="Starting weights").click()
    page.get_by_role("option", name="as in the tables").click()
    expect(page).to_have_url(re.compile(r"kept=\d+$"))
    page.reload()
    expect(page.get_by_label("Units per layer")).to_have_value("8, 8, 8, 8, 8, 8, 8")
    page.get_by_role("tab", name="Save and share").click()
    expect(page.locator("[data-testid=stAlert]")).to_contain_text("Share the lesson file instead")


def test_a_link_that_makes_no_sense_opens_the_example_and_says_what_was_ignored(opened):
    page = opened("/?ex=nope&step=3")
    at_step(page, 3)
    expect(page.locator("[data-testid=stToast]")).to_contain_text("“ex=nope” in the link was ignored")


def test_the_file_is_saved_and_loaded(opened, tmp_path):
    page = opened("/lesson?ex=softmax")
    page.get_by_role("tab", name="Save and share").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the lesson").click()
    file = tmp_path / "lesson.json"
    download.value.save_as(file)
    assert Lesson.load(file) == example("softmax")
    changed = example("xor").changed(learning_rate=0.0625, title="Loaded")
    file.write_text(changed.to_json(), encoding="utf-8")
    page.locator("input[type=file]").set_input_files(file)
    expect(page).to_have_url(re.compile("lesson="))  # it has arrived; on another tab there is nothing that waits for it
    page.get_by_role("tab", name="Set up").click()
    expect(page.get_by_label("Title")).to_have_value("Loaded")
    expect(page.get_by_label("Learning rate")).to_have_value("0.0625")
    page.get_by_role("tab", name="Save and share").click()
    file.write_text('{"layers": [2, 9]}', encoding="utf-8")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.locator("[data-testid=stAlert]").first).to_contain_text("lesson.json: ")


@pytest.mark.parametrize("text", ["0.11\t0.12\n0.21\t0.22"])
def test_cells_are_pasted_from_a_spreadsheet(opened, text):
    page = opened("/lesson")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    click_first_cell(page, 1)
    page.keyboard.press("Control+V")
    expect(page).to_have_url(
        re.compile(r"set=W\.1\.\.1\.1_0\.11~W\.1\.\.1\.2_0\.12~W\.1\.\.2\.1_0\.21~W\.1\.\.2\.2_0\.22")
    )
