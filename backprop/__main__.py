"""The command line: python -m backprop examples | trace | check. See docs/contracts.md."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from backprop.engine import gradcheck
from backprop.explain import symbols
from backprop.explain.numerals import full
from backprop.export.formats import FORMATS, Format
from backprop.export.table import MAX_ROWS
from backprop.language import _
from backprop.lessons.examples import EXAMPLES, example
from backprop.lessons.lesson import Lesson, LessonError
from backprop.runs.history import check, trace

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
        raise _Refusal(
            _("“{came}” cannot be written ({reason}).").format(came=args.output, reason=error.strerror)
        ) from None
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
