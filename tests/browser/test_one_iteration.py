"""The page "One iteration" as a class uses it: keys, clicks, drags, downloads, a phone, a restarted server."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backprop import example, trace
from backprop.runs.walk import Walk

ROOT = Path(__file__).parents[2]
COUNT = len(Walk(trace(example("towardsai"))))


def at_step(page: Page, number: int) -> None:
    """Wait until the page stands at a step of the iteration."""
    expect(page.locator(".where small")).to_have_text(re.compile(rf"^step {number} of \d+$"))


def go(page: Page, number: int) -> None:
    """Walk to a step by keys."""
    for _press in range(number):
        page.keyboard.press("ArrowRight")
    at_step(page, number)


def made(page: Page) -> tuple[str, float]:
    """The symbol and the full value of the number made now, as the side column has it."""
    row = page.locator(".tb tr.now").last
    return row.locator("td").first.inner_text(), float(row.locator("td.v").get_attribute("title"))


@pytest.fixture(scope="module")
def golden():
    """The reference values of the first article's network (tests/reference/articles.json)."""
    cases = json.loads((ROOT / "tests" / "reference" / "articles.json").read_text(encoding="utf-8"))["cases"]
    return next(case["expected"] for case in cases if case["id"] == "towardsai_mazur_T2_099")


def expected_numbers(golden) -> list[float]:
    """Every number of the iteration in the order of the walk, from the reference values alone."""
    numbers = lambda values: [float(value) for value in values]  # noqa: E731
    flat = lambda rows: [float(value) for row in rows for value in row]  # noqa: E731
    z, a, dz, da = (golden[key][0] for key in ("z", "a", "dL_dz", "dL_da"))
    out = []
    for layer in (0, 1):
        out += numbers(z[layer]) + numbers(a[layer])
    targets = (0.01, 0.99)
    out += [0.5 * (float(each) - t) ** 2 for each, t in zip(a[1], targets, strict=True)] + [float(golden["loss"])]
    for layer in (1, 0):
        out += numbers(da[layer]) + [float(each) * (1 - float(each)) for each in a[layer]] + numbers(dz[layer])
        out += [*flat(golden["dL_dW"][layer]), sum(numbers(golden["dL_db"][layer]))]  # one bias a layer
    return out + numbers(golden["dL_dx"][0]) + flat(golden["W_after_1"][0]) + flat(golden["W_after_1"][1])


def test_the_whole_iteration_by_keys_has_the_articles_numbers(opened, golden):
    page = opened()
    expected = expected_numbers(golden)
    assert len(expected) == COUNT
    for step, value in enumerate(expected, 1):
        page.keyboard.press("ArrowRight")
        at_step(page, step)
        symbol, shown = made(page)
        assert shown == pytest.approx(value, rel=1e-11, abs=1e-15), (step, symbol, shown, value)
        assert page.locator(".katex-error").count() == 0, (step, symbol)
        assert page.locator("[data-part=tex] .katex").count() == 1, (step, symbol)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".it b")).to_have_text("1")
    assert not page.faults


def test_a_button_keeps_the_focus_over_its_own_step(opened):
    page = opened()
    page.locator("[data-go=next]").focus()
    for step in (1, 2, 3):
        page.keyboard.press("Enter")
        at_step(page, step)


def test_keys(opened):
    page = opened()
    go(page, 5)  # five presses in a row make five steps
    page.keyboard.press("PageDown")
    at_step(page, 6)
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowLeft")
    at_step(page, 4)
    page.keyboard.press("Shift+ArrowRight")
    at_step(page, 9)
    page.keyboard.press("Shift+ArrowRight")
    at_step(page, 12)
    page.keyboard.press("Shift+ArrowLeft")
    at_step(page, 9)
    page.keyboard.press("End")
    at_step(page, COUNT)
    page.keyboard.press("n")
    expect(page.locator(".it b")).to_have_text("1")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".it b")).to_have_text("2")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".it b")).to_have_text("1")
    at_step(page, COUNT)
    page.keyboard.press("Home")
    expect(page.locator(".where small")).to_have_text(f"{COUNT} steps")


def test_buttons_and_rail(opened):
    page = opened()
    page.locator("button[data-go=next]").click()
    at_step(page, 1)
    page.locator(".rail i[data-stop='18']").click(force=True)
    at_step(page, 18)
    page.locator("button[data-go=back]").click()
    at_step(page, 17)
    page.locator("button[data-jump='10']").click()
    expect(page.locator(".it b")).to_have_text("10")
    at_step(page, 17)
    page.locator(".seg button", has_text="Layer").click()
    at_step(page, 17)
    page.keyboard.press("ArrowRight")
    at_step(page, 21)
    assert page.locator(".tb tr.now").count() == 4


def test_typing_in_a_field_does_not_step_and_choosing_an_example_leaves_the_keys_free(opened):
    page = opened()
    go(page, 3)
    box = page.locator(".r[data-name='W.1..1.1'] input[type=number]")
    box.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    at_step(page, 3)
    page.locator("[data-testid=stSelectbox] input").first.click()
    page.locator("[role=option]", has_text="One neuron").click()
    expect(page.locator(".where")).to_contain_text("Start")
    page.keyboard.press("ArrowRight")
    at_step(page, 1)


