"""Printed in the article, computed here: the table for the page "Lesson", as HTML; its style is in assets/style.css."""

from __future__ import annotations

import html
import re
from itertools import groupby
from math import isfinite

from backprop.explain import numerals, symbols
from backprop.explain.symbols import DEFAULT, Convention
from backprop.language import _
from backprop.lessons.printed import (
    AGREES,
    PLACES,
    SILENCES,
    SOURCES,
    VERDICTS,
    WHATS,
    WHYS,
    Chapter,
    Claim,
    silence,
)
from backprop.runs.printed import Compared, compared, nearest

LONG = 20
"""A chapter of recorded numbers with more rows than this is folded."""
_DECIMALS = 15
"""From here on a number is shown with all digits that float64 has."""


def printed_html(name: str, notation: Convention = DEFAULT, digits: int = numerals.DIGITS) -> str:
    """Every number that the articles print about an example, beside the computed one: whether they agree, and if not, why.

    One <div class="printed"> for st.html; where nothing is printed it holds a sentence. The computed numbers have at
    least `digits` decimals, and always two more than the printed one. Raises ValueError naming the allowed examples.
    """
    if silent := silence(name):
        return f'<div class="printed"><p>{_text(_(SILENCES[silent]))}</p></div>'
    rule = _("A printed number agrees if the computed one, rounded to as many decimals, is the same.")
    parts = "".join(_chapter(chapter, rows, notation, digits) for chapter, rows in compared(name))
    return f'<div class="printed"><p>{_text(rule)}</p>{parts}</div>'


def _chapter(chapter: Chapter, rows: tuple[Compared, ...], notation: Convention, digits: int) -> str:
    title, note = SOURCES[chapter.source]
    count = _("{agreeing} of {count} agree").format(agreeing=sum(row.agrees for row in rows), count=len(rows))
    head = f"<b>{_text(_(title))}</b> <span>{_text(count)}</span>"
    columns = (_("what"), _("printed"), _("computed"), _("agrees"))
    body = "".join(_part(place, list(part), notation, digits) for place, part in groupby(rows, lambda r: r.claim.place))
    table = f"<table><thead><tr>{''.join(f'<th>{_text(each)}</th>' for each in columns)}</tr></thead>{body}</table>"
    inner = f"<p>{_text(_(note))}</p>{table}"
    if len(rows) > LONG and all(row.claim.recorded is not None for row in rows):
        return f"<details><summary>{head}</summary>{inner}</details>"
    return f'<section><div class="head">{head}</div>{inner}</section>'


def _part(place: str, rows: list[Compared], notation: Convention, digits: int) -> str:
    """The rows that stand at one place; a reason that several rows in a row share is told once, beneath the last."""
    lines = [f'<tr class="at"><th colspan="4">{_text(_(PLACES[place]))}</th></tr>']
    for (verdict, why), same in groupby(rows, lambda row: (row.claim.verdict, row.claim.why)):
        lines += [_row(row, notation, digits, told=bool(why)) for row in same]
        if why:
            name = "" if verdict == AGREES else f"<b>{_text(_(VERDICTS[verdict]))}</b> "
            lines.append(f'<tr class="why"><td colspan="4">{name}{_text(_(WHYS[why]))}</td></tr>')
    return f"<tbody>{''.join(lines)}</tbody>"


def _row(row: Compared, notation: Convention, digits: int, told: bool) -> str:
    claim = row.claim
    sign, word = ("✓", _("yes")) if row.agrees else ("≠", _("no"))
    shown = f'<td title="{numerals.full(row.value)}">{_text(beside(row.value, claim, digits))}</td>'
    kind = f"{'ok' if row.agrees else 'no'}{' told' if told else ''}"
    answer = f'<td class="is">{sign} <span>{_text(word)}</span></td>'
    return f'<tr class="{kind}"><td>{_what(claim, notation)}</td><td>{_printed(row)}</td>{shown}{answer}</tr>'


def _what(claim: Claim, notation: Convention) -> str:
    """The number's symbol as the app writes it, then as the source calls it."""
    if claim.what:
        return _text(_(WHATS[claim.what]).format(count=f"{claim.count:,}"))
    symbol = " · ".join(symbols.html(cell, notation) for cell in claim.cells)
    called = re.sub(r"_(\w+)", r"<sub>\1</sub>", _text(claim.name))
    again = re.sub("<[^>]*>", "", called) == re.sub("<[^>]*>", "", symbol)
    return f'<span class="sy">{symbol}</span>' + ("" if again else f' <span class="as">{called}</span>')


def _printed(row: Compared) -> str:
    """The digits as printed; from the first one that is not the computed number's they are marked."""
    text = row.claim.printed
    marked = len(text)
    if not row.agrees and isfinite(row.value) and "e" not in text.lower():
        right = f"{nearest(row.value, text):f}"
        marked = next((k for k, (one, other) in enumerate(zip(text, right, strict=False)) if one != other), 0)
    kept, off = (_text(part).replace("-", numerals.MINUS) for part in (text[:marked], text[marked:]))
    return f"{kept}<mark>{off}</mark>" if off else kept


def beside(value: float, claim: Claim, digits: int) -> str:
    """The computed number in the form of the printed one, with two decimals more; given numbers as typed."""
    if claim.cells and all(cell.quantity in numerals.GIVEN for cell in claim.cells):
        return numerals.plain(value, digits, given=True)
    printed = claim.printed.lower()
    if not isfinite(value) or "e" in printed:
        return numerals.plain(value, max(digits, len(printed.partition("e")[0]) + 1))
    decimals = len(printed.partition(".")[2])
    text = f"{value:.{max(digits, decimals + 2)}f}" if decimals + 2 <= _DECIMALS else numerals.full(value)
    return text.replace("-", numerals.MINUS)


def _text(text: str) -> str:
    return html.escape(text, quote=False)
