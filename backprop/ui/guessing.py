"""Predict first, on the page "One iteration": the question with its options in the place of the step's own question, then the verdict.

The row is as high as the question that it stands for, so that nothing moves from stop to stop or when an answer is uncovered.
"""

from __future__ import annotations

import html
import json

from backprop.explain import numerals, words
from backprop.figures.palette import HUES, TEXT_COLOURS
from backprop.language import _
from backprop.practice.prediction import Question, in_words, option_in_words, question
from backprop.practice.reasons import factors, reason
from backprop.ui.place import Place

MOST_DIGITS = 5
"""Of the number that is compared with: a row has no room for more, and the column beside it has them all."""
SIGNS = {1: "+", 0: "0", -1: numerals.MINUS}


def asked(place: Place) -> Question | None:
    """What is to be predicted at this place, or was: None with the switch off, where there is nothing sensible to predict, and
    where the number was uncovered without a guess."""
    cells = place.cells()
    if not place.predict or not cells or not (place.covered or place.guess):
        return None
    found = question(place.trace, cells[0] if place.grain == "layer" else cells[-1], place.grain == "layer")
    return found if found and (place.covered or place.guess in found.options) else None


def row_html(place: Place, found: Question) -> str:
    """The question and its options as buttons; after a guess the right one is ticked, and a wrong one crossed."""
    known = numerals.plain(place.trace.at(found.known), min(place.digits, MOST_DIGITS)) if found.known else ""
    text = in_words(found, numerals.pointed("0.5"), place.notation)
    buttons = []
    for number, option in enumerate(found.options, 1):
        label = option_in_words(found, option, known, place.notation)
        if place.covered:
            wish = html.escape(json.dumps({"guess": option, "revealed": True}))
            buttons.append(f"<button type='button' data-set='{wish}'><kbd>{number}</kbd><span>{label}</span></button>")
            continue
        right, chosen = option == found.answer, option == place.guess
        mark = _mark("check") if right else _mark("close") if chosen else f"<kbd>{number}</kbd>"
        state = f"{'right' if right else 'wrong' if chosen else 'past'}{' chosen' if chosen else ''}"
        buttons.append(
            f"<button type='button' aria-disabled='true' aria-pressed='{str(chosen).lower()}' class='{state}'>{mark}<span>{label}</span></button>"
        )
    name = html.escape(words.to_text(text))
    told = "" if place.covered else f"<p class='fell'>{_told(place, found)}</p>"
    return f"<div class='q guess'><span>{text}</span>{told}<span class='options' role='group' aria-label='{name}'>{''.join(buttons)}</span></div>"


def _mark(icon: str) -> str:
    return f'<span class="ms" aria-hidden="true">{icon}</span>'


def verdict(place: Place, found: Question) -> str:
    """Yes, or not this time, and why, as marked text."""
    why = reason(place.trace, found, place.sample, place.digits, place.notation)
    if place.guess == found.answer:
        return _("<b>Yes.</b> {reason}").format(reason=why)
    return _("<b class='no'>Not this time.</b> {reason}").format(reason=why)


def verdict_html(place: Place, found: Question) -> str:
    """The verdict, and the factors with their signs: beneath the equation. On a phone it stands in the row itself."""
    return f"<p class='verdict'>{_told(place, found)}</p>"


def _told(place: Place, found: Question) -> str:
    """The verdict; beneath the matrices of a whole layer there is no room for the factors."""
    chips = [
        f"<span class='chip {HUES[each.kind]}'>{each.name} <b>{SIGNS[each.sign]}</b></span>"
        for each in factors(place.trace, found, place.sample, place.notation)
    ]
    row = f"<span class='chips'>{'·'.join(chips)}</span>" if len(chips) > 1 and place.grain == "number" else ""
    return f"{words.to_html(verdict(place, found), TEXT_COLOURS)} {row}"


def aloud(place: Place) -> str:
    """The verdict for a screen reader, in the moment in which it falls; else nothing."""
    found = asked(place) if place.guess else None
    return html.escape(words.to_text(verdict(place, found))) if found else ""
