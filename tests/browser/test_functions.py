"""The page "Functions" under the hand: a point is dragged, a formula typed and used in the lesson."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import turn_to


def drag(page, area, start, end):
    """From one place of an area to another, both as shares of its width."""
    box = area.bounding_box()
    y = box["y"] + box["height"] * 0.6
    page.mouse.move(box["x"] + box["width"] * start, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * (start + end) / 2, y, steps=4)
    page.mouse.move(box["x"] + box["width"] * end, y, steps=4)
    page.mouse.up()


def test_points_are_dragged_and_moved_by_keys(opened):
    page = opened("/functions")
    z = page.locator(".fx-num .z td")
    expect(z).to_have_text("0.50")
    area = page.locator("[data-part=grip] [data-drag]").first
    drag(page, area, 0.5, 0.75)
    low, high, left, right = map(float, area.get_attribute("data-drag").split()[1:])
    there = low + (high - low) * (0.75 * (right - left + 16) - 8) / (right - left)
    expect(z).to_have_text(re.compile(rf"{int(there * 10) / 10}\d*"))
    page.locator("[data-field=at]").focus()
    page.keyboard.press("End")
    expect(z).to_have_text("8.00")
    page.keyboard.press("ArrowLeft")
    expect(z).to_have_text("7.95")
    expect(page).to_have_url(re.compile("at=7.95"))
    page.locator("[data-part=tabs] button").nth(1).click()
    drag(page, page.locator("[data-drag^=aim]").first, 0.1, 0.5)
    expect(page.locator(".fx-num .given")).to_contain_text(re.compile(r"t = 0\.(49|50|51)"))
    assert page.faults == []


def test_a_formula_is_typed_used_in_the_lesson_and_seen_in_one_iteration(opened):
    page = opened("/functions?shelf=own")
    field = page.locator("[data-field=mine]")
    field.fill("sin(z")
    field.press("Enter")
    expect(page.locator(".fx-no")).to_contain_text("cannot be read")
    expect(field).to_have_value("sin(z")
    field.fill("sin(z)")
    field.press("Enter")
    expect(page.locator(".fx-told")).to_contain_text("between −1 and 1")
    page.get_by_role("button", name="layer 1", exact=True).click()
    expect(page.get_by_role("button", name="✓ layer 1")).to_be_visible()
    expect(field).to_have_value("sin(z)")
    turn_to(page, "Learn", "One iteration")
    expect(page.locator("[data-part=net]")).to_contain_text("typed activation")
    page.keyboard.press("End")
    expect(page.locator("[data-part=net]")).to_contain_text("0.3686")  # sin(0.3775)
    page.get_by_role("button", name="Take the last change back").click()
    expect(page.locator("[data-part=net]")).not_to_contain_text("typed activation")
    assert page.faults == []


def test_nothing_is_too_wide_for_a_phone(opened):
    page = opened("/functions", phone=True)
    for tab in range(4):
        page.locator("[data-part=tabs] button").nth(tab).click()
        expect(page.locator("[data-part=tabs] button").nth(tab)).to_have_class("on")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, (tab, wide)
