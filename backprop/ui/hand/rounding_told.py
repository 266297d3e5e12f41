"""What is to be seen in the rounding twins, in sentences: the loss, the largest drift, the tie, the standstill, and what breaks down."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

from backprop.engine.steps import Cell
from backprop.explain import alike, numerals, symbols
from backprop.language import _, later, plural
from backprop.lessons.examples import EXAMPLES
from backprop.practice import drift, rounding
from backprop.practice.drift import Row
from backprop.practice.rounding import Broken, Twins
from backprop.ui.hand.rounding_table import percent
from backprop.ui.place import Place

DIGITS = 6
"""Significant digits of a full number in a sentence, at least."""

WARNED = {
    "genomexyz": later(
        "The article of this network warns of it: rounding like this greatly reduces the accuracy of the network, the number of decimals is crucial, and it keeps four only to keep the calculation short."
    ),
}
"""What the article of an example says about rounding."""

BROKEN = {
    "zero": later(
        "In iteration {iteration} the calculation by hand breaks down at {name}: rounding has left 0 where it divides, and nothing can be divided by 0."
    ),
    "ln": later(
        "In iteration {iteration} the calculation by hand breaks down at {name}: rounding has left nothing inside a logarithm, and there is no ln 0."
    ),
    "root": later(
        "In iteration {iteration} the calculation by hand breaks down at {name}: the root of a number below 0."
    ),
    "large": later("In iteration {iteration} the calculation by hand breaks down at {name}: the number is too large."),
}
"""Why a twin could not go on; see arithmetic.Breakdown."""


def sentences(here: Place, found: Twins, rows: Sequence[Row]) -> Iterator[str]:
    """The most telling first; HTML."""
    if found.up.broken:
        yield _broken(here, found.up.broken)
    if (loss := drift.loss(found)) is not None:
        yield _loss(here, found, loss)
    if (worst := drift.worst(rows)) is not None:
        yield _worst(here, found, worst)
    yield from _standstill(here, found)
    yield _parting(here, found)
    if here.origin in WARNED:
        source = html.escape(_(EXAMPLES[here.origin].source), quote=True)
        yield f'<span title="{source}">{html.escape(_(WARNED[here.origin]))}</span>'
    yield from _fractions(here, found)
    if (most := rounding.reach(here.lesson)) < rounding.MOST:
        told = plural(
            "A twin puts at most {budget} numbers in, so those of this network end with iteration {count}.",
            "A twin puts at most {budget} numbers in, so those of this network end with iteration {count}.",
            most,
        )
        yield html.escape(told.format(count=most, budget=numerals.count(rounding.BUDGET)))


def _go(iteration: int) -> str:
    """The number of an iteration, which leads there."""
    return f"<button type='button' data-set='{{\"after\": {iteration}}}'>{iteration}</button>"


def _name(here: Place, cell: Cell) -> str:
    """The symbol; of another sample than the picked one with its number."""
    name = symbols.html(cell, here.notation)
    if cell.sample in (None, here.sample):
        return name
    return _("{name} of sample {sample}").format(name=name, sample=cell.sample)


def _number(value: float, places: int) -> str:
    """A full number with more digits than the one beside it."""
    digits = max(DIGITS, places + 2)
    return html.escape("".join(alike.written(value, value, digits)) if value else numerals.plain(value, given=True))


def _loss(here: Place, found: Twins, loss: drift.Loss) -> str:
    name = _name(here, Cell("loss", found.trace.network.depth))
    kept, full = numerals.fixed(loss.kept, found.places), _number(loss.full, found.places)
    if loss.right and not loss.kept and loss.full:
        return _("The loss has become so small, {full}, that {places} show nothing of it.").format(
            full=full, places=_decimals(found.places)
        )
    if loss.right:
        return _(
            "Half up has the loss right: {name} = {kept}, as if it had been rounded only once, at the end."
        ).format(name=name, kept=f"<b>{kept}</b>")
    off = percent(loss.drift)
    return _(
        "The loss is {full}, and half up has {kept}: {off}. Rounded only once, at the end, it would be {once}."
    ).format(full=full, kept=f"<b>{kept}</b>", off=f"<b>{off}</b>", once=numerals.fixed(loss.full, found.places))


def _worst(here: Place, found: Twins, row: Row) -> str:
    assert row.up is not None
    name, full = _name(here, row.cell), _number(row.full, found.places)
    if not row.up:
        return _("The largest drift: of {name} = {full} rounding leaves nothing.").format(
            name=f'<b class="n">{name}</b>', full=full
        )
    return _("The largest drift: {name} is {full}, and half up has {kept}.").format(
        name=f'<b class="n">{name}</b>', full=full, kept=numerals.fixed(row.up, found.places)
    )


def _standstill(here: Place, found: Twins) -> Iterator[str]:
    still, iteration = found.up.still, found.trace.iteration
    if still is not None and found.moving:
        message = (
            _(
                "Since iteration {iteration} half up has stood still: every step is too small for {places}, and is rounded away."
            )
            if still <= iteration
            else _(
                "In iteration {iteration} half up will come to a standstill: every step is then too small for {places}, and is rounded away."
            )
        )
        yield message.format(iteration=_go(still), places=_decimals(found.places))
    elif found.resting:
        cell, since = min(found.resting.items(), key=lambda each: each[1])
        message = plural(
            "{count} of {moving} parameters is not moved by this step, which is too small for {places} and is rounded away: {name} has stood still since iteration {since}.",
            "{count} of {moving} parameters are not moved by this step, which is too small for {places} and is rounded away: {name} has stood still since iteration {since}.",
            len(found.resting),
        )
        yield message.format(
            count=f"<b>{len(found.resting)}</b>",
            moving=found.moving,
            places=_decimals(found.places),
            name=_name(here, cell),
            since=_go(since),
        )


def _decimals(places: int) -> str:
    return plural("{count} decimal", "{count} decimals", places).format(count=places)


def _parting(here: Place, found: Twins) -> str:
    parted = drift.parted_here(found)
    if parted is None:
        return html.escape(
            _("No number was a tie so far, exactly between two decimals: half up and half even are the same.")
        )
    return _(
        "Half up and half even part in iteration {iteration}: {name} is exactly {value}, between {even} and {up}."
    ).format(
        iteration=_go(parted.iteration),
        name=_name(here, parted.cell),
        value=numerals.fixed(parted.even / 2 + parted.up / 2, found.places + 1),
        even=numerals.fixed(parted.even, found.places),
        up=numerals.fixed(parted.up, found.places),
    )


def totals(rows: Sequence[Row]) -> str:
    """How many numbers of the iteration are right."""
    right, gone = drift.kept(rows)
    if all(row.up is None for row in rows):
        return ""
    message = plural(
        "{right} of {count} number is right to the last decimal",
        "{right} of {count} numbers are right to the last decimal",
        len(rows),
    )
    if gone:
        message = plural(
            "{right} of {count} numbers are right to the last decimal, {gone} has become 0",
            "{right} of {count} numbers are right to the last decimal, {gone} have become 0",
            gone,
        )
    return html.escape(message.format(count=len(rows), right=right, gone=gone))


def _fractions(here: Place, found: Twins) -> Iterator[str]:
    broken = found.exact.broken
    if broken is None or broken.iteration > found.trace.iteration:
        return
    if broken.why == "digits":
        yield _(
            "In iteration {iteration} the fraction of {name} has more than {digits} digits; from there on none is written."
        ).format(iteration=broken.iteration, name=_name(here, broken.cell), digits=rounding.DIGITS)
    elif broken.why == "function" and broken.cell.quantity in ("a", "da_dz"):
        activation = found.trace.network.activations[(broken.cell.layer or 1) - 1]
        yield _("Exact fractions go as far as {name}: {activation} in layer {layer} makes no fractions.").format(
            name=_name(here, broken.cell), activation=html.escape(_(activation.title)), layer=broken.cell.layer
        )
    else:
        yield _broken(here, broken)


def _broken(here: Place, broken: Broken) -> str:
    message = _(BROKEN.get(broken.why, BROKEN["large"]))
    return f"<strong>{message.format(iteration=_go(broken.iteration), name=_name(here, broken.cell))}</strong>"
