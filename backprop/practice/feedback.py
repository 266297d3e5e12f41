"""What is said of an answer: which slip it was and what mends it, in words and in two lines beside each other, and hints."""

from __future__ import annotations

import html
from collections.abc import Collection
from typing import NamedTuple

from backprop.engine.steps import Cell, Trace, record
from backprop.explain import numerals, symbols, words
from backprop.explain.conventions import Convention
from backprop.explain.derivation import explain
from backprop.explain.lines import Line, line, line_by, rule_tex
from backprop.explain.readings import Style
from backprop.explain.terms import Local
from backprop.language import _, later
from backprop.practice.marking import Verdict
from backprop.practice.reckoning import AFTER, half_unit, new_parameters
from backprop.practice.recognition import Found
from backprop.practice.sheet import Sheet
from backprop.practice.slips import mistakes


class Said(NamedTuple):
    """What is said of an answer, as HTML: a title, sentences, and the rule that was broken."""

    title: str
    sentences: tuple[str, ...] = ()
    breaks: str = ""


def names(trace: Trace, cell: Cell, sample: int, digits: int, convention: Convention) -> dict[str, str]:
    """The words that the sentences about a number may need, as HTML."""
    layer, unit, network = cell.layer or 0, cell.unit or 1, trace.network
    rate = Cell("learning_rate")
    found = {
        "symbol": symbols.html(cell, convention),
        "next": str(layer + 1),
        "rate": symbols.html(rate, convention),
        "rate_value": numerals.plain(trace.at(rate), digits, given=True),
    }
    if cell.quantity == AFTER or not layer:
        return found
    at, sign = cell.sample or sample, symbols.slope_letter(network.activations[layer - 1].name, convention)
    z, a = Cell("z", layer, at, unit), Cell("a", layer, at, unit)
    found |= {
        "pre": symbols.html(z, convention),
        "activated": symbols.html(a, convention),
        "activation": words.activation_title(trace, layer),
        "slope": f"{sign}({symbols.html(z, convention)})"
        if cell.unit
        else sign,  # a tied bias has those of its whole layer
    }
    if network.activations[layer - 1].vector:
        found["slope"] = symbols.html(Cell("da_dz", layer, at, unit, unit), convention)
    bias = Cell("b", layer, unit=None if network.shared_bias else unit)
    if trace.holds(bias):
        found["bias"] = symbols.html(bias, convention)
        found["bias_value"] = numerals.plain(trace.at(bias), digits, given=True)
    if cell.from_unit and cell.quantity != "da_dz":
        found["sender"] = symbols.html(trace.sends(layer - 1, cell.from_unit, at), convention)
    return found


def said(sheet: Sheet, cell: Cell, verdict: Verdict, text: str, convention: Convention) -> Said:
    """What is said of an answer. text: as it was typed."""
    places = names(sheet.trace, cell, sheet.sample or 1, sheet.digits, convention) | {
        "came": html.escape(_typeset(text))
    }
    match verdict.kind:
        case "unread":
            return Said(_("This is not a number yet."), (html.escape(verdict.told),))
        case "right" if verdict.found:
            return Said(
                _("Right to the digits asked for."),
                tuple(_of_slip(each, places, convention)[1][0] for each in verdict.found),
            )
        case "right":
            return Said(_("Right."))
        case "carried":
            because = _joined([symbols.html(each, convention) for each in verdict.because])
            return Said(
                _("Right from your {symbols}.").format(symbols=because),
                (_("The step itself is done well; what is not right yet lies before it."),),
            )
        case "short":
            return Said(_("Right as far as its digits go."), (_asked(sheet, verdict.expected),))
        case "slip":
            return _of_slips(verdict.found, places, convention)
    if abs(verdict.answer - verdict.expected) <= 4 * half_unit(verdict.expected, sheet.digits) * (1 + 1e-9):
        return Said(_("Very near."), (_("Only the last digit is off. Round at the end, not on the way."),))
    return Said(
        _("Not yet."),
        (
            _(
                "None of the usual slips gives {came}. A hint shows the rule, then its factors, then the numbers."
            ).format(**places),
        ),
    )


