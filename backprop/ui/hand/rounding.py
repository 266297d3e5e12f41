"""The tab "Rounding": the iteration as a class computes it, next to all digits."""

from __future__ import annotations

import html

from backprop.figures.drift import drift_svg
from backprop.language import _, plural
from backprop.practice import drift, rounding
from backprop.ui.fields.table import BOUNDS
from backprop.ui.hand.rounding_table import table_html
from backprop.ui.hand.rounding_told import WARNED, sentences, totals
from backprop.ui.place import Place

AHEAD = (10, 20, 50, rounding.MOST)
"""The curves go on to the next of these, so that one sees what comes; where an article warns of it, to the end."""
WIDE, NARROW = (340, 240), (350, 220)


def parts(here: Place, narrow: bool) -> dict[str, str]:
    """The strings of the tab: "ask" (the question), "tools" (its controls), "main" (its contents), "note" (what is to be seen)."""
    most = rounding.reach(here.lesson)
    after = min(here.after, most)
    ahead = AHEAD[-1:] if here.origin in WARNED else AHEAD
    upto = next((each for each in ahead if after <= each <= most), most)
    found = rounding.twins(here.lesson, after, here.places, upto)
    rows = drift.table(found, here.sample)
    picture = drift_svg(
        found.losses,
        [float(each) for each in found.up.losses],
        [float(each) for each in found.even.losses],
        drift.apart(found),
        after,
        here.places,
        *(NARROW if narrow else WIDE),
    )
    told = "".join(f"<p>{each}</p>" for each in sentences(here, found, rows))
    return {
        "ask": _question(here, totals(rows)),
        "tools": _tools(here, after, most),
        "main": table_html(here, found, rows, narrow),
        "note": f'<div class="hr-note">{picture}{told}</div>',
    }


def _question(here: Place, told: str) -> str:
    asked = plural(
        "What does it cost to keep {count} decimal at every step?",
        "What does it cost to keep {count} decimals at every step?",
        here.places,
    ).format(count=here.places)
    return f'<div class="q"><span>{html.escape(asked)}</span><small>{told}</small></div>'


def _tools(here: Place, after: int, most: int) -> str:
    """The two sliders; what they say stands beside them, so that they stay as they are under the finger."""
    return f'<div class="hr-tools">{_slider("places", _("decimals"), here.places, *BOUNDS["places"])}{_slider("after", _("iteration"), after, 0, most)}</div>'


def _slider(field: str, name: str, value: int, least: int, most: int) -> str:
    label = html.escape(name)
    return f'<label><span>{label} <b>{value}</b></span><input type="range" data-field="{field}" min="{least}" max="{most}" step="1" aria-label="{label}"></label>'
