"""The tab "Fill in": the network with what is known so far, the rows with their blanks, and the note beside them."""

from __future__ import annotations

import html
import json
from hashlib import sha256

from backprop.engine.steps import Cell
from backprop.explain import numerals, symbols
from backprop.figures.network import network_svg
from backprop.figures.palette import PHASES
from backprop.figures.scene import Scene, scene
from backprop.language import _, later, plural
from backprop.practice.blanks import Part
from backprop.ui.hand import head, note
from backprop.ui.hand.desk import DONE, TALL, WIDE, Desk, desk, told
from backprop.ui.place import Place

PHONE = 358
MOST_BESIDE = 2
"""With more units than this a number's name stands above its blank, and its verdict is a sign."""

WORDS = {
    "right": later("right"),
    "short": later("more digits"),
    "slip": later("not yet"),
    "wrong": later("not yet"),
    "unread": later("no number"),
}


def parts(here: Place, narrow: bool) -> dict[str, str]:
    """The strings of the tab."""
    on = desk(here)
    return {
        "tools": head.choice(here, on) + head.dial(here),
        "ask": head.question(on, here),
        "net": _network(here, on, narrow),
        "main": _rows(here, on, narrow) + _summary(here, on),
        "note": "" if narrow else note.note_html(here, on),
    }


def carried(here: Place) -> dict[str, object]:
    """What hand.js is told of the sheet: which numbers it has (by a fingerprint), the parts in order, and how each answer of the open one is judged."""
    on = desk(here)
    numbers = f"{here.lesson.to_json()}|{here.iteration}|{here.sample}"
    return {
        "sheet": sha256(numbers.encode()).hexdigest()[:16],
        "rail": [part.name for part in on.parts],
        "part": on.part.name,
        "verdicts": {cell.address: on.kind(cell) for cell in on.part.cells if cell in on.sheet.blank},
    }


# --- the network


def _network(here: Place, on: Desk, narrow: bool) -> str:
    """What is given or answered; what was got wrong stands in its place in crimson."""

    cells = set(on.sheet.cells)

    def known(cell: Cell) -> bool:
        if cell.quantity.endswith("_new") and on.part.phase != "update":
            return False  # the weights from before the update are needed until then
        return on.kind(cell) not in ("open", "unread") if cell in cells else True

    focus = here.focus if here.focus in on.part.cells and told(here.focus) else None
    drawn = scene(on.own, (focus,) if focus else (), here.sample, known)
    wrong = {cell: "wrong" for cell, verdict in on.verdicts.items() if verdict.kind in ("slip", "wrong")}
    drawn = Scene(
        drawn.phase if focus else PART_PHASE.get(on.part.phase, on.part.phase),
        drawn.lit | wrong,
        drawn.made if focus not in wrong else (),
        drawn.flows,
        known,
    )
    width, height = (PHONE, None) if narrow else (WIDE, TALL)
    return network_svg(on.own, drawn, width, height, here.sample, here.digits, here.notation)


PART_PHASE = {"after": "loss"}


# --- the rows


def _rows(here: Place, on: Desk, narrow: bool) -> str:
    part = on.part
    columns = max(len(row) for row in part.rows)
    beside = columns <= MOST_BESIDE and not narrow
    rows = ""
    for row in part.rows:
        rows += _row(here, on, row, beside)
        if narrow:
            # on a phone the note stands where the finger is; its room is always there, so that fields keep their place
            rows += f"<div class='slot'>{note.note_html(here, on) if here.focus in row else ''}</div>"
    across = 2 if narrow and columns > 1 else columns
    return f"<div class='sheet{' beside' if beside else ' above'}' style='--columns:{across};--name:{_longest(here, part)}px;--wide:{_field(here, part)}px'>{rows}</div>"


def _longest(here: Place, part: Part) -> int:
    """About how wide the longest name is, so that fields stand below each other."""
    longest = max(
        len(symbols.text(cell, here.notation)) + (5 if cell.quantity == "dL_dz" else 0) for cell in part.cells
    )
    return min(max(84, 10 * longest + 4), 150)


def _field(here: Place, part: Part) -> int:
    """How wide a field must be for a number with all its digits."""
    return 200 if len(part.cells) == 1 else 56 + 10 * max(4, here.digits)


def _row(here: Place, on: Desk, row: tuple[Cell, ...], beside: bool) -> str:
    items = "".join(_item(here, on, cell, beside) for cell in row)
    return f"<div class='row'>{_turn(on, row[0])}{items}</div>"


def _turn(on: Desk, cell: Cell) -> str:
    """A button that gives a step of the sheet, or leaves it blank."""
    blank = cell in on.sheet.blank
    title = html.escape(_("Give this step (Ctrl+Enter)") if blank else _("Leave this step blank"), quote=True)
    wish = html.escape(json.dumps({"blank": head.toggled(on, cell)}), quote=True)
    return f"<button type='button' tabindex='-1' class='turn' data-set='{wish}' title='{title}' aria-label='{title}'><i class='ms' aria-hidden='true'>{'visibility' if blank else 'edit'}</i></button>"


