"""Under the ledger: the sum of its paths, which unit lets nothing through, and what the backward pass makes of so many products."""

from __future__ import annotations

import html
import json

from backprop.explain import numerals, paths, symbols
from backprop.explain.obstacles import consequence, gates, sentence
from backprop.explain.paths import Ledger
from backprop.explain.readings import digits_for_parts
from backprop.explain.zeros import why_zero, zero_number
from backprop.figures.scene import path_hue
from backprop.language import _, plural
from backprop.ui.place import Place


def total_html(here: Place, found: Ledger, roomy: bool) -> str:
    """The gradient under a line, as on paper, and beside it how the backward pass gets the same; then all samples together.

    roomy: the factors that all paths share stand on grey
    """
    name = symbols.html(found.gradient, here.notation)
    own = found.total if found.parts else here.trace.at(found.gradient)
    if found.parts:
        name = _("{name}, sample {sample}").format(name=name, sample=found.sample)
    full = html.escape(numerals.all_digits(own))
    line = f'<div class="lg-sum"><span class="lg-say">{_obstacle(here, found)}{_recursion(here, found, roomy)}</span><span class="lg-total">{name} =</span><b title="{full}">{numerals.plain(own, here.digits)}</b></div>'
    return line + (_samples(here, found) if found.parts else "")


def _obstacle(here: Place, found: Ledger) -> str:
    """Which unit kills the path that is lit, or else the first path that one kills; then why the number itself lets nothing through."""
    closed = {
        (each.layer, each.unit): each for each in gates(here.trace, found.cell, found.sample) if each.state != "open"
    }
    rows = [here.path] if here.path else range(1, len(found.paths) + 1)
    for number in rows:
        path = found.paths[number - 1]
        for place, unit in enumerate(path.units[: here.trace.network.depth - found.first + 1]):
            each = closed.get((found.first + place, unit))
            if each:
                told = sentence(each, here.trace, here.digits, here.notation)
                then = consequence(each, here.trace, here.notation)
                return f'<span class="lg-killed"><i class="{path_hue(found, number)}">{number}</i>{told} {then}</span>'
    gradient = here.trace.at(found.gradient)
    why = why_zero(here.trace, found.cell, found.gradient, found.sample, here.notation) or zero_number(
        here.trace, found.cell, gradient, found.sample, here.digits, here.notation
    )
    return f'<span class="lg-killed">{why}</span>' if why else ""


def _samples(here: Place, found: Ledger) -> str:
    """Every sample's paths added up, each a button that picks it."""
    more = digits_for_parts(found.parts, here.digits)
    texts = []
    for sample, value in enumerate(found.parts, 1):
        number = numerals.plain(value, more)
        number = f"({number})" if sample > 1 and number.startswith(numerals.MINUS) else number
        on = " on" if sample == found.sample else ""
        texts.append(
            f"<button type='button' class='lg-part{on}' data-set='{json.dumps({'sample': sample})}' title='{html.escape(_('Sample {number}').format(number=sample))}'>{number}</button>"
        )
    value = here.trace.at(found.gradient)
    name = symbols.html(found.gradient, here.notation)
    say = html.escape(_("All samples together:"))
    return f'<div class="lg-all"><span>{say}</span> {" + ".join(texts)} <span class="lg-total">= {name} =</span> <b title="{html.escape(numerals.all_digits(value))}">{numerals.plain(value, here.digits)}</b></div>'


def _recursion(here: Place, found: Ledger, roomy: bool) -> str:
    """What the backward pass does instead of all these products; roomy: the factors that all paths share stand on grey."""
    if found.count == 1:
        if found.parts:
            return _("One path, so this product is all that sample {sample} adds.").format(sample=found.sample)
        return _("One path, so this product is the whole gradient.")
    if roomy and any(paths.shared(found.paths)):
        return _("On grey: in all paths. Going backward, the sum is taken first and these are multiplied in once.")
    products = paths.multiplications(here.trace, found.cell, found.sample)
    return plural(
        "{paths} paths. The backward pass adds up at every unit and never multiplies a path out: it needs {count} product for the same number.",
        "{paths} paths. The backward pass adds up at every unit and never multiplies a path out: it needs {count} products for the same number.",
        products,
    ).format(paths=numerals.count(found.count), count=products)
