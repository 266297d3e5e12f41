"""What each tab shows: the table of contents of what stands below the network."""

from __future__ import annotations

from backprop.ui.following import change, graph, ledger, matrix, slopes, ways, written_out
from backprop.ui.following.chain import chain_html
from backprop.ui.following.written_out import Answer
from backprop.ui.place import Place

WIDE, TALL = 968, 276
"""px: the network above."""
WITH_WAYS = ("paths", "chain")
"""Under these tabs the gradient stands in four ways."""


def content(here: Place, narrow: bool, sympy: Answer | None) -> str:
    """The open tab as HTML. sympy: what it has for the number, under the tabs of WITH_WAYS."""
    trace, cell, sample, digits, convention = here.trace, here.follows, here.sample, here.digits, here.notation
    match here.tab:
        case "chain" if here.reading == "expanded" and sympy is not None:
            return chain_html(here, written_out.written_out_html(here, sympy, narrow), narrow)
        case "chain":
            return chain_html(here, "", narrow)
        case "matrix":
            return matrix.matrix_html(trace, cell, sample, digits, convention, narrow)
        case "graph":
            return graph.graph_html(here, narrow)
        case "change":
            return change.change_html(trace, cell, here.ledger.gradient, here.nudge, digits, convention, narrow)
        case "slopes":
            return slopes.slopes_html(trace, cell, sample, digits, convention, narrow)
    return ledger.ledger_html(here, WIDE, TALL, narrow)


def four_ways(here: Place, narrow: bool, sympy: Answer) -> str:
    """Backprop, sum of the paths, finite difference, SymPy."""
    found = here.ledger
    exact, pending = written_out.number(here, sympy)
    return ways.ways_html(
        here.trace,
        here.follows,
        found.gradient,
        found.whole,
        here.epsilon,
        exact,
        pending,
        here.digits,
        here.notation,
        narrow,
    )
