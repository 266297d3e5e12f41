"""What must hold between a browser and a server that is new, or new again."""

from playwright.sync_api import expect


def test_a_link_with_a_query_is_the_first_thing_a_fresh_server_hears(opened):
    page = opened("/?from=a-friend")
    expect(page.locator(".where")).to_contain_text("Start")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".where small")).to_contain_text("step 1 of")


def test_after_a_restart_the_first_key_lands_where_it_should(server, opened):
    page = opened()
    for _press in range(20):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".where small")).to_contain_text("step 20 of")
    box = page.locator(".r[data-name='W.2..1.1'] input[type=number]")
    box.fill("-1.234")
    box.press("Enter")
    expect(page.locator("[data-part=net]")).to_contain_text("−1.234")
    server.kill()
    server.start()
    page.wait_for_timeout(3000)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".where small")).to_contain_text("step 21 of", timeout=40_000)
    expect(page.locator("[data-part=net]")).to_contain_text("−1.234")
    expect(box).to_have_value("-1.234")