def test_a_dragged_slider_takes_everything_along_and_undo_takes_it_back(opened):
    page = opened()
    go(page, 18)
    before = made(page)[1]
    slider = page.locator(".r[data-name='W.2..1.1'] input[type=range]")
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.6, y)
    page.mouse.down()
    for step in range(12):
        page.mouse.move(box["x"] + box["width"] * (0.6 + 0.03 * step), y)
    page.mouse.up()
    moved = float(page.locator(".r[data-name='W.2..1.1'] input[type=number]").input_value())
    assert moved > 0.5
    lesson = example("towardsai")
    changed = lesson.changed(weights=(lesson.weights[0], ((moved, 0.45), (0.5, 0.55))))
    expect(page.locator(".tb tr.now td.v")).to_have_attribute(
        "title", repr(float(trace(changed)["dL_dW", 2].value[0, 0]))
    )
    at_step(page, 18)
    expect(page.locator("#curve polyline")).to_have_count(2)  # the curve before the edit stays as a pale ghost
    page.locator("button[data-say=undo]").click()
    expect(page.locator(".tb tr.now td.v")).to_have_attribute("title", repr(before))
    expect(page.locator(".r[data-name='W.2..1.1'] input[type=number]")).to_have_value("0.40")


def test_any_number_may_be_typed_and_what_cannot_be_is_told(opened):
    page = opened()
    box = page.locator(".r[data-name='x.0.1.1'] input[type=number]")
    box.fill("123.456")
    box.press("Enter")
    expect(page.locator("[data-part=net]")).to_contain_text("123.456")
    rate = page.locator(".r[data-name='learning_rate'] input[type=number]")
    rate.fill("-1")
    rate.press("Enter")
    expect(page.locator(".notice")).to_contain_text("allowed are numbers from 0 up")
    expect(rate).to_have_value("0.50")


def test_a_click_on_a_node_or_an_edge_explains_its_number(opened):
    page = opened()
    go(page, 21)
    page.locator("[data-part=net] [data-sel='z.1.1.1']").first.click()
    expect(page.locator(".q")).to_contain_text("What does unit 1 of layer 1 add up?")
    page.locator("[data-part=net] rect[data-sel='W.2..1.1']").first.click(force=True)
    expect(page.locator(".q")).to_contain_text("How much does the loss change when")
    assert made(page)[1] == pytest.approx(0.0821670405642307788, rel=1e-11)
    page.locator("[data-part=net] rect[data-sel='W.1..1.1']").first.click(force=True)
    expect(page.locator(".q")).to_contain_text("is given: 0.15. How the loss changes with it is computed in step 29.")
    page.keyboard.press("ArrowRight")
    at_step(page, 22)


def test_hide_the_answer(opened):
    page = opened()
    go(page, 1)
    page.locator("button[aria-label^='Hide the answer']").click()
    expect(page.locator(".tb tr.now td.v")).to_have_text("?")
    assert "0.3775" not in page.locator(".root").first.inner_text()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tb tr.now td.v")).to_have_text("0.3775")
    at_step(page, 1)
    page.keyboard.press("ArrowRight")
    at_step(page, 2)
    expect(page.locator(".tb tr.now td.v")).to_have_text("?")


def test_predict_first(opened):
    """The switch, a question, a choice by key, the verdict with the number; the next step hides again."""
    page = opened("/?step=18")
    row = page.locator(".tb tr.now td.v")
    expect(row).to_have_text("0.0822")
    before = page.locator("[data-part=tex]").bounding_box()
    page.locator("button[aria-label^='Predict first']").click()
    expect(row).to_have_text("?")
    options = page.get_by_role("group", name="Which sign does").get_by_role("button")
    expect(options).to_have_text([re.compile("positive"), re.compile("negative"), re.compile("exactly 0")])
    assert page.locator("[data-part=tex]").bounding_box()["y"] == before["y"]  # the page stands still
    page.keyboard.press("2")
    expect(row).to_have_text("0.0822")
    expect(page.locator(".verdict")).to_contain_text("Not this time. No factor is negative")
    expect(page.locator("[aria-live] >> text=Not this time.").last).to_be_attached()
    expect(page.locator(".options .wrong")).to_contain_text("negative")
    page.keyboard.press("1")  # said is said
    page.keyboard.press("ArrowRight")
    at_step(page, 19)
    expect(row).to_have_text("?")
    expect(page.locator(".q")).to_contain_text("Which is larger in size?")
    page.locator(".options button").first.focus()
    page.keyboard.press("Enter")  # by Tab and Enter as well
    expect(page.locator(".verdict")).to_contain_text("Yes.")
    page.keyboard.press("ArrowRight")
    at_step(page, 20)
    page.keyboard.press("ArrowRight")  # and without a guess
    expect(row).to_have_text("−0.0226")
    at_step(page, 20)
    expect(page.locator(".verdict")).to_have_count(0)
    expect(page).to_have_url(re.compile("predict=1"))
    assert not page.faults