def _typeset(text: str) -> str:
    """What was typed, for a sentence: with a true minus."""
    return text.strip().replace("-", numerals.MINUS)


def _joined(parts: list[str]) -> str:
    """Symbols beside each other."""
    return ", ".join(parts)


def _asked(sheet: Sheet, value: float) -> str:
    """How many digits are asked for of a number."""
    if numerals.parts(value, sheet.digits)[1] is None:
        return _("Give it with {count} decimals.").format(count=sheet.digits)
    return _("It is a small or a large number: give {count} significant digits, such as {example}.").format(
        count=sheet.digits, example=numerals.plain(1.234567e-4, sheet.digits)
    )


def _of_slips(found: tuple[Found, ...], places: dict[str, str], convention: Convention) -> Said:
    if len(found) == 1:
        return _of_slip(found[0], places, convention)
    each = [_of_slip(one, places, convention) for one in found]
    return Said(
        _("More than one slip gives this number."), tuple(f"<b>{one.title}</b> {one.sentences[0]}" for one in each)
    )


def _of_slip(found: Found, places: dict[str, str], convention: Convention) -> Said:
    slip, way = found.slip, found.mistake.way
    other = {} if found.mistake.other is None else {"other": symbols.html(found.mistake.other, convention)}
    filled = {**places, "way": way, **other}
    if found.along:
        return Said(_("A slip on the way here."), (_(slip.along).format(**filled),), _(slip.breaks))
    return Said(_(slip.title).format(**filled), (_(slip.sentence).format(**filled),), _(slip.breaks))


def beside(
    sheet: Sheet, cell: Cell, verdict: Verdict, own: Trace, style: Style, still: Collection[Cell] = ()
) -> tuple[Line, Line] | None:
    """The line as it goes and the line that was written instead; None where not one slip was made here.

    own: the iteration with the answers in it · still: blanks without an answer, whose numbers are not told
    """
    if verdict.kind != "slip" or len(verdict.found) != 1 or verdict.found[0].along or cell.quantity == AFTER:
        return None
    slip, way = verdict.found[0].slip, verdict.found[0].mistake.way
    made = next((each for each in mistakes(slip, own, cell) if each.way == way), None)
    return made and (line(own, cell, style, still), line_by(own, cell, made.node, style, still))


HELP = (later("The rule"), later("Its factors"), later("The numbers"), later("The number"))
HELP_AFTER = (later("The new outputs"), later("Their parts of the loss"), later("The number"))


def hints(sheet: Sheet, cell: Cell, own: Trace, style: Style, still: Collection[Cell] = ()) -> list[tuple[str, str]]:
    """(what it is, its TeX) of every step of help: the rule, its factors, the numbers put in, the number; as many as tell something new.

    own: the iteration with the answers in it, so that help puts in the numbers that its reader has · still: blanks without an
    answer, whose numbers are not told
    """
    if cell.quantity == AFTER:
        return _hints_after(own, style)
    here = line(own, cell, style, [each for each in still if each != cell])
    out = explain(own, cell, sheet.sample or 1).part
    factors = "" if isinstance(out, Local) or own.samples > 1 else f"= {rule_tex(out, style)}"
    every = (here.rule, factors if factors != here.rule else "", here.numbers, here.value)
    return [(_(words), f"{here.symbol} {tex}") for words, tex in zip(HELP, every, strict=True) if tex]


def _hints_after(own: Trace, style: Style) -> list[tuple[str, str]]:
    """The forward pass with the new parameters, by its outputs and its loss."""
    X, T = own["x", 0].value, own["t", own.network.depth].value
    then = record(own.network, new_parameters(own), X, T, float(own["learning_rate"].value))
    depth, loss = own.network.depth, Cell("loss", own.network.depth)
    rows = []
    for quantity in ("a", "loss_term"):
        cells = then.cells(then[quantity, depth])
        rows.append(
            r",\; ".join(f"{symbols.tex(each, style.convention)} {line(then, each, style).value}" for each in cells)
        )
    rows.append(f"{symbols.tex(loss, style.convention)} {line(then, loss, style).value}")
    return [(_(words), tex) for words, tex in zip(HELP_AFTER, rows, strict=True)]
