"""The bar with the buttons and the rail with the phases, as HTML for the stage element."""

from __future__ import annotations

import html
import json

from backprop.explain import symbols, words
from backprop.figures.palette import PHASES
from backprop.language import _, later
from backprop.runs.walk import Walk
from backprop.ui.place import Place

PHASE_NAMES = {**words.PHASE_NAMES, "given": later("Start")}
MOST_SEGMENTS = 90
"""With more stops than this the rail shows one segment per layer's quantity instead of one per number."""


def _set(**wish: object) -> str:
    return f"data-set='{html.escape(json.dumps(wish))}'"


def _icon(name: str) -> str:
    return f'<span class="ms" aria-hidden="true">{name}</span>'


def _button(content: str, label: str, action: str, more: str = "", off: bool = False) -> str:
    return f'<button type="button" {action} class="bt {more}" aria-label="{html.escape(label)}" title="{html.escape(label)}"{" disabled" if off else ""}>{content}</button>'


def bar_html(place: Place) -> str:
    """Where one is, where one can go, and how the walk is shown."""
    walk, stop = place.walk, place.stop
    phase = walk.phase(stop)
    name = _(PHASE_NAMES[phase])
    cell = walk.cell(stop)
    where = (
        _("{phase} · layer {layer}").format(phase=name, layer=cell.layer)
        if cell and cell.layer and phase != "loss"
        else name
    )
    count = (
        _("step {stop} of {count}").format(stop=stop, count=len(walk))
        if stop
        else _("{count} steps").format(count=len(walk))
    )
    ends = stop >= len(walk) and not place.covered
    forward = _("Show") if place.covered else _("Next")
    buttons = [
        _button(_icon("first_page"), _("First step (Home)"), 'data-go="home"', off=stop == 0 and place.iteration == 0),
        _button(
            f"{_icon('chevron_left')}<span class='wide'>{_('Back')}</span>",
            _("One step back (←)"),
            'data-go="back"',
            off=stop == 0 and place.iteration == 0,
        ),
        _button(
            f"<span>{forward}</span>{_icon('chevron_right')}",
            _("Next iteration (→)") if ends else _("Next step (→)"),
            'data-go="next"',
            f"pr {PHASES[phase]}",
        ),
        _button(_icon("last_page"), _("Finish the iteration (End)"), 'data-go="end"', off=ends),
    ]
    grain = "".join(
        f'<button type="button" role="radio" aria-checked="{str(place.grain == value).lower()}" class="{"on" if place.grain == value else ""}" {_set(grain=value, revealed=False, guess="")} title="{html.escape(title)}">{label}</button>'
        for value, label, title in (
            ("number", _("Number"), _("One number a step")),
            ("layer", _("Layer"), _("A whole layer's quantity a step")),
        )
    )
    hide, predict = place.hide and not place.predict, place.predict
    cover = _button(
        _icon("visibility_off" if hide else "visibility"),
        _("Show the answers at once") if hide else _("Hide the answer until the next key"),
        _set(hide=not hide, predict=False, revealed=False, guess=""),
        "on" if hide else "",
    ) + _button(
        _icon("help"),
        _("Ask no more, show the answers at once") if predict else _("Predict first: each answer is asked for"),
        _set(hide=False, predict=not predict, revealed=False, guess=""),
        "ask on" if predict else "ask",
    )
    jumps = "".join(_button(f"+{n}", _("{n} iterations on").format(n=n), f'data-jump="{n}"') for n in (1, 10, 100))
    zero = _button(_icon("replay"), _("Back to iteration 0"), 'data-jump="0"', off=place.iteration == 0)
    return (
        f'<div class="tp" role="toolbar" aria-label="{html.escape(_("Steps"))}">{"".join(buttons)}'
        f'<span class="where {PHASES[phase]}" aria-live="polite"><b>{where}</b><small>{count}</small></span>'
        f'<span class="end"><span class="cover">{cover}</span><span class="seg" role="radiogroup" aria-label="{html.escape(_("What is one step"))}">{grain}</span>'
        f'<span class="it"><span class="wide">{_("Iteration")}</span> <b>{place.iteration}</b>{zero}{jumps}</span></span></div>'
    )


def _segments(walk: Walk, first: int, last: int) -> list[tuple[int, int, bool]]:
    """(first stop, last stop, does a new quantity begin here?) of every segment of a phase."""
    out = []
    for stop in range(first, last + 1):
        begins = stop == first or walk.step(stop) is not walk.step(stop - 1)
        if len(walk) <= MOST_SEGMENTS or begins:
            out.append((stop, stop if len(walk) <= MOST_SEGMENTS else walk.last_of_step(stop), begins))
    return out


def rail_html(place: Place) -> str:
    """The whole iteration as a line of segments, a click on one goes there; beneath it the phases and the number at hand."""
    walk, stop = place.walk, place.stop
    groups: list[str] = []
    seen, marker = 0, None
    phases = [(phase, _segments(walk, first, last)) for phase, first, last in walk.phases]
    total = sum(len(segments) for _phase, segments in phases)
    for phase, segments in phases:
        marks: list[str] = []
        for first, last, begins in segments:
            state = "now" if first <= stop <= last else "done" if last < stop else ""
            if state == "now":
                marker = (seen + len(marks) + 0.5, seen)
            title = html.escape(symbols.text(walk.cells[first - 1], place.notation))
            marks.append(
                f'<i data-stop="{walk.settled(first, place.grain)}" class="{state}{" nu" if begins else ""}" title="{title}"></i>'
            )
        groups.append(
            f'<div class="ph {PHASES[phase]}" style="flex:{max(len(segments), 2)}"><div class="sg">{"".join(marks)}</div><span>{_(PHASE_NAMES[phase])}</span></div>'
        )
        seen += len(segments)
    label, cell = "", walk.cell(stop)
    if marker and cell and (marker[0] - marker[1]) / total * 940 > 95:
        name = symbols.text(
            cell if place.grain == "number" else cell._replace(unit=None, from_unit=None), place.notation
        )
        label = f'<em class="{PHASES[walk.phase(stop)]}" style="left:{100 * marker[0] / total:.2f}%">{html.escape(name)}</em>'
    return f'<div class="rail">{"".join(groups)}{label}</div>'
