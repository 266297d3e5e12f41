"""The page "Descent" as a class uses it: through the iterations, at which learning rate, along which weights, on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from backprop.lessons.examples import example
from backprop.runs.history import run


def descent(opened, query: str = "", **look) -> Page:
    page = opened(f"/descent{query}", **look)
    expect(page.locator("[data-part=tabs] .on")).to_be_visible()
    return page


def now(page: Page):
    return page.locator(".run-tools label b")


def drag(page: Page, place: str, start: float, end: float) -> None:
    """From one share of an element's width to another."""
    box = page.locator(place).first.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], y)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(box["x"] + (start + (end - start) * step / 5) * box["width"], y)
    page.mouse.up()


def pick(page: Page, name: str, right: float, down: float) -> None:
    """Click on a line of the small network at shares of its box: in the middle it crosses another."""
    box = page.get_by_role("button", name=name).bounding_box()
    page.mouse.click(box["x"] + right * box["width"], box["y"] + down * box["height"])


def test_keys_and_the_finger_go_through_the_iterations(opened):
    page = descent(opened, "?n=100")
    for key, wanted in (
        ("ArrowRight", "1"),
        ("PageDown", "2"),
        ("ArrowLeft", "1"),
        ("End", "100"),
        ("ArrowRight", "100"),
        ("Home", "0"),
    ):
        page.keyboard.press(key)
        expect(now(page)).to_have_text(wanted)
    drag(page, "[data-part=curves] [data-drag]", 0.1, 0.5)
    expect(now(page)).to_have_text(re.compile("^(49|50|51)$"))
    page.keyboard.press("Home")
    expect(now(page)).to_have_text("0")
    page.keyboard.press(" ")
    expect(now(page)).not_to_have_text("0")
    page.keyboard.press(" ")
    expect(page.locator("[data-do=play]")).to_have_attribute("aria-pressed", "false")
    expect(page).to_have_url(re.compile(r"it=\d+"))
    assert not page.faults


def test_the_learning_rate_is_dragged_and_the_sidebar_follows(opened):
    page = descent(opened, "?n=300")
    curve = page.locator("[data-part=curves] polyline").last
    before = curve.get_attribute("points")
    drag(page, "[data-rate]", 0.54, 0.66)
    expect(curve).not_to_have_attribute("points", before)
    expect(page.get_by_label("η, exact value")).not_to_have_value("0.50")
    page.wait_for_timeout(500)
    rate = float(page.locator(".rate b").inner_text())
    assert 1 < rate < 100
    expect(page.get_by_label("η, exact value")).to_have_value(f"{rate:.2f}")
    page.get_by_role("button", name="Take the last change back").click()
    expect(page.locator(".rate b")).to_have_text("0.5")
    page.locator(".rates button", has_text=re.compile("^5$")).click()
    expect(page.locator(".rate b")).to_have_text("5")
    end = run(example("towardsai").changed(learning_rate=5.0), 300).loss[-1]
    expect(page.locator("[data-part=ask] em b")).to_have_text(f"{end:.3e}".replace("e-0", "·10⁻").replace("⁻4", "⁻⁴"))
    assert not page.faults


def test_rates_are_typed_and_a_wrong_one_is_told(opened):
    page = descent(opened)
    field = page.locator("[data-field=rates]")
    field.fill("0.2, 8")
    field.press("Enter")
    expect(page.locator(".rates button")).to_have_text(["0.2", "0.5", "8"])
    field.fill("0.2, fast")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("fast")
    expect(field).to_have_value("0.2, fast")
    assert not page.faults


def test_two_weights_are_chosen_by_click(opened):
    page = descent(opened)
    along, across = page.locator("[data-field=along]"), page.locator("[data-field=across]")
    expect(along).to_have_value("W.2..1.1")
    pick(page, "w₁₂ of layer 1", 0.2, 0.8)
    expect(across).to_have_value("W.1..1.2")
    expect(along).to_have_value("W.2..2.2")
    pick(page, "w₂₁ of layer 1", 0.2, 0.2)
    expect(along).to_have_value("W.1..1.2")
    expect(across).to_have_value("W.1..2.1")
    expect(page.locator("[data-part=map] .h5 b")).to_contain_text("layer 1")
    along.select_option("W.2..2.1")
    expect(page.locator("[data-part=map] .h5 b")).to_contain_text("Layers 2 and 1")
    page.get_by_label("only these two learn").check()
    expect(page).to_have_url(re.compile("only=1"))
    assert not page.faults


def test_the_surface_stands_in_space_beside_the_map(opened):
    page = descent(opened, "?view=surface&it=5")
    expect(page.locator(".st-key-space canvas").first).to_be_visible()
    expect(page.locator(".map")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(now(page)).to_have_text("6")
    assert not page.faults


@pytest.mark.parametrize("view", ["run", "surface"])
def test_on_a_projector_nothing_scrolls_and_on_a_phone_nothing_is_cut(opened, view):
    page = descent(opened, f"?view={view}&it=8")
    main = page.get_by_test_id("stMain")
    assert main.evaluate("each => each.scrollHeight - each.clientHeight") <= 0
    page = descent(opened, f"?view={view}&it=8", phone=True)
    expect(page.locator(".run-tools select")).to_be_visible()
    wide = page.evaluate(
        """() => [...document.querySelectorAll("*")].map((each) => each.shadowRoot).filter(Boolean)
          .flatMap((root) => [...root.querySelectorAll(".root > *, .root svg, .root select, .root input")])
          .filter((each) => each.getBoundingClientRect().right > 391).map((each) => each.outerHTML.slice(0, 80))"""
    )
    assert wide == []
    assert not page.faults
