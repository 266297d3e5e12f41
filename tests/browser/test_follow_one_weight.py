"""The page "Follow one weight" as a class uses it: which number, which path, which tab; sliders, lights, a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import turn_to


def follow(opened, query: str = "", **look) -> Page:
    page = opened(f"/follow_one_weight{query}", **look)
    expect(page.locator("[data-part=tabs] .on")).to_be_visible()
    return page


def number(page: Page, place: str) -> float:
    """The full value behind a number shown."""
    return float(page.locator(place).get_attribute("title"))


def test_the_articles_first_weight_by_its_two_paths(opened):
    """Towards AI: w₁ is w₁₁ of layer 1, and its gradient 0.000438567…; the products by exact arithmetic on the article's numbers."""
    page = follow(opened, "?follow=W.2..2.2")
    expect(page.locator("[data-part=ask]")).to_contain_text("By one.")
    page.locator("[data-part=net] rect[data-sel='W.1..1.1']").first.click()
    expect(page.locator("[data-part=ask]")).to_contain_text("By 2.")
    expect(page.locator(".lg-row")).to_have_count(2)
    products = [number(page, f".lg-row[data-path='{row}'] .lg-product") for row in (1, 2)]
    assert products == pytest.approx([0.000668396021144374, -0.000229828286670027], rel=1e-12)
    assert (
        number(page, ".lg-sum b")
        == pytest.approx(0.000438567734474346727, rel=1e-14)
        == pytest.approx(sum(products), rel=1e-12)
    )
    assert page.locator(".lg-sum b").inner_text() == "4.386·10⁻⁴"
    assert [each.inner_text() for each in page.locator(".lg-product").all()] == ["6.684·10⁻⁴", "−2.298·10⁻⁴"]
    factors = [each.inner_text() for each in page.locator(".lg-row[data-path='1'] .lg-f b").all()]
    assert factors == ["0.05", "0.2413", "0.40", "0.1868", "0.7414"]
    expect(page).to_have_url(re.compile(r"follow=W\.1\.\.1\.1"))
    assert not page.faults


def test_keys_go_from_number_to_number_and_from_tab_to_tab(opened):
    page = follow(opened)
    chosen = page.locator("select[data-field=followed]")
    for wanted in ("W.1..1.2", "W.1..2.1", "W.1..2.2", "b.1", "W.2..1.1"):
        page.keyboard.press("ArrowRight")
        expect(chosen).to_have_value(wanted)
    page.keyboard.press("ArrowLeft")
    expect(chosen).to_have_value("b.1")
    page.keyboard.press("End")
    expect(chosen).to_have_value("x.0.1.2")
    page.keyboard.press("PageDown")
    expect(chosen).to_have_value("W.1..1.1")
    for key, title in (
        ("2", "The chain"),
        ("3", "As matrices"),
        ("4", "Every operation"),
        ("5", "Change it"),
        ("6", "Error × slope"),
        ("1", "Paths"),
    ):
        page.keyboard.press(key)
        expect(page.locator("[data-part=tabs] .on")).to_have_text(title)
    assert not page.faults


def test_a_row_lights_its_path(opened):
    page = follow(opened)
    first, second = (page.locator(f"[data-part=net] .route[data-path='{number}']") for number in (1, 2))
    page.locator(".lg-row[data-path='2']").hover()
    expect(second).to_have_class(re.compile(r"\bon\b"))
    expect(first).to_have_class(re.compile(r"\bdim\b"))
    page.locator("[data-part=ask]").hover()
    expect(first).not_to_have_class(re.compile(r"\bdim\b"))
    page.keyboard.press("ArrowDown")  # pinned: it stays, and the link has it
    expect(second).to_have_class(re.compile(r"\bdim\b"))
    expect(page).to_have_url(re.compile("path=1"))
    page.keyboard.press("ArrowUp")
    expect(second).not_to_have_class(re.compile(r"\bdim\b"))
    page.locator(".lg-row[data-path='2']").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("path=2"))
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(re.compile("path="))


def test_of_many_paths_only_the_one_pointed_at_is_drawn(opened):
    page = follow(opened, "?ex=csdn&follow=x.0.1.1")
    expect(page.locator("[data-part=ask]")).to_contain_text("By 24.")
    expect(page.locator(".lg-row[data-path]")).to_have_count(8)
    expect(page.locator(".lg-row.rest")).to_contain_text("the 16 other paths")
    third = page.locator("[data-part=net] .route[data-path='3']")
    expect(third).to_have_css("opacity", "0")
    page.locator(".lg-row[data-path='3']").hover()
    expect(third).to_have_css("opacity", "1")


def test_a_selected_number_of_the_walk_is_followed_and_the_link_restores_the_tab(opened):
    page = opened("/?step=36")
    page.locator("[data-part=net] [data-sel='W.2..2.1']").first.click()
    expect(page).to_have_url(re.compile(r"sel=dL_dW\.2\.\.2\.1"))
    turn_to(page, "Learn", "Follow one weight")
    expect(page.locator("select[data-field=followed]")).to_have_value("W.2..2.1")
    page.keyboard.press("5")
    expect(page).to_have_url(re.compile(r"tab=change"))
    page.reload()
    expect(page.locator("[data-part=tabs] .on")).to_have_text("Change it")
    expect(page.locator("select[data-field=followed]")).to_have_value("W.2..2.1")


