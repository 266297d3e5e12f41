"""The page "Worksheet" as a teacher uses it: opened by its link, blanks chosen, and as it comes out of the printer."""

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def sheet(server, chromium):
    """A function that opens the page by its link."""
    contexts = []

    def open_page(dark: bool = False, width: int = 1280) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light", accept_downloads=True
        )
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(f"{server.url}/worksheet")
        expect(page.locator(".paper .katex").first).to_be_visible()
        return page

    yield open_page
    for context in contexts:
        context.close()


def lines(page: Page, section: str) -> list[str]:
    return page.locator(f"section.{section} .line").all_inner_texts()


def test_choose_what_is_blank_and_print(sheet):
    page = sheet()
    assert page.locator(".katex-error").count() == 0
    assert page.locator("section.bwd .katex-rule").count() > page.locator("section.fwd .value .katex-rule").count() == 0
    assert "0.3775" in lines(page, "fwd")[0]
    page.locator(".st-key-sheet_blank").get_by_text("Forward", exact=True).click()
    expect(page.locator("section.fwd .value .katex-rule").first).to_be_visible()
    assert "0.3775" not in page.locator("section.fwd").first.inner_text()
    page.get_by_text("Answers", exact=True).click()
    expect(page.locator(".below b")).to_have_text("Answers")
    assert "0.3775" in lines(page, "fwd")[0] and page.locator(".katex-rule").count() == 0
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="Print", exact=True).click()
    assert page.evaluate("window.printed")
    assert not page.faults


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_on_paper_is_the_sheet_alone_in_black_on_white(sheet, dark):
    page = sheet(dark=dark, width=700)
    page.emulate_media(media="print", color_scheme="dark" if dark else "light")
    for gone in ("[data-testid=stHeader]", ".st-key-sheet-controls", ".print"):
        expect(page.locator(gone).first).to_be_hidden()
    assert page.locator(".paper").bounding_box()["y"] < 24
    look = page.locator(".paper").evaluate("e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]")
    assert look == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert page.locator(".stApp").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"
    assert set(
        page.locator(".line, .formula").evaluate_all("all => all.map(e => getComputedStyle(e).breakInside)")
    ) == {"avoid"}
    inside = """all => all.every(e => e.getBoundingClientRect().right <= e.closest(".paper").getBoundingClientRect().right + 1)"""
    assert page.locator(".paper .m").evaluate_all(inside)
    page.emulate_media(media=None)
    assert (
        page.pdf(format="A4").count(b"/Type /Page\n") >= 3
    )  # it flows over pages; nothing is cut off by a box that scrolls


def test_the_equals_signs_of_a_block_stand_below_each_other(sheet):
    page = sheet()
    for block in page.locator("section.upd .lines").all():
        left = block.locator(".sum").evaluate_all("all => all.map(e => Math.round(e.getBoundingClientRect().left))")
        assert len(left) > 1 and len(set(left)) == 1


def test_the_same_sheet_as_a_latex_file(sheet):
    page = sheet()
    with page.expect_download() as download:
        page.get_by_role("button", name="LaTeX").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert download.value.suggested_filename == "towardsai.tex"
    assert (
        text.startswith(r"\documentclass")
        and text.count(r"{\approx \fillin}") == page.locator(".value .katex-rule").count()
    )
