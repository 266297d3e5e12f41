"""The strip "The same number four ways": backprop, the sum of the paths, a finite difference, SymPy; digits that agree are bold."""

from __future__ import annotations

import html

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols
from backprop.explain.alike import agreeing, written
from backprop.explain.conventions import Convention
from backprop.explain.lines import stepwise
from backprop.explain.readings import Reader, Style
from backprop.explain.terms import Const, Local, Node, Ref, Sum
from backprop.figures.wiggle import wiggle_svg
from backprop.language import _, plural
from backprop.runs.nudge import FINEST, differences

WIDE, PHONE = 190.0, 340.0
"""px: the plot of the finite difference's error."""


def ways_html(
    trace: Trace,
    cell: Cell,
    gradient_cell: Cell,
    path_sum: float,
    epsilon: int,
    exact: float | None,
    pending: str,
    digits: int,
    convention: Convention,
    narrow: bool = False,
) -> str:
    """One gradient computed in four ways, each with 14 significant digits.

    path_sum: what the paths add up to; epsilon: k of the step 10⁻ᵏ, 1 … 15; exact: SymPy's number, or None while it has
    not answered or is refused: then `pending` is the sentence in its place, and backprop is what the others are compared
    with. digits is not used here: these numbers show what the display's digits hide.
    Raises KeyError for a cell that is not in the trace.
    """
    convention = convention.of(trace)
    epsilon = min(max(1, epsilon), FINEST)
    backprop = trace.at(gradient_cell)
    finite = differences(trace, cell)[epsilon - 1]
    reference = backprop if exact is None else exact
    name = symbols.html(cell, convention)
    loss = symbols.html(Cell("loss", trace.network.depth), convention)
    wiggled = _("wiggle {name} by ±{step}, watch {loss}").format(name=name, step=_step(epsilon), loss=loss)
    columns = (
        _column(_("Backprop"), backprop, reference, _rule(trace, gradient_cell, convention), exact is None),
        _column(
            _("Sum of the paths"),
            path_sum,
            reference,
            _("the products of every sample, added up")
            if trace.samples > 1 and cell.sample is None
            else _("the products above, added up"),
        ),
        _column(
            _("Finite difference"),
            finite,
            reference,
            wiggled,
            more=_trial(trace, cell, backprop, epsilon, convention, narrow),
        ),
        _column("SymPy", exact, reference, _("the formula, differentiated exactly"), True)
        if exact is not None
        else f'<div class="fw-way"><b>SymPy</b><p>{html.escape(pending)}</p></div>',
    )
    told = (
        _("digits that agree with backprop are bold") if exact is None else _("digits that agree with SymPy are bold")
    )
    return (
        f'<div class="fw-ways{" fw-narrow" if narrow else ""}"><div class="fw-head"><b>{_("The same number four ways")}</b><span>{told}</span></div>'
        f'<div class="fw-columns">{"".join(columns)}</div></div>'
    )


def _trial(trace: Trace, cell: Cell, backprop: float, epsilon: int, convention: Convention, narrow: bool) -> str:
    """The plot over all steps, and under it the slider of the present one."""
    label = html.escape(_("The step of the finite difference, from coarse to fine"), quote=True)
    return (
        f'<div class="fw-try">{wiggle_svg(trace, cell, backprop, epsilon, convention, PHONE if narrow else WIDE)}\n'
        f'<input type="range" data-field="epsilon" min="1" max="{FINEST}" step="1" aria-label="{label}">\n</div>'
    )


def _column(title: str, value: float, reference: float, note: str, is_reference: bool = False, more: str = "") -> str:
    """A way: its name, how many digits agree, the number, and how it is computed. more: what stands beside it."""
    same, other, power = written(value, reference)
    count = agreeing(value, reference)
    told = "" if is_reference else plural("{count} digit", "{count} digits", count).format(count=count)
    number = "".join(
        f'<{tag} class="{kind}">{html.escape(text)}</{tag}>'
        for tag, kind, text in (("strong", "fw-same", same), ("span", "fw-other", other))
        if text
    )
    return (
        f'<div class="fw-way">{more}<b>{html.escape(title)}<i>{told}</i></b>'
        f'<div class="fw-number" title="{numerals.all_digits(value)}">{number}<span class="fw-{"same" if same else "other"}">{power}</span></div><small>{note}</small></div>'
    )


def _step(epsilon: int) -> str:
    """0.00001; from the sixth decimal on 10⁻⁶."""
    return numerals.pointed(f"{10.0**-epsilon:.{epsilon}f}") if epsilon <= 5 else numerals.ten_to(-epsilon)


def _rule(trace: Trace, gradient_cell: Cell, convention: Convention) -> str:
    """δ₁ · x₁, as on page One iteration: the rule of the gradient from the numbers before it."""
    rule = stepwise(trace, gradient_cell)
    samples = trace.samples if gradient_cell.quantity in ("dL_dW", "dL_db") else 1
    if samples > 1 and isinstance(rule, Sum):
        rule = rule.terms[0]
    if isinstance(rule, Local):
        return _("as on page One iteration")
    text = _factors(rule, convention)
    if samples > 1:
        return _("{rule}, summed over the {samples} samples").format(rule=text, samples=samples)
    if isinstance(rule, Sum) and len(rule.terms) > 2:
        return text  # which fills the column
    return _("{rule}, as on page One iteration").format(rule=text)


def _factors(rule: Node, convention: Convention) -> str:
    """The rule's symbols as HTML; a long sum by its first terms and its last."""

    def leaf(leaf: Ref | Local | Const) -> str:
        match leaf:
            case Const():
                return leaf.tex
            case Ref(cell=Cell(quantity="dL_dz")):
                return symbols.delta_html(leaf.cell, convention)
        assert leaf.cell is not None
        return symbols.html(leaf.cell, convention)

    return Reader(Style({}), leaf, " · ").node(rule, shorten=2).replace(r"\cdots", "⋯").replace(r"\;", " ")
