"""The command line: python -m backprop examples | trace | worksheet | check. See docs/contracts.md."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlencode

from backprop.engine import gradcheck
from backprop.engine.steps import Cell, cell_at
from backprop.explain import symbols
from backprop.explain.numerals import full
from backprop.export.formats import FORMATS, PLAIN, Format
from backprop.export.handout import FORMS, handout, stem
from backprop.export.table import MAX_ROWS
from backprop.language import _
from backprop.lessons.examples import EXAMPLES, FIRST, example
from backprop.lessons.lesson import Lesson, LessonError
from backprop.practice.variants import MAX_SEED, variant
from backprop.runs.history import check, trace
from backprop.ui.place import Place

MAX_SHEETS = 1000
MAX_SPAN = 1000
"""So many iterations may stand in one file, if they have no more than MAX_ROWS numbers."""


class _Refusal(Exception):
    """Something the caller can mend; its text goes to standard error, exit 2."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _Refusal(message)


def _whole(text: str) -> int:
    """A whole number from the command line."""
    try:
        return int(text[:20])
    except ValueError:
        raise argparse.ArgumentTypeError(_("“{came}” is not a whole number").format(came=text[:60])) from None


def _span(text: str) -> tuple[int, int]:
    """A..B from the command line."""
    found = re.fullmatch(r"(\d{1,9})\.\.(\d{1,9})", text, re.ASCII)
    if not found:
        raise argparse.ArgumentTypeError(
            _("“{came}” is not a range of iterations; allowed is A..B, such as 0..100").format(came=text[:60])
        )
    return int(found[1]), int(found[2])


def lesson_from(name: str) -> Lesson:
    """The lesson of a file or of an example. Raises _Refusal."""
    path = Path(name)
    try:
        if name in EXAMPLES and not path.is_file():
            return example(name)
        return Lesson.load(path)
    except LessonError as error:
        raise _Refusal("\n".join(f"{name}: {fault}" for fault in error.faults)) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _Refusal(
            _("“{came}” cannot be read ({reason}); allowed is a lesson file or an example: {allowed}.").format(
                came=name[:120], reason=reason, allowed=", ".join(EXAMPLES)
            )
        ) from None


def _examples(_args: argparse.Namespace) -> int:
    width = max(map(len, EXAMPLES))
    for name, row in EXAMPLES.items():
        print(f"{name:<{width}}  {_(row.title)}")
    return 0


def _several(lesson: Lesson, span: tuple[int, int], row: Format) -> bytes:
    """One file with the iterations A to B. Raises _Refusal, before much work is done, and ValueError out of reach."""
    first, last = span
    if row.several is None:
        allowed = ", ".join(name for name, each in FORMATS.items() if each.several)
        raise _Refusal(
            _("The format {came} holds one iteration; several fit in {allowed}.").format(came=row.name, allowed=allowed)
        )
    if first > last:
        raise _Refusal(_("The range {first}..{last} runs backwards.").format(first=first, last=last))
    count = last - first + 1
    if count > MAX_SPAN:
        raise _Refusal(
            _("The range holds {came} iterations; at most {limit} are allowed.").format(came=count, limit=MAX_SPAN)
        )
    at_last = trace(lesson, last)
    numbers = count * sum(step.value.size for step in (*at_last.given, *at_last))
    if numbers > MAX_ROWS:
        raise _Refusal(
            _("The range holds {came} numbers; at most {limit} are allowed.").format(came=numbers, limit=MAX_ROWS)
        )
    return row.several([trace(lesson, iteration) for iteration in range(first, last + 1)])


def _trace(args: argparse.Namespace) -> int:
    row, lesson = FORMATS[args.format], lesson_from(args.lesson)
    if row.binary and args.output is None and sys.stdout.isatty():
        raise _Refusal(_("The format {came} is not text; say with -o FILE where it shall go.").format(came=args.format))
    try:
        if args.iterations is not None:
            made = _several(lesson, args.iterations, row)
        else:
            made = row.make(trace(lesson, args.iteration), lesson.title)
    except ValueError as error:
        raise _Refusal(str(error)) from None
    if args.output is None:
        sys.stdout.buffer.write(made)
        sys.stdout.buffer.flush()
        return 0
    try:
        Path(args.output).write_bytes(made)
    except OSError as error:
        raise _unwritable(args.output, error) from None
    return 0


def _check(args: argparse.Namespace) -> int:
    rows = check(lesson_from(args.lesson))
    samples = max((row.cell.sample or 1) for row in rows)
    print(f"{_('gradient'):<18} {_('backprop'):>24} {_('finite difference'):>24}  ")
    for row in rows:
        verdict = {"agrees": _("agrees"), "differs": _("differs"), "kink": _("kink: no derivative here")}[row.verdict]
        print(f"{symbols.ascii(row.cell, samples):<18} {full(row.backprop):>24} {full(row.difference):>24}  {verdict}")
    wrong = sum(row.verdict == "differs" for row in rows)
    kinks = sum(row.verdict == "kink" for row in rows)
    print(
        _(
            "{count} gradients, {wrong} differ, {kinks} at a kink; tolerance: {relative} of the largest in the same step + {absolute} · max(1, loss)."
        ).format(count=len(rows), wrong=wrong, kinks=kinks, relative=gradcheck.RELATIVE, absolute=gradcheck.ABSOLUTE)
    )
    return 1 if wrong else 0


