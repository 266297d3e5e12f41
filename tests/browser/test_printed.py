"""The table of printed and computed numbers fits a projector and a phone, in both themes, and is large enough to read."""

import pytest

from backprop.explain.symbols import CONVENTIONS
from backprop.lessons.examples import EXAMPLES
from backprop.lessons.printed import chapters
from backprop.ui.elements import PAGE_STYLE
from backprop.ui.printed import printed_html

SEEN = """() => [...document.querySelectorAll('.printed')].map(table => {
  table.querySelectorAll('details').forEach(each => { each.open = true });
  const of = each => parseFloat(getComputedStyle(each).fontSize);
  const small = [...table.querySelectorAll('*')].filter(each => of(each) < (each.matches('sup,sub') ? 12 : 14));
  const meet = [...table.querySelectorAll('tr')].filter(row => [...row.cells].some((cell, k) => k &&
    [...row.cells[k - 1].querySelectorAll('span')].some(span => span.getBoundingClientRect().right > cell.getBoundingClientRect().left + 1)));
  const colour = element => getComputedStyle(element).color;
  return {wide: table.scrollWidth - table.clientWidth, small: small.length, meet: meet.map(row => row.innerText), ink: colour(table)};
})"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1228, 358], ids=["projector", "phone"])
def test_every_table_fits(chromium, width, dark):
    page = chromium.new_page(viewport={"width": 1280 if width > 400 else 390, "height": 844})
    body = "".join(printed_html(name, row) for name in EXAMPLES if chapters(name) for row in CONVENTIONS.values())
    scheme = "dark" if dark else "light"
    page.set_content(
        f'{PAGE_STYLE}<div class="stApp" style="color-scheme:{scheme};width:{width}px;font-family:sans-serif">{body}</div>'
    )
    for seen in page.evaluate(SEEN):
        assert seen["wide"] <= 0 and seen["small"] == 0 and seen["meet"] == []
        assert seen["ink"] == ("rgb(237, 235, 232)" if dark else "rgb(47, 45, 43)")
    page.close()
