"""The language in force: every visible sentence of the product is one gettext message, looked up here.

A sentence is written once, in English, as `_("The {key} is missing.").format(key=...)`: whole, with named
places, never glued from parts. Which catalogue answers is a context variable, because one server speaks to
many visitors at once and each visitor's script runs in a context of its own.
"""

from __future__ import annotations

import gettext
from contextvars import ContextVar

_catalogue: ContextVar[gettext.NullTranslations | None] = ContextVar("catalogue", default=None)


def speak(catalogue: gettext.NullTranslations) -> None:
    """From here on, in this context, messages come from `catalogue`."""
    _catalogue.set(catalogue)


def _(message: str) -> str:
    """The message in the language in force; English where nothing was chosen."""
    catalogue = _catalogue.get()
    return catalogue.gettext(message) if catalogue else message


def plural(one: str, many: str, count: int) -> str:
    """The form of a message that fits a count."""
    catalogue = _catalogue.get()
    return catalogue.ngettext(one, many, count) if catalogue else (one if count == 1 else many)


def later(message: str) -> str:
    """Mark a message of a table for translation; it is looked up with `_` when it is shown."""
    return message
