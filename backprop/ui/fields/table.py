"""Every field of a Place, in the order in which a link is read: a later one is read in the place that the earlier ones lead to."""

from __future__ import annotations

from backprop.ui.fields.by_hand import PRACTISED
from backprop.ui.fields.comparing import COMPARED
from backprop.ui.fields.descending import DESCENDED
from backprop.ui.fields.following import FOLLOWED
from backprop.ui.fields.reading import Field
from backprop.ui.fields.walking import WALKING

FIELDS: dict[str, Field] = {**WALKING, **FOLLOWED, **PRACTISED, **DESCENDED, **COMPARED}
assert len(FIELDS) == sum(map(len, (WALKING, FOLLOWED, PRACTISED, DESCENDED, COMPARED))), "a field stands twice"

BOUNDS = {name: field.bounds for name, field in FIELDS.items() if field.bounds}
"""The least and the most of what a visitor may dial."""
