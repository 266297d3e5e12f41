"""By hand as a pupil uses it: a whole sheet by the keyboard, a slip and what is said of it, hints, a phone, a server that begins anew."""

import csv
import io
import re

from playwright.sync_api import Page, expect

from backprop.engine.steps import Cell, cell_at
from backprop.export.table import to_csv
from backprop.lessons.examples import example
from backprop.practice.reckoning import AFTER
from backprop.runs.history import run, trace

TRACE = trace(example("towardsai"))
AT = "(() => { let at = document.activeElement; while (at?.shadowRoot) at = at.shadowRoot.activeElement; return at?.dataset?.answer ?? (at?.dataset?.next !== undefined ? 'next' : ''); })()"


def open_sheet(opened, query: str = "?dial=4", **look) -> Page:
    page = opened(f"/by_hand{query}", **look)
    expect(page.locator("[data-part=main] .sheet")).to_be_visible()
    return page


def focused(page: Page) -> str:
    """The address of the blank that has the focus, or "next"."""
    return page.evaluate(AT)


def right(address: str) -> str:
    if address.startswith(AFTER):
        return f"{run(example('towardsai'), 1).loss[1]:.4f}"
    cell = cell_at(address)
    assert isinstance(cell, Cell)
    value = TRACE.at(cell)
    return f"{value:.3e}" if abs(value) < 0.001 else f"{value:.4f}"


def test_a_whole_sheet_by_the_keyboard_with_one_slip(opened):
    page = open_sheet(opened)
    page.keyboard.press("Enter")  # into the first blank
    slip, slips, seen = "dL_dz.2.1.2", 0, []
    for _each in range(70):
        at = focused(page)
        if at == "next":
            page.keyboard.press("Enter")
        elif at == slip and slips == 0:
            slips += 1
            page.keyboard.type("-0.2171")  # ∂L/∂a₂, without the slope
            page.keyboard.press("Enter")
            expect(page.locator("[data-part=note] h4")).to_contain_text("You left out σ′")
            expect(page.locator("[data-part=note] .two .mine")).to_be_visible()
            expect(page.locator(f".item:has([data-answer='{slip}'])")).to_contain_text("not yet")
            expect(page.locator("[data-part=net]")).to_contain_text("≠")
            page.keyboard.press("Tab")
            page.keyboard.type("0.0822")  # ∂L/∂w₁₁ needs δ₁ only
            page.keyboard.press("Enter")
            expect(page.locator(".item:has([data-answer='dL_dW.2..1.1'])")).to_contain_text("right")
            page.wait_for_function(f"{AT} === 'dL_dW.2..2.1'")
            page.keyboard.type("-0.1288")  # -0.2171 · 0.5933
            page.keyboard.press("Enter")
            expect(page.locator(".item:has([data-answer='dL_dW.2..2.1'])")).to_contain_text("right from your δ")
            page.wait_for_function(f"{AT} === 'dL_dW.2..1.2'")
            while focused(page) != slip:
                page.keyboard.press("ArrowUp")
            continue
        elif at:
            seen.append(at)
            page.keyboard.press("Control+a")
            page.keyboard.type(right(at))
            page.keyboard.press("Enter")
            field = page.locator(f".item:has([data-answer='{at}'])")
            expect(field).to_have_class(re.compile("right|carried"))
            if at.startswith(AFTER):
                break
        else:
            page.wait_for_timeout(50)
            continue
        page.wait_for_function(f"{AT} !== {at!r}")
    expect(page.locator(".sum")).to_contain_text("All 44 right. The step takes the loss from 0.2984 to 0.2910.")
    assert len(set(seen)) == 44 - 1 and slips == 1
    page.locator("[data-next]").focus()
    page.keyboard.press("Enter")  # another sheet, with other numbers, and the cursor in its first blank
    expect(page).to_have_url(re.compile("seed=1"))
    page.wait_for_function(f"{AT} === 'z.1.1.1'")
    expect(page.locator("[data-answer='z.1.1.1']")).to_have_value("")
    assert not page.faults


def test_a_reload_finds_what_was_typed(opened):
    page = open_sheet(opened)
    page.locator("[data-answer='z.1.1.1']").fill("0.3775")
    page.keyboard.press("Enter")
    expect(page.locator(".item:has([data-answer='z.1.1.1'])")).to_contain_text("right")
    page.reload()
    expect(page.locator(".item:has([data-answer='z.1.1.1'])")).to_contain_text("right")
    expect(page.locator("[data-answer='z.1.1.1']")).to_have_value("0.3775")
    slider = page.locator("[data-testid=stSidebar] input[type=range]").first
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".away")).to_contain_text("Undo brings your answers back")
    page.get_by_role("button", name="Take the last change back").click()
    expect(page.locator("[data-answer='z.1.1.1']")).to_have_value("0.3775")
    assert not page.faults


