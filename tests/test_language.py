"""The language in force: one per context, English where nothing was chosen."""

import gettext
from contextvars import copy_context
from threading import Thread

from backprop import language
from backprop.engine.formula import FormulaError, parse


class Shouting(gettext.NullTranslations):
    """A catalogue that answers in capitals and knows another plural."""

    def gettext(self, message: str) -> str:
        return message.upper()

    def ngettext(self, one: str, many: str, count: int) -> str:
        return "none" if count == 0 else many.upper()


def test_english_where_nothing_was_chosen():
    assert language._("Weights") == "Weights" and language.later("Weights") == "Weights"
    assert [language.plural("step", "steps", count) for count in (0, 1, 2)] == ["steps", "step", "steps"]


def test_a_language_holds_in_its_own_context_only():
    heard = {}

    def visitor(name: str, catalogue: gettext.NullTranslations | None) -> None:
        if catalogue:
            language.speak(catalogue)
        heard[name] = (language._("Weights"), language.plural("step", "steps", 0))

    threads = [
        Thread(target=copy_context().run, args=(visitor, "one", Shouting())),
        Thread(target=copy_context().run, args=(visitor, "other", None)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {"one": ("WEIGHTS", "none"), "other": ("Weights", "steps")} and language._("Weights") == "Weights"


def test_a_fault_is_told_in_the_language_in_force():
    def fault() -> str:
        language.speak(Shouting())
        try:
            parse("")
        except FormulaError as error:
            return str(error)
        return ""

    assert copy_context().run(fault) == "THE FORMULA IS EMPTY."
