"""The page "Worksheet": what stands on the sheet is chosen above it, and the sheet lies there as it will be printed."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.resources import files

import streamlit as st

from backprop.engine.steps import Cell
from backprop.explain.lines import MACROS, Line
from backprop.explain.readings import Style
from backprop.export.fillable import fillable_csv, fillable_xlsx
from backprop.export.formats import FORMATS
from backprop.export.handout import link, note, stem
from backprop.export.latex import to_tex
from backprop.export.sheet import Block, Section, Table, sections
from backprop.figures.palette import PHASES
from backprop.language import _, later
from backprop.practice.blanks import BLANKABLE, covered
from backprop.practice.variants import MAX_SEED
from backprop.runs.history import MAX_ITERATIONS
from backprop.ui import elements, state
from backprop.ui.place import Place
from backprop.ui.sidebar import chooser
from backprop.ui.transport import PHASE_NAMES

PRINT_STYLE = f"<style>{files('backprop.ui').joinpath('assets', 'print.css').read_text(encoding='utf-8')}</style>"


@dataclass(frozen=True)
class Choice:
    """What is on the sheet: the phases calculated on it, those of them left blank, all samples or the picked one, sheet or answers."""

    shown: tuple[str, ...] = BLANKABLE
    blank: tuple[str, ...] = ("backward",)
    every: bool = False
    key: bool = False


def worksheet() -> None:
    """The controls and the sheet."""
    st.html(PRINT_STYLE)
    _controls()
    here, choice = state.place(), _choice()
    elements.worksheet(
        key="sheet",
        data={
            "parts": {"sheet": sheet_html(here, choice)},
            "macros": MACROS,
            "print": _("Print"),
        },
    )


def _choice() -> Choice:
    return st.session_state.setdefault("sheet_choice", Choice())


def _in_order(phases: list[str] | None) -> tuple[str, ...]:
    return tuple(phase for phase in BLANKABLE if phase in (phases or ()))


# --- what can be chosen


def _controls() -> None:
    """Widgets forget their value when another page is opened, so they are told it each time."""
    here, choice = state.place(), _choice()
    now = st.session_state
    now.sheet_iteration, now.sheet_seed = here.iteration, here.seed
    now.sheet_shown, now.sheet_blank = list(choice.shown), list(choice.blank)
    now.sheet_kind = "key" if choice.key else "sheet"
    now.sheet_sample = 0 if choice.every else here.sample
    with st.container(key="sheet-controls"):
        example, iteration, variant, sample, kind = st.columns([4.1, 2.2, 2.2, 1.4, 2.6])
        with example:
            chooser()
        iteration.number_input(
            _("Iteration"), 0, MAX_ITERATIONS - 1, step=1, key="sheet_iteration", on_change=_another_iteration
        )
        variant.number_input(
            _("Variant"),
            0,
            MAX_SEED,
            step=1,
            key="sheet_seed",
            on_change=_another_variant,
            help=_(
                "The same network with other numbers: a sheet of one's own for every pupil. 0 is the lesson itself."
            ),
        )
        if here.trace.samples > 1:
            sample.selectbox(
                _("Sample"),
                [*range(1, here.trace.samples + 1), 0],
                format_func=lambda number: str(number) if number else _("all"),
                key="sheet_sample",
                on_change=_chosen,
            )
        kind.segmented_control(
            _("Version"),
            ["sheet", "key"],
            format_func=lambda each: {"sheet": _("Sheet"), "key": _("Answers")}[each],
            key="sheet_kind",
            on_change=_chosen,
        )
        shown, blank, take = st.columns([5, 5, 3], vertical_alignment="bottom")
        shown.pills(
            _("On the sheet"),
            BLANKABLE,
            selection_mode="multi",
            format_func=_phase,
            key="sheet_shown",
            on_change=_chosen,
        )
        blank.pills(
            _("Left blank"), BLANKABLE, selection_mode="multi", format_func=_phase, key="sheet_blank", on_change=_chosen
        )
        with take.container(horizontal=True, vertical_alignment="center", key="sheet-take"):
            st.markdown(":material/download:", width="content")
            for name in TAKEN:
                _download(name, here, choice)


def _download(name: str, here: Place, choice: Choice) -> None:
    """A button for a form of the sheet; the file is made when it is asked for."""
    (label, told, make), then = TAKEN[name], state.held()
    st.download_button(
        label, lambda: make(then(), choice), _file(here, name), FORMATS[name].mime, key=f"sheet-{name}", on_click="ignore", type="tertiary", help=_(told),
    )  # fmt: skip


def _phase(name: str) -> str:
    return _(PHASE_NAMES[name])


def _another_iteration() -> None:
    state.go(state.place().moved({"iteration": int(st.session_state.sheet_iteration)}))


def _another_variant() -> None:
    state.vary(int(st.session_state.sheet_seed))


def _chosen() -> None:
    now = st.session_state
    number = now.get("sheet_sample", 1)
    now.sheet_choice = replace(
        _choice(),
        shown=_in_order(now.sheet_shown),
        blank=_in_order(now.sheet_blank),
        every=number == 0,
        key=now.sheet_kind == "key",
    )
    if number:
        state.go(state.place().moved({"sample": number}))


# --- the sheet


def _sample(place: Place, choice: Choice) -> int | None:
    return None if choice.every or place.trace.samples == 1 else place.sample


def _tex(place: Place, choice: Choice) -> str:
    style = Style({}, place.digits, place.notation)
    sample, phases = _sample(place, choice), choice.shown
    return to_tex(
        place.trace,
        place.title,
        style,
        sample,
        choice.blank,
        choice.key,
        phases,
        note=note(place.seed, place.numbers_query()),
    )


def _file(place: Place, form: str) -> str:
    """What a download is called."""
    name = stem(place.origin, place.seed) if place.seed else place.origin
    return f"{name}{'' if form == 'tex' else '-sheet'}{FORMATS[form].suffix}"


def _blanks(place: Place, choice: Choice) -> frozenset[Cell]:
    return covered(place.trace, Style({}, place.digits), _sample(place, choice), choice.blank)


def _csv(place: Place, choice: Choice) -> bytes:
    return fillable_csv(place.trace, _blanks(place, choice), link(place.numbers_query())).encode()


def _xlsx(place: Place, choice: Choice) -> bytes:
    said = note(place.seed, place.numbers_query())
    return fillable_xlsx(place.trace, place.title, _blanks(place, choice), said)


TAKEN: dict[str, tuple[str, str, Callable[[Place, Choice], bytes]]] = {
    "tex": ("LaTeX", later("The same sheet as a LaTeX file"), lambda place, choice: _tex(place, choice).encode()),
    "csv": ("CSV", later("The same blanks to fill in at a computer, as a table (CSV)"), _csv),
    "xlsx": ("Excel", later("The same blanks to fill in at a computer, as a spreadsheet (XLSX)"), _xlsx),
}
"""What can be taken home: the name of the format, its words on the button, what they say more, and what makes the file."""


def sheet_html(place: Place, choice: Choice) -> str:
    """The sheet as HTML; every formula is a <span data-tex>, which worksheet.js sets."""
    style = Style({}, place.digits, place.notation)
    parts = sections(place.trace, style, _sample(place, choice), choice.blank, choice.key, choice.shown)
    below = f"<span>{html.escape(_('Iteration {iteration}').format(iteration=place.iteration))}</span>"
    if choice.blank and choice.key:
        below += f"<b>{html.escape(_('Answers'))}</b>"
    elif choice.blank:
        below += "".join(
            f'<span class="who {each}">{html.escape(name)}<i></i></span>'
            for each, name in (("name", _("Name")), ("date", _("Date")))
        )
    said = note(place.seed, place.numbers_query())
    which = f'<p class="which">{html.escape(said)}</p>' if said else ""
    roomy = " roomy" if choice.blank and not choice.key else ""
    return (
        f'<article class="paper{roomy}"><header><h1>{html.escape(place.title)}</h1><div class="below">{below}</div>{which}</header>'
        f"{''.join(map(_section, parts))}</article>"
    )


def _math(tex: str) -> str:
    return f'<span class="m" data-tex="{html.escape(tex)}"></span>' if tex else ""


def _section(section: Section) -> str:
    hue = PHASES.get(section.phase, "pos")
    return f'<section class="{hue}"><h2>{html.escape(section.heading)}</h2>{"".join(map(_block, section.blocks))}</section>'


def _block(block: Block) -> str:
    facts = f"<p>{html.escape('; '.join(block.facts))}</p>" if block.facts else ""
    table = _table(block.table) if block.table else ""
    formulas = "".join(f'<div class="formula">{"".join(map(_math, pieces))}</div>' for pieces in block.formulas)
    lines = f'<div class="lines">{"".join(map(_line, block.lines))}</div>' if block.lines else ""
    return f'<div class="block"><h3>{html.escape(block.caption)}</h3>{facts}{table}{formulas}{lines}</div>'


def _line(line: Line) -> str:
    value = f'<span class="value"><i></i>{_math(line.value)}</span>'
    calculation = f'<div class="sum">{_math(line.rule)}{_math(line.numbers)}{value}</div>'
    return f'<div class="line"><div>{_math(line.symbol)}</div><div>{calculation}</div></div>'


def _table(table: Table) -> str:
    head = "".join(f"<th>{_math(cell)}</th>" for cell in table.head)
    rows = "".join(f"<tr>{''.join(f'<td>{_math(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    return f'<div class="formula"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
