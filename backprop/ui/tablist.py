"""A row of tabs inside an element of a page: one is open at a time, and the keys 1, 2, 3 … open them."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping

from backprop.language import _


def tabs_html(field: str, titles: Mapping[str, str], now: str) -> str:
    """The row. field: the field of a Place that says which is open; titles: of each of its values, a message."""
    buttons = "".join(
        f"<button type='button' role='tab' aria-selected='{str(tab == now).lower()}' class='{'on' if tab == now else ''}' "
        f"data-set='{json.dumps({field: tab})}' title='{html.escape(_('Key {key}').format(key=key))}'>{html.escape(_(title))}</button>"
        for key, (tab, title) in enumerate(titles.items(), 1)
    )
    return f'<div class="tabs" role="tablist">{buttons}</div>'
