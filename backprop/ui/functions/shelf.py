"""What is chosen from: a row of small curves with their names, and a list of what may stand beside the one that is chosen."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from functools import lru_cache

from backprop.engine.activations import Activation
from backprop.engine.losses import Loss
from backprop.figures.plots import Curve, thumb_svg
from backprop.language import _
from backprop.runs import sampled
from backprop.ui.functions.rows import named


def shelf_html(field: str, rows: Mapping[str, Activation] | Mapping[str, Loss], now: str, other: str) -> str:
    """A button for each row; the one that is shown and the one beside it are marked."""
    buttons = []
    for spec, row in rows.items():
        mark = " on" if spec == now else " beside" if spec == other else ""
        sent = html.escape(json.dumps({field: spec}), quote=True)
        buttons.append(
            f'<button type="button" class="th{mark}" aria-pressed="{str(spec == now).lower()}" data-set="{sent}">{_thumb(row)}<span>{html.escape(named(row, 20))}</span></button>'
        )
    return f'<div class="shelf {field}">{"".join(buttons)}</div>'


@lru_cache(maxsize=256)
def _thumb(row: Activation | Loss) -> str:
    if isinstance(row, Activation):
        found = sampled.activation_curve(row, 4.0)
        return thumb_svg(Curve(found.x, found.value, "fwd"))
    found = sampled.loss_curve(row, 0.25)
    return thumb_svg(Curve(found.x, found.value, "loss"))


def beside_html(field: str, rows: Mapping[str, Activation] | Mapping[str, Loss], now: str) -> str:
    """The list of what may be compared with it."""
    others = "".join(
        f'<option value="{html.escape(spec, quote=True)}">{html.escape(named(row, 24))}</option>'
        for spec, row in rows.items()
        if spec != now
    )
    label = html.escape(_("compare with"))
    return f'<label class="fx-tool"><span>{label}</span><select data-field="{field}"><option value="">{html.escape(_("nothing"))}</option>{others}</select></label>'
