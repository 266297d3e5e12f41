"""One sheet in every form in which it is handed out: on paper with its key, and as tables that come back filled in."""

from __future__ import annotations

from collections.abc import Collection

from backprop.engine.steps import Cell, Trace
from backprop.explain.readings import Style
from backprop.export.fillable import fillable_csv, fillable_xlsx
from backprop.export.latex import to_tex
from backprop.language import _
from backprop.lessons.link import MAX_LINK
from backprop.practice.blanks import BLANKABLE, covered

FORMS = ("tex", "csv", "xlsx")


def handout(
    trace: Trace,
    title: str,
    style: Style,
    blanks: Collection[str | Cell],
    forms: Collection[str] = FORMS,
    seed: int = 0,
    query: str = "",
) -> dict[str, bytes]:
    """The files of a sheet, by how their names end: "sheet.tex" and "key.tex", "sheet.csv", "sheet.xlsx".

    blanks: see sheet.sections; forms: of FORMS; seed: of the variant, 0 for none; query: the parameters of the link that
    opens the same sheet. Raises ValueError for a blank that the iteration does not have.
    """
    said = note(seed, query)
    left_out = covered(trace, style, None, blanks)
    files: dict[str, bytes] = {}
    if "tex" in forms:
        for name, key in (("sheet.tex", False), ("key.tex", True)):
            files[name] = to_tex(trace, title, style, None, blanks, key, BLANKABLE, note=said).encode()
    if "csv" in forms:
        files["sheet.csv"] = fillable_csv(trace, left_out, link(query)).encode()
    if "xlsx" in forms:
        files["sheet.xlsx"] = fillable_xlsx(trace, title, left_out, said)
    return files


def stem(name: str, seed: int, wide: int = 4) -> str:
    """How the names of a sheet's files begin; they sort by their seed. wide: digits of the largest."""
    return f"{name}-seed-{seed:0{wide}d}"


def link(query: str) -> str:
    """?ex=xor&seed=17, without a host; empty where it is too long for a link."""
    return f"?{query}" if 0 < len(query) < MAX_LINK else ""


def note(seed: int, query: str) -> str:
    """A line that says which sheet this is and how it is opened in the app."""
    told, found = _("Variant {seed}.").format(seed=seed), link(query)
    if not found:
        return told if seed else ""
    if not seed:
        return _("To open this sheet in the app, put {query} behind the app's address.").format(query=found)
    return _("Variant {seed}. To open it in the app, put {query} behind the app's address.").format(
        seed=seed, query=found
    )