def _blank(text: str) -> str | Cell:
    """A phase, a quantity, or the address of a cell, such as dL_dW.2..1.1; whether there is one is said where it is used."""
    return (cell_at(text) if "." in text else None) or text


def _sheets(args: argparse.Namespace) -> Iterator[tuple[str, dict[str, bytes]]]:
    """(the beginning of the names of its files, the files) of each sheet. Raises ValueError for what there is not."""
    lesson = lesson_from(args.lesson)
    known = args.lesson in EXAMPLES and lesson == example(args.lesson)
    start = Place(origin=args.lesson if known else FIRST, lesson=lesson, iteration=args.iteration)
    name = args.lesson if known else Path(args.lesson).stem
    wide = max(4, len(str(args.seed + args.n - 1)))
    for seed in range(args.seed, args.seed + args.n):
        made = trace(variant(lesson, seed), args.iteration)
        query = urlencode(start.varied(seed).query(), safe="~")
        yield stem(name, seed, wide), handout(made, lesson.title, PLAIN, args.blank, args.format or FORMS, seed, query)


def _worksheet(args: argparse.Namespace) -> int:
    """Nothing is written before everything asked for has been looked at, and nothing over what is there."""
    if not 1 <= args.n <= MAX_SHEETS:
        raise _Refusal(
            _("-n {came} is out of reach; allowed are 1 to {limit} sheets.").format(came=args.n, limit=MAX_SHEETS)
        )
    if args.seed < 0 or args.seed + args.n - 1 > MAX_SEED:
        raise _Refusal(
            _("The seeds {first} to {last} are out of reach; allowed are 0 to {limit}.").format(
                first=args.seed, last=args.seed + args.n - 1, limit=MAX_SEED
            )
        )
    sheets, folder = _sheets(args), Path(args.output)
    try:
        first = next(sheets)
        if folder.exists() and any(folder.iterdir()):
            raise _Refusal(
                _("“{came}” is not empty; nothing was written. Allowed is a new or an empty folder.").format(
                    came=args.output
                )
            )
        folder.mkdir(parents=True, exist_ok=True)
        for name, files in chain([first], sheets):
            for end, data in files.items():
                (folder / f"{name}-{end}").write_bytes(data)
    except OSError as error:
        raise _unwritable(args.output, error) from None
    except ValueError as error:
        raise _Refusal(str(error)) from None
    return 0


def _unwritable(name: str, error: OSError) -> _Refusal:
    return _Refusal(_("“{came}” cannot be written ({reason}).").format(came=name, reason=error.strerror))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m backprop", description=_("Backprop, step by step, at the command line."))
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("examples", help=_("list the examples")).set_defaults(do=_examples)
    one = commands.add_parser("trace", help=_("one iteration, every number"))
    one.set_defaults(do=_trace)
    one.add_argument("lesson", metavar="LESSON.json|EXAMPLE")
    which = one.add_mutually_exclusive_group()
    which.add_argument(
        "--iteration", type=_whole, default=0, metavar="K", help=_("the state after K updates (default 0)")
    )
    which.add_argument(
        "--iterations", type=_span, metavar="A..B", help=_("the states after A to B updates in one file (csv, json)")
    )
    one.add_argument("--format", choices=tuple(FORMATS), default="csv")
    one.add_argument("-o", "--output", metavar="FILE", help=_("write there instead of standard output"))
    sheets = commands.add_parser("worksheet", help=_("sheets to fill in, each with numbers of its own, and their keys"))
    sheets.set_defaults(do=_worksheet)
    sheets.add_argument("lesson", metavar="LESSON.json|EXAMPLE")
    sheets.add_argument("-n", type=_whole, default=1, metavar="N", help=_("how many sheets (default 1)"))
    sheets.add_argument("--seed", type=_whole, default=1, metavar="S", help=_("of the first sheet (default 1)"))
    sheets.add_argument("-o", "--output", required=True, metavar="FOLDER", help=_("a new or an empty folder"))
    sheets.add_argument("--format", action="append", choices=FORMS, help=_("only this one; may be said again"))
    sheets.add_argument(
        "--blank", nargs="+", type=_blank, default=["backward"], metavar="B", help=_("phases, quantities or cells that are left blank (default backward)"),
    )  # fmt: skip
    sheets.add_argument("--iteration", type=_whole, default=0, metavar="K", help=_("after K updates (default 0)"))
    two = commands.add_parser("check", help=_("backpropagation against finite differences; exit 1 on disagreement"))
    two.set_defaults(do=_check)
    two.add_argument("lesson", metavar="LESSON.json|EXAMPLE")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. Returns the exit status: 0, 1 (check disagrees) or 2 (the input cannot be used)."""
    try:
        args = _parser().parse_args(arguments)
        return args.do(args)
    except _Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader has seen enough: `… | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
