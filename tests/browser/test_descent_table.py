"""The tab "The whole run" as a class uses it: a long run that is cancelled, a weight chosen at its curve, a rule typed, the file."""

import csv
import io
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import expect

from backprop import run
from backprop.lessons.examples import example
from backprop.ui.place import Place
from tests.ui.descent.test_table import MANY

SLOW = MANY.changed(activations=({"formula": "z*tanh(ln(1+exp(z)))"},) * 6)
MIDDLE = "(curve) => { const { x, y } = curve.getPointAtLength(curve.getTotalLength() / 2), { a, d, e, f } = curve.getScreenCTM(); return [a * x + e, d * y + f]; }"
"""Where the middle of a curve is on the screen."""


def asked(page) -> dict[str, str]:
    """The parameters of the address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_a_long_run_shows_how_far_it_is_and_can_be_cancelled(opened):
    page = opened(f"/descent?{urlencode(replace(Place(lesson=SLOW), pane='table', span=10_000).query())}")
    told = page.locator(".dt-told")
    expect(told).to_contain_text("of 10\u202f000 iterations, about")
    expect(told.locator("progress")).to_be_visible()
    page.locator(".dt .seg button").nth(3).click()  # the page is awake meanwhile
    expect(page.locator(".dt figcaption").first).to_contain_text("layer 4")
    told.get_by_role("button", name="Cancel").click()
    expect(told).to_contain_text(re.compile("All [0-9\u202f]+ iterations are done"))
    expect(told.locator("progress")).to_have_count(0)
    span = int(page.locator(".dt input[type=number][data-field=span]").input_value())
    assert 0 < span < 10_000 and not page.faults
    page.wait_for_function(f"location.search.includes('n={span}')")


def test_a_weight_is_chosen_at_its_curve_a_rule_is_typed_and_the_run_is_taken_home(opened):
    page = opened("/descent?view=table&layer=1&it=80")
    page.locator(".dt text[data-sel='W.1..2.2']").click()
    page.wait_for_function("location.search.includes('along=W.1..2.2')")
    page.mouse.click(*page.locator(".dt .strand[data-sel='W.1..1.1'] polyline").evaluate(MIDDLE))
    page.wait_for_function("location.search.includes('along=W.1..1.1')")
    limit = page.locator(".dt [data-field=below]")
    limit.fill("-4")
    limit.press("Enter")
    expect(page.locator(".dt [data-field=below]:invalid")).to_be_visible()  # the browser says what is allowed
    assert "below" not in asked(page)
    limit.fill("0.02")
    limit.press("Enter")
    losses = run(example("towardsai"), 200).loss
    stopped = next(k for k, loss in enumerate(losses) if loss < 0.02)
    expect(page.locator(".dt-told")).to_have_text(f"Stopped after {stopped} iterations: the loss is below 0.02.")
    page.locator(".dt tbody tr").nth(2).click()
    expect(page.locator(".dt tbody .on td").first).to_have_text("2")
    with page.expect_download() as caught:
        page.get_by_test_id("stDownloadButton").get_by_text("The run as CSV").first.click()
    assert caught.value.suggested_filename == "towardsai-run.csv"
    rows = list(csv.reader(io.StringIO(Path(caught.value.path()).read_bytes().decode(), newline="")))
    assert [float(row[1]) for row in rows[1:]] == losses[: stopped + 1].tolist()
    assert not page.faults


def test_on_a_phone_nothing_is_wider_than_the_page(opened):
    page = opened("/descent?view=table&ex=deep&n=300", phone=True)
    expect(page.locator(".dt table")).to_be_visible()
    page.wait_for_function(
        "(() => { let dt; for (const each of document.querySelectorAll('*')) dt ??= each.shadowRoot?.querySelector('.dt');"
        " return dt && [...dt.children].every((each) => each.scrollWidth <= 359 || each.className === 'dt-scroll')"
        " && dt.querySelector('svg').getBoundingClientRect().width <= 359; })()"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 390 and not page.faults
