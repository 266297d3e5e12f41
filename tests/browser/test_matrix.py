"""The tab "As matrices" in the fonts of the page: nothing is cut off, nothing meets, everything is large enough to read."""

from pathlib import Path

import numpy as np
import pytest
import streamlit

from backprop import example, trace
from backprop.explain.symbols import CONVENTIONS
from backprop.lessons.examples import EXAMPLES
from backprop.runs.landscape import MOVABLE
from backprop.ui import elements
from backprop.ui.elements import PAGE_STYLE
from backprop.ui.following.matrix import matrix_html

ASSETS = Path(elements.__file__).parent / "assets"
SANS = next(Path(streamlit.__file__).parent.joinpath("static", "static", "media").glob("SourceSansVF-Upright*"))
SEEN = """() => [...document.querySelectorAll('.mx')].map(tab => {
  const box = tab.getBoundingClientRect(), narrow = tab.matches('.mx-narrow');
  const ink = each => { const range = document.createRange(); range.selectNodeContents(each); return range.getBoundingClientRect(); };
  const of = each => parseFloat(getComputedStyle(each).fontSize);
  const small = [...tab.querySelectorAll('*')].filter(each => of(each) < (each.matches('sup,sub') ? 12 : 14));
  const meet = narrow ? [] : [...tab.querySelectorAll('section')].flatMap(section => {
    const start = section.querySelector('.mx-eq').getBoundingClientRect().left;
    return [...section.querySelectorAll('h4,.mx-row>*,.mx-put:not(.mx-wide)')].filter(each => ink(each).right > start - 6);
  });
  const over = [...tab.querySelectorAll(narrow ? 'h4,p,.mx-put,.mx-row>*' : '*')].filter(each => ink(each).right > box.right + 1);
  return {small: small.length, meet: meet.map(each => each.innerText), over: over.map(each => each.innerText)};
})"""


@pytest.mark.parametrize("width", [968, 358], ids=["projector", "phone"])
def test_every_tab_fits(chromium, tmp_path, width):
    """Of every example under every convention a number drawn at random, with as many digits as it falls out."""
    draw, tabs = np.random.default_rng(1), []
    for name in EXAMPLES:
        for convention in CONVENTIONS.values():
            t = trace(example(name), int(draw.choice([0, 20])))
            cells = [cell for step in (*t.given, *t.steps) if step.quantity in MOVABLE for cell in t.cells(step)]
            cell, digits = cells[draw.integers(len(cells))], int(draw.choice([2, 4, 4, 6, 12]))
            tabs.append(matrix_html(t, cell, t.samples, digits, convention, width < 400))
    sheets = "".join(
        f'<link rel="stylesheet" href="{ASSETS.joinpath(name).as_uri()}">' for name in ("katex/katex.css", "matrix.css")
    )
    font = f'@font-face{{font-family:"Source Sans";src:url({SANS.as_uri()});font-weight:200 900}}:root{{--st-font:"Source Sans"}}'
    page_file = tmp_path / "tabs.html"
    page_file.write_text(
        f'<!doctype html><meta charset="utf-8">{PAGE_STYLE}{sheets}<style>{font}body{{font-family:"Source Sans"}}</style>'
        f'<div class="stApp" style="width:{width}px">{"".join(tabs)}</div>',
        encoding="utf-8",
    )
    page = chromium.new_page(viewport={"width": width + 40, "height": 800})
    page.goto(page_file.as_uri())
    assert page.evaluate("async () => (await document.fonts.load('16px \"Source Sans\"')).length")
    for html, seen in zip(tabs, page.evaluate(SEEN), strict=True):
        assert seen == {"small": 0, "meet": [], "over": []}, html[:400]
    page.close()
