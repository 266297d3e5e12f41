"""The numbers of an iteration side by side: all digits, half up, half even, as a fraction, and the drift."""

from __future__ import annotations

import html
import math
from decimal import Decimal
from fractions import Fraction

from backprop.engine.steps import QUANTITIES
from backprop.explain import alike, numerals, symbols
from backprop.explain.conventions import Convention
from backprop.figures.palette import PHASES
from backprop.language import _, plural
from backprop.practice import drift
from backprop.practice.drift import Row
from backprop.practice.rounding import Twins
from backprop.ui.place import Place

FULL, FULL_BESIDE, FULL_NARROW = 12, 9, 5
"""Significant digits in the column of all digits, also beside fractions and on a phone; every digit is one hover away."""
FITS = 13
"""Characters of a fraction that is written; of a longer one its lengths."""
ROOMY = 5
"""Up to so many decimals there is room for a word beside the drift where the table has fractions too."""
SMALLEST = -6
"""Power of ten of a relative drift whose bar is empty; that of a number of which nothing is right is full."""


def table_html(here: Place, found: Twins, rows: tuple[Row, ...], narrow: bool) -> str:
    """The rows in walk order; the worst and the first that parts keep in sight while the others scroll."""
    fractions = not narrow and len(found.exact.losses) > found.trace.iteration
    worst, parting = drift.worst(rows), drift.parting(rows)
    heads = [("", _("all digits")), ("up", _("half up")), ("even", _("half even"))]
    heads += [("", _("as a fraction"))] if fractions else []
    heads.append(("", _("drift")))
    head = "".join(f'<th class="{kind}">{html.escape(title)}</th>' for kind, title in heads)
    body = "".join(_row(here, row, found.places, fractions, narrow, _marks(row, rows, worst, parting)) for row in rows)
    room = " wide tight" if fractions and found.places > ROOMY else " wide" if fractions else ""
    return f'<div class="hr-box" tabindex="0"><table class="hr{room}"><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _marks(row: Row, rows: tuple[Row, ...], worst: Row | None, parting: Row | None) -> str:
    """The classes of a row: what it is the first of, and where it stops beside the other that keeps in sight."""
    marks = ["worst"] if row is worst else []
    if row is parting:
        marks.append("parts")
    if len(marks) == 1 and worst and parting:
        other = parting if row is worst else worst
        marks.append("above" if rows.index(row) < rows.index(other) else "below")
    return " ".join(marks)


def _row(here: Place, row: Row, places: int, fractions: bool, narrow: bool, marks: str) -> str:
    hue = PHASES[QUANTITIES[row.cell.quantity][0]]
    cells = [
        f'<th style="border-left-color:var(--{hue})">{_symbol(row, here.notation)}</th>',
        f"<td{_title(row.full)}>{_full(row.full, FULL_NARROW if narrow else FULL_BESIDE if fractions else FULL)}</td>",
        f'<td class="up">{_kept(row.up, row.right and row.right[0], places)}</td>',
        f'<td class="even">{_kept(row.even, row.right and row.right[1], places)}</td>',
    ]
    if fractions:
        cells.append(_fraction(row.exact))
    cells.append(_drift(row, marks))
    return f'<tr class="{marks}">{"".join(cells)}</tr>'


def _symbol(row: Row, convention: Convention) -> str:
    name = symbols.html(row.cell, convention)
    if row.of == 1:
        return name
    told = html.escape(plural("worst of {count}", "worst of {count}", row.of).format(count=row.of))
    return f"{name} <small>{told}</small>"


def _title(value: float) -> str:
    return f' title="{html.escape(numerals.all_digits(value), quote=True)}"' if math.isfinite(value) else ""


def _full(value: float, digits: int) -> str:
    """A number without rounding, as far as there is room."""
    if not math.isfinite(value):
        return html.escape(numerals.plain(value))
    near = float(f"{value:.{alike.DIGITS - 1}e}")  # −0.825, where float64 has −0.8250000000000001
    if numerals.typed(near) is not None:
        return html.escape(numerals.plain(near, given=True))
    return html.escape("".join(alike.written(value, value, digits)))


def _kept(came: Decimal | None, right: Decimal | None, places: int) -> str:
    """A twin's number; the digits from which on it is not the full one rounded once are marked."""
    if came is None:
        return "–"
    text = numerals.fixed(came, places)
    if right is None or came == right:
        return html.escape(text)
    should = numerals.fixed(right, places)
    same = next((k for k, (a, b) in enumerate(zip(text, should, strict=False)) if a != b), min(len(text), len(should)))
    same = 0 if len(text) != len(should) else same
    return f"{html.escape(text[:same])}<u>{html.escape(text[same:])}</u>"


def _fraction(exact: Fraction | None) -> str:
    if exact is None:
        return '<td class="fr">–</td>'
    text = html.escape(numerals.ratio(exact))
    if len(text) <= FITS:
        return f'<td class="fr">{text}</td>'
    above, below = len(str(abs(exact.numerator))), len(str(exact.denominator))
    told = html.escape(_("{above} over {below} digits").format(above=above, below=below))
    return f'<td class="fr" title="{text}"><small>{told}</small></td>'


def _drift(row: Row, marks: str) -> str:
    """The drift in percent over a bar, and in a word what the row is the first of."""
    text = percent(row.drift) if row.up is not None else "–"
    share = _share(row.drift)
    words = [_("largest")] if "worst" in marks else []
    if "parts" in marks:
        words.append(_("they differ"))
    word = f"<em>{html.escape(', '.join(words))}</em>" if words else ""
    return f'<td class="dr" style="--w:{share:.0f}%">{word}{html.escape(text)}</td>'


def _share(relative: float) -> float:
    """How long the bar of a drift is, in %: evenly spaced by powers of ten."""
    size = abs(relative)
    if not size > 0:
        return 0.0
    return 100 * min(max(0.0, 1 - math.log10(size) / SMALLEST), 1.0) if math.isfinite(size) else 100.0


def percent(relative: float) -> str:
    """A share as a percentage with a sign and two or three digits: +0.62 %, −100 %; without one where it is 0."""
    if relative == 0:
        return "0 %"
    value = 100 * relative
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    if size < 0.1:
        value, places = (value, 4) if size < 0.01 else (value, 3)
        return f"{numerals.plain(value, 2, sign=True) if size < 9.5e-5 else _signed(value, places)} %"
    return f"{numerals.plain(value, 0 if size >= 10 else 1 if size >= 1 else 2, sign=True)} %"


def _signed(value: float, places: int) -> str:
    """So many decimals and a sign, however small it is."""
    return ("+" if value > 0 else "") + numerals.fixed(value, places)