def _item(here: Place, on: Desk, cell: Cell, beside: bool) -> str:
    kind = on.kind(cell)
    name = f"<label for='{cell.address}'>{_name(here, cell)}</label>"
    if kind == "given":
        value = numerals.plain(on.sheet.true(cell), here.digits)
        return f"<div class='item given'>{name}<b>{value}</b><small>{_('given') if beside else ''}</small></div>"
    label = html.escape(symbols.text(cell, here.notation), quote=True)
    if cell.layer:
        label = html.escape(_("{name} of layer {layer}"), quote=True).format(name=label, layer=cell.layer)
    wrong = kind in ("slip", "wrong", "unread")
    field = f"<input id='{cell.address}' type='text' inputmode='text' autocomplete='off' autocapitalize='off' spellcheck='false' maxlength='200' data-answer='{cell.address}' aria-label='{label}' aria-invalid='{str(wrong).lower()}'>"
    focus = " at" if here.focus == cell else ""
    return f"<div class='item {kind}{focus}'>{name}{field}<small>{_mark(here, on, cell, kind)}</small></div>"


def _name(here: Place, cell: Cell) -> str:
    """The symbol of a blank; ∂L/∂z is introduced as δ."""
    own = symbols.html(cell, here.notation, layer=False)
    short = symbols.delta_html(cell, here.notation, layer=False) if cell.quantity == "dL_dz" else own
    return own if short == own else f"{short} = {own}"


def _mark(here: Place, on: Desk, cell: Cell, kind: str) -> str:
    """✓ right, ✓ right from your δ₂, ✕ not yet."""
    if kind == "open":
        return ""
    tick = kind in DONE
    sign = f"<i class='ms' aria-hidden='true'>{'check' if tick else 'close' if kind in ('slip', 'wrong') else 'more_horiz'}</i>"
    if kind == "carried":
        first = on.verdicts[cell].because[0]
        one = (
            symbols.delta_html(first, here.notation, layer=False)
            if first.quantity == "dL_dz"
            else symbols.html(first, here.notation, layer=False)
        )
        words = _("right from your {symbol}").format(symbol=one)
    else:
        words = _(WORDS[kind])
    return f"{sign}<span>{words}</span>"


# --- how far


def _summary(here: Place, on: Desk) -> str:
    """How much is right, in this part and on the sheet, and where it goes on."""
    right, count = on.done(on.part)
    done = [on.done(part) for part in on.parts]
    all_right, all_count = sum(each[0] for each in done), sum(each[1] for each in done)
    if not all_count:
        words = _("A worked example: every number is given. Turn the dial, and numbers become blanks.")
    elif all_right == all_count:
        words = _("All {count} right. The step takes the loss from {before} to {after}.").format(
            count=all_count,
            before=numerals.plain(on.sheet.trace.loss, here.digits),
            after=numerals.plain(on.sheet.true(on.sheet.cells[-1]), here.digits),
        )
    else:
        here_right = plural("{right} of {count} blank right here.", "{right} of {count} blanks right here.", count)
        words = here_right.format(right=right, count=count)
    whole = (
        _("{right} of {count} on the sheet.").format(right=all_right, count=all_count) if all_right < all_count else ""
    )
    return f"<div class='sum'><b>{words}</b> <span>{whole}</span>{_onward(on, done)}</div>"


def _onward(on: Desk, done: list[tuple[int, int]]) -> str:
    """The next part with something to do, else any that is open, else another sheet."""
    place = on.parts.index(on.part)
    later_on = [
        part for part, (right, count) in zip(on.parts, done, strict=True) if right < count and part is not on.part
    ]
    if not any(count for _right, count in done):
        later_on = list(on.parts[place + 1 :])
    following = next((part for part in later_on if on.parts.index(part) > place), later_on[0] if later_on else None)
    finished = done[place][0] == done[place][1]
    if following is not None:
        ahead = on.parts.index(following) > place
        label, sign = (_("Next part"), "chevron_right") if ahead else (_("To the open blanks"), "chevron_left")
        wish = json.dumps({"part": following.name, "focus": ""})
        strong = f" pr {PHASES.get(following.phase, 'loss')}" if finished else ""
        return f"<button type='button' class='bt next{strong}' data-next data-set='{wish}'>{label}<span class='ms' aria-hidden='true'>{sign}</span></button>"
    if finished and any(count for _right, count in done):
        return (
            f"<button type='button' class='bt next pr fwd' data-next data-say='another'>{_('Another sheet')}</button>"
        )
    return ""
