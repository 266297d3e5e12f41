"""A link that opens the app: its parameters read into a Place, and one sentence for each that makes no sense.

Everything is bounded before any work is done, read by the tables of place.py and lesson.py, and ignored whole where it does
not fit: a link never brings a number that it does not say.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from backprop.engine.steps import Cell, cell_at
from backprop.language import _
from backprop.lessons import changes, link
from backprop.lessons.examples import EXAMPLES, FIRST, example
from backprop.lessons.faults import short
from backprop.lessons.lesson import Lesson, LessonError
from backprop.practice.variants import MAX_SEED
from backprop.runs.history import MAX_ITERATIONS
from backprop.ui.fields.table import FIELDS
from backprop.ui.place import Place

MOST = 40
"""Parameters that are looked at, and sentences that are said."""
KNOWN = ("ex", "lesson", "set", "seed", "lang", *(field.parameter for field in FIELDS.values() if field.parameter))


def arrived(query: Mapping[str, str], limit: int = link.MAX_LINK) -> tuple[Place, list[str]]:
    """(the place that a link names, one sentence for each parameter that was ignored). limit: characters of the whole link."""
    if sum(len(key) + len(value) + 2 for key, value in query.items()) > limit:
        return Place(), [_("The link was ignored: it has more than {limit} characters.").format(limit=limit)]
    if "kept" in query:  # the browser sends it after us, or says that it has not got it
        return Place(), []
    told = [_ignored(key, query[key], ", ".join(KNOWN)) for key in list(query)[:MOST] if key not in KNOWN]
    origin, lesson = _lesson(query, told, limit)
    place, seed = Place(origin=origin, lesson=lesson), _seed(query, told)
    if seed:
        place = place.varied(seed)
    fields: dict[str, Any] = {}
    for name, field in FIELDS.items():
        if field.parameter in query:
            try:
                fields[name] = field.read(query[field.parameter])
            except ValueError:
                told.append(_ignored(field.parameter, query[field.parameter], field.allowed(place)))
    place = _walked(place, fields, told)
    return place, told[:MOST]


def _walked(place: Place, fields: dict[str, Any], told: list[str]) -> Place:
    """The place moved to what was read, field by field; what lies outside of the lesson is told and left out."""
    for name in FIELDS:
        if name not in fields:
            continue
        wanted = fields[name]
        far = name == "iteration" and wanted > MAX_ITERATIONS  # not run up to the last one to be told so
        moved = place if far else place.moved({name: wanted.address if isinstance(wanted, Cell) else wanted})
        reached = getattr(moved, name)
        pointed = name in ("selected", "followed") and reached is not None
        if reached == wanted or (name == "stop" and wanted < reached) or pointed:
            place = moved
        else:
            came = wanted.address if isinstance(wanted, Cell) else str(wanted)
            told.append(_ignored(FIELDS[name].parameter, came, FIELDS[name].allowed(place)))
    return place


def _ignored(parameter: str, came: str, allowed: str) -> str:
    return _("“{parameter}={came}” in the link was ignored; allowed: {allowed}.").format(
        parameter=short(parameter), came=short(came), allowed=allowed
    )


# --- the lesson


def _lesson(query: Mapping[str, str], told: list[str], limit: int) -> tuple[str, Lesson]:
    """(name of the example it began as, the lesson)."""
    origin = query.get("ex", FIRST)
    if origin not in EXAMPLES:
        told.append(_ignored("ex", origin, ", ".join(EXAMPLES)))
        return FIRST, example(FIRST)
    try:
        if "lesson" in query:
            return origin, link.unpacked(query["lesson"], limit)
        if "set" in query:
            return origin, changes.with_numbers(example(origin), _numbers(query["set"]))
    except LessonError as error:
        told.extend(error.faults)
    except (KeyError, ValueError):
        told.append(_ignored("set", query["set"], _("numbers of the example, such as W.2..1.1_0.5~x.0.1.1_0.3")))
    return origin, example(origin)


def _seed(query: Mapping[str, str], told: list[str]) -> int:
    """Which variant of the lesson; 0 for the lesson itself."""
    seed = query.get("seed", "0")
    if seed.isascii() and seed.isdigit() and len(seed) <= 10 and int(seed) <= MAX_SEED:
        return int(seed)
    told.append(_ignored("seed", seed, _("{first} to {last}").format(first=0, last=MAX_SEED)))
    return 0


def _numbers(text: str) -> dict[Cell, float]:
    """The numbers of W.2..1.1_0.5~x.0.1.1_0.3. Raises ValueError."""
    found: dict[Cell, float] = {}
    for part in text.split("~"):
        place, _between, number = part.rpartition("_")
        cell = cell_at(place)
        value = float(number) if number.isascii() and "_" not in number else math.nan
        if cell is None or cell in found or not math.isfinite(value):
            raise ValueError(part)
        found[cell] = value
    return found


# --- memos


def remembered(memo: Any) -> Place | None:
    """The place of a page's memo (Place.memo), or None if the text does not make one whole."""
    if not isinstance(memo, str) or len(memo) > MOST_MEMO:
        return None
    try:
        query = dict(parse_qsl(memo, strict_parsing=True, max_num_fields=MOST)) if memo else {}
    except ValueError:
        return None
    shown = query.pop("shown", None) == "1"
    place, ignored = arrived(query, MOST_MEMO)
    return None if ignored else place.moved({"revealed": shown})


MOST_MEMO = 100_000
"""Characters of a memo: it carries also lessons that are too long for a link."""
