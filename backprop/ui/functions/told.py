"""What a plot means, in sentences: range, saturation, kinks, gaps, and what becomes of an error at the point."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Iterator
from functools import lru_cache

from backprop.engine.activations import Activation
from backprop.engine.examined import examined
from backprop.engine.findings import Examined, Gap, Jump, Kink, Tail
from backprop.explain import numerals, symbols
from backprop.explain.conventions import Convention
from backprop.language import _, later, plural
from backprop.ui.functions.rows import title

RANGE = 8.0
"""A function is examined so far to both sides of 0."""
FLAT = 1e-12
"""A slope up to this is rounding."""
MOST = 3
"""So many kinks, gaps and jumps are told one by one."""
ROUNDING = 1e-6
"""A disagreement below this is what a difference quotient costs."""


@lru_cache(maxsize=256)
def facts(row: Activation) -> Examined:
    return examined(row, -RANGE, RANGE)


def few(value: float) -> str:
    """A number of a sentence: at most three digits."""
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        return numerals.pointed(f"{value:.3g}".replace("-", numerals.MINUS))
    return numerals.plain(value, 3)


# --- for the plot


def quiet(row: Activation, reach: float) -> tuple[tuple[float, float], ...]:
    """The stretches where it saturates."""
    found = facts(row)
    return tuple((-reach, t.start) if t.side == "left" else (t.start, reach) for t in found.tails if _there(found, t))


def _there(found: Examined, tail: Tail) -> bool:
    """Nothing saturates where there is no value, nor beside a slope without limit, of which everything is a small part."""
    return (
        _bounded(found)
        and found.steepest > FLAT
        and not any(gap.low < gap.high and gap.low <= tail.start <= gap.high for gap in found.gaps)
        and abs(tail.start) < found.high
    )


def _bounded(found: Examined) -> bool:
    """Does the slope stay finite wherever there is a value?"""
    steep = any(math.isinf(each) for kink in found.kinks for each in (kink.left, kink.right))
    return not steep and not any(math.isinf(each) for gap in found.gaps for each in (gap.left, gap.right))


def gaps(found: Iterable[Examined], slope: bool = False) -> tuple[float, ...]:
    """Where a line must not run on; that of a slope not across a kink either."""
    torn = {
        float(each)
        for one in found
        for each in (
            *(end for gap in one.gaps for end in (gap.low, gap.high)),
            *(jump.at for jump in one.jumps),
            *(kink.at for kink in one.kinks if slope),
        )
    }
    return tuple(sorted(torn))


# --- sentences


def answer(pair: tuple[Activation, Activation | None], z: str, at: str, slopes: list[str]) -> str:
    """What becomes of an error at the point."""
    row, other = pair
    first, second = (f"<b>{each}</b>" for each in slopes)
    if other is not None:
        return _("At {z} = {at} it is multiplied by {slope} and by {other}.").format(
            z=z, at=at, slope=first, other=second
        )
    if row.vector:
        return _("At {z} = {at} a small step of {z} moves the outputs by {slope} and {other} of it.").format(
            z=z, at=at, slope=first, other=second
        )
    return _("At {z} = {at} it is multiplied by {slope}.").format(z=z, at=at, slope=first)


def activation(pair: tuple[Activation, Activation | None], notation: Convention) -> str:
    """What is to be known of one; of two, where each saturates."""
    row, other = pair
    z = f"<i>{symbols.unicode(notation.pre)}</i>"
    if other is None:
        said = [*_vector(row, notation), *sentences(row, z)]
    else:
        said = [f"<b>{title(each)}</b>: {' '.join(_fades(facts(each), z))}" for each in (row, other)]
    return f'<div class="fx-told">{"".join(f"<p>{each}</p>" for each in said)}</div>'


def _vector(row: Activation, notation: Convention) -> Iterator[str]:
    if row.vector:
        z = f"<i>{symbols.unicode(notation.pre)}</i>"
        yield _(
            "Each output depends on every {z} of the layer, so its slopes are a table, ∂{a}ᵢ/∂{z}ⱼ. Here are two outputs, the second {z} held at 0: what one gains the other loses."
        ).format(z=z, a=f"<i>{symbols.unicode(notation.act)}</i>")


def sentences(row: Activation, z: str) -> Iterator[str]:
    """Range, saturation, then whatever is irregular."""
    found = facts(row)
    if not row.vector:
        yield from _values(found)
    yield from _fades(found, z)
    yield from irregular(found, z)


def _values(found: Examined) -> Iterator[str]:
    low, high = found.infimum, found.supremum
    if math.isnan(low) or math.isnan(high):
        yield _("It has no value from {low} to {high}.").format(low=few(found.low), high=few(found.high))
    elif math.isinf(low) and math.isinf(high):
        yield _("Its values have no bound.")
    elif math.isinf(high):
        yield _("Its values begin at {low} and have no upper bound.").format(low=few(low))
    elif math.isinf(low):
        yield _("Its values end at {high} and have no lower bound.").format(high=few(high))
    elif low == high:
        yield _("It has one value only, {value}: nothing that comes in makes a difference.").format(value=few(low))
    else:
        yield _("Its values lie between {low} and {high}.").format(low=few(low), high=few(high))


def _fades(found: Examined, z: str) -> Iterator[str]:
    """Where little or nothing of an error gets through."""
    tails = {tail.side: tail for tail in found.tails if _there(found, tail)}
    left, right = tails.get("left"), tails.get("right")
    largest = few(found.steepest)
    if found.steepest <= FLAT:
        yield _("Its slope is 0 everywhere: nothing gets through.")
        return
    if left and right and math.isclose(-left.start, right.start, rel_tol=1e-6) and left.flat == right.flat:
        if left.flat:
            yield _("Beyond |{z}| = {at} the slope is 0: nothing gets through.").format(z=z, at=few(right.start))
        else:
            yield _(
                "Beyond |{z}| = {at} it saturates: the slope is below 1 % of its largest, {largest}, and an error that arrives there hardly gets through."
            ).format(z=z, at=few(right.start), largest=largest)
        return
    for tail, below in ((left, True), (right, False)):
        if tail is None:
            continue
        at = few(tail.start)
        if tail.flat and below:
            yield _(
                "Below {z} = {at} the slope is 0: nothing gets through, and a unit that stays there does not learn."
            ).format(z=z, at=at)
        elif tail.flat:
            yield _(
                "Above {z} = {at} the slope is 0: nothing gets through, and a unit that stays there does not learn."
            ).format(z=z, at=at)
        elif below:
            yield _(
                "Below {z} = {at} it saturates: the slope is below 1 % of its largest, {largest}, and an error that arrives there hardly gets through."
            ).format(z=z, at=at, largest=largest)
        else:
            yield _(
                "Above {z} = {at} it saturates: the slope is below 1 % of its largest, {largest}, and an error that arrives there hardly gets through."
            ).format(z=z, at=at, largest=largest)
    if not tails and not found.tails and not math.isnan(found.steepest):
        yield _("It does not saturate on either side.")


def irregular(found: Examined, z: str) -> Iterator[str]:
    """Gaps, jumps, kinks: at most three of each."""
    yield from (_gap(each, found, z) for each in found.gaps[:MOST])
    yield from (_jump(each, z) for each in found.jumps[:MOST])
    yield from (_kink(each, z) for each in found.kinks[:MOST])
    if found.more or max(map(len, (found.gaps, found.jumps, found.kinks))) > MOST:
        yield _("There are more such places than are told here.")


def _kink(kink: Kink, z: str) -> str:
    at = few(kink.at)
    if math.isnan(kink.left) or math.isnan(kink.right):
        return _("At {z} = {at} it ends with an infinite slope.").format(z=z, at=at)
    if math.isinf(kink.left) or math.isinf(kink.right) or not math.isfinite(kink.used):
        return _("At {z} = {at} there is no finite slope.").format(z=z, at=at)
    return _(
        "At {z} = {at} there is a kink: the slope is {left} on the left and {right} on the right; there we take {used}, a convention."
    ).format(z=z, at=at, left=few(kink.left), right=few(kink.right), used=few(kink.used))


def _gap(gap: Gap, found: Examined, z: str) -> str:
    low, high = few(gap.low), few(gap.high)
    if gap.low == gap.high:
        if gap.kind == "hole":
            return _("At {z} = {at} it has no value, though it has one on both sides.").format(z=z, at=low)
        return _("At {z} = {at} it grows without limit, and has no value.").format(z=z, at=low)
    if gap.kind == "overflow":
        return _("From {z} = {low} to {high} its values are larger than a computer can keep.").format(
            z=z, low=low, high=high
        )
    if gap.low <= found.low and gap.high >= found.high:
        return _("A unit with it has no output, so it cannot be used.")
    if gap.low <= found.low:
        return _(_LOST["≤" if gap.high_in else "<"]).format(z=z, at=high)
    if gap.high >= found.high:
        return _(_LOST["≥" if gap.low_in else ">"]).format(z=z, at=low)
    return _("From {z} = {low} to {high} it has no value: a unit that gets there has no output.").format(
        z=z, low=low, high=high
    )


_LOST = {
    "≤": later(
        "For {z} ≤ {at} it has no value: a unit that gets there has no output, and every number behind it is lost."
    ),
    "<": later(
        "For {z} < {at} it has no value: a unit that gets there has no output, and every number behind it is lost."
    ),
    "≥": later(
        "For {z} ≥ {at} it has no value: a unit that gets there has no output, and every number behind it is lost."
    ),
    ">": later(
        "For {z} > {at} it has no value: a unit that gets there has no output, and every number behind it is lost."
    ),
}


def _jump(jump: Jump, z: str) -> str:
    return _("At {z} = {at} it jumps from {left} to {right}, of which its slope knows nothing.").format(
        z=z, at=few(jump.at), left=few(jump.left), right=few(jump.right)
    )


def same(apart: float) -> str:
    """SymPy's derivative against the slope of the row."""
    if apart == 0:
        return html.escape(_("SymPy and the textbook give the same number at every point."))
    return html.escape(
        _("SymPy and the textbook agree: they differ by {apart} at most, which is rounding.").format(
            apart=numerals.plain(apart, 2)
        )
    )


def checked(found: Examined) -> str:
    """The slope against central differences."""
    agreement = found.agreement
    if not agreement.points:
        return html.escape(_("There is no point at which its slope could be checked."))
    apart = numerals.plain(agreement.relative, 2) if agreement.relative else "0"
    if agreement.relative < ROUNDING:
        return html.escape(
            _(
                "Checked against difference quotients at {count} points: the largest relative disagreement is {apart}, which is rounding."
            ).format(count=agreement.points, apart=apart)
        )
    return html.escape(
        _(
            "Checked against difference quotients at {count} points: the largest relative disagreement is {apart}, at {at}."
        ).format(count=agreement.points, apart=apart, at=few(agreement.at))
    )


def count(outputs: int) -> str:
    """What n is."""
    return plural(
        "<i>n</i> = {count}: the present lesson has one output.",
        "<i>n</i> = {count}: the present lesson has {count} outputs.",
        outputs,
    ).format(count=outputs)
