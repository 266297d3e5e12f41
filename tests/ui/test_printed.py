"""The table of printed and computed numbers as HTML: whole, escaped, telling agreement without colour."""

import gettext
import re
import xml.etree.ElementTree as ET
from contextvars import copy_context
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from backprop import language
from backprop.engine.steps import Cell
from backprop.explain.symbols import CONVENTIONS
from backprop.lessons import printed as words
from backprop.lessons.examples import EXAMPLES
from backprop.lessons.printed import AGREES, SILENCES, VERDICTS, WHYS, Chapter, Claim, chapters, silence
from backprop.runs.printed import Compared
from backprop.ui import elements, printed
from backprop.ui.printed import printed_html

CLAIMS = {name: [claim for chapter in chapters(name) for claim in chapter.claims] for name in EXAMPLES}
TOLD = [name for name in EXAMPLES if CLAIMS[name]]


def tree(html: str) -> ET.Element:
    """The HTML as XML: every tag closes, every & and < of a text is escaped."""
    return ET.fromstring(html)


def text(element: ET.Element) -> str:
    return "".join(element.itertext()).replace("−", "-")


def rows(root: ET.Element) -> list[ET.Element]:
    return [row for row in root.iter("tr") if row.get("class", "").split()[:1] in (["ok"], ["no"])]


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("name", TOLD)
def test_every_printed_number_has_its_row(name, convention):
    found = rows(tree(printed_html(name, CONVENTIONS[convention])))
    assert [text(row[1]) for row in found] == [claim.printed for claim in CLAIMS[name]]
    assert all(len(row) == 4 and text(row[0]).strip() for row in found)


@pytest.mark.parametrize("name", TOLD)
def test_agreement_is_a_sign_and_a_word_and_what_differs_is_marked(name):
    for row, claim in zip(rows(tree(printed_html(name))), CLAIMS[name], strict=True):
        agrees = claim.verdict == AGREES
        assert text(row[3]) == ("✓ yes" if agrees else "≠ no") and row.get("class").startswith("ok" if agrees else "no")
        assert len(list(row.iter("mark"))) == (not agrees)


@pytest.mark.parametrize("digits", [2, 4, 12])
@pytest.mark.parametrize("name", TOLD)
def test_the_computed_digits_let_a_class_judge(name, digits):
    """What is shown as computed, rounded to the printed digits, is the printed number exactly where the row says so."""
    for row in rows(tree(printed_html(name, digits=digits))):
        claimed, shown = text(row[1]), text(row[2])
        agrees = Decimal(shown).quantize(Decimal(claimed), ROUND_HALF_UP) == Decimal(claimed)
        assert agrees == text(row[3]).startswith("✓"), (claimed, shown)
        assert abs(float(row[2].get("title")) - float(shown)) <= 0.5 * 10.0 ** -len(shown.partition(".")[2]) + 1e-16


@pytest.mark.parametrize("name", TOLD)
def test_every_difference_is_explained_beneath_and_each_reason_once_in_a_row(name):
    lines = list(tree(printed_html(name)).iter("tr"))
    claims = iter(CLAIMS[name])
    claim = None
    open_reason = ""
    for line in lines:
        kind = line.get("class", "")
        if kind == "why":
            verdict = "" if claim.verdict == AGREES else VERDICTS[claim.verdict] + " "
            assert text(line) == (verdict + WHYS[claim.why]).replace("−", "-")
            open_reason = ""
        elif kind[:2] in ("ok", "no"):
            claim = next(claims)
            assert open_reason in ("", claim.why), f"{open_reason} was not told"
            open_reason = claim.why
            assert ("told" in kind) == bool(claim.why)
        else:
            assert open_reason == ""
    assert open_reason == "" and next(claims, None) is None


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name not in TOLD])
def test_where_nothing_is_printed_a_sentence_says_so(name):
    assert text(tree(printed_html(name))) == SILENCES[silence(name)] and "<table" not in printed_html(name)


