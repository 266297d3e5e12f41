"""The tab "Every operation": the graph of single operations, and the walk through it, forward and back."""

from __future__ import annotations

import html
import json

from backprop.explain.excerpt import positions
from backprop.figures.graph import operation_sentence_html, operations_svg
from backprop.language import _
from backprop.ui.place import Place


def length(here: Place, narrow: bool) -> int:
    """How many positions the walk has, the overview not counted."""
    return positions(here.trace, here.follows, here.sample, _way(here), narrow)


def graph_html(here: Place, narrow: bool) -> str:
    """The sentence of the present position with the buttons of the walk, and the drawing."""
    last = length(here, narrow)
    op = here.op if here.op <= last else 0
    given = (here.trace, here.follows, here.sample, op, here.digits, here.notation, _way(here), narrow)
    steps = (
        _button("chevron_left", _("One operation back (←)"), (op - 1) % (last + 1)),
        _button("chevron_right", _("Next operation (→)"), (op + 1) % (last + 1)),
        _button("select_all", _("All at once (Home)"), 0, op == 0),
    )
    where = _("{op} of {count}").format(op=op, count=last) if op else ""
    return (
        f'<div class="gr"><div class="gr-say"><span class="gr-go">{"".join(steps)}<small>{where}</small></span><p>{operation_sentence_html(*given)}</p></div>'
        f"{operations_svg(*given)}</div>"
    )


def _way(here: Place) -> tuple[int, ...]:
    """The units of the path that is pinned, or of the first one."""
    found = here.ledger
    return found.paths[(here.path or 1) - 1].units


def _button(icon: str, label: str, op: int, off: bool = False) -> str:
    return f"<button type='button' class='bt' data-set='{json.dumps({'op': op})}' aria-label='{html.escape(label)}' title='{html.escape(label)}'{' disabled' if off else ''}><span class='ms' aria-hidden='true'>{icon}</span></button>"