def test_help_comes_by_a_key_and_the_network_leads_to_a_blank(opened):
    page = open_sheet(opened, "?dial=4&part=backward.2")
    page.locator("[data-part=net] [data-sel='dL_dz.2.1.1']").first.click()
    assert focused(page) == "dL_dz.2.1.1"
    for words in ("The rule", "Its factors", "The numbers"):
        page.keyboard.type("?")
        expect(page.locator("[data-part=note] .hint").last).to_contain_text(words)
    expect(page.locator("[data-answer='dL_dz.2.1.1']")).to_have_value("")
    page.keyboard.type("0,7414*0,1868")
    page.keyboard.press("Tab")
    expect(page.locator(".item:has([data-answer='dL_dz.2.1.1'])")).to_have_class(re.compile("right|short"))
    assert not page.faults


def test_the_dial_a_step_and_the_arrow_keys(opened):
    page = open_sheet(opened, "?dial=0")
    expect(page.locator("[data-answer]")).to_have_count(0)
    page.locator(".stops button").nth(4).click()
    expect(page.locator("[data-answer]")).to_have_count(4)
    page.locator(".row").first.hover()
    page.get_by_title("Give this step (Ctrl+Enter)").first.click()
    expect(page.locator("[data-answer]")).to_have_count(2)
    expect(page.locator("select[data-field=blank]")).to_contain_text("chosen steps")
    page.keyboard.press("Escape")
    page.locator("[data-part=ask] .parts .on").focus()
    page.keyboard.press("PageDown")
    expect(page.locator("[data-part=ask]")).to_contain_text("forward pass of layer 2")
    page.locator("select[data-field=blank]").select_option("update")
    expect(page.locator("[data-answer]")).to_have_count(0)
    assert not page.faults


def test_on_a_phone_the_note_stands_under_the_row(opened):
    page = open_sheet(opened, "?dial=4&part=backward.2", phone=True)
    page.locator("[data-answer='dL_da.2.1.1']").fill("-0.7414")
    page.keyboard.press("Enter")
    expect(page.locator(".slot .note h4")).to_contain_text("The sign is turned")
    expect(page.locator("[data-answer='dL_da.2.1.1']")).to_be_focused()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390 and not page.faults


def test_answers_survive_a_server_that_begins_anew(own_server, chromium):
    page = chromium.new_page()
    page.goto(f"{own_server.url}/by_hand?dial=4")
    field = page.locator("[data-answer='z.1.1.1']")
    field.fill("0.3775")
    page.keyboard.press("Enter")
    expect(page.locator(".item:has([data-answer='z.1.1.1'])")).to_contain_text("right")
    own_server.kill()
    own_server.start()
    expect(field).to_have_value("0.3775", timeout=40_000)
    page.locator("[data-answer='z.1.1.2']").fill("0.3925")
    page.keyboard.press("Enter")
    expect(page.locator(".item:has([data-answer='z.1.1.2'])")).to_contain_text("right", timeout=40_000)
    expect(field).to_have_value("0.3775")
    page.close()


def test_a_sheet_is_taken_away_and_handed_in(opened):
    page = open_sheet(opened, "?dial=4")
    page.get_by_role("tab", name="Hand in").click()
    with page.expect_download() as taken:
        page.get_by_role("button", name="The sheet as CSV").click()
    rows = list(csv.reader(io.StringIO(taken.value.path().read_text(encoding="utf-8"))))
    value, symbol = rows[0].index("value"), rows[0].index("symbol")
    full = {row[symbol]: row[value] for row in csv.reader(io.StringIO(to_csv(TRACE)))}
    assert sum(not row[value] for row in rows) == 43
    for row in rows[1:]:
        if not row[value]:
            row[value] = (
                f"{float(full[row[symbol]]):.3e}"
                if abs(float(full[row[symbol]])) < 0.001
                else f"{float(full[row[symbol]]):.4f}"
            )
        if row[symbol] == "dL_dz2[2]":
            row[value] = "-0,2171"
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    page.set_input_files(
        "input[type=file]", {"name": "mine.csv", "mimeType": "text/csv", "buffer": out.getvalue().encode()}
    )
    expect(page.locator(".marks h3")).to_contain_text("42 of 43 numbers right")
    expect(page.locator(".marks tr.slip")).to_contain_text("You left out σ′")
    page.set_input_files("input[type=file]", {"name": "bad.csv", "mimeType": "text/csv", "buffer": b"\xff\xfe1\x00"})
    expect(page.locator("[data-testid=stAlert]")).to_be_visible()
    assert not page.faults
