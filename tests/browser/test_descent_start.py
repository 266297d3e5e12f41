"""The tab "The start" in a browser: a row is clicked, the run is done once more, a start is taken and given back."""

import re

from playwright.sync_api import expect

START = "/descent?view=start"


def test_a_start_is_looked_at_run_again_and_taken(opened):
    page = opened(START)
    rows = page.locator(".st-row.on")
    expect(rows).to_contain_text("zeros")
    expect(page.locator(".twins")).to_contain_text("= equal")
    page.locator(".st-row", has_text="Xavier").click(position={"x": 300, "y": 15})
    expect(rows).to_contain_text("Xavier")
    expect(page.locator(".st-close")).to_contain_text("No two units of layer 1 are equal.")
    page.get_by_role("button", name="The identical run again").click()
    expect(page.locator(".st-same")).to_contain_text("from seed 1: all 201 losses and all 10 numbers")
    page.get_by_role("button", name="Another draw").click()
    expect(page.locator(".st-head input")).to_have_value("2")
    expect(page.locator(".st-same")).to_have_count(0)
    weight = page.get_by_label("w₁₁ of layer 1, exact value")
    expect(weight).to_have_value("0.15")
    page.get_by_role("button", name="Take this start").click()
    expect(weight).not_to_have_value("0.15")
    expect(page).to_have_url(re.compile("lesson="))
    page.get_by_role("button", name="Take the last change back").click()
    expect(weight).to_have_value("0.15")
    assert page.faults == []


def test_a_seed_is_typed_and_the_curve_is_dragged(opened):
    page = opened(f"{START}&ex=xor")
    field = page.locator(".st-head input")
    field.fill("17")
    field.press("Enter")
    expect(page).to_have_url(re.compile("draw=17"))
    area = page.locator(".st-plot [data-drag]").bounding_box()
    page.mouse.click(area["x"] + area["width"] / 2, area["y"] + 50)
    expect(page.locator(".st-close .h5")).to_contain_text(re.compile(r"zeros at iteration (9\d|10\d)"))
    field.fill("999999999")
    field.press("Enter")
    assert not field.evaluate("field => field.validity.valid"), "the browser says what is allowed"
    field.fill("999999")
    field.press("Enter")
    expect(page).to_have_url(re.compile("draw=999999(&|$)"))
    assert page.faults == []


def test_everything_is_on_the_screen_and_nothing_is_cut(opened):
    page = opened(f"{START}&ex=dabbura-relu&n=1000&it=300")
    expect(page.locator(".st-close")).to_contain_text("Nothing moves at all")
    assert page.locator(".st").evaluate("box => box.getBoundingClientRect().bottom") <= 720
    sizes = page.locator(".st *").evaluate_all(
        "all => all.filter(e => e.isConnected && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())).map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert len(sizes) > 40 and min(sizes) >= 12 and sum(size < 14 for size in sizes) <= 8, sorted(sizes)[:12]
    phone = opened(f"{START}&ex=dabbura-relu&it=30", phone=True)
    expect(phone.locator(".twins")).to_be_visible()
    assert phone.locator(".st").evaluate("box => box.scrollWidth - box.clientWidth") <= 0