def test_a_slider_of_the_sidebar_moves_everything(opened):
    page = follow(opened)
    box = page.locator(".r[data-name='W.2..1.1'] input[type=number]")
    box.fill("0")
    box.press("Enter")
    expect(page.locator(".lg-row[data-path='1'] .lg-product")).to_have_text("0.0000")
    expect(page.locator(".lg-sum b")).to_have_text("−2.298·10⁻⁴")


def test_on_a_phone(opened):
    page = follow(opened, phone=True)
    expect(page.locator(".lg.stacked .lg-row")).to_have_count(2)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    page.locator(".lg-row[data-path='2']").tap()
    expect(page.locator("[data-part=net] .route[data-path='1']")).to_have_class(re.compile(r"\bdim\b"))
    assert not page.faults


def drag(page: Page, place: str, to: float) -> None:
    """Drag a slider's thumb to a fraction of its way."""
    box = page.locator(place).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(box["x"] + box["width"] * (0.5 + (to - 0.5) * step / 10), box["y"] + box["height"] / 2)
        page.wait_for_timeout(30)


def test_the_finite_difference_is_as_good_as_its_step(opened):
    """Digits that agree: few for a coarse step, most in between, few again where rounding takes over."""
    page = follow(opened)
    place = "input[data-field=epsilon]"
    digits = {}
    way = page.locator(".fw-way", has_text="Finite difference")
    for step in (1, 5, 13):
        before = way.locator(".fw-number").get_attribute("title")
        page.locator(place).fill(str(step))
        expect(way.locator(".fw-number")).not_to_have_attribute("title", before)
        expect(page).to_have_url(
            re.compile(rf"eps={step}\b") if step != 5 else re.compile("follow_one_weight(?!.*eps)")
        )
        digits[step] = int(way.locator("b i").inner_text().split()[0])
    assert digits[5] >= 7 and digits[5] > digits[1] and digits[5] > digits[13]


def test_the_nudge_follows_the_finger(opened):
    page = follow(opened, "?tab=change&follow=W.2..1.1")
    drag(page, "input[data-field=nudge]", 0.9)
    expect(page.locator(".fw-nudge")).to_contain_text("+1.6")
    drawn = page.locator(".fw-change svg").inner_html()
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"h=1\.6"))
    assert page.locator(".fw-change svg").inner_html() == drawn  # it had arrived before the finger was lifted
    page.get_by_role("button", name="−0.1", exact=True).click()
    expect(page.locator(".fw-nudge")).to_contain_text("−0.10")
    assert float(page.locator("input[data-field=nudge]").input_value()) == -0.1


def test_the_graph_is_walked_forward_and_back(opened):
    page = follow(opened)
    page.keyboard.press("4")
    expect(page.locator(".gr svg")).to_be_visible()
    expect(page.locator("[data-part=net]")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".gr-go small")).to_have_text("1 of 38")
    page.keyboard.press("End")
    expect(page.locator(".gr-go small")).to_have_text("38 of 38")
    page.keyboard.press("ArrowRight")  # after the last operation, all of it again
    expect(page.locator(".gr-go small")).to_have_text("")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".gr-go small")).to_have_text("38 of 38")
    page.locator(".gr [data-sel='W.2..1.1']").first.click(force=True)  # a group is hit through its parts
    expect(page.locator("select[data-field=followed]")).to_have_value("W.2..1.1")
    expect(page.locator(".gr-go small")).to_have_text("")
    assert not page.faults


def test_sympys_derivative_arrives_by_itself_and_the_page_goes_on_meanwhile(opened):
    page = follow(opened, "?ex=xor&follow=W.2..1.1&tab=chain&read=expanded")
    page.keyboard.press("ArrowRight")  # while SymPy is at work
    expect(page.locator("select[data-field=followed]")).to_have_value("W.2..1.2")
    expect(page.locator(".wo-tex .katex")).to_be_visible(timeout=60_000)
    assert page.locator(".katex-error").count() == 0
    sympy = page.locator(".fw-way", has_text="SymPy").locator(".fw-number")
    expect(sympy).to_be_visible()
    backprop = page.locator(".fw-way", has_text="Backprop").locator(".fw-number")
    assert float(sympy.get_attribute("title")) == pytest.approx(float(backprop.get_attribute("title")), rel=1e-12)
    assert not page.faults


def test_a_network_too_large_to_be_written_out_says_so(opened):
    page = follow(opened, "?ex=deep&tab=chain&read=expanded&follow=x.0.1.1")
    page.locator("[data-testid=stExpander] summary").click()
    page.get_by_label("Units per layer, inputs first").fill("8, 8, 8, 8, 8, 1")
    page.get_by_label("Units per layer, inputs first").press("Enter")
    expect(page.locator(".ch")).to_contain_text("That takes SymPy too long; the limit is 8")
    expect(page.locator("[data-part=ask]")).to_contain_text("By 4\u202f096.")