def test_the_misprint_of_w5_is_marked_from_its_first_wrong_digit():
    marks = [mark.text for mark in tree(printed_html("towardsai")).iter("mark")]
    assert marks[:4] == ["22", "95", "6", "9"] and "924" in marks


def test_a_chapter_tells_how_many_agree():
    heads = [text(head) for head in tree(printed_html("towardsai")).iter("div") if head.get("class") == "head"]
    assert "7 of 10 agree" in heads[0] and len(heads) == len(chapters("towardsai"))
    folded = [text(head) for head in tree(printed_html("dabbura-relu")).iter("summary")]
    assert len(folded) == 1 and "31 of 31 agree" in folded[0]


@pytest.mark.parametrize(
    ("claim", "value", "cell"),
    [
        (Claim("0.0000351085", "given", "chaos", "E", (Cell("loss", 2),)), 3.51018778e-05, "0.000035101878"),
        (Claim("3.51e-5", "given", AGREES, "E", (Cell("loss", 2),)), 3.51018778e-05, "3.5102·10⁻⁵"),
        (Claim("-0.5", "given", AGREES, "E", (Cell("loss", 2),)), -0.5, "−0.5000"),
        (Claim("0.60", "given", AGREES, "b_2", (Cell("b", 2),)), 0.6, "0.60"),
        (Claim("0.60", "given", "chaos", "E", (Cell("loss", 2),)), float("nan"), "undefined"),
        (Claim("0.6", "given", "chaos", "E", (Cell("loss", 2),)), float("inf"), "> 1.8·10³⁰⁸"),
        (Claim("7", "given", AGREES, "E", (Cell("loss", 2),)), 7.0, "7.0000"),
    ],
)
def test_the_computed_number_stands_in_the_form_of_the_printed_one(claim, value, cell, monkeypatch):
    assert printed.beside(value, claim, 4) == cell
    monkeypatch.setattr(printed, "compared", lambda name: ((Chapter("mazur", (claim,)), (Compared(claim, value),)),))
    (row,) = rows(tree(printed_html("towardsai")))
    assert text(row[2]) == cell.replace("−", "-") and text(row[1]) == claim.printed


def test_texts_are_escaped(monkeypatch):
    bad = "<script>alert(1)</script>&"
    claim = Claim("0.1", "given", "chaos", bad, (Cell("loss", 2),), why="chaos")
    monkeypatch.setattr(printed, "compared", lambda name: ((Chapter("mazur", (claim,)), (Compared(claim, 0.5),)),))
    for table in ("PLACES", "WHYS", "VERDICTS"):
        monkeypatch.setattr(printed, table, dict.fromkeys(getattr(words, table), bad))
    monkeypatch.setattr(printed, "SOURCES", dict.fromkeys(words.SOURCES, (bad, bad)))
    root = tree(printed_html("towardsai"))
    assert "script" not in {element.tag for element in root.iter()} and text(root).count("alert(1)") == 6


def test_every_word_is_in_the_language_in_force():
    class Foreign(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return re.sub(r"[a-zA-Z](?![^{]*\})", "x", message)

    def shown() -> list[str]:
        language.speak(Foreign())
        return [printed_html(name) for name in EXAMPLES]

    for html in copy_context().run(shown):
        bare = re.sub(r'<span class="(sy|as)">.*?</span>(?= |<)', "", re.sub(r"(?s)<td title.*?</td>", "", html))
        left = re.sub(r"<[^>]*>", " ", bare)
        assert not set(re.findall(r"[A-Za-z]{3,}", left)) - {"x" * k for k in range(3, 30)}, left[:400]


def test_an_unknown_example_is_refused():
    with pytest.raises(ValueError, match="“mazur” is not an example"):
        printed_html("mazur")


def test_every_class_has_its_style():
    sheet = (Path(elements.__file__).parent / "assets" / "style.css").read_text(encoding="utf-8")
    used = {
        each
        for name in EXAMPLES
        for found in re.findall(r'class="([^"]+)"', printed_html(name))
        for each in found.split()
    }
    assert all(re.search(rf"\.{each}[\s>+{{,:.]", sheet) for each in used), used