def test_predict_first_on_a_phone(opened):
    page = opened("/?step=18&predict=1", phone=True)
    expect(page.locator("[data-part=net] svg")).to_have_attribute("width", "358")
    for button in page.locator(".options button, .cover .ask").all():
        box = button.bounding_box()
        assert box["height"] >= 44 and box["width"] >= 44 and box["y"] + box["height"] < 844
    page.locator(".options button").first.tap()
    expect(page.locator(".fell")).to_contain_text("Yes.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 392


def test_the_csv_is_the_command_lines(opened, tmp_path):
    page = opened()
    go(page, 2)
    assert downloaded(page, tmp_path) == command_line("towardsai")


def test_the_csv_is_that_of_the_lesson_and_iteration_shown(opened, tmp_path):
    page = opened("/?ex=xor&it=2")
    box = page.locator(".r[data-name='x.0.1.1'] input[type=number]")
    box.fill("0.75")
    box.press("Enter")
    expect(page.locator("[data-part=net]")).to_contain_text("0.75")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("n")
    expect(page.locator(".it b")).to_have_text("3")
    inputs = ((0.75, 0.0), *example("xor").inputs[1:])
    file = tmp_path / "lesson.json"
    file.write_text(example("xor").changed(inputs=inputs).to_json(), encoding="utf-8")
    assert downloaded(page, tmp_path) == command_line(str(file), "--iteration", "3")


def downloaded(page: Page, folder: Path) -> bytes:
    with page.expect_download() as download:
        page.locator(".st-key-csv button").first.click()
    download.value.save_as(folder / "page.csv")
    return (folder / "page.csv").read_bytes()


def command_line(*words: str) -> bytes:
    line = [sys.executable, "-m", "backprop", "trace", *words]
    return subprocess.run(line, cwd=ROOT, capture_output=True, check=True).stdout


@pytest.mark.parametrize("name", ["Three classes, softmax", "A batch of four, ReLU", "Three layers, no biases"])
def test_every_formula_is_set(opened, name):
    page = opened()
    page.locator("[data-testid=stSelectbox] input").first.click()
    page.locator("[role=option]", has_text=name).click()
    expect(page.locator(".where")).to_contain_text("Start")
    page.locator(".seg button", has_text="Layer").click()
    for _step in range(60):
        before = page.locator(".where small").inner_text()
        page.keyboard.press("ArrowRight")
        expect(page.locator(".where small")).not_to_have_text(before)
        assert page.locator(".katex-error").count() == 0, before
        if page.locator(".it b").inner_text() == "1":
            return
    raise AssertionError("the iteration did not end")


EDGES = """() => {
  const find = (css) => { for (const e of document.querySelectorAll("*")) { const hit = e.shadowRoot?.querySelector(css); if (hit) return hit; } };
  const bases = [...find("[data-part=tex]").querySelectorAll(".katex-base")].map((e) => e.getBoundingClientRect().right);
  return { equation: Math.max(0, ...bases), column: find(".side").getBoundingClientRect().left, sentence: find("[data-part=say]").getBoundingClientRect().bottom };
}"""


@pytest.mark.parametrize("name", ["Three layers, no biases", "Five sigmoid layers", "Three classes, softmax"])
def test_every_step_fits_on_a_projector(opened, name):
    """No equation runs under the column beside it, and no sentence below the window, also where lines need many digits."""
    page = opened()
    page.locator("[data-testid=stSelectbox] input").first.click()
    page.locator("[role=option]", has_text=name).click()
    expect(page.locator(".where")).to_contain_text("Start")
    steps = int(page.locator(".where small").inner_text().split()[0])
    for step in range(1, steps + 1):
        page.keyboard.press("ArrowRight")
        at_step(page, step)
        page.wait_for_function(
            f"() => {{ const {{ equation, column }} = ({EDGES})(); return equation && column > 640; }}"
        )
        edges = page.evaluate(EDGES)  # the style sheet has arrived: the column stands beside the equation, not below
        assert edges["equation"] < edges["column"] and edges["sentence"] <= 720, f"step {step}: {edges}"


def test_a_phone(opened):
    page = opened(phone=True)
    drawing = page.locator("[data-part=net] svg")
    expect(drawing).to_have_attribute("width", "358")
    page.locator("button[data-go=next]").tap()
    at_step(page, 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 392
    bar = page.locator(".tp").bounding_box()
    assert bar["y"] + bar["height"] == pytest.approx(844, abs=2)


def test_the_dark_theme(opened):
    page = opened(dark=True)
    colour = page.locator(".where").evaluate("e => getComputedStyle(e).color")
    assert colour == "rgb(237, 235, 232)"


def test_structure_is_set_in_the_sidebar(opened):
    page = opened()
    page.locator("summary", has_text="Network").last.click()
    field = page.locator("[data-testid=stTextInput] input")
    field.fill("3, 4, 2")
    field.press("Enter")
    expect(page.locator(".q")).to_contain_text("3-4-2")
    field.fill("2, 9, 2")
    field.press("Enter")
    expect(page.locator("[data-testid=stAlert]")).to_contain_text("a layer has 1 to 8 units")
    expect(page.locator(".q")).to_contain_text("3-4-2")
